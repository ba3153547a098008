"""Pictures of where and when cost moved: two dimensions as a heat map, and the days before and after.

Amounts stand in the squares with their sign, and days out of the usual range have marks of two shapes, so
that the pictures read in grey. Names from a bill are drawn as plain text.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator

from finops_lib.cost.exact import total
from finops_lib.cost.plots_drivers import finished, nothing, value_axis
from finops_lib.cost.words import plain_text, short_money

__all__ = ["LEAST_DAYS", "band", "heat_map"]

_BLUE, _ORANGE = "#0072B2", "#D55E00"
_GREY, _INK, _PALE = "#9A9A9A", "#222222", "#DDDDDD"
_OTHER = "(all other)"
_NAME, _COLUMN = 30, 26  # letters of a name, and of one below a column
_DARK = 0.6  # of the full shade, from which on the words in a square are white
LEAST_DAYS = 5  # of a period whose usual range can be told
_LOW, _HIGH = 0.1, 0.9


def heat_map(
    moves: pd.DataFrame, *, ax: Axes, rows: str, columns: str, currency: str, most: tuple[int, int] = (9, 6)
) -> Axes:
    """Where in two dimensions did cost rise and fall.

    Parameters
    ----------
    moves : DataFrame
        With ``rows``, ``columns`` and ``Change`` (exact Decimal or None); lines of the same two are added up.
    ax : Axes
        Drawn on.
    rows, columns : str
        The two dimensions.
    currency : str
        ISO 4217 code.
    most : tuple of int
        Rows and columns with a name of their own, those that moved most; all others are one each.

    Returns
    -------
    Axes
        The change stands in each square, with its sign; a square without a line is empty. The shade goes
        with the square root of the change, so that small ones can be seen.
    """
    known = moves[moves["Change"].notna()]
    if known.empty:
        return nothing(ax, "No change can be said: a period has no charges")
    table = _squares(known, rows=rows, columns=columns, most=most)
    values = table.map(lambda amount: np.nan if amount is None else float(amount)).to_numpy(dtype=float)
    texts = {
        (row, column): short_money(amount, currency=currency, signed=True)
        for row, line in enumerate(table.to_numpy())
        for column, amount in enumerate(line)
        if isinstance(amount, Decimal)
    }
    largest = float(np.nanmax(np.abs(values))) or 1.0
    shades = np.sign(values) * np.sqrt(np.abs(values) / largest)
    colours = LinearSegmentedColormap.from_list("less_more", [_BLUE, "#FFFFFF", _ORANGE])
    ax.pcolormesh(shades, cmap=colours, vmin=-1, vmax=1, edgecolors=_PALE, linewidth=0.6)
    for (row, column), text in texts.items():
        ink = "white" if abs(shades[row, column]) > _DARK else _INK
        ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=8.5, color=ink)
    _named(ax, table, rows=rows, columns=columns)
    ax.set_xlabel(f"{plain_text(columns)}; change in {plain_text(currency)} (+: more)")
    return finished(ax, _hottest(table, currency=currency), grid=False)


def band(
    before: pd.Series, after: pd.Series, *, ax: Axes, names: tuple[str, str], currency: str, cost: str
) -> Axes:
    """On which days did cost leave the range that was usual before.

    Parameters
    ----------
    before, after : Series of float
        Cost of each day of the two periods, in order; NaN is unknown.
    ax : Axes
        Drawn on.
    names : tuple of str
        Of the two periods.
    currency, cost : str
        ISO 4217 code and kind of cost.

    Returns
    -------
    Axes
        Dashes are the days before, the grey band the range of 80 % of them; the line is the days after, with
        a triangle up above the band and down below it.
    """
    if before.count() < LEAST_DAYS or after.count() == 0:
        return nothing(ax, f"A usual range needs {LEAST_DAYS} days before, and a day after")
    low, high = (float(before.quantile(share)) for share in (_LOW, _HIGH))
    first, second = (plain_text(name) for name in names)
    ax.axhspan(low, high, color=_PALE, label=f"80 % of the days of {first}")
    for values, colour, dashes, name in ((before, _GREY, "--", first), (after, _INK, "-", second)):
        ax.plot(range(1, len(values) + 1), values.to_numpy(float), color=colour, linestyle=dashes,
                linewidth=1.6, label=name, marker="o" if len(values) == 1 else "")  # fmt: skip
    days = np.arange(1, len(after) + 1)
    told = after.to_numpy(dtype=float)
    for chosen, marker, colour in ((told > high, "^", _ORANGE), (told < low, "v", _BLUE)):
        ax.plot(days[chosen], told[chosen], marker, color=colour, markersize=6)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    value_axis(ax, currency, vertical=True)
    ax.set_xlabel("day of the period (UTC)")
    ax.set_ylabel(f"{plain_text(cost)}, {plain_text(currency)} a day")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    title = (
        f"{(told > high).sum()} of {after.count()} days of {second} lie above the usual range of {first}, "
        f"{(told < low).sum()} below"
    )
    return finished(ax, title, grid="y")


def _squares(known: pd.DataFrame, *, rows: str, columns: str, most: tuple[int, int]) -> pd.DataFrame:
    """Add up the changes of each square; names that moved less are one row and one column, the last."""
    kept = [_moved_most(known, name, count) for name, count in zip((rows, columns), most, strict=True)]
    named = [
        known[name].where(known[name].isin(names), _OTHER)
        for name, names in zip((rows, columns), kept, strict=True)
    ]
    sums = known["Change"].groupby([named[0].rename("row"), named[1].rename("column")]).agg(total).unstack()
    order = [[*names, _OTHER] for names in kept]
    found = sums.reindex(index=order[0], columns=order[1])
    found = found.loc[found.notna().any(axis=1), found.notna().any(axis=0)].astype(object)
    return found.where(found.notna(), None)


def _moved_most(known: pd.DataFrame, name: str, count: int) -> list[str]:
    moved = known["Change"].groupby(known[name]).agg(total).map(float).abs()
    order = sorted(moved.index, key=lambda label: (-moved[label], str(label)))
    return [str(label) for label in order[: count + 1 if len(order) == count + 1 else count]]


def _named(ax: Axes, table: pd.DataFrame, *, rows: str, columns: str) -> None:
    places = [np.arange(count) + 0.5 for count in table.shape]
    ax.set_yticks(places[0], [plain_text(name, width=_NAME) for name in table.index])
    ax.set_xticks(
        places[1], [plain_text(name, width=_COLUMN) for name in table.columns], rotation=25, ha="right"
    )
    ax.set_ylabel(plain_text(rows))
    ax.invert_yaxis()


def _hottest(table: pd.DataFrame, *, currency: str) -> str:
    amounts = [
        (abs(amount), amount, row, column)
        for row, line in zip(table.index, table.to_numpy(), strict=True)
        for column, amount in zip(table.columns, line, strict=True)
        if amount is not None
    ]
    _, amount, row, column = max(amounts, key=lambda item: item[0])
    if amount == 0:
        return "Nothing moved"
    moved = short_money(amount, currency=currency, signed=True)
    return f"Most moved: {plain_text(row, width=_NAME)}, {plain_text(column, width=_NAME)} ({moved})"

"""Pictures of cost: trend, breakdown, movers, tag coverage. Data and ``ax`` in, the same ``ax`` out.

The title says what was found. Colours are Okabe and Ito's, ordered so that neighbours differ in lightness
too; direction and doubt are also told by hatching. Names from a bill are drawn as plain text: a dollar sign
starts no formula, control characters are shown as a dot, long names are cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from finops_lib.cost.exact import share, total
from finops_lib.cost.movement import REMAINDER, change_of
from finops_lib.cost.words import (
    coverage_title,
    movers_title,
    others,
    plain_text,
    ranked,
    short_money,
    tick,
    trend_title,
)
from finops_lib.units import share_text

_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#F0E442", "#D55E00", "#56B4E9", "#CC79A7")
_GREY, _INK, _PALE = "#9A9A9A", "#222222", "#DDDDDD"
_MORE, _LESS = "#D55E00", "#0072B2"
_MOST_TICKS = 14
_MANY_BARS = 120
_DAYS = {"day": 1.0, "week": 7.0, "month": 30.4, "quarter": 91.3, "year": 365.2}


def axes(*, width: float = 9.0, height: float = 4.2) -> Axes:
    """Return empty axes on a figure of their own that no global state knows of.

    Parameters
    ----------
    width, height : float
        Size in inches.

    Returns
    -------
    Axes
    """
    return Figure(figsize=(width, height), layout="constrained").subplots()


def trend(
    frame: pd.DataFrame,
    *,
    ax: Axes,
    by: str,
    cost: str,
    grain: str = "day",
    n: int = 6,
    incomplete: Iterable[date] = (),
) -> Axes:
    """How did cost go over time, and what made it up.

    Parameters
    ----------
    frame : DataFrame
        From `spend` with this ``by`` and ``grain``, in one currency.
    ax : Axes
        Drawn on.
    by, cost, grain : str
        What ``frame`` was asked for.
    n : int
        Lines with a colour of their own, at most 7; the others are drawn as one.
    incomplete : iterable of date
        Days still filling up, drawn hatched and left out of the title's numbers.

    Returns
    -------
    Axes
        Stacked bars; amounts below zero hang below the axis; a time without a charge has no bar.
    """
    known = frame[frame["cost"].notna()]
    if known.empty:
        return _nothing(ax)
    currency = known["BillingCurrency"].iloc[0]
    table, names = _stacked(known, by=by, n=n)
    places = date2num(table.index.to_numpy())
    unsettled = frozenset(incomplete)
    doubtful = [moment.date() in unsettled for moment in table.index]
    _draw_stack(
        ax,
        table,
        names,
        places=places,
        width=_DAYS[grain] * (0.88 if len(table) < _MANY_BARS else 1),
        doubtful=doubtful,
    )
    _time_axis(ax, table.index, grain=grain)
    _money_axis(ax.yaxis, currency)
    ax.set_ylabel(f"{plain_text(cost)}, {plain_text(currency)} per {grain}")
    ax.set_xlabel(f"{grain} (UTC)")
    handles = [Patch(facecolor=colour, label=name) for name, colour in names]
    if any(doubtful):
        handles.append(Patch(facecolor="white", edgecolor=_INK, hatch="////", label="still filling up"))
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    return _finished(ax, trend_title(known, by=by, grain=grain, incomplete=unsettled))


def breakdown(frame: pd.DataFrame, *, ax: Axes, by: str, cost: str, n: int = 10) -> Axes:
    """What is the money spent on, most first.

    Parameters
    ----------
    frame : DataFrame
        From `spend` with this ``by`` and no grain, in one currency.
    ax : Axes
        Drawn on.
    by, cost : str
        What ``frame`` was asked for.
    n : int
        Bars to draw before all the rest becomes one.

    Returns
    -------
    Axes
    """
    known = frame[frame["cost"].notna()]
    if known.empty:
        return _nothing(ax)
    currency, whole = known["BillingCurrency"].iloc[0], total(known["cost"])
    lines = ranked(known, by=by, n=n)
    _bars(
        ax,
        [name for name, _ in lines],
        [amount for _, amount in lines],
        texts=[
            f"{short_money(amount, currency=currency)}  {share_text(share(amount, whole))}"
            for _, amount in lines
        ],
        colours=[_GREY if place >= n else _COLOURS[0] for place in range(len(lines))],
    )
    _money_axis(ax.xaxis, currency)
    ax.set_xlabel(f"{plain_text(cost)}, {plain_text(currency)} in the period")
    lead = (
        f"{lines[0][0]} is {share_text(share(lines[0][1], whole))} of {short_money(whole, currency=currency)}"
    )
    return _finished(ax, lead)


def movers(moves: pd.DataFrame, top: pd.DataFrame, *, ax: Axes, by: str, month: str) -> Axes:
    """Which lines made this month dearer or cheaper than the one before.

    Parameters
    ----------
    moves : DataFrame
        From `month_over_month`, in one currency: the whole change, for the title.
    top : DataFrame
        From `top_movers`.
    ax : Axes
        Drawn on.
    by : str
        What ``moves`` was asked for.
    month : str
        Name of the later month.

    Returns
    -------
    Axes
        Bars to the right (hatched) are more, to the left (plain) less; the remainder is grey.
    """
    if top.empty:
        return _nothing(ax, "No change can be said: a month has no charges")
    currency, whole = top["BillingCurrency"].iloc[0], change_of(moves)
    changes = list(top["Change"])
    states = list(top["State"])
    _bars(
        ax,
        [_state_name(name, state) for name, state in zip(top[by], states, strict=True)],
        changes,
        texts=[short_money(change, currency=currency, signed=True) for change in changes],
        colours=[_mover_colour(change, state) for change, state in zip(changes, states, strict=True)],
        hatches=["////" if change > 0 else "" for change in changes],
    )
    _money_axis(ax.xaxis, currency)
    ax.axvline(0, color=_INK, linewidth=0.8)
    ax.set_xlabel(f"change on the month before, {plain_text(currency)} (hatched: more)")
    ax.margins(x=0.18)
    return _finished(ax, movers_title(whole, currency=currency, month=month))


def coverage(frame: pd.DataFrame, *, ax: Axes) -> Axes:
    """Which share of the usage cost carries each tag, and how much money does not.

    Parameters
    ----------
    frame : DataFrame
        From `tag_coverage`.
    ax : Axes
        Drawn on.

    Returns
    -------
    Axes
    """
    known = frame[frame["Coverage"].notna()] if len(frame) else frame
    if known.empty:
        return _nothing(ax, "No tag key is in use")
    shares = [min(max(float(value), 0.0), 1.0) * 100 for value in known["Coverage"]]
    places = range(len(known))
    ax.barh(places, shares, height=0.66, color=_COLOURS[0])
    rest = [100 - value for value in shares]
    ax.barh(
        places, rest, left=shares, height=0.66, color="white", edgecolor=_GREY, hatch="////", linewidth=0.6
    )
    for place, value, amount, currency in zip(
        places, known["Coverage"], known["Untagged"], known["BillingCurrency"], strict=True
    ):
        words = f"{share_text(value)}   {short_money(amount, currency=currency)} untagged"
        ax.text(102, place, words, va="center", fontsize=9, color=_INK)
    ax.set_yticks(list(places), [plain_text(key) for key in known["Key"]])
    ax.invert_yaxis()
    ax.set_xlim(0, 100)
    ax.set_xlabel("share of usage cost with the tag, per cent (hatched: without)")
    return _finished(ax, coverage_title(known))


def _stacked(known: pd.DataFrame, *, by: str, n: int) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Return floats by time and drawn line, and each line's text and colour, largest at the bottom."""
    sums = known.groupby(by)["cost"].agg(total)
    order = sorted(sums.index, key=lambda name: (-abs(sums[name]), name))
    named = order[: min(n, len(_COLOURS))]
    rest = len(order) - len(named)
    places = {name: place for place, name in enumerate(named)}
    drawn = known.assign(
        line=[places.get(name, len(named)) for name in known[by]], amount=[float(x) for x in known["cost"]]
    )
    table = drawn.pivot_table(index="time", columns="line", values="amount", aggfunc="sum").sort_index()
    texts = [(plain_text(name), _COLOURS[place]) for place, name in enumerate(named)]
    return table.fillna(0.0), texts + ([(others(rest), _GREY)] if rest else [])


def _draw_stack(
    ax: Axes,
    table: pd.DataFrame,
    names: Sequence[tuple[str, str]],
    *,
    places: Any,
    width: float,
    doubtful: Sequence[bool],
) -> None:
    up = pd.Series(0.0, index=table.index)
    down = pd.Series(0.0, index=table.index)
    for line in table.columns:
        values, colour = table[line], names[int(line)][1]
        bottom = up.where(values >= 0, down)
        bars = ax.bar(
            places, values.to_numpy(), width, bottom=bottom.to_numpy(), color=colour,
            edgecolor="white", linewidth=0.4 if len(table) < _MANY_BARS else 0,
        )  # fmt: skip
        for bar, doubt in zip(bars, doubtful, strict=True):
            if doubt:
                bar.set(hatch="////", alpha=0.55, edgecolor=_INK)
        up, down = up + values.clip(lower=0), down + values.clip(upper=0)


def _bars(
    ax: Axes,
    names: Sequence[str],
    amounts: Sequence[Decimal],
    *,
    texts: Sequence[str],
    colours: Sequence[str],
    hatches: Sequence[str] | None = None,
) -> None:
    places = range(len(names))
    bars = ax.barh(places, [float(amount) for amount in amounts], height=0.66, color=list(colours))
    for bar, hatch in zip(bars, hatches or [""] * len(names), strict=True):
        bar.set(hatch=hatch, edgecolor="white", linewidth=0.4)
    ax.bar_label(bars, labels=list(texts), padding=4, fontsize=9, color=_INK)
    ax.set_yticks(list(places), list(names))
    ax.invert_yaxis()
    ax.margins(x=0.22)


def _state_name(name: str, state: str) -> str:
    return f"{plain_text(name)} ({state})" if state in {"new", "ended"} else plain_text(name)


def _mover_colour(change: Decimal, state: str) -> str:
    if state == REMAINDER:
        return _GREY
    return _MORE if change > 0 else _LESS


def _time_axis(ax: Axes, times: pd.Index, *, grain: str) -> None:
    if grain in {"month", "quarter", "year"}:
        shown = times[:: -(-len(times) // _MOST_TICKS)]
        years = [place == 0 or moment.year != shown[place - 1].year for place, moment in enumerate(shown)]
        names = [
            f"{moment:%Y}" if grain == "year" else f"{moment:%b}\n{moment:%Y}" if first else f"{moment:%b}"
            for moment, first in zip(shown, years, strict=True)
        ]
        ax.set_xticks(date2num(shown.to_numpy()), names)
        return
    locator = AutoDateLocator(minticks=4, maxticks=10)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))


def _money_axis(axis: Any, currency: str) -> None:
    def written(value: float, _: object) -> str:
        largest = max(abs(end) for end in axis.get_view_interval())
        return tick(value, currency=currency, largest=float(largest))

    axis.set_major_formatter(FuncFormatter(written))
    if axis.axis_name == "x":
        axis.set_major_locator(MaxNLocator(6))


def _nothing(ax: Axes, words: str = "No charges here") -> Axes:
    ax.text(0.5, 0.5, words, ha="center", va="center", transform=ax.transAxes, color=_INK)
    ax.set_axis_off()
    return ax


def _finished(ax: Axes, title: str) -> Axes:
    ax.set_title(title, loc="left", fontsize=12, fontweight="bold", color=_INK, pad=10)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(_GREY)
    ax.tick_params(colors=_INK, labelsize=9)
    ax.grid(axis="x" if ax.yaxis_inverted() else "y", color=_PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax

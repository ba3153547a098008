"""Pictures of who pays: teams with what is their own, shared, idle and nobody's; and who could own the rest.

Parts differ in hatching as well as in colour, so that they can be told apart in grey. Names from a bill are
drawn as plain text.
"""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from finops_lib.cost.allocation.allocate import UNALLOCATED
from finops_lib.cost.allocation.owners import NOBODY
from finops_lib.cost.exact import share, total
from finops_lib.cost.plots_drivers import finished, nothing, value_axis
from finops_lib.cost.words import plain_text, short_money
from finops_lib.units import share_text

__all__ = ["owners", "teams"]

_INK = "#222222"
_PARTS = (("Direct", "its own", "#0072B2", ""), ("Shared", "shared by rules", "#E69F00", "////"),
          ("Idle", "idle cluster", "#DDDDDD", "xxxx"))  # fmt: skip
_LEFT = ("allocated to nobody", "white", "....")
_ZERO = Decimal(0)


def teams(shown: pd.DataFrame, *, ax: Axes, cost: str, n: int = 12) -> Axes:
    """Who pays how much, and how much of it is a team's own.

    Parameters
    ----------
    shown : DataFrame
        From `showback`, the dearest team first and what nobody has last.
    ax : Axes
        Drawn on.
    cost : str
        Which cost it is.
    n : int
        Teams with a bar of their own.

    Returns
    -------
    Axes
        One bar a team; parts below zero (credits) hang to the left of the line.
    """
    if shown.empty:
        return nothing(ax, "No charges here")
    currency, whole = str(shown["BillingCurrency"].iloc[0]), total(shown["Cost"]) or _ZERO
    lines = _lines(shown, n=n)
    for place, (name, parts) in enumerate(lines):
        _bar(ax, place, parts, nobody=name == UNALLOCATED)
        amount = total(parts) or _ZERO
        text = f"{short_money(amount, currency=currency)}  {share_text(share(amount, whole))}"
        _beside(ax, sum(max(float(part), 0.0) for part in parts), place, text)
    ax.set_yticks(range(len(lines)), [plain_text(name) for name, _ in lines])
    ax.invert_yaxis()
    ax.margins(x=0.18)
    ax.axvline(0, color=_INK, linewidth=0.8)
    value_axis(ax, currency)
    ax.set_xlabel(f"{plain_text(cost)} of the month, {plain_text(currency)}")
    drawn = [(label, colour, hatch) for _, label, colour, hatch in _PARTS]
    handles = [Patch(facecolor=colour, edgecolor=_INK, hatch=hatch, label=label, linewidth=0.5)
               for label, colour, hatch in (*drawn, _LEFT)]  # fmt: skip
    ax.legend(handles=handles, loc="lower right", frameon=False, fontsize=9)
    return finished(ax, _title(shown, whole, currency=currency))


def _lines(shown: pd.DataFrame, *, n: int) -> list[tuple[str, list[Decimal]]]:
    names = [name for name, *_ in _PARTS]
    every = [(str(row["Team"]), [row[name] for name in names]) for row in shown.to_dict("records")]
    named = [line for line in every if line[0] != UNALLOCATED]
    rest = named[n:]
    if rest:
        sums = [total(parts[place] for _, parts in rest) or _ZERO for place in range(len(names))]
        named = [*named[:n], (f"{len(rest)} other teams", sums)]
    return [*named, *(line for line in every if line[0] == UNALLOCATED)]


def _bar(ax: Axes, place: int, parts: list[Decimal], *, nobody: bool) -> None:
    ends = {True: 0.0, False: 0.0}  # of what is above zero, and below
    for amount, (_, _, colour, hatch) in zip(parts, _PARTS, strict=True):
        value = float(amount)
        if nobody:
            _, colour, hatch = _LEFT  # noqa: PLW2901  # nobody's money looks the same whatever it is
        ax.barh(place, value, left=ends[value > 0], height=0.66, color=colour, hatch=hatch, edgecolor=_INK,
                linewidth=0.5 if value else 0)  # fmt: skip
        ends[value > 0] += value


def _title(shown: pd.DataFrame, whole: Decimal, *, currency: str) -> str:
    left = total(shown.loc[shown["Team"] == UNALLOCATED, "Cost"]) or _ZERO
    own = total(shown.loc[shown["Team"] != UNALLOCATED, "Direct"]) or _ZERO
    return (
        f"{share_text(share(own, whole))} of {short_money(whole, currency=currency)} is the teams' own, "
        f"{share_text(share(left, whole))} is nobody's"
    )


def _beside(ax: Axes, value: float, place: int, text: str) -> None:
    """Write a text a little to the right of a value."""
    ax.annotate(text, (value, place), xytext=(6, 0), textcoords="offset points", va="center", fontsize=9,
                color=_INK)  # fmt: skip


def owners(ranked: pd.DataFrame, *, ax: Axes, n: int = 10) -> Axes:
    """Who could own how much of what nobody has.

    Parameters
    ----------
    ranked : DataFrame
        From `ranked_owners`.
    ax : Axes
        Drawn on.
    n : int
        Owners to draw.

    Returns
    -------
    Axes
        A line from what only this owner could have to all that it could have; the dot is by shares.
    """
    if ranked.empty:
        return nothing(ax, "Nothing is left unallocated")
    currency = str(ranked["BillingCurrency"].iloc[0])
    drawn = ranked.head(n)
    for place, row in enumerate(drawn.to_dict("records")):
        low, mid, high = (float(row[end]) for end in ("Low", "Mid", "High"))
        style = ":" if row["Owner"] == NOBODY else "-"
        ax.plot([low, high], [place, place], color=_INK, linewidth=1.6, linestyle=style, marker="|")
        ax.plot([mid], [place], marker="o", color="#D55E00", markersize=7)
        _beside(ax, max(high, mid), place, short_money(row["Mid"], currency=currency))
    ax.set_yticks(range(len(drawn)), [plain_text(name) for name in drawn["Owner"]])
    ax.invert_yaxis()
    least = min(0.0, *(float(low) for low in drawn["Low"]))
    ax.set_xlim(least * 1.05, 1.18 * max(float(high) for high in drawn["High"]) or 1.0)
    value_axis(ax, currency)
    ax.set_xlabel(f"from sure to possible, {plain_text(currency)}; dot: by the shares of its neighbours")
    left, first = total(ranked["Mid"]), drawn.iloc[0]
    said = f"{short_money(left, currency=currency)} is nobody's"
    if first["Owner"] != NOBODY:
        most = short_money(first["Mid"], currency=currency)
        said += f"; {most} of it is most likely {plain_text(first['Owner'])}'s"
    return finished(ax, said)

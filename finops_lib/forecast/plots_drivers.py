"""Pictures of what drives a forecast and what would change it: a waterfall, and variants with intervals.

More is hatched and orange, less is plain and blue, what is a sum is dark: the pictures read in grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from finops_lib.cost import plots_drivers
from finops_lib.cost.plots_drivers import amount_text, finished, nothing, value_axis
from finops_lib.cost.words import plain_text
from finops_lib.forecast.words import percent

__all__ = ["waterfall", "what_if"]

_BLUE, _ORANGE = "#0072B2", "#D55E00"
_GREY = "#9A9A9A"
_NAME = 30  # letters of a name
_MOST_MODELS = 5
_SMALL = 5e-4  # share of the forecast that a bar of an adjustment must have to be drawn


def waterfall(frame: pd.DataFrame, *, ax: Axes, name: str, unit: str) -> Axes:
    """What drives the forecast: from the run rate, step by step, to the amount.

    Parameters
    ----------
    frame : DataFrame
        From `contributions.contributions`.
    ax : Axes
        Drawn on.
    name : str
        Of the series or group.
    unit : str
        ISO 4217 code for money, else a unit.

    Returns
    -------
    Axes
        The five models that move it most have a bar each, the others one together; an adjustment below
        0.05 % of the forecast has none. The axis starts at 0 only where a bar is close to it.
    """
    if frame.empty:
        return nothing(ax, "There is no forecast here")
    total = float(frame["amount"].sum())
    bars = _bars(frame, total)
    title = _driven(bars, total, name=name, unit=unit)
    return plots_drivers.waterfall(bars, ax=ax, unit=unit, end="forecast", title=title, what=" in all steps")


def what_if(
    frame: pd.DataFrame, *, ax: Axes, name: str, unit: str, budget_left: Decimal | float | None = None
) -> Axes:
    """What would change the answer, and by how much.

    Parameters
    ----------
    frame : DataFrame
        From `what_if.what_if`.
    ax : Axes
        Drawn on.
    name : str
        Of the series or group.
    unit : str
        ISO 4217 code for money, else a unit.
    budget_left : Decimal or float, optional
        As it was given there: a line.

    Returns
    -------
    Axes
        A dot and an interval a variant; an open square is one that turns the answer over. Where there is a
        budget, each says its chance of a breach.
    """
    if frame.empty:
        return nothing(ax, "There is no forecast here")
    flips = [bool(flip) for flip in frame["flips"]]
    for place, (row, flip) in enumerate(zip(frame.to_dict("records"), flips, strict=True)):
        colour, low, mid, high = (_ORANGE if flip else _BLUE), row["low"], row["mid"], row["high"]
        ax.plot([low, high], [place, place], color=colour, linewidth=2, marker="|", markersize=9)
        ax.plot([mid], [place], color=colour, marker="s" if flip else "o", markersize=7, linestyle="",
                markerfacecolor="white" if flip else colour, markeredgewidth=1.6)  # fmt: skip
    ax.axvline(float(frame["mid"].iloc[0]), color=_GREY, linewidth=1, linestyle=":", label="as forecast")
    if budget_left is not None:
        ax.axvline(float(budget_left), color=_ORANGE, linewidth=1.6, linestyle="-.",
                   label=f"left: {amount_text(float(budget_left), unit)}")  # fmt: skip
    ax.set_yticks(range(len(frame)), [_told(row, unit) for row in frame.to_dict("records")])
    ax.set_ylim(len(frame) - 0.5, -0.5)
    value_axis(ax, unit)
    square = ", square: turns the answer over" if any(flips) else ""
    ax.set_xlabel(f"{plain_text(unit)} in all steps (bar: interval{square})")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    return finished(ax, _turned(frame, flips, name=name, unit=unit))


def _bars(frame: pd.DataFrame, total: float) -> list[tuple[str, float]]:
    """Say label and amount of each bar: the smaller models together, a tiny adjustment not at all."""
    model = frame["kind"] == "model"
    models = list(zip(frame.loc[model, "part"], frame.loc[model, "amount"], strict=True))
    shown, rest = models[:_MOST_MODELS], models[_MOST_MODELS:]
    if rest:
        shown.append((f"{len(rest)} other models", sum(amount for _, amount in rest)))
    lines: dict[str, list[tuple[str, float]]] = {"model": shown}
    for kind in ("base", "known", "adjusted"):
        chosen = frame["kind"] == kind
        lines[kind] = list(zip(frame.loc[chosen, "part"], frame.loc[chosen, "amount"], strict=True))
    known = [line for line in lines["known"] if line[1] != 0]
    last = [line for line in lines["adjusted"] if abs(line[1]) > _SMALL * abs(total)]
    every = [*lines["base"], *lines["model"], *known, *last]
    return [(str(label), float(amount)) for label, amount in every]


def _driven(bars: Sequence[tuple[str, float]], total: float, *, name: str, unit: str) -> str:
    lead = f"{plain_text(name, width=_NAME)}: {amount_text(total, unit)}"
    label, amount = max(bars[1:], key=lambda bar: abs(bar[1]))
    moved = amount_text(amount, unit, signed=True)
    if amount == 0:
        return f"{lead}, as the run rate says"
    rate = amount_text(bars[0][1], unit)
    return (
        f"{lead} against a run rate of {rate};\nmost of the way: {plain_text(label, width=_NAME)} ({moved})"
    )


def _turned(frame: pd.DataFrame, flips: Sequence[bool], *, name: str, unit: str) -> str:
    lead = plain_text(name, width=_NAME)
    if frame["breach_probability"].iloc[0] is None or pd.isna(frame["breach_probability"].iloc[0]):
        largest = max(frame.to_dict("records"), key=lambda row: abs(row["difference"]))
        moved = amount_text(float(largest["difference"]), unit, signed=True)
        return f"{lead}: most changes with {plain_text(largest['variant'], width=_NAME)} ({moved})"
    chance = percent(float(frame["breach_probability"].iloc[0]))
    return (
        f"{lead}: {chance} chance of a breach; {sum(flips)} of {len(frame) - 1} variants turn the answer over"
    )


def _told(row: dict[Any, Any], unit: str) -> str:
    label, chance = plain_text(row["variant"], width=_NAME + 6), row["breach_probability"]
    if chance is None or pd.isna(chance):
        return f"{label}\n{amount_text(float(row['mid']), unit)}"
    return f"{label}\n{amount_text(float(row['mid']), unit)}, {percent(float(chance))} breach"

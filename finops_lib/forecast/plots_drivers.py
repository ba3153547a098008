"""Pictures of what drives a forecast and what would change it: a waterfall, and variants with intervals.

More is hatched and orange, less is plain and blue, what is a sum is dark: the pictures read in grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from finops_lib.cost.words import plain_text, short_money, tick
from finops_lib.forecast.words import percent

__all__ = ["waterfall", "what_if"]

_BLUE, _ORANGE = "#0072B2", "#D55E00"
_GREY, _INK, _PALE = "#9A9A9A", "#222222", "#DDDDDD"
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
        return _nothing(ax, "There is no forecast here")
    total = float(frame["amount"].sum())
    bars = _bars(frame, total)
    ends = np.cumsum([amount for _, amount in bars])
    starts = np.concatenate([[0.0], ends[:-1]])
    labels = [label for label, _ in bars] + ["forecast"]
    for place, (start, (_, amount)) in enumerate(zip(starts, bars, strict=True)):
        _bar(ax, place, start, amount, unit=unit, whole=place == 0)
    for place, end in enumerate(ends):
        ax.plot([end, end], [place - 0.3, place + 1.3], color=_GREY, linewidth=0.8)
    _bar(ax, len(bars), 0.0, total, unit=unit, whole=True)
    ax.set_yticks(range(len(labels)), labels)
    ax.invert_yaxis()
    _reach(ax, [*ends, total])
    _value_axis(ax, unit)
    ax.set_xlabel(f"{plain_text(unit)} in all steps (hatched: adds, plain: takes away)")
    return _finished(ax, _driven(bars, total, name=name, unit=unit))


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
        return _nothing(ax, "There is no forecast here")
    flips = [bool(flip) for flip in frame["flips"]]
    for place, (row, flip) in enumerate(zip(frame.to_dict("records"), flips, strict=True)):
        colour, low, mid, high = (_ORANGE if flip else _BLUE), row["low"], row["mid"], row["high"]
        ax.plot([low, high], [place, place], color=colour, linewidth=2, marker="|", markersize=9)
        ax.plot([mid], [place], color=colour, marker="s" if flip else "o", markersize=7, linestyle="",
                markerfacecolor="white" if flip else colour, markeredgewidth=1.6)  # fmt: skip
    ax.axvline(float(frame["mid"].iloc[0]), color=_GREY, linewidth=1, linestyle=":", label="as forecast")
    if budget_left is not None:
        ax.axvline(float(budget_left), color=_ORANGE, linewidth=1.6, linestyle="-.",
                   label=f"left: {_amount(float(budget_left), unit)}")  # fmt: skip
    ax.set_yticks(range(len(frame)), [_told(row, unit) for row in frame.to_dict("records")])
    ax.set_ylim(len(frame) - 0.5, -0.5)
    _value_axis(ax, unit)
    square = ", square: turns the answer over" if any(flips) else ""
    ax.set_xlabel(f"{plain_text(unit)} in all steps (bar: interval{square})")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    return _finished(ax, _turned(frame, flips, name=name, unit=unit))


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
    return [(plain_text(label, width=_NAME), float(amount)) for label, amount in every]


def _bar(ax: Axes, place: int, start: float, amount: float, *, unit: str, whole: bool) -> None:
    colour = _INK if whole else _ORANGE if amount > 0 else _BLUE
    hatch = "////" if amount > 0 and not whole else ""
    ax.barh(place, amount, left=start, height=0.6, color=colour, hatch=hatch, edgecolor="white")
    ax.annotate(
        _amount(amount, unit, signed=not whole), (max(start, start + amount), place), xytext=(5, 0),
        textcoords="offset points", va="center", fontsize=9, color=_INK,
    )  # fmt: skip


def _reach(ax: Axes, ends: Sequence[float]) -> None:
    """Cut the axis off below, where all bars end far from 0, so that small parts can be seen."""
    low, high = min(ends), max(ends)
    spread = max(high - low, 0.02 * max(abs(high), abs(low)), 1e-9)
    cut = low - 0.5 * spread
    left = cut if cut > 0 else min(0.0, low - 0.15 * spread)
    ax.set_xlim(left, max(high, 0.0) + 0.12 * (max(high, 0.0) - left))
    if left > 0:
        ax.annotate("axis does not start at 0", (0.0, 1.0), xycoords="axes fraction", xytext=(2, 2),
                    textcoords="offset points", fontsize=8, color=_INK)  # fmt: skip


def _driven(bars: Sequence[tuple[str, float]], total: float, *, name: str, unit: str) -> str:
    lead = f"{plain_text(name, width=_NAME)}: {_amount(total, unit)}"
    label, amount = max(bars[1:], key=lambda bar: abs(bar[1]))
    moved = _amount(amount, unit, signed=True)
    if amount == 0:
        return f"{lead}, as the run rate says"
    rate = _amount(bars[0][1], unit)
    return f"{lead} against a run rate of {rate};\nmost of the way: {label} ({moved})"


def _turned(frame: pd.DataFrame, flips: Sequence[bool], *, name: str, unit: str) -> str:
    lead = plain_text(name, width=_NAME)
    if frame["breach_probability"].iloc[0] is None or pd.isna(frame["breach_probability"].iloc[0]):
        largest = max(frame.to_dict("records"), key=lambda row: abs(row["difference"]))
        moved = _amount(float(largest["difference"]), unit, signed=True)
        return f"{lead}: most changes with {plain_text(largest['variant'], width=_NAME)} ({moved})"
    chance = percent(float(frame["breach_probability"].iloc[0]))
    return (
        f"{lead}: {chance} chance of a breach; {sum(flips)} of {len(frame) - 1} variants turn the answer over"
    )


def _told(row: dict[Any, Any], unit: str) -> str:
    label, chance = plain_text(row["variant"], width=_NAME + 6), row["breach_probability"]
    if chance is None or pd.isna(chance):
        return f"{label}\n{_amount(float(row['mid']), unit)}"
    return f"{label}\n{_amount(float(row['mid']), unit)}, {percent(float(chance))} breach"


def _amount(value: float, unit: str, *, signed: bool = False) -> str:
    if _is_money(unit):
        return short_money(Decimal(round(value, 4)), currency=unit, signed=signed)
    return f"{value:{'+' if signed else ''},.4g} {plain_text(unit)}"


def _is_money(unit: str) -> bool:
    return len(unit) == len("EUR") and unit.isascii() and unit.isupper() and unit.isalpha()


def _value_axis(ax: Axes, unit: str) -> None:
    def written(value: float, _: object) -> str:
        largest = max(abs(end) for end in ax.get_xlim())
        return tick(value, currency=unit, largest=float(largest))

    if _is_money(unit):
        ax.xaxis.set_major_formatter(FuncFormatter(written))


def _nothing(ax: Axes, words: str) -> Axes:
    ax.text(0.5, 0.5, words, ha="center", va="center", transform=ax.transAxes, color=_INK)
    ax.set_axis_off()
    return ax


def _finished(ax: Axes, title: str) -> Axes:
    ax.set_title(title, loc="left", fontsize=12, fontweight="bold", color=_INK, pad=16)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(_GREY)
    ax.tick_params(colors=_INK, labelsize=9)
    ax.grid(axis="x", color=_PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax

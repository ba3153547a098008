"""A picture of what drives a move, as a waterfall, and the look that such pictures share.

More is hatched and orange, less is plain and blue, what is a sum is dark: the pictures read in grey. Names
from a bill are drawn as plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from finops_lib.cost.words import plain_text, short_money, tick

__all__ = ["amount_text", "finished", "nothing", "value_axis", "waterfall"]

_BLUE, _ORANGE = "#0072B2", "#D55E00"
_GREY, _INK, _PALE = "#9A9A9A", "#222222", "#DDDDDD"
_NAME = 30  # letters of a name
_Floats = np.ndarray[Any, np.dtype[np.float64]]


def waterfall(
    steps: Sequence[tuple[str, float]], *, ax: Axes, unit: str, end: str, title: str, what: str = ""
) -> Axes:
    """Which steps lead from one amount to another.

    Parameters
    ----------
    steps : sequence of tuple of str and float
        Names and amounts; the first is where it starts, the others are added one after the other.
    ax : Axes
        Drawn on.
    unit : str
        ISO 4217 code for money, else a unit.
    end, title : str
        Name of the last bar, which is the sum of all, and what was found.
    what : str
        What the axis shows, after its unit.

    Returns
    -------
    Axes
        The axis starts at 0 only where a bar is close to it, and says so.
    """
    ends = np.cumsum([amount for _, amount in steps])
    starts = np.concatenate([[0.0], ends[:-1]])
    for place, (start, (_, amount)) in enumerate(zip(starts, steps, strict=True)):
        _step(ax, place, start, amount, unit=unit, whole=place == 0)
    for place, reached in enumerate(ends):
        ax.plot([reached, reached], [place - 0.3, place + 1.3], color=_GREY, linewidth=0.8)
    _step(ax, len(steps), 0.0, float(ends[-1]), unit=unit, whole=True)
    ax.set_yticks(range(len(steps) + 1), [*(plain_text(name, width=_NAME) for name, _ in steps), end])
    ax.invert_yaxis()
    _reach(ax, ends)
    value_axis(ax, unit)
    ax.set_xlabel(f"{plain_text(unit)}{what} (hatched: adds, plain: takes away)")
    return finished(ax, title)


def amount_text(value: float, unit: str, *, signed: bool = False) -> str:
    """How is an amount written beside a bar.

    Parameters
    ----------
    value : float
        In ``unit``.
    unit : str
        ISO 4217 code for money, else a unit.
    signed : bool
        Write a plus before what is above zero.

    Examples
    --------
    >>> amount_text(1234.5, "EUR"), amount_text(2.5, "GB-Mo", signed=True)
    ('€1,234', '+2.5 GB-Mo')
    """
    if _is_money(unit):
        return short_money(Decimal(round(value, 4)), currency=unit, signed=signed)
    return f"{value:{'+' if signed else ''},.4g} {plain_text(unit)}"


def value_axis(ax: Axes, unit: str, *, vertical: bool = False) -> None:
    """Write the marks of an axis as money, where the unit is a currency.

    Parameters
    ----------
    ax : Axes
        Drawn on.
    unit : str
        ISO 4217 code for money, else a unit.
    vertical : bool
        Whether it is the axis upwards.
    """
    axis = ax.yaxis if vertical else ax.xaxis

    def written(value: float, _: object) -> str:
        largest = max(abs(end) for end in axis.get_view_interval())
        return tick(value, currency=unit, largest=float(largest))

    if _is_money(unit):
        axis.set_major_formatter(FuncFormatter(written))


def nothing(ax: Axes, words: str) -> Axes:
    """Say on empty axes why nothing is drawn.

    Parameters
    ----------
    ax : Axes
        Drawn on.
    words : str
        The reason.
    """
    ax.text(0.5, 0.5, words, ha="center", va="center", transform=ax.transAxes, color=_INK)
    ax.set_axis_off()
    return ax


def finished(ax: Axes, title: str, *, grid: Any = "x") -> Axes:
    """Give a picture its title and the look of the house.

    Parameters
    ----------
    ax : Axes
        Drawn on.
    title : str
        What was found.
    grid : str or bool
        The axis whose marks have lines; False is none.
    """
    ax.set_title(title, loc="left", fontsize=12, fontweight="bold", color=_INK, pad=16)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(_GREY)
    ax.tick_params(colors=_INK, labelsize=9)
    if grid:
        ax.grid(axis=grid, color=_PALE, linewidth=0.6)
        ax.set_axisbelow(True)
    return ax


def _step(ax: Axes, place: int, start: float, amount: float, *, unit: str, whole: bool) -> None:
    colour = _INK if whole else _ORANGE if amount > 0 else _BLUE
    hatch = "////" if amount > 0 and not whole else ""
    ax.barh(place, amount, left=start, height=0.6, color=colour, hatch=hatch, edgecolor="white")
    ax.annotate(
        amount_text(amount, unit, signed=not whole), (max(start, start + amount), place), xytext=(5, 0),
        textcoords="offset points", va="center", fontsize=9, color=_INK,
    )  # fmt: skip


def _reach(ax: Axes, ends: _Floats) -> None:
    """Cut the axis off below, where all bars end far from 0, so that small parts can be seen."""
    low, high = float(ends.min()), float(ends.max())
    spread = max(high - low, 0.02 * max(abs(high), abs(low)), 1e-9)
    cut = low - 0.5 * spread
    left = cut if cut > 0 else min(0.0, low - 0.15 * spread)
    ax.set_xlim(left, max(high, 0.0) + 0.12 * (max(high, 0.0) - left))
    if left > 0:
        ax.annotate("axis does not start at 0", (0.0, 1.0), xycoords="axes fraction", xytext=(2, 2),
                    textcoords="offset points", fontsize=8, color=_INK)  # fmt: skip


def _is_money(unit: str) -> bool:
    return len(unit) == len("EUR") and unit.isascii() and unit.isupper() and unit.isalpha()

"""Pictures of commitments: use against what is covered, ends ahead, rules against their past, use of each.

Frames and ``ax`` in, ``ax`` out. What is new is hatched and lines differ in dashes, so that the pictures read
in grey; names from a bill are drawn as plain text, long ones cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from finops_lib.cost.plots import axes
from finops_lib.cost.words import plain_text
from finops_lib.optimize.windows import FloatArray

__all__ = ["axes", "covered_ahead", "load_curve", "rules", "utilisation"]

_BLUE, _ORANGE, _GREY, _INK, _PALE = "#0072B2", "#D55E00", "#9A9A9A", "#222222", "#DDDDDD"
_COLOURS = ("#9A9A9A", "#C9C9C9", "#0072B2", "#D55E00", "#009E73", "#CC79A7")
_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))
_HATCHES = ("////", "....", "xxxx", r"\\\\", "++++", "oooo")
_NAME, _TITLE = 34, 60


def load_curve(use: FloatArray, *, ax: Axes, name: str, unit: str, now: float, then: float) -> Axes:
    """How much of the year was how much used, and how much of that do commitments cover.

    Parameters
    ----------
    use : ndarray
        Money an hour, the highest first.
    ax : Axes
        Drawn on.
    name : str
        Of what is used.
    unit : str
        Such as ``USD an hour at list price``.
    now, then : float
        Covered by what is in place, and once what is chosen has begun, in the same unit.

    Returns
    -------
    Axes
    """
    share = np.arange(len(use) + 1) / max(len(use), 1)
    steps = np.append(use, use[-1:]) if len(use) else np.zeros(1)
    ax.fill_between(share, 0, np.minimum(steps, then), step="post", color=_BLUE, alpha=0.25, linewidth=0)
    ax.step(share, steps, where="post", color=_BLUE, linewidth=1.8)
    ax.axhline(now, color=_INK, linewidth=1.4, linestyle="--")
    ax.axhline(then, color=_ORANGE, linewidth=1.6)
    top = max(now, then, float(steps.max()))
    near = abs(now - then) < 0.05 * top
    ax.annotate("covered now", (0.0, now), ha="left", va="top" if near and now < then else "bottom",
                fontsize=8, color=_INK)  # fmt: skip
    ax.annotate("covered with what is proposed", (1.0, then), ha="right", va="bottom", fontsize=8, color=_INK)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, top * 1.12 or 1.0)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set_xlabel("share of the last year with more use than that")
    ax.set_ylabel(unit)
    return _dressed(ax, plain_text(name, width=_TITLE))


def covered_ahead(table: pd.DataFrame, *, ax: Axes, name: str, unit: str, start: datetime) -> Axes:
    """How much is covered in each month to come, and by what.

    Parameters
    ----------
    table : DataFrame
        As `finops_lib.optimize.commitments.levels.ahead` gives it.
    ax : Axes
        Drawn on.
    name : str
        Of what is covered.
    unit : str
        Of the cover.
    start : datetime
        Begin of the first month.

    Returns
    -------
    Axes
        A bar a month; what is in place is plain, what is new is hatched. Six commitments have their own
        colours.
    """
    months = list(range(table.shape[1] - 2))  # beside the name and whether it is in place
    base, places = np.zeros(len(months)), {True: 0, False: 2}
    for row in table.to_dict("records"):
        held = bool(row["in_place"])
        height = np.array([float(row[month]) for month in months])
        number = places[held]
        places[held] += 1
        ax.bar(months, height, 0.85, bottom=base, color=_COLOURS[number % len(_COLOURS)], edgecolor="white",
               hatch="" if held else _HATCHES[number % len(_HATCHES)],
               label=f"{plain_text(row['name'], width=_NAME)}{' (in place)' if held else ''}")  # fmt: skip
        base = base + height
    ticks = months[:: max(len(months) // 12, 1)]
    ax.set_xticks(ticks, [f"{_month(start, month)}" for month in ticks], rotation=45, ha="right")
    ax.set_xlabel("month")
    ax.set_ylabel(unit)
    if len(table):
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)
    return _dressed(ax, plain_text(name, width=_TITLE))


def _month(start: datetime, ahead: int) -> str:
    months = start.year * 12 + start.month - 1 + ahead
    return f"{months // 12}-{months % 12 + 1:02d}"


def rules(table: Mapping[str, float], *, ax: Axes, ours: str, words: Mapping[str, str], of: str = "") -> Axes:
    """Which share of what was possible would each rule have saved in the past.

    Parameters
    ----------
    table : mapping of str to float
        Rule to its share of the optimum; below zero it cost more than no commitment.
    ax : Axes
        Drawn on.
    ours : str
        The rule in use: plain, the others are hatched.
    words : mapping of str to str
        How each rule is called.
    of : str
        What is looked at, where there are several pictures.

    Returns
    -------
    Axes
    """
    order = sorted(table, key=lambda name: (name != ours, -table[name]))
    for place, name in enumerate(order):
        mine = name == ours
        ax.barh(place, table[name], 0.65, color=_BLUE if mine else _GREY, hatch="" if mine else "////",
                edgecolor="white")  # fmt: skip
        ax.annotate(f"{table[name]:.1%}", (max(table[name], 0.0), place), xytext=(4, 0), va="center",
                    textcoords="offset points", fontsize=9, color=_INK)  # fmt: skip
    ax.set_yticks(range(len(order)), [words.get(name, name) for name in order])
    ax.invert_yaxis()
    ax.set_xlim(min(0.0, *table.values()) * 1.1, 1.12)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set_xlabel("saved, as a share of what the best commitment of hindsight saves")
    said = f"{words.get(ours, ours)} saved {table[ours]:.1%} of what was possible"
    return _dressed(ax, f"{of}: {said}" if of else said)


def utilisation(tables: Sequence[pd.DataFrame], *, ax: Axes, title: str) -> Axes:
    """Which share of each commitment was used month by month, and from which on does it pay.

    Parameters
    ----------
    tables : sequence of DataFrame
        One a commitment: ``commitment``, ``month`` (YYYY-MM), ``utilisation`` and ``break_even``. Six are
        drawn.
    ax : Axes
        Drawn on.
    title : str
        Over the picture.

    Returns
    -------
    Axes
        A line a commitment; a thin one of the same dashes is its break-even.
    """
    drawn = [table for table in tables if table["utilisation"].notna().any()][: len(_COLOURS)]
    months = sorted({month for table in drawn for month in table["month"]})
    places = {month: number for number, month in enumerate(months)}
    for number, table in enumerate(drawn):
        colour = (_INK, _BLUE, _ORANGE, "#009E73", "#CC79A7", _GREY)[number]
        where = [places[month] for month in table["month"]]
        name = plain_text(str(table["commitment"].iloc[0]), width=_NAME)
        share = table["utilisation"].astype(float)
        even = float(table["break_even"].iloc[0])
        ax.plot(where, share, color=colour, linestyle=_DASHES[number], marker="o", markersize=3,
                linewidth=1.8, label=f"{name}, pays from {even:.0%}")  # fmt: skip
        ax.axhline(even, color=colour, linestyle=_DASHES[number], linewidth=0.7)
    ax.xaxis.set_major_locator(MaxNLocator(12, integer=True))
    ticks = range(0, len(months), max(len(months) // 12, 1))
    ax.set_xticks(list(ticks), [months[tick] for tick in ticks], rotation=45, ha="right")
    ax.set_ylim(0, 1.06)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set_xlabel("month; thin lines are where a commitment begins to pay")
    ax.set_ylabel("used of the commitment")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)
    return _dressed(ax, title)


def _dressed(ax: Axes, title: str) -> Axes:
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(_GREY)
    ax.grid(axis="y", color=_PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=9, colors=_INK)
    ax.set_title(title, loc="left", fontsize=12, fontweight="bold", color=_INK, pad=10)
    return ax

"""Pictures of sizes: what is saved by which change, use against old and new size, rules against their past.

Frames and ``ax`` in, ``ax`` out. What is cut is hatched, so that the pictures read in grey; names from a bill
are drawn as plain text, long ones cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from finops_lib.cost.plots import axes
from finops_lib.cost.words import plain_text, short_money, tick
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import Recommendation

__all__ = ["axes", "rules", "savings", "short_name", "use_and_size"]

_BLUE, _ORANGE, _GREY, _INK, _PALE = "#0072B2", "#D55E00", "#9A9A9A", "#222222", "#DDDDDD"
_MOST_BARS, _NAME = 15, 34
_NEAR = 0.06  # of the picture's width and height


def savings(changes: Sequence[Recommendation], *, ax: Axes, currency: str) -> Axes:
    """Which changes save most, and how sure is that.

    Parameters
    ----------
    changes : sequence of Recommendation
        In one currency, the largest first; 15 are drawn.
    ax : Axes
        Drawn on.
    currency : str
        ISO 4217 code.

    Returns
    -------
    Axes
        A bar a change up to the middle, a line from low to high; what costs is orange and hatched.
    """
    drawn = list(changes[:_MOST_BARS])
    largest = max((abs(float(item.saving_month.high)) for item in drawn), default=1.0)
    for place, item in enumerate(drawn):
        money = item.saving_month
        low, mid, high = float(money.low), float(money.mid), float(money.high)
        costs = mid < 0
        ax.barh(
            place,
            mid,
            0.7,
            color=_ORANGE if costs else _BLUE,
            hatch="////" if costs else "",
            edgecolor="white",
        )
        ax.plot([low, high], [place, place], color=_INK, linewidth=1.2, marker="|", markersize=7)
    labels = [f"{plain_text(short_name(item.resource), width=_NAME)}, {item.kind}" for item in drawn]
    ax.set_yticks(range(len(drawn)), labels)
    ax.invert_yaxis()
    ax.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: tick(value, currency=currency, largest=largest))
    )
    ax.set_xlabel("saved in a month, with the interval of 80 %")
    total = sum(
        (item.saving_month.mid for item in drawn), start=drawn[0].saving_month.mid * 0 if drawn else 0
    )
    words = short_money(total, currency=currency) if drawn else "Nothing"  # type: ignore[arg-type]
    return _dressed(ax, f"{words} a month from the {len(drawn)} largest changes")


def use_and_size(use: FloatArray, *, ax: Axes, name: str, unit: str, now: float, then: float) -> Axes:
    """How does what was used stand against the size of today and the new one.

    Parameters
    ----------
    use : ndarray
        [steps], NaN a gap.
    ax : Axes
        Drawn on.
    name : str
        Of the resource.
    unit : str
        Of the use, such as ``cores``.
    now, then : float
        Sizes, in the same unit.

    Returns
    -------
    Axes
        Sorted use, from the highest down: how much of the time it lay above each amount.
    """
    known = np.sort(use[np.isfinite(use)])[::-1]
    share = (np.arange(len(known)) + 1) / max(len(known), 1)
    ax.plot(share, known, color=_BLUE, linewidth=1.8, drawstyle="steps-pre")
    ax.axhline(now, color=_GREY, linewidth=1.4, linestyle="--")
    ax.axhline(then, color=_ORANGE, linewidth=1.6)
    ax.annotate("today", (1.0, now), ha="right", va="bottom", fontsize=8, color=_INK)
    ax.annotate("new", (1.0, then), ha="right", va="bottom", fontsize=8, color=_INK)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, max(now, then, float(known[0]) if len(known) else 0.0) * 1.12)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set_xlabel("share of the time above")
    ax.set_ylabel(unit)
    return _dressed(ax, plain_text(short_name(name), width=_NAME))


def rules(table: pd.DataFrame, *, ax: Axes, bound: float) -> Axes:
    """Which rule saved how much in the past, and how often was its size too small.

    Parameters
    ----------
    table : DataFrame
        ``strategy``, ``breach`` and ``saving``, as `finops_lib.optimize.replay.table` gives them, and perhaps
        ``held``, whether the whole promise was kept; else the mean alone decides.
    ax : Axes
        Drawn on.
    bound : float
        Mean share of the time above the size that is promised.

    Returns
    -------
    Axes
        A point a rule; those that broke the promise are orange and hollow.
    """
    kept = table["held"] if "held" in table else table["breach"] <= bound
    reach = max(float(table["breach"].max()), bound)
    for row, held in zip(table.to_dict("records"), kept, strict=True):
        broke = not held
        ax.plot(row["breach"], row["saving"], marker="o", markersize=8, linestyle="none",
                color=_ORANGE if broke else _BLUE, fillstyle="none" if broke else "full")  # fmt: skip
        text = plain_text(str(row["strategy"]), width=_NAME)
        left = _crowded(row, table, reach)
        ax.annotate(
            text,
            (row["breach"], row["saving"]),
            xytext=(-7 if left else 7, -3),
            textcoords="offset points",
            ha="right" if left else "left",
            fontsize=8,
        )
    ax.axvline(bound, color=_GREY, linewidth=1.2, linestyle="--")
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=1))
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.margins(x=0.2, y=0.2)
    ax.set_xlim(left=-0.1 * reach)
    ax.set_xlabel("share of the time above the size; the line is what is promised in the mean")
    ax.set_ylabel("saved of the capacity")
    return _dressed(ax, f"{int(kept.sum())} of {len(table)} rules kept the promise")


def _crowded(row: Mapping[Any, Any], table: pd.DataFrame, reach: float) -> bool:
    """Say whether another point stands where this one's name would, to its right."""
    right = (table["breach"] - row["breach"]) / reach
    height = float(table["saving"].max() - table["saving"].min()) or 1.0
    apart = (table["saving"] - row["saving"]).abs() / height
    return bool(((right > 0) & (right < _NEAR) & (apart < _NEAR)).any())


def short_name(resource: str) -> str:
    """How is a long id called on a picture: by its end, where ids differ.

    Parameters
    ----------
    resource : str
        Id, as a bill writes it.

    Examples
    --------
    >>> short_name("arn:aws:ec2:us-east-1:1:instance/i-1"), short_name("arn:aws:eks:x:1:cluster/c/ml/train")
    ('instance/i-1', 'c/ml/train')
    """
    return resource.rsplit(":", 1)[-1].rsplit("cluster/", 1)[-1]


def _dressed(ax: Axes, title: str) -> Axes:
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="x", color=_PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=9, colors=_INK)
    ax.set_title(title, loc="left", fontsize=12, fontweight="bold", color=_INK)
    return ax

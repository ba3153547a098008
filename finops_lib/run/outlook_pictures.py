"""Pictures that hold several budgets or limits: the chance of a breach by day, and one sheet of many."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from finops_lib.cost.words import plain_text
from finops_lib.forecast.words import percent
from finops_lib.run.show import Shown, svg

_COLOURS = ("#0072B2", "#D55E00", "#222222", "#009E73", "#CC79A7", "#9A9A9A")
_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))
_GREY, _INK, _PALE = "#9A9A9A", "#222222", "#DDDDDD"
_NAME = 34  # letters of a budget and its period


def chances(found: Sequence[tuple[str, pd.DataFrame]], *, ax: Axes) -> Axes:
    """By which day has each budget been passed, and how sure is that.

    Parameters
    ----------
    found : sequence of tuple of str and DataFrame
        Name of a budget and its period, and what `finops_lib.forecast.passing.breach_by_day` says of it; the
        most likely breach first. Six of them are drawn.
    ax : Axes
        Drawn on.

    Returns
    -------
    Axes
        One line a budget, which ends at the end of its period; lines differ in dashes, too.
    """
    shown_ones = found[: len(_COLOURS)]
    for (name, frame), colour, dashes in zip(shown_ones, _COLOURS, _DASHES, strict=False):
        last = float(frame["chance"].iloc[-1])
        label = f"{plain_text(name, width=_NAME)}: {percent(last)}"
        marker = "o" if len(frame) == 1 else ""
        ax.plot(frame["time"], frame["chance"], color=colour, linestyle=dashes, linewidth=1.8, label=label,
                marker=marker, drawstyle="steps-post")  # fmt: skip
    ax.set_ylim(0, 1.03)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    locator = AutoDateLocator(minticks=4, maxticks=10)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    ax.set_xlabel("day (UTC); a line ends with its budget's period")
    ax.set_ylabel("chance of having passed the budget, per cent")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    left = f" ({len(found) - len(shown_ones)} more are not drawn)" if len(found) > len(shown_ones) else ""
    likely = sum(float(frame["chance"].iloc[-1]) > 1 / 2 for _, frame in found)
    _dressed(ax, f"{likely} of {len(found)} budget periods are more likely passed than not{left}")
    return ax


def sheet(count: int, *, height: float = 3.9) -> list[Axes]:
    """Give so many axes below one another on one figure.

    Parameters
    ----------
    count : int
        How many.
    height : float
        Of each, inches.

    Returns
    -------
    list of Axes
    """
    figure = Figure(figsize=(9.0, height * count), layout="constrained")
    return list(figure.subplots(count, 1, squeeze=False)[:, 0])


def shown(axes: Sequence[Axes]) -> Shown:
    """Show a sheet; the titles of all its pictures are its words.

    Parameters
    ----------
    axes : sequence of Axes
        Of one figure.

    Returns
    -------
    Shown
    """
    titles = [ax.get_title(loc="left").replace(r"\$", "$") for ax in axes]
    return Shown({"text/plain": "\n".join(titles), "image/svg+xml": svg(axes[0])})


def _dressed(ax: Axes, title: str) -> None:
    ax.set_title(title, loc="left", fontsize=12, fontweight="bold", color=_INK, pad=10)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(_GREY)
    ax.tick_params(colors=_INK, labelsize=9)
    ax.grid(axis="y", color=_PALE, linewidth=0.6)
    ax.set_axisbelow(True)

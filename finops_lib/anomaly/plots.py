"""Pictures of what is odd: a series with the range that was expected, and the scores of series by day.

What was odd is marked by shape as well as by colour, and a range is lighter than its line: the pictures read
in grey. Names from a bill are drawn as plain text, long ones cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

from finops_lib.cost.plots_drivers import finished, nothing, value_axis
from finops_lib.cost.words import plain_text

__all__ = ["band", "heat_map"]

_BLUE, _ORANGE = "#0072B2", "#D55E00"
_GREY, _INK, _PALE, _RANGE = "#9A9A9A", "#222222", "#DDDDDD", "#C6DEEE"
_NAME, _TITLE = 44, 110  # letters of a name, and of a title
_MOST_LABELS = 12  # days with a mark on the axis
_HIGHEST = 12.0
_SURE = 6.0  # score from which on the words in a square are white


def band(track: pd.DataFrame, *, ax: Axes, title: str, currency: str, start: datetime, end: datetime) -> Axes:
    """When did a series leave the range that was to be expected.

    Parameters
    ----------
    track : DataFrame
        From `finops_lib.anomaly.views.track`.
    ax : Axes
        Drawn on.
    title : str
        What was found.
    currency : str
        ISO 4217 code.
    start, end : datetime
        Of the anomaly, the end not included.

    Returns
    -------
    Axes
        The line is what each day cost, the dashes what the days before lead to expect, the pale band the
        range of 80 of 100 days; hatched is the anomaly. Its odd days have a triangle up above what was
        expected, and one down below. What lasts becomes what is expected, day by day.
    """
    if track["actual"].notna().sum() == 0:
        return nothing(ax, "No day of this series is known")
    first, last = (float(date2num(moment.replace(tzinfo=None))) for moment in (start, end))
    ax.axvspan(first - 0.5, last - 0.5, facecolor="none", hatch="///",
               edgecolor=_PALE, linewidth=0, label="the anomaly")  # fmt: skip
    ax.fill_between(
        track["time"], track["low"], track["high"], color=_RANGE, linewidth=0, label="80 % of days"
    )
    ax.plot(track["time"], track["expected"], color=_BLUE, linestyle="--", linewidth=1.3, label="expected")
    one = track["actual"].notna().sum() == 1
    ax.plot(
        track["time"], track["actual"], color=_INK, linewidth=1.5, label="cost", marker="o" if one else ""
    )
    above = track["actual"] >= track["expected"]
    inside = (track["time"] >= start.replace(tzinfo=None)) & (track["time"] < end.replace(tzinfo=None))
    odd = track["odd"] & inside
    for chosen, marker, colour, name in (
        (odd & above, "^", _ORANGE, "odd, above"), (odd & ~above, "v", _BLUE, "odd, below"),
    ):  # fmt: skip
        if chosen.any():
            ax.plot(track["time"][chosen], track["actual"][chosen], marker, color=colour, label=name)
    _days(ax)
    value_axis(ax, currency, vertical=True)
    ax.set_ylabel(f"{plain_text(currency)} a day")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    return finished(ax, plain_text(title, width=_TITLE), grid="y")


def heat_map(scores: pd.DataFrame, *, ax: Axes, names: Sequence[str], odd: pd.DataFrame, title: str) -> Axes:
    """On which days was which series odd.

    Parameters
    ----------
    scores : DataFrame
        From `finops_lib.anomaly.views.scores`: a row a series, a column a day.
    ax : Axes
        Drawn on.
    names : sequence of str
        Of the series.
    odd : DataFrame
        Of the same shape: whether the day belongs to an anomaly that is told.
    title : str
        What was found.

    Returns
    -------
    Axes
        The shade is the score: darker is odder, orange above and blue below what was expected; a day that was
        not judged is grey. Days of an anomaly have a triangle up or down.
    """
    if scores.empty:
        return nothing(ax, "No series was odd on the days looked at")
    values = scores.to_numpy(dtype=np.float64)
    colours = LinearSegmentedColormap.from_list("below_above", [_BLUE, "#FFFFFF", _ORANGE]).with_extremes(
        bad=_GREY
    )
    mesh = ax.pcolormesh(np.ma.masked_invalid(values), cmap=colours, vmin=-_HIGHEST, vmax=_HIGHEST,
                         edgecolors=_PALE, linewidth=0.4)  # fmt: skip
    for row, column in np.argwhere(odd.to_numpy(dtype=bool)):
        value = values[row, column]
        mark, ink = ("^" if not value < 0 else "v"), ("white" if abs(value) > _SURE else _INK)
        ax.plot(column + 0.5, row + 0.5, mark, color=ink, markersize=4, markeredgecolor=_INK,
                markeredgewidth=0.4)  # fmt: skip
    ax.set_yticks(np.arange(len(names)) + 0.5, [plain_text(name, width=_NAME) for name in names])
    step = max(-(-values.shape[1] // _MOST_LABELS), 1)
    days = list(scores.columns)[::step]
    ax.set_xticks(np.arange(len(days)) * step + 0.5, [f"{day:%m-%d}" for day in days], fontsize=9)
    ax.invert_yaxis()
    ax.set_xlabel("day (UTC); triangles: days of an anomaly; grey: not judged")
    figure = ax.get_figure(root=True)
    if figure is not None:
        bar = figure.colorbar(mesh, ax=ax, pad=0.02, fraction=0.05)
        bar.set_label("score: digits of the p-value (+ above, - below)", fontsize=9)
    return finished(ax, plain_text(title, width=_TITLE), grid=False)


def _days(ax: Axes) -> None:
    locator = AutoDateLocator(minticks=4, maxticks=10)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    ax.set_xlabel("day (UTC)")

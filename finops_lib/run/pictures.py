"""Which days did each account deliver: the one picture of data quality."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.patches import Patch

from finops_lib.cost.words import plain_text

_THERE, _GAP, _INK = "#0072B2", "#D55E00", "#222222"
_ACCOUNTS = 20


def delivered_days(days: pd.DataFrame, *, ax: Axes, by: str) -> Axes:
    """On which days has each account charges, and which days inside its time are missing.

    Parameters
    ----------
    days : DataFrame
        ``time`` (UTC days) and ``by``: one row for each day with a charge.
    ax : Axes
        Drawn on.
    by : str
        The column with the account.

    Returns
    -------
    Axes
        One line for each of at most 20 accounts, those with most missing days first: blue where a day has
        charges, orange and hatched where it has none between the account's first and last day.
    """
    present = {str(name): {moment.date() for moment in part["time"]} for name, part in days.groupby(by)}
    gaps = {name: missing(found) for name, found in present.items()}
    order = sorted(present, key=lambda name: (-len(gaps[name]), name))[:_ACCOUNTS]
    for place, name in enumerate(order):
        ax.broken_barh(_spans(present[name]), (place - 0.35, 0.7), facecolor=_THERE)
        if gaps[name]:
            ax.broken_barh(
                _spans(gaps[name]), (place - 0.35, 0.7), facecolor=_GAP, hatch="////", edgecolor="white"
            )
    _dressed(ax, order, left=len(present) - len(order))
    lacking = sum(map(len, gaps.values()))
    words = f"{lacking:,} {_day(lacking)} without a charge" if lacking else "Every day is there"
    ax.set_title(
        f"{words}, {len(present):,} {_account(len(present))}",
        loc="left",
        fontsize=12,
        fontweight="bold",
        color=_INK,
    )
    return ax


def missing(days: set[date]) -> set[date]:
    """Which days between the first and the last are not there.

    Parameters
    ----------
    days : set of date
        Days that are there.

    Returns
    -------
    set of date

    Examples
    --------
    >>> missing({date(2026, 7, 1), date(2026, 7, 3)})
    {datetime.date(2026, 7, 2)}
    """
    if not days:
        return set()
    first, last = min(days), max(days)
    return {first + timedelta(days=number) for number in range((last - first).days)} - days


def _spans(days: set[date]) -> list[tuple[float, float]]:
    """Join neighbouring days into (start, length) on the date axis."""
    spans: list[tuple[float, float]] = []
    for start in (float(date2num(day)) for day in sorted(days)):
        if spans and spans[-1][0] + spans[-1][1] == start:
            spans[-1] = (spans[-1][0], spans[-1][1] + 1.0)
        else:
            spans.append((start, 1.0))
    return spans


def _dressed(ax: Axes, order: list[str], *, left: int) -> None:
    locator = AutoDateLocator(minticks=4, maxticks=10)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    ax.set_yticks(range(len(order)), [plain_text(name) for name in order])
    ax.invert_yaxis()
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=9, colors=_INK)
    ax.set_xlabel("day (UTC)" + (f"; {left:,} more accounts are not shown" if left else ""))
    handles = [
        Patch(facecolor=_THERE, label="charges"),
        Patch(facecolor=_GAP, hatch="////", edgecolor="white", label="none"),
    ]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)


def _account(count: int) -> str:
    return "account" if count == 1 else "accounts"


def _day(count: int) -> str:
    return "day" if count == 1 else "days"

"""How fresh and whole is each source of the lake, in one table over all providers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import pandas as pd

from finops_lib.records import Snapshot

_COLUMNS = [
    "Provider", "Account", "Source", "Kind", "FirstPeriod", "LastPeriod", "Deliveries", "NewestDay",
    "DaysOld", "Gaps", "Restated", "Rows", "SetAside",
]  # fmt: skip
_AGE = _COLUMNS.index("DaysOld")


def source_table(held: Iterable[Snapshot], *, past: Sequence[Snapshot], now: datetime) -> pd.DataFrame:
    """Which sources are there, how old is their newest day, and what do they lack.

    Parameters
    ----------
    held : iterable of Snapshot
        Current deliveries of every kind.
    past : sequence of Snapshot
        Every delivery that ever landed.
    now : datetime
        The moment of asking.

    Returns
    -------
    DataFrame
        One row for each provider, account, format and kind: ``FirstPeriod`` and ``LastPeriod`` (YYYY-MM),
        ``Deliveries`` (current ones, a count), ``NewestDay`` (the newest day of usage; empty where the kind
        has none), ``DaysOld`` (whole days from its end to ``now``, None where unknown), ``Gaps`` (billing
        periods between first and last without a delivery), ``Restated`` (deliveries that took over from
        another one), ``Rows`` and ``SetAside``, counts.
    """
    groups: dict[tuple[str, str, str, str], list[Snapshot]] = {}
    for item in held:
        groups.setdefault((item.provider, item.account, item.source, item.kind), []).append(item)
    restated = [(item.provider, item.account, item.source, item.kind) for item in past if item.replaces]
    lines = [(*key, *_told(items, now), restated.count(key), *_rows(items)) for key, items in groups.items()]
    frame = pd.DataFrame(sorted(lines), columns=_COLUMNS)
    return frame.assign(DaysOld=pd.Series([line[_AGE] for line in sorted(lines)], dtype=object))


def _told(items: Sequence[Snapshot], now: datetime) -> tuple[str, str, int, str, int | None, int]:
    periods = sorted({item.billing_period for item in items if item.billing_period})
    newest = max((item.last_day for item in items), default="")
    first, last = (periods[0], periods[-1]) if periods else ("", "")
    return first, last, len(items), newest, _age(newest, now), _span(first, last) - len(periods)


def _age(newest: str, now: datetime) -> int | None:
    if not newest:
        return None
    return max(0, (now.astimezone(UTC).date() - date.fromisoformat(newest) - timedelta(days=1)).days)


def _span(first: str, last: str) -> int:
    """Count the months from the first to the last."""
    if not first:
        return 0
    (year, month), (end_year, end_month) = (map(int, text.split("-")) for text in (first, last))
    return (end_year - year) * 12 + end_month - month + 1


def _rows(items: Sequence[Snapshot]) -> tuple[int, int]:
    return sum(item.rows for item in items), sum(item.quarantined for item in items)

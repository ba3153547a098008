"""A small lake with four months of daily cost of two teams, whose numbers can be worked by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from finops_lib.run.desk import Desk, open_desk
from tests.cost.conftest import delivered, write_line

FIRST, DAYS = date(2026, 3, 1), 122  # to June 30
LAST = FIRST + timedelta(days=DAYS - 1)
WEEKDAY, WEEKEND = 10, 4
_SHARES = {("web", "Compute"): 3, ("web", "Storage"): 1, ("ml", "Compute"): 2, ("", "Other"): 1}


def amount_of(day: date, team: str, service: str) -> int:
    """Say what a team's service costs on a day: more on weekdays, a little more each month."""
    base = WEEKEND if day.weekday() >= 5 else WEEKDAY
    return _SHARES[team, service] * (base + day.month)


def lines(**changes: str) -> Iterator[Mapping[str, str]]:
    """Write every day of each team and service."""
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        for team, service in _SHARES:
            tags = {"team": team} if team else {}
            cost = str(amount_of(day, team, service))
            yield write_line(
                day=day.isoformat(),
                cost=cost,
                tags=tags,
                ServiceCategory=service,
                ConsumedQuantity=cost,
                **changes,
            )


def lake_of(folder: Path, rows: Iterator[Mapping[str, str]] | list[Mapping[str, str]]) -> str:
    """Take these charges in and name the lake."""
    return str(delivered(folder, list(rows)).root)


def desk_of(lake: str, **asked: Any) -> Desk:
    """Open the lake in August, when June is closed."""
    return open_desk(lake, **{"now": f"{datetime(2026, 8, 20, tzinfo=UTC):%Y-%m-%d}", **asked})

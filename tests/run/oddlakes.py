"""A small lake of 122 days with one planted spike whose money can be worked by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from tests.cost.conftest import write_line

FIRST, DAYS = date(2026, 3, 1), 122  # to June 30
SPIKE, SPIKE_DAYS, TIMES = date(2026, 6, 20), 2, 5
PLANTED = {"ServiceName": "S3", "tag:team": "ml"}
_SHARES = {("web", "Compute"): 30, ("web", "S3"): 10, ("ml", "Compute"): 20, ("ml", "S3"): 8}


def noise(number: int, place: int) -> float:
    """Give a small move up or down that has no pattern in weeks, the same each time."""
    return ((number * 37 + place * 11) % 17 - 8) / 400


def lines(*, times: float = TIMES) -> Iterator[Mapping[str, str]]:
    """Write each day of four parts, with noise of 2 %; on two days ML's S3 costs several times as much."""
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        odd = SPIKE <= day < SPIKE + timedelta(days=SPIKE_DAYS)
        for place, ((team, service), share) in enumerate(_SHARES.items()):
            planted = odd and (service, team) == ("S3", "ml")
            cost = share * (1 + noise(number, place)) * (times if planted else 1)
            yield write_line(
                day=day.isoformat(), cost=f"{cost:.4f}", tags={"team": team}, ServiceName=service,
                ResourceId=f"{team}-{service}", SkuMeter=f"{service} hours",
            )  # fmt: skip

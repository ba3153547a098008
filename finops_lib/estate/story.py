"""What happens to the sample company: planted anomalies, a restated month, late usage, credits, a refund."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from finops_lib.estate.calendar import UNTIL

SPIKE, SHIFT, DRIFT, NEW_REGION = "spike", "level_shift", "drift", "new_region"
END = UNTIL.date()


@dataclass(frozen=True)
class Event:
    """A planted anomaly: use of one product in one account times ``percent``, from ``start``, before ``end``.

    A drift grows by ``percent`` minus 100 each day up to day ``grows_days``; a new region has no usage
    before ``start``.
    """

    kind: str
    account: str
    product: str
    start: date
    end: date
    percent: int
    grows_days: int = 0


@dataclass(frozen=True)
class Restatement:
    """First delivered, ``month`` had only ``percent`` of a product's use from ``start`` to before ``end``."""

    month: str
    account: str
    product: str
    start: date
    end: date
    percent: int


@dataclass(frozen=True)
class Late:
    """Usage of these days that arrives in the bill of a later month."""

    account: str
    product: str
    start: date
    end: date
    billed_in: str


@dataclass(frozen=True)
class Refund:
    """Money given back in ``billed_in`` for usage of an earlier month, in cents."""

    billed_in: str
    account: str
    product: str
    start: date
    end: date
    cents: int


EVENTS = (
    Event(SPIKE, "prod-web", "sqs", date(2025, 11, 18), date(2025, 11, 20), 900),
    Event(SHIFT, "prod-core", "dynamodb", date(2026, 4, 13), END, 210),
    Event(DRIFT, "prod-data", "logs", date(2026, 6, 1), END, 103, 60),
    Event(SPIKE, "prod-data", "nat", date(2026, 7, 14), date(2026, 7, 17), 650),
    Event(NEW_REGION, "sandbox", "c6i.2xlarge", date(2026, 8, 3), END, 100),
)
RESTATEMENT = Restatement("2026-05", "prod-core", "dynamodb", date(2026, 5, 9), date(2026, 5, 23), 25)
LATE = Late("prod-web", "cloudfront", date(2026, 3, 30), date(2026, 4, 1), "2026-04")
REFUND = Refund("2026-06", "prod-core", "m6g.2xlarge", date(2026, 2, 10), date(2026, 2, 14), 18_450)
CREDITS: Mapping[str, int] = MappingProxyType(
    {"2025-09": 90_000, "2025-10": 90_000, "2025-11": 60_000, "2026-07": 25_000}
)
"""Cents of promotional credit by billing month."""

EDP_PERCENT = 5
TAX_PERCENT = 7
SUPPORT_PERCENT = 3

"""An anomaly: the same key while it lasts, and the same content both ways through JSON."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from finops_lib.records import Anomaly, Cause, Estimate

DAY = datetime(2026, 7, 3, tzinfo=UTC)
MONEY = Estimate(Decimal("90.1"), Decimal("100.2"), Decimal(120), 0.8, "EUR")
ODD = Anomaly(
    "level_shift", ("web", "Compute"), {"tag:team": "web", "ServiceCategory": "Compute"}, DAY,
    DAY + timedelta(days=2), DAY + timedelta(days=1), MONEY, 0.001, 0.9,
    (Cause({"RegionId": "eu-1"}, Decimal("80.2")), Cause({}, Decimal(20))),
    ("twice as much",), ("release 7",),
)  # fmt: skip


def test_an_anomaly_comes_back_from_json() -> None:
    """Every field, as text of a file would hold it."""
    assert Anomaly.from_json(json.loads(json.dumps(ODD.to_json()))) == ODD


def test_the_key_stays_while_it_lasts() -> None:
    """More days, more money and another p-value are the same anomaly; another start or kind is another."""
    longer = dataclasses.replace(ODD, end=DAY + timedelta(days=9), p_value=0.0)
    assert longer.key == ODD.key
    assert len({ODD.key, dataclasses.replace(ODD, kind="spike").key}) == 2
    assert dataclasses.replace(ODD, start=DAY - timedelta(days=1)).key != ODD.key
    elsewhere = {"ServiceCategory": "web", "RegionId": "Compute"}  # the same words of other columns
    assert dataclasses.replace(ODD, labels=elsewhere).key != ODD.key


@pytest.mark.parametrize(
    "change", [{"p_value": 1.5}, {"p_value": float("nan")}, {"end": DAY - timedelta(days=1)}]
)
def test_what_cannot_be_is_refused(change: dict[str, object]) -> None:
    """A chance above one or unknown, an end before the start."""
    with pytest.raises(ValueError, match=r"between 0 and 1|the end comes after"):
        dataclasses.replace(ODD, **change)  # type: ignore[arg-type]

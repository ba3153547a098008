"""The tables of a report on sizes, on the small lake whose numbers are worked by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.run.sizing import Sizing, open_sizing
from tests.run.sizedlakes import ARN, BLIND, BUSY, FUNCTION, GONE, IDLE, desk_of, lake_of


@pytest.fixture(scope="module")
def sizing(tmp_path_factory: pytest.TempPathFactory) -> Sizing:
    folder = tmp_path_factory.mktemp("tables")
    (folder / "reviews.toml").write_text(
        '[[review]]\nkey = "0123456789abcdef"\nkind = "idle"\nverdict = "snooze"\nat = 2026-08-01\n'
        'by = "web"\nuntil = 2026-09-01\n'
    )
    lake = lake_of(folder / "x")
    return open_sizing(desk_of(lake), days=28, files={"reviews": str(folder / "reviews.toml")})


def test_the_queue_has_a_row_for_each_change(sizing: Sizing) -> None:
    """140.16 and 70.08 a month; worth is less 50 of effort over a year, times two in three."""
    rows = {row["Resource"]: row for row in sizing.queue().to_dict("records")}
    idle, size = rows[f"{ARN}{IDLE}"], rows[f"{ARN}{BUSY}"]
    assert (idle["Change"], idle["Mid"], idle["BillingCurrency"]) == ("idle", Decimal("140.16"), "USD")
    assert idle["NetWorth"] == Decimal("90.66")  # (140.16 - 4.17) * 2 / 3
    assert size["To"].startswith("m5.large, vcpu 2")
    assert size["Owner"].startswith("person-")  # a name of a bill is a pseudonym
    assert not size["Accepted"]
    assert list(sizing.ranking()["Resource"]) == list(sizing.queue()["Resource"])
    assert list(sizing.grounds()["Key"]) == [item.key for item in sizing.changes]


def test_parts_of_the_queue(sizing: Sizing) -> None:
    """What is idle has its quarantine; nothing may be off at night that is told so."""
    [row] = sizing.idle().to_dict("records")
    assert row["Quarantine"].startswith("stopped, with a snapshot for")
    assert sizing.schedules().shape[0] == sum(item.kind == "schedule" for item in sizing.changes)
    assert sizing.gpus().empty


def test_what_stays_has_its_reason_and_cost(sizing: Sizing) -> None:
    """The unwatched machine costs 140.16 a month; what is gone is counted with its reason."""
    rows = {row["Resource"]: row for row in sizing.staying().to_dict("records")}
    assert rows[f"{ARN}{BLIND}"]["CostMonth"] == Decimal("140.16")
    assert rows[f"{ARN}{GONE}"]["Reason"] == "it is gone since 2026-07-04"
    reasons = sizing.reasons()
    assert reasons["Resources"].sum() == len(sizing.stays)
    assert list(reasons["Resources"]) == sorted(reasons["Resources"], reverse=True)


def test_each_rule_has_its_past(sizing: Sizing) -> None:
    """Six rules for CPU and for memory; the peak with 5 % was never too small on a use that repeats."""
    rules = sizing.rules()
    assert rules.groupby("Use").size().to_dict() == {"cpu": 6, "memory": 6}
    peak = rules[(rules["Rule"] == "peak + 5 %") & (rules["Use"] == "cpu")]
    assert peak["TooSmall"].tolist() == ["0.0%"]


def test_reviews_are_listed(sizing: Sizing) -> None:
    """With the day until which one snoozes."""
    [row] = sizing.reviews().to_dict("records")
    assert (row["Verdict"], row["By"], f"{row['Until']:%Y-%m-%d}") == ("snooze", "web", "2026-09-01")


def test_money_that_nobody_measured_is_said(sizing: Sizing, tmp_path: Path) -> None:
    """By currency, exact; use that nobody charged by its count."""
    said = " ".join(sizing.unmatched())
    assert "of these days is in" in said
    assert "1 resources that were measured have no charge of their own in the bill." in said
    assert FUNCTION in {item.resource for item in sizing.changes}
    assert tmp_path.is_dir()

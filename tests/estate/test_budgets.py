"""What the sample company plans: files that the product reads, with amounts from the truth of the bills."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from finops_lib.estate.budgets import BUDGETS_FILE, LIMITS_FILE, write_budgets
from finops_lib.estate.tagging import TEAMS
from finops_lib.forecast import budget_file, limit_file

MONTHS = ("2026-07", "2026-08", "2026-09")


def told(folder: Path) -> dict[str, str]:
    """Write the plans of a company that paid 31,000 to AWS and 2 * 2,000 + 10 to others in August."""
    costs = {"a": {"EffectiveCost": "30000"}, "b": {"EffectiveCost": "1000"}}
    aws: Any = SimpleNamespace(months=MONTHS, totals={"2026-08": costs})
    month = {"2026-08": {"cost": "2000"}}
    others = {"azure": {"months": month}, "gcp": {"months": {"2026-08": {"cost": "2020", "credits": "-10"}}},
              "oci": {"months": {}}, "onprem": {"months": {}}, "opencost": {"months": month}}  # fmt: skip
    return write_budgets(folder, aws, others)


def test_the_whole_is_planned_from_the_last_whole_month(tmp_path: Path) -> None:
    """35,010 in August: 93 % of it is 32,559 and holds until September, 101 % is 35,360 from then on."""
    assert told(tmp_path)["Company"] == "35400"
    found = budget_file.parse((tmp_path / BUDGETS_FILE).read_text(), name=BUDGETS_FILE)
    first, second = (item for item in found if item.name == "Company")
    assert (first.amount, second.amount) == (Decimal(32600), Decimal(35400))
    september = datetime(2026, 9, 1, tzinfo=UTC)
    assert first.period_at(september) is None
    assert second.period_at(september) is not None
    assert dict(second.scope) == {}


def test_each_team_has_its_share(tmp_path: Path) -> None:
    """Checkout has 116 thousandths of 35,010 a month, ml 84 thousandths of it three times a quarter."""
    amounts = told(tmp_path)
    found = {
        item.name: item
        for item in budget_file.parse((tmp_path / BUDGETS_FILE).read_text(), name=BUDGETS_FILE)
    }
    scopes = [dict(item.scope)["tag:team"] for item in found.values() if item.scope]
    assert scopes == [(team,) for team in TEAMS]
    assert (amounts["Checkout"], amounts["ML"]) == ("4100", "8800")
    assert (found["ML"].period, found["ML"].valid_from) == ("quarter", datetime(2026, 7, 1, tzinfo=UTC))


def test_the_commitment_is_a_little_above_the_daily_cost(tmp_path: Path) -> None:
    """31,000 in 31 days and 15 % more are 1,150 a day, of AWS alone."""
    told(tmp_path)
    (limit,) = limit_file.parse((tmp_path / LIMITS_FILE).read_text(), name=LIMITS_FILE)
    assert (limit.amount, limit.unit, limit.is_cost) == (Decimal(1150), "USD", True)
    assert dict(limit.scope) == {"x_ProviderName": ("AWS",)}

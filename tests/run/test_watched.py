"""Budgets and limits of files, held against the series that they are about."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_lib.errors import SettingsError
from finops_lib.forecast.budget import Burn
from finops_lib.forecast.saturation import Saturation
from finops_lib.records import NoForecast
from finops_lib.run.files import Files
from finops_lib.run.forecasting import Numbers
from finops_lib.run.looking import Asked, look_ahead
from tests.run.lakes import desk_of, lake_of, lines

BUDGET = """
[[budget]]
name = "{name}"
owner = "ann"
period = "{period}"
amount = {amount}
currency = "{currency}"
valid_from = "{since}"
{scope}
"""
LIMIT = '[[limit]]\nname = "{name}"\nowner = "ann"\nkind = "quota"\namount = {amount}\n{rest}\n'


def budget(name: str, amount: str, *, scope: str = "", **more: str) -> str:
    """Write one budget."""
    fields = {"period": "month", "currency": "USD", "since": "2026-01", **more}
    return BUDGET.format(name=name, amount=amount, scope=f"scope = {scope}" if scope else "", **fields)


def limit(name: str, amount: str, rest: str) -> str:
    """Write one limit."""
    return LIMIT.format(name=name, amount=amount, rest=rest)


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Numbers:
    """Forecast forty days of the small lake, with every kind of budget and limit."""
    folder = tmp_path_factory.mktemp("watched")
    lake = lake_of(folder / "bill", lines())
    (folder / "budgets.toml").write_text(
        budget("All", "3000")
        + budget("Web", "2000", scope='{ "tag:team" = ["web", "never seen"] }')
        + budget("Compute", "2100", scope='{ ServiceCategory = ["Compute"] }')
        + budget("Nobody", "5", scope='{ "tag:team" = ["never seen"] }')
        + budget("Nothing", "5", scope='{ ServiceCategory = ["Never"] }')
        + budget("Year", "30000", period="year")
        + budget("Euro", "5", currency="EUR")
        + budget("Later", "5", since="2027-01")
    )
    (folder / "limits.toml").write_text(
        limit("Spend", "500", 'currency = "USD"')
        + limit(
            "Web storage",
            "1",
            'currency = "USD"\nscope = { "tag:team" = "web", ServiceCategory = "Storage" }',
        )
        + limit("Hours", "200", 'unit = "Hours"')
        + limit("Gigabytes", "200", 'unit = "GB"')
        + limit("Euro", "5", 'currency = "EUR"')
    )
    files = Files.read(budget=str(folder / "budgets.toml"), limits=str(folder / "limits.toml"))
    asked = Asked(("tag:team", "ServiceCategory"), 40, 0.8, 10)
    found: Numbers = look_ahead(desk_of(lake), Numbers, asked=asked, files=files)
    return found


def named(found: list[Any]) -> dict[str, Any]:
    """Give answers by the name of their budget or limit."""
    return {
        item.path[0] if isinstance(item, NoForecast) else getattr(item, "budget", None) or item.name: item
        for item in found
    }


def test_a_budget_of_teams_stands_on_their_own_series(numbers: Numbers) -> None:
    """All and Web use the forecasts that add up; Compute cuts across teams and has a series of its own."""
    burns = named(numbers.burns)
    assert isinstance(burns["Web"], Burn)
    outlook, series, spent = numbers.basis(burns["Web"])
    assert outlook is numbers.found.outlook
    assert sorted(series) == ["web / Compute", "web / Storage"]
    assert numbers.basis(burns["Compute"])[1] == ["budget Compute"]
    assert set(numbers.basis(burns["All"])[1]) == set(numbers.names)
    # July: 23 weekdays of 17 and 8 days of weekend of 11, for 4 parts of web
    assert float(burns["Web"].landing.mid) == pytest.approx(4 * (23 * 17 + 8 * 11), rel=0.08)
    assert spent["cost"].iloc[0] == Decimal(4 * (4 + 3))  # March 1 is a Sunday


def test_a_budget_that_cannot_be_judged_says_why(numbers: Numbers) -> None:
    """Another currency, a period beyond the horizon, nothing charged; one of next year is not there."""
    burns = named(numbers.burns)
    assert burns["Euro"] == NoForecast(("Euro",), "it is in EUR, this report in USD")
    assert burns["Nobody"].reason == burns["Nothing"].reason == "nothing was charged in its scope"
    assert burns["Year"].reason.endswith(
        "before the period's end 2027-01-01; a larger horizon_days reaches it"
    )
    assert "Later" not in burns


def test_every_period_that_the_forecast_reaches_is_judged(tmp_path: Path) -> None:
    """July and August, not September; a budget that begins later; a new amount with another scope."""
    lake, plan = lake_of(tmp_path / "bill", lines()), tmp_path / "budgets.toml"
    plan.write_text(
        budget("All", "1000")
        + budget("Launch", "9000", since="2026-08")
        + budget("Moved", "2100", scope='{ "tag:team" = ["web"], ServiceCategory = ["Compute"] }')
        + 'valid_until = "2026-08"\n'
        + budget(
            "Moved", "9", since="2026-08", scope='{ "tag:team" = ["web"], ServiceCategory = ["Storage"] }'
        )
        + budget("Far", "5", since="2026-09", period="quarter")
    )
    asked = Asked(("tag:team", "ServiceCategory"), 70, 0.8, 10)
    found: Numbers = look_ahead(desk_of(lake), Numbers, asked=asked, files=Files.read(budget=str(plan)))
    burns = [item for item in found.burns if isinstance(item, Burn)]
    assert [(item.budget, item.period.label) for item in burns] == [
        ("All", "2026-07"), ("All", "2026-08"),
        ("Launch", "2026-08"),
        ("Moved", "2026-07"), ("Moved", "2026-08"),
    ]  # fmt: skip
    july, august, launch, before, after = burns
    assert (august.spent, august.elapsed_share) == (0, 0)
    assert july.breach_probability > 0.95 and august.breach_probability > 0.95
    # August has 21 weekdays and 10 days of weekend, July 23 and 8: 7 parts of 17 and 11
    assert float(august.rest.mid) == pytest.approx(7 * (21 * 17 + 10 * 11), rel=0.08)
    assert launch.landing == august.landing
    assert float(july.landing.mid) > float(august.landing.mid)
    assert found.basis(before)[1] == ["budget Moved"]
    assert found.basis(after)[1] == ["budget Moved from 2026-08"]
    assert after.amount == 9
    assert [item.budget for item in found.next_burns()] == ["All", "Moved", "Launch"]
    assert [item.path for item in found.burns if isinstance(item, NoForecast)] == [("Far",)]


def test_limits_on_cost_and_use_have_their_own_days(numbers: Numbers) -> None:
    """A daily cost far from its limit, one above it, and hours that nobody doubts; the others say why not."""
    found = named(numbers.saturations)
    spend, storage, hours = found["Spend"], found["Web storage"], found["Hours"]
    assert isinstance(spend, Saturation)
    assert (spend.now, spend.unit) == (7 * 16.0, "USD")  # June 30 is a Tuesday: 7 parts of 10 + 6
    assert spend.beyond > 0.5
    assert storage.verdict == "The limit is exceeded now"
    assert (hours.now, hours.unit) == (7 * 16.0, "Hours")
    assert found["Gigabytes"].reason == "nothing was charged in its scope"
    assert found["Euro"].reason == "it is in EUR, this report in USD"


def test_a_scope_that_the_lake_does_not_have_names_the_budget(numbers: Numbers) -> None:
    """The column is wrong, and it is said whose."""
    with pytest.raises(SettingsError, match=r"budget X: column 'tag:taem'.*tag:team"):
        numbers.watch.spent("budget X", {"tag:taem": ["web"]})


def test_a_value_that_no_charge_has_is_said(numbers: Numbers) -> None:
    """A misspelt team beside a right one would otherwise lower the spend without a word."""
    said = numbers.watch.unseen()
    assert "Budget Web: no charge has tag:team = 'never seen'." in said
    assert not [one for one in said if one.startswith(("Budget All", "Budget Compute"))]


def test_what_was_folded_together_is_no_group(numbers: Numbers) -> None:
    """No line of the bill has that name: such a scope is asked of the bill itself, in spend and forecast."""
    assert numbers.watch.groups({"tag:team": ("(other)",)}) is None
    assert numbers.watch.groups({"tag:team": ("web",)}) == ("web",)

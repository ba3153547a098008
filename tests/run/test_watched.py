"""Budgets and limits of files: read whole or not at all, and held against the series that they are about."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_lib.errors import SettingsError
from finops_lib.forecast.budget import Burn
from finops_lib.forecast.saturation import Saturation
from finops_lib.records import NoForecast
from finops_lib.run.forecasting import Numbers
from finops_lib.run.looking import Asked, look_ahead
from finops_lib.run.watched import Files
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


@pytest.mark.parametrize("kind", ["budget", "limits", "changes"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        (b"\xff\xfe[", "UTF-8"),
        (b"[[budget", "correct"),
        (b"x" * 5_000_001, "5,000,000"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error(
    tmp_path: Path, kind: str, content: bytes | None, said: str
) -> None:
    """Missing, in another encoding, broken or far too large: named, with the rule and what to do."""
    path = tmp_path / "plan.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=said) as caught:
        Files.read(**{kind: str(path)})
    assert "plan.toml" in str(caught.value)


def test_a_folder_and_a_name_that_cannot_be_are_errors_too(tmp_path: Path) -> None:
    """Neither is a file; nothing else is raised."""
    for path in (str(tmp_path), "a\0b", "x" * 5000):
        with pytest.raises(SettingsError, match="budgets file"):
            Files.read(budget=path)
    assert Files.read() == Files()


def test_a_value_that_no_charge_has_is_said(numbers: Numbers) -> None:
    """A misspelt team beside a right one would otherwise lower the spend without a word."""
    said = numbers.watch.unseen()
    assert "Budget Web: no charge has tag:team = 'never seen'." in said
    assert not [one for one in said if one.startswith(("Budget All", "Budget Compute"))]


def test_what_was_folded_together_is_no_group(numbers: Numbers) -> None:
    """No line of the bill has that name: such a scope is asked of the bill itself, in spend and forecast."""
    assert numbers.watch.groups({"tag:team": ("(other)",)}) is None
    assert numbers.watch.groups({"tag:team": ("web",)}) == ("web",)

"""The forecast as a notebook shows it: what the summary says of each team and the total adds up."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_lib.errors import CurrencyError, ParameterError
from finops_lib.run.outlook import Ahead, open_outlook
from finops_lib.run.show import SUMMARY_TYPE, Shown
from tests.cost.conftest import write_line
from tests.run.lakes import desk_of, lake_of, lines

PLAN = """
[[budget]]
name = "All"
owner = "ann"
period = "month"
amount = 3300
currency = "USD"
valid_from = "2026-01"

[[budget]]
name = "Web"
owner = "bob"
period = "month"
amount = 2000
currency = "USD"
valid_from = "2026-01"
scope = { "tag:team" = ["web"] }

[[budget]]
name = "Web in the quarter"
owner = "bob"
period = "quarter"
amount = 1
currency = "USD"
valid_from = "2026-07"
scope = { "tag:team" = ["web"] }
"""
LIMITS = '[[limit]]\nname = "Spend"\nowner = "ann"\nkind = "commitment"\namount = 125\ncurrency = "USD"\n'
CHANGES = '[[change]]\nname = "<b>Prices</b>"\nkind = "price"\nfrom = 2026-07-11\nfactor = 1.5\n'


def opened(desk: Any, **more: Any) -> Ahead:
    """Look forty days ahead."""
    return open_outlook(
        desk, **{"by": "", "horizon_days": 40, "country": "", "month": "", "files": {}, **more}
    )


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Take the small bill in."""
    return lake_of(tmp_path_factory.mktemp("outlook") / "bill", lines())


@pytest.fixture(scope="module")
def ahead(lake: str, tmp_path_factory: pytest.TempPathFactory) -> Ahead:
    """Look ahead with budgets, a limit and a change."""
    folder = tmp_path_factory.mktemp("plans")
    files = {"budget": PLAN, "limits": LIMITS, "changes": CHANGES}
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text)
    return opened(desk_of(lake), files={name: str(folder / f"{name}.toml") for name in files})


@pytest.fixture(scope="module")
def content(ahead: Ahead) -> dict[str, Any]:
    """Read the summary as a program does."""
    found: dict[str, Any] = json.loads(
        json.dumps(ahead.summary(more=1).bundle[SUMMARY_TYPE], allow_nan=False)
    )
    return found


def test_the_summary_says_what_it_promises_for_each_team_and_the_total(content: dict[str, Any]) -> None:
    """Forecast with level and currency, back-test, and the budget of just this scope."""
    assert [team["name"] for team in content["teams"]] == ["web", "ml", "(untagged)"]
    for node in (content["total"], *content["teams"]):
        assert set(node["forecast"]) == {"low", "mid", "high", "level", "currency"}
        assert (node["forecast"]["level"], node["forecast"]["currency"]) == (0.8, "USD")
        assert node["mase"] > 0
        assert {"coverage_backtest", "vs_seasonal_naive", "vs_run_rate", "budget", "reason"} <= set(node)
    assert content["total"]["budget"]["budget"] == "All"
    assert content["teams"][1]["budget"] is None
    assert (content["month"], content["known_until"], content["horizon_days"]) == (
        "2026-06",
        "2026-06-30",
        40,
    )
    assert content["more"] == 1


def test_parts_sum_to_the_total_in_the_summary(content: dict[str, Any]) -> None:
    """Read as decimals, the middle values add up at both levels, to the cent."""
    mid = lambda node: Decimal(node["forecast"]["mid"])  # noqa: E731  a short word for a long path
    assert sum(map(mid, content["teams"])) == mid(content["total"])
    for team in content["teams"]:
        assert sum(map(mid, team["parts"])) == mid(team)


def test_a_team_has_the_budget_whose_period_ends_first(content: dict[str, Any]) -> None:
    """Of the two for web it is the monthly one; the quarter ends beyond the forecast and says so."""
    web = content["teams"][0]["budget"]
    assert web["budget"] == "Web"
    assert 0 <= web["breach_probability"] <= 1
    assert web["expected_date"] is None or web["expected_date"].startswith("2026-07")
    assert [item["budget"] for item in content["budgets"]] == ["All", "Web", "Web in the quarter"]
    assert content["budgets"][2]["breach_probability"] is None
    assert "horizon_days" in content["budgets"][2]["reason"]


def test_a_budget_that_cannot_be_judged_tells_its_team_why(lake: str, tmp_path: Path) -> None:
    """Only the quarter is left for web: no chance, and the horizon that would reach its end is asked for."""
    file = tmp_path / "quarter.toml"
    file.write_text("[[budget]]" + PLAN.rpartition("[[budget]]")[2])
    found = opened(desk_of(lake), files={"budget": str(file)}).summary().bundle[SUMMARY_TYPE]
    team = found["teams"][0]["budget"]
    assert (team["budget"], team["breach_probability"]) == ("Web in the quarter", None)
    assert "horizon_days" in team["reason"]


def test_a_known_price_moves_forecast_budget_and_drivers(
    lake: str, ahead: Ahead, content: dict[str, Any]
) -> None:
    """Half as much again from July 11 on: of 40 days 30 are dearer, and known changes are that part."""
    plain = opened(desk_of(lake)).answers[()]
    mid = float(content["total"]["forecast"]["mid"])
    before = float(plain.amount.mid)  # type: ignore[union-attr]
    assert mid / before == pytest.approx(1 + 0.5 * 30 / 40, rel=0.03)
    known = next(part["amount"] for part in content["drivers"] if part["part"] == "known changes")
    assert known == pytest.approx(mid - before, rel=0.03)
    assert content["budgets"][0]["breach_probability"] > 0.5
    assert content["changes"][0]["Change"] == "<b>Prices</b>"


def test_months_say_what_is_spent_and_what_the_whole_comes_to(content: dict[str, Any]) -> None:
    """Nothing of July is spent yet: the rest is the whole."""
    (july,) = content["months"]
    assert (july["month"], july["spent"]) == ("2026-07", "0")
    assert Decimal(july["rest"]["mid"]) == Decimal(july["whole"]["mid"])
    assert float(july["whole"]["mid"]) == pytest.approx(
        float(content["budgets"][0]["landing"]["mid"]), abs=0.02
    )


PICTURES = (
    "draw_fan draw_backtest draw_reliability draw_chances draw_burns draw_limits draw_drivers draw_what_if"
).split()


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_has_words_and_no_markup(ahead: Ahead, name: str) -> None:
    """Its title is what a reader without eyes gets; names are text."""
    shown: Shown = getattr(ahead, name)()
    assert "<svg" in shown.bundle["image/svg+xml"]
    assert "<b>" not in shown.bundle["image/svg+xml"]
    assert len(shown.bundle["text/plain"]) > 10


def test_one_sentence_says_what_comes(ahead: Ahead) -> None:
    """Amount, interval, change, past, budgets: each in words."""
    said = repr(ahead.answer())
    assert "The 40 days from 2026-07-01 will cost about $" in said
    assert "(80 %: $" in said
    assert "of that of seasonal naive" in said
    assert "Web, 2026-07: A breach is" in said
    assert "All, 2026-07: " in repr(ahead.show_turning_point())
    assert "Replayed budgets: " in repr(ahead.show_reliability())
    assert "The last day known is 2026-06-30." in repr(ahead.show_notes())


def test_without_budgets_limits_and_changes_the_report_says_so(lake: str) -> None:
    """It goes on, and names the parameter."""
    plain = opened(desk_of(lake), by="SubAccountName")
    assert "-p budget=FILE" in repr(plain.answer())
    assert "-p budget=FILE" in repr(plain.draw_burns())
    assert "-p budget=FILE" in repr(plain.draw_chances())
    assert "-p limits=FILE" in repr(plain.draw_limits())
    assert "Nothing to note" in repr(plain.show_turning_point())
    assert "most changes with" in repr(plain.draw_what_if())
    summary = plain.summary().bundle[SUMMARY_TYPE]
    assert (summary["by"], summary["budgets"], summary["limits"]) == (["SubAccountName"], [], [])
    assert summary["teams"][0]["parts"] == []


def test_days_without_any_forecast_make_a_whole_report(tmp_path: Path) -> None:
    """Costs that nobody states: no number is made up, every cell has an answer."""
    rows = [{**write_line(day=f"2026-06-{day:02d}", cost="1"), "ListCost": ""} for day in range(1, 9)]
    empty = opened(desk_of(lake_of(tmp_path / "bill", rows), cost="ListCost"))
    assert "There is no forecast: it has no value." in repr(empty.answer())
    shown = [getattr(empty, name)() for name in PICTURES]
    assert all(len(repr(item)) > 10 for item in shown)
    content = empty.summary().bundle[SUMMARY_TYPE]
    assert content["total"]["forecast"] is None
    assert content["total"]["reason"] == "it has no value"
    json.dumps(content, allow_nan=False)


def test_a_wrong_parameter_is_refused_before_anything_is_forecast(lake: str) -> None:
    """Too many levels, and no day at all."""
    with pytest.raises(ParameterError, match="parameter by"):
        opened(desk_of(lake), by="a,b,c")
    with pytest.raises(ParameterError, match="horizon_days = 0"):
        opened(desk_of(lake), horizon_days=0)


def test_a_budget_in_a_lake_of_two_currencies_needs_a_choice(tmp_path: Path) -> None:
    """The mixture is refused with its remedy."""
    rows = [write_line(day=f"2026-06-{day:02d}", cost="1") for day in range(1, 20)]
    rows += [{**row, "BillingCurrency": "EUR"} for row in rows]
    with pytest.raises(CurrencyError, match="amounts of different currencies are never added"):
        opened(desk_of(lake_of(tmp_path / "bill", rows)))

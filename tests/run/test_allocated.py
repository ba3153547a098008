"""The allocation as a notebook shows it: what the summary promises, tables with their rules, pictures."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_lib.errors import CurrencyError
from finops_lib.run.allocated import Allocated
from finops_lib.run.show import SUMMARY_TYPE
from tests.cost.conftest import write_line
from tests.run import shared
from tests.run.lakes import lake_of

SHOWN = (
    "show_teams", "show_rules", "show_dispute", "show_left", "show_owners", "show_units", "show_effects",
    "show_units_by_team",
)  # fmt: skip


@pytest.fixture(scope="module")
def july(tmp_path_factory: pytest.TempPathFactory) -> Allocated:
    """Split July of the small bill."""
    folder = tmp_path_factory.mktemp("allocated")
    return shared.opened(shared.lake(folder), folder)


def content_of(found: Allocated) -> dict[str, Any]:
    """Read the summary as a program does."""
    told: dict[str, Any] = json.loads(json.dumps(found.summary(more=1).bundle[SUMMARY_TYPE], allow_nan=False))
    return told


def test_teams_of_the_summary_add_up_to_the_bill_to_the_cent(july: Allocated) -> None:
    """And direct, shared and idle to each team's amount."""
    told = content_of(july)
    assert [(team["name"], team["amount"]) for team in told["teams"]] == [
        ("web", "63"), ("data", "29"), ("(unallocated)", "17"),
    ]  # fmt: skip
    assert sum(Decimal(team["amount"]) for team in told["teams"]) == Decimal(told["proof"]["bill"]) == 109
    for team in told["teams"]:
        assert sum(Decimal(team[part]) for part in ("direct", "shared", "idle")) == Decimal(team["amount"])
    assert told["proof"]["residual"] == told["proof"]["charged_residual"] == "0"
    assert told["more"] == 1


def test_thirds_of_a_cent_are_nowhere_lost(tmp_path: Path) -> None:
    """Three charges of 0.005 by halves: what is charged, its parts and the owners are cents that add up."""
    rules = 'version = "1"\n[[rule]]\nname = "r"\nmethod = "even"\n'
    rules += 'where = { ServiceName = "A" }\nto = ["a", "b", "c"]'
    lines = [
        write_line(cost="0.05", ServiceName="A"),
        write_line(cost="0.005", ServiceName="B", ResourceId="b"),
    ]
    lines += [write_line(cost="0.004", tags={"team": "x"}, ServiceName="B", ResourceId="c")]
    more = '\n[[rule]]\nname = "t"\nmethod = "direct"\nby = "tag:team"'
    told = content_of(shared.opened(lake_of(tmp_path / "bill", lines), tmp_path, rules=rules + more))
    amounts = [Decimal(team["amount"]) for team in told["teams"]]
    assert sum(amounts) == Decimal(told["proof"]["bill"]) == Decimal("0.06")
    assert all(amount == round(amount, 2) for amount in amounts)
    owners = told["unallocated"]["owners"]
    assert sum(Decimal(owner["mid"]) for owner in owners) == round(Decimal(told["unallocated"]["amount"]), 2)


def test_the_summary_says_which_rules_held_and_who_could_own_the_rest(july: Allocated) -> None:
    """Version, id and names of the rules; owners, unit costs and commitments."""
    told = content_of(july)
    assert told["rules"] == {"version": "2026-07", "id": july.rules.id, "held": ["tag", "queue", "support"]}
    assert told["unallocated"]["amount"] == "17"
    assert [owner["owner"] for owner in told["unallocated"]["owners"]] == ["web", "(nobody)"]
    (unit,) = told["unit_costs"]
    assert (unit["name"], unit["unitcost"], unit["change"]["efficiency"]) == ("Request", "0.3", "-0.375")
    assert set(told["commitments"]) == {"scorecard", "each"}
    assert set(told["clusters"]) == {"namespace", "workload"}


def test_the_index_shows_a_handful_of_figures(july: Allocated) -> None:
    """Of 109, 17 are nobody's; web pays 63."""
    assert {one["name"]: one["value"] for one in content_of(july)["figures"]} == {
        "bill": "$109.00",
        "nobody's": "$17.00 (15.6 %)",
        "teams": "2",
        "largest team": "web, $63.00 (57.8 %)",
        "may own the rest": "web",
    }


@pytest.mark.parametrize("name", SHOWN)
def test_every_table_names_the_rules_that_made_it(july: Allocated, name: str) -> None:
    """Version and id stand above it."""
    assert july.rules.label in getattr(july, name)().bundle["text/html"]


def test_pictures_are_drawn(july: Allocated) -> None:
    """Their titles say what was found."""
    assert str(july.draw_teams()) == "73.4 % of $109 is the teams' own, 15.6 % is nobody's"
    assert str(july.draw_owners()) == "$17.00 is nobody's; $10.00 of it is most likely web's"


def test_hostile_names_are_text(tmp_path: Path) -> None:
    """A team that is markup and one that calls itself nobody stay what they are."""
    lines = [
        write_line(cost="1", tags={"team": "<b>$x$</b>"}),
        write_line(cost="2", tags={"team": "(unallocated)"}),
    ]
    found = shared.opened(lake_of(tmp_path / "bill", [*lines, write_line(cost="4")]), tmp_path)
    page = found.show_teams().bundle["text/html"]
    assert "<b>" not in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in found.draw_teams().bundle["image/svg+xml"]
    assert [team["name"] for team in content_of(found)["teams"]] == [
        '"(unallocated)"',
        "<b>$x$</b>",
        "(unallocated)",
    ]


def test_two_currencies_are_never_added(tmp_path: Path) -> None:
    """Without one named the split is refused; with one it is that one's."""
    lines = [write_line(cost="1", tags={"team": "a"}), write_line(cost="2", BillingCurrency="EUR")]
    root = lake_of(tmp_path / "bill", lines)
    with pytest.raises(CurrencyError):
        shared.opened(root, tmp_path)


def test_a_month_of_nothing_but_unknown_costs_has_an_answer(tmp_path: Path) -> None:
    """No team, no crash; the lines without a cost are counted."""
    line = write_line(cost="1", tags={"team": "a"}, EffectiveCost="")
    found = shared.opened(lake_of(tmp_path / "bill", [line]), tmp_path)
    told = content_of(found)
    assert told["teams"] == []
    assert "1 lines of the bill have no known cost" in told["notes"][0]
    assert found.show_dispute().bundle["text/plain"]
    assert str(found.draw_teams())

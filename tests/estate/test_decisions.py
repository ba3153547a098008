from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_lib.estate.company import Company, company
from finops_lib.estate.decisions import DECISIONS_FILE, write_decisions
from finops_lib.estate.history import DecisionWorld
from finops_lib.estate.tagging import PEOPLE

Row = dict[str, Any]
MANY = 4000


@pytest.fixture(scope="module")
def who() -> Company:
    return company(11, slots=160)


def rows(folder: Path) -> list[Row]:
    return [json.loads(text) for text in (folder / DECISIONS_FILE).read_text(encoding="utf-8").splitlines()]


def written(folder: Path, who: Company, **changes: Any) -> tuple[list[Row], dict[str, Any]]:
    truth = write_decisions(folder, who, world=DecisionWorld(**changes))
    return rows(folder), truth


def share(found: list[Row], team: str) -> float:
    outcomes = [row["breached"] for row in found if row["team"] == team and row["breached"] is not None]
    return sum(outcomes) / len(outcomes)


def test_the_truth_counts_what_is_written(who: Company, tmp_path: Path) -> None:
    """Recommendations, acceptances, outcomes and breaches of each team, counted in the file."""
    found, truth = written(tmp_path, who)
    assert len(found) == truth["rows"] == 400
    for team, told in truth["teams"].items():
        own = [row for row in found if row["team"] == team]
        assert told["recommendations"] == len(own)
        assert told["accepted"] == Counter(row["decision"] for row in own)["accepted"]
        assert told["outcomes"] == sum(row["breached"] is not None for row in own)
        assert told["breaches"] == sum(row["breached"] is True for row in own)
    assert truth["outcomes"] == sum(row["breached"] is not None for row in found)


def test_unfairness_is_exactly_what_the_fair_world_lacks(who: Company, tmp_path: Path) -> None:
    """The same seed without it: only the team's cuts, savings, times and breaches differ, by what is told."""
    unfair, truth = written(tmp_path / "unfair", who)
    fair, told = written(tmp_path / "fair", who, unfair=0)
    assert (told["excess_breaches"], told["excess_hours"], told["planted"]["team"]) == (0, 0, None)
    before = {row["recommendation"]: row for row in fair}
    others = [row for row in unfair if row["team"] != "tracking"]
    assert all(before[row["recommendation"]] == row for row in others)
    pairs = [(row, before[row["recommendation"]]) for row in unfair if row["team"] == "tracking"]
    assert all(now["new_size_share"] < then["new_size_share"] for now, then in pairs)
    assert all(now["need_share"] == then["need_share"] for now, then in pairs)
    caused = sorted(
        now["recommendation"] for now, then in pairs if now["breached"] and then["breached"] is False
    )
    assert caused == truth["unfair_cases"]
    assert len(caused) == truth["excess_breaches"] > 0


def test_at_equal_need_the_team_breaches_more_often_and_waits_longer(who: Company, tmp_path: Path) -> None:
    """Over many cases: twice as often as in the fair world, and decisions take 1.9 times as long."""
    unfair, _ = written(tmp_path / "unfair", who, recommendations=MANY)
    fair, _ = written(tmp_path / "fair", who, recommendations=MANY, unfair=0)
    assert share(unfair, "tracking") > 2 * share(fair, "tracking")
    assert share(unfair, "data") == share(fair, "data")

    def hours(found: list[Row]) -> float:
        own = [row for row in found if row["team"] == "tracking" and row["decided_at"]]
        moment = datetime.fromisoformat
        waits = [(moment(row["decided_at"]) - moment(row["created_at"])).total_seconds() for row in own]
        return sum(waits) / len(waits)

    assert hours(unfair) == pytest.approx(1.9 * hours(fair), rel=0.02)


def test_a_fair_difference_is_planted_too(who: Company, tmp_path: Path) -> None:
    """In the fair world the loud team breaches more often, and its loads are more volatile."""
    fair, truth = written(tmp_path, who, recommendations=MANY, unfair=0)
    assert share(fair, "ml") > 1.5 * share(fair, "data")

    def volatility(team: str) -> float:
        own = [row["volatility"] for row in fair if row["team"] == team]
        return sum(own) / len(own)

    assert volatility("ml") - volatility("data") == pytest.approx(0.16, abs=0.03)
    assert truth["explained"][0].startswith("ml")


def test_times_and_outcomes_are_in_order(who: Company, tmp_path: Path) -> None:
    """Made, decided, applied; an outcome needs an applied cut and 30 days, a rejection a reason."""
    end = datetime.fromisoformat("2026-09-18T00:00:00Z")
    for row in written(tmp_path, who)[0]:
        times = [
            datetime.fromisoformat(row[name])
            for name in ("created_at", "decided_at", "applied_at")
            if row[name]
        ]
        assert times == sorted(times)
        assert (row["applied_at"] is not None) <= (row["decision"] == "accepted")
        over = row["applied_at"] is not None and times[-1] + timedelta(days=30) <= end
        assert (row["breached"] is not None) == (row["realised_saving_usd_month"] is not None) == over
        assert (row["reason"] is not None) == (row["decision"] in ("rejected", "snoozed"))


def test_savings_are_a_range_about_what_the_cut_takes(who: Company, tmp_path: Path) -> None:
    """The middle is cost times the share taken away, to the cent; what came in is near it but not it."""
    found, ratios = written(tmp_path, who)[0], []
    for row in found:
        low, mid, high = (Decimal(row[f"saving_{name}_usd_month"]) for name in ("low", "mid", "high"))
        assert low < mid < high
        cost = Decimal(row["usd_month"])
        assert mid == pytest.approx(cost * (1 - Decimal(str(row["new_size_share"]))), abs=Decimal("0.02"))
        if row["realised_saving_usd_month"] and not row["confounder"]:
            ratios.append(Decimal(row["realised_saving_usd_month"]) / mid)
    assert Decimal("0.85") < min(ratios) < 1 < max(ratios) < Decimal("1.15")
    assert sum(ratios) / len(ratios) == pytest.approx(1, abs=0.02)
    assert {row["confounder"] for row in found if row["confounder"]}


def test_resources_are_those_of_the_bill_and_people_have_no_names(who: Company, tmp_path: Path) -> None:
    """An AWS id is billed in the month of the recommendation; nobody is named."""
    found = written(tmp_path, who)[0]
    for row in found:
        if row["provider"] == "aws":
            year, month = map(int, row["created_at"][:7].split("-"))
            assert row["resource"] in {
                slot.resource_id(who.seed, year * 12 + month - 1) for slot in who.slots
            }
    text = (tmp_path / DECISIONS_FILE).read_text(encoding="utf-8")
    assert not any(name in text or address in text for name, address in PEOPLE.items())
    assert {row["provider"] for row in found} == {"aws", "azure", "gcp", "on-premises"}


def test_the_bytes_of_a_seed_are_pinned(tmp_path: Path) -> None:
    """The digest of a small history, the same on any machine."""
    write_decisions(tmp_path, company(7, slots=1), world=DecisionWorld(recommendations=40))
    assert hashlib.sha256((tmp_path / DECISIONS_FILE).read_bytes()).hexdigest()[:16] == "bde9dbf26343aaa5"


@pytest.mark.parametrize("changes", [{"against": "nobody"}, {"loud": "tracking"}, {"unfair": 1001},
                                     {"recommendations": 0}])  # fmt: skip
def test_impossible_worlds_are_refused(changes: dict[str, Any]) -> None:
    """An unknown team, one that is both, too much unfairness, no row."""
    with pytest.raises(ValueError, match=r"two of platform|at least 1"):
        DecisionWorld(**changes)

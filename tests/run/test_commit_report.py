"""Commitments as a notebook shows them: tables of numbers worked by hand, pictures, and the summary."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.run.commit_report import CommitReport, open_commitments
from finops_lib.run.show import SUMMARY_TYPE
from tests.cost.conftest import write_line
from tests.run import committedlakes
from tests.run.committedlakes import OTHER, PLAN, SCOPE


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> CommitReport:
    folder = tmp_path_factory.mktemp("report")
    (folder / "offers.csv").write_text(
        f"offer,scope,months,payment,discount\nyear,{SCOPE},12,none,0.6\nfn,{OTHER},12,none,0.2\n"
    )
    desk = committedlakes.desk_of(committedlakes.lake_of(folder / "x"))
    return open_commitments(desk, offers=str(folder / "offers.csv"))


def test_purchases_and_what_is_in_place(report: CommitReport) -> None:
    """As in the bill: 2.75 an hour are 2,007.50 a month, for 3,650 at list price."""
    bought = report.purchases().set_index("Covers")
    assert bought.loc[SCOPE, "Offer"] == "year"
    assert float(bought.loc[SCOPE, "Hourly"]) == pytest.approx(1.8, rel=0.02)
    [row] = report.placed().to_dict("records")
    assert (row["Commitment"], row["PaidMonth"], row["CoversMonth"]) == (
        "savingsplan/5d1f",
        Decimal("2007.50"),
        Decimal("3650.00"),
    )
    assert (row["Saves"], row["Ends"]) == ("50%", None)
    assert report.stays().empty


def test_rules_and_months(report: CommitReport) -> None:
    """Flat use: the rule of the last 30 days is right; the plan is used to ten elevenths by 5 of 5.5."""
    replays = report.replays()
    best = replays[replays["Rule"] == "best of the last 30 days"]
    assert set(best["OfPossible"]) == {"100.0%"}
    used = report.used()
    plan = used[used["Commitment"] == "savingsplan/5d1f"]
    # Had it been alone, the plan would have covered 5.5 of 10 in each hour.
    assert set(plan["Utilisation"]) == {"100.0%"}
    assert set(plan["PaysFrom"]) == {"50.0%"}


def test_steps_of_the_ladder_add_up(report: CommitReport) -> None:
    """No step is larger than a quarter of what is covered then; only months with a purchase are listed."""
    steps = report.ladder()
    assert not steps.empty
    assert ((steps["Renew"] + steps["Add"]) > 0).all()
    assert set(steps["Begins"].head(1)) == {"2026-07-01"}


def test_reasons_name_the_key_of_a_review(report: CommitReport) -> None:
    """One row a purchase, in the order of the purchases."""
    assert report.reasons()["Key"].tolist() == [item.key for item in report.changes]
    assert report.reasons()["Offer"].tolist() == report.purchases()["Offer"].tolist()
    assert set(report.purchases()["Begins"]) == {"now"}


def test_pictures_have_titles(report: CommitReport) -> None:
    """A picture a market, and one for the rules and the months."""
    assert SCOPE in repr(report.draw_loads())
    assert SCOPE in repr(report.draw_ahead())
    assert "of what was possible" in repr(report.draw_rules())
    assert "had it been in place" in repr(report.draw_used())


def test_sentences_and_the_summary_say_the_same(report: CommitReport) -> None:
    """The saving is that of the recommendations."""
    content = report.summary(snapshots=["x"]).bundle[SUMMARY_TYPE]
    assert {item["resource"] for item in content["recommendations"]} == {SCOPE, OTHER}
    assert content["held"][0]["commitment"] == PLAN
    assert "2 changes together save" in repr(report.answer())
    assert "taken to cover on and on" in repr(report.show_unknown())
    assert content["unknown"] == list(report.found.unknown)


def test_a_bill_that_nothing_covers_says_so(tmp_path: Path) -> None:
    """A day of use: tables are empty, pictures are words."""
    lines = [write_line(day="2026-06-01", cost="5")]
    desk = committedlakes.desk_of(committedlakes.lake_of(tmp_path / "x", lines=lines))
    found = open_commitments(desk)
    assert found.purchases().empty
    assert found.replays().empty
    assert found.ladder().empty
    assert found.used().empty
    for shown in (found.draw_loads(), found.draw_ahead(), found.draw_used()):
        assert "There is nothing to commit to" in repr(shown)
    assert "No past is long enough" in repr(found.draw_rules())
    assert "Nothing is to be bought now" in repr(found.answer())

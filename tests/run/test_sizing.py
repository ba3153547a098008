"""What a notebook shows of sizes, end to end on a small lake: answers, reasons, reviews, and the summary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from finops_lib.billing.lake import Lake
from finops_lib.errors import ParameterError, SettingsError
from finops_lib.run.recommend_json import content
from finops_lib.run.recommending import DAYS, Files, advise
from finops_lib.run.show import SUMMARY_TYPE, Shown
from finops_lib.run.sizing import Sizing, open_sizing
from tests.run.sizedlakes import ARN, BUSY, HOURS, bill, day_and_night, desk_of, lake_of, line, use

REVIEW = (
    '[[review]]\nkey = "{key}"\nkind = "{kind}"\nverdict = "{verdict}"\nat = 2026-08-01\nby = "web"\n{more}'
)


def opened(lake: Lake, **files: str) -> Sizing:
    """Open the report on a lake."""
    return open_sizing(desk_of(lake), days=DAYS, files=files)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Take the small bill and its use in."""
    return lake_of(tmp_path_factory.mktemp("sizing") / "x")


@pytest.fixture(scope="module")
def sizing(lake: Lake) -> Sizing:
    """Open the report with no file beside the lake."""
    return opened(lake)


def text(shown: Shown) -> str:
    """Read what a front end without HTML shows."""
    return str(shown.bundle["text/plain"])


def every(sizing: Sizing) -> list[Shown]:
    """Show all that the notebook does."""
    return [
        sizing.answer(), sizing.draw_savings(), sizing.explore_queue(), sizing.why(), sizing.draw_use(),
        sizing.draw_rules(), sizing.show_idle(), sizing.show_review(), sizing.show_notes(), sizing.summary(),
        sizing.table(sizing.listing(), caption="", nothing="All change."),
    ]  # fmt: skip


def test_the_answer_is_what_the_plan_saves(sizing: Sizing) -> None:
    """140.16, 70.08, 48.18 and 45.62 together, each counted once, and how many stay."""
    assert text(sizing.answer()).splitlines()[0].startswith("- 4 changes together save $304 a month (")
    assert sizing.advice is not None
    assert f"In {len(sizing.advice.not_recommended)} cases nothing should change" in text(sizing.answer())
    assert "from 2026-07-01 to 2026-07-22 (end not in it)" in text(sizing.answer())


def test_money_without_use_and_use_without_money_are_said(sizing: Sizing) -> None:
    """21 days of 4.608 of the machine that nobody watches; the pod has no charge."""
    assert sizing.unmatched() == [
        "$96.77 of these days is in 1 resource without a sample, or in none.",
        "1 resource was measured that no charge of the bill is for.",
    ]


def test_the_summary_says_what_the_command_line_prints(lake: Lake, sizing: Sizing) -> None:
    """Every key of finops recommend --json, with the same value."""
    with desk_of(lake) as desk:
        printed = json.loads(json.dumps(content(advise(desk, files=Files(), days=DAYS)), allow_nan=False))
    found: dict[str, Any] = json.loads(
        json.dumps(sizing.summary(more=1).bundle[SUMMARY_TYPE], allow_nan=False)
    )
    assert {name: found[name] for name in printed} == printed
    assert (found["days"], found["currency"], found["more"], found["reason"]) == (DAYS, "USD", 1, "")
    assert found["answer"].startswith("4 changes together save $304 a month")


def test_the_most_worthwhile_are_told_in_full(sizing: Sizing) -> None:
    """Worth is 70.08 less 4.17 of effort; below that saving, or above that cost, it would not be."""
    told = text(sizing.why())
    _, busy = told.split(f"instance/{BUSY}, instance type: now m5.xlarge (4 vCPU, 16 GiB); then m5.large")
    busy = busy.split("\ninstance/")[0]
    assert "Worth $65.91 a month: $70.08 saving, less $4.17 effort; in the queue 66.7 % of it" in busy
    assert "a saving below $4.17 a month, or if effort and what goes wrong came to more than $70.08" in busy
    assert "Not known: which file to change." in busy


def test_pictures_are_drawn_of_each_size(sizing: Sizing) -> None:
    """Savings have their title; both kinds of use of the machine have a picture; rules say who kept what."""
    assert text(sizing.draw_savings()) == "$304 a month from the 4 largest changes"
    assert text(sizing.draw_use()).splitlines().count(f"instance/{BUSY}") == 2
    assert [line.split(":")[0] for line in text(sizing.draw_rules()).splitlines()] == ["cpu", "memory"]
    assert "<svg" in str(sizing.draw_use().bundle["image/svg+xml"])


def test_a_review_that_was_shown_changes_the_next_report(lake: Lake, sizing: Sizing, tmp_path: Path) -> None:
    """The text that is shown, kept as a file: its last word is a snooze, and what was snoozed is gone."""
    first = sizing.ranked[0].recommendation
    path = tmp_path / "reviews.toml"
    path.write_text(text(sizing.show_review()))
    again = opened(lake, reviews=str(path))
    assert first.key not in {one.key for one in again.changes}
    assert again.reviews()["Verdict"].tolist() == ["snooze"]
    assert "snoozed by your team until 2026-09-01" in set(again.listing()["Reason"])


def test_what_was_accepted_and_rejected_is_shown(lake: Lake, sizing: Sizing, tmp_path: Path) -> None:
    """One of each of a kind: (2 + 1) / (2 + 1 + 1 + 1) is 60 %."""
    changes = [one for one in sizing.changes if one.kind == "instance_type"]
    said = [("accept", ""), ("reject", 'reason = "<b>sold</b>"\n')]
    parts = [
        REVIEW.format(key=one.key, kind=one.kind, verdict=verdict, more=more)
        for one, (verdict, more) in zip(changes, said, strict=True)
    ]
    (tmp_path / "reviews.toml").write_text("".join(parts))
    again = opened(lake, reviews=str(tmp_path / "reviews.toml"))
    assert again.queue().set_index("Key").loc[changes[0].key, "Accepted"]
    told = again.reviews().set_index("Verdict")
    assert told.loc["reject", "Resource"] == "no longer told"
    assert told.loc["accept", "Resource"].startswith("instance/")
    assert [f"{share:.2f}" for share in again.accepted_shares()["Share"]] == ["0.60"]
    page = again.table(again.reviews(), caption="", nothing="").bundle["text/html"]
    assert "&lt;b&gt;sold&lt;/b&gt;" in page and "<b>sold" not in page


def test_a_lake_without_use_says_so_and_shows_the_rest(tmp_path: Path) -> None:
    """No sample: no number, no picture, no crash, and the remedy is named."""
    bare = opened(lake_of(tmp_path / "x", used={}))
    assert "it has no sample; bring some in with finops usage pull" in text(bare.answer())
    shown = every(bare)
    assert all("image/svg+xml" not in one.bundle for one in shown)
    assert "There is no advice: the answer above says why." in text(
        bare.table(bare.idle(), caption="", nothing="Nothing is idle.")
    )
    found: dict[str, Any] = bare.summary().bundle[SUMMARY_TYPE]
    assert (found["answer"], found["recommendations"], found["saving_month"]) == ("no advice", [], {})
    assert "finops usage pull" in found["reason"]


def test_a_month_ends_the_use_that_is_looked_at(lake: Lake, sizing: Sizing) -> None:
    """July holds all samples; before it there is none, which is said of July's bill."""
    july = open_sizing(desk_of(lake), days=DAYS, files={}, month="2026-07")
    assert [one.key for one in july.changes] == [one.key for one in sizing.changes]
    assert (july.month, sizing.month) == ("2026-07", "2026-07")
    june = open_sizing(desk_of(lake), days=DAYS, files={}, month="2026-06")
    assert (june.advice, june.month) == (None, "2026-07")
    assert "it has no sample" in june.reason


def test_where_nothing_should_change_that_is_the_answer(tmp_path: Path) -> None:
    """One machine that needs what it has: no picture of nothing, no review of nothing."""
    used = {(BUSY, "cpu"): day_and_night(2.5, 3.2)}
    lines = [line(day, f"{ARN}{BUSY}", "BoxUsage:m5.xlarge", "4.608") for day in range(21)]
    found = opened(lake_of(tmp_path / "x", lines=lines, used=used))
    assert text(found.answer()).splitlines()[0] == "- Nothing is found that should change."
    assert text(found.draw_savings()) == text(found.why()) == text(found.show_review())
    assert "Nothing is idle." in text(found.table(found.idle(), caption="", nothing="Nothing is idle."))


def test_hostile_names_are_text(tmp_path: Path) -> None:
    """Markup in an id, in an owner and in a file becomes no markup on any page."""
    bad, script = "i-<script>alert(1)</script>", "<img src=x onerror=alert(1)>"
    lines = [line(day, bad, "BoxUsage:m5.xlarge", "4.608", tags={"team": script}) for day in range(21)]
    used = {(bad, "cpu"): np.full(HOURS, 0.4), (bad, "network"): np.full(HOURS, 1e6)}
    found = opened(lake_of(tmp_path / "x", lines=lines, used=used))
    assert [(one.resource, one.owner) for one in found.changes] == [(bad, script)]
    kinds = ("text/html", "image/svg+xml")
    pages = [str(one.bundle[kind]) for one in every(found) for kind in kinds if kind in one.bundle]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert any("&lt;script&gt;alert" in page for page in pages)


def test_files_that_would_tell_more_are_named(lake: Lake, sizing: Sizing, tmp_path: Path) -> None:
    """Without an inventory the notes ask for one, with one they do not."""
    assert "-p inventory=FILE" in text(sizing.show_notes())
    (tmp_path / "inventory.csv").write_text("resource,kind\nvol-0bbbbbbb1,volume\n")
    assert "-p inventory=FILE" not in text(
        opened(lake, inventory=str(tmp_path / "inventory.csv")).show_notes()
    )


def test_what_was_asked_wrongly_is_an_error_and_not_an_empty_report(lake: Lake, tmp_path: Path) -> None:
    """Days out of bounds, and a file that is no review."""
    with pytest.raises(ParameterError, match="days = 3"):
        open_sizing(desk_of(lake), days=3, files={})
    (tmp_path / "reviews.toml").write_text("no toml")
    with pytest.raises(SettingsError):
        opened(lake, reviews=str(tmp_path / "reviews.toml"))


def test_the_bill_of_the_small_lake_is_the_one_of_the_other_tests() -> None:
    """Guard the numbers above: seven lines a day and three of a machine that went, fifteen series."""
    assert (len(list(bill())), len(use())) == (21 * 7 + 3, 19)

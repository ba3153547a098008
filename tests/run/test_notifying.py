"""A round of alerts of a report: told once, tried again where it failed, remembered, one round at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from filelock import FileLock

from finops_lib.errors import LakeError, NotifyError, QueryError
from finops_lib.records import Anomaly
from finops_lib.run import notifying
from finops_lib.run.notify_targets import Target
from finops_lib.run.odd_asked import Kept
from finops_lib.state import State
from tests.anomaly.odd import day, odd, team
from tests.run.listening import Web, web_service

TEAMS = """[[team]]
name = "web"
owner = "ann"
alerts_a_week = 1
scope = { "tag:team" = ["web"] }
"""
CHANGES = """[[change]]
name = "Launch"
why = "release 7"
kind = "step"
from = 2026-07-03
amount = {amount}
currency = "EUR"
scope = {{ "tag:team" = ["web"] }}
"""
FOUND = [odd(labels=team("web"), mid=900), odd(labels=team("web") | {"RegionId": "x"}, mid=300, first=4)]


@pytest.fixture
def web() -> Iterator[Web]:
    """Listen for messages."""
    with web_service() as service:
        yield service


def told(
    lake: Path, web: Web | None, *, at: int = 6, found: Sequence[Anomaly] = FOUND, **files: str
) -> notifying.Told:
    """Tell of what was found."""
    targets = [] if web is None else [Target("hook", "webhook", web.url)]
    return notifying.tell(
        notifying.Found(tuple(found)),
        lake=lake,
        rules=Kept.read(**files).rules,
        targets=targets,
        now=day(at),
        sleep=lambda _: None,
    )


def test_nobody_is_told_twice(tmp_path: Path, web: Web) -> None:
    """The second round sends nothing; its alerts are known."""
    first, second = told(tmp_path / "lake", web), told(tmp_path / "lake", web)
    assert len(web.calls) == len(first.receipts) == len(first.round.fresh) > 0
    assert second.round.fresh == ()
    assert {one.state for one in second.receipts} <= {"skipped"}
    assert first.content()["failed"] == 0


def test_what_failed_is_tried_again_in_the_next_round(tmp_path: Path, web: Web) -> None:
    """Four answers of 500 are all tries of the first message; the next round sends it."""
    web.statuses.extend([500] * 20)
    first = told(tmp_path / "lake", web)
    assert first.failed
    assert any("failed" in line for line in notifying.lines(first))
    web.statuses.clear()
    before = len(web.calls)
    second = told(tmp_path / "lake", web)
    assert not second.failed
    assert len(web.calls) > before


def test_without_targets_nothing_is_sent_or_remembered(tmp_path: Path, web: Web) -> None:
    """A look at what would be told changes nothing: the round after it tells all."""
    looked = told(tmp_path / "lake", None)
    assert looked.round.fresh
    assert looked.receipts == ()
    assert told(tmp_path / "lake", web).round.fresh == looked.round.fresh


def test_a_team_with_a_budget_of_one_gets_one_and_a_digest(tmp_path: Path, web: Web) -> None:
    """The rules come from files; what is below the budget is counted, not lost."""
    file = tmp_path / "alerts.toml"
    file.write_text(TEAMS)
    found = told(tmp_path / "lake", web, alerts=str(file))
    total = len(found.round.fresh) + sum(one.count for one in found.round.digests)
    assert total == found.round.incidents
    assert [one.team for one in found.round.fresh] == ["web"]


def test_the_newest_report_is_read(tmp_path: Path) -> None:
    """By its run id, over periods; its anomalies come back as they were."""
    for period, run, days in (("2026-07", "20260801T000000Z-a", 1), ("2026-06", "20260901T000000Z-b", 2)):
        folder = tmp_path / "runs" / "anomalies" / period / run
        folder.mkdir(parents=True)
        listed = [{**one.to_json(), "priority": {}, "days": 3} for one in FOUND[:days]]
        (folder / "summary.json").write_text(json.dumps({"anomalies": listed}))
    path = notifying.newest(tmp_path)
    assert path.parent.name == "20260901T000000Z-b"
    assert notifying.found_in(path) == notifying.Found(tuple(FOUND))


def test_what_the_report_explains_is_not_told(tmp_path: Path) -> None:
    """It knew a window, a plan or a label for the first of two; that one is counted, and no more."""
    path = tmp_path / "summary.json"
    listed = [{**one.to_json(), "explained": why} for one, why in zip(FOUND, ("plan x", ""), strict=True)]
    path.write_text(json.dumps({"anomalies": listed}))
    assert notifying.found_in(path) == notifying.Found((FOUND[1],), explained=1)


def test_planned_changes_explain_what_they_announced(tmp_path: Path) -> None:
    """A launch of 1,000 a day for web on July 3 explains both of its anomalies, and one of 10 a day none."""
    file = tmp_path / "changes.toml"
    for amount, left in ((1000, 0), (10, 2)):
        file.write_text(CHANGES.format(amount=amount))
        found = told(tmp_path / "lake", None, changes=str(file)).round
        assert len(found.fresh) == left
        assert len(found.suppressed) == found.incidents - left


def test_an_alert_that_grew_is_told_once_more(tmp_path: Path, web: Web) -> None:
    """90 in a day, then 300 a day, then as much again: three rounds, two messages, one key."""
    small, large, same = (
        [odd("level_shift", labels=team("web"), mid=mid, days=days, found=4)]
        for mid, days in ((90, 1), (1200, 4), (1500, 5))
    )
    told(tmp_path / "lake", web, at=4, found=small)
    grew = told(tmp_path / "lake", web, at=7, found=large)
    assert told(tmp_path / "lake", web, at=8, found=same).round.grown == ()
    assert [one.key for one in grew.round.grown] == [small[0].key]
    assert any("Grown: " in line for line in notifying.lines(grew))
    assert [(call.json["event"], call.json["dedup_key"]) for call in web.calls] == [
        ("trigger", small[0].key), ("update", small[0].key)]  # fmt: skip


@pytest.mark.parametrize("content", ["{}", "[", '{"anomalies": [{"kind": "spike"}]}'])
def test_what_is_no_summary_is_refused(tmp_path: Path, content: str) -> None:
    """Another report, broken JSON, an entry without its fields: the file is named, with what to do."""
    path = tmp_path / "summary.json"
    path.write_text(content)
    with pytest.raises(QueryError, match=r"summary .*summary\.json.* Remedy: name the summary\.json"):
        notifying.found_in(path)
    with pytest.raises(QueryError, match="run finops report anomalies first"):
        notifying.newest(tmp_path / "nothing")


def test_two_rounds_do_not_run_at_once(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both would tell the same; the second waits, then says so and sends nothing."""
    told(tmp_path / "lake", web)
    sent = len(web.calls)
    monkeypatch.setattr(notifying, "_LONGEST_WAIT", 0.05)
    with (
        FileLock(tmp_path / "lake.private" / "alerts.lock"),
        pytest.raises(NotifyError, match="one round is told at a time"),
    ):
        told(tmp_path / "lake", web)
    assert len(web.calls) == sent


def test_a_broken_memory_is_an_error_and_sends_nothing(tmp_path: Path, web: Web) -> None:
    """Telling all again would be noise, so a person decides."""
    told(tmp_path / "lake", web)
    sent = len(web.calls)
    state = State.open(tmp_path / "lake.private" / "state.sqlite")
    state.keep("alerts", '{"alerts": 3}', changed=day(6))
    with pytest.raises(LakeError, match=r"move state\.sqlite away to begin anew"):
        told(tmp_path / "lake", web)
    assert len(web.calls) == sent

"""Decisions of the past become what would have been asked of the policies."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.life.past_changes import past_changes, read_decisions

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "samples" / "decisions" / "decisions.jsonl"
ROW: dict[str, Any] = {
    "recommendation": "rec-1",
    "created_at": "2026-08-01T08:00:00Z",
    "resource": "arn:aws:ec2:eu-central-1:310000000024:instance/i-1",
    "team": "platform",
    "environment": "prod",
    "service": "Amazon Elastic Compute Cloud",
    "size": "c6i.2xlarge",
    "usd_month": "282.94",
    "new_size_share": 0.246,
    "saving_low_usd_month": "166.4",
    "saving_mid_usd_month": "213.345",
    "saving_high_usd_month": "251.74",
    "decision": "accepted",
    "decided_by": "team-lead-1",
    "decided_at": "2026-08-04T15:49:00+02:00",
}
AT = datetime(2026, 9, 1, tzinfo=UTC)
ACTOR = {"id": "finops", "roles": ["engineer"], "team": "platform", "kind": "machine"}
DIRECTORY = {"teams": ["platform"], "owners": []}


def documents(*rows: dict[str, Any], at: datetime = AT, **told: Any) -> list[dict[str, Any]]:
    return list(past_changes(rows, at=at, actor=ACTOR, directory=DIRECTORY, **told))


def test_a_decision_becomes_a_change() -> None:
    """A quarter of the size is a cut of 75.4 per cent; money is in cents; what nobody knows is null."""
    [found] = documents(ROW)
    change = found["change"]
    assert (found["schema"], found["kind"], found["time"]) == (1, "change", "2026-08-04T13:49:00Z")
    assert (found["actor"], found["directory"], found["action"]) == (ACTOR, DIRECTORY, "propose")
    assert (change["id"], change["kind"], change["team"], change["percent"]) == (
        "rec-1",
        "rightsize",
        "platform",
        75.4,
    )
    assert change["saving_month"] == {
        "low": 166.4,
        "mid": 213.34,
        "high": 251.74,
        "level": 0.9,
        "currency": "USD",
    }
    assert change["cost_delta_month"] == -213.34
    assert [change[key] for key in ("confidence", "breach_probability", "budget", "applied_today")] == [
        None
    ] * 4
    assert (found["model"], found["audit"], found["break_glass"]) == (None, None, None)
    [resource] = change["resources"]
    assert (resource["address"], resource["from"]["size"]) == (ROW["resource"], "c6i.2xlarge")
    assert change["approvals"] == [
        {"by": "team-lead-1", "roles": [], "digest": change["digest"], "at": "2026-08-04T13:49:00Z"}
    ]


def test_what_was_not_accepted_has_no_approval() -> None:
    """Rejected and snoozed are asked of the policies as well, but nobody agreed."""
    for word in ("rejected", "snoozed"):
        [found] = documents(ROW | {"decision": word})
        assert found["change"]["approvals"] == []


def test_a_larger_size_is_no_cut() -> None:
    """Twice the size cuts nothing."""
    [found] = documents(ROW | {"new_size_share": 2})
    assert found["change"]["percent"] == 0.0


def test_the_digest_is_that_of_what_was_approved() -> None:
    """Another saving is another digest; another approver is not."""
    first, second, third = (
        documents(ROW | changed)[0]["change"]["digest"]
        for changed in ({}, {"saving_low_usd_month": "1"}, {"decided_by": "ana"})
    )
    assert first != second
    assert first == third


def test_the_window_is_half_open() -> None:
    """What was decided exactly 90 days ago is in, what is decided at this moment is not."""
    decided = datetime(2026, 8, 4, 13, 49, tzinfo=UTC)
    assert len(documents(ROW, at=decided + timedelta(days=90))) == 1
    assert documents(ROW, at=decided + timedelta(days=90, seconds=1)) == []
    assert documents(ROW, at=decided) == []
    assert len(documents(ROW, at=decided + timedelta(seconds=1))) == 1


def test_the_sample_decisions_are_read() -> None:
    """400 decisions in a year; those of 90 days are the ones whose day lies within."""
    rows = read_decisions(SAMPLE.read_text().splitlines(), name="decisions.jsonl")
    at = datetime(2026, 9, 1, tzinfo=UTC)
    expected = [
        row["recommendation"] for row in rows if "2026-06-03" <= row["decided_at"][:10] < "2026-09-01"
    ]
    assert len(rows) == 400
    assert [one["change"]["id"] for one in documents(*rows, at=at)] == expected
    assert len(expected) > 50
    assert all(len(json.dumps(one)) < 4000 for one in documents(*rows, at=at))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"team": ""}, "record 1: team '': it is a text of 1 to 1000"),
        ({"resource": None}, "resource 'None': it is a text"),
        ({"size": "x" * 1001}, "size 'x+': it is a text"),
        ({"decision": "agreed"}, "decision 'agreed': it is one of accepted, rejected, snoozed"),
        ({"decided_at": "yesterday"}, "decided_at 'yesterday': it is a moment with a time zone"),
        ({"decided_at": "2026-08-04T13:49:00"}, "it is a moment with a time zone"),
        ({"decided_at": None}, "decided_at 'None': it is a moment"),
        ({"new_size_share": "0.2"}, "new_size_share '0.2': it is a share of the old size"),
        ({"new_size_share": -0.1}, "it is a share of the old size, from zero"),
        ({"new_size_share": float("nan")}, "new_size_share 'nan': it is a share"),
        ({"new_size_share": True}, "new_size_share 'True': it is a share"),
        ({"saving_mid_usd_month": 213.0}, "saving_mid_usd_month '213.0': it is an amount of money"),
        ({"saving_mid_usd_month": "much"}, "saving_mid_usd_month 'much': it is an amount"),
        ({"saving_mid_usd_month": "NaN"}, "saving_mid_usd_month 'NaN': it is an amount"),
        ({"saving_mid_usd_month": "1e13"}, "it is an amount of money"),
        ({"saving_low_usd_month": "214"}, "saving 214.0, 213.34, 251.74: low, middle and high are in order"),
    ],
)
def test_a_record_that_cannot_be_is_refused(changed: dict[str, Any], fault: str) -> None:
    """The record, its field and the rule are named."""
    with pytest.raises(PolicyError, match=fault):
        documents(ROW | changed)


def test_a_moment_has_a_zone() -> None:
    """Without one nobody knows which decisions lie in the window."""
    with pytest.raises(ValueError, match="it carries a time zone"):
        documents(ROW, at=datetime(2026, 9, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "decisions d.jsonl, line 3: '{': it is one JSON object"),
        ("[1]", "it is one JSON object"),
        ("[" * 60_000, "it is one JSON object"),
        (" " * 65_537, "it has at most 65536 characters"),
    ],
)
def test_a_line_that_is_no_record_is_refused(line: str, fault: str) -> None:
    """Empty lines are let be, all else is one object."""
    with pytest.raises(PolicyError, match=fault.replace("[", r"\[")):
        read_decisions(["{}", "", line], name="d.jsonl")

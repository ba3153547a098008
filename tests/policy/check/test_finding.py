"""Findings, their fingerprints, and when a change passes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.policy.check.finding import Finding, NotRun, Part, Ran, checked, of_verdicts
from finops_lib.records import Reason, Resource, Verdict

ONE = Finding("kubernetes", "schema", "error", "no number", "a.yaml", 3, "Deployment/web")
RAN = Ran("kubernetes", "kubernetes-validate", "1.37", 1)


def verdict(outcome: str, **parts: tuple[Reason, ...]) -> Verdict:
    """Make a verdict of this outcome."""
    reasons = {"reasons": (), "shadow": (), "waived": (), **parts}
    return Verdict(
        outcome,
        evaluated=("TAG-001",),
        policy_sha256="ab" * 32,
        input_sha256="cd" * 32,
        engine="regorus 0.13",
        time="2026-11-26T10:00:00Z",
        **reasons,
    )


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_fingerprint_survives_lines_that_move(first: int, second: int) -> None:
    """Neither the place nor a line named in the message counts."""
    here, there = (
        replace(ONE, line=line, message=f"the key of line {line} comes again") for line in (first, second)
    )
    assert here.fingerprint == there.fingerprint


@pytest.mark.parametrize("field", ["check", "rule", "message", "file", "subject"])
def test_everything_else_counts(field: str) -> None:
    """Another file, rule, subject or message is another finding."""
    assert replace(ONE, **{field: "other"}).fingerprint != ONE.fingerprint


def test_parts_do_not_run_into_each_other() -> None:
    """What ends one field and begins the next is told apart."""
    assert Finding("a", "bc", "note", "").fingerprint != Finding("ab", "c", "note", "").fingerprint


def test_a_lone_surrogate_has_a_fingerprint() -> None:
    """A file name that is no UTF-8 is no reason to stop."""
    assert len(replace(ONE, file="\udcff").fingerprint) == 32


@pytest.mark.parametrize(("level", "line"), [("fatal", 1), ("error", -1)])
def test_a_wrong_level_or_line_is_refused(level: str, line: int) -> None:
    """A finding is error, warning or note, and stands on no line below zero."""
    with pytest.raises(ValueError, match="a level is one of error, warning, note"):
        replace(ONE, level=level, line=line)


def test_findings_come_once_and_in_order() -> None:
    """Errors before warnings, then by file and line."""
    warning, later = replace(ONE, level="warning", file="A"), replace(ONE, line=12)
    found = checked([Part((warning, later)), Part((ONE, later))], verdicts=[])
    assert found.findings == (ONE, later, warning)
    assert found.counts == {"error": 2, "warning": 1, "note": 0}


@pytest.mark.parametrize(
    ("part", "outcomes", "passed"),
    [
        (Part(ran=(RAN,)), [], True),
        (Part(ran=(RAN,)), ["allow", "needs_approval"], True),
        (Part(ran=(RAN,)), ["allow", "deny"], False),
        (Part((replace(ONE, level="warning"),), (RAN,)), [], True),
        (Part((ONE,), (RAN,)), [], False),
        (Part(ran=(RAN,), not_run=(NotRun("terraform", "absent"),)), [], True),
        (Part(ran=(RAN,), not_run=(NotRun("terraform", "absent", required=True),)), [], False),
        (Part(), [], False),
    ],
)
def test_what_lets_a_change_pass(part: Part, outcomes: list[str], passed: bool) -> None:
    """An error, a denial, a required check left out or no check at all stop it."""
    assert checked([part], verdicts=[verdict(outcome) for outcome in outcomes]).passed is passed


def test_the_worst_verdict_is_the_outcome() -> None:
    """Allow, then approval, then denial."""
    outcomes = [["allow"], ["needs_approval", "allow"], ["needs_approval", "deny", "allow"], []]
    found = [checked([], verdicts=map(verdict, some)).outcome for some in outcomes]
    assert found == ["allow", "needs_approval", "deny", "allow"]


def test_reasons_of_verdicts_become_findings_at_their_place() -> None:
    """A denial is an error where the resource stands; watched and waived ones are notes."""
    bucket = Resource("a:b", "terraform", "aws", "aws_s3_bucket", "b", "a/main.tf", 9)
    denied = verdict(
        "deny",
        reasons=(Reason("SEC-001", "not encrypted", "a:b"),),
        shadow=(Reason("TAG-002", "no owner", "gone"),),
        waived=(Reason("TAG-001", "no team", "a:b"),),
    )
    asked = verdict("needs_approval", reasons=(Reason("COST-001", "over 100 USD", "a:b"),))
    found = of_verdicts([denied, asked], resources={"a:b": bucket})
    assert found.findings == (
        Finding("policy", "SEC-001", "error", "not encrypted", "a/main.tf", 9, "a:b"),
        Finding("policy", "TAG-002", "note", "only watched so far: no owner", "", 0, "gone"),
        Finding("policy", "TAG-001", "note", "waived: no team", "a/main.tf", 9, "a:b"),
        Finding("policy", "COST-001", "warning", "over 100 USD", "a/main.tf", 9, "a:b"),
    )
    assert found.ran == (Ran("policy", "regorus 0.13", "abababababab", 2),)

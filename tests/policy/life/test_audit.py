"""New, lasting and mended violations, with age and money; what was not looked at is not mended."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.life.audit import FIXED, LASTING, NEW, UNSEEN, Audit, Violation, audited, violations
from finops_lib.records import Reason, Resource, Verdict

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4, hours=23)
WEB = Resource("a:web", "terraform", "aws", "x", "web", "a.tf", 3, owner="@o/web", environment="prod")
JOB = Resource("b:job", "kubernetes", "kubernetes", "y", "job", "b.yaml", 7)
COSTS = {"a:web": Decimal("12.30")}


def said(*reasons: Reason, outcome: str = "deny") -> Verdict:
    return Verdict(outcome, reasons, ("TAG-001",), (), (), "ab", "cd", "x", "")


def seen(*verdicts: Verdict, at: datetime = MONDAY) -> tuple[Violation, ...]:
    return violations(verdicts, resources={"a:web": WEB, "b:job": JOB}, costs=COSTS, currency="EUR", at=at)


TAG, KEY = Reason("TAG-001", "no team", "a:web"), Reason("SEC-001", "open", "b:job")
BOTH = (said(TAG, Reason("TAG-001", "no cost center", "a:web")), said(KEY, outcome="needs_approval"))


def look(before: list[dict[str, object]], now: tuple[Violation, ...], at: datetime, **more: object) -> Audit:
    told: dict[str, object] = {"judged": 2, "sources": ["terraform", "kubernetes"], **more}
    return audited(before, now, at=at, **told)  # type: ignore[arg-type]


def test_a_violation_is_one_rule_and_one_thing_with_owner_and_money() -> None:
    """Two reasons of one rule are one; a cost not known has no currency; other subjects are left out."""
    web, job = seen(*BOTH, said(Reason("OPS-001", "frozen", "c1")))
    assert (web.rule, web.subject, web.reason, web.owner) == ("TAG-001", "a:web", "no team", "@o/web")
    assert (web.money_month, web.currency, web.outcome) == (Decimal("12.30"), "EUR", "deny")
    assert (job.money_month, job.currency, job.outcome, job.line) == (None, "", "needs_approval", 7)


def test_what_was_there_before_lasts_from_when_it_was_first_seen() -> None:
    """The memory goes through JSON; the age is in whole days."""
    first = look([], seen(*BOTH), MONDAY)
    assert [(one.state, one.rule) for one in first.violations] == [(NEW, "TAG-001"), (NEW, "SEC-001")]
    memory = json.loads(json.dumps(first.memory()))
    second = look(memory, seen(said(TAG), at=FRIDAY), FRIDAY)
    assert [(one.state, one.rule, one.age_days(FRIDAY)) for one in second.violations] == [
        (LASTING, "TAG-001", 4),
        (FIXED, "SEC-001", 4),
    ]
    assert [one["rule"] for one in second.memory()] == ["TAG-001"]
    assert second.money(LASTING) == {"EUR": Decimal("12.30")}
    assert second.money(FIXED) == {}


def test_what_comes_back_is_new() -> None:
    """Its age begins again."""
    first = look([], seen(*BOTH), MONDAY)
    mended = look(first.memory(), (), FRIDAY)
    again = look(mended.memory(), seen(said(TAG), at=FRIDAY), FRIDAY)
    assert [(one.state, one.age_days(FRIDAY)) for one in again.violations] == [(NEW, 0)]


def test_what_was_not_looked_at_is_not_mended() -> None:
    """A source that was left out, and a file that could not be read; both are remembered."""
    memory = look([], seen(*BOTH), MONDAY).memory()
    partly = look(memory, (), FRIDAY, sources=["terraform"])
    assert {one.rule: one.state for one in partly.violations} == {"TAG-001": FIXED, "SEC-001": UNSEEN}
    broken = look(memory, (), FRIDAY, unreadable=["a.tf"])
    assert {one.rule: one.state for one in broken.violations} == {"TAG-001": UNSEEN, "SEC-001": FIXED}
    assert [one["state"] for one in broken.memory()] == [UNSEEN]
    assert look(broken.memory(), seen(said(TAG), at=FRIDAY), FRIDAY).of(LASTING)[0].first_seen == MONDAY


def test_money_counts_a_thing_once_and_currencies_apart() -> None:
    """Two rules on one thing cost as much as one."""
    web, job = seen(*BOTH)
    more = (web, replace(web, rule="TAG-002"), replace(job, money_month=Decimal(1), currency="USD"))
    found = look([], more, MONDAY)
    assert found.money(NEW) == {"EUR": Decimal("12.30"), "USD": Decimal(1)}
    assert found.table()["rule"].tolist() == ["TAG-001", "TAG-002", "SEC-001"]


def test_a_memory_that_is_none_is_refused() -> None:
    """Not taken for an empty one."""
    for row in ({}, {"rule": 1}, {**seen(*BOTH)[0].to_json(), "money_month": "much"}):
        with pytest.raises(PolicyError, match="it holds violations as the last audit gave them"):
            look([row], (), MONDAY)

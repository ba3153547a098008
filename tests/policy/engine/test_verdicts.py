"""From a decision to a verdict: what is watched or lifted does not count, what was not judged does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.bundle import Bundle
from finops_lib.policy.engine.decisions import Decision
from finops_lib.policy.engine.inputs import prepared
from finops_lib.policy.engine.verdicts import Waivers, in_canary, refusal, verdict
from finops_lib.records import Reason, Verdict
from tests.policy.bundles import small, thing

TAG, DEAR = Reason("TAG-001", "no team", "a:b.c"), Reason("COST-001", "it is dear", "a:b.c")
BOTH = Decision("deny", (TAG,), (DEAR,), ("COST-001", "TAG-001"))


@dataclass(frozen=True)
class Waived:
    rule: str = "TAG-001"
    subject: str = "a:*"
    owner: str = "ana"
    until: str | datetime = "2026-11-26T10:00:01Z"


def judged(bundle: Bundle, decision: Decision = BOTH, *, waivers: Waivers = ()) -> Verdict:
    return verdict(decision, prepared(thing()), bundle=bundle, engine="x", waivers=waivers)


def test_a_denial_stands_before_an_approval(tmp_path: Path) -> None:
    """Digests, engine and moment are in the verdict."""
    bundle = small(tmp_path)
    found = judged(bundle)
    assert (found.outcome, found.reasons) == ("deny", (TAG, DEAR))
    assert (found.policy_sha256, found.engine, found.time) == (bundle.sha256, "x", "2026-11-26T10:00:00Z")
    assert found.input_sha256 == prepared(thing()).sha256


def test_a_policy_in_shadow_is_told_and_does_not_count(tmp_path: Path) -> None:
    """What is left needs approval."""
    found = judged(small(tmp_path, stage="shadow"))
    assert (found.outcome, found.reasons, found.shadow) == ("needs_approval", (DEAR,), (TAG,))


def test_a_canary_counts_for_its_share_of_subjects_alone(tmp_path: Path) -> None:
    """At no per cent for none, at a hundred for all; one subject is always on one side."""
    shares = [sum(in_canary(f"a:{n}", percent=percent) for n in range(2_000)) for percent in (0, 25, 100)]
    assert (shares[0], shares[2]) == (0, 2_000)
    assert 420 < shares[1] < 580  # 500 expected, standard deviation 19
    all_ = judged(small(tmp_path / "a", stage="canary, canary_percent: 100"))
    none = judged(small(tmp_path / "b", stage="canary, canary_percent: 0"))
    assert (all_.outcome, none.outcome, none.shadow) == ("deny", "needs_approval", (TAG,))


@pytest.mark.parametrize(
    ("waiver", "outcome"),
    [
        (Waived(), "needs_approval"),
        (Waived(until=datetime(2026, 11, 26, 10, 0, 1, tzinfo=UTC)), "needs_approval"),
        (Waived(until="2026-11-26T10:00:00Z"), "deny"),
        (Waived(until="never"), "deny"),
        (Waived(subject="b:*"), "deny"),
        (Waived(rule="COST-001"), "deny"),
        (Waived(owner=""), "deny"),
    ],
)
def test_a_waiver_lifts_its_rule_for_its_subject_until_its_end(
    tmp_path: Path, waiver: Waived, outcome: str
) -> None:
    """One that has ended, has no owner or names another rule or subject lifts nothing of this."""
    found = judged(small(tmp_path), waivers=[waiver])
    assert found.outcome == outcome
    assert (TAG in found.waived) == (outcome != "deny")


def test_what_could_not_be_judged_is_never_lifted(tmp_path: Path) -> None:
    """Whatever a waiver says."""
    malformed = Decision("deny", (Reason("INPUT", "no kind", ""),), (), ())
    found = judged(small(tmp_path), malformed, waivers=lambda reason, time: True)
    assert (found.outcome, found.waived) == ("deny", ())
    assert judged(small(tmp_path), waivers=lambda reason, time: True).outcome == "allow"


def test_a_refusal_denies_by_a_rule_of_its_own(tmp_path: Path) -> None:
    """With the error as its reason."""
    bundle = small(tmp_path)
    found = refusal(PolicyError("a", "b", "c"), bundle=bundle, engine="x", subject="s", time="t")
    assert (found.outcome, found.reasons) == ("deny", (Reason("ENGINE", "a: b. Remedy: c.", "s"),))
    assert (found.evaluated, found.policy_sha256) == ((), bundle.sha256)

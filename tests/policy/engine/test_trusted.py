"""An engine is trusted once it has denied what must be denied, and it never allows by failing."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.bundle import shipped
from finops_lib.policy.engine.child import Limits
from finops_lib.policy.engine.trusted import trusted
from tests.policy.bundles import MAIN, TAG, small, thing
from tests.policy.opa_server import opa_server


def test_each_document_has_its_verdict_in_order(tmp_path: Path) -> None:
    """More than are asked at once; those that cannot be asked stand between the others."""
    bundle = small(tmp_path)
    documents = [thing(address=f"a:{n}", team="" if n % 2 else "x") for n in range(150)]
    documents[70] = {"resource": {"cost": math.nan}}
    with trusted(bundle) as engine:
        verdicts = list(engine.judge_all(documents))
    assert [one.outcome for one in verdicts[:4]] == ["allow", "deny", "allow", "deny"]
    assert [one.subject for one in verdicts[149].reasons] == ["a:149"]
    assert [one.rule for one in verdicts[70].reasons] == ["ENGINE"]
    assert len(verdicts) == 150
    assert {one.policy_sha256 for one in verdicts} == {bundle.sha256}


@pytest.mark.parametrize(
    "document",
    [{}, {"resource": 1}, {"resource": {"address": 7}}, {"unknown": 1}, [], None, "x", {"a": "x" * 70_000}],
)
def test_whatever_is_asked_nothing_is_allowed_that_was_not_understood(document: object) -> None:
    """Empty, wrong types, unknown fields, no object, too long: a denial, and no exception."""
    with trusted(shipped()) as engine:
        assert engine.judge(document).outcome == "deny"  # type: ignore[arg-type]


@pytest.mark.parametrize("limits", [Limits(), None])
def test_an_engine_that_allows_a_canary_is_not_trusted(tmp_path: Path, limits: Limits | None) -> None:
    """The policy was turned round: what has no team passes."""
    turned = TAG.replace("if not input", "if input")
    with pytest.raises(PolicyError, match="canary 2 of the policies: allow: each canary is denied before"):
        trusted(small(tmp_path, tags__team_dot_rego=turned), limits=limits)


def test_a_canary_that_only_breaks_the_engine_is_no_proof(tmp_path: Path) -> None:
    """It must be denied by a policy."""
    broken = MAIN.replace('"approve": [], "evaluated": [],', '"evaluated": [],')
    with pytest.raises(PolicyError, match="canary 1 of the policies could not be judged"):
        trusted(small(tmp_path, main_dot_rego=broken))


def test_a_policy_that_loops_is_a_denial_and_the_next_is_judged(tmp_path: Path) -> None:
    """In bounded time."""
    loop = (
        TAG
        + """
deny contains {"reason": "slow", "subject": ""} if {
	input.resource.tags.team == "loop"
	count([1 | some a in numbers.range(1, 9000); some b in numbers.range(1, 9000); a == b]) == 0
}
"""
    )
    bundle = small(tmp_path, tags__team_dot_rego=loop)
    with trusted(bundle, limits=Limits(seconds=0.5)) as engine:
        slow, fine = engine.judge_all([thing(team="loop"), thing()])
    assert [one.rule for one in slow.reasons] == ["ENGINE"]
    assert "it took too long" in slow.reasons[0].reason
    assert (slow.outcome, fine.outcome) == ("deny", "allow")


def test_in_process_and_on_a_server_the_shipped_policies_say_the_same() -> None:
    """Of the canaries, each by the same rules; the same digests."""
    bundle = shipped()
    with (
        opa_server() as (url, _),
        trusted(bundle, url=url, push=True) as there,
        trusted(bundle, limits=None) as here,
    ):
        for document in bundle.canaries:
            own, other = here.judge(document), there.judge(document)
            assert (own.outcome, own.reasons, own.input_sha256) == (
                other.outcome,
                other.reasons,
                other.input_sha256,
            )
            assert own.outcome == "deny"

"""A decision is taken only whole: whatever contradicts itself or the bundle is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.engine.decisions import Decision, decision
from finops_lib.records import Reason
from tests.policy.bundles import small


def reason(rule: str = "TAG-001", text: str = "x") -> dict[str, str]:
    return {"rule": rule, "reason": text, "subject": "a"}


def answer(**parts: Any) -> str:
    whole = {"outcome": "allow", "deny": [], "approve": [], "evaluated": ["TAG-001"]}
    return json.dumps({**whole, **parts})


def test_reasons_and_ids_are_sorted_and_stand_once(tmp_path: Path) -> None:
    """So that two engines say the same."""
    said = answer(
        outcome="deny",
        deny=[reason(text="b"), reason(text="a"), reason(text="b")],
        evaluated=["TAG-001", "COST-001"],
    )
    assert decision(said, bundle=small(tmp_path)) == Decision(
        "deny", (Reason("TAG-001", "a", "a"), Reason("TAG-001", "b", "a")), (), ("COST-001", "TAG-001")
    )


def test_a_malformed_input_is_denied_without_a_policy(tmp_path: Path) -> None:
    """By the rule of its own, which no bundle lists."""
    said = answer(outcome="deny", deny=[reason("INPUT")], evaluated=[])
    assert decision(said, bundle=small(tmp_path)).outcome == "deny"


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("{", "it is JSON"),
        ("[]", "it is an object of approve, deny, evaluated, outcome"),
        (json.dumps({"outcome": "allow"}), "it is an object of"),
        (answer(extra=1), "it is an object of"),
        (answer(evaluated=[]), "some policy applies to each input"),
        (answer(evaluated=["TAG-001", "TAG-001"]), "each policy stands there once"),
        (answer(evaluated=["NEW-001"]), "each policy is one of the bundle"),
        (answer(evaluated="TAG-001"), "it is a list of ids"),
        (answer(deny=[reason()]), "its reasons say deny"),
        (answer(outcome="deny"), "its reasons say allow"),
        (answer(outcome="deny", approve=[reason()]), "its reasons say needs_approval"),
        (answer(outcome="deny", deny=[reason("COST-001")]), "only policies that were evaluated have reasons"),
        (answer(outcome="deny", deny=["no"]), "it is a list of rule, reason and subject, each a text"),
        (answer(outcome="deny", deny=[{**reason(), "rule": 1}]), "it is a list of rule, reason and subject"),
    ],
)
def test_what_is_no_whole_decision_is_refused(tmp_path: Path, said: str, rule: str) -> None:
    """Zero policies evaluated is one of them."""
    with pytest.raises(PolicyError, match=rule):
        decision(said, bundle=small(tmp_path))


def test_an_error_in_place_of_an_answer_is_raised(tmp_path: Path) -> None:
    """As it is."""
    error = PolicyError("a", "b", "c")
    with pytest.raises(PolicyError) as raised:
        decision(error, bundle=small(tmp_path))
    assert raised.value is error

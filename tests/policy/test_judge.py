"""A decision is read whole, or it is none."""

from __future__ import annotations

from typing import Any

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.judge import Said, said

REASON = {"rule": "TAG-001", "reason": "no team", "subject": "a"}
WHOLE: dict[str, Any] = {"outcome": "deny", "deny": [REASON], "approve": [], "evaluated": ["TAG-001"]}


def test_rules_of_both_kinds_come_sorted_and_once() -> None:
    """Two reasons of one rule are one rule; deny and approve are put together."""
    cost = REASON | {"rule": "COST-001"}
    assert said(WHOLE | {"deny": [REASON, REASON], "approve": [cost]}) == Said(
        "deny", ("COST-001", "TAG-001")
    )


def test_a_malformed_input_needs_no_policy() -> None:
    """INPUT alone may come with nothing evaluated."""
    assert said(WHOLE | {"deny": [REASON | {"rule": "INPUT"}], "evaluated": []}) == Said("deny", ("INPUT",))


@pytest.mark.parametrize(
    "broken",
    [
        {},
        WHOLE | {"more": 1},
        WHOLE | {"deny": None},
        WHOLE | {"deny": [{"rule": "A"}]},
        WHOLE | {"deny": ["A"]},
        WHOLE | {"approve": [REASON | {"subject": 1}]},
        WHOLE | {"evaluated": [1]},
    ],
)
def test_a_decision_of_another_form_is_none(broken: dict[str, Any]) -> None:
    """What lacks a part, or has one too many, is refused."""
    with pytest.raises(PolicyError, match="it has outcome, deny, approve and evaluated"):
        said(broken)


@pytest.mark.parametrize("rules", [[], [REASON]])
def test_a_decision_for_which_nothing_was_evaluated_is_none(rules: list[Any]) -> None:
    """No policy applied: that is an error, never an allowance."""
    with pytest.raises(PolicyError, match="some policy applies to each input"):
        said(WHOLE | {"outcome": "allow", "deny": rules, "evaluated": []})

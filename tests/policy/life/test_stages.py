"""A policy goes up one stage at a time, within its budget, and comes back when it hits too much."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.policy.life.replay import ALLOWED, ASKED, DENIED, Hit, Replay
from finops_lib.policy.life.stages import BlastBudget, in_canary, promotable, rolled_back
from finops_lib.records import Reason, Verdict

BUDGET = BlastBudget(0.10, {"USD": Decimal(100)})


def hit(effect: str, money: str | None = "10", currency: str = "USD") -> Hit:
    amount = None if money is None else Decimal(money)
    return Hit(effect, "a", "resource", "data", "", "allow", "deny", ("A-1",), amount, currency)


def replay(*hits: Hit, judged: int = 100, unjudged: tuple[str, ...] = ()) -> Replay:
    return Replay("old", "new", judged, hits, unjudged)


@pytest.mark.parametrize(("stage", "after"), [("shadow", "canary"), ("canary", "enforce")])
def test_a_policy_within_its_budget_goes_up_one_stage(stage: str, after: str) -> None:
    """Ten of a hundred for a hundred USD is just within."""
    found = promotable(replay(*[hit(DENIED)] * 10), BUDGET, stage=stage)
    assert (found.promoted, found.stage, found.reasons) == (True, after, ())


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (replay(*[hit(ASKED)] * 11), "11 of 100 newly hit, and the budget is 10.0%"),
        (replay(*[hit(DENIED, "1")] * 6, *[hit(ASKED)] * 5), "11 of 100 newly hit"),
        (replay(hit(DENIED, "60"), hit(DENIED, "40.01")), "100.01 USD a month denied, and the budget is 100"),
        (replay(hit(DENIED, "0.01", "EUR")), "0.01 EUR a month denied, and the budget is 0"),
        (replay(hit(DENIED, None)), "the money of 1 newly denied is not known"),
        (replay(judged=19), "19 documents were judged, and 20 are needed"),
        (replay(unjudged=("a",)), "1 documents could not be judged"),
    ],
)
def test_one_thing_too_many_keeps_the_stage(shown: Replay, reason: str) -> None:
    """Share, money, unknown money, too few documents and failures each keep a policy where it is."""
    found = promotable(shown, BUDGET, stage="shadow")
    assert (found.promoted, found.stage) == (False, "shadow")
    [said] = found.reasons
    assert said.startswith(reason)


def test_what_is_newly_allowed_or_asked_costs_no_budget_of_money() -> None:
    """Money counts where it is newly denied; an allowance is no hit."""
    shown = replay(*[hit(ALLOWED, "9999")] * 50, *[hit(ASKED, "9999")] * 10)
    assert promotable(shown, BUDGET, stage="shadow").promoted


def test_the_last_stage_is_the_last() -> None:
    """There is nothing above it."""
    found = promotable(replay(), BUDGET, stage="enforce")
    assert (found.promoted, found.stage, found.reasons) == (
        False,
        "enforce",
        ("it is enforced on all already",),
    )


def test_a_stage_is_one_of_three() -> None:
    """Another word is a mistake of the caller."""
    with pytest.raises(ValueError, match="it is one of shadow, canary, enforce"):
        promotable(replay(), BUDGET, stage="live")


def verdict(outcome: str, *rules: str, evaluated: tuple[str, ...] = ("A-1", "B-1")) -> Verdict:
    reasons = tuple(Reason(rule, "too much", "a") for rule in rules)
    return Verdict(outcome, reasons, evaluated, (), (), "p", "i", "fixed", "")


CANARY = frozenset({"A-1"})
FINE = [verdict("allow")] * 18


def test_a_canary_within_its_budget_stays() -> None:
    """Two of twenty is a tenth."""
    found = rolled_back([*FINE, *[verdict("deny", "A-1")] * 2], BUDGET, policies=CANARY)
    assert (found.rolled_back, found.stage, found.judged, found.denied) == (False, "canary", 20, 2)


def test_a_canary_that_denies_more_is_taken_back() -> None:
    """Three of twenty-one is more than a tenth; so is money beyond the budget."""
    found = rolled_back([*FINE, *[verdict("deny", "A-1")] * 3], BUDGET, policies=CANARY)
    assert (found.rolled_back, found.stage) == (True, "shadow")
    assert found.reasons == ("3 of 21 denied, and the budget is 10.0%",)
    dear = rolled_back(FINE, BUDGET, policies=CANARY, money_month={"USD": Decimal("100.01")})
    assert dear.reasons == ("100.01 USD a month denied, and the budget is 100",)


def test_what_others_deny_as_well_is_not_the_fault_of_the_canary() -> None:
    """A denial with another reason would have come anyway; what it had no part in is not counted."""
    others = [verdict("deny", "A-1", "B-1")] * 9 + [verdict("deny", "B-1")] * 9
    strange = [verdict("deny", "B-1", evaluated=("B-1",))] * 9
    found = rolled_back([*others, *strange, *[verdict("needs_approval", "A-1")] * 9], BUDGET, policies=CANARY)
    assert (found.rolled_back, found.judged, found.denied) == (False, 27, 0)


def test_an_engine_that_fails_takes_the_canary_back() -> None:
    """What could not be judged was denied, perhaps for the canary; a malformed input is its sender's."""
    malformed = [verdict("deny", "INPUT", evaluated=())] * 9
    failures = [verdict("deny", "ENGINE", evaluated=())] * 3
    found = rolled_back([*FINE, *failures, *malformed], BUDGET, policies=CANARY)
    assert (found.rolled_back, found.judged, found.denied) == (True, 21, 3)


@given(st.text(max_size=20), st.integers(0, 100), st.integers(0, 100))
def test_a_subject_that_is_in_stays_in_as_the_share_grows(subject: str, one: int, other: int) -> None:
    """Growing shares only add subjects."""
    small, large = sorted((one, other))
    assert in_canary(subject, percent=large) or not in_canary(subject, percent=small)


def test_the_share_is_met() -> None:
    """Of ten thousand addresses a quarter is in, to three standard deviations; each by its digest."""
    subjects = [f"a:{number}" for number in range(10_000)]
    inside = [one for one in subjects if in_canary(one, percent=25)]
    assert abs(len(inside) - 2500) < 3 * (10_000 * 0.25 * 0.75) ** 0.5
    assert inside == [one for one in subjects if int(hashlib.sha256(one.encode()).hexdigest()[:1], 16) < 4]


def test_a_share_outside_its_range_is_refused() -> None:
    """A share is 0 to 100 per cent, a budget 0 to 1 and no debt."""
    for percent in (-1, 100.1):
        with pytest.raises(ValueError, match="it lies in 0 to 100"):
            in_canary("a", percent=percent)
    with pytest.raises(ValueError, match="it lies in 0 to 1"):
        BlastBudget(1.1, {})
    with pytest.raises(ValueError, match="money is from zero"):
        BlastBudget(0.1, {"USD": Decimal(-1)})

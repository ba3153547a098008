from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.estate.company import company
from finops_lib.estate.history import DecisionWorld, cases, owner_of
from finops_lib.estate.tagging import TEAMS

WHO = company(11, slots=160)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), unfair=st.integers(0, 1000))
def test_a_fair_cut_never_leaves_less_than_an_unfair_one(seed: int, unfair: int) -> None:
    """So no breach of the fair world is missing in the unfair one; other teams see no difference."""
    for case in cases(WHO, DecisionWorld(seed=seed, unfair=unfair, recommendations=40)):
        assert case.fair_kept >= case.kept
        assert case.breached or not case.fair_breached
        if case.subject.team != "tracking":
            assert (case.kept, case.hours) == (case.fair_kept, case.fair_hours)


def test_a_cut_leaves_the_need_and_the_headroom() -> None:
    """With no spread: a need of 0.4 and a headroom of 0.25 leave a half; a headroom of 0.09 leaves 0.436."""
    world = DecisionWorld(need=(400, 400), headroom=(250, 250), prod_headroom=0, deeper=160)
    found = cases(WHO, world)
    assert {case.kept for case in found if case.subject.team != "tracking"} == {500}
    assert {case.kept for case in found if case.subject.team == "tracking"} == {436}


def test_a_calm_load_never_breaches_a_fair_cut() -> None:
    """Without volatility the peak is the need."""
    world = DecisionWorld(volatility=(0, 0), loud_volatility=0, unfair=0)
    assert not any(case.breached for case in cases(WHO, world))


def test_all_teams_environments_and_risks_occur() -> None:
    """Each team has cases in more than one environment, so that the two can be told apart."""
    found = cases(WHO, DecisionWorld())
    for team in TEAMS:
        assert len({case.subject.environment for case in found if case.subject.team == team}) > 1
    assert {case.risk for case in found} == {"low", "medium", "high"}
    assert len({case.id for case in found}) == len(found)


@pytest.mark.parametrize(("tag", "expected"), [("DATA", "data"), ("plattform", "platform"), ("", "platform")])
def test_the_owner_is_the_tag_if_it_can_be_read(tag: str, expected: str) -> None:
    """Else the account's team."""
    slot = next(slot for slot in WHO.slots if slot.account.team == "platform")
    assert owner_of(replace(slot, tags={" Team": tag})) == expected

"""An alert that comes and goes is held back, and heard again when it is calm."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finops_lib.anomaly.flapping import Damping, Merit, merit
from tests.anomaly.odd import day


def test_three_turns_at_once_are_flapping_and_two_are_not() -> None:
    """The third one reaches the cutoff."""
    assert not merit([day(1), day(1)], now=day(1)).held
    assert merit([day(1)] * 3, now=day(1)).held


def test_turns_far_apart_are_not_flapping() -> None:
    """One every six days: the penalty stays below 1 + 1/4 + 1/16 + ... = 4/3."""
    found = merit([day(6 * number) for number in range(40)], now=day(6 * 39))
    assert not found.held
    assert found.penalty == pytest.approx(4 / 3, abs=1e-6)


def test_what_was_held_back_is_heard_below_the_lower_limit_alone() -> None:
    """Three at once are 1.5 after three days, still held, and below 1 after 3 ln(3)/ln(2) = 4.75 days."""
    turns = [day(1)] * 3
    assert merit(turns, now=day(4)).held
    assert merit(turns, now=day(1) + timedelta(days=4.7)).held
    assert not merit(turns, now=day(1) + timedelta(days=4.8)).held
    assert not merit([day(1), day(1)], now=day(4)).held


def test_the_ceiling_bounds_how_long_it_is_held() -> None:
    """1,000 turns are 12, and 12 is below 1 after less than 3.6 half-lives."""
    found = merit([day(1)] * 1000, now=day(1))
    assert found.penalty == 12
    assert not merit([day(1)] * 1000, now=day(12)).held


def test_order_and_later_turns_do_not_matter() -> None:
    """What is to come is not known yet."""
    turns = [day(5), day(2), day(3)]
    assert merit(turns, now=day(5)) == merit(sorted(turns), now=day(5))
    assert merit([*turns, day(9)], now=day(5)) == merit(turns, now=day(5))


def test_a_clock_that_goes_back_does_not_raise_the_penalty() -> None:
    """An earlier moment leaves it as it is."""
    assert Merit(2.0, day(5), held=False).after(day(1), Damping()) == Merit(2.0, day(5), held=False)


def test_limits_that_contradict_one_another_are_refused() -> None:
    """Reuse above cutoff would let nothing through, or everything."""
    with pytest.raises(ValueError, match="reuse lies below cutoff"):
        Damping(reuse=4.0)
    with pytest.raises(ValueError, match="time passes"):
        Damping(half_life=timedelta(0))

"""Escalation by a clock that the test turns."""

from __future__ import annotations

from datetime import datetime, timedelta

from finops_lib.anomaly.escalation import Due, Step, due, next_due
from tests.anomaly.odd import day

STEPS = (Step(0, "team"), Step(60, "lead"), Step(240, "head"))


class Clock:
    """A clock that stands until it is turned."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def turn(self, **by: float) -> None:
        """Turn it."""
        self.now += timedelta(**by)


def test_each_step_is_due_at_its_minute_and_once() -> None:
    """At once the team, after 60 minutes the lead, after 240 the head, and nobody twice."""
    clock, done, told = Clock(day(1)), set[int](), []
    for _ in range(60 * 6):
        for step in due(STEPS, key="a", told=day(1), answered=None, done=done, now=clock.now):
            told.append((step.to, (clock.now - day(1)) // timedelta(minutes=1)))
            done.add(step.place)
        clock.turn(minutes=1)
    assert told == [("team", 0), ("lead", 60), ("head", 240)]


def test_a_second_too_early_is_too_early() -> None:
    """59 minutes and 59 seconds are no hour."""
    clock = Clock(day(1))
    clock.turn(minutes=59, seconds=59)
    assert due(STEPS, key="a", told=day(1), answered=None, done={0}, now=clock.now) == ()
    clock.turn(seconds=1)
    expected = (Due("a", 1, "lead", day(1, 1)),)
    assert due(STEPS, key="a", told=day(1), answered=None, done={0}, now=clock.now) == expected


def test_an_answer_stops_the_timers() -> None:
    """Also those whose time has passed meanwhile."""
    assert due(STEPS, key="a", told=day(1), answered=day(1, 2), done={0}, now=day(2)) == ()
    assert next_due(STEPS, told=day(1), answered=day(1, 2), done={0}) is None


def test_a_machine_that_slept_takes_all_steps_in_order() -> None:
    """Five hours later both are due, the earlier one first."""
    found = due(STEPS[::-1], key="a", told=day(1), answered=None, done={2}, now=day(1, 5))
    assert [(step.to, step.since) for step in found] == [("lead", day(1, 1)), ("head", day(1, 4))]


def test_a_clock_that_goes_back_takes_no_step_again() -> None:
    """What is done is done; what was not due yet is not due."""
    assert due(STEPS, key="a", told=day(2), answered=None, done={0, 1}, now=day(1)) == ()


def test_what_was_not_told_has_no_timer() -> None:
    """And when all steps are taken, nobody has to wake up."""
    assert due(STEPS, key="a", told=None, answered=None, done=(), now=day(1)) == ()
    assert next_due(STEPS, told=None, answered=None, done=()) is None
    assert next_due(STEPS, told=day(1), answered=None, done={0}) == day(1, 1)
    assert next_due(STEPS, told=day(1), answered=None, done={0, 1, 2}) is None

from __future__ import annotations

from finops_lib.estate import story


def test_events_last_at_least_a_day_within_the_bills() -> None:
    """Each starts before it ends and none goes on after the last delivered day."""
    assert all(event.start < event.end <= story.END for event in story.EVENTS)
    assert {event.kind for event in story.EVENTS} == {"spike", "level_shift", "drift", "new_region"}


def test_corrections_come_after_what_they_correct() -> None:
    """Late usage and the refund are billed in a later month."""
    for item in (story.LATE, story.REFUND):
        assert f"{item.start:%Y-%m}" < item.billed_in


def test_the_restated_days_lie_in_the_restated_month() -> None:
    """Only days of the month itself were delivered short."""
    plan = story.RESTATEMENT
    assert f"{plan.start:%Y-%m}" == f"{plan.end:%Y-%m}" == plan.month

"""When a window occurs: by the clocks of its place, also when they are put forward or back."""

from __future__ import annotations

from datetime import UTC, datetime

from finops_lib.anomaly.windows import LAST, Window
from finops_lib.records import Period
from tests.anomaly.odd import day


def starts(window: Window, month: str) -> list[str]:
    """Give the beginnings in a month, UTC."""
    return [f"{one.start:%d %H:%M}" for one in window.times(Period.month(month))]


def test_a_weekly_window_keeps_its_local_time() -> None:
    """Sundays at 22:00 in Berlin are 20:00 UTC until October 25, 2026, when clocks go back, then 21:00."""
    window = Window(
        "w", "ann", "patches", every="week", on=(6,), at="22:00", hours=4, timezone="Europe/Berlin"
    )
    assert starts(window, "2026-10") == ["04 20:00", "11 20:00", "18 20:00", "25 21:00"]


def test_a_monthly_window_falls_on_its_days_and_the_last() -> None:
    """On the 1st, the 31st where there is one, and the last day once: February 2028 ends on the 29th."""
    window = Window("w", "ann", "close", every="month", on=(1, 31, LAST))
    assert starts(window, "2028-02") == ["01 00:00", "29 00:00"]
    assert starts(window, "2026-07") == ["01 00:00", "31 00:00"]


def test_what_began_before_reaches_in() -> None:
    """48 hours from June 30 on are still there on July 1."""
    window = Window("w", "ann", "close", every="month", on=(30,), hours=48)
    found = window.times(Period(day(1, 12), day(2)))
    assert [one.start for one in found] == [datetime(2026, 6, 30, tzinfo=UTC)]


def test_bounds_hold() -> None:
    """Each day from the 10th to before the 13th, at 06:00."""
    window = Window("w", "ann", "test", start=day(10), end=day(13), every="day", at="06:00", hours=1)
    assert starts(window, "2026-07") == ["10 06:00", "11 06:00", "12 06:00"]


def test_a_window_covers_days_that_it_touches_all() -> None:
    """Four hours explain the day; of two days, one without the window is not explained."""
    night = Window("w", "ann", "backup", every="week", on=(2,), at="22:00", hours=4)  # Wednesday July 1
    assert night.covers(day(1), day(2))
    assert night.covers(day(1), day(3))
    assert not night.covers(day(1), day(4))
    assert not night.covers(day(3), day(4))


def test_a_one_off_window_ends_before_its_end() -> None:
    """From the 3rd to before the 5th; the 5th is outside, and a moment is enough to ask for."""
    once = Window("w", "ann", "move", start=day(3), end=day(5))
    assert once.covers(day(3), day(5))
    assert not once.covers(day(3), day(6))
    assert (once.covers(day(4), day(4)), once.covers(day(5), day(5))) == (True, False)

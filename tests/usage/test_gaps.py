"""What is there of each metric, and what is missing between its samples."""

from __future__ import annotations

from finops_lib.usage.gaps import coverage
from tests.usage.samples import at, table


def test_gaps_are_counted_within_each_series() -> None:
    """Steps of 5; a misses 15 and 20, b misses 5, c begins late and misses nothing: 3 missing in 2 series."""
    there = {"a": (0, 5, 10, 25), "b": (0, 10, 15, 20), "c": (20, 25)}
    lines = [(name, "cpu", minute, 1.0, "cores") for name, minutes in there.items() for minute in minutes]
    (found,) = coverage(table(*lines))
    assert (found.metric, found.unit, found.series, found.samples) == ("cpu", "cores", 3, 10)
    assert (found.step_seconds, found.missing, found.gappy, found.longest_gap_seconds) == (300, 3, 2, 900)
    assert (found.first, found.last) == (at(0), at(25))


def test_events_have_no_gaps_and_a_single_sample_has_no_step() -> None:
    """Nothing is missing where there was no event; one sample is no series of steps."""
    found = coverage(
        table(
            ("a", "restarts", 0, 1.0, "count"),
            ("a", "restarts", 5, 1.0, "count"),
            ("a", "restarts", 95, 1.0, "count"),
            ("b", "cpu", 0, 1.0, "cores"),
        )
    )
    assert [item.metric for item in found] == ["cpu", "restarts"]
    assert (found[0].step_seconds, found[0].missing, found[0].series) == (0, 0, 1)
    assert (found[1].step_seconds, found[1].missing, found[1].gappy) == (0, 0, 0)


def test_a_sample_that_comes_late_is_no_gap() -> None:
    """Six minutes where five are usual: nothing is missing. Ten are one missing sample."""
    minutes = (0, 5, 10, 16, 21, 31)
    (found,) = coverage(table(*[("a", "cpu", minute, 1.0, "cores") for minute in minutes]))
    assert (found.step_seconds, found.missing, found.longest_gap_seconds) == (300, 1, 600)


def test_nothing_has_no_coverage() -> None:
    """An empty table."""
    assert coverage(table()) == ()

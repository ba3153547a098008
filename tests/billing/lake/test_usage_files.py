"""Files of usage: one a day, named by what they hold, and what is left where a span is replaced in part."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from finops_lib.billing.lake.usage_files import day_of, midnight, replaced, staged, stored
from tests.usage.samples import DAY, rows

HOUR = timedelta(hours=1)


def hourly(*hours: float) -> pa.Table:
    """Give samples at these hours of the first of July."""
    return rows(*[("a", "cpu", hour * 60, 1.0, "cores") for hour in hours])


def hours_of(path: Path) -> list[float]:
    """Say at which hours a file has samples."""
    return [(moment - DAY) / HOUR for moment in stored(path).column("time").to_pylist()]


def write(folder: Path, *hours: float, end: datetime = DAY + 96 * HOUR) -> list[Path]:
    """Stage samples."""
    return [item.path for item in staged(folder, hourly(*hours), start=DAY, end=end)]


def test_a_part_is_a_file_for_each_day_that_has_samples(tmp_path: Path) -> None:
    """The 23rd hour and the 24th are of two days; a day without a sample has no file."""
    paths = write(tmp_path / "x_SnapshotId=s", 0, 23.99, 24, 72)
    assert [day_of(path) for path in paths] == [date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 4)]
    assert [len(hours_of(path)) for path in paths] == [2, 1, 1]
    assert midnight(day_of(paths[1])) == DAY + 24 * HOUR
    assert sorted(paths) == sorted((tmp_path / "x_SnapshotId=s").iterdir())


def test_a_file_is_named_by_what_it_holds(tmp_path: Path) -> None:
    """The same samples give the same name, others another."""
    first, again, other = write(tmp_path, 1), write(tmp_path, 1), write(tmp_path, 2)
    assert first == again
    assert first != other


def test_nothing_is_no_file(tmp_path: Path) -> None:
    """And no folder."""
    assert write(tmp_path / "s") == []
    assert not (tmp_path / "s").exists()


def test_a_sample_at_the_end_is_outside(tmp_path: Path) -> None:
    """The span is half open."""
    assert write(tmp_path, 1, end=DAY + 1.5 * HOUR)
    with pytest.raises(ValueError, match="outside"):
        write(tmp_path, 1, end=DAY + HOUR)


def test_a_day_that_is_replaced_in_part_keeps_its_rest(tmp_path: Path) -> None:
    """Of hours 1, 2 and 3 the second goes; a day that is replaced whole has no rest, one outside stays."""
    first, second, third = (write(tmp_path, *hours)[0] for hours in ((1, 2, 3), (25,), (49,)))
    gone, kept = replaced([first, second, third], start=DAY + 2 * HOUR, end=DAY + 2.5 * HOUR)
    assert (gone, [hours_of(item.path) for item in kept]) == ([first], [[1, 3]])
    gone, kept = replaced([first, second, third], start=DAY + 3 * HOUR, end=DAY + 48 * HOUR)
    assert (gone, [hours_of(item.path) for item in kept]) == ([first, second], [[1, 2]])

"""Which series a pause covers, and in which columns."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from finops_lib.anomaly.detect import watch
from finops_lib.anomaly.pauses import Pause, paused_mask


@pytest.mark.parametrize(
    ("path", "covered"),
    [((), True), (("aws",), True), (("aws", "vm"), True), (("gcp",), False), (("gcp", "vm"), False)],
)
def test_sums_above_and_parts_below_are_covered(path: tuple[str, ...], covered: bool) -> None:
    """A pause of a provider covers the whole, which holds it, and its services; not another provider."""
    assert Pause(date(2026, 7, 1), date(2026, 7, 2), "late", ("aws",)).covers(path) == covered


def test_a_pause_of_all_covers_all() -> None:
    """The empty path covers each series."""
    assert Pause(date(2026, 7, 1), date(2026, 7, 2), "late").covers(("gcp", "vm"))


def test_days_outside_of_what_is_remembered_are_left_out() -> None:
    """Of a pause from long ago to the second day the first two columns are paused."""
    days = pd.date_range("2026-07-01", periods=4)
    state = watch(pd.DataFrame({"time": days, "team": "a", "value": 1.0}), by=["team"]).state
    mask = paused_mask([Pause(date(2020, 1, 1), date(2026, 7, 3), "late", ("a",))], state)
    assert mask[state.forest.nodes[("a",)]].tolist() == [True, True, False, False]


def test_a_pause_ends_after_it_starts() -> None:
    """The same day twice is refused."""
    with pytest.raises(ValueError, match="the end comes after the start"):
        Pause(date(2026, 7, 1), date(2026, 7, 1), "late")

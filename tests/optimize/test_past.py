"""Past windows: what was seen, what came, and nothing of the future in what was seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from finops_lib.optimize.ladder import LADDER
from finops_lib.optimize.past import paired, peaks, scale_of, windows
from finops_lib.optimize.windows import Histories


def fleet(steps: int = 200, *, rows: int = 3, seed: int = 1) -> Histories:
    """Draw workloads of capacity 2."""
    use = np.random.default_rng(seed).uniform(0.1, 1.0, (rows, steps))
    return Histories(tuple(f"w{row}" for row in range(rows)), use, 3600, np.full(rows, 2.0), "cpu")


def test_windows_hold_what_came_after_each_origin() -> None:
    """Shares above each rung are those of the steps after the cut, over the capacity, by plain counting."""
    known = fleet()
    past = windows(known, history=96, horizon=24, cuts=[24, 60])
    assert past.names == ("w0", "w1", "w2") * 2
    came = known.use[1, 140:164] / 2.0
    np.testing.assert_allclose(past.survival[4], [(came > rung).mean() for rung in LADDER])
    assert past.came[4, 0] == pytest.approx(np.median(came))
    assert past.scale.tolist() == [2.0] * 6


def test_what_was_seen_knows_nothing_of_later_use() -> None:
    """Other use after the origin changes what came, not what was seen."""
    known = fleet()
    later = replace(known, use=np.where(np.arange(200) >= 140, known.use * 1.9, known.use))
    first, second = (windows(one, history=96, horizon=24, cuts=[60]) for one in (known, later))
    np.testing.assert_array_equal(first.seen, second.seen)
    assert (first.came < second.came).all()


def test_windows_without_a_sample_on_either_side_are_left_out() -> None:
    """A workload that began after the origin, or ended before it, tells nothing of it."""
    known = fleet()
    known.use[0, :180] = np.nan
    known.use[2, 176:] = np.nan
    assert windows(known, history=48, horizon=24, cuts=[24]).names == ("w1",)
    assert windows(known, history=48, horizon=24, cuts=[40]).names == ("w1", "w2")
    assert len(windows(known, history=48, horizon=24, cuts=[])) == 0


def test_some_windows_are_taken_by_mask_or_number() -> None:
    """All parts follow."""
    past = paired(fleet(), np.full((3, 5), 0.5))
    some = past[np.array([2, 0])]
    assert some.names == ("w2", "w0")
    np.testing.assert_array_equal(some.seen, past.seen[[2, 0]])
    assert past[np.array([True, False, False])].names == ("w0",)


def test_a_workload_of_unknown_capacity_is_sized_in_shares_of_twice_its_peak() -> None:
    """One that never used anything has the scale 1."""
    use = np.array([[1.0, 3.0], [0.0, 0.0]])
    assert scale_of(Histories(("a", "b"), use, 60, np.full(2, np.nan), "cpu")).tolist() == [6.0, 1.0]


def test_peaks_compare_what_came_with_the_99th_percentile_before() -> None:
    """Use that doubles raises all three by log 2, but for the floor."""
    flat = Histories(("a",), np.full((1, 100), 0.4), 3600, np.ones(1), "cpu")
    assert peaks(paired(flat, np.full((1, 10), 0.8)))[0] == pytest.approx([np.log(0.805 / 0.405)] * 3)

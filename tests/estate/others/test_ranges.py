from __future__ import annotations

from dataclasses import fields

import numpy as np

from finops_lib.estate.others.ranges import Ranges, drawn


def test_both_bounds_are_drawn_and_nothing_beyond() -> None:
    """All four of 2 to 5 within a few hundred tries."""
    rng = np.random.default_rng(3)
    assert {drawn(rng, (2, 5)) for _ in range(300)} == {2, 3, 4, 5}


def test_every_default_is_a_rising_pair_or_a_count() -> None:
    """So that it can be drawn from."""
    for item in fields(Ranges):
        value = item.default
        assert isinstance(value, int) or value[0] <= value[1], item.name

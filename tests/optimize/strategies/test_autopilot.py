"""The load-weighted percentile against a count of load, sample by sample."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.optimize.strategies.autopilot import Autopilot, load_percentile
from finops_lib.optimize.windows import Histories


def by_samples(samples: list[tuple[float, float]], *, half_life: float, level: float) -> float:
    """Go up through the samples (value, age in hours) until the share of the load is reached."""
    load = [(value, value * 0.5 ** (age / half_life)) for value, age in sorted(samples)]
    wanted, reached = level * sum(part for _, part in load), 0.0
    for value, part in load:
        reached += part
        if reached >= wanted * (1 - 1e-12):
            return value
    return load[-1][0]


@given(st.integers(0, 500), st.sampled_from([("cpu", 12.0), ("memory", 48.0), ("gpu", 12.0)]))
def test_it_is_the_percentile_of_decaying_load_and_10_per_cent(seed: int, kind: tuple[str, float]) -> None:
    """Both pods count together; memory forgets more slowly."""
    draw = np.random.default_rng(seed)
    use = draw.gamma(2.0, 1.0, (2, 60))
    use[draw.uniform(size=use.shape) < 0.2] = np.nan
    asked = Histories(("web", "web"), use, 3600, np.full(2, 9.0), kind[0])
    samples = [
        (float(value), float(59 - place))
        for row in use
        for place, value in enumerate(row)
        if not math.isnan(value)
    ]
    expected = 1.1 * by_samples(samples, half_life=kind[1], level=0.95)
    assert Autopilot()(asked).amount[0] == pytest.approx(expected)


def test_load_counts_not_time() -> None:
    """A hundred idle samples move nothing: all of the load ran at 4."""
    values = np.array([0.0] * 100 + [4.0])
    assert load_percentile(values, np.ones(101), level=0.01) == 4.0


def test_without_load_or_samples() -> None:
    """All idle needs nothing; no sample is not known."""
    assert load_percentile(np.zeros(3), np.ones(3), level=0.95) == 0.0
    asked = Histories(("a", "b"), np.array([[np.nan], [1.0]]), 3600, np.ones(2), "cpu")
    assert Autopilot()(asked).reasons == ("0 samples, 1 are needed", "")

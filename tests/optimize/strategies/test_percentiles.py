"""Percentile rules against plain loops over pods and samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.optimize.strategies.percentiles import (
    Headroom,
    Krr,
    Percentile,
    azure_like,
    compute_optimizer_like,
)
from finops_lib.optimize.windows import Histories

DAY = 24


def drawn(seed: int, *, days: int = 20, kind: str = "cpu") -> Histories:
    """Draw pods with gaps: two of one workload, one of another."""
    draw = np.random.default_rng(seed)
    use = draw.gamma(2.0, 0.5, (3, days * DAY))
    use[draw.uniform(size=use.shape) < 0.1] = np.nan
    return Histories(("web", "db", "web"), use, 3600, np.full(3, 8.0), kind)


def percentile(values: list[float], level: float) -> float:
    """Interpolate between the sorted neighbours, plainly."""
    known = sorted(value for value in values if not math.isnan(value))
    place = level * (len(known) - 1)
    low = math.floor(place)
    high = min(low + 1, len(known) - 1)
    return known[low] + (place - low) * (known[high] - known[low])


def by_loops(asked: Histories, *, level: float, days: int) -> dict[str, float]:
    """Take the percentile of each pod's newest days, and the most of the pods."""
    found: dict[str, float] = {}
    for name, row in zip(asked.names, asked.use, strict=True):
        value = percentile(row[-days * DAY :].tolist(), level)
        found[name] = max(found.get(name, value), value)
    return found


@given(st.integers(0, 1000))
def test_krr_takes_the_most_of_the_pods(seed: int) -> None:
    """CPU p95 of 14 days, memory the most times 1.15, each of the pod that needs most."""
    cpu, memory = drawn(seed), drawn(seed, kind="memory")
    wanted = by_loops(cpu, level=0.95, days=14)
    assert Krr()(cpu).amount.tolist() == pytest.approx([wanted["web"], wanted["db"]])
    peak = by_loops(memory, level=1.0, days=14)
    assert Krr()(memory).amount.tolist() == pytest.approx([1.15 * peak["web"], 1.15 * peak["db"]])


@given(st.integers(0, 1000))
def test_vendors_rules_are_percentiles_over_what_may_be_used(seed: int) -> None:
    """p99.5 of 14 days over .8; p95 of 7 days over .8."""
    asked = drawn(seed)
    aws, azure = by_loops(asked, level=0.995, days=14), by_loops(asked, level=0.95, days=7)
    assert compute_optimizer_like()(asked).amount.tolist() == pytest.approx(
        [aws["web"] / 0.8, aws["db"] / 0.8]
    )
    assert azure_like()(asked).amount.tolist() == pytest.approx([azure["web"] / 0.8, azure["db"] / 0.8])


def test_krr_needs_a_hundred_points_of_all_pods() -> None:
    """Two pods of 50 points are enough, 99 of one are not, and it is said."""
    use = np.ones((3, 99))
    use[:2, :49] = np.nan
    asked = Histories(("web", "web", "db"), use, 300, np.full(3, 2.0), "cpu")
    found = Krr()(asked)
    assert found.amount[0] == 1.0 and np.isnan(found.amount[1])
    assert found.reasons == ("", "99 samples, 100 are needed")


def test_none_of_them_promises_anything() -> None:
    """The predicted breach is unknown, not zero."""
    for rule in (Krr(), compute_optimizer_like(), azure_like(), Percentile(level=0.9)):
        assert rule(drawn(1)).breach is None


@given(st.floats(0.01, 100))
def test_amounts_follow_the_unit(unit: float) -> None:
    """Use in another unit gives the same amount in that unit."""
    asked = drawn(3)
    other = Histories(asked.names, asked.use * unit, 3600, asked.capacity * unit, "cpu")
    rule = Headroom(level=0.9, headroom=0.3)
    np.testing.assert_allclose(rule(other).amount, rule(asked).amount * unit)


def test_pods_that_never_reported_do_not_hide_the_others() -> None:
    """A pod without a sample is left out; a workload without any has its reason."""
    nothing = np.full((3, 200), np.nan)
    nothing[0] = 2.0
    found = Percentile(level=0.5)(Histories(("web", "web", "db"), nothing, 300, np.full(3, 4.0), "cpu"))
    assert found.amount[0] == 2.0
    assert found.reasons == ("", "0 samples, 1 are needed")

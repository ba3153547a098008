"""The pod autoscaler's histogram against one that is filled sample by sample."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.optimize.strategies.vpa import Scale, Vpa
from finops_lib.optimize.windows import Histories

HOUR = 3600
CORES, BYTES = (0.01, 1000.0), (1e7, 1e12)


def bucket_starts(first: float, largest: float) -> list[float]:
    """Grow buckets by 5 % from the first until the largest value is reached."""
    starts, width = [0.0], first
    while starts[-1] < largest:
        starts.append(starts[-1] + width)
        width *= 1.05
    return starts


def by_samples(samples: list[tuple[float, float]], *, level: float, ends: tuple[float, float]) -> float:
    """Fill the histogram (value, age in hours) and read the end of the bucket where the share is reached."""
    starts = bucket_starts(*ends)
    weights = [0.0] * len(starts)
    for value, age in samples:
        place = max(number for number, start in enumerate(starts) if start <= value * (1 + 1e-12))
        weights[place] += 0.5 ** (age / 24)
    wanted, reached = level * sum(weights), 0.0
    for place, weight in enumerate(weights[:-1]):
        reached += weight
        if weight >= 1e-4 and reached >= wanted * (1 - 1e-12):
            return starts[place + 1]
    return starts[-1]


def table(seed: int, *, kind: str, unit: float, days: int = 5) -> Histories:
    """Draw two pods of one workload, with gaps, by the hour."""
    draw = np.random.default_rng(seed)
    use = draw.gamma(2.0, 0.3, (2, days * 24)) * unit
    use[draw.uniform(size=use.shape) < 0.2] = np.nan
    return Histories(("web", "web"), use, HOUR, np.full(2, 8.0 * unit), kind)


@given(st.integers(0, 500))
def test_cpu_is_the_decaying_percentile_of_all_pods_and_15_per_cent(seed: int) -> None:
    """Both pods fill one histogram; the newest sample has age 0."""
    asked = table(seed, kind="cpu", unit=1.0)
    last = asked.use.shape[1] - 1
    samples = [
        (float(value), float(last - place))
        for row in asked.use
        for place, value in enumerate(row)
        if not math.isnan(value)
    ]
    expected = by_samples(samples, level=0.9, ends=CORES) * 1.15
    assert Vpa()(asked).amount[0] == pytest.approx(expected, rel=1e-9)


@given(st.integers(0, 500))
def test_memory_is_a_percentile_of_daily_peaks(seed: int) -> None:
    """Days are counted back from the newest step; each peak is a day older than the next."""
    asked = table(seed, kind="memory", unit=1e9)
    samples = []
    for row in asked.use:
        for back, day in enumerate(reversed(row.reshape(-1, 24).tolist())):
            samples.append((max(value for value in day if not math.isnan(value)), 24.0 * back))
    expected = by_samples(samples, level=0.9, ends=BYTES) * 1.15
    assert Vpa()(asked).amount[0] == pytest.approx(expected, rel=1e-9)


def test_half_the_weight_is_gone_after_a_day() -> None:
    """Ten old samples at 2 and one new at 0.5: new weighs 1, old 10 * 2**-(age / 24)."""
    use = np.full((1, 24 * 8), np.nan)
    use[0, 0:10], use[0, -1] = 2.0, 0.5
    asked = Histories(("web",), use, HOUR, np.array([4.0]), "cpu")
    assert Vpa()(asked).amount[0] < 1.0  # old ones weigh .046 together, less than a tenth
    slow = Vpa(half_life_hours=1e6)(asked).amount[0]
    assert slow > 2.0 * 1.15


@pytest.mark.parametrize(("bound", "level"), [("lower", 0.5), ("upper", 0.95)])
def test_bounds_widen_with_little_history(bound: str, level: float) -> None:
    """A day of hours counts as 24 samples of a minute, which is less than a day."""
    use = np.linspace(0.1, 2.4, 24)[None, :]
    asked = Histories(("web",), use, HOUR, np.array([4.0]), "cpu")
    days = 24 / 1440
    factor = {"lower": (1 + 0.001 / days) ** -2, "upper": 1 + 1 / days}[bound]
    plain = Vpa(level=level)(asked).amount[0]
    assert Vpa(bound=bound)(asked).amount[0] == pytest.approx(plain * factor)


def test_bounds_count_days_where_samples_are_dense() -> None:
    """Two days and a step of seconds-dense samples: the time lived counts."""
    use = np.full((1, 2 * 2880 + 1), 1.0)
    asked = Histories(("web",), use, 30, np.array([4.0]), "cpu")
    assert Vpa(bound="upper")(asked).amount[0] == pytest.approx(Vpa(level=0.95)(asked).amount[0] * 1.5)


def test_buckets_are_those_grown_one_by_one() -> None:
    """Starts agree, a value at a start falls into its bucket, and one beyond the last into the last."""
    scale, starts = Scale(*CORES), bucket_starts(*CORES)
    places = np.arange(scale.count)
    np.testing.assert_allclose(scale.start(places), starts[: scale.count], rtol=1e-9)
    inside = scale.start(places) * (1 + 1e-9) + 1e-12
    np.testing.assert_array_equal(scale.bucket(inside), places)
    assert scale.bucket(np.array([5000.0, np.nan])).tolist() == [scale.count - 1, 0]


def test_no_sample_no_answer() -> None:
    """An empty histogram has a reason, for each kind."""
    for kind in ("cpu", "memory"):
        asked = Histories(("web",), np.full((1, 30), np.nan), HOUR, np.ones(1), kind)
        assert Vpa()(asked).reasons == ("0 samples, 1 are needed",)

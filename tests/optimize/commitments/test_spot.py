"""Spot: closed forms against simulations of their own, and why not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from finops_lib.optimize.commitments.spot import (
    Job,
    Market,
    Run,
    expected_hours,
    job_factor,
    on_spot,
    service_factor,
    spare,
)
from finops_lib.records import NoRecommendation

MARKET = Market(0.3, 1.0, 0.1)


def tried(job: Job, rate: float, random: np.random.Generator) -> float:
    """Run a job minute by minute of its own clock: stretches, and a restart after each interruption."""
    took, left = 0.0, job.hours
    while left > 1e-12:
        stretch = min(job.checkpoint, left)
        length = stretch + (job.saving if left > stretch + 1e-12 else 0.0)
        while True:
            until = random.exponential(1 / rate)
            if until >= length:
                break
            took += until + job.restart
        took += length
        left -= stretch
    return took


@pytest.mark.parametrize("job", [Job(10, 1, 0.2, 20), Job(5, 2, 0.5, 20, saving=0.1), Job(3, 8, 0.0, 9)])
def test_expected_hours_are_those_of_a_simulation(job: Job) -> None:
    """4,000 runs: within four standard errors, which fails by chance once in 16,000."""
    random = np.random.default_rng(7)
    runs = np.array([tried(job, 0.2, random) for _ in range(4000)])
    off = abs(runs.mean() - expected_hours(job, 0.2))
    assert off < 4 * runs.std() / np.sqrt(len(runs))
    late = float((runs > job.deadline / 2).mean())
    told = on_spot(
        Job(job.hours, job.checkpoint, job.restart, job.deadline / 2, job.saving), Market(0.3, 1, 0.2)
    )
    assert told.late == pytest.approx(late, abs=0.035)
    assert told.cost == pytest.approx(told.hours * 0.3)


def test_without_interruptions_it_takes_its_hours() -> None:
    """And the checkpoints between."""
    assert expected_hours(Job(10, 2, 1.0, 20, saving=0.5), 0.0) == pytest.approx(12.0)
    assert on_spot(Job(10, 10, 1.0, 10), Market(0.3, 1.0, 0.0)).late == 0.0


@pytest.mark.parametrize(
    ("need", "unavailable", "promise"), [(1, 0.1, 0.99), (5, 0.05, 0.999), (20, 0.2, 0.95)]
)
def test_spare_machines_are_just_enough(need: int, unavailable: float, promise: float) -> None:
    """Counted by drawing machines: enough with them, not enough with one less."""
    count = spare(need, unavailable=unavailable, promise=promise)
    assert count is not None
    random = np.random.default_rng(1)
    up = random.random((200_000, count)) >= unavailable
    assert float((up.sum(axis=1) >= need).mean()) >= promise - 0.002
    assert float((up[:, 1:].sum(axis=1) >= need).mean()) < promise + 0.002


def test_what_is_never_up_cannot_be_promised() -> None:
    """No number is enough; and a promise of all the time is none."""
    assert spare(2, unavailable=1.0, promise=0.9) is None
    assert service_factor(200, Market(0.3, 1.0, 1e300), recovery_hours=1e300, promise=0.99) is None
    with pytest.raises(ValueError, match=r"promise 1\.0"):
        spare(2, unavailable=0.1, promise=1.0)


@pytest.mark.parametrize(("need", "unavailable"), [(400, 0.6), (9_000, 0.2), (3, 0.97)])
def test_many_spare_machines_are_found(need: int, unavailable: float) -> None:
    """Just enough by the binomial distribution itself, however many it takes."""
    count = spare(need, unavailable=unavailable, promise=0.99)
    assert count is not None
    enough, less = stats.binom.sf(need - 1, [count, count - 1], 1.0 - unavailable)
    assert enough >= 0.99 > less


def test_a_job_that_is_never_done_is_late_and_costs_without_end() -> None:
    """No overflow: one stretch that is interrupted each hour would need e ** 1000 tries."""
    never = Job(1000.0, 1000.0, 0.1, 5000.0)
    assert expected_hours(never, 1.0) == float("inf")
    assert on_spot(never, Market(0.3, 1.0, 1.0)) == Run(float("inf"), float("inf"), 1.0)
    refused = job_factor("a", never, Market(0.3, 1.0, 1.0), late=0.01)
    assert isinstance(refused, NoRecommendation)


def test_many_tries_are_drawn_as_one() -> None:
    """8 hours at one interruption an hour: mean (1 + .5) * (e ** 8 - 1), late as an exponential."""
    mean = 1.5 * float(np.expm1(8.0))
    told = on_spot(Job(8.0, 8.0, 0.5, mean), Market(0.3, 1.0, 1.0))
    assert told.hours == pytest.approx(mean)
    assert told.late == pytest.approx(float(np.exp(-1.0)), abs=0.03)


def test_why_a_job_stays_on_demand() -> None:
    """Too late too often; or so often interrupted that it is dearer."""
    late = job_factor("a", Job(10, 1, 0.2, 10), MARKET, late=0.01)
    assert isinstance(late, NoRecommendation)
    assert late.reason.endswith("1.0% is allowed")
    dear = job_factor("a", Job(10, 10, 1.0, 1e9), Market(0.9, 1.0, 0.5), late=0.01)
    assert isinstance(dear, NoRecommendation)
    assert dear.reason.startswith("interruptions make it")
    fine = job_factor("a", Job(10, 1, 0.1, 40), MARKET, late=0.01)
    assert isinstance(fine, float)
    assert 0.3 < fine < 0.36


@pytest.mark.parametrize(
    "made",
    [
        lambda: Market(-0.1, 1.0, 0.1),
        lambda: Market(0.1, 0.0, 0.1),
        lambda: Market(0.1, 1.0, float("nan")),
        lambda: Job(0, 1, 1, 1),
        lambda: Job(1, 0, 1, 1),
        lambda: Job(1, 1, -1, 1),
        lambda: Job(float("nan"), 1, 1, 1),
        lambda: Job(1, 1, float("nan"), 1),
        lambda: Job(1, 1, 1, float("inf")),
        lambda: Job(1e9, 1, 1, 1),
    ],
)
def test_what_cannot_be_is_refused(made: object) -> None:
    """Prices, rates and hours."""
    with pytest.raises(ValueError, match=r"market|job|saving"):
        made()  # type: ignore[operator]

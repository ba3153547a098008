"""Now and then is not every weekend, not ended and not new: rows by hand, and rates by plain means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.forecast.sparse import is_sparse, mean_rate

NAN = np.nan


def row(places: list[int], *, length: int, cost: float = 9.0) -> np.ndarray:
    """Make one series that costs something at these steps and nothing at the others."""
    values = np.zeros((1, length))
    values[0, places] = cost
    return values


def sparse(values: np.ndarray, *, season: int = 7) -> bool:
    """Say of one series whether it is sparse."""
    return bool(is_sparse(values, season=season)[0])


def test_costs_at_no_fixed_phase_are_sparse() -> None:
    """Seven jobs in eight weeks, each on another weekday, are sparse."""
    assert sparse(row([3, 9, 18, 26, 34, 43, 52], length=56))


def test_free_weekends_are_a_season_and_not_sparse() -> None:
    """Two days in seven cost nothing (29 %), or five of seven (71 %): the phase says when, both times."""
    for week in ([5.0, 5, 5, 5, 5, 0, 0], [0.0, 0, 0, 0, 0, 3, 3]):
        assert not sparse(np.array([week * 8]))


def test_a_few_days_off_the_phase_do_not_make_a_weekend_series_sparse() -> None:
    """Every Monday but one in eight weeks: 47 of 49 steps are as a week before, which is above 90 %."""
    assert not sparse(row([7 * week for week in range(8) if week != 4], length=56))


def test_four_in_ten_steps_without_cost_are_the_limit() -> None:
    """Six free steps of 15 make it sparse, five do not; no step tells of the one a season before."""
    free = {1, 4, 6, 9, 11, 13}
    costs = [step for step in range(15) if step not in free]
    assert sparse(row(costs, length=15), season=5)
    assert not sparse(row([*costs, 13], length=15), season=5)


def test_what_has_ended_is_not_sparse() -> None:
    """Longest pause 8: a silence of 24 is a pause, one of 25 an end."""
    places = [0, 3, 8, 16]
    assert sparse(row(places, length=41))
    assert not sparse(row(places, length=42))


def test_what_is_new_is_not_sparse() -> None:
    """A series that begins once, or ran twice, has no habit; a third start makes one."""
    new, twice = row(list(range(30, 56)), length=56), row([10, 30], length=56)
    assert not sparse(new)
    assert not sparse(twice)
    assert sparse(row([10, 30, 50], length=56))


def test_fewer_than_three_seasons_tell_nothing() -> None:
    """20 days are too few, 21 are enough; unknown days before the first do not count."""
    places = [2, 6, 12, 17]
    assert not sparse(row(places, length=20))
    assert sparse(row(places, length=21))
    assert not sparse(np.concatenate([np.full((1, 30), NAN), row(places, length=20)], axis=1))


def test_only_the_last_eight_seasons_count() -> None:
    """Sparse ten weeks ago but daily since, and the other way round."""
    job, daily = row([3, 9, 18, 26, 34, 43, 52], length=56), np.full((1, 56), 5.0)
    assert not sparse(np.concatenate([job, daily], axis=1))
    assert sparse(np.concatenate([daily, job], axis=1))


def test_a_series_that_never_cost_anything_is_not_sparse() -> None:
    """All zeros, or nothing known, is no habit of costing now and then."""
    assert is_sparse(np.array([[0.0] * 40, [NAN] * 40]), season=7).tolist() == [False, False]


def test_credits_now_and_then_are_sparse_too() -> None:
    """A step below nothing costs something: the sign does not matter."""
    assert sparse(row([3, 9, 18, 26, 34, 43, 52], length=56, cost=-2.0))


@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-9, 10.0, 1e300]))
def test_the_unit_does_not_matter(seed: int, factor: float) -> None:
    """What is sparse in cents is sparse in millions."""
    random = np.random.default_rng(seed)
    values = np.where(random.random((5, 40)) < random.random((5, 1)), random.lognormal(0, 1, (5, 40)), 0.0)
    assert is_sparse(values * factor, season=4).tolist() == is_sparse(values, season=4).tolist()


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 80), st.integers(1, 6))
def test_the_rate_is_the_mean_of_eight_seasons(seed: int, season: int, length: int, horizon: int) -> None:
    """Each step ahead is the plain mean of the known values of the last eight seasons."""
    random = np.random.default_rng(seed)
    values = random.lognormal(0, 1, (2, length))
    values[random.random(values.shape) < 0.2] = NAN
    values[:, -1] = [1.0, 2.0]
    found = mean_rate(values, horizon=horizon, season=season)
    assert found.shape == (2, horizon)
    for series, answer in zip(values, found, strict=True):
        recent = [value for value in series.tolist()[-8 * season :] if value == value]  # noqa: PLR0124
        assert answer.tolist() == pytest.approx([sum(recent) / len(recent)] * horizon)


def test_the_rate_of_the_unknown_is_unknown() -> None:
    """A series without any value has no rate, which is not a rate of 0."""
    assert np.isnan(mean_rate(np.full((1, 4), NAN), horizon=2, season=3)).all()

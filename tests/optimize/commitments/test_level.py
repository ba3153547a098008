"""Levels: planted trends are found, doubt is honest over seeds, and gaps and zeros do no harm."""

from __future__ import annotations

import numpy as np
import pytest

from finops_lib.optimize.commitments.level import WEEKS_A_YEAR, _by_amount, _fitted, learned

RNG = np.random.default_rng


def drifting(rate: float, *, seed: int, weeks: int = 60, ahead: int = 26) -> np.ndarray:
    """Make weeks whose logarithm has a trend and lasting errors."""
    random = RNG([seed, 7])
    error = random.normal(0, 0.04, weeks + ahead)
    for week in range(1, weeks + ahead):
        error[week] = 0.6 * error[week - 1] + 0.8 * error[week]
    year = (np.arange(weeks + ahead) - weeks) / WEEKS_A_YEAR
    return np.exp(3 + np.log1p(rate) * year + error)


def paths(use: np.ndarray, *, weeks: int, count: int = 400, seed: int = 1) -> np.ndarray:
    """Draw futures."""
    random, found = RNG(seed), learned(use)
    shocks = random.standard_normal((count, 4 + weeks + found.behind))
    return found.paths(weeks=weeks, shocks=shocks, chosen=random.random(count))


def test_evidence_is_that_of_the_normal_distribution() -> None:
    """The closed form against the density of the weeks with their whole covariance, up to a constant."""
    random, week = RNG(3), np.array([-5, -4, -2, -1, 0])
    said, columns = random.normal(2, 0.1, 5), np.column_stack([np.ones(5), week / WEEKS_A_YEAR])
    evidence, mean, _ = _fitted(
        said, columns, week, lasting=0.6, spread=0.4, offset=np.zeros((5, 1)), chance=np.ones(1)
    )
    from finops_lib.optimize.commitments import level as module  # noqa: PLC0415 - the grid it weighs

    centred, found, middles = said - said.mean(), [], []
    for noise in module._NOISE:
        error = noise**2 * 0.6 ** np.abs(week[:, None] - week[None]) / (1 - 0.36)
        prior = columns @ np.diag([100.0, 0.16]) @ columns.T
        whole = error + prior
        found.append(-0.5 * (np.linalg.slogdet(whole)[1] + centred @ np.linalg.solve(whole, centred)))
        middles.append(np.diag([100.0, 0.16]) @ columns.T @ np.linalg.solve(whole, centred))
    assert evidence - evidence[0] == pytest.approx(np.array(found) - found[0])
    assert mean[:, 1] == pytest.approx(np.array(middles)[:, 1])
    assert mean[:, 0] == pytest.approx(np.array(middles)[:, 0] + said.mean())


@pytest.mark.parametrize("rate", [-0.4, 0.0, 0.6])
def test_planted_trends_are_found_with_honest_doubt(rate: float) -> None:
    """Over 60 seeds 80 % intervals of the level half a year on hold 65 to 97 %, and the middle is not biased.

    With 48 of 60 expected, a count outside of 39 to 58 has a chance below 1 % if intervals are right.
    """
    inside, off = 0, []
    for seed in range(60):
        use = drifting(rate, seed=seed)
        found = paths(use[:60], weeks=26)[:, -1]
        low, mid, high = np.quantile(found, [0.1, 0.5, 0.9])
        inside += low <= use[-1] <= high
        off.append(np.log(mid / use[-1]))
    assert 39 <= inside <= 58
    assert abs(np.mean(off)) < 0.04


def test_growth_by_an_amount_is_not_continued_as_growth_by_a_share() -> None:
    """From 40 to 100 in a year goes on to 160, not to 250; between 130 and 190 in the middle."""
    use = np.linspace(40, 100, 53) * np.exp(RNG(5).normal(0, 0.01, 53))
    assert 130 < np.median(paths(use, weeks=52)[:, -1]) < 190


def test_what_grows_by_an_amount_is_one_today() -> None:
    """Half a year ago a level that grows by its size a year was at half of it, never below the least."""
    then = np.array([0, -round(WEEKS_A_YEAR / 2), -1000])
    assert np.exp(_by_amount(then, np.array([1.0])))[:, 0] == pytest.approx([1.0, 0.5, 0.02], abs=0.003)


def test_gaps_and_an_old_last_week_widen_the_doubt() -> None:
    """Weeks that are not known at the end are part of the way ahead."""
    use = drifting(0.0, seed=3)[:60]
    gaps = use.copy()
    gaps[[5, 20, 21]] = np.nan
    assert np.median(paths(gaps, weeks=4)) == pytest.approx(np.median(paths(use, weeks=4)), rel=0.03)
    gaps[-8:] = np.nan
    assert learned(gaps).behind == 8
    spread = [np.log(paths(one, weeks=1)[:, 0]).std() for one in (use, gaps)]
    assert spread[1] > spread[0]


def test_zero_weeks_are_no_error_and_paths_are_never_below_zero() -> None:
    """A scope that stood still for weeks has a level all the same."""
    use = np.where(np.arange(30) % 3 == 0, 0.0, 10.0)
    found = paths(use, weeks=10)
    assert np.isfinite(found).all() and (found >= 0).all()


def test_a_season_of_the_year_is_told_from_a_trend_once_two_years_are_known() -> None:
    """Two and a quarter years of a turn of the year without trend: half a year on it is at its low."""
    week = np.arange(117)
    use = 100 * np.exp(0.15 * np.sin(2 * np.pi * week / WEEKS_A_YEAR) + RNG(2).normal(0, 0.01, 117))
    ahead = np.median(paths(use, weeks=26), axis=0)
    assert ahead[-1] == pytest.approx(100 * np.exp(0.15 * np.sin(2 * np.pi * 142 / WEEKS_A_YEAR)), rel=0.08)


@pytest.mark.parametrize("use", [[1.0], [np.nan, 1.0], [0.0, 0.0, 0.0], []])
def test_too_little_is_refused(use: list[float]) -> None:
    """One week shows no error, and no use no level."""
    with pytest.raises(ValueError, match="at least two"):
        learned(np.array(use, dtype=float))

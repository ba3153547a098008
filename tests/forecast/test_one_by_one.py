"""Many series through a model that knows one: units, refusals, hostile values, and warnings in threads."""

from __future__ import annotations

import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from threadpoolctl import threadpool_info, threadpool_limits

from finops_lib.forecast.one_by_one import one_by_one

RAMP = np.arange(1.0, 25.0)


def last(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Repeat the last value."""
    del season
    return np.repeat(values[-1], horizon)


def test_a_model_sees_a_spread_near_one_and_its_answer_comes_back_in_the_series_unit() -> None:
    """Values of a millionth and of billions reach the model alike; the answer is the last value of each."""
    seen: list[np.ndarray] = []

    def spy(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
        seen.append(values)
        return last(values, horizon, season)

    rows = np.stack([RAMP * 1e-6, RAMP * 1e9, 1e9 + RAMP])
    found = one_by_one(rows, spy, horizon=2, season=1)
    np.testing.assert_allclose(found, np.repeat(rows[:, -1:], 2, axis=1), rtol=1e-12)
    assert all(0.5 <= values.std() <= 1.0 for values in seen)
    assert all(abs(values.mean()) < 1e-9 for values in seen)


def test_a_model_that_asks_for_it_sees_the_sign_of_the_values() -> None:
    """What is above zero stays above zero where values are not centred, and only there."""
    seen: list[float] = []

    def spy(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
        seen.append(float(values.min()))
        return last(values, horizon, season)

    one_by_one(RAMP[None], spy, horizon=1, season=1, centred=False)
    one_by_one(RAMP[None], spy, horizon=1, season=1)
    assert seen[0] > 0 > seen[1]


@pytest.mark.parametrize("error", [ValueError, ZeroDivisionError, IndexError, np.linalg.LinAlgError])
def test_a_refusal_takes_no_other_series_down(error: type[Exception]) -> None:
    """The middle one of three is refused by an error, the others answer."""

    def picky(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
        if len(values) == 20:
            raise error("no")
        return last(values, horizon, season)

    rows = np.stack([RAMP, np.where(np.arange(24) < 4, np.nan, RAMP), RAMP + 1])
    found = one_by_one(rows, picky, horizon=1, season=1)
    np.testing.assert_allclose(found[:, 0], [24.0, np.nan, 25.0])


def test_a_gap_is_filled_from_the_season_before() -> None:
    """The last value is unknown; two steps before it stood 23, which is what stands there now."""
    rows = np.where(np.arange(24) == 23, np.nan, RAMP)[None]
    assert one_by_one(rows, last, horizon=1, season=1)[0, 0] == pytest.approx(23.0)
    assert one_by_one(rows, last, horizon=1, season=2)[0, 0] == pytest.approx(22.0)


def test_a_partly_unknown_answer_is_none() -> None:
    """One step that is no number makes the whole series unknown."""
    found = one_by_one(RAMP[None], lambda v, h, s: np.array([v[0], np.inf]), horizon=2, season=1)
    assert np.isnan(found).all()


@given(arrays(float, (2, 14), elements=st.floats(allow_nan=True, allow_infinity=True)), st.integers(0, 13))
def test_any_numbers_end_in_numbers_or_unknown(rows: np.ndarray, at: int) -> None:
    """Nothing raises or warns; a series with an infinite or a huge value is unknown."""
    assert not np.isinf(one_by_one(rows, last, horizon=3, season=7)).any()
    for hostile in (np.inf, -np.inf, 1e300):
        rows[0, at] = hostile
        assert np.isnan(one_by_one(rows, last, horizon=3, season=7)[0]).all()


def test_threads_take_turns_and_leave_warnings_as_they_were() -> None:
    """Eight calls, four threads, one broken: no warning gets out, no two inside, then all is as before."""
    before, inside, most = list(warnings.filters), [0], [0]

    def loud(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.01)
        warnings.warn("lost", stacklevel=1)
        inside[0] -= 1
        return last(values, horizon, season)

    def broken(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
        raise KeyError(len(values) + horizon + season)  # no refusal, a mistake: it is not swallowed

    with ThreadPoolExecutor(4) as pool:
        models = [loud, loud, loud, broken, loud, loud, loud, loud]
        done = [pool.submit(one_by_one, RAMP[None], model, horizon=1, season=1) for model in models]
    assert [type(future.exception()) for future in done].count(KeyError) == 1
    assert [future.result()[0, 0] for future in done if not future.exception()] == [24.0] * 7
    assert most == [1]
    assert list(warnings.filters) == before
    with pytest.raises(UserWarning, match="heard"):
        warnings.warn("heard", stacklevel=1)


def test_each_thread_in_turn_has_algebra_on_one_thread() -> None:
    """Two threads that both live on, one after the other: each finds one, and two are left afterwards."""

    def threads() -> set[int]:
        return {found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"}

    inside: list[set[int]] = []

    def spy(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
        inside.append(threads())
        return last(values, horizon, season)

    with threadpool_limits(limits=2, user_api="blas"):
        one_by_one(RAMP[None], spy, horizon=1, season=1)
        left = threads()
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        for pool in (one, other):
            pool.submit(one_by_one, RAMP[None], spy, horizon=1, season=1).result()
    assert (inside, left) == ([{1}] * 3, {2})

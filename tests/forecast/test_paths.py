"""Possible futures: whole past error paths, lent ones where few are known, and chances that admit it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.forecast.panel import Outlook, Panel
from finops_lib.forecast.paths import chance, chance_by_step, ending_in, first_over, futures, one_value


def outlook_of(mid: list[list[float]], errors: np.ndarray, scale: list[float]) -> Outlook:
    """Make an outlook of series a, b, c ... with a history of ones."""
    names = tuple("abcdefgh"[: len(mid)])
    panel = Panel(names, tuple(np.ones(9) for _ in names), "day", 7)
    return Outlook(panel, np.array(mid, dtype=float), errors, np.array(scale), pd.DataFrame(), {})


def test_a_sum_goes_with_errors_of_one_origin() -> None:
    """Errors that cancel in each origin cancel in the sum: a + b is certain although neither is."""
    errors = np.array([[[1.0, 2.0], [-1.0, -2.0]], [[-3.0, 0.0], [3.0, 0.0]]])
    paths = futures(outlook_of([[10, 10], [20, 20]], errors, [1, 1]), {"a": 1.0, "b": 1.0})
    assert paths.tolist() == [[30, 30], [30, 30]]


def test_weights_weigh_forecast_and_errors() -> None:
    """2 a - b: 2 * 10 - 20 and 2 * 1 + 1 over it."""
    errors = np.array([[[1.0], [-1.0]]])
    assert futures(outlook_of([[10], [20]], errors, [1, 1]), {"a": 2.0, "b": -1.0}).tolist() == [[3.0]]


def test_few_own_paths_borrow_the_shape_and_keep_their_size() -> None:
    """Three own paths of size 2; a path of size 5 of a second series is lent at size 2, gaps are not."""
    errors = np.full((3, 2, 2), np.nan)
    errors[:, 0] = [[2.0, 2.0], [-2.0, -2.0], [2.0, -2.0]]
    errors[0, 1] = [0.0, 10.0]
    paths = futures(outlook_of([[0, 0], [0, 0]], errors, [1, 1]), {"a": 1.0})
    assert paths.tolist() == [[2, 2], [-2, -2], [2, -2], [0, 4]]


def test_a_series_without_errors_is_given_the_usual_size_for_its_scale() -> None:
    """The other errs by twice its scale of 3; a scale of 5 then errs by 10."""
    errors = np.full((1, 2, 2), np.nan)
    errors[0, 1] = [6.0, -6.0]
    assert futures(outlook_of([[0, 0], [0, 0]], errors, [5, 3]), {"a": 1.0}).tolist() == [[10, -10]]


def test_no_known_error_gives_no_path_and_many_are_capped() -> None:
    """Nothing known is no row; a thousand lent paths become 400 in all, own ones first."""
    nothing = np.full((2, 2, 1), np.nan)
    assert futures(outlook_of([[0], [0]], nothing, [1, 1]), {"a": 1.0}).shape == (0, 1)
    errors = np.ones((200, 8, 1))
    errors[3:, 0] = np.nan
    errors[:3, 0] = 7.0
    paths = futures(outlook_of([[0]] * 8, errors, [1] * 8), {"a": 1.0})
    assert paths.shape == (400, 1)
    assert paths[:3].tolist() == [[7.0]] * 3


def test_an_unknown_series_is_wrong_code() -> None:
    """So is a sum of nothing."""
    outlook = outlook_of([[0]], np.ones((1, 1, 1)), [1])
    for weights in ({"z": 1.0}, {}):
        with pytest.raises(ValueError, match="in the outlook"):
            futures(outlook, weights)


@given(st.integers(1, 30), st.integers(1, 60), st.integers(0, 10_000))
def test_paths_end_in_the_atoms_of_the_sum(paths: int, atoms: int, seed: int) -> None:
    """Each atom has a path that ends in it, in order, and ranks are kept."""
    random = np.random.default_rng(seed)
    totals = random.normal(size=atoms) * 50
    found = ending_in(random.normal(size=(paths, 5)), totals)
    np.testing.assert_allclose(found.sum(axis=1), np.sort(totals), atol=1e-9)


def test_the_first_step_over_a_limit_counts() -> None:
    """At the limit is not over it; coming back does not undo it; a limit may change."""
    paths = np.array([[2.0, 3.0, 1.0], [2.0, 2.0, 2.0], [9.0, 9.0, 9.0]])
    assert first_over(paths, 2.0).tolist() == [1, 3, 0]
    assert first_over(paths, np.array([9.0, 9.0, 1.5])).tolist() == [3, 2, 2]


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=40), st.floats(-120, 120), st.floats(0, 50))
def test_a_chance_falls_as_the_limit_rises(values: list[float], limit: float, more: float) -> None:
    """It stays within 0 and 1."""
    sample = np.array(values)
    assert 0 <= chance(sample, limit + more) <= chance(sample, limit) <= 1


def test_a_chance_admits_how_few_values_it_rests_on() -> None:
    """Ten values all below: 1/22; one value says almost nothing: 1/4; equal values are certain."""
    assert chance(np.arange(10.0), 10.0) == pytest.approx(0.5 / 11)
    assert chance(np.array([5.0]), 6.0) == 0.25
    assert [chance(np.full(3, 5.0), limit) for limit in (4.9, 5.0, 5.1)] == [1.0, 0.0, 0.0]


def test_chances_by_step_never_fall_and_end_like_the_chance_of_the_horizon() -> None:
    """Two of three paths pass: 2.5 of 4 at the end; certain paths give only 0 and 1."""
    first = np.array([1, 3, 4])
    found = chance_by_step(first, steps=4)
    assert (np.diff(found) >= 0).all()
    assert found[-1] == pytest.approx(2.5 / 4)
    assert found[0] == pytest.approx(0.125 / 4)
    assert chance_by_step(np.array([2, 2]), steps=4, certain=True).tolist() == [0, 0, 1, 1]


def test_one_value_needs_more_than_one() -> None:
    """A single past path is no proof of certainty; rounding is no difference."""
    assert not one_value(np.array([[1.0, 2.0]]))
    assert one_value(np.array([1e9, 1e9 + 1e-4]))
    assert not one_value(np.array([0.0, 1e-12]))

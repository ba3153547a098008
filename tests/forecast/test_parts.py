"""What a forecast was made of: shares and mixtures by hand, and the same as the mixture of the weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.forecast.parts import Parts
from finops_lib.forecast.weights import mixed

NAN = np.nan


def parts_of(said: object, weights: object, *, calendar: float = 1.0) -> Parts:
    """Make parts of [models, series, horizon] with series a, b, ... and nothing known to change."""
    table = np.array(said, dtype=float)
    models, series, horizon = table.shape
    flat = np.ones((series, horizon))
    names = tuple("abcdef"[:series])
    labels = tuple(f"m{number}" for number in range(models))
    return Parts(names, labels, table, np.array(weights, dtype=float), calendar * flat, 0.0 * flat, flat)


def drawn(seed: int) -> Parts:
    """Draw parts of four models and three series in which a third of the models is silent."""
    random = np.random.default_rng(seed)
    said = random.normal(100, 30, (4, 3, 5))
    said[random.random((4, 3)) < 1 / 3] = NAN
    return parts_of(said, random.dirichlet(np.ones(4), 3).T)


def test_a_silent_model_gives_its_weight_to_the_others() -> None:
    """Weights 1, 1 and 2 of 4 with the last one silent are halves; the mixture of 10 and 30 is 20."""
    parts = parts_of([[[10.0]], [[30.0]], [[NAN]]], [[0.25], [0.25], [0.5]])
    assert parts.shares().ravel().tolist() == [0.5, 0.5, 0.0]
    assert parts.mixture().tolist() == [[20.0]]


def test_a_model_that_knows_some_steps_only_is_silent() -> None:
    """Half an answer is none: the other model counts alone, in every step."""
    parts = parts_of([[[10.0, NAN]], [[30.0, 40.0]]], [[0.9], [0.1]])
    assert parts.shares().ravel().tolist() == [0.0, 1.0]
    assert parts.mixture().tolist() == [[30.0, 40.0]]


def test_where_all_that_counts_is_silent_the_others_speak_alike() -> None:
    """The only weighted model has no answer: the two without weight count a half each."""
    parts = parts_of([[[NAN]], [[2.0]], [[6.0]]], [[1.0], [0.0], [0.0]])
    assert parts.shares().ravel().tolist() == [0.0, 0.5, 0.5]
    assert parts.mixture().tolist() == [[4.0]]


def test_where_all_are_silent_nothing_is_said() -> None:
    """Shares are 0 and the mixture is unknown, not 0; the other series is not touched."""
    parts = parts_of([[[NAN], [3.0]], [[NAN], [5.0]]], [[0.5, 0.5], [0.5, 0.5]])
    assert parts.shares().tolist() == [[0.0, 0.5], [0.0, 0.5]]
    np.testing.assert_array_equal(parts.mixture(), [[NAN], [4.0]])


def test_a_mixture_is_carried_by_calendar_then_addition_then_factor() -> None:
    """10 on a day of factor 1.2, 3 added and all doubled: (12 + 3) * 2 = 30, in no other order."""
    flat = np.ones((1, 1))
    parts = Parts(("a",), ("m",), 10.0 * flat[None], flat, 1.2 * flat, 3.0 * flat, 2.0 * flat)
    assert parts.carried(parts.mixture()).tolist() == [[30.0]]


def test_only_takes_series_by_name_in_the_order_asked() -> None:
    """Each table is cut to the two series, the last one first."""
    said = [[[1.0], [2.0], [3.0]], [[10.0], [20.0], [30.0]]]
    whole = Parts(
        ("a", "b", "c"),
        ("m0", "m1"),
        np.array(said),
        np.array([[0.1, 0.2, 0.3], [0.9, 0.8, 0.7]]),
        np.array([[1.1], [1.2], [1.3]]),
        np.array([[5.0], [6.0], [7.0]]),
        np.array([[2.0], [3.0], [4.0]]),
    )
    few = whole.only(["c", "a"])
    assert (few.series, few.models) == (("c", "a"), ("m0", "m1"))
    assert few.said.tolist() == [[[3.0], [1.0]], [[30.0], [10.0]]]
    assert few.weights.tolist() == [[0.3, 0.1], [0.7, 0.9]]
    assert (few.calendar.tolist(), few.added.tolist()) == ([[1.3], [1.1]], [[7.0], [5.0]])
    assert few.factor.tolist() == [[4.0], [2.0]]


def test_only_of_a_stranger_is_wrong_code() -> None:
    """A series that has no parts cannot be asked for."""
    with pytest.raises(ValueError, match="tuple"):
        drawn(1).only(["z"])


@given(st.integers(0, 2**32 - 1))
def test_the_mixture_is_that_of_the_weights(seed: int) -> None:
    """Parts mix exactly as the forecast was mixed, silent models or not."""
    parts = drawn(seed)
    np.testing.assert_allclose(parts.mixture(), mixed(parts.said, parts.weights), rtol=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_shares_sum_to_one_and_the_mixture_lies_between_the_models(seed: int) -> None:
    """Shares of a series sum to 1 where any model speaks, and no mixture leaves the span of what was said."""
    parts = drawn(seed)
    spoken = np.isfinite(parts.said).all(axis=2).any(axis=0)
    np.testing.assert_allclose(parts.shares().sum(axis=0), spoken.astype(float))
    low, high = (np.where(np.isfinite(parts.said), parts.said, fill) for fill in (np.inf, -np.inf))
    mixture = parts.mixture()[spoken]
    assert (mixture >= low.min(axis=0)[spoken] - 1e-9).all()
    assert (mixture <= high.max(axis=0)[spoken] + 1e-9).all()

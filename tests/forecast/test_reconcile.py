"""Coherent forecasts: against matrix algebra written out, by hand on small trees, and by what must hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.forecast.reconcile import METHODS, bottom_up, gathered, projection, shrunk, variances

# Five nodes: b1, b2, b3, the group of b1 and b2, the whole.
FIVE = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]])


def drawn(seed: int, *, origins: int = 6, steps: int = 4) -> np.ndarray:
    """Draw correlated base errors of the five nodes, each node with its own size."""
    random = np.random.default_rng(seed)
    mixed = random.normal(size=(5, 5)) + 3 * np.eye(5)
    return np.einsum("ij,ojt->oit", mixed, random.normal(size=(origins, 5, steps)))


def written_out(sums: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Follow (S' W^-1 S)^-1 S' W^-1 with inverses, as the paper writes it."""
    inverse = np.linalg.inv(covariance)
    return np.linalg.inv(sums.T @ inverse @ sums) @ sums.T @ inverse


def shrunk_by_loops(errors: np.ndarray) -> tuple[np.ndarray, float]:
    """Shrink with plain loops over pairs and origins; no error is unknown."""
    origins, nodes, steps = errors.shape
    size = [np.sqrt(np.mean([errors[o, i, t] ** 2 for o in range(origins) for t in range(steps)]))
            for i in range(nodes)]  # fmt: skip
    correlation, scatter, total = np.eye(nodes), 0.0, 0.0
    for i in range(nodes):
        for j in range(nodes):
            if i == j:
                continue
            products = [np.mean(errors[o, i] * errors[o, j]) / size[i] / size[j] for o in range(origins)]
            mean = sum(products) / origins
            scatter += sum((one - mean) ** 2 for one in products) / (origins * (origins - 1))
            total += mean**2
            correlation[i, j] = mean
    intensity = min(1.0, max(1e-3, scatter / total))
    for i in range(nodes):
        for j in range(nodes):
            correlation[i, j] *= size[i] * size[j] * (1.0 if i == j else 1 - intensity)
    return correlation, intensity


@pytest.mark.parametrize("seed", range(5))
def test_all_four_methods_are_the_formula_written_out(seed: int) -> None:
    """On the five-node tree each method gives what explicit inverses and loops give."""
    errors, scale = drawn(seed), np.ones(5)
    square = np.array([np.mean(errors[:, node] ** 2) for node in range(5)])
    expected = {
        "bottom_up": np.hstack([np.eye(3), np.zeros((3, 2))]),
        "wls_structural": written_out(FIVE, np.diag([1.0, 1.0, 1.0, 2.0, 3.0])),
        "wls_variance": written_out(FIVE, np.diag(square)),
        "mint": written_out(FIVE, shrunk_by_loops(errors)[0]),
    }
    assert set(expected) == set(METHODS)
    for method, matrix in expected.items():
        found = gathered(FIVE, method=method, errors=errors, scale=scale)
        np.testing.assert_allclose(found, matrix, atol=1e-9)


def test_the_shrinkage_is_the_loop_over_pairs() -> None:
    """Intensity and covariance equal the loops; it lies strictly between both ends here."""
    errors = drawn(7, origins=8)
    covariance, intensity = shrunk(errors, np.mean(errors**2, axis=(0, 2)))
    expected, by_loops = shrunk_by_loops(errors)
    np.testing.assert_allclose(covariance, expected, atol=1e-9)
    assert intensity == pytest.approx(by_loops)
    assert 0.001 < intensity < 1


def test_weighted_least_squares_by_hand() -> None:
    """Parts 4 and 5 against a total of 12: the gap of 3 is shared by variance, here 1, 2 and 3 of 6."""
    sums = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    # The gap g = 12 - 9; part i takes g * v_i / (v_1 + v_2 + v_total): 3 * 1/6 and 3 * 2/6.
    found = projection(sums, np.array([1.0, 2.0, 3.0])) @ np.array([4.0, 5.0, 12.0])
    np.testing.assert_allclose(found, [4.5, 6.0])


@given(st.integers(0, 10_000), st.sampled_from(sorted(METHODS)))
def test_coherent_forecasts_are_left_alone(seed: int, method: str) -> None:
    """Whatever the errors, a method that is given coherent forecasts gives them back."""
    bottom = np.random.default_rng(seed).normal(size=3) * 100
    matrix = gathered(FIVE, method=method, errors=drawn(seed, origins=3), scale=np.ones(5))
    np.testing.assert_allclose(matrix @ (FIVE @ bottom), bottom, atol=1e-6)


@given(st.integers(0, 10_000), st.floats(1e-3, 1e6))
def test_the_unit_of_money_does_not_matter(seed: int, factor: float) -> None:
    """Errors in cents and in millions choose the same weights."""
    errors = drawn(seed)
    for method in METHODS:
        one = gathered(FIVE, method=method, errors=errors, scale=np.ones(5))
        other = gathered(FIVE, method=method, errors=errors * factor, scale=np.full(5, factor))
        np.testing.assert_allclose(one, other, atol=1e-7)


def test_without_past_errors_the_structure_weighs() -> None:
    """No origin, errors all unknown, or all zero: variance and covariance fall back to the structure."""
    structural = gathered(FIVE, method="wls_structural", errors=drawn(0), scale=np.ones(5))
    for errors in (np.zeros((0, 5, 4)), np.full((2, 5, 4), np.nan), np.zeros((2, 5, 4))):
        for method in ("wls_variance", "mint"):
            found = gathered(FIVE, method=method, errors=errors, scale=np.ones(5))
            np.testing.assert_allclose(found, structural)


def test_one_origin_says_nothing_of_covariance() -> None:
    """With a single origin minimum trace is weighted least squares by variance."""
    errors = drawn(3, origins=1)
    names = ("wls_variance", "mint")
    one, other = (gathered(FIVE, method=name, errors=errors, scale=np.ones(5)) for name in names)
    np.testing.assert_allclose(one, other, atol=1e-9)


def test_a_node_that_never_erred_keeps_its_forecast() -> None:
    """The whole has no past error, so the parts give way: they end at a sum of 12."""
    errors = np.ones((2, 3, 1))
    errors[:, 2] = 0.0
    sums = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    matrix = gathered(sums, method="wls_variance", errors=errors, scale=np.ones(3))
    assert (matrix @ np.array([4.0, 5.0, 12.0])).sum() == pytest.approx(12.0, abs=1e-6)


def test_a_node_without_errors_takes_the_usual_size() -> None:
    """Mean squares 4 and 36 on scales 1 and 3 are both 4 of scale squared; scale 2 without errors gets 16."""
    errors = np.array([[[2.0, -2.0], [6.0, 6.0], [np.nan, np.nan]]])
    found = variances(errors, np.array([1.0, 3.0, 2.0]))
    assert found is not None
    assert found.tolist() == [4.0, 36.0, 16.0]


def test_unknown_errors_leave_the_covariance_positive_definite() -> None:
    """Half the errors are gaps: the matrix can still be factored, and its diagonal is the variance."""
    errors = drawn(5)
    errors[::2, 1], errors[1, 3, 2:] = np.nan, np.nan
    variance = variances(errors, np.ones(5))
    assert variance is not None
    covariance, _ = shrunk(errors, variance)
    np.linalg.cholesky(covariance)
    np.testing.assert_allclose(np.diag(covariance), variance)


def test_minimum_trace_beats_bottom_up_where_the_whole_is_known_better() -> None:
    """Over 200 draws with good wholes and poor parts, its total errs less in at least 75 per cent."""
    wins = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        errors = random.normal(size=(20, 5, 1)) * np.array([3.0, 3.0, 3.0, 1.0, 0.5])[:, None]
        matrix = gathered(FIVE, method="mint", errors=errors[1:], scale=np.ones(5))
        wins += abs((matrix @ errors[0]).sum()) < abs(errors[0, :3].sum())
    assert wins >= 150


def test_bottom_up_takes_the_series_themselves() -> None:
    """Only rows of single series are used, wherever they stand."""
    assert (bottom_up(FIVE[[4, 2, 0, 3, 1]]) @ np.array([99.0, 3.0, 1.0, 99.0, 2.0])).tolist() == [1, 2, 3]


def test_an_unknown_method_is_wrong_code() -> None:
    """The known ones are named."""
    with pytest.raises(ValueError, match="wls_variance"):
        gathered(FIVE, method="best", errors=drawn(0), scale=np.ones(5))

"""Which tests are believed: golden cases, the false share over seeds, a budget that comes and goes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from finops_lib.anomaly.discovery import Budget, step_up, weights


def by_hand(p: np.ndarray, level: float) -> np.ndarray:
    """Benjamini and Hochberg as a loop: the largest rank whose p-value is below its line."""
    order = np.sort(p)
    best = 0.0
    for rank, value in enumerate(order, start=1):
        if value <= level * rank / len(p):
            best = value
    return (p <= best) & (best > 0)


@given(arrays(np.float64, st.integers(1, 40), elements=st.floats(1e-9, 1.0)), st.floats(0.01, 0.5))
def test_without_weights_it_is_the_known_rule(p: np.ndarray, level: float) -> None:
    """With equal weights the answer is that of the loop."""
    assert step_up(p, np.ones(len(p)), level=level).tolist() == by_hand(p, level).tolist()


def test_a_weight_is_a_share_of_the_error() -> None:
    """0.03 is above 0.025, half of 0.05; with weight 1.8 of 2 it counts as 0.0167 and is believed."""
    p = np.array([0.03, 0.9])
    assert step_up(p, np.ones(2), level=0.05).tolist() == [False, False]
    assert step_up(p, np.array([1.8, 0.2]), level=0.05).tolist() == [True, False]


def test_any_dependence_costs_a_harmonic_sum() -> None:
    """Of two tests 0.02 is believed at 0.05 / 2, and not at 0.05 / 2 / 1.5."""
    p = np.array([0.02, 0.9])
    assert step_up(p, np.ones(2), level=0.05)[0]
    assert not step_up(p, np.ones(2), level=0.05, any_dependence=True)[0]


def test_what_was_not_tested_is_not_believed_and_not_counted() -> None:
    """NaN leaves one test, which 0.04 passes at 0.05."""
    assert step_up(np.array([np.nan, 0.04, np.nan]), np.ones(3), level=0.05).tolist() == [False, True, False]


@pytest.mark.parametrize("real", [0, 20])
def test_the_false_share_holds_over_seeds(real: int) -> None:
    """Of 1,000 tests, ``real`` of them real, at most a tenth of those believed are false, on average.

    400 seeds; the share's standard error is below .015 (.3 / 20), the bound three of them above the level.
    """
    shares = []
    for seed in range(400):
        draw = np.random.default_rng(seed)
        p = draw.uniform(size=1000)
        p[:real] = draw.uniform(0, 1e-5, real)
        depths = np.repeat([0, 1, 2], [1, 99, 900])
        found = step_up(p, weights(depths, draw.lognormal(size=1000)), level=0.1)
        shares.append(found[real:].sum() / max(found.sum(), 1))
    assert np.mean(shares) <= 0.1 + 0.045


def test_each_level_has_the_same_share() -> None:
    """The whole, three providers and many parts: sums of weights are equal, their mean is 1."""
    depths = np.repeat([0, 1, 2], [1, 3, 26])
    found = weights(depths, np.random.default_rng(1).lognormal(size=30))
    assert [found[depths == depth].sum() for depth in range(3)] == pytest.approx([10.0, 10.0, 10.0])
    assert found.min() > 0


def test_no_money_is_shared_evenly() -> None:
    """Where nothing was spent before, series of a level weigh the same."""
    assert weights(np.array([1, 1]), np.zeros(2)).tolist() == [1.0, 1.0]


def test_a_budget_that_finds_nothing_runs_low_and_never_out() -> None:
    """After a hundred quiet days a day spends less than a third of the first one's, and not nothing."""
    budget = Budget(0.1)
    first = budget.today()
    spent = []
    for _ in range(100):
        spent.append(budget.today())
        budget = budget.after(budget.today(), found=0)
    assert 0 < budget.today() < first / 3
    assert sum(spent[-30:]) < 0.1  # in a quiet month less than a tenth of a false alarm is expected


def test_a_budget_comes_back_with_what_is_found() -> None:
    """Ten found let the next day spend more, never more than a quarter of the level."""
    quiet, busy = Budget(0.1).after(0.01, found=0), Budget(0.1).after(0.01, found=10)
    assert quiet.today() < busy.today() <= 0.025
    assert Budget(0.1, found=1e6).today() == 0.025


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, float("nan")])
def test_a_level_is_a_share(level: float) -> None:
    """0 and 1 are refused by name."""
    with pytest.raises(ValueError, match="level"):
        Budget(level)

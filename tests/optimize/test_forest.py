"""Forests over past windows: planted groups are told apart, and what is expected comes true."""

from __future__ import annotations

import numpy as np
import pytest

from finops_lib.optimize.forest import grown
from finops_lib.optimize.ladder import LADDER
from finops_lib.optimize.past import Past, paired
from finops_lib.optimize.windows import Histories


def planted(seed: int, *, workloads: int = 160) -> Past:
    """Make calm workloads, that go on as they are, and lively ones, whose level then doubles."""
    draw = np.random.default_rng(seed)
    lively = np.arange(workloads) % 2 == 1
    noise = np.exp(draw.normal(0, np.where(lively, 0.3, 0.02)[:, None], (workloads, 120)))
    use = draw.uniform(0.05, 0.2, (workloads, 1)) * noise
    use[:, 96:] *= np.where(lively, 2.0, 1.0)[:, None]
    kind = tuple(f"{'lively' if live else 'calm'}{number}" for number, live in enumerate(lively))
    return paired(Histories(kind, use[:, :96], 3600, np.ones(workloads), "cpu"), use[:, 96:])


def test_new_workloads_get_the_future_of_those_that_look_alike() -> None:
    """Calm ones need their past percentile, lively ones about twice it, at the median of what is expected."""
    forest, new = grown(planted(1)), planted(2)
    expected = forest.expected_above(new.seen, bound=0.02).above
    size = LADDER[(expected <= 0.1).argmax(axis=1)]
    growth = np.log(size) - new.seen[:, 0]
    calm = np.array([name.startswith("calm") for name in new.names])
    assert np.median(growth[calm]) == pytest.approx(0.0, abs=0.06)
    assert np.median(growth[~calm]) == pytest.approx(np.log(2), abs=0.25)


def test_expected_shares_come_true_on_the_mean() -> None:
    """Over new workloads of ten seeds the share above the rung of 5 % is 5 %, within 2 points."""
    forest, came = grown(planted(1)), []
    for seed in range(10, 20):
        new = planted(seed, workloads=40)
        rung = (forest.expected_above(new.seen, bound=0.02).above <= 0.05).argmax(axis=1)
        came.append(new.survival[np.arange(len(new)), rung].mean())
    assert np.mean(came) == pytest.approx(0.045, abs=0.02)


def test_expectations_fall_along_the_ladder_to_nothing() -> None:
    """A larger size is never expected to do worse, and the chance of a broken bound is one of its shares."""
    past = planted(3)
    found = grown(past).expected_above(past.seen[:20], bound=0.02)
    assert (np.diff(found.above, axis=1) <= 1e-12).all()
    assert found.above[:, -1].max() == 0
    assert ((found.broken >= 0) & (found.broken <= 1 + 1e-12)).all()
    assert (found.above <= found.broken + 0.02 + 1e-12).all()


def test_the_same_seed_grows_the_same_forest() -> None:
    """Two forests over the same past expect the same."""
    past = planted(4, workloads=40)
    first, second = (grown(past, seed=7).expected_above(past.seen, bound=0.02).above for _ in range(2))
    np.testing.assert_array_equal(first, second)

"""Our rule on planted fleets: it keeps its promise on workloads and times it has not seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from finops_lib.optimize.past import Past, paired
from finops_lib.optimize.price import Promise
from finops_lib.optimize.strategies.percentiles import Percentile
from finops_lib.optimize.strategies.predictive import OwnPast, Predictive, ShortPast, learned, unseen
from finops_lib.optimize.windows import Histories

STEPS, AHEAD = 120, 200


def fleet(seed: int, *, workloads: int, first: int = 0) -> tuple[Histories, np.ndarray]:
    """Draw calm, noisy and jumping workloads of capacity 4, with what came after."""
    draw = np.random.default_rng(seed)
    spread = draw.uniform(0.02, 0.4, workloads)
    noise = np.exp(draw.normal(0, spread[:, None], (workloads, STEPS + AHEAD)))
    use = draw.uniform(0.05, 0.6, (workloads, 1)) * noise
    use[:, STEPS:] *= np.exp(draw.normal(0, spread / 2))[:, None]
    use = np.minimum(use, 4.0)
    names = tuple(f"w{first + number}" for number in range(workloads))
    return Histories(names, use[:, :STEPS], 3600, np.full(workloads, 4.0), "cpu"), use[:, STEPS:]


def breach(amount: np.ndarray, future: np.ndarray) -> np.ndarray:
    """Count the share above the amount."""
    return (future > amount[:, None]).mean(axis=1)


def test_the_promise_holds_on_new_workloads_over_seeds() -> None:
    """Four fleets, each learned on 260 workloads and judged on 260 others.

    The mean share is at most 1 % on the past; the mean over fleets is no more than .3 points above it (one
    fleet's differs by about .2 points, so chance breaks it once in 700), and nine in ten keep 2 %, less 2.
    """
    shares, kept, saved = [], [], []
    for seed in range(4):
        rule = learned(paired(*fleet(seed, workloads=260)))
        asked, future = fleet(seed + 100, workloads=260, first=300)
        found = rule(asked)
        shares.append(breach(found.amount, future).mean())
        kept.append((breach(found.amount, future) <= 0.02).mean())
        saved.append(1 - found.amount.mean() / 4.0)
        assert isinstance(rule, Predictive)
        assert found.breach is not None and found.breach.max() <= 0.02
    assert 0.002 < np.mean(shares) <= 0.013
    assert np.mean(kept) >= 0.88
    assert min(saved) > 0.8


def test_it_saves_more_than_a_percentile_of_the_same_risk() -> None:
    """Against the best factor on p99.5 with hindsight for the same mean share, over two fleets."""
    ahead = []
    for seed in range(2):
        rule = learned(paired(*fleet(seed, workloads=260)))
        asked, future = fleet(seed + 50, workloads=260, first=300)
        ours = rule(asked).amount
        plain = Percentile(level=0.995)(asked).amount
        risk = breach(ours, future).mean()
        factors = np.linspace(0.5, 3.0, 501)
        fit = next(factor for factor in factors if breach(plain * factor, future).mean() <= risk)
        ahead.append(plain.mean() * fit / ours.mean())
    assert np.mean(ahead) > 1.01


def test_a_dearer_promise_gives_larger_sizes() -> None:
    """A tenth of the share needs more for the fleet."""
    past = paired(*fleet(1, workloads=260))
    asked, _ = fleet(2, workloads=50, first=300)
    loose, tight = (learned(past, promise=Promise(mean=mean))(asked).amount.sum() for mean in (0.01, 0.001))
    assert tight > 1.1 * loose


def test_a_workload_is_judged_by_trees_that_do_not_know_it() -> None:
    """Another future of one workload changes what is expected of others, not of itself."""
    past = paired(*fleet(3, workloads=40))
    survival, came = past.survival.copy(), past.came.copy()
    survival[7], came[7] = np.where(np.arange(survival.shape[1]) < 460, 1.0, 0.0), 1.0
    changed = replace(past, survival=survival, came=came)
    first, second = unseen(past, bound=0.02), unseen(changed, bound=0.02)
    np.testing.assert_array_equal(first.above[7], second.above[7])
    assert (first.above != second.above).any(axis=1).sum() > 10


def test_amounts_follow_the_unit_and_pods_the_busiest() -> None:
    """In millicores the same sizes come out; a pod that idles changes nothing."""
    past = paired(*fleet(4, workloads=220))
    asked, _ = fleet(5, workloads=20, first=300)
    milli = replace(asked, use=asked.use * 1000, capacity=asked.capacity * 1000)
    milli_past = replace(past, scale=past.scale * 1000)
    plain = learned(past)(asked).amount
    np.testing.assert_allclose(learned(milli_past)(milli).amount, plain * 1000)
    pods = replace(
        asked,
        names=asked.names * 2,
        use=np.vstack([asked.use, asked.use * 0.1]),
        capacity=np.tile(asked.capacity, 2),
    )
    np.testing.assert_array_equal(learned(past)(pods).amount, plain)


def test_a_short_past_gives_a_percentile_with_the_headroom_it_needed() -> None:
    """20 windows whose use then rose by half: p99.5 of flat use has to grow by half, and by no more."""
    flat = np.full((20, STEPS), 1.0)
    asked = Histories(tuple(f"w{n}" for n in range(20)), flat, 3600, np.full(20, 4.0), "cpu")
    rule = learned(paired(asked, np.full((20, AHEAD), 1.5)))
    assert isinstance(rule, ShortPast)
    assert rule(asked).amount == pytest.approx([1.5] * 20, rel=0.015)
    assert rule(asked).breach == pytest.approx([0.01] * 20)


def test_one_broken_bound_among_few_windows_is_too_many() -> None:
    """With ten windows a new one might break it, too: the factor covers all of them."""
    future = np.full((10, AHEAD), 1.0)
    future[3, :8] = 2.0  # 4 % of the samples
    asked = Histories(
        tuple(f"w{n}" for n in range(10)), np.full((10, STEPS), 1.0), 3600, np.full(10, 4.0), "cpu"
    )
    assert learned(paired(asked, future))(asked).amount[0] == pytest.approx(2.0, rel=0.015)


def test_without_any_past_twice_the_percentile_is_kept() -> None:
    """Nothing known is not nothing needed."""
    asked, _ = fleet(6, workloads=3)
    empty = paired(asked.rows([]), np.empty((0, AHEAD)))
    expected = 2 * np.quantile(asked.use, 0.995, axis=1)
    np.testing.assert_allclose(learned(empty)(asked).amount, np.minimum(expected, 4.0))


def test_few_samples_get_a_reason_from_both_rules() -> None:
    """99 samples are not enough, and none at all is no error."""
    use = np.full((2, STEPS), np.nan)
    use[0, -99:] = 1.0
    asked = Histories(("a", "b"), use, 3600, np.full(2, 4.0), "cpu")
    for past in (paired(*fleet(7, workloads=220)), paired(*fleet(7, workloads=20))):
        found = learned(past)(asked)
        assert found.reasons == ("99 samples, 100 are needed", "0 samples, 100 are needed")


def test_own_past_learns_only_from_what_it_is_given() -> None:
    """It gives what learning from the same windows by hand gives."""
    use = np.tile(fleet(8, workloads=60)[0].use, 6)
    asked = Histories(tuple(f"w{n}" for n in range(60)), use, 3600, np.full(60, 4.0), "cpu")
    rule = OwnPast(history=STEPS, horizon=AHEAD, stride=AHEAD, count=3)
    by_hand: list[Past] = [
        paired(asked.last(STEPS, before=cut), use[:, len(use[0]) - cut : len(use[0]) - cut + AHEAD])
        for cut in (AHEAD, 2 * AHEAD, 3 * AHEAD)
    ]
    together = Past(
        tuple(name for past in by_hand for name in past.names),
        *(
            np.concatenate([getattr(past, part) for past in by_hand])
            for part in ("seen", "survival", "came", "scale")
        ),
    )
    np.testing.assert_array_equal(rule(asked).amount, learned(together)(asked.last(STEPS)).amount)


def test_of_very_many_windows_some_are_learned_from() -> None:
    """No more than asked for, drawn by the seed."""
    past = paired(*fleet(9, workloads=230))
    first, again, other = (learned(past, most=210, seed=seed) for seed in (1, 1, 2))
    assert isinstance(first, Predictive) and isinstance(again, Predictive) and isinstance(other, Predictive)
    assert len(first.forest.past) == 210
    assert first.forest.past.names == again.forest.past.names != other.forest.past.names


def test_a_fleet_without_any_sample_has_reasons_only() -> None:
    """Both rules say so."""
    asked = Histories(("a",), np.full((1, STEPS), np.nan), 3600, np.array([4.0]), "cpu")
    for past in (paired(*fleet(7, workloads=220)), paired(*fleet(7, workloads=20))):
        assert learned(past)(asked).reasons == ("0 samples, 100 are needed",)

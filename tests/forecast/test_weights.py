"""How much each model counts: losses and weights by hand, and replays that know older futures alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.forecast.weights import (
    Record,
    against_naive2,
    errors_of,
    mixed,
    replayed,
    softmax,
)

NAN = np.nan
CUTS = (0, 2, 4, 6, 8, 10)


def record_of(
    forecasts: object, actual: object, naive2: object, *, cuts: tuple[int, ...], scale: object = (1.0,)
) -> Record:
    """Make a record of models m0, m1, ... from plain lists."""
    table = np.array(forecasts, dtype=np.float32)
    names = tuple(f"m{number}" for number in range(len(table)))
    known, bare = np.array(actual, dtype=float), np.array(naive2, dtype=float)
    return Record(names, table, known, bare, np.array(scale, dtype=float), cuts)


def drawn(seed: int, *, models: int = 3, series: int = 2, horizon: int = 2) -> Record:
    """Draw a record whose models err in size by their number; the future of the present is unknown."""
    random = np.random.default_rng(seed)
    actual = random.lognormal(3, 0.5, (len(CUTS), series, horizon))
    actual[0] = NAN
    true = np.where(np.isfinite(actual), actual, 20.0)
    size = np.arange(1.0, models + 1.0)[:, None, None, None]
    forecasts = true + size * random.normal(0, 1, (models, *actual.shape))
    naive2 = true + 2.0 * random.normal(0, 1, actual.shape)
    return record_of(forecasts, actual, naive2, cuts=CUTS, scale=random.lognormal(0, 1, series))


def loss_by_loops(record: Record, model: int, series: int, known: list[tuple[int, int]]) -> float:
    """Half the scaled and half the relative error, each over Naive2's, with plain loops."""
    sums = np.zeros((2, 2))  # model and Naive2, by scaled and relative
    for origin, steps in known:
        for row, table in enumerate((record.forecasts[model, origin], record.naive2[origin])):
            for step in range(steps):
                said, came = float(table[series, step]), float(record.actual[origin, series, step])
                sums[row, 0] += abs(said - came) / record.scale[series] / steps
                sums[row, 1] += 200 * abs(said - came) / (abs(said) + abs(came)) / steps
    return min(5.0, 0.5 * sums[0, 0] / sums[1, 0] + 0.5 * sums[0, 1] / sums[1, 1])


def test_origins_whose_whole_future_is_known_choose_the_weights() -> None:
    """At cut 4 with three steps ahead, origins from 7 on have their whole future behind them."""
    record = record_of(np.zeros((1, 5, 1, 3)), np.zeros((5, 1, 3)), np.zeros((5, 1, 3)), cuts=(0, 4, 6, 7, 9))
    assert record.known_before(4) == [(3, 3), (4, 3)]
    assert record.known_before(0) == [(1, 3), (2, 3), (3, 3), (4, 3)]


def test_without_a_whole_future_the_steps_known_by_then_count() -> None:
    """At cut 7 only the origin at 9 is older, and two of its steps have come; at 9 nothing is older."""
    record = record_of(np.zeros((1, 3, 1, 3)), np.zeros((3, 1, 3)), np.zeros((3, 1, 3)), cuts=(0, 7, 9))
    assert record.known_before(7) == [(2, 2)]
    assert record.known_before(9) == []


def test_both_errors_by_hand() -> None:
    """Off by 2 and 4 on a scale of 4 is 0.75; 2 of 4 and 4 of 4 in size are 100 % and 200 %: 150 %."""
    found = errors_of(np.array([[3.0, 4.0]]), np.array([[1.0, 0.0]]), np.array([4.0]))
    assert found.tolist() == [[0.75], [150.0]]


def test_nothing_foreseen_and_nothing_come_is_no_error_and_gaps_do_not_count() -> None:
    """Zero against zero is 0 %, and the unknown step leaves the mean of the known ones."""
    found = errors_of(np.array([[0.0, 7.0]]), np.array([[0.0, NAN]]), np.array([1.0]))
    assert found.tolist() == [[0.0], [0.0]]


def test_variants_of_one_model_share_a_vote() -> None:
    """Four that lose alike, three of them variants: the single one has a half, each variant a sixth."""
    own, pool = np.full((4, 1), 0.8), np.full(4, 0.8)
    votes = np.array([1.0, 1 / 3, 1 / 3, 1 / 3])
    weight = softmax(own, pool, sharp=8.0, trust=0.5, baseline=None, votes=votes)
    assert weight.ravel() == pytest.approx([1 / 2, 1 / 6, 1 / 6, 1 / 6])


def test_losses_stand_against_naive2() -> None:
    """Off by 1 where Naive2 is off by 2: a half of the scaled and (1/19) / (2/18) of the relative error."""
    record = record_of([[[[9.0]]]], [[[10.0]]], [[[8.0]]], cuts=(1,))
    own, pool = against_naive2(record, [(0, 1)])
    expected = 0.5 * 0.5 + 0.5 * (1 / 19) / (2 / 18)
    assert own.item() == pytest.approx(expected)
    assert pool.item() == pytest.approx(expected)


def test_where_naive2_lost_nothing_equal_is_one_and_worse_is_the_worst() -> None:
    """A model that is right, too, has loss 1; one that is wrong has the largest loss of 5."""
    record = record_of([[[[10.0]]], [[[10.5]]]], [[[10.0]]], [[[10.0]]], cuts=(1,))
    own, pool = against_naive2(record, [(0, 1)])
    assert own.ravel().tolist() == [1.0, 5.0]
    assert pool.tolist() == [1.0, 5.0]


def test_a_loss_is_judged_at_the_origins_a_model_answered() -> None:
    """Naive2 is off by 2 and 90; a model silent at the second origin stands against the 2 alone."""
    forecasts = [[[[9.0]], [[NAN]]], [[[NAN]], [[NAN]]]]
    record = record_of(forecasts, [[[10.0]], [[10.0]]], [[[8.0]], [[100.0]]], cuts=(1, 2))
    own, pool = against_naive2(record, [(0, 1), (1, 1)])
    assert own[0, 0] == pytest.approx(0.5 * 0.5 + 0.5 * (1 / 19) / (2 / 18))
    assert np.isnan([own[1, 0], pool[1]]).all()


@given(st.integers(0, 2**32 - 1))
def test_losses_are_those_of_plain_loops(seed: int) -> None:
    """Each model's loss for each series equals the loop over origins and steps."""
    record = drawn(seed)
    known = record.known_before(0)
    own, _ = against_naive2(record, known)
    expected = [[loss_by_loops(record, model, series, known) for series in range(2)] for model in range(3)]
    np.testing.assert_allclose(own, expected, rtol=1e-5)


def test_weights_fall_with_the_loss_by_hand() -> None:
    """Losses 0.5, 1 and 2 at sharpness 2: weights as 1, e^-1 and e^-3."""
    found = softmax(np.array([[0.5], [1.0], [2.0]]), np.zeros(3), sharp=2.0, trust=1.0, baseline=None)
    parts = [1.0, math.exp(-1), math.exp(-3)]
    assert found.ravel().tolist() == pytest.approx([part / sum(parts) for part in parts])


def test_trust_mixes_a_series_own_loss_with_the_pools() -> None:
    """Own losses 0 and 1, pooled 1 and 0, trust 0.75: losses 0.25 and 0.75, weights as 1 and e^-0.5."""
    own, pool = np.array([[0.0], [1.0]]), np.array([1.0, 0.0])
    found = softmax(own, pool, sharp=1.0, trust=0.75, baseline=None)
    assert found.ravel().tolist() == pytest.approx([1 / (1 + math.exp(-0.5)), 1 / (1 + math.exp(0.5))])
    lent = softmax(own, pool, sharp=1.0, trust=0.0, baseline=None)
    assert lent.ravel().tolist() == pytest.approx([1 / (1 + math.e), 1 / (1 + math.exp(-1))])


def test_a_series_too_short_to_be_judged_takes_the_pools_weights() -> None:
    """The second series has no loss of its own: whatever the trust, it is weighed by the pool alone."""
    own, pool = np.array([[9.0, NAN], [0.0, NAN]]), np.array([0.5, 1.0])
    for trust in (0.0, 0.5, 1.0):
        found = softmax(own, pool, sharp=2.0, trust=trust, baseline=None)
        assert found[:, 1].tolist() == pytest.approx([1 / (1 + math.exp(-1)), 1 / (1 + math.e)])


def test_a_model_that_nobody_could_judge_counts_as_the_worst() -> None:
    """Without any loss in the panel a model stands with the worst of the others."""
    found = softmax(np.full((3, 1), NAN), np.array([0.0, 1.0, NAN]), sharp=1.0, trust=1.0, baseline=None)
    assert found[2, 0] == found[1, 0] < found[0, 0]


def test_who_loses_to_the_baseline_has_no_weight() -> None:
    """Models above the baseline's loss get 0; one as good as it and the baseline itself do not."""
    own = np.array([[0.9], [1.0], [1.0], [1.1]])
    found = softmax(own, np.ones(4), sharp=0.0, trust=1.0, baseline=2)
    assert found.ravel().tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0.0])


@given(st.integers(0, 2**32 - 1), st.floats(0, 50), st.floats(0, 1), st.sampled_from([None, 0, 2]))
def test_weights_are_shares(seed: int, sharp: float, trust: float, baseline: int | None) -> None:
    """Weights of a series are between 0 and 1 and sum to 1, with losses unknown here and there."""
    random = np.random.default_rng(seed)
    own, pool = random.uniform(0, 5, (4, 6)), random.uniform(0, 5, 4)
    own[random.random(own.shape) < 0.3] = NAN
    found = softmax(own, pool, sharp=sharp, trust=trust, baseline=baseline)
    np.testing.assert_allclose(found.sum(axis=0), 1.0)
    assert ((found >= 0) & (found <= 1)).all()


def test_a_mixture_leaves_silent_models_out() -> None:
    """Of 1, unknown and 4 at weights 2, 1 and 1 the mixture is 2; all silent is unknown."""
    said = np.array([[[1.0], [NAN]], [[NAN], [NAN]], [[4.0], [NAN]]])
    found = mixed(said, np.array([[0.5, 0.5], [0.25, 0.25], [0.25, 0.25]]))
    np.testing.assert_allclose(found, [[2.0], [NAN]])


def test_where_all_that_counts_is_silent_the_others_speak_alike() -> None:
    """The only weighted model has no answer: 2 and 6 count a half each."""
    said = np.array([[[NAN]], [[2.0]], [[6.0]]])
    assert mixed(said, np.array([[1.0], [0.0], [0.0]])).item() == 4.0


def test_replays_know_older_futures_alone() -> None:
    """Whatever comes after an origin, what was said there and before stays as it was, in every series."""
    record = drawn(5)
    before, _ = replayed(record, baseline=None)
    for place, cut in enumerate(CUTS[1:], start=1):
        actual, naive2 = record.actual.copy(), record.naive2.copy()
        forecasts = record.forecasts.copy()
        for origin, past in enumerate(CUTS):
            # the first `past - cut` steps after an older origin lie before this one
            actual[origin, :, max(past - cut, 0) :] *= 7.0
            if past < cut:
                forecasts[:, origin] *= 3.0
                naive2[origin] += 5.0
        changed = Record(record.names, forecasts, actual, naive2, record.scale, CUTS)
        after, _ = replayed(changed, baseline=None)
        np.testing.assert_array_equal(after[place:], before[place:])
        assert place == len(CUTS) - 1 or not np.array_equal(after[0], before[0])


def test_the_oldest_origin_has_no_forecast_and_every_newer_one_has() -> None:
    """Where nothing older is known there is no replay; one known step is enough for the next."""
    found, _ = replayed(drawn(2), baseline=None)
    assert np.isfinite(found).all(axis=(1, 2)).tolist() == [True] * 5 + [False]
    assert np.isnan(found[-1]).all()


def test_the_model_that_is_always_right_takes_all() -> None:
    """m0 never errs and m1 always: the present is almost wholly what m0 says, under sharp weights."""
    actual = np.full((6, 1, 2), 10.0)
    actual[0] = NAN
    forecasts = np.stack([np.full((6, 1, 2), 10.0), np.full((6, 1, 2), 20.0)])
    found, weight = replayed(record_of(forecasts, actual, np.full((6, 1, 2), 15.0), cuts=CUTS), baseline=None)
    assert weight[0, 0] > 0.999
    np.testing.assert_allclose(found[0], 10.0, atol=0.01)


def test_a_model_worse_than_the_baseline_is_silent_now() -> None:
    """m1 is the baseline and off by 4, m0 by 2, m2 by 6: m2 has weight 0 and the weights sum to 1."""
    actual = np.full((6, 1, 2), 10.0)
    actual[0] = NAN
    forecasts = np.stack([np.full((6, 1, 2), said) for said in (12.0, 14.0, 16.0)])
    record = record_of(forecasts, actual, np.full((6, 1, 2), 15.0), cuts=CUTS)
    _, weight = replayed(record, baseline=1)
    assert weight[2, 0] == 0.0
    assert weight.sum() == pytest.approx(1.0)
    assert replayed(record, baseline=None)[1][2, 0] > 0.0


def test_with_nothing_known_all_models_count_alike() -> None:
    """One origin, the present: equal weights, and no replay."""
    found, weight = replayed(
        record_of(np.ones((4, 1, 1, 2)), np.full((1, 1, 2), NAN), np.ones((1, 1, 2)), cuts=(0,)),
        baseline=None,
    )
    assert weight.ravel().tolist() == [0.25] * 4
    assert np.isnan(found).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-6, 10.0, 1e9]))
def test_the_unit_does_not_choose_the_weights(seed: int, factor: float) -> None:
    """All values and scales times a factor: the same weights, and forecasts times the factor."""
    record = drawn(seed)
    found, weight = replayed(record, baseline=0)
    larger = Record(
        record.names,
        (record.forecasts.astype(float) * factor).astype(np.float32),
        record.actual * factor,
        record.naive2 * factor,
        record.scale * factor,
        CUTS,
    )
    other, again = replayed(larger, baseline=0)
    np.testing.assert_allclose(again, weight, atol=1e-4)
    np.testing.assert_allclose(other, found * factor, rtol=1e-4)

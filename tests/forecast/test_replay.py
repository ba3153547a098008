"""What was said at each origin: by hand with one model, against the mixture written out, no future seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.backtest import actuals
from finops_lib.forecast import simple, smoothing
from finops_lib.forecast.models import Model, Plain
from finops_lib.forecast.panel import Outlook, Panel
from finops_lib.forecast.replay import ENSEMBLE, Past, Question, told
from finops_lib.forecast.ridge import Ridge
from finops_lib.forecast.shocks import Step

NAN = np.nan
CUTS = (0, 7, 14, 21, 28, 35, 42)
WEEK = np.array([5.0, 6, 7, 6, 5, 2, 2])
NAIVE = Plain("naive", simple.naive)
SEASONAL = Plain("seasonal_naive", simple.seasonal_naive)
FOUR: tuple[Model, ...] = (
    NAIVE,
    SEASONAL,
    Plain("profile", simple.profile),
    Plain("theta", smoothing.theta),
)


def past_of(history: np.ndarray, *, now: np.ndarray | None = None, season: int = 7, **known: object) -> Past:
    """Make a past in which nothing was taken out, of series a, b, ..., in a unit of 1."""
    names = tuple("abcdef"[: len(history)])
    given_ = {
        "unit": np.ones(len(history)),
        "sparse": np.zeros(len(history), dtype=bool),
        "steps": [],
        **known,
    }
    panel = Panel(names, tuple(history), "day", season)
    return Past(panel, history, history, history if now is None else now, **given_)  # type: ignore[arg-type]


def ask(past: Past, *models: Model, cuts: Sequence[int] = CUTS, horizon: int = 7, jobs: int = 1) -> Outlook:
    """Ask these models, four plain ones if none is named."""
    return told(past, Question(horizon, past.panel.season, tuple(cuts), models or FOUR, jobs))


def drawn(seed: int, *, series: int = 3, steps: int = 84) -> np.ndarray:
    """Draw noisy weekly series."""
    weeks = np.tile(WEEK, steps // 7)
    return weeks * np.random.default_rng(seed).lognormal(0, 0.15, (series, steps))


def saying(name: str, *values: float) -> Model:
    """Make a model that says one value a series at every origin."""

    def say(history: np.ndarray, *, horizon: int, season: int, cuts: Sequence[int]) -> dict[str, np.ndarray]:
        assert season > 0
        row = np.repeat(np.array(values)[:, None], horizon, axis=1)
        return {name: np.repeat(row[None], len(cuts), axis=0)}

    return say


def replays(outlook: Outlook, history: np.ndarray, cuts: Sequence[int] = CUTS) -> np.ndarray:
    """Give what was said at the past origins: what came, less the errors."""
    horizon = outlook.mid.shape[1]
    return actuals(history, cuts=cuts[1:], horizon=horizon) - outlook.errors


def test_errors_and_measures_by_hand() -> None:
    """10, 12, ... 20 and the naive model: always 2 too low, where older origins chose its weight."""
    line = np.arange(10.0, 21.0, 2.0)[None]
    outlook = ask(past_of(line, season=1), NAIVE, cuts=(0, 1, 2, 3), horizon=1)
    assert outlook.mid.tolist() == [[20.0]]
    np.testing.assert_array_equal(outlook.errors[:, 0, 0], [2.0, 2.0, NAN])  # nothing is older than the last
    assert outlook.scale.tolist() == [2.0]
    table = outlook.accuracy.set_index("model")
    for model in ("naive", ENSEMBLE):
        row = table.loc[model]
        # 2 over a scale of 2; 2 of 18 + 20 and 2 of 16 + 18; too low is a negative bias
        assert (row["series"], row["mase"], row["bias"]) == ("a", 1.0, -1.0)
        assert row["smape"] == pytest.approx(200 * (2 / 38 + 2 / 34) / 2)
    assert list(table.index) == ["naive", ENSEMBLE]


def test_with_several_models_the_replay_is_the_written_out_mixture() -> None:
    """Of four models the present is what each one says times its weight in the parts."""
    history = drawn(1)
    outlook = ask(past_of(history))
    assert outlook.parts is not None
    said = np.stack([model(history, horizon=7, season=7, cuts=[0])[model.name][0] for model in FOUR])  # type: ignore[attr-defined]
    expected = (outlook.parts.weights[:4, :, None] * said).sum(axis=0)
    np.testing.assert_allclose(outlook.mid, expected, rtol=1e-5)
    np.testing.assert_allclose(outlook.parts.mixture(), outlook.mid, rtol=1e-5)
    np.testing.assert_allclose(outlook.parts.weights.sum(axis=0), 1.0)
    assert outlook.parts.models == ("naive", "seasonal_naive", "profile", "theta", "mean_rate")
    assert not outlook.parts.weights[4].any()


def test_who_loses_to_seasonal_naive_counts_nothing() -> None:
    """On equal weeks a naive model is far worse: weight 0; without a seasonal naive it would count."""
    history = drawn(2, series=1)
    with_it = ask(past_of(history), NAIVE, SEASONAL).parts
    without = ask(past_of(history), NAIVE, Plain("profile", simple.profile)).parts
    assert with_it is not None
    assert without is not None
    assert with_it.weights[:2, 0].tolist() == [0.0, 1.0]
    assert without.weights[0, 0] > 0.0


def test_a_series_without_past_answers_takes_the_pools_weights() -> None:
    """A series of 20 days has no replay at the origins that are judged: it is weighed as the panel is."""
    history = drawn(3)
    history[2, :64] = NAN
    outlook = ask(past_of(history), *FOUR, cuts=(0, 35, 42, 49, 56))
    assert outlook.parts is not None
    assert np.isfinite(outlook.mid).all()
    assert np.isnan(outlook.errors[:, 2]).all()
    calm = ask(past_of(history[:2]), *FOUR, cuts=(0, 35, 42, 49, 56)).parts
    assert calm is not None
    weight = outlook.parts.weights[:4, 2]
    assert weight.sum() == pytest.approx(1.0)
    assert weight.argmax() == calm.weights[:4].mean(axis=1).argmax()


def test_without_a_past_origin_the_middle_of_the_models_is_taken() -> None:
    """Three models say 1, 2 and 9 at the present alone: 2, no errors, and measures unknown."""
    history = np.array([[1.0, 9.0, 1.0, 9.0]])
    models = (saying("low", 1.0), saying("mid", 2.0), saying("high", 9.0))
    outlook = ask(past_of(history, season=1), *models, cuts=(0,), horizon=2)
    assert outlook.mid.tolist() == [[2.0, 2.0]]
    assert outlook.errors.shape == (0, 1, 2)
    assert outlook.accuracy[["mase", "smape", "bias"]].isna().all(axis=None)


def test_no_model_runs_away() -> None:
    """A model that says a billion, and one below nothing, are held three ranges (5) beyond 2 and 7."""
    history = np.tile(WEEK, (1, 12))
    for value, expected in ((1e9, 7.0 + 15.0), (-1e9, 0.0)):
        assert ask(past_of(history), saying("wild", value)).mid.tolist() == [[expected] * 7]
    history = history - 6.0  # between -4 and 1: below nothing is allowed
    assert ask(past_of(history), saying("wild", -1e9)).mid.tolist() == [[-4.0 - 15.0] * 7]


def test_a_series_on_a_new_level_is_led_on_from_there() -> None:
    """The past of the second series is doubled: its forecast doubles, the first one's and all errors stay."""
    history = drawn(4, series=2)
    now = history * np.array([[1.0], [2.0]])
    plain, fresh = ask(past_of(history)), ask(past_of(history, now=now))
    assert past_of(history, now=now).stepped().tolist() == [False, True]
    np.testing.assert_allclose(fresh.mid, plain.mid * np.array([[1.0], [2.0]]), rtol=1e-5)
    np.testing.assert_array_equal(fresh.errors, plain.errors)
    assert fresh.parts is not None
    np.testing.assert_allclose(fresh.parts.mixture(), fresh.mid, rtol=1e-5)


def test_unknown_steps_are_the_same_now_and_then() -> None:
    """A gap before the first value makes no series look different."""
    history = drawn(5)
    history[1, :30] = NAN
    assert not past_of(history, now=history.copy()).stepped().any()


def test_a_sparse_series_goes_on_at_its_mean_rate() -> None:
    """4 of every 4th day for ten weeks and 12 since: 80/56 a day now, 1 a fortnight ago; no model counts."""
    # The last 56 days hold 11 times 4 and 3 times 12, which is 80 of 56; those 14 days ago 14 times 4.
    jobs = np.tile([4.0, 0, 0, 0], 21)
    jobs[-14:] *= 3.0
    history = np.stack([jobs, drawn(6, series=1)[0]])
    outlook = ask(past_of(history, sparse=np.array([True, False])))
    plain = ask(past_of(history))
    assert outlook.mid[0].tolist() == pytest.approx([80 / 56] * 7)
    np.testing.assert_allclose(replays(outlook, history)[1, 0], 1.0)
    np.testing.assert_array_equal(outlook.mid[1], plain.mid[1])
    assert outlook.groups == ("sparse", "lively")
    assert outlook.parts is not None
    assert outlook.parts.weights[:, 0].tolist() == [0.0] * 4 + [1.0]
    assert np.isnan(outlook.errors[-1]).all()  # no replay where nothing older was known


def test_a_step_makes_errors_as_large_as_its_doubt() -> None:
    """30 more for three of seven days: errors of 18 in the mean, in a unit of 5 that is 3.6; signs stay."""
    history = drawn(7, series=2) / 5.0
    step = Step(1, 3, 2.0, 30.0)
    plain = ask(past_of(history, unit=np.array([5.0, 5.0])))
    found = ask(past_of(history, unit=np.array([5.0, 5.0]), steps=[step]))
    assert np.nanmean(np.abs(found.coming()[:, 1])) == pytest.approx(18.0 / 5.0)
    ratio = found.coming()[:, 1] / plain.errors[:, 1]
    np.testing.assert_allclose(ratio[np.isfinite(ratio)], np.nanmax(ratio))
    np.testing.assert_array_equal(found.coming()[:, 0], plain.errors[:, 0])
    np.testing.assert_array_equal(found.errors, plain.errors)  # the back-test stays what it was


def test_errors_larger_than_the_doubt_stay() -> None:
    """A step of a cent does not make anyone surer."""
    history = drawn(8, series=1)
    found = ask(past_of(history, steps=[Step(0, 3, 1.0, 0.01)]))
    np.testing.assert_array_equal(found.coming(), ask(past_of(history)).errors)


def test_a_constant_forecasts_itself_and_was_never_wrong() -> None:
    """5.5 beside a lively series: 5.5 each day, and errors of 0 to a millionth."""
    history = np.stack([np.full(84, 5.5), drawn(9, series=1)[0]])
    outlook = ask(past_of(history), *FOUR, Ridge(14))
    np.testing.assert_allclose(outlook.mid[0], 5.5, rtol=1e-6)
    np.testing.assert_allclose(outlook.errors[:-1, 0], 0.0, atol=1e-5)


def test_the_answer_does_not_depend_on_threads() -> None:
    """One thread or two: the same bits."""
    past = past_of(drawn(10))
    one, two = (ask(past, *FOUR, Ridge(14), Ridge(14, log=True), jobs=jobs) for jobs in (1, 2))
    np.testing.assert_array_equal(one.mid, two.mid)
    np.testing.assert_array_equal(one.errors, two.errors)
    assert one.accuracy.equals(two.accuracy)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_no_origin_sees_its_future(seed: int, place: int) -> None:
    """Other values after an origin leave the replay there, and at all older ones, as it was."""
    history = drawn(seed, series=1)
    cut = CUTS[place]
    changed = history.copy()
    changed[:, -cut:] *= np.random.default_rng(seed).lognormal(0, 1, cut)
    models = (*FOUR, Ridge(14, kappas=(None, 50.0)))
    before = replays(ask(past_of(history), *models), history)
    after = replays(ask(past_of(changed), *models), changed)
    np.testing.assert_allclose(after[place - 1 :], before[place - 1 :], rtol=1e-9, atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1 / 1024, 8.0, 2.0**20]))
def test_the_unit_does_not_matter(seed: int, factor: float) -> None:
    """Values times a factor: forecasts, errors and scale times it; measures and kinds stay."""
    history = drawn(seed)
    found, larger = ask(past_of(history)), ask(past_of(history * factor))
    np.testing.assert_allclose(larger.mid, found.mid * factor, rtol=1e-5)
    np.testing.assert_allclose(larger.errors, found.errors * factor, rtol=1e-4, atol=1e-5 * factor)
    np.testing.assert_allclose(larger.scale, found.scale * factor)
    np.testing.assert_allclose(larger.accuracy["mase"], found.accuracy["mase"], rtol=1e-4)
    assert larger.groups == found.groups


@pytest.mark.parametrize("others", [0, 2])
def test_a_mixture_that_lost_once_is_used_where_it_wins_elsewhere(others: int) -> None:
    """Once far off, else right: alone it lost to the last season, beside others that it knows it did not."""
    noise = np.random.default_rng(3).normal(0.0, 3.0, (1 + others, 112))
    history = np.tile(WEEK * 10.0, 16) + noise

    def knowing(
        history: np.ndarray, *, horizon: int, season: int, cuts: Sequence[int]
    ) -> dict[str, np.ndarray]:
        came = actuals(history, cuts=cuts, horizon=horizon)
        came = np.where(np.isfinite(came), came, history[None, :, -season:][:, :, :horizon])
        off = 20.0 * (np.array(cuts) == 7)[:, None, None] * (np.arange(len(history)) == 0)[:, None]
        return {"knowing": came + off}

    found = ask(past_of(history), SEASONAL, knowing)
    errors = found.accuracy[found.accuracy["series"] == "a"].set_index("model")["mase"]
    assert errors[ENSEMBLE] > errors["seasonal_naive"]
    assert ("a" in found.notes) is (others == 0)

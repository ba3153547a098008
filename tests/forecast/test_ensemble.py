"""From a panel to an outlook: bad input of every sort, planted truths and known changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import holidays
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from finops_lib.backtest import actuals
from finops_lib.errors import QueryError
from finops_lib.forecast import simple, smoothing
from finops_lib.forecast.ensemble import cuts_for, forecast
from finops_lib.forecast.models import Model, Plain
from finops_lib.forecast.panel import Outlook, Panel
from finops_lib.forecast.ridge import Ridge
from finops_lib.forecast.trees import Trees

NAN = np.nan
END = datetime(2026, 3, 1, tzinfo=UTC)  # a Sunday
DAYS = 84
WEEK = np.array([5.0, 6, 7, 6, 5, 2, 2])
NOISY = np.tile(WEEK, 12) * np.random.default_rng(0).lognormal(0, 0.05, DAYS)
DAY = np.arange(DAYS)
SEASONAL = Plain("seasonal_naive", simple.seasonal_naive)
FEW: tuple[Model, ...] = (
    Plain("naive", simple.naive),
    SEASONAL,
    Plain("drift", simple.drift),
    Plain("profile", simple.profile),
    Plain("theta", smoothing.theta),
    Ridge(14, kappas=(None, 50.0)),
)

BAD = {
    "short": np.array([50.0, 60.0, 70.0, 60.0, 50.0]),
    "one": np.array([3.0]),
    "gaps": np.where(DAY % 11 == 3, NAN, NOISY),
    "late gap": np.where(DAY > DAYS - 3, NAN, NOISY),
    "zeros": np.zeros(DAYS),
    "negatives": NOISY - 4.0,
    "credit": -NOISY,
    "stepped": np.where(DAY >= DAYS - 7, 3 * NOISY, NOISY),
    "constant": np.full(DAYS, 5.3),
    "infinite": np.where(DAY == DAYS - 3, np.inf, NOISY),
    "minus infinite": np.where(DAY == DAYS - 3, -np.inf, NOISY),
    "huge": NOISY * 1e299,
    "tiny": NOISY * 1e-9,
    "ended": np.where(DAY >= 50, 0.0, NOISY),
    "falling": np.linspace(50.0, 0.5, DAYS),
    "now and then": np.where(np.random.default_rng(5).random(DAYS) < 0.3, 100.0, 0.0),
    "unknown": np.full(DAYS, NAN),
    "only infinite": np.full(DAYS, np.inf),
    "empty": np.array([]),
}
NO_VALUE = ["unknown", "only infinite", "empty"]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Hold the models to one thread: many on a busy machine wait for one another."""
    with threadpool_limits(limits=1):
        yield


def panel_of(end: datetime | None = END, **values: Sequence[float] | np.ndarray) -> Panel:
    """Make a panel of daily series that end at one moment."""
    arrays = tuple(np.array(row, dtype=float) for row in values.values())
    return Panel(tuple(values), arrays, "day", 7, None if end is None else (end,) * len(arrays))


def changes_of(*rows: dict[str, object]) -> pd.DataFrame:
    """Make a frame of changes of series a."""
    return pd.DataFrame([{"series": "a", **row} for row in rows])


def day(number: int) -> datetime:
    """Give the start of a day ahead, the first being 0; the last known is -1."""
    return END + timedelta(days=number)


def replays(outlook: Outlook, history: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Give what was said at past origins, and how many of the last steps each did not know."""
    horizon = outlook.mid.shape[1]
    cuts = cuts_for(history.shape[1], horizon=horizon, season=outlook.panel.season)
    return actuals(history, cuts=cuts, horizon=horizon) - outlook.errors, cuts


@pytest.fixture(scope="module")
def bad() -> Outlook:
    """Forecast everything that is wrong in one panel."""
    panel = Panel(tuple(BAD), tuple(BAD.values()), "day", 7, (END,) * len(BAD))
    return forecast(panel, horizon=7, models=FEW)


def row_of(outlook: Outlook, name: str) -> int:
    """Find a series in an outlook."""
    return outlook.panel.names.index(name)


def test_whatever_is_in_a_panel_each_series_has_a_forecast_or_a_reason(bad: Outlook) -> None:
    """Every series with a value has a finite forecast and scale; the three without are named."""
    assert dict(bad.missing) == dict.fromkeys(NO_VALUE, "it has no value")
    assert list(bad.panel.names) == [name for name in BAD if name not in NO_VALUE]
    assert np.isfinite(bad.mid).all()
    assert np.isfinite(bad.scale).all()
    assert (bad.scale > 0).all()
    assert not np.isinf(bad.errors).any()


def test_errors_are_known_wherever_there_is_a_past(bad: Outlook) -> None:
    """At all origins but the oldest, which nothing chose weights for; the two young series have none."""
    known = np.isfinite(bad.errors).all(axis=2)
    young = np.isin(bad.panel.names, ["short", "one"])
    assert not known[:, young].any()
    assert known[:-1, ~young].all()
    assert np.isnan(bad.errors[-1]).all()


def test_what_never_was_negative_is_never_forecast_so(bad: Outlook) -> None:
    """Only the series with credits go below nothing; a fall towards nothing stops there."""
    below = {name for name, row in zip(bad.panel.names, bad.mid, strict=True) if (row < 0).any()}
    assert below == {"negatives", "credit"}
    drift = forecast(panel_of(a=BAD["falling"]), horizon=7, models=[FEW[2]])
    assert drift.mid[0, 1:].tolist() == [0.0] * 6  # 0.5 less 0.6 a day from the first day on


def test_the_reader_is_told_what_is_unusual(bad: Outlook) -> None:
    """Each oddity has its note, in these words; a series without one has none."""
    notes = dict(bad.notes)
    assert notes.pop("one").endswith(" known, fewer than two seasons of 7")
    assert notes.pop("stepped").endswith("times as high since 2026-02-22: the new level goes on, in doubt")
    assert notes == {
        "short": "5 days known, fewer than two seasons of 7",
        "gaps": "8 gaps filled from the past; no model was better than its last season, which goes on",
        "late gap": "2 gaps filled from the past",
        "zeros": "it never cost anything",
        "constant": "it never changed",
        "infinite": "1 gap filled from the past",
        "minus infinite": "1 gap filled from the past",
        "ended": "it costs nothing any more",
        "now and then": "it costs something in 23 % of its days: its mean rate goes on",
    }


def test_odd_series_go_on_as_they_should(bad: Outlook) -> None:
    """Zeros and the ended stay at 0, a constant and a single value as they are, the sparse at its rate."""
    said = {name: row.tolist() for name, row in zip(bad.panel.names, bad.mid, strict=True)}
    assert said["zeros"] == said["ended"] == [0.0] * 7
    assert said["constant"] == pytest.approx([5.3] * 7, rel=1e-6)
    assert said["one"] == pytest.approx([3.0] * 7, rel=1e-6)
    assert said["now and then"] == pytest.approx([BAD["now and then"][-56:].mean()] * 7)
    assert 50.0 <= min(said["short"]) <= max(said["short"]) <= 70.0
    for name in ("huge", "tiny"):
        usual = BAD[name][-7:].mean() / NOISY[-7:].mean()
        np.testing.assert_allclose(np.array(said[name]), WEEK * usual, rtol=0.25)


def test_an_infinite_value_and_a_gap_are_the_same(bad: Outlook) -> None:
    """Infinity, minus infinity and nothing on one day lead to one forecast."""
    said = [bad.mid[row_of(bad, name)] for name in ("infinite", "minus infinite")]
    np.testing.assert_array_equal(said[0], said[1])
    np.testing.assert_allclose(said[0], WEEK, rtol=0.25)


def test_a_step_last_week_goes_on_in_doubt(bad: Outlook) -> None:
    """Three times as high for seven days: three times the week is forecast, errors are 0.3 of the step."""
    place = row_of(bad, "stepped")
    np.testing.assert_allclose(bad.mid[place], 3 * WEEK, rtol=0.25)
    # the level rose by twice the week's median of 5, and after a whole season 0.3 of that is in doubt
    assert np.nanmean(np.abs(bad.coming()[:, place])) == pytest.approx(0.3 * 2 * 5.0, rel=0.1)


def test_measures_are_a_number_or_unknown(bad: Outlook) -> None:
    """No measure is infinite, the ensemble is measured for every series with a past, and never negative."""
    table = bad.accuracy
    assert not np.isinf(table[["mase", "smape", "bias"]].to_numpy()).any()
    whole = table[table["model"] == "ensemble"].set_index("series")
    assert sorted(whole.index[whole["mase"].isna()]) == ["one", "short"]
    assert (whole["mase"].dropna() >= 0).all()
    assert whole["smape"].dropna().between(0, 200).all()


def test_the_standard_models_stand_all_of_it_too() -> None:
    """Asked of a short panel of the same oddities, they answer for each series, and not below nothing."""
    few = {name: row[-30:] for name, row in BAD.items() if name not in NO_VALUE}
    outlook = forecast(panel_of(None, **few), horizon=3)
    assert outlook.panel.names == tuple(few)
    assert np.isfinite(outlook.mid).all()
    below = {name for name, row in zip(few, outlook.mid, strict=True) if (row < 0).any()}
    assert below <= {"negatives", "credit"}


def test_a_panel_without_any_value_is_an_empty_outlook() -> None:
    """No series, no step, no error; the reason stands for each."""
    outlook = forecast(panel_of(a=[NAN, NAN], b=[]), horizon=3)
    assert (outlook.mid.shape, outlook.errors.shape, outlook.scale.shape) == ((0, 3), (0, 0, 3), (0,))
    assert dict(outlook.missing) == dict.fromkeys("ab", "it has no value")
    assert outlook.accuracy.empty


def test_a_week_with_a_trend_is_recovered_by_the_standard_models() -> None:
    """Equal weeks that rise by 0.1 a day, and ones ten times as large: each day ahead to 2 %."""
    clock = np.arange(77)
    true = np.tile(WEEK, 11) + 0.1 * clock
    outlook = forecast(panel_of(a=true[:70], b=10 * true[:70]), horizon=7)
    np.testing.assert_allclose(outlook.mid, np.stack([true[70:], 10 * true[70:]]), rtol=0.02)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-9, 10.0, 1e12]))
def test_the_unit_does_not_matter(seed: int, factor: float) -> None:
    """Costs in another unit: forecasts, errors and scales in that unit, the same notes."""
    values = np.tile(WEEK, 10) * np.random.default_rng(seed).lognormal(0, 0.2, (2, 70))
    values[1, 30:40] = NAN
    one, other = (forecast(panel_of(a=table[0], b=table[1]), horizon=5, models=FEW)
                  for table in (values, values * factor))  # fmt: skip
    np.testing.assert_allclose(other.mid, one.mid * factor, rtol=1e-3)
    np.testing.assert_allclose(other.errors, one.errors * factor, rtol=1e-2, atol=1e-3 * factor)
    np.testing.assert_allclose(other.scale, one.scale * factor, rtol=1e-9)
    assert dict(other.notes) == dict(one.notes)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_origin_sees_its_future(seed: int) -> None:
    """Other values in the last five days leave what was said a week ago; a spike needs two more days."""
    random = np.random.default_rng(seed)
    values = np.tile(WEEK, 12) * random.lognormal(0, 0.1, DAYS)
    values[20] = 30.0  # the largest, in both
    changed = values.copy()
    changed[-5:] *= random.lognormal(0, 0.3, 5)
    before, cuts = replays(forecast(panel_of(a=values), horizon=7, models=FEW), values[None])
    after, _ = replays(forecast(panel_of(a=changed), horizon=7, models=FEW), changed[None])
    old = [place for place, cut in enumerate(cuts) if cut >= 7]
    assert np.isfinite(before[old]).all(axis=(1, 2)).sum() >= 10
    np.testing.assert_allclose(after[old], before[old], rtol=1e-5)


def test_the_answer_depends_neither_on_threads_nor_on_the_run() -> None:
    """One thread, two threads, and once more: the same bits, the trees' seed included."""
    values = np.tile(WEEK, 10) * np.random.default_rng(2).lognormal(0, 0.05, (4, 70))
    panel = panel_of(a=values[0], b=values[1], c=values[2], d=values[3])
    models = (SEASONAL, Ridge(14), Trees(((7, 2),)))
    first, again, two = (forecast(panel, horizon=3, models=models, jobs=jobs) for jobs in (1, 1, 2))
    for other in (again, two):
        np.testing.assert_array_equal(other.mid, first.mid)
        np.testing.assert_array_equal(other.errors, first.errors)


def test_a_spike_does_not_lead_on_and_a_weekly_charge_does() -> None:
    """500 four days ago is forgotten, its weekday comes as a week before; 500 each week comes again."""
    spiked, weekly = NOISY.copy(), NOISY.copy()
    spiked[-4] = 500.0
    weekly[3::7] += 500.0
    forgotten, again = (
        forecast(panel_of(a=values), horizon=7, models=[SEASONAL]).mid[0] for values in (spiked, weekly)
    )
    expected = NOISY[-7:].copy()
    expected[3] = NOISY[-11]
    np.testing.assert_allclose(forgotten, expected, rtol=1e-6)
    np.testing.assert_allclose(again, weekly[-7:], rtol=1e-6)


def test_a_model_that_loses_to_seasonal_naive_has_no_weight() -> None:
    """On weeks with a deep weekend the naive model loses: the parts give it nothing."""
    parts = forecast(panel_of(a=NOISY), horizon=7, models=FEW).parts
    assert parts is not None
    assert parts.weights[parts.models.index("naive"), 0] == 0.0
    assert parts.weights.sum() == pytest.approx(1.0)


def test_the_parts_make_up_the_forecast(bad: Outlook) -> None:
    """Mixture, calendar and changes lead to the forecast of each series with a past, at 0 or above."""
    names = [name for name in bad.panel.names if name not in {"short", "one"}]
    assert bad.parts is not None
    parts = bad.parts.only(names)
    mid = bad.mid[[row_of(bad, name) for name in names]]
    floor = np.where(np.isin(names, ["negatives", "credit"]), -np.inf, 0.0)[:, None]
    np.testing.assert_allclose(np.maximum(parts.carried(parts.mixture()), floor), mid, rtol=1e-5)


def known(changes: pd.DataFrame | None, values: Sequence[float] | np.ndarray = NOISY) -> np.ndarray:
    """Forecast one series for six days with these changes."""
    return forecast(panel_of(a=values), horizon=6, models=FEW, changes=changes).mid[0]


def test_known_changes_ahead_move_the_forecast_exactly() -> None:
    """A launch adds 10 from its day on, a price is times 1.2, an end leaves 0, a ramp grows by 5."""
    plain = known(None)
    launch = changes_of({"time": day(2), "kind": "step", "amount": 10.0})
    np.testing.assert_allclose(known(launch), np.add(plain, [0, 0, 10, 10, 10, 10]), rtol=1e-12)
    price = changes_of({"time": day(4), "kind": "price", "factor": 1.2})
    np.testing.assert_allclose(known(price), plain * [1, 1, 1, 1, 1.2, 1.2], rtol=1e-12)
    ended = changes_of({"time": day(3), "kind": "end"})
    np.testing.assert_allclose(known(ended), plain * [1, 1, 1, 0, 0, 0], rtol=1e-12)
    ramp = changes_of({"time": day(1), "kind": "ramp", "amount": 20.0, "until": day(5)})
    np.testing.assert_allclose(known(ramp), np.add(plain, [0, 0, 5, 10, 15, 20]), rtol=1e-12)


def test_changes_ahead_add_first_and_multiply_then() -> None:
    """10 more and 20 % dearer from the same day: (plain + 10) * 1.2."""
    both = changes_of(
        {"time": day(1), "kind": "price", "factor": 1.2}, {"time": day(1), "kind": "step", "amount": 10.0}
    )
    plain = known(None)
    np.testing.assert_allclose(known(both)[1:], (plain[1:] + 10) * 1.2, rtol=1e-12)


def test_an_end_never_leaves_a_negative_cost() -> None:
    """100 a day fall away from a series of 2 to 7: 0 is left, not -93; of a series with credits it is."""
    ended = changes_of({"time": day(2), "kind": "end", "amount": 100.0})
    assert known(ended)[2:].tolist() == [0.0] * 4
    assert (known(ended, NOISY - 4.0)[2:] < -90).all()


def test_a_change_in_the_past_is_known_and_no_surprise() -> None:
    """5 a day, and 9 since a launch of 4 three days ago: 9 goes on, no step is noted, nothing errs."""
    values = np.where(DAY >= DAYS - 3, 9.0, 5.0)
    launch = changes_of({"time": day(-3), "kind": "step", "amount": 4.0})
    outlook = forecast(panel_of(a=values), horizon=6, models=FEW, changes=launch)
    np.testing.assert_allclose(outlook.mid, 9.0, rtol=1e-6)
    assert dict(outlook.notes) == {"a": "it never changed"}
    np.testing.assert_allclose(outlook.errors[:-1], 0.0, atol=1e-5)


def test_errors_grow_with_a_price() -> None:
    """What is multiplied by 3 from the second day on errs three times as much there."""
    plain = forecast(panel_of(a=NOISY), horizon=3, models=FEW)
    price = changes_of({"time": day(1), "kind": "price", "factor": 3.0})
    dearer = forecast(panel_of(a=NOISY), horizon=3, models=FEW, changes=price)
    np.testing.assert_allclose(dearer.coming(), plain.errors * [1, 3, 3], rtol=1e-9)
    np.testing.assert_array_equal(dearer.errors, plain.errors)  # the back-test stays what it was


def test_public_holidays_ahead_are_forecast_lower() -> None:
    """Seven German holidays at half the usual 10: Whit Monday is forecast at 10 * 0.5 ** (7 / 10)."""
    end = datetime(2026, 5, 21, tzinfo=UTC)
    dates = [end - timedelta(days=back) for back in range(182, 0, -1)]
    free = holidays.country_holidays("DE", years=[2025, 2026])
    special = np.array([date.date() in free for date in dates])
    assert special.sum() == 7
    noise = np.random.default_rng(0).lognormal(0, 0.02, 182)
    panel = panel_of(end, a=10.0 * noise * np.where(special, 0.5, 1.0))
    with_them = forecast(panel, horizon=7, models=FEW, country="DE")
    # ten spread over seven holidays and three cautious days of no effect
    np.testing.assert_allclose(with_them.mid[0], [10, 10, 10, 10, 10 * 0.5**0.7, 10, 10], rtol=0.08)
    without = forecast(panel, horizon=7, models=FEW)
    assert without.mid[0, 4] > 9
    # only four of them lie before the oldest origin, too few to tell: no replay knows of holidays
    np.testing.assert_array_equal(with_them.errors, without.errors)


def test_only_the_newest_steps_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 56 days as the longest history, nothing before them changes the forecast."""
    monkeypatch.setattr("finops_lib.forecast.ensemble._LONGEST", 56)
    other = np.concatenate([NOISY[:28] * 3.0, NOISY[28:]])
    one, two = (forecast(panel_of(a=values), horizon=7, models=FEW) for values in (NOISY, other))
    np.testing.assert_array_equal(one.mid, two.mid)
    np.testing.assert_array_equal(one.errors, two.errors)


def test_months_and_hours_are_forecast_too() -> None:
    """Three years of a yearly season, and six days of a daily one, without noise: the next season comes."""
    year = 100 + 50 * np.sin(np.arange(12) * np.pi / 6)
    months = Panel(("m",), (np.tile(year, 4),), "month", 12, (datetime(2026, 1, 1, tzinfo=UTC),))
    np.testing.assert_allclose(forecast(months, horizon=12, models=FEW).mid[0], year, rtol=0.01)
    hours = Panel(("h",), (np.tile(np.arange(1.0, 25.0), 6),), "hour", 24, (END,))
    found = forecast(hours, horizon=24, models=FEW, country="DE").mid[0]
    np.testing.assert_allclose(found, np.arange(1.0, 25.0), rtol=0.01)


def test_what_cannot_be_asked_is_refused() -> None:
    """No step ahead, a country and a series that nobody knows."""
    with pytest.raises(ValueError, match="horizon 0: at least one step"):
        forecast(panel_of(a=NOISY), horizon=0)
    with pytest.raises(QueryError, match="country 'XX'"):
        forecast(panel_of(a=NOISY), horizon=3, models=FEW, country="XX")
    stranger = pd.DataFrame([{"series": "z", "time": END, "kind": "end"}])
    with pytest.raises(QueryError, match="'z'"):
        forecast(panel_of(a=NOISY), horizon=3, models=FEW, changes=stranger)


@pytest.mark.parametrize(
    ("length", "horizon", "season", "expected"),
    [
        (
            500,
            10,
            7,
            [10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75],
        ),  # half a horizon apart
        (60, 1, 1, list(range(1, 15))),  # half a step is a step
        (49, 14, 7, [14, 21, 28, 35, 2, 4, 6, 8, 10, 12]),  # 12 steps are left: four whole, six near ones
        (54, 14, 7, [14, 21, 28, 35, 2, 4, 6, 8, 10, 12]),
        (63, 14, 7, [14, 21, 28, 35, 42, 49]),  # the sixth leaves 14: two seasons
        (10, 7, 7, [1, 2, 3, 4, 5, 6, 7]),  # three steps are left at least
        (4, 7, 7, [1]),
        (3, 7, 7, []),
    ],
)
def test_origins_by_hand(length: int, horizon: int, season: int, expected: list[int]) -> None:
    """Whole horizons where six fit, else sevenths of a horizon beside them."""
    assert cuts_for(length, horizon=horizon, season=season) == sorted(expected)


@given(st.integers(0, 400), st.integers(1, 60), st.integers(1, 60))
def test_origins_leave_a_past(length: int, horizon: int, season: int) -> None:
    """Ascending, no more than fourteen whole ones, and two seasons or a quarter of the steps before each."""
    cuts = cuts_for(length, horizon=horizon, season=season)
    assert cuts == sorted(set(cuts))
    assert sum(cut >= horizon for cut in cuts) <= 14
    assert all(1 <= cut <= length - min(2 * season, max(length // 4, 3)) for cut in cuts)


@pytest.mark.parametrize("times", [10.0, 50.0, 1000.0, 0.0])
@pytest.mark.parametrize("days", [1, 2])
def test_a_wild_last_day_is_no_new_level(times: float, days: int) -> None:
    """One or two days at many times the usual, or at nothing, are not led on; the reader is told so."""
    usual = 100.0 + np.random.default_rng(5).normal(0.0, 2.0, 120)
    wild = usual.copy()
    wild[-days:] *= times
    found = forecast(panel_of(a=wild), horizon=7, models=FEW)
    np.testing.assert_allclose(found.mid[0], 100.0, rtol=0.1)
    assert "taken as a single event, in doubt" in found.notes["a"]
    plain = forecast(panel_of(a=usual), horizon=7, models=FEW)
    assert "a" not in plain.notes
    # a tenth of the jump counts as the usual error
    jump = abs(times - 1.0) * 100.0
    assert np.nanmean(np.abs(found.coming())) >= 0.09 * jump


def test_a_mixture_that_lost_to_the_last_season_is_not_used_and_said() -> None:
    """A model that knew all until three weeks ago and is 30 off since: its weight is high, and it loses."""

    def fading(
        history: np.ndarray, *, horizon: int, season: int, cuts: Sequence[int]
    ) -> dict[str, np.ndarray]:
        del season
        told = actuals(history, cuts=cuts, horizon=horizon)
        late = np.array(cuts)[:, None, None] <= 21
        return {"fading": np.where(late, history[:, -1:] * 0.0 + 300.0, told)}

    noisy = 100.0 + np.random.default_rng(2).normal(0.0, 3.0, 112)
    naive = Plain("seasonal_naive", simple.seasonal_naive)
    found = forecast(panel_of(a=noisy), horizon=7, models=(naive, fading))
    np.testing.assert_allclose(found.mid[0], noisy[-7:])
    assert found.notes["a"] == "no model was better than its last season, which goes on"
    assert "a" not in forecast(panel_of(a=noisy), horizon=7, models=(naive,)).notes


def test_a_change_on_a_series_without_a_value_is_left_out_and_one_on_no_series_refused() -> None:
    """The series is there and has its reason; a misspelt one would otherwise change nothing in silence."""
    panel = panel_of(a=np.full(60, 5.0), empty=np.full(60, np.nan))
    change = {"time": [pd.Timestamp("2026-03-05")], "kind": ["step"], "amount": [2.0], "factor": [None]}
    found = forecast(panel, horizon=7, models=FEW, changes=pd.DataFrame({"series": ["empty"], **change}))
    assert (found.mid == 5.0).all()
    assert found.missing["empty"] == "it has no value"
    with pytest.raises(QueryError, match="aa"):
        forecast(panel, horizon=7, models=FEW, changes=pd.DataFrame({"series": ["aa"], **change}))

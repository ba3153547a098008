"""Measures against their definitions written as loops, and origins that never see their future."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib import backtest
from finops_lib.backtest import actuals, origins, rolled

VALUE = st.one_of(st.none(), st.floats(-1e6, 1e6))
PAIRS = st.lists(st.tuples(VALUE, VALUE), min_size=1, max_size=12)
TRIPLES = st.lists(st.tuples(VALUE, VALUE, st.floats(0, 1e5)), min_size=1, max_size=12)
LEVEL = st.floats(0.05, 0.95)
SCALE = st.floats(1e-3, 1e6)


def table(*columns: list[float | None]) -> list[np.ndarray]:
    """Turn columns with None into arrays with NaN."""
    return [np.array([np.nan if value is None else value for value in column]) for column in columns]


def split(rows: list[tuple[float | None, ...]]) -> list[np.ndarray]:
    """Turn rows into one array a column."""
    return table(*(list(column) for column in zip(*rows, strict=True)))


def mean(losses: list[float]) -> float:
    """Average plainly; nothing has no mean."""
    return math.fsum(losses) / len(losses) if losses else math.nan


def both(rows: list[tuple[float | None, ...]]) -> list[tuple[float, ...]]:
    """Keep the rows in which all is known."""
    return [row for row in rows if None not in row]  # type: ignore[misc]


def close(found: np.ndarray, expected: float) -> None:
    """Compare within rounding; two unknowns are equal."""
    assert found.item() == pytest.approx(expected, rel=1e-9, abs=1e-6, nan_ok=True)


@given(PAIRS, SCALE)
def test_mase_and_bias_are_mean_errors_over_the_scale(rows: list[tuple], scale: float) -> None:
    """Steps without an actual or a forecast do not count; the sign of bias is forecast less actual."""
    actual, forecast = split(rows)
    errors = [(said - came) / scale for came, said in both(rows)]
    assert backtest.mase(actual, forecast, scale=scale).item() == pytest.approx(
        mean([abs(error) for error in errors]), rel=1e-9, nan_ok=True
    )
    size = mean([abs(error) for error in errors])
    assert backtest.bias(actual, forecast, scale=scale).item() == pytest.approx(
        mean(errors), rel=1e-9, abs=1e-9 * size if size > 0 else 1e-12, nan_ok=True
    )


@given(PAIRS)
def test_smape_is_the_error_over_the_mean_size(rows: list[tuple]) -> None:
    """200 |a - f| / (|a| + |f|), with nothing against nothing as 0."""
    losses = [
        200 * abs(came - said) / (abs(came) + abs(said)) if abs(came) + abs(said) > 0 else 0.0
        for came, said in both(rows)
    ]
    close(backtest.smape(*split(rows)), mean(losses))


@given(TRIPLES, LEVEL, SCALE)
def test_msis_is_the_width_and_the_scaled_misses(rows: list[tuple], level: float, scale: float) -> None:
    """Width, plus two over the tail for each unit outside, over the scale."""
    losses = []
    for came, low, width in both(rows):
        high, loss = low + width, (low + width) - low
        if came < low:
            loss += 2 / (1 - level) * (low - came)
        if came > high:
            loss += 2 / (1 - level) * (came - high)
        losses.append(loss / scale)
    actual, low, width = split(rows)
    found = backtest.msis(actual, low, low + width, level=level, scale=scale).item()
    assert found == pytest.approx(mean(losses), rel=1e-9, nan_ok=True)


@given(TRIPLES)
def test_coverage_counts_what_lies_inside(rows: list[tuple]) -> None:
    """Edges belong to the interval; a step without an actual or an interval is no miss."""
    actual, low, width = split(rows)
    inside = [float(low <= came <= low + width) for came, low, width in both(rows)]
    close(backtest.coverage(actual, low, low + width), mean(inside))


def test_an_endless_interval_covers_all_and_costs_everything() -> None:
    """An interval from minus to plus infinity holds every value, and its score is infinite, not unknown."""
    actual, low, high = np.array([1.0, 2.0]), np.array([0.0, -np.inf]), np.array([3.0, np.inf])
    assert backtest.coverage(actual, low, high).item() == 1.0
    assert backtest.msis(actual, low, high, level=0.9, scale=1.0).item() == math.inf


@given(PAIRS, LEVEL)
def test_pinball_weighs_both_sides_by_the_level(rows: list[tuple], level: float) -> None:
    """What lies above the quantile costs the level, what lies below costs the rest."""
    losses = [level * (came - q) if came >= q else (1 - level) * (q - came) for came, q in both(rows)]
    found = backtest.pinball(*split(rows), level=level).item()
    assert found == pytest.approx(mean(losses), rel=1e-9, nan_ok=True)


def test_the_best_quantile_forecast_is_the_quantile() -> None:
    """Of the numbers 0 to 100, the constant that loses least at level 0.9 is 90."""
    actual = np.arange(101.0)
    lost = [backtest.pinball(actual, np.full(101, q), level=0.9).item() for q in np.arange(101.0)]
    assert int(np.argmin(lost)) == 90


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=9), st.floats(-1e4, 1e4))
def test_crps_is_the_energy_form_over_all_pairs(atoms: list[float], actual: float) -> None:
    """Mean distance to the actual less half the mean distance of all pairs of atoms."""
    near = mean([abs(atom - actual) for atom in atoms])
    spread = mean([abs(one - other) for one in atoms for other in atoms])
    close(backtest.crps(actual, np.array(atoms)), near - spread / 2)


def test_crps_is_the_area_between_the_distributions() -> None:
    """The integral of (F(x) - [x >= y])^2, on a fine grid, for a sample of five around an actual of 2.3."""
    atoms, actual = np.array([1.0, 2.0, 2.5, 4.0, 7.0]), 2.3
    grid = np.arange(0.0, 8.0, 1e-4) + 5e-5
    share = (atoms[None, :] <= grid[:, None]).mean(axis=1)
    area = float((((share - (grid >= actual)) ** 2) * 1e-4).sum())
    assert backtest.crps(actual, atoms).item() == pytest.approx(area, abs=1e-6)


def test_crps_of_many_series_is_each_on_its_own() -> None:
    """Rows do not mix; an unknown actual and a sample without atoms stay unknown."""
    sample = np.array([[3.0, 1.0], [0.0, 10.0], [1.0, 1.0]])
    # Row 1: 1 - 2/4; row 2: mean(5, 5) - 10/4.
    found = backtest.crps(np.array([3.0, 5.0, np.nan]), sample)
    np.testing.assert_allclose(found, [0.5, 2.5, np.nan])
    assert np.isnan(backtest.crps(np.array([1.0, 2.0]), np.empty((2, 0)))).all()


def test_owa_by_hand() -> None:
    """MASE 0.9 against 1.2 and sMAPE 12 against 15 are 0.75 and 0.8: 0.775; Naive2 itself is 1."""
    found = backtest.owa(mase_value=0.9, smape_value=12.0, naive_mase=1.2, naive_smape=15.0)
    assert found == pytest.approx(0.775)
    assert backtest.owa(mase_value=3.0, smape_value=7.0, naive_mase=3.0, naive_smape=7.0) == 1.0


@given(st.integers(0, 10_000), st.floats(1e-6, 1e6))
def test_measures_without_a_unit_do_not_depend_on_it(seed: int, factor: float) -> None:
    """MASE, sMAPE, MSIS and bias of cents and of millions agree; pinball and CRPS grow with the unit."""
    random = np.random.default_rng(seed)
    actual, said, scale = random.normal(size=5), random.normal(size=5), 0.7
    big, far = actual * factor, said * factor
    for measure in (backtest.mase, backtest.bias):
        one, other = measure(actual, said, scale=scale), measure(big, far, scale=scale * factor)
        assert other.item() == pytest.approx(one.item(), rel=1e-9, abs=1e-12)
    assert backtest.smape(big, far).item() == pytest.approx(backtest.smape(actual, said).item())
    width = np.abs(said) + 1
    one = backtest.msis(actual, said, said + width, level=0.8, scale=scale).item()
    other = backtest.msis(big, far, far + width * factor, level=0.8, scale=scale * factor).item()
    assert other == pytest.approx(one)
    lost = backtest.pinball(actual, said, level=0.3).item()
    assert backtest.pinball(big, far, level=0.3).item() == pytest.approx(lost * factor)
    spread = backtest.crps(actual[0], said).item()
    assert backtest.crps(big[0], far).item() == pytest.approx(spread * factor)


def test_an_infinite_forecast_loses_infinitely() -> None:
    """One exploded step is not skipped as if it were unknown, so that no mean hides it."""
    actual, said = np.array([1.0, 2.0, np.nan]), np.array([1.0, np.inf, np.inf])
    assert backtest.mase(actual, said, scale=1.0).item() == math.inf
    assert backtest.pinball(actual, said, level=0.5).item() == math.inf
    assert backtest.bias(actual, -said, scale=1.0).item() == -math.inf
    assert backtest.smape(actual, said).item() == 100.0  # (0 + 200) / 2
    torn = backtest.bias(np.zeros(2), np.array([np.inf, -np.inf]), scale=1.0)
    assert math.isnan(torn.item())


def test_an_infinite_actual_is_unknown() -> None:
    """Nothing infinite ever came: the step is left out of each measure."""
    actual, said = np.array([np.inf, 3.0]), np.array([1.0, 1.0])
    assert backtest.mase(actual, said, scale=2.0).item() == 1.0
    assert backtest.smape(actual, said).item() == 100.0  # 200 * 2 / 4
    assert backtest.coverage(actual, said, said + 1.0).item() == 0.0
    assert backtest.seasonal_step(np.array([1.0, np.inf, np.inf, 4.0, 6.0]), season=1).item() == 2.0


@pytest.mark.parametrize("scale", [0.0, np.nan, -1.0])
def test_a_scale_of_nothing_measures_nothing(scale: float) -> None:
    """A series that never moved has no scale: the measure is unknown, without a warning, not infinite."""
    actual, said = np.array([1.0]), np.array([2.0])
    for measure in (backtest.mase, backtest.bias):
        assert math.isnan(measure(actual, said, scale=scale).item())
    assert math.isnan(backtest.msis(actual, said, said, level=0.9, scale=scale).item())
    mixed = backtest.mase(np.ones((2, 1)), np.full((2, 1), 3.0), scale=np.array([0.0, 4.0]))
    np.testing.assert_array_equal(mixed, [np.nan, 0.5])


@given(st.lists(VALUE, max_size=20), st.integers(1, 8))
def test_the_seasonal_step_is_the_loop_over_pairs(values: list[float | None], season: int) -> None:
    """Pairs one season apart, both known; none is unknown."""
    pairs = zip(values, values[season:], strict=False)
    (history,) = table(values)
    steps = [abs(two - one) for one, two in pairs if one is not None and two is not None]
    close(backtest.seasonal_step(history, season=season), mean(steps))


@given(
    st.lists(st.lists(st.one_of(VALUE, st.just(math.inf)), min_size=3, max_size=3), min_size=1, max_size=4)
)
def test_the_mean_of_what_is_known(rows: list[list[float | None]]) -> None:
    """Along either axis, and along both; infinite counts as unknown here."""
    known = np.array([[np.nan if value is None else value for value in row] for row in rows])
    finite = [[value for value in row if value is not None and math.isfinite(value)] for row in rows]
    np.testing.assert_allclose(backtest.mean_known(known), [mean(row) for row in finite], atol=1e-6)
    columns = [[v for v in column if math.isfinite(v)] for column in known.T.tolist()]
    found = backtest.mean_known(known, axis=0)
    np.testing.assert_allclose(found, [mean(column) for column in columns], atol=1e-6)
    close(backtest.mean_known(known, axis=(0, 1)), mean([value for row in finite for value in row]))


@given(st.integers(0, 60), st.integers(1, 12), st.integers(1, 9), st.integers(0, 9), st.integers(0, 40))
def test_origins_leave_their_horizon_and_history(
    length: int, horizon: int, stride: int, count: int, history: int
) -> None:
    """All cuts that fit and no other: nearest a horizon away, a stride apart, the oldest with its history."""
    found = origins(length=length, horizon=horizon, stride=stride, count=count, history=history)
    wanted = [horizon + stride * number for number in range(count)]
    assert found == [cut for cut in wanted if length - cut >= history]


@given(st.integers(0, 12), st.lists(st.integers(0, 20), max_size=5), st.integers(1, 9))
def test_actuals_are_the_loop_over_time(steps: int, cuts: list[int], horizon: int) -> None:
    """What lies beyond the newest or before the oldest step is unknown, also for cuts beyond the history."""
    history = np.arange(1.0, steps + 1)[None] * np.array([[1.0], [-1.0]])
    found = actuals(history, cuts=cuts, horizon=horizon)
    assert found.shape == (len(cuts), 2, horizon)
    for origin, cut in enumerate(cuts):
        for ahead in range(horizon):
            place = steps - cut + ahead
            expected = place + 1.0 if 0 <= place < steps else math.nan
            np.testing.assert_array_equal(found[origin, :, ahead], [expected, -expected])


def test_an_origin_never_sees_its_future() -> None:
    """A method is given all but the last steps, at each cut; what it loses is judged on those alone."""
    history, given_to = np.arange(20.0).reshape(2, 10), []

    def last(known: np.ndarray) -> np.ndarray:
        given_to.append(known.copy())
        return np.repeat(known[:, -1:], 3, axis=1)

    def lost(actual: np.ndarray, said: np.ndarray) -> np.ndarray:
        return backtest.mean_known(np.abs(actual - said))

    found = rolled(history, method=last, loss=lost, cuts=[3, 1, 7])
    assert [known.shape[1] for known in given_to] == [7, 9, 3]
    np.testing.assert_array_equal(given_to[2], history[:, :3])
    # One step more a day: ahead 1, 2, 3 is 2 in the mean; the cut of 1 knows the first step alone.
    np.testing.assert_array_equal(found, [[2.0, 2.0], [1.0, 1.0], [2.0, 2.0]])


@pytest.mark.parametrize("cut", [-1, 5])
def test_an_origin_outside_of_the_history_is_wrong_code(cut: int) -> None:
    """A cut longer than the history would count from the other end, and show the method its future."""
    with pytest.raises(ValueError, match=f"cut {cut}: an origin lies within the 4 steps of the history"):
        rolled(np.ones((1, 4)), method=lambda known: known, loss=lambda a, f: a[:, 0], cuts=[1, cut])


@pytest.mark.parametrize("edge", [math.inf, -math.inf])
def test_an_interval_with_both_edges_at_infinity_loses_infinitely(edge: float) -> None:
    """It has no width and misses by everything: not skipped as if it were unknown, and no warning."""
    actual, edges = np.array([1.0, 2.0]), np.array([1.0, edge])
    assert backtest.msis(actual, edges, edges, level=0.8, scale=2.0).item() == math.inf


@pytest.mark.parametrize("atoms", [[1.0, math.inf], [-math.inf, 2.0], [-math.inf, 2.0, math.inf], [math.inf]])
def test_a_sample_with_an_infinite_atom_loses_infinitely(atoms: list[float]) -> None:
    """However near the others are; an atom that is unknown leaves all unknown, as an infinite actual does."""
    assert backtest.crps(1.0, np.array(atoms)).item() == math.inf
    assert math.isnan(backtest.crps(1.0, np.array([*atoms, math.nan])).item())
    assert math.isnan(backtest.crps(math.inf, np.array([1.0, 2.0])).item())


@pytest.mark.parametrize(("naive_mase", "naive_smape"), [(0.0, 1.0), (1.0, 0.0), (math.nan, 0.0)])
def test_nothing_is_measured_against_a_naive2_without_error(naive_mase: float, naive_smape: float) -> None:
    """Where Naive2 was perfect there is no OWA: unknown, no division by zero."""
    found = backtest.owa(mase_value=1.0, smape_value=1.0, naive_mase=naive_mase, naive_smape=naive_smape)
    assert math.isnan(found)

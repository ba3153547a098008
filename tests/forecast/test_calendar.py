"""What the calendar does: planted effects found again, by hand; none invented or learned from the future."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.errors import QueryError
from finops_lib.forecast.calendar import Calendar, holiday_flags
from finops_lib.forecast.panel import Panel, step_starts

NAN = np.nan
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = pd.date_range("2025-01-01", "2025-12-31")
AHEAD = pd.date_range("2026-01-01", periods=40)
# Public holidays of all of Germany in 2025; the first and the fourth are firsts of a month, too.
GERMAN = pd.DatetimeIndex(
    [f"2025-{day}" for day in "01-01 04-18 04-21 05-01 05-29 06-09 10-03 12-25 12-26".split()]
)
LENGTH = {"day": 400, "month": 60, "hour": 24 * 400}


def calendar_of(
    history: np.ndarray,
    *,
    step: str = "day",
    country: str | None = None,
    horizon: int = 40,
    end: datetime = NEW_YEAR,
) -> Calendar:
    """Find the effects of series that end together."""
    history = np.atleast_2d(history)
    names = tuple(str(number) for number in range(len(history)))
    panel = Panel(names, tuple(history), step, 7, (end,) * len(names))
    return Calendar.of(panel, history, country=country, horizon=horizon)


def noise(seed: int, *, series: int, step: str = "day", length: int | None = None) -> np.ndarray:
    """Draw series of independent noise (20 %) around a level; days have free weekends."""
    steps = length or LENGTH[step]
    values = 100.0 * np.exp(np.random.default_rng(seed).normal(0.0, 0.2, size=(series, steps)))
    weekend = np.asarray(step_starts(NEW_YEAR, step=step, first=-steps, count=steps).day_of_week > 4)
    return values * np.where(weekend, 0.3, 1.0) if step == "day" else values


def share_with_effect(calendar: Calendar) -> float:
    """Say for how many of the series anything was found."""
    return float((np.hstack([calendar.past, calendar.future]) != 1.0).any(axis=1).mean())


def test_firsts_of_months_at_twice_the_level() -> None:
    """Twelve firsts at 200 around 100, with three days without effect added: 2 to the power 12/15."""
    first = np.asarray(YEAR.day == 1)
    found = calendar_of(np.where(first, 200.0, 100.0))
    np.testing.assert_allclose(found.past[0], np.where(first, 2**0.8, 1.0))
    np.testing.assert_allclose(found.future[0], np.where(AHEAD.day == 1, 2**0.8, 1.0))


def test_last_days_of_months_beside_the_firsts() -> None:
    """Firsts at 200 and lasts at 50 around 100, twelve each: 2 and a half to the power 12/15."""
    first, last = np.asarray(YEAR.day == 1), np.asarray((YEAR + pd.Timedelta(days=1)).day == 1)
    found = calendar_of(np.where(first, 200.0, np.where(last, 50.0, 100.0)))
    np.testing.assert_allclose(found.past[0], np.where(first, 2**0.8, np.where(last, 0.5**0.8, 1.0)))
    assert found.future[0][[0, 29, 30, 31]].tolist() == pytest.approx([2**0.8, 1.0, 0.5**0.8, 2**0.8])


def test_holidays_at_half_the_level() -> None:
    """Nine holidays at 50 around 100: 0.5 to the power 9/12; the other firsts have no factor."""
    holiday = np.asarray(YEAR.isin(GERMAN))
    found = calendar_of(np.where(holiday, 50.0, 100.0), country="DE")
    np.testing.assert_allclose(found.past[0], np.where(holiday, 0.5**0.75, 1.0))
    np.testing.assert_allclose(found.future[0], [0.5**0.75] + [1.0] * 39)


def test_holidays_count_only_where_a_country_is_named() -> None:
    """Without a country, or in one with other holidays, the same days show nothing beyond chance."""
    history = np.where(YEAR.isin(GERMAN), 50.0, 100.0)
    assert share_with_effect(calendar_of(history)) == 0.0
    assert share_with_effect(calendar_of(history, country="JP")) == 0.0


def test_a_first_that_is_a_holiday_does_not_make_the_others_one() -> None:
    """Firsts at 200 alone: Christmas has no factor, though two of nine holidays are firsts."""
    found = calendar_of(np.where(YEAR.day == 1, 200.0, 100.0), country="DE")
    assert found.past[0, YEAR == "2025-12-25"] == 1.0
    # Ten firsts are no holiday: 2 to the power 10/13.
    assert found.past[0, YEAR == "2025-06-01"] == pytest.approx(2 ** (10 / 13))
    assert found.past[0, YEAR == "2025-05-01"] == pytest.approx(2 ** (10 / 13))


def test_a_day_that_is_both_has_both_factors() -> None:
    """Firsts doubled and holidays halved: New Year's Day is near the level, the other days are not."""
    both = np.where(YEAR.day == 1, 2.0, 1.0) * np.where(YEAR.isin(GERMAN), 0.5, 1.0)
    ahead = calendar_of(100.0 * both, country="DE").future[0]
    first, new_year = ahead[AHEAD == "2026-02-01"][0], ahead[0]
    assert 1.6 < first < 2.0
    assert 0.5 < new_year / first < 0.64  # 0.67 if New Year's and May Day were left at their doubled level


def test_a_weekday_is_no_effect() -> None:
    """Days are compared with the same weekday: five days at 100 and two at 20 show nothing, exactly."""
    week = np.where(YEAR.day_of_week < 5, 100.0, 20.0)
    assert share_with_effect(calendar_of(week, country="DE")) == 0.0


@pytest.mark.parametrize(("effect", "found"), [(1.029, False), (1.032, True), (0.972, False), (0.969, True)])
def test_an_effect_below_three_per_cent_is_none(effect: float, found: bool) -> None:
    """However sure: log 1.032 is 0.0315, log 0.972 is -0.0284."""
    history = np.where(YEAR.day == 1, 100.0 * effect, 100.0)
    assert share_with_effect(calendar_of(history)) == found


@pytest.mark.parametrize(("days", "found"), [(183, False), (184, True)])
def test_fewer_than_six_special_days_tell_nothing(days: int, found: bool) -> None:
    """The last 184 days of 2025 begin on 1 July and have six firsts; one day less has five."""
    history = np.where(YEAR.day == 1, 200.0, 100.0)[-days:]
    assert share_with_effect(calendar_of(history)) == found


def test_each_series_has_the_days_of_its_own_end() -> None:
    """The same values, one series ending a day later: its firsts are one place earlier."""
    first = np.where(np.concatenate([YEAR.day == 1, [True]]), 200.0, 100.0)
    history = np.vstack([first[:-1], first[1:]])
    panel = Panel(("a", "b"), tuple(history), "day", 7, (NEW_YEAR, datetime(2026, 1, 2, tzinfo=UTC)))
    found = Calendar.of(panel, history, country=None, horizon=40)
    assert np.flatnonzero(found.future[0] != 1.0).tolist() == [0, 31]
    assert np.flatnonzero(found.future[1] != 1.0).tolist() == [30]
    assert np.flatnonzero(found.past[1] != 1.0).tolist() == np.flatnonzero(history[1] > 100).tolist()


def test_planted_effects_are_recovered_from_noise() -> None:
    """Holidays at 60 % under 20 % noise: nine in ten series show it, in the mean as 0.6 ** (11/14).

    400 days have the nine holidays of 2025 and both of Christmas 2024; a mean of 11 has 20 % / 11 ** 0.5 = 6
    per cent of noise, that of 50 series less than 1.
    """
    days = step_starts(NEW_YEAR, step="day", first=-400, count=400)
    holiday = holiday_flags(days, country="DE")
    found = calendar_of(noise(1, series=50) * np.where(holiday, 0.6, 1.0), country="DE").future[:, 0]
    assert (found < 1.0).mean() >= 0.9
    assert np.log(found[found < 1.0]).mean() == pytest.approx(np.log(0.6) * 11 / 14, rel=0.1)


@pytest.mark.parametrize(("step", "country"), [("day", "DE"), ("day", None), ("month", None)])
def test_noise_shows_no_effect(step: str, country: str | None) -> None:
    """A limit of three standard errors lets 0.27 % of effects through; of 300 series at most 2 % show one."""
    assert share_with_effect(calendar_of(noise(2, series=300, step=step), step=step, country=country)) <= 0.02


@pytest.mark.parametrize(
    ("step", "country", "most"), [("day", None, 0.01), ("month", None, 0.01), ("day", "DE", 0.05)]
)
def test_a_random_walk_shows_hardly_an_effect(step: str, country: str | None, most: float) -> None:
    """Where each step keeps what came before, at most 1 % show one; of holidays, which come together, 5 %.

    Christmas and Easter are two days side by side, whose noise is then nearly one.
    """
    moves = np.random.default_rng(3).normal(0.0, 0.05, size=(300, LENGTH[step]))
    walks = 100.0 * np.exp(np.cumsum(moves, axis=1))
    assert share_with_effect(calendar_of(walks, step=step, country=country)) <= most


def months_of(count: int, *, power: float = 1.0) -> np.ndarray:
    """Make months before 2026 that cost by their days to a power."""
    days = step_starts(NEW_YEAR, step="month", first=-count, count=count).days_in_month
    return 10.0 * np.asarray(days, dtype=float) ** power


def test_a_cost_by_the_day_follows_the_length_of_months() -> None:
    """January 2023 to December 2025 at 10 a day: each month is its days against the mean of all 63.

    Ahead are January 2026 to March 2028 with a leap day; 36 + 27 months have 1096 + 821 days.
    """
    found = calendar_of(months_of(36), step="month", horizon=27)
    mean = (1096 + 821) / 63
    np.testing.assert_allclose(found.past[0] * mean, months_of(36) / 10.0)
    np.testing.assert_allclose(found.future[0, [0, 1, 3, 25]] * mean, [31, 28, 30, 29])
    np.testing.assert_allclose(found.without(months_of(36)[None])[0], 10.0 * mean)


def test_the_length_of_months_counts_at_most_by_the_power_of_one_and_a_half() -> None:
    """A series that moves with the cube of the days is held: 31 to 28 days is (31/28) ** 1.5."""
    found = calendar_of(months_of(36, power=3.0), step="month").future[0]
    assert found[0] / found[1] == pytest.approx((31 / 28) ** 1.5)


@pytest.mark.parametrize("power", [0.0, -1.0])
def test_months_that_do_not_cost_by_the_day_have_no_factor(power: float) -> None:
    """A flat fee has none, and a series that is lower in longer months is no effect of their days."""
    assert share_with_effect(calendar_of(months_of(36, power=power), step="month")) == 0.0


@pytest.mark.parametrize(("count", "found"), [(24, False), (25, True)])
def test_months_need_two_years_of_steps(count: int, found: bool) -> None:
    """24 steps from month to month are needed, which are 25 months."""
    assert share_with_effect(calendar_of(months_of(count), step="month")) == found


def hours_of(days: np.ndarray) -> np.ndarray:
    """Spread the value of each day over its hours, which differ."""
    return np.asarray((days[:, None] * (1.0 + np.arange(24) / 24.0)).ravel())


def test_hours_have_the_factor_of_their_day() -> None:
    """Nine holidays at half: 0.5 to the power 9/12 in each of their 24 hours, and in New Year's ahead."""
    holiday = np.asarray(YEAR.isin(GERMAN))
    found = calendar_of(hours_of(np.where(holiday, 50.0, 100.0)), step="hour", country="DE", horizon=30)
    np.testing.assert_allclose(found.past[0], np.repeat(np.where(holiday, 0.5**0.75, 1.0), 24))
    np.testing.assert_allclose(found.future[0], [0.5**0.75] * 24 + [1.0] * 6)


def test_hours_may_begin_and_end_within_a_day() -> None:
    """From 1 January 18:00 to 26 December 10:00: both days are known in part, so seven holidays tell."""
    holiday = np.asarray(YEAR.isin(GERMAN))
    hours = hours_of(np.where(holiday, 50.0, 100.0))[18 : -24 * 5 - 14]
    end = datetime(2025, 12, 26, 10, tzinfo=UTC)
    found = calendar_of(hours, step="hour", country="DE", horizon=20, end=end)
    np.testing.assert_allclose(found.future[0], [0.5**0.7] * 14 + [1.0] * 6)
    np.testing.assert_allclose(found.past[0, :7], [0.5**0.7] * 6 + [1.0])


@pytest.mark.parametrize(("step", "country"), [("week", "DE"), ("hour", None)])
def test_weeks_and_hours_without_a_country_have_no_calendar(step: str, country: str | None) -> None:
    """All factors are 1, of each step."""
    found = calendar_of(
        hours_of(np.where(YEAR.day == 1, 200.0, 100.0)), step=step, country=country, horizon=3
    )
    assert (found.past.shape, found.future.shape) == ((1, 24 * 365), (1, 3))
    assert share_with_effect(found) == 0.0


def test_a_panel_without_ends_has_no_calendar() -> None:
    """Nobody knows which of its steps are firsts."""
    history = np.where(YEAR.day == 1, 200.0, 100.0)[None]
    found = Calendar.of(Panel(("a",), tuple(history), "day", 7), history, country="DE", horizon=40)
    assert share_with_effect(found) == 0.0


def test_a_panel_without_series_has_no_factors() -> None:
    """Empty tables, of the right shape."""
    found = Calendar.of(Panel((), (), "day", 7, ()), np.zeros((0, 5)), country="DE", horizon=3)
    assert (found.past.shape, found.future.shape) == ((0, 5), (0, 3))


@pytest.mark.parametrize(("step", "blotted"), [("day", 60), ("day", 1), ("month", 9), ("hour", 1300)])
def test_steps_that_an_origin_does_not_know_have_factors_all_the_same(step: str, blotted: int) -> None:
    """With the newest steps unknown, the factors are those that a forecast made back then would have used."""
    length = {"day": 500, "month": 60, "hour": 24 * 365}[step]
    days = step_starts(NEW_YEAR, step=step, first=-length, count=length)
    planted = np.where(holiday_flags(days, country="DE"), 0.4, 1.0) * np.where(days.day == 1, 1.5, 1.0)
    history = months_of(length) if step == "month" else 100.0 * planted
    history[-blotted:] = NAN
    now = calendar_of(history, step=step, country="DE", horizon=40)
    end = days[-blotted].to_pydatetime().replace(tzinfo=UTC)
    then = calendar_of(history[:-blotted], step=step, country="DE", horizon=40 + blotted, end=end)
    assert now.past.shape == (1, length)
    assert (now.past != 1.0).any()
    whole = [np.hstack([found.past, found.future]) for found in (now, then)]
    np.testing.assert_allclose(whole[0], whole[1])


@pytest.mark.parametrize("step", ["day", "month", "hour"])
def test_a_history_of_which_nothing_is_known_has_no_effect(step: str) -> None:
    """Neither gaps alone, nor zeros, nor values below zero have a logarithm; all factors are 1."""
    history = np.full((3, LENGTH[step]), NAN)
    history[1], history[2] = 0.0, -5.0
    assert share_with_effect(calendar_of(history, step=step, country="DE")) == 0.0


@pytest.mark.parametrize("bad", [np.inf, -np.inf, 0.0, -70.0])
@pytest.mark.parametrize("step", ["day", "month"])
def test_values_that_no_factor_explains_are_passed_over(step: str, bad: float) -> None:
    """An infinite value, a day without cost or a credit counts like an unknown one."""
    history = noise(4, series=1, step=step)[0]
    history *= months_of(60) if step == "month" else np.where(
        step_starts(NEW_YEAR, step="day", first=-400, count=400).day == 1, 9.0, 1.0
    )  # fmt: skip
    gaps = history.copy()
    history[[5, 30, 31]], gaps[[5, 30, 31]] = bad, NAN
    with_bad, with_gaps = calendar_of(history, step=step), calendar_of(gaps, step=step)
    np.testing.assert_array_equal(with_bad.past, with_gaps.past)
    assert np.isfinite(with_bad.future).all()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), unit=st.sampled_from([1e-6, 0.37, 1e9]))
def test_neither_unit_nor_neighbours_matter(seed: int, unit: float) -> None:
    """A series has the same factors in another unit, and alone."""
    days = step_starts(NEW_YEAR, step="day", first=-400, count=400)
    history = noise(seed, series=3) * np.where(days.day == 1, [[1.0], [1.8], [0.5]], 1.0)
    together = calendar_of(history * np.array([[unit], [1.0], [unit]])).past
    for row, series in enumerate(history):
        np.testing.assert_allclose(calendar_of(series).past[0], together[row])


def test_holidays_by_hand() -> None:
    """Easter 2026 is 5 April: Friday and Monday around it are free in Germany, not in the United States."""
    days = pd.date_range("2026-04-02", "2026-04-07")
    assert holiday_flags(days, country="DE").tolist() == [False, True, False, False, True, False]
    assert not holiday_flags(days, country="US").any()


def test_holidays_of_both_years_around_new_year() -> None:
    """26 December and 1 January are found, and the days between are not."""
    days = pd.date_range("2027-12-26", "2028-01-02")
    assert holiday_flags(days, country="DE").tolist() == [True] + [False] * 5 + [True, False]


@pytest.mark.parametrize("country", ["XX", "Germany", "de", "", "NYSE", "utils"])
@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_an_unknown_country_is_refused(country: str, step: str) -> None:
    """The error names the country, the rule and the remedy, also where holidays would not count."""
    with pytest.raises(QueryError) as refused:
        calendar_of(np.ones(30), step=step, country=country)
    assert str(refused.value) == (
        f"country {country!r}: holidays are known by ISO 3166 code. Remedy: write DE, US or another code."
    )

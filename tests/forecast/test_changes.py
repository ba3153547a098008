"""Known changes in the past and the future: by hand, against a loop over steps, and refused where unclear."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.errors import QueryError
from finops_lib.forecast.changes import KINDS, Change, Changes
from finops_lib.forecast.panel import Panel, step_starts

END = datetime(2026, 3, 1, tzinfo=UTC)
STEPS, AHEAD = 20, 12


def day(number: int) -> datetime:
    """Give the moment so many days after the last step."""
    return END + timedelta(days=number)


def panel_of(*values: float, end: datetime = END, step: str = "day", season: int = 7) -> Panel:
    """Make a panel of one series."""
    return Panel(("a",), (np.array(values, dtype=float),), step, season, (end,))


def past(values: list[float], *items: Change, season: int = 7) -> list[float]:
    """Take the changes out of the days before the end."""
    panel = panel_of(*values, season=season)
    return [float(value) for value in Changes(panel, items).without(panel.aligned())[0]]


def ahead(*items: Change, horizon: int = 4) -> tuple[list[float], list[float]]:
    """Say what is added to, and what multiplies, the days ahead."""
    added, factor = Changes(panel_of(1.0, 2.0), items).ahead(horizon)
    return added[0].tolist(), factor[0].tolist()


def test_a_step_in_the_past_lifts_what_was_before() -> None:
    """5 more since the day before yesterday: the days before are 5 higher, the days since as they were."""
    step = Change("a", day(-2), "step", amount=5.0)
    assert past([1.0, 2.0, 8.0, 9.0], step) == [6.0, 7.0, 8.0, 9.0]
    assert ahead(step) == ([0.0] * 4, [1.0] * 4)


def test_a_step_in_the_future_is_added_from_its_day_on() -> None:
    """In two days: nothing, nothing, 5, 5; the history stays."""
    step = Change("a", day(2), "step", amount=5.0)
    assert past([1.0, 2.0], step) == [1.0, 2.0]
    assert ahead(step) == ([0.0, 0.0, 5.0, 5.0], [1.0] * 4)


def test_a_step_with_an_end_falls_back() -> None:
    """5 more from yesterday to in two days: held today, so that the days after lose it."""
    step = Change("a", day(-1), "step", amount=5.0, until=day(2))
    assert past([1.0, 2.0, 8.0], step) == [6.0, 7.0, 8.0]
    assert ahead(step) == ([0.0, 0.0, -5.0, -5.0], [1.0] * 4)


def test_a_step_that_is_over_is_taken_out() -> None:
    """5 more on one past day: that day is 5 less, all others stay."""
    step = Change("a", day(-3), "step", amount=5.0, until=day(-2))
    assert past([1.0, 7.0, 3.0, 4.0], step) == [1.0, 2.0, 3.0, 4.0]
    assert ahead(step) == ([0.0] * 4, [1.0] * 4)


def test_a_ramp_grows_evenly_and_stays() -> None:
    """From today's end over four days to 8: today 0, then 0, 2, 4, 6, and 8 from the fifth day on."""
    ramp = Change("a", day(0), "ramp", amount=8.0, until=day(4))
    assert ahead(ramp, horizon=6) == ([0.0, 2.0, 4.0, 6.0, 8.0, 8.0], [1.0] * 6)


def test_a_ramp_under_way_counts_from_today() -> None:
    """Two of four days in, the last step has 2 of 8: the past is lifted to 2, ahead are 2, 4, 6, 6 more."""
    ramp = Change("a", day(-2), "ramp", amount=8.0, until=day(2))
    assert past([1.0, 1.0, 3.0], ramp) == [3.0, 3.0, 3.0]
    assert ahead(ramp) == ([2.0, 4.0, 6.0, 6.0], [1.0] * 4)


def test_a_price_multiplies_the_past_and_the_future() -> None:
    """10 % more since yesterday lifts older days by 10 %; half the price in two days halves the forecast."""
    rise, half = Change("a", day(-1), "price", factor=1.1), Change("a", day(2), "price", factor=0.5)
    np.testing.assert_allclose(past([10.0, 20.0, 33.0], rise, half), [11.0, 22.0, 33.0])
    assert ahead(rise, half) == ([0.0] * 4, [1.0, 1.0, 0.5, 0.5])


def test_an_amount_that_ends_is_taken_away() -> None:
    """3 a day that end tomorrow; 2 that ended yesterday are out of the past, which is not below 0."""
    soon, gone = Change("a", day(1), "end", amount=3.0), Change("a", day(-1), "end", amount=2.0)
    assert past([5.0, 1.0, 4.0], soon, gone) == [3.0, 0.0, 4.0]
    assert ahead(soon) == ([0.0, -3.0, -3.0, -3.0], [1.0] * 4)


def test_a_series_that_was_below_zero_may_be_again() -> None:
    """Credits show as negative days, so that taking an amount out is not held at 0."""
    gone = Change("a", day(-1), "end", amount=2.0)
    assert past([-1.0, 1.0, 4.0], gone) == [-3.0, -1.0, 4.0]


def test_the_whole_series_ends() -> None:
    """From tomorrow on nothing is left, whatever else is planned; the past stays to be learned from."""
    end = Change("a", day(1), "end")
    more = Change("a", day(2), "step", amount=9.0)
    added, factor = ahead(end, more)
    assert factor == [1.0, 0.0, 0.0, 0.0]
    assert [(7.0 + plus) * times for plus, times in zip(added, factor, strict=True)] == [7.0, 0.0, 0.0, 0.0]
    assert past([1.0, 2.0], end) == [1.0, 2.0]


def test_a_series_that_paused_in_the_past_shows_no_dip() -> None:
    """The days off are filled from the season before: with a season of two, 3 and 4 come again."""
    pause = Change("a", day(-3), "end", until=day(-1))
    assert past([3.0, 4.0, 0.0, 0.0, 5.0], pause, season=2) == [3.0, 4.0, 3.0, 4.0, 5.0]


def test_a_series_that_is_away_today_comes_back_at_its_level() -> None:
    """Off since yesterday, back in two days: the level is the one before, and counts again from then on."""
    pause = Change("a", day(-2), "end", until=day(2))
    assert past([3.0, 4.0, 0.0, 0.0], pause, season=2) == [3.0, 4.0, 3.0, 4.0]
    assert ahead(pause) == ([0.0] * 4, [0.0, 0.0, 1.0, 1.0])


def test_a_series_away_in_all_its_history_stays_finite() -> None:
    """An end before the first day contradicts the bill: the past is left, and nothing is ahead."""
    end = Change("a", day(-50), "end")
    assert past([3.0, 4.0], end) == [3.0, 4.0]
    assert ahead(end) == ([0.0] * 4, [0.0] * 4)


def test_changes_touch_their_series_alone_and_not_the_input() -> None:
    """Beside it, nothing moves; the history that was given stays."""
    panel = Panel(("a", "b"), (np.ones(3), np.ones(3)), "day", 7, (END, END))
    changes = Changes(
        panel, (Change("b", day(-1), "step", amount=4.0), Change("b", day(1), "price", factor=2.0))
    )
    history = panel.aligned()
    assert changes.without(history).tolist() == [[1.0, 1.0, 1.0], [5.0, 5.0, 1.0]]
    assert history.tolist() == [[1.0] * 3] * 2
    added, factor = changes.ahead(2)
    assert (added.tolist(), factor.tolist()) == ([[0.0, 0.0]] * 2, [[1.0, 1.0], [1.0, 2.0]])


def test_gaps_stay_gaps() -> None:
    """A change moves what is known and knows nothing of what is not."""
    found = past([1.0, math.nan, 3.0], Change("a", day(-1), "step", amount=2.0))
    np.testing.assert_array_equal(found, [3.0, np.nan, 3.0])


def test_each_series_counts_from_its_own_end() -> None:
    """Series that end on two days know the same moment as two different steps."""
    ends = (day(0), day(2))
    panel = Panel(("a", "b"), (np.ones(3), np.ones(3)), "day", 7, ends)
    items = tuple(Change(name, day(1), "step", amount=1.0) for name in "ab")
    changes = Changes(panel, items)
    assert changes.without(panel.aligned()).tolist() == [[1.0, 1.0, 1.0], [2.0, 2.0, 1.0]]
    assert changes.ahead(3)[0].tolist() == [[0.0, 1.0, 1.0], [0.0, 0.0, 0.0]]


@pytest.mark.parametrize(
    ("step", "end", "time", "added"),
    [
        ("month", datetime(2028, 2, 1, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC), [0.0, 1.0, 1.0]),
        ("month", datetime(2028, 2, 1, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC), [0.0, 1.0, 1.0]),
        ("week", datetime(2026, 1, 7, tzinfo=UTC), datetime(2026, 1, 14, tzinfo=UTC), [0.0, 1.0, 1.0]),
        ("week", datetime(2026, 1, 7, tzinfo=UTC), datetime(2026, 1, 15, tzinfo=UTC), [0.0, 0.0, 1.0]),
        # 3 o'clock on the night of Berlin's longer day is 1 o'clock UTC.
        ("hour", datetime(2026, 3, 29, tzinfo=UTC),
         datetime(2026, 3, 29, 3, tzinfo=timezone(timedelta(hours=2))), [0.0, 1.0, 1.0]),
    ],
)  # fmt: skip
def test_a_step_counts_when_it_begins_under_the_change(
    step: str, end: datetime, time: datetime, added: list[float]
) -> None:
    """In months, weeks from any day and hours; a change within a step holds from the next one on."""
    changes = Changes(panel_of(1.0, end=end, step=step), (Change("a", time, "step", amount=1.0),))
    assert changes.ahead(3)[0][0].tolist() == added


@st.composite
def drawn_changes(draw: st.DrawFn) -> tuple[Change, ...]:
    """Draw up to four changes around the end, none of which takes the whole series away."""
    found = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(KINDS))
        begins = draw(st.integers(-STEPS - 3, AHEAD + 3))
        lasts = draw(st.none() | st.integers(1, 15)) if kind != "ramp" else draw(st.integers(1, 15))
        amount, factor = draw(st.floats(0.0, 9.0)), draw(st.floats(0.2, 3.0))
        by_factor = kind == "price" or draw(st.booleans())
        found.append(
            Change(
                "a", day(begins), kind, None if by_factor else amount, factor if by_factor else None,
                None if lasts is None else day(begins + lasts),
            )
        )  # fmt: skip
    return tuple(found)


def by_loop(item: Change, number: int) -> tuple[float, float]:
    """Say what one change adds and multiplies on one day, counted from the last one."""
    begins = (item.time - END).days
    ends = math.inf if item.until is None else (item.until - END).days
    if item.kind == "ramp":
        share = min(max((number - begins) / (ends - begins), 0.0), 1.0)
    else:
        share = 1.0 if begins <= number < ends else 0.0
    added = share * (item.amount or 0.0) * (-1 if item.kind == "end" else 1)
    return added, 1.0 if item.factor is None else 1.0 + share * (item.factor - 1.0)


@given(drawn_changes(), st.integers(0, 1000))
def test_the_past_and_the_future_are_the_loop_over_days(items: tuple[Change, ...], seed: int) -> None:
    """Prices multiply, amounts at today's prices add up, all against the last day of the history."""
    values = np.random.default_rng(seed).uniform(100, 200, size=STEPS)
    path = {}
    for number in range(-STEPS, AHEAD):
        parts = [by_loop(item, number) for item in items]
        path[number] = sum(part[0] for part in parts), math.prod(part[1] for part in parts)
    more, times = path[-1]
    expected = [
        max(value * times / path[number - STEPS][1] + more - path[number - STEPS][0], 0.0)
        for number, value in enumerate(values)
    ]
    panel = panel_of(*values)
    changes = Changes(panel, items)
    np.testing.assert_allclose(changes.without(panel.aligned())[0], expected, rtol=1e-9, atol=1e-9)
    added, factor = changes.ahead(AHEAD)
    np.testing.assert_allclose(added[0], [path[number][0] - more for number in range(AHEAD)], atol=1e-9)
    np.testing.assert_allclose(factor[0], [path[number][1] / times for number in range(AHEAD)], rtol=1e-9)


@given(drawn_changes(), st.floats(1e3, 1e6))
def test_a_level_under_changes_is_found_again(items: tuple[Change, ...], level: float) -> None:
    """A flat level with the changes put on is flat again without them; ahead, they go on from there."""
    starts = step_starts(END, step="day", first=-STEPS, count=STEPS + AHEAD)
    added = sum((item.added(starts) for item in items), np.zeros(STEPS + AHEAD))
    factor = np.prod([np.ones(STEPS + AHEAD), *(item.multiplied(starts) for item in items)], axis=0)
    more, times = added[STEPS - 1], factor[STEPS - 1]  # on the last day; amounts are at its prices
    values = (level + added - more) * factor / times
    panel = panel_of(*values[:STEPS])
    changes = Changes(panel, items)
    np.testing.assert_allclose(changes.without(panel.aligned())[0], level, rtol=1e-9)
    plus, by = changes.ahead(AHEAD)
    np.testing.assert_allclose((level + plus[0]) * by[0], values[STEPS:], rtol=1e-9)


GOOD: dict[str, Any] = {"series": "a", "time": "2026-03-04", "kind": "step", "amount": 2.5}


def read(**columns: Any) -> tuple[Change, ...]:
    """Read one row of a frame of changes."""
    return Changes.from_frame(pd.DataFrame([GOOD | columns]), panel=panel_of(1.0, 2.0)).items


def refused(**columns: Any) -> str:
    """Say why one row is refused."""
    with pytest.raises(QueryError) as caught:
        read(**columns)
    return str(caught.value)


def test_a_frame_is_read_as_it_is_written() -> None:
    """Text, times with a zone and numbers as text; empty cells of each kind are not given."""
    (found,) = read(amount="2.5", factor=None, until=pd.NaT)
    assert found == Change("a", datetime(2026, 3, 4), "step", 2.5)  # noqa: DTZ001
    (found,) = read(
        kind="price", amount=pd.NA, factor=1.5, time=pd.Timestamp("2026-03-04", tz="Europe/Berlin")
    )
    assert (found.amount, found.factor) == (None, 1.5)
    assert found.time.astimezone(UTC) == datetime(2026, 3, 3, 23, tzinfo=UTC)
    (found,) = read(kind="end", amount=math.nan, until="2026-03-05T12:00Z")
    assert (found.amount, found.until) == (None, datetime(2026, 3, 5, 12, tzinfo=UTC))


def test_no_frame_and_an_empty_one_are_no_changes() -> None:
    """The history stays, nothing is added; a panel without a calendar is fine then."""
    panel = Panel(("a",), (np.array([1.0, np.nan]),), "day", 7)
    for frame in (None, pd.DataFrame(), pd.DataFrame([GOOD]).iloc[:0]):
        changes = Changes.from_frame(frame, panel=panel)
        np.testing.assert_array_equal(changes.without(panel.aligned()), [[1.0, np.nan]])
        assert [table.tolist() for table in changes.ahead(2)] == [[[0.0, 0.0]], [[1.0, 1.0]]]


OF_A = "change 'step' of series 'a'"
NO_SERIES = "a change belongs to a series of the panel, and the panel has a calendar"
NO_KIND = "a change has a time, and its kind is one of step, ramp, end, price"


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"series": "b"}, f"change 'step' of series 'b': {NO_SERIES}"),
        ({"series": None}, f"change 'step' of series 'None': {NO_SERIES}"),
        ({"kind": "jump"}, f"change 'jump' of series 'a': {NO_KIND}"),
        ({"time": None}, f"{OF_A}: {NO_KIND}"),
        ({"time": "soon"}, f"time 'soon' of {OF_A}: time is a moment as ISO 8601"),
        ({"time": "today"}, f"time 'today' of {OF_A}: time is a moment as ISO 8601"),
        ({"time": "2026-02-29"}, f"time '2026-02-29' of {OF_A}: time is a moment as ISO 8601"),
        ({"amount": None}, f"{OF_A}: a step needs an amount or a factor"),
        ({"kind": "ramp"}, "change 'ramp' of series 'a': a ramp needs an amount or a factor, and until"),
        ({"kind": "price"}, "change 'price' of series 'a': a price needs a factor"),
        ({"factor": -0.1}, f"{OF_A}: a factor is not below 0"),
        ({"factor": 2.0}, f"{OF_A}: a change has an amount or a factor, not both"),
        ({"factor": math.inf}, f"factor 'inf' of {OF_A}: factor is a finite number"),
        ({"amount": -math.inf}, f"amount '-inf' of {OF_A}: amount is a finite number"),
        ({"amount": "much"}, f"amount 'much' of {OF_A}: amount is a finite number"),
        ({"amount": "9" * 400}, f"amount '{'9' * 60}...' of {OF_A}: amount is a finite number"),
        ({"until": "2026-03-04"}, f"{OF_A}: until is later than the time of the change"),
        ({"until": "2026-03-04T00:30+01:00"}, f"{OF_A}: until is later than the time of the change"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused(columns: dict[str, Any], said: str) -> None:
    """The value, the change and its series, the rule and the remedy are named."""
    assert refused(**columns) == f"{said}. Remedy: correct the row of the changes."


def test_a_panel_without_a_calendar_takes_no_changes() -> None:
    """There is no telling which step they belong to."""
    panel = Panel(("a",), (np.ones(2),), "day", 7)
    with pytest.raises(QueryError, match="the panel has a calendar"):
        Changes.from_frame(pd.DataFrame([GOOD]), panel=panel)


def test_missing_columns_are_named() -> None:
    """Those without which a change is none."""
    with pytest.raises(QueryError) as caught:
        Changes.from_frame(pd.DataFrame({"series": ["a"], "when": ["2026-03-04"]}), panel=panel_of(1.0))
    assert str(caught.value) == (
        "columns kind, time: a frame of changes has series, time and kind. Remedy: name the columns."
    )


def test_long_names_of_series_are_found() -> None:
    """Only what an error says is cut short, not what is looked for."""
    name = "x" * 90
    panel = Panel((name,), (np.ones(2),), "day", 7, (END,))
    assert Changes.from_frame(pd.DataFrame([GOOD | {"series": name}]), panel=panel).items[0].series == name

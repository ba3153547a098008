"""Panels and outlooks: gaps, calendars and hostile frames, each refusal in its exact words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.errors import CurrencyError, QueryError
from finops_lib.forecast.panel import SEASONS, Outlook, Panel, moment, step_starts

NAN, INF = float("nan"), float("inf")
STEPS = ("hour", "day", "week", "month")


def frame(times: list[Any], values: list[Any], **others: Any) -> pd.DataFrame:
    """Make a long frame, of the series "a" if nothing else is said."""
    return pd.DataFrame({"series": "a", "time": times, "value": values} | others)


def outlook(cuts: tuple[int, ...]) -> Outlook:
    """Make an outlook of two series and two steps, whose errors at origin n are n and a half."""
    panel = Panel(("a", "b"), (np.ones(9), np.ones(5)), "day", 7)
    errors = np.repeat([0.5, 1.5, 2.5], 4).reshape(3, 2, 2)
    accuracy, missing = pd.DataFrame({"mase": [1.0]}), {"c": "too short"}
    return Outlook(
        panel, np.zeros((2, 2)), errors, np.ones(2), accuracy, missing, {"a": "young"}, ("k", "l"), cuts
    )


def test_a_frame_becomes_series_by_name_with_gaps() -> None:
    """Rows in any order; a step without a row or without a value is a gap; each series has its own end."""
    given_frame = pd.DataFrame(
        {
            "series": ["b", "a", "b", "b", "a"],
            "time": ["2026-03-01", "2026-02-26", "2026-02-26", "2026-02-28", "2026-02-25"],
            "value": [4.0, 2.0, 1.0, None, -3.0],
        },
        index=[0, 0, 0, 1, 1],
    )
    panel = Panel.from_frame(given_frame, step="day")
    assert panel.names == ("a", "b")
    np.testing.assert_array_equal(panel.values[0], [-3.0, 2.0])
    np.testing.assert_array_equal(panel.values[1], [1.0, NAN, NAN, 4.0])
    assert panel.ends == (datetime(2026, 2, 27, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))
    assert (panel.step, panel.season) == ("day", 7)


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abc"), st.integers(-400, 900)), st.integers(-99, 99), min_size=1
    ),
    st.sampled_from(STEPS),
    st.randoms(use_true_random=False),
)
def test_each_value_stands_at_its_distance_from_the_end(
    cells: dict[tuple[str, int], int], step: str, random: Any
) -> None:
    """Whatever the order of rows: looked up by step number one by one, before 1970 as well as after."""
    rows = list(cells.items())
    random.shuffle(rows)
    made = pd.DataFrame(
        {
            "series": [name for (name, _), _ in rows],
            "time": [moment(number, step=step, shift=3) for (_, number), _ in rows]
            if step == "week"
            else [moment(number, step=step) for (_, number), _ in rows],
            "value": [value for _, value in rows],
        }
    )
    panel = Panel.from_frame(made, step=step)
    assert panel.names == tuple(sorted({name for name, _ in cells}))
    assert panel.season == SEASONS[step]
    assert panel.ends is not None
    for name, values, end in zip(panel.names, panel.values, panel.ends, strict=True):
        mine = [number for other, number in cells if other == name]
        dense = [cells.get((name, number), NAN) for number in range(min(mine), max(mine) + 1)]
        np.testing.assert_array_equal(values, dense)
        assert end == moment(max(mine) + 1, step=step, shift=3 if step == "week" else 0)


@pytest.mark.parametrize("weekday", range(7))
def test_weeks_may_begin_on_any_weekday(weekday: int) -> None:
    """Three weeks, one of them missing, from each of seven days on: the end is 21 days later."""
    first = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(days=weekday)
    panel = Panel.from_frame(frame([first + timedelta(days=14), first], [2.0, 1.0]), step="week")
    np.testing.assert_array_equal(panel.values[0], [1.0, NAN, 2.0])
    assert panel.ends == (first + timedelta(days=21),)


def test_a_leap_day_and_short_months_are_steps_like_others() -> None:
    """28 February to 1 March 2028 are three days; January to March of any year three months."""
    days = Panel.from_frame(frame(["2028-02-28", "2028-02-29", "2028-03-01"], [1, 2, 3]), step="day")
    assert days.values[0].tolist() == [1.0, 2.0, 3.0]
    months = Panel.from_frame(frame(["2027-12-01", "2028-01-01", "2028-02-01"], [1, 2, 3]), step="month")
    assert months.values[0].tolist() == [1.0, 2.0, 3.0]
    assert months.ends == (datetime(2028, 3, 1, tzinfo=UTC),)


def test_the_hour_that_clocks_skip_is_no_gap() -> None:
    """01:00+01:00 and 03:00+02:00 in the night of the change are two hours that follow each other."""
    local = pd.DatetimeIndex(["2026-03-29 01:00", "2026-03-29 03:00"], tz="Europe/Berlin")
    as_text = ["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"]
    for times in (list(local), as_text):
        panel = Panel.from_frame(frame(times, [1.0, 2.0]), step="hour")
        assert panel.values[0].tolist() == [1.0, 2.0]
        assert panel.ends == (datetime(2026, 3, 29, 2, tzinfo=UTC),)


def test_the_hour_that_clocks_repeat_is_two_hours() -> None:
    """02:00 comes twice in the night of 25 October 2026, with other offsets: no doubled row."""
    times = ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"]
    assert Panel.from_frame(frame(times, [1.0, 2.0]), step="hour").values[0].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "one",
    [
        "2026-01-31",
        "2026-01-31T00:00Z",
        date(2026, 1, 31),
        pd.Timestamp("2026-01-31"),
        pd.Timestamp("2026-01-31 01:00", tz="Europe/Berlin"),
        np.datetime64("2026-01-31"),
        20260131,
    ],
    ids=repr,
)
def test_times_are_read_as_utc(one: Any) -> None:
    """Text, dates and times with and without a zone mean the same day."""
    panel = Panel.from_frame(frame([one], [1.0]), step="day")
    assert panel.ends == (datetime(2026, 2, 1, tzinfo=UTC),)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([Decimal("1.25"), None], [1.25, NAN]),
        (["-3e2", None], [-300.0, NAN]),
        (pd.array([7, pd.NA], dtype="Int64"), [7.0, NAN]),
        (pd.array([0.5, pd.NA], dtype="Float64"), [0.5, NAN]),
        ([Decimal("NaN"), 2], [NAN, 2.0]),
    ],
    ids=["decimal", "text", "integer", "float", "no number"],
)
def test_values_of_any_numeric_kind_are_read(values: Any, expected: list[float]) -> None:
    """Decimals, text of numbers and nullable columns; what is missing is a gap, not zero."""
    panel = Panel.from_frame(frame(["2026-01-01", "2026-01-02"], values), step="day")
    np.testing.assert_array_equal(panel.values[0], expected)


@pytest.mark.parametrize("step", STEPS)
def test_an_empty_frame_is_a_panel_without_series(step: str) -> None:
    """No row, typed or not: no series, and a table without rows."""
    for times in ([], pd.to_datetime([])):
        panel = Panel.from_frame(pd.DataFrame({"series": [], "time": times, "value": []}), step=step)
        assert (panel.names, panel.values, panel.ends) == ((), (), ())
        assert panel.aligned().shape == (0, 0)


def test_a_series_of_gaps_alone_stays() -> None:
    """A series that is named but never valued is there, so that its missing forecast can be explained."""
    panel = Panel.from_frame(frame(["2026-01-01", "2026-01-03"], [None, None]), step="day")
    np.testing.assert_array_equal(panel.values[0], [NAN] * 3)


VALUE_RULE = (
    "a value is a finite number, or None or NaN for a gap. Remedy: correct the value or make it None."
)


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        (INF, "'inf'"),
        (-INF, "'-inf'"),
        ("inf", "'inf'"),
        ("1e400", "'1e400'"),
        ("1,5", "'1,5'"),
        ("", "''"),
        ("n" * 61, f"'{'n' * 60}...'"),
    ],
)
def test_a_value_that_is_no_finite_number_is_refused(value: Any, quoted: str) -> None:
    """It is named with its series and its time, however it is written; a long one is cut."""
    with pytest.raises(QueryError) as caught:
        Panel.from_frame(frame(["2026-01-01", "2026-01-02"], ["1", value]), step="day")
    assert str(caught.value) == f"value {quoted} of series 'a' at 2026-01-02: {VALUE_RULE}"


@pytest.mark.parametrize(
    "time", ["", "soon", "01/02/2026", "2026-02-30", "1899-12-31", "2201-01-01", "9999-12-31", 1767225600]
)
def test_a_time_that_is_none_of_a_panel_is_refused(time: Any) -> None:
    """No date, an ambiguous one, one that no calendar has, placeholders and seconds since 1970."""
    with pytest.raises(QueryError) as caught:
        Panel.from_frame(frame([time], [1.0]), step="day")
    assert str(caught.value) == (
        f"time '{time}': a time is ISO 8601 and of the years 1900 to 2200. "
        "Remedy: write it like 2026-01-31 or 2026-01-31T13:00."
    )


@pytest.mark.parametrize("missing", [None, NAN, pd.NaT])
def test_a_row_without_a_time_is_refused(missing: Any) -> None:
    """A value cannot stand nowhere."""
    with pytest.raises(QueryError) as caught:
        Panel.from_frame(frame(["2026-01-01", missing], [1.0, 2.0]), step="day")
    assert str(caught.value) == (
        "an empty time: each row says when its step begins. Remedy: drop the row or date it."
    )


@pytest.mark.parametrize(
    ("step", "times", "shown"),
    [
        ("hour", ["2026-01-01T00:00", "2026-01-01T01:30"], "2026-01-01 01:30:00"),
        ("day", ["2026-01-01", "2026-01-02T01:00"], "2026-01-02 01:00:00"),
        ("day", ["2026-03-28T00:00+00:00", "2026-03-29T00:00+01:00"], "2026-03-28 23:00:00"),
        ("day", ["2026-01-01T00:00:00.000000001"], "2026-01-01 00:00:00.000000001"),
        ("week", ["2026-01-05", "2026-01-13"], "2026-01-13 00:00:00"),
        ("week", ["2026-01-05T01:00"], "2026-01-05 01:00:00"),
        ("month", ["2026-01-01", "2026-02-02"], "2026-02-02 00:00:00"),
        ("month", ["2026-01-01T12:00"], "2026-01-01 12:00:00"),
    ],
)
def test_a_time_between_the_steps_is_refused(step: str, times: list[str], shown: str) -> None:
    """Days of another zone, weeks of two weekdays, the middle of a month: nothing is rounded."""
    with pytest.raises(QueryError) as caught:
        Panel.from_frame(frame(times, [1.0] * len(times)), step=step)
    assert str(caught.value) == (
        f"time {shown}: each row stands at the start of a {step}, and a panel has one step. "
        "Remedy: sum the values to that step first."
    )


def test_doubled_days_are_refused() -> None:
    """Two rows of one day, one without a value and one in another zone: three rows, two of them doubled."""
    times = ["2026-01-01", "2026-01-01", "2026-01-01T01:00+01:00"]
    with pytest.raises(QueryError) as caught:
        Panel.from_frame(frame(times, [1.0, None, 2.0]), step="day")
    assert str(caught.value) == (
        "series 'a' with 2 doubled days in the frame: a series has one value a day. "
        "Remedy: sum or drop the doubled rows, whichever is right."
    )
    two = frame(["2026-01-01", "2026-01-01"], [1.0, 2.0], series=["a", "b"])
    assert Panel.from_frame(two, step="day").names == ("a", "b")  # one day of two series is not doubled


def test_several_currencies_are_refused() -> None:
    """Euros and dollars, also in different series; all codes are named."""
    mixed = frame(
        ["2026-01-01"] * 2, [1.0, 2.0], series=["a", "b"], BillingCurrency=pd.Categorical(["USD", "EUR"])
    )
    with pytest.raises(CurrencyError) as caught:
        Panel.from_frame(mixed, step="day")
    assert str(caught.value) == (
        "currencies EUR, USD: a forecast is in one currency. "
        "Remedy: convert with rates first, or forecast each currency alone."
    )


def test_a_value_without_a_currency_among_others_is_refused() -> None:
    """It may be anything; a row without a value needs none, and without any code all are of one unit."""
    times = ["2026-01-01", "2026-01-02"]
    with pytest.raises(CurrencyError, match=r"^currencies EUR, none: a forecast is in one currency"):
        Panel.from_frame(frame(times, [1.0, 2.0], BillingCurrency=["EUR", None]), step="day")
    gap = Panel.from_frame(frame(times, [1.0, None], BillingCurrency=["EUR", None]), step="day")
    np.testing.assert_array_equal(gap.values[0], [1.0, NAN])
    unsaid = Panel.from_frame(frame(times, [1.0, 2.0], BillingCurrency=[None, None]), step="day")
    assert unsaid.values[0].tolist() == [1.0, 2.0]


def test_rows_without_a_series_are_refused() -> None:
    """They are counted, not dropped: their money would be lost."""
    with pytest.raises(QueryError) as caught:
        Panel.from_frame(frame(["2026-01-01"] * 3, [1.0] * 3, series=["a", None, NAN]), step="day")
    assert str(caught.value) == (
        "rows without a series (2): each value belongs to a series with a name. "
        "Remedy: name the series, or drop the rows."
    )


def test_a_frame_without_its_columns_is_refused() -> None:
    """All that lack are named at once."""
    with pytest.raises(QueryError) as caught:
        Panel.from_frame(pd.DataFrame({"series": ["a"], "date": ["2026-01-01"]}), step="day")
    assert str(caught.value) == (
        "columns time, value: a frame of series has series, time and value. "
        "Remedy: rename the columns of the frame."
    )


def test_wrong_arguments_are_refused() -> None:
    """Steps that are none, seasons without a step, names and ends that do not fit the series."""
    one, two = (np.ones(2),), (np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match=r"^step 'year': it is one of hour, day, week, month$"):
        Panel.from_frame(frame(["2026-01-01"], [1.0]), step="year")
    with pytest.raises(ValueError, match=r"^step 'year': it is one of hour, day, week, month$"):
        Panel(("a",), one, "year", 1)
    with pytest.raises(ValueError, match=r"^season 0: it has at least one step$"):
        Panel.from_frame(frame(["2026-01-01"], [1.0]), step="day", season=0)
    with pytest.raises(ValueError, match=r"^1 names for 2 series: one distinct name each$"):
        Panel(("a",), two, "day", 7)
    with pytest.raises(ValueError, match=r"^2 names for 2 series: one distinct name each$"):
        Panel(("a", "a"), two, "day", 7)
    with pytest.raises(ValueError, match=r"^1 ends for 2 series: one each, or None$"):
        Panel(("a", "b"), two, "day", 7, (datetime(2026, 1, 1, tzinfo=UTC),))


def test_aligned_ends_together_and_has_nothing_infinite() -> None:
    """Shorter series begin later; infinities are gaps; the series themselves stay as they were."""
    long, short = np.array([1.0, INF, 3.0, NAN]), np.array([-INF, 5.0])
    panel = Panel(("long", "short", "none"), (long, short, np.array([])), "day", 7)
    expected = [[1.0, NAN, 3.0, NAN], [NAN, NAN, NAN, 5.0], [NAN] * 4]
    np.testing.assert_array_equal(panel.aligned(), expected)
    assert panel.values[0][1] == INF


def test_only_keeps_the_wanted_series_in_the_wanted_order() -> None:
    """Values and ends move with their names; the season stays; nothing wanted is an empty panel."""
    ends = tuple(datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3))
    panel = Panel(("a", "b", "c"), (np.ones(1), np.ones(2), np.ones(3)), "day", 5, ends)
    kept = panel.only(["c", "a"])
    assert (kept.names, kept.step, kept.season) == (("c", "a"), "day", 5)
    assert [len(values) for values in kept.values] == [3, 1]
    assert kept.ends == (ends[2], ends[0])
    assert panel.only([]).names == ()
    assert Panel(("a",), (np.ones(1),), "day", 5).only(["a"]).ends is None


def test_series_that_are_not_there_are_named() -> None:
    """Both unknown ones, and how many there are."""
    panel = Panel(("a", "b"), (np.ones(1), np.ones(2)), "day", 7)
    with pytest.raises(ValueError, match=r"^series 'x', 'y': not among the panel's 2 series$"):
        panel.only(["x", "a", "y"])


@pytest.mark.parametrize(
    ("origin", "left"), [(0, [1.5, 2.5]), (1, [0.5, 2.5]), (2, [0.5, 1.5]), (-1, [0.5, 1.5])]
)
def test_without_an_origin_its_errors_and_its_cut_are_gone(origin: int, left: list[float]) -> None:
    """Errors n + 0.5 and cuts 10 n: both lose the same origin, and the outlook itself loses nothing."""
    before = outlook((0, 10, 20))
    blind = before.without(origin)
    assert blind.errors[:, 0, 0].tolist() == left
    assert blind.errors.shape == (2, 2, 2)
    assert list(blind.cuts) == [10 * (error - 0.5) for error in left]
    assert (before.errors.shape, before.cuts) == ((3, 2, 2), (0, 10, 20))


def test_without_an_origin_all_else_stays() -> None:
    """Forecast, scale, kinds, notes and reasons are those of the present; unknown cuts stay unknown."""
    before = outlook(())
    blind = before.without(1)
    assert blind.cuts == ()
    for name in ("panel", "mid", "scale", "accuracy", "missing", "notes", "groups", "parts"):
        assert getattr(blind, name) is getattr(before, name)
    assert blind.without(0).without(0).errors.shape == (0, 2, 2)


def test_an_origin_that_is_not_there_cannot_be_left_out() -> None:
    """The fourth of three."""
    with pytest.raises(IndexError):
        outlook((0, 10, 20)).without(3)


def test_what_an_outlook_does_not_say_is_empty() -> None:
    """Notes, groups, cuts and parts may be left out; the notes cannot be written to by mistake."""
    plain = Outlook(
        Panel((), (), "day", 7), np.empty((0, 2)), np.empty((0, 0, 2)), np.empty(0), pd.DataFrame(), {}
    )
    assert (dict(plain.notes), plain.groups, plain.cuts, plain.parts) == ({}, (), (), None)
    with pytest.raises(TypeError):
        plain.notes["a"] = "young"  # type: ignore[index]


@given(st.integers(-900, 900))
def test_months_count_as_a_calendar_does(number: int) -> None:
    """Month 0 is January 1970; the month before January is December of the year before."""
    year, month = 1970, 1
    for _ in range(abs(number)):
        month += 1 if number > 0 else -1
        if month in (0, 13):
            year, month = year + (1 if month == 13 else -1), 1 if month == 13 else 12
    assert moment(number, step="month") == datetime(year, month, 1, tzinfo=UTC)


def test_hours_days_and_weeks_count_from_1970() -> None:
    """25 hours, a day before, one week of Mondays: the Monday of 1970's second week is 12 January."""
    assert moment(25, step="hour") == datetime(1970, 1, 2, 1, tzinfo=UTC)
    assert moment(-1, step="day") == datetime(1969, 12, 31, tzinfo=UTC)
    assert moment(1, step="week", shift=4) == datetime(1970, 1, 12, tzinfo=UTC)


@given(st.sampled_from(STEPS), st.integers(-300, 900), st.integers(-30, 30), st.integers(0, 20))
def test_steps_start_where_they_are_counted(step: str, number: int, first: int, count: int) -> None:
    """Counted from the end of a series, past or future, each start is the moment of its number."""
    end = moment(number, step=step)
    expected = [moment(number + first + ahead, step=step) for ahead in range(count)]
    found = step_starts(end, step=step, first=first, count=count)
    assert found.tz is None
    assert [start.to_pydatetime().replace(tzinfo=UTC) for start in found] == expected


def test_steps_start_in_utc_whatever_the_zone_of_the_end() -> None:
    """02:00 in Berlin's summer is 00:00 UTC."""
    end = pd.Timestamp("2026-07-01 02:00", tz="Europe/Berlin").to_pydatetime()
    assert [str(start) for start in step_starts(end, step="day", first=0, count=1)] == ["2026-07-01 00:00:00"]


def test_a_panel_counts_its_past_from_its_end() -> None:
    """The starts of a panel's steps are the times that its frame had."""
    times = ["2027-12-01", "2028-01-01", "2028-02-01"]
    panel = Panel.from_frame(frame(times, [1, 2, 3]), step="month")
    assert panel.ends is not None
    starts = step_starts(panel.ends[0], step="month", first=-3, count=3)
    assert [str(start.date()) for start in starts] == times

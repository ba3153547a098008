"""Metrics from text: what is read, what is refused with its line, and what lies in a time."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.cost.metrics_file import parse, within
from finops_lib.errors import SettingsError
from finops_lib.records import Period

WHOLE = """date,metric,consumer,value
2026-07,customers,,1200
2026-07-01,requests,web,10.50
2026-07-31,requests,"data, old",0
"""


def test_a_file_is_read_in_order() -> None:
    """A month stands for its first day, values are exact, a quoted comma is part of a name."""
    found = parse(WHOLE, name="metrics.csv")
    assert [str(time.date()) for time in found["time"]] == ["2026-07-01", "2026-07-01", "2026-07-31"]
    assert list(found["consumer"]) == ["", "web", "data, old"]
    assert list(map(str, found["value"])) == ["1200", "10.50", "0"]


def test_columns_may_stand_in_any_order_and_the_team_is_the_consumer() -> None:
    """As may a byte order mark, and line ends of Windows."""
    found = parse("\ufeffValue, Team ,METRIC,date\r\n 3 , web ,requests, 2026-07-01 \r\n\r\n", name="m.csv")
    assert found.drop(columns="time").to_dict("records") == [
        {"metric": "requests", "consumer": "web", "value": Decimal(3)}
    ]


def test_a_time_cuts_metrics_half_open() -> None:
    """The last of July is in July; the first of July is not in June."""
    found = parse(WHOLE, name="metrics.csv")
    assert len(within(found, Period.month("2026-07"))) == 3
    assert within(found, Period.month("2026-06")).empty


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "columns ''"),
        ("date,metric,value\n", "columns 'date, metric, value': they are date, metric, consumer, value"),
        ("date,metric,consumer,team,value\n", "columns"),
        ("date,metric,consumer,value\n", "no metric: it states at least one"),
        ("date,metric,consumer,value\n2026-07,a,b\n", "line 2: 3 cells: a row has 4"),
        ("date,metric,consumer,value\n2026-07,a,b,1,000\n", "line 2: 5 cells"),
        ("date,metric,consumer,value\n2026-07,,b,1\n", "line 2: no metric"),
        ("date,metric,consumer,value\n2026-13,a,b,1\n", "line 2: date '2026-13'"),
        ("date,metric,consumer,value\n2026-02-30,a,b,1\n", "line 2: date '2026-02-30'"),
        ("date,metric,consumer,value\n20260701,a,b,1\n", "line 2: date '20260701': it is YYYY-MM-DD"),
        ("date,metric,consumer,value\n2026-07,a,b,\n", "line 2: value '': it is a number of at least zero"),
        ("date,metric,consumer,value\n2026-07,a,b,-1\n", "value '-1'"),
        ("date,metric,consumer,value\n2026-07,a,b,1e9\n", "value '1e9'"),
        ("date,metric,consumer,value\n2026-07,a,b,nan\n", "value 'nan'"),
        ("date,metric,consumer,value\n2026-07,a,b,1_000\n", "value '1_000'"),
        ("date,metric,consumer,value\n2026-07,a,b,\u0663\n", "value '\u0663'"),
        (
            "date,metric,consumer,value\n2026-07,a,b,1\n2026-07-01,a,b,2\n",
            "line 3: a of b on 2026-07-01 comes twice",
        ),
        ('date,metric,consumer,value\n2026-07,a,"b,1\n', "metrics are CSV, with commas"),
    ],
)
def test_what_is_no_metric_is_refused(text: str, said: str) -> None:
    """With the line, the value and the rule."""
    with pytest.raises(SettingsError, match=r"metrics file m\.csv") as caught:
        parse(text, name="m.csv")
    assert said in str(caught.value)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Never anything but a frame of exact values of at least zero, or a SettingsError."""
    try:
        found = parse("date,metric,consumer,value\n" + text, name="m.csv")
    except SettingsError:
        return
    assert all(isinstance(value, Decimal) and value >= 0 for value in found["value"])
    assert isinstance(found["time"].dtype, type(pd.Series([], dtype="datetime64[us]").dtype))

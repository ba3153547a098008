"""Moments and months of Google's export, however they were written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.formats.gcp.times import export_slice, invoice_start, moment, month_end, month_of


@pytest.mark.parametrize(
    "text",
    [
        "2022-08-01 03:00:00+00:00",
        "2022-08-01 03:00:00 UTC",
        "2022-08-01T03:00:00Z",
        "2022-08-01T03:00:00.000000Z",
        " 2022-08-01 03:00:00 ",
        "2022-07-31T20:00:00-07:00",
        "1659322800",  # 19,205 days and 3 hours after 1970: 19,205 x 86,400 + 10,800
        "1659322800.0",
        "1.6593228E9",
        "1659322800000",
        "1659322800000000",
        "1659322800000000000",
    ],
)
def test_one_moment_has_one_text(text: str) -> None:
    """Space or T, UTC or an offset, numbers of four sizes: all are the same hour."""
    assert moment(text) == "2022-08-01T03:00:00Z"


@given(st.datetimes(datetime(2002, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_number_of_microseconds_is_the_moment_it_counts(when: datetime) -> None:
    """The counted one and the spelled one are equal."""
    counted = (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert moment(str(counted)) == moment(when.isoformat(" "))
    assert datetime.fromisoformat(moment(str(counted))) == when


@pytest.mark.parametrize(
    "text", ["soon", "", "-1659322800", "9" * 25, "8/1/2022", "0001-01-01T00:00:00+14:00", "1e99"]
)
def test_what_is_no_moment_stays_as_it_came(text: str) -> None:
    """It is judged later, with the rule it breaks; months and slices of it are unknown."""
    assert (moment(text), month_of(text), export_slice(text)) == (text, None, "exported unknown")


def test_the_slice_is_the_day_in_utc() -> None:
    """Half past eleven in California is the next day in UTC."""
    assert export_slice("2022-08-01 23:30:00-07:00") == "exported 2022-08-02"


@pytest.mark.parametrize("text", ["202212", "2022-12", "202212.0", "2022-12-01", "20221201", " 202212 "])
def test_an_invoice_month_starts_on_its_first_day(text: str) -> None:
    """However it is spelled; December ends in the next year."""
    assert invoice_start(text) == "2022-12-01T00:00:00Z"
    assert month_end(invoice_start(text)) == "2023-01-01T00:00:00Z"


@pytest.mark.parametrize("text", ["202213", "202200", "22-08", "August", "2022W01", "202208.5"])
def test_what_is_no_month_cannot_be_taken_for_a_moment(text: str) -> None:
    """The row is set aside, for its text is no time."""
    assert invoice_start(text) == f"invoice month {text}"
    assert month_end(invoice_start(text)) is None
    with pytest.raises(ValueError, match="isoformat"):
        datetime.fromisoformat(invoice_start(text))


def test_months_follow_one_another() -> None:
    """Twelve steps from January are the next January, in order."""
    month = "2023-01-01T00:00:00Z"
    for number in [*range(2, 13), 1]:
        month = month_end(month) or ""
        assert int(month[5:7]) == number
    assert month == "2024-01-01T00:00:00Z"


def test_the_month_of_a_moment_is_that_of_utc() -> None:
    """The last evening of July in California is August in UTC."""
    assert month_of("2022-07-31 20:00:00-07:00") == "2022-08-01T00:00:00Z"

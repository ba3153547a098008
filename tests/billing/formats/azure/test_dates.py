"""Dates of Azure exports, in each order and with each end."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.formats.azure.dates import day_comes_first, read_day, spans
from finops_lib.billing.formats.rows import Rows


def span(**cells: str | None) -> tuple[str, str, str, str]:
    """The day parts of the four bounds of one row."""
    found = spans(Rows(pa.table({name: pa.array([cell], pa.string()) for name, cell in cells.items()})))
    names = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
    texts = [str(found[name][0].as_py()) for name in names]
    return tuple(text.removesuffix("T00:00:00Z") for text in texts)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("ends", "others", "day_first"),
    [
        (["09/30/2023"], ["01/09/2023", "02/09/2023"], False),
        (["30/09/2023"], ["01/09/2023"], True),
        (["30-09-2023"], [], True),
        ([], ["01/09/2023", "14/09/2023"], True),
        ([], ["09/01/2023", "09/14/2023"], False),
        # Twelve days of September are twelve months when misread.
        ([], [f"{day:02}/09/2023" for day in range(1, 13)], True),
        ([], [f"09/{day:02}/2023" for day in range(1, 13)], False),
        ([], ["01/02/2023"], False),
        (["30.09.2023"], ["01/02/2023"], False),
        (["2023-09-30"], ["2023-09-01"], False),
        (["soon"], ["", "1/2"], False),
    ],
)
def test_the_order_is_told_from_all_dates(ends: list[str], others: list[str], day_first: bool) -> None:
    """The end of the period comes first, then any part above 12, then the fewer months."""
    assert day_comes_first(ends, others) is day_first


@pytest.mark.parametrize(
    ("text", "day_first", "day"),
    [
        ("09/30/2023", False, "2023-09-30"),
        ("9/3/2023", False, "2023-09-03"),
        ("9/3/23", False, "2023-09-03"),
        ("9/3/2023", True, "2023-03-09"),
        ("03.09.2023", False, "2023-09-03"),
        ("2023-09-30", True, "2023-09-30"),
        ("2023/9/3", True, "2023-09-03"),
        ("20230930", False, "2023-09-30"),
        ("2023-09-30T00:00:00.0000000Z", False, "2023-09-30"),
        ("2023-09-30 23:59:59", False, "2023-09-30"),
        ("9/30/2023 12:00:00 AM", False, "2023-09-30"),
        # Half past midnight two hours east of Greenwich is the evening before.
        ("2023-10-01T00:30:00+02:00", False, "2023-09-30"),
        ("2023-09-30T23:30:00-0100", False, "2023-10-01"),
        ("09/30/2023", True, None),
        ("30/09/2023", False, None),
        ("02/30/2023", False, None),
        ("2023-09-30T25:00:00+01:00", False, None),
        ("0001-01-01T00:00:00+05:00", False, None),
        ("Sep 30, 2023", False, None),
        ("٠٩/٣٠/٢٠٢٣", False, None),
        ("", False, None),
    ],
)
def test_a_day_is_read_in_its_order(text: str, day_first: bool, day: str | None) -> None:
    """What is no date in this order is none at all, it is not turned round."""
    found = read_day(text, day_first=day_first)
    assert (str(found) if found else None) == day


def test_the_last_day_of_a_period_belongs_to_it() -> None:
    """September ends where October begins; the charge is one day."""
    found = span(BillingPeriodStartDate="09/01/2023", BillingPeriodEndDate="09/30/2023", Date="09/21/2023")
    assert found == ("2023-09-01", "2023-10-01", "2023-09-21", "2023-09-22")


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2023-09-01", "2023-10-01", "2023-10-01"),  # an end that repeats the first day is exclusive already
        ("2023-09-15", "2023-10-14", "2023-10-15"),
        ("2023-09-01", "2023-09-01", "2023-09-02"),
        ("2023-01-31", None, "2023-02-28"),
        ("2023-12-01", None, "2024-01-01"),
    ],
)
def test_the_end_of_a_period(start: str, end: str | None, shown: str) -> None:
    """Without an end a period is a month."""
    found = span(BillingPeriodStartDate=start, BillingPeriodEndDate=end, Date="2023-09-03")
    assert found[:2] == (start, shown)


def test_without_a_period_the_month_of_the_charge_is_taken() -> None:
    """Older exports name no billing period."""
    assert span(Date="2023-12-31") == ("2023-12-01", "2024-01-01", "2023-12-31", "2024-01-01")


@pytest.mark.parametrize("text", ["202309", "2023-09", "2023-09-01"])
def test_a_period_can_be_one_column(text: str) -> None:
    """A purchase of August billed in September stays there."""
    assert span(BillingPeriod=text, Date="2023-08-30")[:2] == ("2023-09-01", "2023-10-01")


def test_without_a_date_the_service_period_counts() -> None:
    """Its last day belongs to it; with a date it says nothing."""
    service = {"ServicePeriodStartDate": "09/01/2023", "ServicePeriodEndDate": "09/30/2023"}
    assert span(**service)[2:] == ("2023-09-01", "2023-10-01")
    assert span(Date="09/05/2023", **service)[2:] == ("2023-09-05", "2023-09-06")
    assert span(ServicePeriodStartDate="09/05/2023")[2:] == ("2023-09-05", "2023-09-06")


def test_a_date_in_the_other_order_is_unreadable() -> None:
    """Read by itself it would be a date, of another month than its neighbours say."""
    dates = pa.array(["13/09/2023", "14/09/2023", "09/15/2023", None])
    found = spans(Rows(pa.table({"Date": dates})))
    assert found["ChargePeriodStart"].to_pylist() == [
        "2023-09-13T00:00:00Z",
        "2023-09-14T00:00:00Z",
        "unreadable: 09/15/2023",
        None,
    ]
    assert found["BillingPeriodStart"].to_pylist()[2:] == ["unreadable: 09/15/2023", None]


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.sampled_from(["%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y"]))
def test_a_day_written_is_a_day_read(day: date, form: str) -> None:
    """Reading undoes writing, in the order that was used."""
    assert read_day(day.strftime(form), day_first=form.startswith("%d")) == day


@given(st.dates(date(2001, 1, 1), date(2099, 12, 1)).map(lambda day: day.replace(day=1)), st.booleans())
def test_a_whole_month_tells_its_order(first: date, day_first: bool) -> None:
    """Every day of a calendar month, and its end, in either order."""
    month = [first + timedelta(days=number) for number in range(28)]
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    form = "%d/%m/%Y" if day_first else "%m/%d/%Y"
    assert day_comes_first([last.strftime(form)], [day.strftime(form) for day in month]) is day_first


@given(st.text(max_size=20), st.booleans())
def test_any_text_is_a_day_or_none(text: str, day_first: bool) -> None:
    """Bills are hostile input."""
    found = read_day(text, day_first=day_first)
    assert found is None or any(letter.isdigit() for letter in text)

"""Text becomes exact amounts and moments in UTC, and odd cells are named."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.cells import MONEY, Cells, TimeReader, amounts, money, total


def times(*texts: str | None) -> Cells:
    """Read one column of times."""
    return TimeReader().read(pa.array(texts, pa.string()).dictionary_encode())


def test_a_clean_column_has_nothing_odd() -> None:
    """Plain numbers and nulls keep every digit and are not marked."""
    found = amounts(pa.array(["1.25", None, "-0.00000000000000000001"]))
    assert found.values.to_pylist() == [Decimal("1.25"), None, Decimal("-1E-20")]
    assert (found.odd, found.exact) == (None, None)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("NaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        ("1,5", "not_a_number"),
        ("1_000", "not_a_number"),
        ("", "not_a_number"),
        ("1E+401", "not_a_number"),
        ("1E+18", "out_of_range"),
        ("999999999999999999.999999999999999999999", "out_of_range"),
    ],
)
def test_an_odd_amount_is_named_and_spares_its_neighbours(text: str, rule: str) -> None:
    """The cell is null and has its rule; the cells beside it are read."""
    found = amounts(pa.array([" 2.5 ", text, None]))
    assert found.values.to_pylist() == [Decimal("2.5"), None, None]
    assert found.odd is not None
    assert found.odd.to_pylist() == [None, rule, None]


def test_more_than_20_decimals_round_half_to_even_and_are_kept_exactly() -> None:
    """Half a step goes to the even neighbour, and the exact amounts stay by row."""
    found = amounts(pa.array(["5E-21", "15E-21", "1"]))
    assert found.values.to_pylist() == [Decimal(0), Decimal("2E-20"), Decimal(1)]
    assert found.exact == {0: Decimal("5E-21"), 1: Decimal("15E-21")}


@given(
    digits=st.integers(1, 10**60),
    repeat=st.integers(1, 5),
    point=st.integers(0, 70),
    mark=st.sampled_from(["", "-"]),
    exponent=st.one_of(st.just(""), st.integers(-90, 90).map("e{}".format)),
)
def test_an_amount_is_what_its_text_says_however_long(
    digits: int, repeat: int, point: int, mark: str, exponent: str
) -> None:
    """No digit is lost in silence: it is read to 20 decimals, or its row is named, and is known exactly."""
    whole = str(digits) * repeat
    text = f"{mark}{whole[:point] or '0'}.{whole[point:] or '0'}{exponent}"
    found = amounts(pa.array([text]))
    [value] = found.values.to_pylist()
    exact = (found.exact or {}).get(0, value)
    assert exact == Decimal(text)
    assert value is None if abs(exact) >= Decimal(10) ** 18 else abs(value - exact) <= Decimal("5E-21")


@pytest.mark.parametrize("text", ["1e28", "7" * 19, "9" * 60, "9" * 350, "-" + "1" * 41])
def test_digits_that_would_fall_off_are_out_of_range(text: str) -> None:
    """Arrow turns each of these into some other number, which is small enough to be believed."""
    found = amounts(pa.array([text, "1"]))
    assert found.values.to_pylist() == [None, 1]
    assert found.odd is not None
    assert found.odd.to_pylist() == ["out_of_range", None]
    with pytest.raises(pa.ArrowInvalid):
        money(pa.array([text]))


def test_an_amount_that_does_not_fit_is_kept_exactly() -> None:
    """What the lake cannot hold still counts in the file's own total."""
    assert amounts(pa.array(["1E+18"])).exact == {0: Decimal(10) ** 18}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], "0"),
        ([None, None], "0"),
        (["999999999999999999.00000000000000000001"] * 2, "1999999999999999998.00000000000000000002"),
    ],
)
def test_a_total_is_exact_and_null_is_nothing(texts: list[str | None], expected: str) -> None:
    """The sum may be longer than the money it adds."""
    column = pa.array([None if text is None else Decimal(text) for text in texts], MONEY)
    assert total(column) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-01", datetime(2026, 7, 1, tzinfo=UTC)),
        ("2026-07-01T02:30:00+02:00", datetime(2026, 7, 1, 0, 30, tzinfo=UTC)),
        (" 2026-07-01 12:30:00 UTC", datetime(2026, 7, 1, 12, 30, tzinfo=UTC)),
        ("2026-07-01T00:00:00.000001Z", datetime(2026, 7, 1, 0, 0, 0, 1, tzinfo=UTC)),
        ("7/1/26", datetime(2026, 7, 1, tzinfo=UTC)),
        ("07/01/2026 5:07:09", datetime(2026, 7, 1, 5, 7, 9, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_utc(text: str, expected: datetime) -> None:
    """ISO 8601 and month/day/year; no zone means UTC."""
    found = times(text)
    assert found.values.to_pylist() == [expected]
    assert found.odd is None


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("soon", "unreadable"),
        ("", "unreadable"),
        ("13/1/2026", "unreadable"),
        ("2026-02-29", "unreadable"),
        ("1999-12-31", "out_of_range"),
        ("2101-01-01", "out_of_range"),
    ],
)
def test_an_odd_time_is_named_and_spares_its_neighbours(text: str, rule: str) -> None:
    """The cell is null and has its rule wherever the text comes again."""
    found = times("2026-07-01", text, None, text)
    assert found.values.to_pylist() == [datetime(2026, 7, 1, tzinfo=UTC), None, None, None]
    assert found.odd is not None
    assert found.odd.to_pylist() == [None, rule, None, rule]

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.estate.others.files import american, csv_text, json_number, moment, number, write_gzip


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 10))
def test_a_json_number_keeps_every_digit(value: int, scale: int) -> None:
    """Up to fifteen digits the text of the number is the exact amount."""
    assert Decimal(json.dumps(json_number(value, scale))) == Decimal(value).scaleb(-scale)


def test_more_digits_are_refused() -> None:
    """Rather than rounded."""
    with pytest.raises(ValueError, match="at most 15 digits"):
        json_number(10**15)


def test_a_packed_file_has_neither_name_nor_time(tmp_path: Path) -> None:
    """Written twice under two names it is the same bytes."""
    for name in ("a.gz", "b/c.gz"):
        write_gzip(tmp_path / name, "Zoë\n")
    packed = (tmp_path / "a.gz").read_bytes()
    assert packed == (tmp_path / "b" / "c.gz").read_bytes()
    assert gzip.decompress(packed).decode() == "Zoë\n"


def test_text_that_needs_quotes_gets_them() -> None:
    """Commas, quotes and line ends inside a cell; the line end asked for outside."""
    assert csv_text(["a"], [{"a": 'x,"y"\nz'}], end="\r\n") == 'a\r\n"x,""y""\nz"\r\n'


def test_days_and_numbers() -> None:
    """20,000 days after 1970 is 4 October 2024."""
    assert american(20_000) == "10/04/2024"
    assert moment(20_000, 3600).isoformat() == "2024-10-04T01:00:00+00:00"
    assert (number(0), number(10**10), number(-1)) == ("0", "1", "-0.0000000001")

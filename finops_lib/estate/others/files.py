"""How do the other providers' files get onto disk: text to gzip, the same bytes each time."""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from finops_lib.estate.calendar import DAY_SECONDS, day_of
from finops_lib.records import plain

_GZIP = 31  # zlib's word for a gzip frame; it writes no name and no time
MONEY_SCALE = 10


def write_gzip(path: Path, text: str) -> None:
    """Write a text as a packed file; its folder is made where missing.

    Parameters
    ----------
    path : Path
        Ends in ``.gz``.
    text : str
        Written as UTF-8.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, _GZIP)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packer.compress(text.encode()) + packer.flush())


def csv_text(names: Sequence[str], rows: Iterable[Mapping[str, str]], *, end: str = "\n") -> str:
    r"""Write rows as CSV; a column that a row lacks stays empty.

    Parameters
    ----------
    names : sequence of str
        The header.
    rows : iterable of mapping
        Column to text.
    end : str
        What ends a line.

    Returns
    -------
    str

    Examples
    --------
    >>> csv_text(["a", "b"], [{"b": 'x"y'}])
    'a,b\n,"x""y"\n'
    """
    text = io.StringIO(newline="")
    out = csv.DictWriter(text, names, restval="", lineterminator=end)
    out.writeheader()
    out.writerows(rows)
    return text.getvalue()


def json_text(value: Any) -> str:
    """Write a value as JSON on one line, with the text as it is.

    Parameters
    ----------
    value : object
        Anything JSON can hold.

    Returns
    -------
    str

    Examples
    --------
    >>> json_text({"Zoë": [1, None]})
    '{"Zoë":[1,null]}'
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def number(value: int, scale: int = MONEY_SCALE) -> str:
    """Write a whole number of the last decimal place as a decimal number.

    Parameters
    ----------
    value : int
        For example 1e-10 dollars.
    scale : int
        Decimal places.

    Returns
    -------
    str

    Examples
    --------
    >>> number(-25_000, 4), number(3, 10)
    ('-2.5', '0.0000000003')
    """
    return plain(Decimal(value).scaleb(-scale))


def json_number(value: int, scale: int = MONEY_SCALE) -> float | int:
    """Give the JSON number whose digits are those of a whole number of the last decimal place.

    Parameters
    ----------
    value : int
        Of at most 15 digits, so that a binary float is written with the same ones.
    scale : int
        Decimal places.

    Returns
    -------
    float or int

    Raises
    ------
    ValueError
        There are more digits than a float holds.

    Examples
    --------
    >>> json_number(123_456_789_012_345), json_number(20_000, 4)
    (12345.6789012345, 2)
    """
    if abs(value) >= 10**15:
        raise ValueError(f"{value} of scale {scale}: a JSON number of this estate has at most 15 digits")
    whole, rest = divmod(value, 10**scale)
    return float(Decimal(value).scaleb(-scale)) if rest else whole


def american(day: int) -> str:
    """Write a day as Azure does: MM/DD/YYYY.

    Parameters
    ----------
    day : int
        Days since 1970.

    Returns
    -------
    str

    Examples
    --------
    >>> american(0)
    '01/01/1970'
    """
    return f"{day_of(day):%m/%d/%Y}"


def moment(day: int, seconds: int = 0) -> datetime:
    """Which moment is so many seconds into a day, in UTC.

    Parameters
    ----------
    day : int
        Days since 1970.
    seconds : int
        Seconds after its start.

    Returns
    -------
    datetime

    Examples
    --------
    >>> moment(1, 60).isoformat()
    '1970-01-02T00:01:00+00:00'
    """
    return datetime.fromtimestamp(day * DAY_SECONDS + seconds, UTC)

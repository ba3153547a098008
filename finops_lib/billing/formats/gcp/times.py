"""When was this: moments and invoice months of Google's export, whatever tool wrote them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{0,20})?(?:[eE]\+?[0-9]{1,2})?")
_MONTH = re.compile(r"([0-9]{4})-?(0[1-9]|1[0-2])(?:-?[0-9]{2})?(?:\.0+)?")
_START = re.compile(r"([0-9]{4})-([0-9]{2})-01T00:00:00Z")
_READ = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.+Z")
_UNITS = ((10**11, 1), (10**14, 10**3), (10**17, 10**6), (10**20, 10**9))  # below it: parts of a second
_FIRST_NUMBER = 10**9  # September 2001; a smaller number is a date without dashes, or none
_DECEMBER = 12


def moment(text: str) -> str:
    """How is this moment written in ISO 8601, UTC.

    Parameters
    ----------
    text : str
        ISO 8601, also with a space or `` UTC``; or a number of seconds, milli-, micro- or nanoseconds
        since 1970, told apart by its size.

    Returns
    -------
    str
        The text itself where it is none of these.

    Examples
    --------
    >>> moment("2022-08-01 05:00:00+02:00"), moment("1659322800000000"), moment("1.6593228E9")
    ('2022-08-01T03:00:00Z', '2022-08-01T03:00:00Z', '2022-08-01T03:00:00Z')
    >>> moment("soon")
    'soon'
    """
    plain = text.strip()
    try:
        since = Decimal(plain) if _NUMBER.fullmatch(plain) else Decimal(0)
        found = (
            _counted(since) if since >= _FIRST_NUMBER else datetime.fromisoformat(plain.removesuffix(" UTC"))
        )
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return text
    return found.isoformat().replace("+00:00", "Z")


def _counted(since: Decimal) -> datetime:
    parts = next((parts for limit, parts in _UNITS if since < limit), None)
    if parts is None:
        raise OverflowError
    return _EPOCH + timedelta(microseconds=int(since * 10**6 / parts))


def export_slice(text: str) -> str:
    """Which slice of the export do rows with this export time belong to: its day in UTC.

    Parameters
    ----------
    text : str
        When the rows were exported.

    Returns
    -------
    str

    Examples
    --------
    >>> export_slice("2022-08-02 01:11:12.066000+00:00"), export_slice("")
    ('exported 2022-08-02', 'exported unknown')
    """
    found = moment(text)
    return f"exported {found[:10] if _READ.fullmatch(found) else 'unknown'}"


def month_of(text: str) -> str | None:
    """When does the calendar month of this moment start.

    Parameters
    ----------
    text : str
        A moment.

    Returns
    -------
    str or None
        None where the moment cannot be read.

    Examples
    --------
    >>> month_of("2022-08-01 03:00:00 UTC")
    '2022-08-01T00:00:00Z'
    """
    found = moment(text)
    return f"{found[:7]}-01T00:00:00Z" if _READ.fullmatch(found) else None


def invoice_start(text: str) -> str:
    """When does this invoice month start.

    Parameters
    ----------
    text : str
        ``YYYYMM``, also with a dash, a day or as a decimal number.

    Returns
    -------
    str
        A text that is no moment where it cannot be read.

    Examples
    --------
    >>> invoice_start("202208"), invoice_start("202213")
    ('2022-08-01T00:00:00Z', 'invoice month 202213')
    """
    found = _MONTH.fullmatch(text.strip())
    return f"{found[1]}-{found[2]}-01T00:00:00Z" if found else f"invoice month {text}"


def month_end(start: str) -> str | None:
    """When does the month end that starts here, exclusive.

    Parameters
    ----------
    start : str
        From `invoice_start` or `month_of`.

    Returns
    -------
    str or None

    Examples
    --------
    >>> month_end("2022-12-01T00:00:00Z")
    '2023-01-01T00:00:00Z'
    """
    found = _START.fullmatch(start)
    if not found:
        return None
    year, month = int(found[1]), int(found[2])
    return (
        f"{year + 1:04}-01-01T00:00:00Z" if month == _DECEMBER else f"{year:04}-{month + 1:02}-01T00:00:00Z"
    )

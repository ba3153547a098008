"""How many customers, requests, tokens, GPU hours were there, and whose: a metrics file, read strictly.

CSV (commas, UTF-8) with a header and one row for a day or month, metric and consumer:

- ``date``: ``YYYY-MM-DD``, or ``YYYY-MM`` for a value of the whole month;
- ``metric``: what is counted, for example ``requests``;
- ``consumer`` (or ``team``): whose it is; empty is everybody's;
- ``value``: a number of at least zero, with a point.

A value that is not known has no row: an empty one is refused, since it is neither zero nor anything else.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

import pandas as pd

from finops_lib.errors import SettingsError
from finops_lib.records import Period

COLUMNS = ("time", "metric", "consumer", "value")
_HEADER = ("date", "metric", "consumer", "value")
_SHAPE = f"write the columns {', '.join(_HEADER)}"
_MONTH = re.compile(r"\d{4}-\d{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"[0-9]{1,30}(\.[0-9]{1,20})?")

Key = tuple[date, str, str]


def parse(text: str, *, name: str) -> pd.DataFrame:
    r"""Which metrics does this text state.

    Parameters
    ----------
    text : str
        CSV with a header.
    name : str
        Of the file, for messages.

    Returns
    -------
    DataFrame
        ``time`` (the day, or the first of the month), ``metric``, ``consumer`` (empty is everybody's) and
        ``value`` (Decimal), in the order of the file.

    Raises
    ------
    SettingsError
        The text is no such CSV, a row is no metric, or two rows say the same thing; the line is named.

    Examples
    --------
    >>> found = parse("date,metric,consumer,value\n2026-07,customers,,1200\n", name="metrics.csv")
    >>> found["time"].iloc[0].isoformat(), found["value"].iloc[0]
    ('2026-07-01T00:00:00', Decimal('1200'))
    """
    file = f"metrics file {name}"
    found: dict[Key, Decimal] = {}
    for line, row in _rows(text, file):
        where = f"{file}, line {line}"
        key = (_day(row["date"], where), _word(row, "metric", where), row["consumer"])
        if key in found:
            said = f"{key[1]} of {key[2][:80] or 'everybody'} on {key[0]} comes twice"
            raise SettingsError(
                f"{where}: {said}", "a day has one value for each metric and consumer", "add them up"
            )
        found[key] = _number(row["value"], where)
    if not found:
        raise SettingsError(f"{file}: no metric", "it states at least one", _SHAPE)
    lines = [(*key, value) for key, value in found.items()]
    frame = pd.DataFrame(lines, columns=list(COLUMNS), dtype=object)
    return frame.assign(time=pd.to_datetime(frame["time"]).astype("datetime64[us]"))


def _rows(text: str, file: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Give each row with its line; its cells are stripped."""
    lines = [f"{line}\n" for line in text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")]
    reader = csv.reader(lines, strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        names = ["consumer" if cell == "team" else cell for cell in header]
        if sorted(names) != sorted(_HEADER):
            raise SettingsError(
                f"{file}: columns {', '.join(names)[:80]!r}", f"they are {', '.join(_HEADER)}", _SHAPE
            )
        for cells in reader:
            if cells:
                yield reader.line_num, _row(names, cells, f"{file}, line {reader.line_num}")
    except csv.Error as error:
        raise SettingsError(f"{file}: {error}", "metrics are CSV, with commas", "correct the file") from error


def _row(names: Sequence[str], cells: Sequence[str], where: str) -> dict[str, str]:
    if len(cells) != len(names):
        raise SettingsError(
            f"{where}: {len(cells)} cells", f"a row has {len(names)}", "correct the row, quote commas"
        )
    return {name: cell.strip() for name, cell in zip(names, cells, strict=True)}


def _word(row: Mapping[str, str], key: str, where: str) -> str:
    if not row[key]:
        raise SettingsError(f"{where}: no {key}", "a row names its metric", _SHAPE)
    return row[key]


def _day(text: str, where: str) -> date:
    try:
        if _MONTH.fullmatch(text):
            return date.fromisoformat(f"{text}-01")
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise SettingsError(f"{where}: date {text[:80]!r}", "it is YYYY-MM-DD or YYYY-MM", "correct it")


def _number(text: str, where: str) -> Decimal:
    try:
        if _NUMBER.fullmatch(text):
            return Decimal(text)
    except InvalidOperation:
        pass
    raise SettingsError(
        f"{where}: value {text[:80]!r}",
        "it is a number of at least zero, with a point; what is not known has no row",
        "correct it, or leave the row out",
    )


def within(metrics: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Which of the metrics are of this time.

    Parameters
    ----------
    metrics : DataFrame
        From `parse`.
    period : Period
        Half-open, UTC.

    Returns
    -------
    DataFrame
        The same columns.
    """
    start, end = (pd.Timestamp(edge).tz_localize(None) for edge in (period.start, period.end))
    return metrics[(metrics["time"] >= start) & (metrics["time"] < end)].reset_index(drop=True)

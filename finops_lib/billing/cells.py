"""What does this cell say: text becomes exact decimals and UTC times, and what cannot be read is marked.

The quick way casts a whole column at once; only a column that holds something odd is read cell by cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

import pyarrow as pa
import pyarrow.compute as pc

SCALE = 20  # decimals the lake keeps
MONEY = pa.decimal128(38, SCALE)
TIME = pa.timestamp("us", tz="UTC")
EXACT = Context(prec=800)
_STEP = Decimal(1).scaleb(-SCALE)
_LARGEST = Decimal(10) ** (38 - SCALE)
_LONGEST_EXPONENT = 400
_SAFE_DIGITS = 38 - SCALE  # a text this short fits whatever its digits
_FLOAT_ERROR = 1e-9  # a share; a float is right to 1E-16, a number that lost digits is far off
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_MOST_KNOWN = 500_000
_EARLIEST, _LATEST = 2000, 2100

NOT_A_NUMBER, TOO_LARGE = "not_a_number", "out_of_range"
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Cells:
    """A column that was read: its values, and, where something was odd, the rule each cell broke.

    ``odd`` is None when every cell was fine. ``texts`` are the exact amounts of a column of money whose
    cells had more decimals than the lake keeps, or did not fit; row number to amount.
    """

    values: pa.Array
    odd: pa.Array | None = None
    exact: dict[int, Decimal] | None = None


def amounts(column: pa.Array) -> Cells:
    """Which amounts does this text hold, to the last of 20 decimals.

    Parameters
    ----------
    column : pyarrow.Array
        Text.

    Returns
    -------
    Cells
        ``odd`` names ``not_a_number`` or ``out_of_range``.

    Examples
    --------
    >>> amounts(pa.array(["1.2E-7", None, "NaN"])).odd.to_pylist()
    [None, None, 'not_a_number']
    """
    try:
        return Cells(money(column))
    except pa.ArrowInvalid:
        return _amounts_one_by_one(column)


def money(column: pa.Array) -> pa.Array:
    """Which amounts does this text hold, where all of it is plain numbers that the lake can keep.

    Parameters
    ----------
    column : pyarrow.StringArray
        Text.

    Returns
    -------
    pyarrow.Decimal128Array

    Raises
    ------
    pyarrow.ArrowInvalid
        A cell is no number, has more decimals, or does not fit.

    Examples
    --------
    >>> money(pa.array(["1.2E-7", None])).to_pylist() == [Decimal("0.00000012"), None]
    True
    """
    values = column.cast(MONEY)
    if _may_wrap(column):
        # The cast lets digits beyond 38 fall off in silence; a float has the size right.
        found = values.cast(pa.float64())
        gap = pc.abs(pc.subtract(column.cast(pa.float64()), found))
        if pc.any(pc.greater(gap, pc.multiply(pc.abs(found), _FLOAT_ERROR))).as_py():
            raise pa.ArrowInvalid("a number has too many digits")
    return values


def _may_wrap(column: pa.Array) -> bool:
    if column.null_count == len(column):
        return False
    longest = pc.max(pc.binary_length(column)).as_py() or 0
    return longest > _SAFE_DIGITS or any(pc.any(pc.match_substring(column, mark)).as_py() for mark in "eE")


def _amounts_one_by_one(column: pa.Array) -> Cells:
    values: list[Decimal | None] = []
    odd: list[str | None] = []
    exact: dict[int, Decimal] = {}
    for row, text in enumerate(column.to_pylist()):
        amount = None if text is None else _amount(text)
        kept = None if amount is None else _fitted(amount)
        if amount is not None and amount != kept:
            exact[row] = amount
        values.append(kept)
        odd.append(
            None if text is None or kept is not None else NOT_A_NUMBER if amount is None else TOO_LARGE
        )
    return Cells(pa.array(values, MONEY), pa.array(odd, pa.string()), exact)


def _amount(text: str) -> Decimal | None:
    """Read a finite number that could be an amount at all."""
    try:
        found = Decimal(text.strip().replace("_", "x"))
    except InvalidOperation:
        return None
    if not found.is_finite() or abs(found.adjusted()) > _LONGEST_EXPONENT or len(text) > _LONGEST_EXPONENT:
        return None
    return found


def rounded(amount: Decimal) -> Decimal:
    """Which amount does the lake keep for this one: 20 decimals, a half goes to the even side.

    Parameters
    ----------
    amount : Decimal
        Money in any currency.

    Returns
    -------
    Decimal

    Examples
    --------
    >>> rounded(Decimal("123456789.5"))
    Decimal('123456789.50000000000000000000')
    """
    return amount.quantize(_STEP, rounding=ROUND_HALF_EVEN, context=EXACT)


def _fitted(amount: Decimal) -> Decimal | None:
    if abs(amount) >= _LARGEST:
        return None
    kept = rounded(amount)
    return kept if abs(kept) < _LARGEST else None


def total(column: pa.Array) -> Decimal:
    """How much is this column of money in all, exactly; null counts as nothing.

    Parameters
    ----------
    column : pyarrow.Decimal128Array
        Money.

    Returns
    -------
    Decimal
    """
    found = pc.sum(column.cast(pa.decimal256(76, SCALE))).as_py()
    return Decimal(0) if found is None else found


class TimeReader:
    """Reads columns of times; equal texts are read once for a whole ingest."""

    def __init__(self) -> None:
        self._known: dict[str, int | str] = {}

    def read(self, column: pa.DictionaryArray) -> Cells:
        """Which moments in UTC does this text hold.

        ISO 8601 with or without time and zone (none means UTC), or month/day/year as some exports write.

        Parameters
        ----------
        column : pyarrow.DictionaryArray
            Text.

        Returns
        -------
        Cells
            ``odd`` names ``unreadable`` or ``out_of_range`` (not in 2000 to 2100).
        """
        found = [None if text is None else self._moment(text) for text in column.dictionary.to_pylist()]
        moments = pa.array([item if isinstance(item, int) else None for item in found], pa.int64())
        values = moments.take(column.indices).cast(TIME)
        if not any(isinstance(item, str) for item in found):
            return Cells(values)
        odd = pa.array([item if isinstance(item, str) else None for item in found], pa.string())
        return Cells(values, odd.take(column.indices))

    def _moment(self, text: str) -> int | str:
        if text not in self._known:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            self._known[text] = _moment(text)
        return self._known[text]


def _moment(text: str) -> int | str:
    try:
        found = _american(text) or datetime.fromisoformat(text.strip().removesuffix(" UTC"))
    except ValueError:
        return UNREADABLE
    if not _EARLIEST <= found.year <= _LATEST:
        return TOO_LARGE
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    since = found - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _american(text: str) -> datetime | None:
    found = _AMERICAN.fullmatch(text.strip())
    if not found:
        return None
    month, day, year, hour, minute, second = (int(part or 0) for part in found.groups())
    year += 2000 if year < 100 else 0  # noqa: PLR2004  # two digits
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)

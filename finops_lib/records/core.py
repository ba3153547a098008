"""The words every room shares: frozen, typed, JSON both ways, ids from content.

A table stays a data frame with FOCUS column names; a record is for what has a name and a history.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Self

from finops_lib.errors import QueryError

CHARGES_KIND, ALLOCATION_KIND = "charges", "allocation"
_LAST_YEAR = 9999
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


def plain(amount: Decimal) -> str:
    """How is this amount written for machines: digits, no exponent, no trailing zeros.

    Parameters
    ----------
    amount : Decimal
        Money in any currency, or a quantity.

    Returns
    -------
    str

    Examples
    --------
    >>> plain(Decimal("1.2E-7")), plain(Decimal("5.00")), plain(Decimal("-0.0"))
    ('0.00000012', '5', '0')
    """
    text = format(amount, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def content_id(value: object) -> str:
    """Which content is this: the first 16 hex digits of the sha256 of its canonical JSON.

    Parameters
    ----------
    value : object
        Anything JSON can hold; decimals and datetimes are written as text.

    Returns
    -------
    str
        16 hexadecimal digits.

    Examples
    --------
    >>> content_id({"a": 1}) == content_id({"a": 1}), len(content_id([]))
    (True, 16)
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=_json_text)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _json_text(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


class Record:
    """What all records can do: become JSON. Subclasses are frozen dataclasses."""

    def to_json(self) -> dict[str, Any]:
        """Return the record as a dictionary that ``json.dumps`` takes: decimals as strings, times in UTC.

        Returns
        -------
        dict
        """
        fields: dict[str, Any] = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)  # type: ignore[arg-type]  # every subclass is a dataclass
        }
        return {name: _to_json(value) for name, value in fields.items()}


def _to_json(value: object) -> object:
    if isinstance(value, Record):
        return value.to_json()
    if isinstance(value, Mapping):
        return {str(key): _to_json(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_to_json(item) for item in value]
    if isinstance(value, (Decimal, datetime)):
        return _json_text(value)
    return value


@dataclass(frozen=True, order=True)
class Period(Record):
    """A half-open span of time in UTC: ``start`` belongs to it, ``end`` does not.

    Examples
    --------
    >>> Period.month("2026-02").days
    28
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError(f"period {self.start} to {self.end}: both ends carry a time zone")
        if self.end <= self.start:
            raise ValueError(f"period {self.start} to {self.end}: the end comes after the start")

    @classmethod
    def month(cls, text: str) -> Self:
        """Which span is this month, written ``YYYY-MM``.

        Parameters
        ----------
        text : str
            For example ``2026-07``.

        Returns
        -------
        Period

        Raises
        ------
        QueryError
            The text is no month.
        """
        if not _MONTH.fullmatch(text):
            raise QueryError(f"month {text!r}", "a month is written YYYY-MM", "write, for example, 2026-07")
        year, month = int(text[:4]), int(text[5:])
        if not 1 <= year < _LAST_YEAR:
            raise QueryError(f"month {text!r}", "a year lies in 0001 to 9998", "write, for example, 2026-07")
        start = datetime(year, month, 1, tzinfo=UTC)
        return cls(start, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC))

    @property
    def days(self) -> int:
        """Whole days in the period, a count."""
        return (self.end - self.start).days

    @property
    def label(self) -> str:
        """``YYYY-MM`` for the month in which the period starts."""
        return f"{self.start:%Y-%m}"

    def previous_month(self) -> Period:
        """Return the calendar month before the one in which this period starts.

        Returns
        -------
        Period
        """
        year, month = self.start.year, self.start.month
        return Period.month(f"{year - (month == 1):04d}-{(month - 2) % 12 + 1:02d}")


@dataclass(frozen=True)
class Money(Record):
    """An exact amount in one currency; amounts of two currencies are never added.

    Examples
    --------
    >>> (Money(Decimal("0.10"), "USD") + Money(Decimal("0.20"), "USD")).amount
    Decimal('0.30')
    """

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency}: convert with a rates file first")
        return Money(self.amount + other.amount, self.currency)


@dataclass(frozen=True)
class RuleCount(Record):
    """How often one rule of conformance was broken and for how much money.

    ``action`` is ``quarantine`` (rows set aside) or ``flag`` (rows kept, finding said);
    ``cost`` maps a currency to the exact sum of the file's own cost column over those rows.
    """

    rule: str
    action: str
    rows: int
    cost: Mapping[str, Decimal]
    detail: str = ""


def _money(found: Mapping[str, str]) -> dict[str, Decimal]:
    return {currency: Decimal(text) for currency, text in found.items()}


@dataclass(frozen=True)
class Snapshot(Record):
    """One delivery as the lake keeps it: who billed whom for which period, and which content.

    ``id`` names this landing and ``content`` what it holds; ``unchanged`` says that the same content was
    there already; ``replaces`` is the id of the delivery it took over from, or empty; ``days`` counts the
    days that have usage. ``kind`` is ``charges``, or ``allocation`` for a report that explains charges and
    stands in no total. ``view`` is ``actual`` or ``amortized`` where the export shows cost in one of these
    views only; ``tag_columns`` gives the tag key of each column whose name does not show it; ``exported``
    are the first and last moment of export, ISO 8601, where rows tell it.
    """

    provider: str
    account: str
    billing_period: str
    scope: str
    id: str
    content: str
    source: str
    rows: int
    quarantined: int
    cost: Mapping[str, Decimal]
    first_day: str
    last_day: str
    delivered: datetime
    unchanged: bool = False
    replaces: str = ""
    days: int = 0
    flags: tuple[RuleCount, ...] = ()
    kind: str = CHARGES_KIND
    view: str = ""
    tag_columns: Mapping[str, str] = field(default_factory=dict)
    exported: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read a record back from what `to_json` gave.

        Parameters
        ----------
        found : mapping
            Decimals as strings, ``delivered`` in ISO 8601.

        Returns
        -------
        Snapshot
        """
        flags = tuple(RuleCount(**{**flag, "cost": _money(flag["cost"])}) for flag in found["flags"])
        fields = {**found, "cost": _money(found["cost"]), "flags": flags}
        fields["exported"] = tuple(found.get("exported", ()))
        return cls(**{**fields, "delivered": datetime.fromisoformat(found["delivered"])})

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The delivery that this content fills: provider, account, billing period, scope."""
        return (self.provider, self.account, self.billing_period, self.scope)


@dataclass(frozen=True)
class Conformance(Record):
    """What became of a bill: rows in, rows accepted, rows set aside, in counts and money.

    ``source_cost`` is the exact sum of the file's own cost column by currency and equals
    ``accepted`` plus ``quarantined`` plus ``rounding`` less ``beside``, to the last decimal. ``rounding``
    is empty unless a cost had more decimals than the lake keeps (20). ``beside`` is what accepted rows are
    billed besides the file's own cost: credits in a column of their own, less amortised cost that is on no
    invoice; it is empty for most exports. ``kind`` is that of the deliveries.
    """

    source: str
    focus_version: str
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    source_cost: Mapping[str, Decimal]
    accepted: Mapping[str, Decimal]
    quarantined: Mapping[str, Decimal]
    rounding: Mapping[str, Decimal]
    snapshots: tuple[Snapshot, ...]
    flags: tuple[RuleCount, ...]
    beside: Mapping[str, Decimal] = field(default_factory=dict)
    kind: str = CHARGES_KIND

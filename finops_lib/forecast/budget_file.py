"""Which budgets does a file state: who may spend how much on what, in which periods.

TOML with ``[[budget]]`` tables, or CSV (commas) with one row a budget, of the keys

- ``name`` and ``owner``: what it is called and who answers for it;
- ``period``: ``month``, ``quarter`` or ``year``, each of which has the whole ``amount`` (above zero, with a
  point) in ``currency`` (ISO 4217);
- ``valid_from`` and ``valid_until`` (``YYYY-MM``): the first month it holds and the first it does not; an
  empty end means until further notice. Quarters and years are counted from ``valid_from``, so a year may
  begin in any month, and there are whole ones of them. A new amount is a new entry of the same name; two
  entries never hold in one month;
- ``scope``: what counts, columns or ``tag:key`` with their values. In TOML a table of (lists of) texts, in
  CSV ``tag:team=web|api; ServiceName=Compute``; without it everything counts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from finops_lib.cost import entries
from finops_lib.cost.entry_texts import shown
from finops_lib.errors import QueryError, SettingsError
from finops_lib.records import Period, Record, content_id

PERIODS = MappingProxyType({"month": 1, "quarter": 3, "year": 12})  # to months
_KEYS = ("name", "owner", "period", "amount", "currency", "valid_from", "valid_until", "scope")
_NEEDED = _KEYS[:6]
_SHAPE = f"write the keys {', '.join(_KEYS)}"
_YEAR = 12  # months in it


@dataclass(frozen=True)
class Budget(Record):
    """How much may be spent on what in each period, and who answers for it.

    ``period`` is a key of `PERIODS`; ``amount`` in ``currency`` holds for each of them, counted from
    ``valid_from`` and until before ``valid_until`` (None: further notice). ``scope`` maps columns or
    ``tag:key`` to the values that count; an empty one means everything.

    Examples
    --------
    >>> since = Period.month("2026-04").start
    >>> budget = Budget("Web", "ann", "quarter", Decimal(900), "EUR", since)
    >>> budget.period_at(Period.month("2026-09").start).start.isoformat()
    '2026-07-01T00:00:00+00:00'
    """

    name: str
    owner: str
    period: str
    amount: Decimal
    currency: str
    valid_from: datetime
    valid_until: datetime | None = None
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """16 hexadecimal digits of its content: another amount is another budget."""
        return content_id(self.to_json())

    def period_at(self, moment: datetime) -> Period | None:
        """Which of the budget's periods is this moment in.

        Parameters
        ----------
        moment : datetime
            With a time zone.

        Returns
        -------
        Period or None
            None before and after the budget holds.
        """
        if moment < self.valid_from or (self.valid_until is not None and moment >= self.valid_until):
            return None
        length = PERIODS[self.period]
        passed = _months(moment) - _months(self.valid_from)
        first = _months(self.valid_from) + passed // length * length
        return Period(_start(first), _start(first + length))

    def periods(self, since: datetime, until: datetime) -> tuple[Period, ...]:
        """Which of the budget's periods lie in a time, wholly or in part.

        Parameters
        ----------
        since, until : datetime
            With a time zone; ``until`` is not included.

        Returns
        -------
        tuple of Period
            In the order of time; empty where the budget does not hold then.

        Examples
        --------
        >>> april, june = (Period.month(f"2026-0{month}").start for month in (4, 6))
        >>> budget = Budget("Web", "ann", "month", Decimal(900), "EUR", april)
        >>> [period.label for period in budget.periods(april, june)]
        ['2026-04', '2026-05']
        """
        found, moment = [], max(since, self.valid_from)
        while moment < until and (period := self.period_at(moment)) is not None:
            found.append(period)
            moment = period.end
        return tuple(found)


def _months(moment: datetime) -> int:
    there = moment.astimezone(UTC)
    return there.year * _YEAR + there.month - 1


def _start(months: int) -> datetime:
    return datetime(months // _YEAR, months % _YEAR + 1, 1, tzinfo=UTC)


def parse(text: str, *, name: str) -> tuple[Budget, ...]:
    """Which budgets does this text state.

    Parameters
    ----------
    text : str
        Of a TOML file, or of a CSV file with a header.
    name : str
        Of the file; ``.toml`` at its end says that it is TOML, else it is CSV.

    Returns
    -------
    tuple of Budget
        In the order of the file.

    Raises
    ------
    SettingsError
        The text is neither, an entry is no budget, or two entries of one name hold in one month.

    Examples
    --------
    >>> text = '''name,owner,period,amount,currency,valid_from,scope
    ... Web,ann,month,1200.50,EUR,2026-01,tag:team=web|api'''
    >>> budget = parse(text, name="budgets.csv")[0]
    >>> budget.amount, dict(budget.scope)
    (Decimal('1200.50'), {'tag:team': ('web', 'api')})
    """
    file = f"budgets file {name}"
    toml = name.lower().endswith(".toml")
    found = entries.tables(text, key="budget", file=file) if toml else _csv(text, file)
    budgets = tuple(_budget(entry, f"{file}, entry {place}") for place, entry in enumerate(found, start=1))
    _refuse_overlap(budgets, name)
    return budgets


def _csv(text: str, file: str) -> list[Mapping[str, Any]]:
    lines = [f"{line}\n" for line in text.removeprefix("\ufeff").split("\n")]
    try:
        reader = csv.DictReader(lines, restkey="surplus", strict=True)
        names = [str(name).strip().lower() for name in reader.fieldnames or ()]
        if len(set(names)) < len(names):
            raise csv.Error("two columns of one name")
        found: list[Mapping[str, Any]] = [_csv_row(row) for row in reader]
    except csv.Error as error:
        raise SettingsError(f"{file}: {error}", "budgets are TOML or CSV", "correct the file") from error
    if not found:
        raise SettingsError(f"{file}: no budget", "it states at least one", _SHAPE)
    return found


def _csv_row(row: Mapping[str, Any]) -> dict[str, Any]:
    known = {str(key).strip().lower(): cell for key, cell in row.items() if cell is not None}
    return {**known, "scope": _scope_text(known["scope"]) if isinstance(known.get("scope"), str) else {}}


def _scope_text(text: str) -> dict[str, Any]:
    """Read ``column=value|value; column=value``; a part without a value is left for the check to refuse."""
    parts = [part.partition("=") for part in text.split(";") if part.strip()]
    found: dict[str, Any] = {}
    for column, _, values in parts:
        more = found.setdefault(column.strip(), [])
        more += [value.strip() for value in values.split("|")]
    return found or ({"": []} if text.strip() else {})


def _budget(entry: Mapping[str, Any], where: str) -> Budget:
    entries.check_keys(entry, known=_KEYS, needed=_NEEDED, where=where)
    words = {key: str(entry.get(key, "")).strip() for key in _KEYS}
    return Budget(
        name=entries.label(words["name"], key="name", where=where),
        owner=entries.label(words["owner"], key="owner", where=where),
        period=entries.choice(words["period"], of=tuple(PERIODS), key="period", where=where),
        amount=_amount(entry["amount"], where),
        currency=entries.currency(words["currency"], where=where),
        valid_from=_month(words["valid_from"], where),
        valid_until=_end(words, where),
        scope=entries.scope(entry.get("scope", {}), where=where),
    )


def _amount(value: object, where: str) -> Decimal:
    found = entries.exact(value)
    if found is not None and found > 0:
        return found
    raise SettingsError(
        f"{where}: amount {shown(value)}",
        "an amount is a number above zero, with a point",
        "correct it",
    )


def _month(text: str, where: str) -> datetime:
    try:
        return Period.month(text).start
    except QueryError as error:
        raise SettingsError(f"{where}: {error.value}", error.rule, error.remedy) from error


def _end(words: Mapping[str, str], where: str) -> datetime | None:
    if not words["valid_until"]:
        return None
    start, end = (_month(words[key], where) for key in ("valid_from", "valid_until"))
    months = _months(end) - _months(start)
    if months <= 0 or months % PERIODS[words["period"]]:
        raise SettingsError(
            f"{where}: from {words['valid_from']} until {words['valid_until']}",
            f"a budget holds for one or more whole periods ({words['period']}), the end not included",
            "write the first month in which it no longer holds, or none",
        )
    return end


def _refuse_overlap(budgets: Iterable[Budget], name: str) -> None:
    held: dict[str, Budget] = {}
    for budget in sorted(budgets, key=lambda one: (one.name, one.valid_from)):
        before = held.get(budget.name)
        if before and (before.valid_until is None or before.valid_until > budget.valid_from):
            raise SettingsError(
                f"budgets file {name}: two entries of {budget.name!r} hold in {budget.valid_from:%Y-%m}",
                "a month has one amount for each budget",
                "give the earlier entry valid_until",
            )
        held[budget.name] = budget

"""Which commitments can be bought, and until when do those in place run: files that people hand in.

CSV (commas, one row for each scope of an offer) or TOML (``[[offer]]``, where ``scope`` may be a list), with

- ``offer``: its name; ``months``: its term, 1 to 120;
- ``scope``: what it covers, as ``provider / service / region`` in the words of the bill;
- ``payment``: ``none``, ``partial`` or ``all`` of the price at once;
- ``discount``: the share of the on-demand price that it saves, above 0 and below 1;
- ``unit``: money an hour of the smallest piece; empty where any amount can be bought.

Commitments in place are CSV or TOML (``[[held]]``) with ``commitment`` (its id on the bill), ``ends`` (the
first day on which it no longer covers, ``YYYY-MM-DD``) and perhaps ``months``, the term of a renewal.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from finops_lib.cost import entries
from finops_lib.cost.entry_texts import shown
from finops_lib.errors import QueryError, SettingsError
from finops_lib.optimize.commitments.offers import UPFRONT, Offer, offers
from finops_lib.records import Record

_OFFER = ("offer", "scope", "months", "payment", "discount", "unit")
_HELD = ("commitment", "ends", "months")
_MOST_MONTHS = 120
_LONGEST = 1000  # characters of a scope or an id


@dataclass(frozen=True)
class Term(Record):
    """Until when a commitment in place runs; ``months`` of a renewal are None where the file leaves it."""

    commitment: str
    ends: datetime
    months: int | None = None


def parse(text: str, *, name: str) -> tuple[Offer, ...]:
    r"""Which offers does this text list.

    Parameters
    ----------
    text : str
        Of a TOML file, or of a CSV file with a header.
    name : str
        Of the file; ``.toml`` at its end says that it is TOML, else it is CSV.

    Returns
    -------
    tuple of Offer
        By name.

    Raises
    ------
    SettingsError
        The text is neither, or an offer breaks its rule; it is named.

    Examples
    --------
    >>> head = "offer,scope,months,payment,discount\n"
    >>> [plan] = parse(head + "plan,AWS / AWS Lambda / us-east-1,12,all,0.17\n", name="offers.csv")
    >>> plan.months, plan.upfront, dict(plan.discounts)
    (12, 1.0, {'AWS / AWS Lambda / us-east-1': 0.17})
    """
    file = f"offers file {name}"
    found = _entries(text, name=name, file=file, key="offer")
    rows = [row for place, entry in enumerate(found, 1) for row in _offer(entry, f"{file}, offer {place}")]
    try:
        return offers(pd.DataFrame(rows))
    except QueryError as error:
        raise SettingsError(f"{file}: {error.value}", error.rule, error.remedy) from error


def parse_held(text: str, *, name: str) -> tuple[Term, ...]:
    r"""Until when do commitments in place run, after this text.

    Parameters
    ----------
    text, name
        As in `parse`.

    Returns
    -------
    tuple of Term
        In the order of the file.

    Raises
    ------
    SettingsError
        The text is neither TOML nor CSV, an entry breaks its rule, or a commitment stands in it twice.

    Examples
    --------
    >>> parse_held("commitment,ends\nri-1,2026-12-01\n", name="held.csv")[0].ends.isoformat()
    '2026-12-01T00:00:00+00:00'
    """
    file = f"commitments file {name}"
    found = _entries(text, name=name, file=file, key="held")
    terms = tuple(_term(entry, f"{file}, commitment {place}") for place, entry in enumerate(found, 1))
    entries.refuse_twice([one.commitment for one in terms], kind="commitment", file=file)
    return terms


def _entries(text: str, *, name: str, file: str, key: str) -> Sequence[Mapping[str, Any]]:
    if name.lower().endswith(".toml"):
        return entries.tables(text, key=key, file=file)
    lines = [f"{line}\n" for line in text.removeprefix("\ufeff").split("\n")]
    try:
        reader = csv.DictReader(lines, restkey="surplus", strict=True)
        header = [str(column).strip().lower() for column in reader.fieldnames or ()]
        if len(set(header)) < len(header):
            raise csv.Error("two columns of one name")
        found = [_cells(row) for row in reader]
    except csv.Error as error:
        raise SettingsError(f"{file}: {error}", "it is TOML or CSV", "correct the file") from error
    if not found:
        raise SettingsError(f"{file}: no row", "it states at least one", "write a header and a row")
    return found


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """Drop what is empty: it is not said."""
    told = {str(key).strip().lower(): cell for key, cell in row.items() if cell is not None}
    return {key: cell for key, cell in told.items() if not (isinstance(cell, str) and not cell.strip())}


def _offer(entry: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    entries.check_keys(entry, known=_OFFER, needed=_OFFER[:5], where=where)
    scopes = (entry["scope"] or [""]) if isinstance(entry["scope"], list) else [entry["scope"]]
    row = {
        "offer": entries.label(entry["offer"], key="offer", where=where),
        "months": _months(entry["months"], where),
        "payment": entries.choice(entry["payment"], of=tuple(UPFRONT), key="payment", where=where),
        "discount": _share(entry["discount"], where),
        "unit": float(_unit(entry.get("unit", 0), where)),
    }
    return [{**row, "scope": _id(scope, "scope", where)} for scope in scopes]


def _term(entry: Mapping[str, Any], where: str) -> Term:
    entries.check_keys(entry, known=_HELD, needed=_HELD[:2], where=where)
    months = _months(entry["months"], where) if "months" in entry else None
    ends = entries.day(entry["ends"], key="ends", where=where)
    return Term(_id(entry["commitment"], "commitment", where), ends, months)


def _id(value: object, key: str, where: str) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if text and len(text) <= _LONGEST and text.isprintable():
        return text
    rule = f"it is one line of 1 to {_LONGEST} characters that can be printed"
    raise SettingsError(f"{where}: {key} {shown(value)}", rule, "copy it from the bill")


def _months(value: object, where: str) -> int:
    found = entries.number(value, key="months", where=where, least=Decimal(0))
    if found != found.to_integral_value() or found > _MOST_MONTHS:
        rule = f"it is a whole number from 1 to {_MOST_MONTHS}"
        raise SettingsError(f"{where}: months {shown(value)}", rule, "write 12 for a year")
    return int(found)


def _share(value: object, where: str) -> float:
    found = entries.exact(value)
    if found is None or not 0 < found < 1:
        rule = "it is a share above 0 and below 1, with a point"
        raise SettingsError(f"{where}: discount {shown(value)}", rule, "write 0.28 for 28 %")
    return float(found)


def _unit(value: object, where: str) -> Decimal:
    return entries.number(value, key="unit", where=where, least=Decimal(0), or_equal=True)

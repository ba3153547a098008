"""What an entry of a versioned file may say: amounts, currencies, days, scopes; else an error names it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from finops_lib.billing.focus import is_currency
from finops_lib.cost.entry_texts import readable, shown
from finops_lib.errors import SettingsError

_LONGEST_SHOWN, _LONGEST_ERROR = 80, 300  # characters
_LARGEST = Decimal(10) ** 15
_FIGURES = 40
_LONGEST_NAME = 100  # characters
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def tables(text: str, *, key: str, file: str) -> list[Mapping[str, Any]]:
    """Which ``[[key]]`` tables does this TOML text hold.

    Parameters
    ----------
    text : str
        Of the file.
    key : str
        Name of the tables; any other name at the top is refused.
    file : str
        Kind and name of the file, for errors.

    Returns
    -------
    list of mapping
        Numbers with a point are Decimals.

    Raises
    ------
    SettingsError
        The text is no TOML, or holds no such table or anything else.

    Examples
    --------
    >>> tables('[[limit]]' + chr(10) + 'amount = 1.5', key="limit", file="limits file x.toml")
    [{'amount': Decimal('1.5')}]
    """
    found = document(text, file=file)
    strange = sorted(set(found) - {key})
    entries = found.get(key)
    if strange or not isinstance(entries, list) or not entries:
        said = f"{strange[0][:_LONGEST_SHOWN]!r}" if strange else f"no [[{key}]]"
        raise SettingsError(
            f"{file}: {said}", f"it holds [[{key}]] tables and nothing else", f"write one or more [[{key}]]"
        )
    return [entry if isinstance(entry, dict) else {} for entry in entries]


def document(text: str, *, file: str) -> dict[str, Any]:
    """What does this TOML text hold.

    Parameters
    ----------
    text : str
        Of the file; a byte order mark is no content.
    file : str
        Kind and name of the file, for errors.

    Returns
    -------
    dict
        Numbers with a point are Decimals.

    Raises
    ------
    SettingsError
        The text is no TOML.

    Examples
    --------
    >>> document("share = 0.25", file="x.toml")
    {'share': Decimal('0.25')}
    """
    try:
        return tomllib.loads(text.removeprefix("\ufeff"), parse_float=Decimal)
    except (ValueError, InvalidOperation, RecursionError) as error:  # also numbers of too many digits
        raise SettingsError(f"{file}: {error}"[:_LONGEST_ERROR], "it is TOML", "correct the file") from error


def check_keys(entry: Mapping[str, Any], *, known: Sequence[str], needed: Sequence[str], where: str) -> None:
    """Refuse an entry that lacks a key, or has one that means nothing.

    Parameters
    ----------
    entry : mapping
        One table.
    known, needed : sequence of str
        Keys that there are, and those among them without which it says nothing.
    where : str
        File and place, for errors.

    Raises
    ------
    SettingsError
        A key is missing, empty or unknown.
    """
    strange = sorted(set(entry) - set(known))
    lost = [key for key in needed if not readable(entry.get(key, "")).strip()]
    if strange or lost:
        found = f"no {', '.join(lost)}" if lost else f"{strange[0][:_LONGEST_SHOWN]!r}"
        rule = f"it has the keys {', '.join(needed)}, perhaps others of {', '.join(known)}, and no others"
        raise SettingsError(f"{where}: {found}", rule, "add or correct the key")


def refuse_twice(names: Sequence[str], *, kind: str, file: str) -> None:
    """Refuse a file in which two entries have one name.

    Parameters
    ----------
    names : sequence of str
        Of its entries.
    kind, file : str
        What an entry is, and the file, for errors.

    Raises
    ------
    SettingsError
        A name comes twice.
    """
    twice = [one for one in names if names.count(one) > 1]
    if twice:
        raise SettingsError(f"{file}: {twice[0]!r} twice", f"each {kind} has a name of its own", "rename one")


def choice(value: object, *, of: Sequence[str], key: str, where: str) -> str:
    """Which of these words is it.

    Parameters
    ----------
    value : object
        As the file gives it.
    of : sequence of str
        Words that there are.
    key, where : str
        For errors.

    Raises
    ------
    SettingsError
        It is none of them.
    """
    if isinstance(value, str) and value in of:
        return value
    raise SettingsError(f"{where}: {key} {shown(value)}", f"it is one of {', '.join(of)}", "name one")


def number(
    value: object, *, key: str, where: str, least: Decimal | None = None, or_equal: bool = False
) -> Decimal:
    """Which number is it, exactly.

    Parameters
    ----------
    value : object
        A number of the file, or its text.
    key, where : str
        For errors.
    least : Decimal, optional
        It lies above this; None is any number.
    or_equal : bool
        It may be ``least`` itself.

    Returns
    -------
    Decimal

    Raises
    ------
    SettingsError
        It is no number, too large, or not above ``least``.

    Examples
    --------
    >>> number("12.50", key="amount", where="x", least=Decimal(0))
    Decimal('12.50')
    """
    found = exact(value)
    if found is not None and (least is None or found > least or (or_equal and found == least)):
        return found
    bound = "" if least is None else f" of at least {least}" if or_equal else f" above {least}"
    rule = f"it is a number{bound}, with a point"
    raise SettingsError(f"{where}: {key} {shown(value)}", rule, "correct it")


def exact(value: object) -> Decimal | None:
    """Which number does a file state, exactly; None where it is none, or one too large or too fine.

    Parameters
    ----------
    value : object
        A number of the file, or its text.

    Examples
    --------
    >>> exact("12.50"), exact("1_000"), exact(True), exact("1E-99")
    (Decimal('12.50'), None, None, None)
    """
    try:
        found = Decimal("NaN" if isinstance(value, bool) else readable(value).strip().replace("_", "x"))
    except InvalidOperation:
        return None
    fits = found.is_finite() and abs(found) < _LARGEST and len(format(found, "f")) <= _FIGURES
    return found if fits else None


def currency(value: object, *, where: str) -> str:
    """Which currency is it.

    Parameters
    ----------
    value : object
        As the file gives it.
    where : str
        For errors.

    Raises
    ------
    SettingsError
        It is no ISO 4217 code.
    """
    if isinstance(value, str) and is_currency(value):
        return value
    raise SettingsError(f"{where}: currency {shown(value)}", "it is an ISO 4217 code", "write it as in EUR")


def label(value: object, *, key: str, where: str) -> str:
    """Which name, owner or reason is it: one line of text that can be read.

    Parameters
    ----------
    value : object
        As the file gives it.
    key, where : str
        For errors.

    Raises
    ------
    SettingsError
        It is longer than 100 characters, or holds line breaks, control or direction marks.

    Examples
    --------
    >>> label(" Web shop ", key="name", where="x")
    'Web shop'
    """
    text = readable(value).strip()
    if len(text) <= _LONGEST_NAME and text.isprintable():
        return text
    rule = f"it is one line of at most {_LONGEST_NAME} characters that can be printed"
    raise SettingsError(f"{where}: {key} {shown(text)}", rule, "write a shorter, plain text")


def day(value: object, *, key: str, where: str) -> datetime:
    """Which day is it: its first moment, UTC.

    Parameters
    ----------
    value : object
        A date of the file, or its text.
    key, where : str
        For errors.

    Raises
    ------
    SettingsError
        It is no day.

    Examples
    --------
    >>> day("2026-10-01", key="from", where="x").isoformat()
    '2026-10-01T00:00:00+00:00'
    """
    text = value.isoformat() if isinstance(value, date) else str(value)
    try:
        if not _DAY.fullmatch(text):
            raise ValueError(text)
        found = date.fromisoformat(text)
    except ValueError:
        raise SettingsError(
            f"{where}: {key} {shown(value)}", "it is a day", "write it as in 2026-10-01"
        ) from None
    return datetime(found.year, found.month, found.day, tzinfo=UTC)


def scope(found: object, *, where: str) -> dict[str, tuple[str, ...]]:
    """What counts: columns or ``tag:key`` with their values; an empty table is everything.

    Parameters
    ----------
    found : object
        As the file gives it.
    where : str
        For errors.

    Returns
    -------
    dict of str to tuple of str

    Raises
    ------
    SettingsError
        It is no table of texts.

    Examples
    --------
    >>> scope({"tag:team": "web", "ServiceName": ["A", "B"]}, where="x")
    {'tag:team': ('web',), 'ServiceName': ('A', 'B')}
    """
    result = {}
    for name, values in found.items() if isinstance(found, dict) else [("", found)]:
        listed = values if isinstance(values, list) else [values]
        texts = tuple(value for value in listed if isinstance(value, str) and value)
        if not (name and texts) or len(texts) < len(listed):
            raise SettingsError(
                f"{where}: scope {shown(found)}",
                "a scope gives columns or tag:key with one or more values",
                'write, for example, scope = { "tag:team" = ["web", "api"] }',
            )
        result[name] = texts
    return result

"""Which maintenance windows does a calendar file state.

TOML with ``[[window]]`` tables of the keys

- ``name``, ``owner`` and ``reason``: what happens, who answers for it and why;
- ``scope``: what it happens to, columns or ``tag:key`` with their values; without it everything;
- ``timezone``: an IANA name such as ``Europe/Berlin``, UTC without it, in which all its times are;
- once: ``from`` and ``until``, days or local times (``2026-10-01T22:00``), ``until`` not included;
- or recurring: ``every`` (``day``, ``week`` or ``month``), ``on`` (weekdays, or days of the month from 1 to
  31 or ``last``), ``at`` (``22:00``, midnight without it), ``hours`` (24 without it), and perhaps ``from``
  and ``until`` as bounds;
- ``most`` with ``currency`` (ISO 4217): money a day above which it is told all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from finops_lib.anomaly.windows import LAST, WEEKDAYS, Window
from finops_lib.cost import entries
from finops_lib.cost.entry_texts import shown
from finops_lib.errors import SettingsError

_KEYS = tuple("name owner reason scope timezone from until every on at hours most currency".split())
_NEEDED = ("name", "owner", "reason")
_EVERY = ("day", "week", "month")
_RECURRING = ("on", "at", "hours")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_LONGEST_HOURS = 24 * 31
_LAST_DAY = 31


def parse(text: str, *, name: str) -> tuple[Window, ...]:
    """Which windows does this text state.

    Parameters
    ----------
    text : str
        Of a TOML file.
    name : str
        Of the file, for errors.

    Returns
    -------
    tuple of Window
        In the order of the file.

    Raises
    ------
    SettingsError
        The text is no TOML, an entry is no window, or two have one name.

    Examples
    --------
    >>> text = '''[[window]]
    ... name = "Load test"
    ... owner = "ann"
    ... reason = "before the sale"
    ... timezone = "Europe/Berlin"
    ... from = 2026-07-01
    ... until = 2026-07-03'''
    >>> parse(text, name="calendar.toml")[0].start.isoformat()
    '2026-06-30T22:00:00+00:00'
    """
    file = f"calendar file {name}"
    found = tuple(
        _window(entry, f"{file}, entry {place}")
        for place, entry in enumerate(entries.tables(text, key="window", file=file), start=1)
    )
    entries.refuse_twice([window.name for window in found], kind="window", file=file)
    return found


def _window(entry: Mapping[str, Any], where: str) -> Window:
    entries.check_keys(entry, known=_KEYS, needed=_NEEDED, where=where)
    zone = _zone(entry.get("timezone", "UTC"), where)
    start, end = (_moment(entry.get(key), zone, key, where) for key in ("from", "until"))
    every = entries.choice(entry["every"], of=_EVERY, key="every", where=where) if "every" in entry else ""
    _check_times(entry, every, start, end, where)
    most = (
        entries.number(entry["most"], key="most", where=where, least=Decimal(0)) if "most" in entry else None
    )
    return Window(
        name=entries.label(entry["name"], key="name", where=where),
        owner=entries.label(entry["owner"], key="owner", where=where),
        reason=entries.label(entry["reason"], key="reason", where=where),
        scope=entries.scope(entry.get("scope", {}), where=where),
        start=start,
        end=end,
        every=every,
        on=_on(entry.get("on", []), every, where),
        at=_clock(entry.get("at", "00:00"), where),
        hours=_hours(entry.get("hours", 24), where),
        timezone=zone.key,
        most=most,
        currency="" if most is None else entries.currency(entry.get("currency"), where=where),
    )


def _refused(where: str, said: str, rule: str, remedy: str) -> SettingsError:
    return SettingsError(f"{where}: {said[:120]}", rule, remedy)


def _zone(value: object, where: str) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (OSError, ValueError, KeyError):  # an unknown name is a KeyError, a folder an OSError
        raise _refused(
            where, f"timezone {shown(value)}", "it is an IANA name", "write it as in Europe/Berlin"
        ) from None


def _moment(value: object, zone: ZoneInfo, key: str, where: str) -> datetime | None:
    """Read a day or a local time; one with an offset of its own stays what it is."""
    if value is None:
        return None
    text = value.isoformat() if isinstance(value, date) else str(value)
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _refused(
            where,
            f"{key} {text[:60]!r}",
            "it is a day or a local time",
            "write 2026-10-01 or 2026-10-01T22:00:00",
        ) from None


def _check_times(
    entry: Mapping[str, Any], every: str, start: datetime | None, end: datetime | None, where: str
) -> None:
    odd = [key for key in _RECURRING if key in entry]
    if not every and (odd or start is None or end is None):
        said = f"{odd[0]} without every" if odd else "no from and until"
        raise _refused(where, said, "a window has from and until, or every", "give one of the two")
    if start is not None and end is not None and end <= start:
        raise _refused(where, f"until {entry['until']}", "the end comes after the beginning", "correct it")
    if ("currency" in entry) != ("most" in entry):
        raise _refused(where, "most and currency", "money has a currency", "give both or neither")


def _on(found: object, every: str, where: str) -> tuple[int, ...]:
    listed = found if isinstance(found, list) else [found]
    days = [_day(one, every) for one in listed]
    if (every in {"week", "month"}) != bool(days) or None in days:
        raise _refused(
            where,
            f"on {found!s:.60}",
            "a week has names of weekdays, a month days from 1 to 31 or last, a day none",
            'write, for example, on = ["monday"], or on = [1, "last"]',
        )
    return tuple(day for day in days if day is not None)


def _day(value: object, every: str) -> int | None:
    if every == "week" and isinstance(value, str) and value.lower() in WEEKDAYS:
        return WEEKDAYS.index(value.lower())
    if every == "month" and value == "last":
        return LAST
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if every == "month" and whole and 1 <= value <= _LAST_DAY else None  # type: ignore[operator,return-value]


def _clock(value: object, where: str) -> str:
    text = value.isoformat("minutes") if hasattr(value, "isoformat") else str(value)
    if _CLOCK.fullmatch(text):
        return text
    raise _refused(where, f"at {text[:60]!r}", "it is a time of day", "write it as in 22:00")


def _hours(value: object, where: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _LONGEST_HOURS:
        return value
    raise _refused(where, f"hours {value!s:.60}", f"a whole number from 1 to {_LONGEST_HOURS}", "correct it")

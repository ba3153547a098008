"""Which rules are lifted for a while, for what, and who answers for it.

A waiver file is YAML with ``waivers``, a list of:

- ``id``: unique, such as W-1;
- ``rule``: id of one rule; never ``INPUT`` or ``ENGINE``, which say that nothing could be judged;
- ``subject``: an address, in which ``*`` stands for any text; it names more than stars;
- ``owner``: who answers for it; ``approved_by``: somebody else who agreed;
- ``reason``: at least 10 letters;
- ``from`` and ``until``: days in UTC. It lifts from the first moment of ``from`` to the first of ``until``,
  which is at most 90 days later. There is none without an end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError
from finops_lib.policy.judge import UNDECIDED
from finops_lib.policy.plain_yaml import read_yaml_file
from finops_lib.records import Reason, Record

LONGEST = timedelta(days=90)
LEAST_LETTERS = 10
_KEYS = ("id", "rule", "subject", "owner", "reason", "from", "until", "approved_by")
_MOST, _LONGEST_TEXT, _MOST_STARS, _LEAST_NAMED = 10_000, 300, 8, 3
_RULE = re.compile(r"[A-Z][A-Z0-9]{1,15}-\d{1,4}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Waiver(Record):
    """One rule that is lifted for some subjects from ``start`` to just before ``until``.

    Examples
    --------
    >>> start, until = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    >>> waiver = Waiver("W-1", "TAG-001", "a:*", "ana", "old bucket, goes", start, until, "ben")
    >>> reason = Reason("TAG-001", "no team", "a:x")
    >>> waiver.lifts(reason, start), waiver.lifts(reason, until)
    (True, False)
    """

    id: str
    rule: str
    subject: str
    owner: str
    reason: str
    start: datetime
    until: datetime
    approved_by: str

    def in_force(self, at: datetime) -> bool:
        """Whether it lifts anything at this moment."""
        return self.start <= at < self.until

    def lifts(self, reason: Reason, at: datetime) -> bool:
        """Whether it lifts this reason at this moment."""
        if reason.rule in UNDECIDED or reason.rule != self.rule or not reason.subject:
            return False
        return self.in_force(at) and fits(self.subject, reason.subject)


@dataclass(frozen=True)
class Lifted(Record):
    """Reasons that still hold, and those that a waiver in force lifts with the waiver's id for each."""

    kept: tuple[Reason, ...]
    waived: tuple[Reason, ...]
    by: tuple[str, ...]


def lifted(reasons: Iterable[Reason], waivers: Sequence[Waiver], at: datetime) -> Lifted:
    """Which of these reasons are lifted at this moment.

    Parameters
    ----------
    reasons : iterable of Reason
        Of a verdict.
    waivers : sequence of Waiver
        Of `read_waivers`.
    at : datetime
        With a time zone.

    Returns
    -------
    Lifted
        What could not be judged (``INPUT``, ``ENGINE``) is always kept.

    Raises
    ------
    ValueError
        The moment has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"moment {at}: it carries a time zone")
    kept, waived, by = [], [], []
    for reason in reasons:
        waiver = next((one for one in waivers if one.lifts(reason, at)), None)
        if waiver is None:
            kept.append(reason)
        else:
            waived.append(reason)
            by.append(waiver.id)
    return Lifted(tuple(kept), tuple(waived), tuple(by))


def lifting(waivers: Sequence[Waiver]) -> Callable[[Reason, str], bool]:
    """How does an engine ask whether a reason is lifted.

    Parameters
    ----------
    waivers : sequence of Waiver
        Of `read_waivers`.

    Returns
    -------
    callable
        Takes a reason and the time of the input, RFC 3339; a time that cannot be read lifts nothing.

    Examples
    --------
    >>> lifting(())(Reason("TAG-001", "no team", "a:x"), "2026-11-26T10:00:00Z")
    False
    """

    def lifts(reason: Reason, time: str) -> bool:
        try:
            at = datetime.fromisoformat(time)
        except ValueError:
            return False
        return at.tzinfo is not None and bool(lifted([reason], waivers, at).waived)

    return lifts


def fits(pattern: str, subject: str) -> bool:
    """Does a pattern fit an address: a star stands for any text, every other sign for itself.

    Parameters
    ----------
    pattern, subject : str
        Of a waiver, and an address.

    Returns
    -------
    bool
        Found in one pass over the address, however many stars there are.

    Examples
    --------
    >>> fits("a/*:aws_*", "a/b:aws_x"), fits("a[0]", "a0"), fits("ab*ba", "aba")
    (True, False, False)
    """
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == subject
    last = rest.pop()
    if not subject.startswith(first) or not subject.endswith(last):
        return False
    place, end = len(first), len(subject) - len(last)
    for piece in rest:
        found = subject.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return place <= end


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """Which waivers does this file hold, past and future ones among them.

    Parameters
    ----------
    path : Path
        YAML; see the module.

    Returns
    -------
    tuple of Waiver

    Raises
    ------
    PolicyError
        The file is no such list, or a waiver breaks a rule above; it is named.
    """
    found = read_yaml_file(path, kind="waivers")
    where = f"waivers {path.name}"
    entries = found.get("waivers") if isinstance(found, dict) and set(found) == {"waivers"} else None
    if not isinstance(entries, list) or len(entries) > _MOST:
        raise PolicyError(where, f"it holds waivers, a list of at most {_MOST}", "write waivers: []")
    waivers = tuple(
        _waiver(entry, f"{where}, waiver {place}") for place, entry in enumerate(entries, start=1)
    )
    seen: set[str] = set()
    for waiver in waivers:
        if waiver.id in seen:
            raise PolicyError(f"{where}: id {shown(waiver.id)} twice", "an id is used once", "rename one")
        seen.add(waiver.id)
    return waivers


def _waiver(entry: object, where: str) -> Waiver:
    if not isinstance(entry, dict) or set(entry) != set(_KEYS):
        wrong = sorted(set(entry) ^ set(_KEYS)) if isinstance(entry, dict) else []
        said = f"{where}: key {shown(wrong[0])}" if wrong else where
        raise PolicyError(said, f"it has the keys {', '.join(_KEYS)} and no others", "add or correct the key")
    told = {key: _text(entry, key, where) for key in _KEYS}
    _check_words(told, where)
    start, until = (_day(told[key], key, where) for key in ("from", "until"))
    if not start < until <= start + LONGEST:
        said = f"{where}: from {told['from']} until {told['until']}"
        raise PolicyError(said, f"it ends 1 to {LONGEST.days} days after it starts", "write an earlier end")
    words = {key: told[key] for key in _KEYS if key not in {"from", "until"}}
    return Waiver(**words, start=start, until=until)


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry[key]
    if isinstance(value, str) and value.strip() and len(value) <= _LONGEST_TEXT and value.isprintable():
        return value.strip()
    rule = f"it is a text of 1 to {_LONGEST_TEXT} characters that can be printed"
    raise PolicyError(f"{where}: {key} {shown(value)}", rule, "correct it")


def _check_words(told: Mapping[str, str], where: str) -> None:
    if not _RULE.fullmatch(told["rule"]):
        rule = "it is one rule such as TAG-001, and none that says nothing was judged"
        raise PolicyError(f"{where}: rule {shown(told['rule'])}", rule, "name the rule")
    subject = told["subject"]
    if subject.count("*") > _MOST_STARS or sum(map(str.isalnum, subject)) < _LEAST_NAMED:
        rule = f"it names at least {_LEAST_NAMED} letters or digits and has at most {_MOST_STARS} stars"
        raise PolicyError(f"{where}: subject {shown(subject)}", rule, "name what it is for")
    if sum(map(str.isalpha, told["reason"])) < LEAST_LETTERS:
        rule = f"it has at least {LEAST_LETTERS} letters"
        raise PolicyError(f"{where}: reason {shown(told['reason'])}", rule, "say why")
    if _person(told["owner"]) == _person(told["approved_by"]):
        said = f"{where}: approved_by {shown(told['approved_by'])}"
        raise PolicyError(said, "it is somebody else than the owner", "ask another person")


def _person(name: str) -> str:
    return name.strip().removeprefix("@").casefold()


def _day(text: str, key: str, where: str) -> datetime:
    try:
        if _DAY.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise PolicyError(f"{where}: {key} {shown(text)}", "it is a day, YYYY-MM-DD", "write such as 2026-12-01")

"""What did people say of recommendations: a file of reviews.

TOML with ``[[review]]`` tables:

- ``key``: of the recommendation, 16 hexadecimal digits, and ``kind``, both as a report tells them;
- ``verdict``: ``accept``, ``reject`` or ``snooze``;
- ``at``: the day on which it was said, ``YYYY-MM-DD``;
- ``by``: who says it, a team or person;
- ``reason``: why; a rejection has one;
- ``until``: the day on which it comes back, ``YYYY-MM-DD``, after ``at``; a snooze has one, and nothing else.

The key stays while the same change to the same resource is recommended: a rejected change that becomes
another one is told again. Of several reviews of one recommendation the newest counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from finops_lib.cost.entries import check_keys, choice, day, label, tables
from finops_lib.errors import SettingsError
from finops_lib.optimize.feedback import ACCEPT, REJECT, SNOOZE, Review

_VERDICTS = (ACCEPT, REJECT, SNOOZE)
_KEY = re.compile(r"[0-9a-f]{16}", re.ASCII)
_KNOWN = ("key", "kind", "verdict", "at", "by", "reason", "until")
_NEEDED = ("key", "kind", "verdict", "at", "by")
_SHOWN = 60


def parse(text: str, *, name: str) -> tuple[Review, ...]:
    r"""Which reviews does this text hold.

    Parameters
    ----------
    text : str
        Of a TOML file.
    name : str
        Of the file, for errors.

    Returns
    -------
    tuple of Review
        In the order of the file.

    Raises
    ------
    SettingsError
        The text is no TOML of reviews, or one breaks its rule; it is named.

    Examples
    --------
    >>> text = '[[review]]\nkey = "0123456789abcdef"\nkind = "idle"\nat = 2026-07-01\n'
    >>> [review] = parse(text + 'verdict = "reject"\nby = "web"\nreason = "sold in May"', name="reviews.toml")
    >>> review.verdict, review.reason
    ('reject', 'sold in May')
    """
    file = f"reviews file {name}"
    entries = tables(text, key="review", file=file)
    return tuple(_review(entry, f"{file}, review {place}") for place, entry in enumerate(entries, start=1))


def _review(entry: Mapping[str, Any], where: str) -> Review:
    verdict = choice(entry.get("verdict"), of=_VERDICTS, key="verdict", where=where)
    more = {REJECT: ("reason",), SNOOZE: ("until",)}.get(verdict, ())
    known = _KNOWN if verdict == SNOOZE else tuple(key for key in _KNOWN if key != "until")
    check_keys(entry, known=known, needed=(*_NEEDED, *more), where=where)
    key = str(entry["key"])
    if not _KEY.fullmatch(key):
        rule = "it is 16 hexadecimal digits"
        raise SettingsError(f"{where}: key {key[:_SHOWN]!r}", rule, "copy it from the report")
    kind, by, reason = (
        label(entry.get(name, ""), key=name, where=where) for name in ("kind", "by", "reason")
    )
    until = day(entry["until"], key="until", where=where) if "until" in entry else None
    at = day(entry["at"], key="at", where=where)
    if until is not None and until <= at:
        rule = f"a snooze ends after the day on which it is said, {at:%Y-%m-%d}"
        raise SettingsError(f"{where}: until {until:%Y-%m-%d}", rule, "write a later day")
    return Review(key, kind, verdict, at, reason, until, by)

"""What did people say of recommendations: accepted, rejected with a reason, or put off until a day.

TOML with ``[[review]]`` tables:

- ``key``: of the recommendation, 16 hexadecimal digits, as a report tells it;
- ``said``: ``accept``, ``reject`` or ``snooze``;
- ``by``: who says it, a team or person;
- ``reason``: why; a rejection has one;
- ``until``: the day on which it comes back, ``YYYY-MM-DD``; a snooze has one.

The key stays while the same change to the same resource is recommended: a rejected change that becomes
another one is told again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finops_lib.cost.entries import check_keys, choice, day, label, refuse_twice, tables
from finops_lib.errors import SettingsError
from finops_lib.records import NoRecommendation, Recommendation

ACCEPT, REJECT, SNOOZE = "accept", "reject", "snooze"
_SAID = (ACCEPT, REJECT, SNOOZE)
_KEY = re.compile(r"[0-9a-f]{16}", re.ASCII)
_KNOWN = ("key", "said", "by", "reason", "until")
_SHOWN = 60


@dataclass(frozen=True)
class Review:
    """What somebody said of one recommendation; ``until`` is the day on which a snooze ends."""

    key: str
    said: str
    by: str
    reason: str = ""
    until: datetime | None = None


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

    Raises
    ------
    SettingsError
        The text is no TOML of reviews, one breaks its rule, or two are of one recommendation.

    Examples
    --------
    >>> text = '[[review]]\nkey = "0123456789abcdef"\nsaid = "reject"\nby = "web"\nreason = "sold in May"'
    >>> [review] = parse(text, name="reviews.toml")
    >>> review.said, review.reason
    ('reject', 'sold in May')
    """
    file = f"reviews file {name}"
    entries = tables(text, key="review", file=file)
    found = tuple(_review(entry, f"{file}, review {place}") for place, entry in enumerate(entries, start=1))
    refuse_twice([item.key for item in found], kind="recommendation", file=file)
    return found


def _review(entry: Mapping[str, Any], where: str) -> Review:
    said = choice(entry.get("said"), of=_SAID, key="said", where=where)
    more = {REJECT: ("reason",), SNOOZE: ("until",)}.get(said, ())
    check_keys(entry, known=_KNOWN, needed=("key", "said", "by", *more), where=where)
    key = str(entry["key"])
    if not _KEY.fullmatch(key):
        rule = "it is 16 hexadecimal digits"
        raise SettingsError(f"{where}: key {key[:_SHOWN]!r}", rule, "copy it from the report")
    by, reason = (label(entry.get(name, ""), key=name, where=where) for name in ("by", "reason"))
    until = day(entry["until"], key="until", where=where) if "until" in entry else None
    return Review(key, said, by, reason, until)


@dataclass(frozen=True)
class Reviewed:
    """Recommendations after review: still ``open``, ``accepted``, and ``silent`` ones with the reason."""

    open: tuple[Recommendation, ...]
    accepted: tuple[Recommendation, ...]
    silent: tuple[NoRecommendation, ...]


def reviewed(found: Sequence[Recommendation], reviews: Iterable[Review], *, now: datetime) -> Reviewed:
    """Which recommendations are still to be looked at.

    Parameters
    ----------
    found : sequence of Recommendation
        All of them, in their order.
    reviews : iterable of Review
        At most one of each.
    now : datetime
        The moment of asking, with a time zone: a snooze ends on its day.

    Returns
    -------
    Reviewed
        Each recommendation stands in one of the three.

    Examples
    --------
    >>> reviewed([], [], now=datetime.fromisoformat("2026-07-01T00:00:00+00:00")).open
    ()
    """
    by_key = {review.key: review for review in reviews}
    kept, done, silent = list[Recommendation](), list[Recommendation](), list[NoRecommendation]()
    for item in found:
        review = by_key.get(item.key)
        if review is None or (review.said == SNOOZE and review.until is not None and review.until <= now):
            kept.append(item)
        elif review.said == ACCEPT:
            done.append(item)
        else:
            silent.append(NoRecommendation(item.resource, item.kind, _why(review)))
    return Reviewed(tuple(kept), tuple(done), tuple(silent))


def _why(review: Review) -> str:
    if review.said == REJECT:
        return f"rejected by {review.by}: {review.reason}"
    end = f"{review.until:%Y-%m-%d}" if review.until else ""
    return f"put off by {review.by} until {end}{': ' if review.reason else ''}{review.reason}"

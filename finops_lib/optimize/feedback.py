"""What did people say to earlier recommendations, and what does that change in the ranking.

A refusal holds for the same change to the same resource, a snooze until its moment. Beyond that, what was
accepted of a kind says how likely the next of its kind is to be done at all, and its worth counts that much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from finops_lib.optimize.plan_told import Ranked
from finops_lib.records import NoRecommendation, Record

ACCEPT, REJECT, SNOOZE = "accept", "reject", "snooze"
_FIRST = timedelta(hours=14)  # a day begins so long before that of UTC where it begins first
_PRIOR = (2.0, 1.0)  # two acceptances and one refusal before anyone has spoken


@dataclass(frozen=True)
class Review(Record):
    """What a person said to one recommendation.

    ``key`` is that of the recommendation and ``kind`` its kind; ``verdict`` is accept, reject or snooze;
    ``reason`` is needed to reject, ``until`` to snooze. Moments of another zone become those of UTC.

    Examples
    --------
    >>> from datetime import UTC
    >>> Review("abc", "spot", "reject", datetime(2026, 7, 1, tzinfo=UTC), "state").to_json()["reason"]
    'state'
    """

    key: str
    kind: str
    verdict: str
    at: datetime
    reason: str = ""
    until: datetime | None = None
    by: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in {ACCEPT, REJECT, SNOOZE}:
            raise ValueError(f"verdict {self.verdict!r}: accept, reject or snooze")
        if self.verdict == REJECT and not self.reason.strip():
            raise ValueError("reject: say why, the next recommendation learns from it")
        if (self.verdict == SNOOZE) != (self.until is not None):
            raise ValueError("until: a snooze has a moment at which it ends, and nothing else has")
        if any(moment is not None and moment.tzinfo is None for moment in (self.at, self.until)):
            raise ValueError("moments: in UTC, with their zone")
        object.__setattr__(self, "at", _utc(self.at))
        object.__setattr__(self, "until", None if self.until is None else _utc(self.until))

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read a review back from what `to_json` gave.

        Parameters
        ----------
        found : mapping
            Times in ISO 8601.

        Returns
        -------
        Review
        """
        until = found.get("until")
        moments = {
            "at": datetime.fromisoformat(found["at"]),
            "until": None if until is None else datetime.fromisoformat(until),
        }
        return cls(**{**found, **moments})


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"moments: {moment.isoformat()} is beyond the years that there are") from None


def heard(reviews: Iterable[Review], *, now: datetime) -> tuple[Review, ...]:
    """What was said by now: a day that has begun in no place on earth is yet to come.

    Parameters
    ----------
    reviews : iterable of Review
        All that there are.
    now : datetime
        UTC.

    Returns
    -------
    tuple of Review
        In their order.

    Examples
    --------
    >>> eve = datetime(2026, 6, 30, 9, tzinfo=UTC)  # 1 July at 14 hours ahead begins at 10
    >>> said = [Review("a", "spot", "accept", datetime(2026, 7, 1, tzinfo=UTC))]
    >>> len(heard(said, now=eve)), len(heard(said, now=eve + timedelta(hours=1)))
    (0, 1)
    """
    return tuple(one for one in reviews if one.at - now <= _FIRST)


def standing(reviews: Iterable[Review]) -> dict[str, Review]:
    """What was said last to each recommendation.

    Parameters
    ----------
    reviews : iterable of Review
        In any order; of two at one moment the later in it counts.

    Returns
    -------
    dict of str to Review
        By key.
    """
    return {one.key: one for one in sorted(reviews, key=lambda one: one.at)}


def acceptance(reviews: Iterable[Review]) -> dict[str, float]:
    """How likely is a recommendation of each kind to be accepted.

    Parameters
    ----------
    reviews : iterable of Review
        The last word on each recommendation counts; a snooze says nothing yet.

    Returns
    -------
    dict of str to float
        Kinds that were reviewed; 0 to 1.

    Notes
    -----
    The mean of a beta distribution that begins with two acceptances and one refusal.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = datetime(2026, 7, 1, tzinfo=UTC)
    >>> acceptance([Review("a", "spot", "reject", at, "state"), Review("b", "spot", "reject", at, "state")])
    {'spot': 0.4}
    """
    counts: dict[str, list[float]] = {}
    for one in standing(reviews).values():
        if one.verdict != SNOOZE:
            yes, no = counts.setdefault(one.kind, list(_PRIOR))
            counts[one.kind] = [yes + (one.verdict == ACCEPT), no + (one.verdict == REJECT)]
    return {kind: yes / (yes + no) for kind, (yes, no) in counts.items()}


def reranked(
    found: Sequence[Ranked], reviews: Iterable[Review], *, now: datetime
) -> tuple[tuple[Ranked, ...], tuple[NoRecommendation, ...]]:
    """In which order should recommendations be shown, and which are not shown because of what was said.

    Parameters
    ----------
    found : sequence of Ranked
        As `finops_lib.optimize.plan_told.told` gives them.
    reviews : iterable of Review
        All that was ever said; what is dated after ``now`` does not count yet, as in `heard`.
    now : datetime
        UTC.

    Returns
    -------
    tuple of Ranked and tuple of NoRecommendation
        ``net_month`` is the worth times the chance that it is accepted (1 where it was accepted already); one
        below zero stays as it is. The most worthwhile first.
    """
    said = heard(reviews, now=now)
    last, chance = standing(said), acceptance(said)
    usual = _PRIOR[0] / sum(_PRIOR)
    shown, hidden = [], []
    for one in found:
        reason = _silenced(last.get(one.recommendation.key), now)
        if reason:
            hidden.append(NoRecommendation(one.recommendation.resource, one.recommendation.kind, reason))
            continue
        accepted = one.recommendation.key in last and last[one.recommendation.key].verdict == ACCEPT
        likely = 1.0 if accepted else chance.get(one.recommendation.kind, usual)
        shown.append(
            Ranked(one.recommendation, one.net_month * likely if one.net_month > 0 else one.net_month)
        )
    order = sorted(shown, key=lambda one: (-one.net_month, one.recommendation.key))
    return tuple(order), tuple(hidden)


def _silenced(review: Review | None, now: datetime) -> str:
    if review is None or review.verdict == ACCEPT:
        return ""
    who = f" by {review.by}" if review.by else ""
    if review.verdict == REJECT:
        return f"rejected{who} on {review.at:%Y-%m-%d}: {review.reason}"
    if review.until is not None and now < review.until:
        return f"snoozed{who} until {review.until:%Y-%m-%d}"
    return ""

"""What people said holds for the same change, and tells how likely the next of its kind is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from finops_lib.optimize.feedback import Review, acceptance, reranked, standing
from finops_lib.optimize.plan_told import Ranked
from finops_lib.records import Estimate, Recommendation

AT = datetime(2026, 7, 1, tzinfo=UTC)
NOW = datetime(2026, 8, 1, tzinfo=UTC)


def ranked(resource: str, kind: str, net: float) -> Ranked:
    money = Estimate(Decimal(1), Decimal(1), Decimal(1), 0.8, "USD")
    return Ranked(Recommendation(resource, kind, {}, {}, money, 0.0, {}, "seen"), net)


def review(one: Ranked, verdict: str, *, at: datetime = AT, **more: object) -> Review:
    found = one.recommendation
    return Review(found.key, found.kind, verdict, at, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"verdict": "perhaps"}, "verdict 'perhaps': accept, reject or snooze"),
        ({"verdict": "reject"}, "reject: say why"),
        ({"verdict": "reject", "reason": "  "}, "reject: say why"),
        ({"verdict": "snooze"}, "until: a snooze has a moment"),
        ({"verdict": "accept", "until": NOW}, "until: a snooze has a moment"),
        ({"verdict": "accept", "at": datetime(2026, 7, 1)}, "moments: in UTC"),  # noqa: DTZ001
    ],
)
def test_a_review_that_says_too_little_is_refused(fields: dict[str, object], message: str) -> None:
    """Verdict, reason and moments."""
    told: dict[str, object] = {"key": "k", "kind": "idle", "at": AT}
    with pytest.raises(ValueError, match=message):
        Review(**(told | fields))  # type: ignore[arg-type]


def test_a_review_goes_to_json_and_back() -> None:
    """With its moments."""
    one = Review("k", "idle", "snooze", AT, until=NOW, by="web")
    assert Review.from_json(one.to_json()) == one


def test_moments_of_other_zones_are_told_in_utc() -> None:
    """Half past midnight in Auckland, 12 hours ahead, is noon of the day before."""
    auckland = timezone(timedelta(hours=12))
    off, spot = ranked("a", "idle", 1.0), ranked("b", "spot", 1.0)
    said = [
        review(off, "snooze", until=datetime(2026, 9, 1, 0, 30, tzinfo=auckland)),
        review(spot, "reject", at=datetime(2026, 7, 1, 0, 30, tzinfo=auckland), reason="state"),
    ]
    _, hidden = reranked([off, spot], said, now=NOW)
    assert [item.reason for item in hidden] == [
        "snoozed until 2026-08-31",
        "rejected on 2026-06-30: state",
    ]
    assert said[0].to_json()["until"] == "2026-08-31T12:30:00Z"
    with pytest.raises(ValueError, match="beyond the years that there are"):
        review(off, "snooze", until=datetime(1, 1, 1, tzinfo=auckland))


def test_the_last_word_counts_whatever_the_order() -> None:
    """Of two at one moment the later in the list."""
    one = ranked("a", "idle", 1.0)
    yes, no = review(one, "accept"), review(one, "reject", reason="used", at=AT + timedelta(days=1))
    for said in ([yes, no], [no, yes]):
        assert standing(said)[one.recommendation.key].verdict == "reject"
    twice = [review(one, "accept"), review(one, "reject", reason="used")]
    assert standing(twice)[one.recommendation.key].verdict == "reject"


def test_acceptance_by_kind() -> None:
    """Two yes and one no before anyone spoke: (2 + 1) / (3 + 2) after one of each; snoozes say nothing."""
    asked = [ranked(name, "idle", 1.0) for name in "abc"]
    said = [
        review(asked[0], "accept"),
        review(asked[1], "reject", reason="used"),
        review(asked[2], "snooze", until=NOW),
    ]
    assert acceptance(said) == {"idle": pytest.approx(0.6)}
    assert acceptance([]) == {}


def test_ranking_after_what_was_said() -> None:
    """Accepted counts in full, refused and snoozed are told as such, the rest by its kind's chance."""
    size, spot = ranked("a", "size", 100.0), ranked("b", "spot", 90.0)
    off, late = ranked("c", "idle", 80.0), ranked("d", "idle", 70.0)
    new, costs = ranked("e", "spot", 120.0), ranked("f", "spot", -10.0)
    said = [
        review(size, "accept", by="web"),
        review(spot, "reject", reason="state", by="ops"),
        review(off, "snooze", until=NOW + timedelta(days=1)),
        review(late, "snooze", until=NOW),
    ]
    shown, hidden = reranked([size, spot, off, late, new, costs], said, now=NOW)
    worth = [(one.recommendation.resource, round(one.net_month, 4)) for one in shown]
    # Spot was refused once: (2 + 0) / (3 + 1) = .5; idle has no word yet but snoozes: 2 of 3.
    assert worth == [("a", 100.0), ("e", 60.0), ("d", 46.6667), ("f", -10.0)]
    assert {item.resource: item.reason for item in hidden} == {
        "b": "rejected by ops on 2026-07-01: state",
        "c": "snoozed until 2026-08-02",
    }


def test_what_is_dated_in_the_future_does_not_count_yet() -> None:
    """A refusal of next year hides nothing today and takes nothing off others; the word before it stands."""
    one, other = ranked("a", "idle", 90.0), ranked("b", "idle", 60.0)
    later = review(one, "reject", reason="used", at=NOW + timedelta(days=365))
    shown, hidden = reranked([one, other], [review(one, "accept"), later], now=NOW)
    # One was accepted: (2 + 1) / (3 + 1) of the other's worth.
    assert ([found.net_month for found in shown], hidden) == ([90.0, 45.0], ())
    shown, hidden = reranked([one, other], [review(one, "accept"), later], now=later.at)
    assert [item.reason for item in hidden] == ["rejected on 2027-08-01: used"]

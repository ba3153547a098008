"""Reviews are read strictly and read back: what was rejected or put off is not told again."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from finops_lib.errors import SettingsError
from finops_lib.optimize.review_file import Review, parse, reviewed
from finops_lib.records import Estimate, NoRecommendation, Recommendation

DAY = datetime(2026, 9, 1, tzinfo=UTC)
MONEY = Estimate(Decimal(1), Decimal(2), Decimal(3), 0.8, "USD")


def _change(resource: str, size: str = "m.large") -> Recommendation:
    return Recommendation(
        resource, "instance_type", {"instance_type": "x"}, {"instance_type": size}, MONEY, 0.01, {}, "r"
    )


CHANGES = [_change(name) for name in ("a", "b", "c", "d")]


def test_each_recommendation_stands_in_one_place() -> None:
    """Nobody spoke of a; b is accepted, c rejected, d put off until tomorrow."""
    said = [
        Review(CHANGES[1].key, "accept", "web"),
        Review(CHANGES[2].key, "reject", "ml", "sold in May"),
        Review(CHANGES[3].key, "snooze", "web", "after the launch", datetime(2026, 9, 2, tzinfo=UTC)),
    ]
    found = reviewed(CHANGES, said, now=DAY)
    assert (found.open, found.accepted) == ((CHANGES[0],), (CHANGES[1],))
    assert found.silent == (
        NoRecommendation("c", "instance_type", "rejected by ml: sold in May"),
        NoRecommendation("d", "instance_type", "put off by web until 2026-09-02: after the launch"),
    )


def test_a_snooze_ends_on_its_day() -> None:
    """On the day itself it is told again."""
    said = [Review(CHANGES[0].key, "snooze", "web", until=DAY)]
    assert reviewed(CHANGES[:1], said, now=DAY).open == (CHANGES[0],)


def test_another_change_to_the_same_resource_is_told_again() -> None:
    """The rejection was of m.large; m.xlarge is another recommendation."""
    said = [Review(CHANGES[0].key, "reject", "web", "too small")]
    assert reviewed([_change("a", "m.xlarge")], said, now=DAY).silent == ()


def test_a_file_says_what_it_says() -> None:
    """A day of TOML is a day; texts are kept."""
    text = '[[review]]\nkey = "0123456789abcdef"\nsaid = "snooze"\nby = "web"\nuntil = 2026-10-01\n'
    assert parse(text, name="x.toml") == (
        Review("0123456789abcdef", "snooze", "web", "", datetime(2026, 10, 1, tzinfo=UTC)),
    )


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('key = "0123456789abcdef"\nsaid = "maybe"\nby = "a"', "reviews file x.toml, review 1: said 'maybe'"),
        ('key = "0123456789abcdef"\nsaid = "reject"\nby = "a"', "reviews file x.toml, review 1: no reason"),
        ('key = "0123456789abcdef"\nsaid = "snooze"\nby = "a"', "reviews file x.toml, review 1: no until"),
        ('key = "m.large"\nsaid = "accept"\nby = "a"', "reviews file x.toml, review 1: key 'm.large'"),
        ('key = "0123456789abcdef"\nsaid = "accept"', "reviews file x.toml, review 1: no by"),
        (
            'key = "0123456789abcdef"\nsaid = "snooze"\nby = "a"\nuntil = "soon"',
            "reviews file x.toml, review 1: until 'soon'",
        ),
    ],
)
def test_a_wrong_review_is_named(entry: str, said: str) -> None:
    """The file, the place and the value stand in the error."""
    with pytest.raises(SettingsError) as error:
        parse(f"[[review]]\n{entry}\n", name="x.toml")
    assert str(error.value).startswith(said)


def test_two_reviews_of_one_recommendation_are_refused() -> None:
    """Which one counts is not guessed."""
    one = '[[review]]\nkey = "0123456789abcdef"\nsaid = "accept"\nby = "a"\n'
    with pytest.raises(SettingsError, match="'0123456789abcdef' twice"):
        parse(one * 2, name="x.toml")

"""Reviews are read strictly: what breaks a rule is named with its place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from finops_lib.errors import SettingsError
from finops_lib.optimize.feedback import Review
from finops_lib.optimize.review_file import parse

GOOD = 'key = "0123456789abcdef"\nkind = "idle"\nverdict = "accept"\nat = 2026-09-01\nby = "web"\n'


def _text(*, without: str = "", **changes: str) -> str:
    lines = dict(line.split(" = ") for line in GOOD.splitlines())
    lines.update(changes)
    lines.pop(without, None)
    return "[[review]]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


def test_a_file_says_what_it_says() -> None:
    """Days of TOML are days; two reviews of one recommendation are both kept, the newest counts elsewhere."""
    text = _text() + _text(verdict='"snooze"', until="2026-10-01")
    day, until = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
    assert parse(text, name="x.toml") == (
        Review("0123456789abcdef", "idle", "accept", day, by="web"),
        Review("0123456789abcdef", "idle", "snooze", day, until=until, by="web"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (_text(verdict='"maybe"'), "reviews file x.toml, review 1: verdict 'maybe'"),
        (_text(verdict='"reject"'), "reviews file x.toml, review 1: no reason"),
        (_text(verdict='"snooze"'), "reviews file x.toml, review 1: no until"),
        (_text(until="2026-10-01"), "reviews file x.toml, review 1: 'until'"),
        (
            _text(verdict='"snooze"', until="2026-09-01"),
            "reviews file x.toml, review 1: until 2026-09-01: a snooze ends after the day",
        ),
        (_text(verdict='"snooze"', until="2025-10-01"), "reviews file x.toml, review 1: until 2025-10-01"),
        (_text(key='"m.large"'), "reviews file x.toml, review 1: key 'm.large'"),
        (_text(without="by"), "reviews file x.toml, review 1: no by"),
        (_text(at='"soon"'), "reviews file x.toml, review 1: at 'soon'"),
        (_text(mood='"good"'), "reviews file x.toml, review 1: 'mood'"),
        ("[[review]", "reviews file x.toml: Expected"),
    ],
)
def test_a_wrong_review_is_named(text: str, said: str) -> None:
    """The file, the place and the value stand in the error."""
    with pytest.raises(SettingsError) as error:
        parse(text, name="x.toml")
    assert str(error.value).startswith(said)

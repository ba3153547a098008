"""The calendar file: what it can state, and what it cannot."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops_lib.anomaly.window_file import parse
from finops_lib.anomaly.windows import LAST
from finops_lib.errors import SettingsError
from tests.anomaly.odd import day

HEAD = '[[window]]\nname = "Move"\nowner = "ann"\nreason = "new hall"\n'
ONCE = HEAD + "from = 2026-07-03\nuntil = 2026-07-05\n"
MONTHLY = HEAD + 'every = "month"\non = [1, "last"]\nat = 22:30:00\nhours = 4\ntimezone = "Europe/Berlin"\n'


def test_a_window_that_occurs_once_has_its_days_in_its_zone() -> None:
    """Days are those of UTC without a zone; a local time in New York is four hours behind in July."""
    (window,) = parse(ONCE, name="c.toml")
    assert (window.start, window.end, window.every) == (day(3), day(5), "")
    text = (
        HEAD
        + 'timezone = "America/New_York"\nfrom = 2026-07-03T20:00:00\nuntil = "2026-07-04T20:00:00+00:00"\n'
    )
    (window,) = parse(text, name="c.toml")
    assert (window.start, window.end) == (day(4), day(4, 20))


def test_a_recurring_window_is_read_with_its_scope_and_limit() -> None:
    """Days of the month with the last one, a TOML time, a scope and money above which it is told."""
    more = 'scope = { "tag:team" = "web" }\nmost = 12.5\ncurrency = "EUR"\n'
    (window,) = parse(MONTHLY + more, name="c.toml")
    assert (window.on, window.at, window.hours, window.timezone) == ((1, LAST), "22:30", 4, "Europe/Berlin")
    assert (window.scope, window.most, window.currency) == ({"tag:team": ("web",)}, Decimal("12.5"), "EUR")


def test_weekdays_have_names() -> None:
    """Monday is 0, in any case."""
    (window,) = parse(HEAD + 'every = "week"\non = ["Monday", "sunday"]\n', name="c.toml")
    assert (window.on, window.at, window.hours) == ((0, 6), "00:00", 24)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, "no from and until"),
        (HEAD + "from = 2026-07-03\n", "no from and until"),
        (ONCE + "hours = 3\n", "hours without every"),
        (ONCE.replace("2026-07-05", "2026-07-03"), "the end comes after"),
        (ONCE.replace("2026-07-05", '"soon"'), "until 'soon'"),
        (ONCE.replace("2026-07-03", '"0001-01-01"') + 'timezone = "Asia/Tokyo"\n', "from '0001-01-01'"),
        (ONCE + 'timezone = "Mars/Base"\n', "timezone 'Mars/Base'"),
        (ONCE + 'timezone = "../../etc/passwd"\n', "timezone '../../etc"),
        (ONCE + 'timezone = ""\n', "timezone ''"),
        (ONCE + "most = 5\n", "give both or neither"),
        (ONCE + 'most = 0\ncurrency = "EUR"\n', "above 0"),
        (ONCE * 2, "'Move' twice"),
        (ONCE + "colour = 1\n", "'colour'"),
        (MONTHLY.replace('[1, "last"]', "[0]"), "on \\[0\\]"),
        (MONTHLY.replace('[1, "last"]', "[true]"), "on \\[True\\]"),
        (MONTHLY.replace('on = [1, "last"]\n', ""), "on \\[\\]"),
        (MONTHLY.replace('"month"', '"week"'), "names of weekdays"),
        (MONTHLY.replace('"month"', '"day"'), "a day none"),
        (MONTHLY.replace('"month"', '"year"'), "every 'year'"),
        (MONTHLY.replace("22:30:00", '"25:00"'), "at '25:00'"),
        (MONTHLY.replace("hours = 4", "hours = 0"), "hours 0"),
        (ONCE.replace('"ann"', '""'), "no owner"),
    ],
)
def test_what_is_no_window_is_named(text: str, said: str) -> None:
    """Missing and senseless times, unknown zones, days and keys, money without a currency."""
    with pytest.raises(SettingsError, match=said):
        parse(text, name="c.toml")

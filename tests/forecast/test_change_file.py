"""Changes that are known to come: what each kind needs, and that nothing else is taken for one."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from finops_lib.errors import SettingsError
from finops_lib.forecast.change_file import parse

LAUNCH = """
[[change]]
name = "Launch"
why = "merged change 4711"
kind = "ramp"
from = 2026-10-01
until = 2026-10-11
amount = 50
currency = "EUR"
scope = { "tag:team" = ["web"] }
"""
PRICE = '[[change]]\nname = "Prices"\nkind = "price"\nfrom = "2026-11-01"\nfactor = 1.04\n'
END = '[[change]]\nname = "Shut down"\nkind = "end"\nfrom = 2026-12-01\n'


def test_each_kind_is_read_with_what_it_needs() -> None:
    """A ramp with its amount, a price with its factor, an end with nothing."""
    launch, price, end = parse(LAUNCH + PRICE + END, name="changes.toml")
    assert (launch.kind, launch.amount, launch.currency) == ("ramp", Decimal(50), "EUR")
    assert launch.until == datetime(2026, 10, 11, tzinfo=UTC)
    assert (launch.why, dict(launch.scope)) == ("merged change 4711", {"tag:team": ("web",)})
    assert (price.factor, price.amount, price.currency) == (Decimal("1.04"), None, "")
    assert (end.factor, end.amount, end.until) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LAUNCH.replace("until = 2026-10-11\n", ""), "a ramp says by when it is full"),
        (LAUNCH.replace("2026-10-11", "2026-10-01"), "an end lies after its beginning"),
        (LAUNCH.replace('currency = "EUR"\n', ""), "currency 'None'"),
        (LAUNCH.replace("amount = 50\n", "amount = 50\nfactor = 2\n"), "kind ramp with amount and factor"),
        (LAUNCH.replace("amount = 50\n", ""), "kind ramp with neither amount nor factor"),
        (PRICE.replace("factor = 1.04", "amount = 3"), "kind price with amount"),
        (PRICE.replace("1.04", "-0.5"), "a factor is 0 or more"),
        (END + "factor = 0\n", "kind end with factor"),
        (END + "amount = 0\n", "amount '0'"),
        (END.replace('"end"', '"stop"'), "kind 'stop'"),
        (END + "when = 1\n", "'when'"),
    ],
)
def test_a_change_without_what_it_needs_is_refused(text: str, said: str) -> None:
    """Each kind has its own rule, and the message says which one."""
    with pytest.raises(SettingsError, match=f"changes file changes.toml, entry 1: .*{said}"):
        parse(text, name="changes.toml")


def test_a_step_may_take_away() -> None:
    """An amount below zero is a saving from a day on."""
    text = PRICE.replace('"price"', '"step"').replace("factor = 1.04", 'amount = -3\ncurrency = "EUR"')
    assert parse(text, name="c")[0].amount == Decimal(-3)

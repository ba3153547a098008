"""What an alert says: numbers with their currency, names of a bill in one line."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from finops_lib.anomaly.alert_words import digest_message, message, place, plain_line, signed
from finops_lib.anomaly.incidents import Incident
from finops_lib.anomaly.lifecycle import opened, over
from finops_lib.anomaly.priority import priority
from finops_lib.anomaly.quota import Digest
from tests.anomaly.odd import day, odd, one, team

LEAK = odd(
    "level_shift",
    days=2,
    mid=60,
    labels=team("web"),
    chance=0.5,
    causes=[({"ServiceName": "Compute"}, "45.5"), ({}, "14.5")],
    evidence=["twice the usual"],
    changes=["release 7"],
)
ALERT = opened(Incident((LEAK,), (odd(mid=70),), ("why",)), team="web", now=day(5))


def test_an_alert_says_where_what_and_how_much() -> None:
    """Title and facts, each number worked by hand: 60 in two days, 0.5 x 30 x 15 = 225."""
    said = message(replace(ALERT, priority=priority(ALERT.incident, now=day(5))))
    assert said.title == "tag:team=web, ServiceName=Compute moved to another level, +€60.00"
    assert dict(said.facts) == {
        "Since": "2026-07-03 (2 days)",
        "Impact": "+€60.00 (€54.00 to €66.00 with a chance of 80%)",
        "Expected loss": "€225.00 (chance 50% x €30.00 a day x 15 days x weight 1)",
        "Comes from": "ServiceName=Compute: €45.50; the rest: €14.50",
        "Seen": "twice the usual",
        "Changes near it": "release 7",
        "Anomalies in it": "2",
        "Put together because": "why",
        "Team": "web",
    }
    assert said.text.splitlines()[0] == "Since: 2026-07-03 (2 days)"


def test_an_alert_that_is_over_says_so() -> None:
    """The key stays."""
    said = message(over(ALERT, now=day(9)))
    assert (said.title.split(":")[0], said.resolved, said.key) == ("Resolved", True, ALERT.key)


def test_the_whole_and_a_fall_have_words() -> None:
    """No cell is the whole bill; a fall has its minus, an unknown kind its own name."""
    fall = one(odd("egress_burst", mid=-5, unit="JPY"))
    assert (place(fall), signed(fall)) == ("The whole bill", "-JPY 5")
    assert message(opened(fall, team="x", now=day(4))).title == "The whole bill egress burst, -JPY 5"


def test_hostile_names_become_one_short_line() -> None:
    """Line breaks, control and direction marks go, and a megabyte is cut."""
    name = "web\r\nSubject: paid\x00\u202e" + "x" * 1_000_000
    said = message(
        opened(one(odd(labels=team(name), changes=[name], evidence=[name])), team=name, now=day(4))
    )
    assert "\n" not in said.title
    assert len(said.title) < 200
    assert all(len(value) < 200 and value.isprintable() for _, value in said.facts)


def test_a_digest_counts() -> None:
    """Money of each currency, and one is one."""
    found = Digest("web", 1, {"EUR": Decimal("1234.5"), "JPY": Decimal(7)}, ("a",))
    assert digest_message(found).title == "1 smaller incident of web, €1,234.50, JPY 7"
    assert digest_message(found).key != digest_message(replace(found, keys=("b",))).key


def test_a_plain_line_keeps_what_can_be_read() -> None:
    """Letters of any script, and 120 of them at most."""
    assert plain_line("Größe  北京\t✓") == "Größe 北京 ✓"
    assert len(plain_line("x" * 500)) == 120

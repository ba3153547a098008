"""One alert from day to day: its key, its answers and its end."""

from __future__ import annotations

import json

import pytest

from finops_lib.anomaly.incidents import Incident
from finops_lib.anomaly.lifecycle import (
    OPEN,
    OVER,
    SILENCED,
    TAKEN,
    Alert,
    handed_on,
    matched,
    opened,
    over,
    part_of,
    seen_again,
)
from finops_lib.anomaly.priority import priority
from tests.anomaly.odd import day, odd, one, team

WEB = odd(labels=team("web"))
ALERT = opened(one(WEB), team="web", now=day(4))


def test_an_incident_that_shares_an_anomaly_is_the_same_alert() -> None:
    """The narrower series that leads today does not change the key."""
    service = odd(mid=90, labels={**team("web"), "ServiceName": "Compute"})
    grown = Incident((service,), (WEB,))
    found, lost = matched([grown], [ALERT])
    again = seen_again(found[0], grown, now=day(5))
    assert (again.key, again.incident.lead, again.seen, lost) == (ALERT.key, service, day(5), ())
    assert again.members == tuple(sorted({WEB.key, service.key}))


def test_a_symptom_in_common_is_not_the_same_alert() -> None:
    """The total of one week shows web first and api then: api is news."""
    total = odd(mid=200)
    before = opened(Incident((WEB,), (total,)), team="web", now=day(4))
    assert matched([Incident((odd(labels=team("api")),), (total,))], [before]) == ({}, (before,))


def test_an_incident_that_is_led_from_another_part_is_another_alert() -> None:
    """Web was told of; today the same anomalies turn out to be api's: api has to hear of it."""
    before = opened(Incident((WEB,), (odd(mid=200),)), team="web", now=day(4))
    grown = Incident((odd(mid=300, labels=team("api")),), (WEB,))
    assert matched([grown], [before]) == ({}, (before,))


def test_an_alert_is_handed_on_to_the_team_that_it_belongs_to() -> None:
    """Who had taken it up did so for the other team; its key and its silence stay."""
    told = ALERT.acknowledged(day(5), by="ann").escalated(0)
    found = handed_on(told, team="api")
    assert (found.key, found.team, found.state, found.told, found.done) == (ALERT.key, "api", OPEN, None, ())
    assert handed_on(told, team="web") == told
    quiet = ALERT.silenced(day(5), until=day(8), by="ann")
    assert handed_on(quiet, team="api").state == SILENCED


def test_an_incident_in_the_same_part_days_later_is_the_same_alert() -> None:
    """A start that was found to lie three days later is the same trouble, and four days are another one."""
    near, far = (one(odd(first=first, labels=team("web"))) for first in (6, 7))
    assert matched([near], [ALERT])[0] == {0: ALERT}
    assert matched([far], [ALERT]) == ({}, (ALERT,))


def test_another_part_or_direction_is_another_alert() -> None:
    """Neither api nor a fall of web is what web was told of."""
    others = [one(odd(labels=team("api"))), one(odd("drop", mid=-100, labels=team("web")))]
    assert matched(others, [ALERT]) == ({}, (ALERT,))


def test_two_alerts_that_turn_out_to_be_one_keep_the_older_key() -> None:
    """The younger one is not seen any more."""
    api = odd(labels=team("api"))
    younger = opened(one(api), team="api", now=day(5))
    found, lost = matched([Incident((WEB, api))], [younger, ALERT])
    assert (found, lost) == ({0: ALERT}, (younger,))


def test_two_incidents_never_share_an_alert() -> None:
    """What was one and falls apart: the first keeps the key."""
    api = odd(labels=team("api"))
    whole = opened(Incident((WEB, api)), team="web", now=day(4))
    found, lost = matched([one(api), one(WEB)], [whole])
    assert (found, lost) == ({0: whole}, ())


def test_what_is_over_is_matched_no_more() -> None:
    """It stays over, and its end is a turn."""
    ended = over(ALERT, now=day(6))
    assert (ended.state, ended.turns) == (OVER, (day(4), day(6)))
    assert matched([one(WEB)], [ended]) == ({}, ())


def test_an_alert_can_be_taken_up() -> None:
    """By whom and when is kept; what is over cannot be."""
    taken = ALERT.acknowledged(day(5), by="person-x")
    assert (taken.state, taken.answered, taken.by, taken.quiet) == (TAKEN, day(5), "person-x", True)
    ended = over(ALERT, now=day(6))
    assert ended.acknowledged(day(7), by="ann") == ended
    assert not ALERT.quiet


def test_a_silence_ends_by_itself() -> None:
    """Until the 8th it is quiet; seen on the 8th it is open again."""
    quiet = ALERT.silenced(day(5), until=day(8), by="ann")
    assert seen_again(quiet, one(WEB), now=day(7)).state == SILENCED
    again = seen_again(quiet, one(WEB), now=day(8))
    assert (again.state, again.quiet_until, again.by) == (OPEN, None, "")
    with pytest.raises(ValueError, match="it ends after"):
        ALERT.silenced(day(5), until=day(5), by="ann")
    ended = over(ALERT, now=day(6))
    assert ended.silenced(day(6), until=day(9), by="ann") == ended


def test_steps_are_remembered_once() -> None:
    """In order, whatever the order they were taken in."""
    assert ALERT.escalated(2).escalated(0).escalated(2).done == (0, 2)


def test_what_comes_back_remembers_its_turns() -> None:
    """It is a new alert of the same part."""
    back = opened(
        one(odd(first=9, labels=team("web"))), team="web", now=day(10), last=over(ALERT, now=day(6))
    )
    assert back.turns == (day(4), day(6), day(10))
    assert (back.part, back.told, back.key != ALERT.key) == (ALERT.part, None, True)


def test_a_part_is_a_place_and_a_direction() -> None:
    """Whatever the days or the money."""
    assert part_of(one(WEB)) == part_of(one(odd("ramp", first=20, mid=5, labels=team("web"))))
    assert part_of(one(WEB)) != part_of(one(odd(mid=-100, labels=team("web"))))
    assert part_of(one(WEB)) != part_of(one(odd(labels=team("web"), unit="USD")))


def test_an_alert_is_what_its_json_says() -> None:
    """To JSON text and back, with everything that happened to it."""
    worth = priority(ALERT.incident, now=day(4))
    fields = {name: getattr(ALERT, name) for name in ALERT.__dataclass_fields__} | {"priority": worth}
    full = Alert(**fields).acknowledged(day(5), by="ann").escalated(1)
    for alert in (ALERT, full, ALERT.silenced(day(5), until=day(8), by="ann")):
        assert Alert.from_json(json.loads(json.dumps(alert.to_json()))) == alert

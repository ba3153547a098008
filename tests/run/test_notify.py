"""Delivery: each message once to each target that wants it, and what failed is told and tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from finops_lib.anomaly.alerts import Round
from finops_lib.anomaly.escalation import Due
from finops_lib.anomaly.growth import Size
from finops_lib.anomaly.lifecycle import Alert, over
from finops_lib.anomaly.quota import Digest
from finops_lib.run.notify import Order, Receipt, deliver, orders
from finops_lib.run.notify_payloads import jira_label
from finops_lib.run.notify_targets import Target
from tests.anomaly.odd import day
from tests.run.listening import Web, alert_of, web_service

NOW = day(5)


def of(
    *alerts: Alert, due: tuple[Due, ...] = (), digests: tuple[Digest, ...] = (), at: datetime = NOW,
    urgent: tuple[str, ...] = (),
) -> tuple[Order, ...]:  # fmt: skip
    """Make the orders of a round that keeps these."""
    return orders(Round(alerts, alerts, (), (), digests, (), due, 0, 0, urgent=urgent), now=at)


def send(
    wanted: tuple[Order, ...],
    *targets: Target,
    sent: tuple[Receipt, ...] = (),
    slept: list[float] | None = None,
) -> tuple[Receipt, ...]:
    """Deliver with a sleep that only counts, after these receipts."""
    before = {name for one in sent if one.state == "sent" for name in (one.id, one.period)}
    sleep = (slept if slept is not None else []).append
    return deliver(wanted, targets=targets, sent=before, now=NOW, sleep=sleep, link="http://r.example")


def hook(web: Web, name: str = "hook", *, to: tuple[str, ...] = ()) -> Target:
    """Make a webhook."""
    return Target(name, "webhook", web.url, to=to)


def test_a_message_is_sent_once_to_each_target() -> None:
    """The second round skips what the first one sent, and asks nobody."""
    with web_service() as web:
        first = send(of(alert_of()), hook(web, "a"), hook(web, "b"))
        second = send(of(alert_of()), hook(web, "a"), hook(web, "b"), sent=first)
    assert [(one.target, one.state, one.tries) for one in first] == [("a", "sent", 1), ("b", "sent", 1)]
    assert [one.state for one in second] == ["skipped", "skipped"]
    assert [call.json["dedup_key"] for call in web.calls] == [alert_of().key] * 2
    assert len({call.headers["Idempotency-Key"] for call in web.calls}) == 2


def test_an_alert_that_comes_back_is_sent_again() -> None:
    """It was told anew at another time."""
    with web_service() as web:
        first = send(of(alert_of()), hook(web))
        again = send(of(replace(alert_of(), told=day(20))), hook(web), sent=first)
    assert [one.state for one in again] == ["sent"]


def test_an_alert_that_has_grown_is_sent_once_more_under_its_key() -> None:
    """The title says so, and a fact what was told before; the round after it sends nothing."""
    small = Size(Decimal(20), Decimal(20), 1, "EUR")
    larger = replace(alert_of(), size=small, grown=day(6))
    with web_service() as web:
        first = send(of(alert_of()), hook(web))
        second = send(of(larger), hook(web), sent=first)
        third = send(of(larger), hook(web), sent=(*first, *second))
    assert [one.state for one in second] == ["skipped", "sent"]
    assert {one.state for one in third} == {"skipped"}
    told, again = (call.json for call in web.calls)
    assert again["dedup_key"] == told["dedup_key"]
    assert (told["event"], again["event"]) == ("trigger", "update")
    assert again["title"] == f"Grown: {told['title']}"
    assert {"name": "Told before", "value": "2026-07-05 with €20.00 in 1 day"} in again["facts"]


def test_growth_is_told_only_where_the_alert_was() -> None:
    """A target that never got the alert gets it now, and not twice."""
    larger = replace(alert_of(), size=Size(Decimal(20), Decimal(20), 1, "EUR"), grown=day(6))
    with web_service() as web:
        found = send(of(larger), hook(web))
    assert [(one.event, one.state) for one in found] == [("trigger", "sent")]


def test_a_digest_goes_out_once_a_day_unless_an_urgent_alert_came() -> None:
    """Another incident on the same day waits for the next one; an urgent alert takes the digest along."""
    one, two = (Digest("web", len(keys), {"EUR": Decimal(9)}, keys) for keys in (("a",), ("a", "b")))
    new = alert_of()
    with web_service() as web:
        first = send(of(digests=(one,), at=day(5, 6)), hook(web))
        same_day = send(of(digests=(two,), at=day(5, 18)), hook(web), sent=first)
        urgent = send(of(new, digests=(two,), at=day(5, 19), urgent=(new.key,)), hook(web), sent=first)
        other = send(of(alert_of("api"), digests=(two,), at=day(5, 20), urgent=("x",)), hook(web), sent=first)
        next_day = send(of(digests=(two,), at=day(6)), hook(web), sent=first)
        unchanged = send(of(digests=(one,), at=day(6)), hook(web), sent=first)
    states = [found[-1].state for found in (first, same_day, urgent, other, next_day, unchanged)]
    assert states == ["sent", "skipped", "sent", "skipped", "sent", "skipped"]


def test_a_digest_that_did_not_arrive_is_tried_again_on_the_same_day() -> None:
    """What failed took up no place of the day."""
    digest = Digest("web", 1, {"EUR": Decimal(9)}, ("a",))
    with web_service() as web:
        web.statuses.append(400)
        first = send(of(digests=(digest,)), hook(web))
        second = send(of(digests=(digest,)), hook(web), sent=first)
    assert [first[0].state, second[0].state] == ["failed", "sent"]


def test_only_who_wants_it_gets_it() -> None:
    """Web's alert goes to web, the step to the lead, each with its event."""
    alert = alert_of()
    with web_service() as web, web_service() as lead, web_service() as api:
        found = send(
            of(alert, due=(Due(alert.key, 1, "lead", NOW),)),
            hook(web, "w", to=("web",)),
            hook(lead, "l", to=("lead",)),
            hook(api, "a", to=("api",)),
        )
    assert [(one.target, one.event) for one in found] == [("w", "trigger"), ("l", "escalate-1")]
    assert [(call.json["event"], call.json["to"]) for call in lead.calls] == [("escalate-1", "lead")]
    assert api.calls == []


def test_what_passes_by_is_waited_for() -> None:
    """Two refusals, then it is taken: three tries, one and four seconds apart."""
    slept: list[float] = []
    with web_service() as web:
        web.statuses = [503, 429]
        (found,) = send(of(alert_of()), hook(web), slept=slept)
    assert (found.state, found.tries, slept) == ("sent", 3, [1.0, 4.0])
    assert len({call.headers["Idempotency-Key"] for call in web.calls}) == 1


def test_a_target_that_fails_stops_no_other_and_is_tried_again() -> None:
    """One is down: it is told so, after four tries for the first alert and none for the second."""
    wanted = of(alert_of("web"), alert_of("api"))
    with web_service() as gone:
        down = Target("down", "webhook", gone.url)
    with web_service() as web:
        first = send(wanted, down, hook(web))
        assert [(one.target, one.state, one.tries) for one in first] == [
            ("down", "failed", 4),
            ("down", "failed", 0),
            ("hook", "sent", 1),
            ("hook", "sent", 1),
        ]
        assert first[0].reason.startswith("target down: ConnectionRefusedError")
        second = send(wanted, hook(web, "down"), hook(web), sent=first)
    assert [one.state for one in second] == ["sent", "sent", "skipped", "skipped"]


def test_a_refusal_that_stays_is_not_tried_again_in_the_round() -> None:
    """A wrong token is no reason to wait, and none to leave out the next alert."""
    slept: list[float] = []
    with web_service() as web:
        web.statuses = [401]
        found = send(of(alert_of("web"), alert_of("api")), hook(web), slept=slept)
    assert [(one.state, one.tries) for one in found] == [("failed", 1), ("sent", 1)]
    assert slept == []


def test_an_end_is_told_where_the_beginning_was() -> None:
    """Nobody hears that something is over of which he never heard."""
    with web_service() as web, web_service() as new:
        first = send(of(alert_of()), hook(web))
        ended = of(over(alert_of(), now=day(9)))
        second = send(ended, hook(web), hook(new, "new"), sent=first)
        third = send(ended, hook(web), hook(new, "new"), sent=(*first, *second))
    assert [(one.target, one.event, one.state) for one in second] == [("hook", "resolve", "sent")]
    assert [one.state for one in third] == ["skipped"]
    assert [call.json["event"] for call in web.calls] == ["trigger", "resolve"]
    assert new.calls == []


def test_what_was_not_told_or_is_silenced_is_no_message() -> None:
    """An alert over budget has only its digest."""
    untold = replace(alert_of("api"), told=None)
    quiet = alert_of("web").silenced(NOW, until=day(9), by="ann")
    digest = Digest("api", 1, {"EUR": Decimal(60)}, (untold.key,))
    with web_service() as web:
        found = send(of(untold, quiet, digests=(digest,)), hook(web))
    assert [(one.event, one.state) for one in found] == [("digest", "sent")]
    assert web.calls[0].json["title"] == "1 smaller incident of api, €60.00"


def test_a_ticket_is_opened_once_and_commented_on() -> None:
    """The first message opens an issue; where one has the label, it gets a comment; a resolve opens none."""
    search = "/rest/api/2/search"
    with web_service() as web:
        jira = Target("tickets", "jira", web.url, token="t", project="OPS")  # noqa: S106  a made-up one
        first = send(of(alert_of()), jira)
        web.bodies[search] = (200, '{"issues": [{"key": "OPS-7"}]}')
        ended = send(of(over(alert_of(), now=day(9))), jira, sent=first)
        web.bodies[search] = (200, '{"issues": []}')
        again = send(of(over(replace(alert_of(), told=NOW), now=day(9))), jira, sent=first)
    assert [one.state for one in (*first, *ended, *again)] == ["sent"] * 3
    paths = [(call.method, call.path.split("?")[0]) for call in web.calls]
    assert paths == [
        ("GET", search),
        ("POST", "/rest/api/2/issue"),
        ("GET", search),
        ("POST", "/rest/api/2/issue/OPS-7/comment"),
        ("GET", search),
    ]
    assert jira_label(alert_of().key) in web.calls[0].path
    assert all(call.headers["Authorization"] == "Bearer t" for call in web.calls)


@pytest.mark.parametrize(("status", "state"), [(410, "sent"), (403, "failed")])
def test_jira_in_the_cloud_has_another_search(status: int, state: str) -> None:
    """Where the old search is gone the new one is asked; where it is forbidden nothing is opened twice."""
    with web_service() as web:
        web.bodies["/rest/api/2/search"] = (status, "")
        web.bodies["/rest/api/3/search/jql"] = (200, '{"issues": [{"key": "OPS-7"}]}')
        (found,) = send(of(alert_of()), Target("tickets", "jira", web.url, project="OPS"))
    assert found.state == state
    posts = [call.path for call in web.calls if call.method == "POST"]
    assert posts == (["/rest/api/2/issue/OPS-7/comment"] if state == "sent" else [])


def test_a_chat_is_one_target_among_others() -> None:
    """The words of the alert go through apprise."""
    with web_service() as web:
        chat = Target("chat", "apprise", f"json://127.0.0.1:{web.port}/room")
        (found,) = send(of(alert_of()), chat)
    assert (found.state, web.calls[0].path) == ("sent", "/room")


def test_an_alertmanager_is_told_each_round_of_what_goes_on() -> None:
    """It would take what it does not hear of for over; digests and steps are not for it."""
    alert = alert_of()
    wanted = of(alert, due=(Due(alert.key, 1, "lead", NOW),), digests=(Digest("x", 0, {}, ()),))
    with web_service() as web:
        there = Target("am", "alertmanager", web.url)
        first = send(wanted, there)
        second = send(wanted, there, sent=first)
        nothing = send((), there)
    assert [(one.event, one.state) for one in (*first, *second)] == [("trigger", "sent")] * 2
    assert [len(call.json) for call in web.calls] == [1, 1]
    assert nothing == ()


def test_no_receipt_holds_an_address_or_a_token() -> None:
    """What is kept of a failure can be shown."""
    with web_service() as web:
        web.bodies["/s3cret"] = (500, "s3cret")
        target = Target("hook", "webhook", f"{web.url}/s3cret", token="s3cret")  # noqa: S106  a made-up one
        (found,) = send(of(alert_of()), target)
    assert found.state == "failed"
    assert "s3cret" not in str(found.to_json())

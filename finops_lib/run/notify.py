"""Deliver alerts: each to the targets that want it, each once, and say for each target what became of it.

What was sent is known by the ids that the caller keeps; what failed is not among them, and is tried again by
the next round. A service that took a message and broke off before it said so may get it twice; the key in it
tells that the two are one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote

from finops_lib.anomaly.alert_words import Message, digest_message, message
from finops_lib.anomaly.alerts import Round
from finops_lib.anomaly.lifecycle import OVER, SILENCED, Alert
from finops_lib.anomaly.quota import Digest
from finops_lib.errors import NotifyError
from finops_lib.privacy import People
from finops_lib.records import Record, content_id
from finops_lib.run import notify_apprise
from finops_lib.run.notify_alertmanager import Alertmanager
from finops_lib.run.notify_http import Service
from finops_lib.run.notify_payloads import jira_comment, jira_issue, jira_label, webhook
from finops_lib.run.notify_targets import Target
from finops_lib.run.notify_text import private
from finops_lib.web import patiently

WAITS = (1.0, 4.0, 16.0)  # seconds before the second, third and fourth try
SENT, FAILED, SKIPPED = "sent", "failed", "skipped"
TRIGGER, UPDATE, RESOLVE, DIGEST = "trigger", "update", "resolve", "digest"
_GONE = (404, 410)


@dataclass(frozen=True)
class Receipt(Record):
    """What became of one message to one target.

    ``state`` is ``sent``, ``failed`` (``reason`` says why) or ``skipped`` (it was sent before, or another
    digest was in its period). ``id`` is what the caller keeps of what was sent, and so is ``period`` where it
    is not empty; ``tries`` is a count.
    """

    target: str
    key: str
    event: str
    state: str
    tries: int
    id: str
    reason: str = ""
    period: str = ""


@dataclass(frozen=True)
class Order:
    """One message on its way: ``event`` of an alert (None for a digest) for a team or receiver ``to``.

    Of all that name one ``period`` (an empty one is none) a target gets one.
    """

    said: Message
    event: str
    to: str
    alert: Alert | None = None
    period: str = ""

    def id(self, target: Target) -> str:
        """16 hexadecimal digits: the same message to the same target; an alert that comes back is another."""
        told = self.alert.told if self.alert else None
        return content_id([target.name, self.said.key, self.event, told])

    def period_id(self, target: Target) -> str:
        """16 hexadecimal digits of all messages of one kind to this target in one period; empty for none."""
        return content_id([target.name, self.event, self.to, self.period]) if self.period else ""


def orders(found: Round, *, now: datetime, people: People | None = None) -> tuple[Order, ...]:
    """Which messages follow from a round.

    Parameters
    ----------
    found : Round
    now : datetime
        Of the round, with a time zone.
    people : People, optional
        Who knows the pseudonyms of people.

    Returns
    -------
    tuple of Order
        Also those that went out before, which `deliver` then skips: what failed is tried again that way. An
        alert that has grown by much is told once more, under its key. A team gets one digest a day (UTC), and
        another one beside each alert of high priority.
    """
    told = {one.key: private(one, people=people) for one in found.alerts if one.told is not None}
    made = []
    for alert in told.values():
        if alert.state != SILENCED:
            event = RESOLVE if alert.state == OVER else TRIGGER
            made.append(Order(message(alert), event, alert.team, alert))
            if event == TRIGGER and alert.grown is not None:
                made.append(Order(message(alert, again=True), UPDATE, alert.team, alert))
    for step in found.due:
        alert = told[step.key]
        made.append(Order(message(alert), f"escalate-{step.place}", step.to, alert))
    made += [_digest_order(one, found, now) for one in found.digests]
    return tuple(made)


def _digest_order(digest: Digest, found: Round, now: datetime) -> Order:
    urgent = sorted(one.key for one in found.fresh if one.key in found.urgent and one.team == digest.team)
    period = " ".join([f"{now.astimezone(UTC):%F}", *urgent])
    return Order(digest_message(digest), DIGEST, digest.team, period=period)


def deliver(
    wanted: Iterable[Order],
    *,
    targets: Sequence[Target],
    sent: Collection[str],
    now: datetime,
    sleep: Callable[[float], None],
    waits: Sequence[float] = WAITS,
    link: str = "",
) -> tuple[Receipt, ...]:
    """What became of each message at each target that wants it.

    Parameters
    ----------
    wanted : iterable of Order
    targets : sequence of Target
    sent : collection of str
        Ids of the receipts that say ``sent``, of all rounds before.
    now : datetime
        With a time zone.
    sleep : callable
        Waits that many seconds.
    waits : sequence of float
        Seconds before each further try.
    link : str
        Address of the report.

    Returns
    -------
    tuple of Receipt
        By target; one that fails stops no other one, and is given up for this round when it does not answer.
    """
    listed = list(wanted)
    attempt = partial(_tried, waits=waits, sleep=sleep)
    receipts: list[Receipt] = []
    for target in targets:
        some = [one for one in listed if target.wants(one.to)]
        if target.kind == "alertmanager":
            receipts += _all_at_once(some, target, now, link, attempt)
        else:
            receipts += _one_by_one(some, target, sent, link, attempt)
    return tuple(receipts)


_Tried = Callable[[Callable[[], object]], tuple[int, NotifyError | None]]


def _tried(
    send: Callable[[], object], *, waits: Sequence[float], sleep: Callable[[float], None]
) -> tuple[int, NotifyError | None]:
    """Send, and say how many tries it took and what was wrong."""
    made = 0

    def counted() -> object:
        nonlocal made
        made += 1
        return send()

    try:
        patiently(counted, waits=waits, sleep=sleep)
    except NotifyError as error:
        return made, error
    return made, None


def _all_at_once(
    some: Sequence[Order], target: Target, now: datetime, link: str, attempt: _Tried
) -> Iterator[Receipt]:
    """Tell an Alertmanager of all that go on: it forgets what it is not told of again."""
    known = [one for one in some if one.alert is not None and one.event in {TRIGGER, RESOLVE}]
    if not known:
        return
    posted = [one.alert for one in known if one.alert is not None]
    tries, error = attempt(lambda: Alertmanager(target.service()).post(posted, now=now, link=link))
    for one in known:
        yield _receipt(one, target, tries, error)


def _one_by_one(
    some: Sequence[Order], target: Target, sent: Collection[str], link: str, attempt: _Tried
) -> Iterator[Receipt]:
    down: NotifyError | None = None
    for one in some:
        if one.id(target) in sent or (one.period and one.period_id(target) in sent):
            yield Receipt(target.name, one.said.key, one.event, SKIPPED, 0, one.id(target))
        elif one.event not in {RESOLVE, UPDATE} or _first(one).id(target) in sent:
            # What does not answer is not asked once more for each alert.
            tries, error = (0, down) if down else attempt(partial(_send, one, target, link))
            down = error if error is not None and error.passing else down
            yield _receipt(one, target, tries, error)


def _first(one: Order) -> Order:
    return replace(one, event=TRIGGER)


def _receipt(one: Order, target: Target, tries: int, error: NotifyError | None) -> Receipt:
    state, reason = (SENT, "") if error is None else (FAILED, str(error))
    ids = {"id": one.id(target), "period": one.period_id(target)}
    return Receipt(target.name, one.said.key, one.event, state, tries, reason=reason, **ids)


def _send(one: Order, target: Target, link: str) -> None:
    if target.kind == "apprise":
        notify_apprise.send(one.said, target=target)
    elif target.kind == "jira":
        _to_jira(one, target, link)
    else:
        service = target.service()
        headers = {**service.headers, "Idempotency-Key": one.id(target)}
        again = one.event == UPDATE
        content = _digest(one, link) if one.alert is None else webhook(one.alert, link=link, again=again)
        posted = {**content, "event": one.event, "to": one.to}
        Service(service.name, service.url, headers, service.timeout_seconds).request("POST", content=posted)


def _digest(one: Order, link: str) -> dict[str, object]:
    return {"version": "1", "dedup_key": one.said.key, "title": one.said.title, "team": one.to, "link": link}


def _to_jira(one: Order, target: Target, link: str) -> None:
    """Open an issue, or comment on the one that has the alert's label already."""
    service = target.service()
    issue = _issue(service, one.said.key)
    if issue:
        path = f"/rest/api/2/issue/{quote(issue, safe='')}/comment"
        service.request("POST", path, content=jira_comment(one.said))
    elif one.event != RESOLVE:
        content = jira_issue(one.said, project=target.project, issue_type=target.issue_type, link=link)
        service.request("POST", "/rest/api/2/issue", content=content)


def _issue(service: Service, key: str) -> str:
    """Find the issue of an alert; Jira in the cloud has another search than Jira on one's own machines."""
    asked = quote(f'labels = "{jira_label(key)}"', safe="")
    try:
        found = service.request("GET", f"/rest/api/2/search?jql={asked}&maxResults=1&fields=key")
    except NotifyError as error:
        if error.status not in _GONE:
            raise
        found = service.request("GET", f"/rest/api/3/search/jql?jql={asked}&maxResults=1&fields=key")
    issues = found.get("issues") if isinstance(found, dict) else None
    first = issues[0] if isinstance(issues, list) and issues else None
    return str(first.get("key", "")) if isinstance(first, dict) else ""

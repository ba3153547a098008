"""Which alerts would have been told, day by day, and what became of the anomalies that were not.

Every run tells the same for the same bills: it starts with no alert open, and lives through the days that it
looks at one by one, each with what was found up to then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from finops_lib.anomaly.alerts import Round, Rules, alerts
from finops_lib.anomaly.incidents import Incident, cell_of
from finops_lib.anomaly.label_file import settled
from finops_lib.anomaly.labels import REAL, Label
from finops_lib.anomaly.lifecycle import OVER, Alert
from finops_lib.anomaly.measure import Quiet, Real, measure
from finops_lib.anomaly.priority import Stakes, priority, ranked
from finops_lib.anomaly.suppress import Suppressed
from finops_lib.records import Anomaly

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Told:
    """What became of anomalies: ``alerts`` were told, the worthiest first, and ``untold`` never.

    Each has the incident as it was when it held most anomalies. ``merged`` were told, too, but turned out to
    be one of ``alerts``. ``suppressed`` is what a window or a plan explains, ``labelled`` what somebody has
    said is planned or no matter. ``anomalies`` are all, ``rounds`` counts the days.
    """

    anomalies: tuple[Anomaly, ...]
    alerts: tuple[Alert, ...]
    untold: tuple[Alert, ...]
    suppressed: tuple[Suppressed, ...]
    labelled: tuple[tuple[Anomaly, str], ...]
    rounds: int
    merged: tuple[Alert, ...] = ()

    def measured(self, truth: Iterable[Real]) -> Quiet:
        """How much quieter did it get, and which of these real incidents were lost.

        Parameters
        ----------
        truth : iterable of Real
            What did happen.
        """
        return measure(
            self.anomalies,
            list(truth),
            told=[one.incident for one in (*self.alerts, *self.merged)],
            suppressed=[one.incident for one in self.suppressed] + [_alone(one) for one, _ in self.labelled],
            held_back=[one.incident for one in self.untold],
        )

    def of(self, anomaly: Anomaly) -> Alert | None:
        """Which alert is this anomaly in.

        Parameters
        ----------
        anomaly : Anomaly
        """
        return next((one for one in self.alerts if _holds(one.incident, anomaly)), None)

    def explained(self, anomaly: Anomaly) -> str:
        """Which window, plan or label explains this anomaly; empty where none does, or it is in an alert.

        Parameters
        ----------
        anomaly : Anomaly
        """
        if self.of(anomaly) is not None:
            return ""
        by_label = next((f"label {said}" for one, said in self.labelled if one.key == anomaly.key), "")
        found = (f"{one.by} {one.name}" for one in self.suppressed if _holds(one.incident, anomaly))
        return by_label or next(found, "")


def _alone(anomaly: Anomaly) -> Incident:
    return Incident((anomaly,))


def _holds(incident: Incident, anomaly: Anomaly) -> bool:
    return any(one.key == anomaly.key for one in incident.members)


def told(
    anomalies: Sequence[Anomaly], *, first: date, last: date, rules: Rules, labels: Sequence[Label] = ()
) -> Told:
    """Which alerts follow from these anomalies, when each day from the first to the last had its round.

    Parameters
    ----------
    anomalies : sequence of Anomaly
        With their causes.
    first, last : date
        Days of cost, both included; the round of a day is at its end.
    rules : Rules
        Teams, windows, plans and what an alert is worth.
    labels : sequence of Label
        What people said of earlier ones.

    Returns
    -------
    Told
    """
    said = settled(labels)
    left = [one for one in anomalies if one.key not in said]
    rounds = list(_rounds(left, first, last, rules))
    latest: dict[str, Alert] = {}
    for found in rounds:
        for one in (*found.alerts, *found.fresh):
            latest[one.key] = _fuller(one, latest.get(one.key))
    whole = {one.key: one for one in anomalies}
    end = datetime.combine(last, time(), UTC) + _DAY
    latest = {key: _as_known(one, whole, end, rules.stakes) for key, one in latest.items()}
    suppressed = {one.incident.key: one for found in rounds for one in found.suppressed}
    every = [one for one in latest.values() if one.told is not None]
    sent, merged = _merged(every)
    return Told(
        tuple(anomalies),
        _by_worth(sent),
        _by_worth([one for one in latest.values() if one.told is None]),
        tuple(one for key, one in suppressed.items() if key not in {each.incident.key for each in every}),
        tuple((one, said[one.key]) for one in anomalies if one.key in said),
        len(rounds),
        _by_worth(merged),
    )


def _merged(sent: Sequence[Alert]) -> tuple[list[Alert], list[Alert]]:
    """Take apart the alerts that stand, and those all of whose causes are in one that was told before."""
    stand: list[Alert] = []
    gone: list[Alert] = []
    held: set[str] = set()
    for one in sorted(sent, key=lambda each: (-len(each.incident.members), each.since, each.key)):
        keys = {cause.key for cause in one.incident.causes}
        (gone if keys <= held else stand).append(one)
        held |= {each.key for each in one.incident.members}
    return stand, gone


def _fuller(now: Alert, before: Alert | None) -> Alert:
    """Keep the incident that held most."""
    if before is None or len(now.incident.members) >= len(before.incident.members):
        return now
    return replace(now, incident=before.incident)


def _as_known(alert: Alert, whole: Mapping[str, Anomaly], now: datetime, stakes: Stakes) -> Alert:
    """Give an alert's anomalies the end that is known now, and the alert what it is worth with it."""
    causes, symptoms = (
        tuple(whole.get(one.key, one) for one in some)
        for some in (alert.incident.causes, alert.incident.symptoms)
    )
    incident = Incident(causes, symptoms, alert.incident.why)
    return replace(alert, incident=incident, priority=priority(incident, now=now, stakes=stakes))


def _rounds(anomalies: Sequence[Anomaly], first: date, last: date, rules: Rules) -> Iterable[Round]:
    before: tuple[Alert, ...] = ()
    members: dict[str, set[str]] = {}
    over: set[str] = set()
    for number in range(1, (last - first).days + 2):
        now = datetime.combine(first, time(), UTC) + number * _DAY
        known = [one for one in anomalies if one.found <= now <= max(one.end, one.found) + rules.still]
        over |= _left_alone(known, [one for one in before if one.state != OVER], members)
        shown = [_so_far(one, now) for one in known if one.key not in over]
        found = alerts(shown, now=now, before=before, rules=rules)
        before = found.alerts
        for one in before:
            members.setdefault(one.key, set()).update(each.key for each in one.incident.members)
        yield found


def _so_far(one: Anomaly, now: datetime) -> Anomaly:
    """Cut an anomaly off at a moment; its money is taken to have come evenly over its days."""
    if one.end <= now:
        return one
    part = Decimal((now - one.start) // _DAY) / Decimal((one.end - one.start) // _DAY)
    money = one.cost_impact
    ends = {name: getattr(money, name) * part for name in ("low", "mid", "high")}
    causes = tuple(replace(cause, amount=cause.amount * part) for cause in one.causes)
    return replace(one, end=now, cost_impact=replace(money, **ends), causes=causes)


def _left_alone(known: Sequence[Anomaly], live: Iterable[Alert], members: Mapping[str, set[str]]) -> set[str]:
    """Say what only showed an incident whose causes are over: it is no incident of its own."""
    here = {one.key for one in known}
    ended = [alert for alert in live if not here & set(alert.members)]
    return {key for alert in ended for key in members.get(alert.key, set())}


def _by_worth(some: Iterable[Alert]) -> tuple[Alert, ...]:
    """Put the worthiest of each currency first: amounts of two are not compared."""
    valued = sorted((one for one in some if one.priority is not None), key=lambda one: one.key)
    worths = [one.priority for one in valued if one.priority is not None]
    return tuple(valued[place] for place in ranked(worths))


def real_ones(anomalies: Iterable[Anomaly], labels: Sequence[Label]) -> list[Real]:
    """Which incidents are known to be real, because somebody said so.

    Parameters
    ----------
    anomalies : iterable of Anomaly
        Those found now.
    labels : sequence of Label
        The newest of an anomaly counts.

    Returns
    -------
    list of Real
        Named by the key of the anomaly.
    """
    newest = {label.key: label.said for label in sorted(labels, key=lambda one: one.at) if label.key}
    return [
        Real(one.key, cell_of(one), one.start, max(one.end, one.start + _DAY), one.cost_impact.mid >= 0)
        for one in {each.key: each for each in anomalies}.values()
        if newest.get(one.key) == REAL
    ]

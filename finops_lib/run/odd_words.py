"""The words of a report of anomalies: what a kind is called, where it lies, and the sentences that answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from finops_lib.anomaly.alert_words import plain_line, signed
from finops_lib.anomaly.incidents import Incident, days_of
from finops_lib.anomaly.lifecycle import Alert
from finops_lib.anomaly.measure import Quiet
from finops_lib.records import Anomaly
from finops_lib.units import money_text

_KINDS = {
    "spike": "spike", "drop": "drop", "level_shift": "level shift", "ramp": "ramp", "new": "new",
    "vanished": "vanished", "new_region": "first seen region", "new_service": "first seen service",
    "new_account": "first seen account", "gpu_burst": "burst of GPU cost",
    "egress_burst": "burst of egress", "fan_out": "fan-out over regions and services",
}  # fmt: skip
_MOST = 5  # alerts in the answer
_TINY = 1e-6


def kind_text(kind: str) -> str:
    """How is a kind of anomaly called.

    Parameters
    ----------
    kind : str
        Of an anomaly.

    Examples
    --------
    >>> kind_text("level_shift"), kind_text("late_bill")
    ('level shift', 'late bill')
    """
    return _KINDS.get(kind, kind.replace("_", " "))


def place_text(labels: Mapping[str, str]) -> str:
    """Where is it, in words.

    Parameters
    ----------
    labels : mapping of str to str
        Column to value, from coarse to fine.

    Examples
    --------
    >>> place_text({"x_ProviderName": "AWS", "ServiceName": "Compute"}), place_text({})
    ('AWS / Compute', 'The whole bill')
    """
    return " / ".join(plain_line(value) for value in labels.values()) or "The whole bill"


def incident_place(incident: Incident) -> str:
    """Where is an incident, in words: the series that leads, and how many more it is in.

    Parameters
    ----------
    incident : Incident
        Its causes may lie in one cell, or side by side.
    """
    labels, cell = incident.lead.labels, incident.cell
    apart = any(cell.get(name) != value for name, value in labels.items())
    more = len({one.series for one in incident.causes if tuple(one.labels) == tuple(labels)}) - 1
    return place_text(labels) + (f" and {more} more" if apart and more else "")


def more_of(cell: Mapping[str, str], labels: Mapping[str, str]) -> str:
    """What does a cell say beyond its series, in words; nothing is said of what has no name.

    Parameters
    ----------
    cell, labels : mapping of str to str
        Column to value.

    Examples
    --------
    >>> more_of({"x_ProviderName": "AWS", "RegionId": "eu", "SkuMeter": "(none)"}, {"x_ProviderName": "AWS"})
    'RegionId eu'
    """
    return cell_text(
        {
            name: value
            for name, value in cell.items()
            if name not in labels and not (value.startswith("(") and value.endswith(")"))
        }
    ).replace("(rest)", "")


def cell_text(cell: Mapping[str, str]) -> str:
    """How is the cell of a cause named; the rest has none.

    Parameters
    ----------
    cell : mapping of str to str
        Column to value.

    Examples
    --------
    >>> cell_text({"RegionId": "eu"}), cell_text({})
    ('RegionId eu', '(rest)')
    """
    return ", ".join(f"{name} {plain_line(value)}" for name, value in cell.items()) or "(rest)"


def chance_text(p_value: float) -> str:
    """How is a p-value written.

    Parameters
    ----------
    p_value : float
        0 to 1.

    Examples
    --------
    >>> chance_text(0.0123), chance_text(1e-30)
    ('0.012', '< 1e-06')
    """
    return f"< {_TINY:g}" if p_value < _TINY else f"{p_value:.2g}"


def latency(one: Anomaly) -> int:
    """How many days after its first day began was it found, a count: 1 is as soon as that day was known.

    Parameters
    ----------
    one : Anomaly
        Of whole days.
    """
    return max(round((one.found - one.start) / timedelta(days=1)), 1)


def days_text(one: Anomaly) -> str:
    """From when to when did it last, as far as is known.

    Parameters
    ----------
    one : Anomaly
        Of whole days.
    """
    first, last = one.start, one.start + timedelta(days=days_of(one) - 1)
    return f"{first:%Y-%m-%d}" if first == last else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


def alert_sentence(alert: Alert) -> str:
    """What does an alert say, in one sentence: what happened, when, how sure, and whose it is.

    Parameters
    ----------
    alert : Alert
        That was told.
    """
    lead, money = alert.incident.lead, alert.incident.impact
    low, high = (money_text(end, currency=money.unit) for end in (money.low, money.high))
    sure = f"{low} to {high} with a chance of {money.level:.0%}"
    if low == high:
        sure = "the sum of its charges"
    loss = alert.priority.loss if alert.priority else None
    worth = "" if loss is None else f"; expected loss {money_text(loss, currency=money.unit)}"
    where = more_of(alert.incident.cell, lead.labels)
    mostly = f", mostly {where}" if where else ""
    facts = f"({sure}), {days_text(lead)}{mostly}, p-value {chance_text(lead.p_value)}{worth}"
    return f"{alert_title(alert)} {facts}."


def alert_title(alert: Alert) -> str:
    """What does an alert say in a few words: what, where and how much.

    Parameters
    ----------
    alert : Alert
        That was told.
    """
    lead = alert.incident.lead
    kind = kind_text(lead.kind)
    return f"{kind[0].upper()}{kind[1:]}, {incident_place(alert.incident)}: {signed(alert.incident)}"


def answer(
    *, days: int, last: Any, anomalies: int, series: int, alerts: Sequence[Alert], untold: int, explained: int
) -> list[str]:
    """What is the answer: how many anomalies became how many alerts, and the worthiest of these.

    Parameters
    ----------
    days, anomalies, series, untold, explained : int
        Counts: of days looked at, of what was found in how many series, of incidents within no budget, and of
        those that are explained.
    last : date
        The last day judged.
    alerts : sequence of Alert
        The worthiest first.

    Examples
    --------
    >>> from datetime import date
    >>> answer(days=30, last=date(2026, 7, 31), anomalies=0, series=12, alerts=[], untold=0, explained=0)
    ['Nothing odd in 12 series in the 30 days to 2026-07-31.']
    """
    span = f"in the {days} day{'s' * (days != 1)} to {last:%Y-%m-%d}"
    if not anomalies:
        return [f"Nothing odd in {series:,} series {span}."]
    became = f"{_count(anomalies, 'anomaly', 'anomalies')} in {series:,} series {span}"
    said = [f"{became}: {_count(len(alerts), 'alert', 'alerts')}."]
    said += [alert_sentence(alert) for alert in alerts[:_MOST]]
    if len(alerts) > _MOST:
        said.append(f"{_count(len(alerts) - _MOST, 'more alert', 'more alerts')} below.")
    left = [
        f"{explained} explained by a window, a plan or a label" if explained else "",
        f"{untold} over a budget, below its least loss, or coming and going" if untold else "",
    ]
    told = "; ".join(part for part in left if part)
    return [*said, f"Not told: {told}."] if told else said


def quiet_sentences(quiet: Quiet) -> list[str]:
    """How much quieter did it get, and what was lost by it.

    Parameters
    ----------
    quiet : Quiet
        From `finops_lib.anomaly.measure`.

    Examples
    --------
    >>> from finops_lib.anomaly.measure import measure
    >>> quiet_sentences(measure([], [], told=[]))[-1][:42]
    'No label says which of these are real: the'
    """
    said = []
    if quiet.compression is not None:
        counts = (
            f"{_count(quiet.anomalies, 'anomaly', 'anomalies')}, {_count(quiet.alerts, 'alert', 'alerts')}"
        )
        said.append(f"{counts}: {quiet.compression:.1f} anomalies an alert.")
    if not quiet.real:
        rule = "the share of real incidents that got lost is not known"
        return [*said, f"No label says which of these are real: {rule}. Give labels with -p labels=FILE."]
    share = "unknown" if quiet.missed is None else f"{quiet.missed:.0%}"
    lost = ", ".join(f"{name} ({step})" for name, step in quiet.lost.items())
    more = f": {lost}" if lost else ""
    return [*said, f"Of {quiet.real} incidents that labels call real, {share} got lost on the way{more}."]


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"

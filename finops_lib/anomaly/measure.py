"""How much quieter did correlation and suppression make it, and which real incidents did they lose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from finops_lib.anomaly.incidents import Incident, cell_of
from finops_lib.records import Record
from finops_lib.records.anomalies import Anomaly


@dataclass(frozen=True)
class Real(Record):
    """An incident that did happen: where (columns to values), and from ``start`` to before ``end``.

    ``rises`` says whether cost went up.

    Examples
    --------
    >>> day = datetime(2026, 7, 3)
    >>> Real("leak", {"tag:team": "web"}, day, day + timedelta(days=1)).rises
    True
    """

    name: str
    cell: Mapping[str, str]
    start: datetime
    end: datetime
    rises: bool = True


@dataclass(frozen=True)
class Quiet(Record):
    """What correlation and suppression did, against the truth.

    ``compression`` is anomalies an alert, None without an alert. Of ``real`` incidents, ``undetected`` have
    no anomaly at all, and ``detected`` have one; of the latter ``lost`` names those that no alert is about,
    each with the step that lost it: ``correlation`` (it is in an alert about something else), ``suppression``
    or ``budget``. ``missed`` is their share of the detected ones, ``missed_in_all`` that of the undetected
    and the lost ones of all real ones (0 to 1); both are None where there was none. ``false_alerts`` are
    about nothing real.
    """

    anomalies: int
    alerts: int
    compression: float | None
    real: int
    detected: int
    undetected: int
    false_alerts: int
    missed: float | None
    missed_in_all: float | None
    lost: Mapping[str, str] = field(default_factory=dict)


def shows(anomaly: Anomaly, real: Real, *, slack: timedelta = timedelta(days=2)) -> bool:
    """Say whether an anomaly is a sign of a real incident.

    Parameters
    ----------
    anomaly : Anomaly
    real : Real
    slack : timedelta
        How long after its end an anomaly may begin (a bill is late).

    Returns
    -------
    bool
        It is where both overlap in time, go the same way, and no column says that they lie apart, and where
        they have a column in common or the anomaly is of the whole.
    """
    cell = cell_of(anomaly)
    common = [column for column in cell if column in real.cell]
    together = all(cell[column] == real.cell[column] for column in common) and (bool(common) or not cell)
    in_time = anomaly.start < real.end + slack and anomaly.end >= real.start
    return together and in_time and (anomaly.cost_impact.mid >= 0) == real.rises


def about(incident: Incident, truth: Sequence[Real]) -> Real | None:
    """Which real incident is an alert about: only one, the closest that its leading anomaly shows.

    Parameters
    ----------
    incident : Incident
    truth : sequence of Real

    Returns
    -------
    Real or None
        The one with the most columns in common, then the nearest beginning; an alert on the whole, which
        tells nobody where to look, is about none that lies in a part.
    """
    cell = cell_of(incident.lead)
    fits = [one for one in truth if shows(incident.lead, one) and (cell or not one.cell)]
    return min(
        fits,
        key=lambda one: (-len(cell.keys() & one.cell.keys()), abs(one.start - incident.lead.start), one.name),
        default=None,
    )


def measure(
    anomalies: Sequence[Anomaly],
    truth: Sequence[Real],
    *,
    told: Iterable[Incident],
    suppressed: Iterable[Incident] = (),
    held_back: Iterable[Incident] = (),
) -> Quiet:
    """How much quieter is it, and what was lost.

    Parameters
    ----------
    anomalies : sequence of Anomaly
        All that were found.
    truth : sequence of Real
        All that happened.
    told : iterable of Incident
        Those that became alerts.
    suppressed, held_back : iterable of Incident
        Those that a window or plan explained, and those over budget or flapping.

    Returns
    -------
    Quiet

    Examples
    --------
    >>> measure([], [], told=[]).compression is None
    True
    """
    sent = list(told)
    subjects = [about(one, truth) for one in sent]
    named = {one.name for one in subjects if one is not None}
    detected = [one for one in truth if any(shows(each, one) for each in anomalies)]
    quiet = {"suppression": list(suppressed), "budget": list(held_back)}
    lost = {one.name: _lost_by(one, truth, quiet) for one in detected if one.name not in named}
    unseen = len(truth) - len(detected)
    return Quiet(
        anomalies=len(anomalies),
        alerts=len(sent),
        compression=len(anomalies) / len(sent) if sent else None,
        real=len(truth),
        detected=len(detected),
        undetected=unseen,
        false_alerts=sum(
            not any(shows(each, one) for each in sent_one.causes for one in truth) for sent_one in sent
        ),
        missed=len(lost) / len(detected) if detected else None,
        missed_in_all=(unseen + len(lost)) / len(truth) if truth else None,
        lost=lost,
    )


def _lost_by(real: Real, truth: Sequence[Real], quiet: Mapping[str, Sequence[Incident]]) -> str:
    for step, incidents in quiet.items():
        if any(about(one, truth) == real for one in incidents):
            return step
    return "correlation"

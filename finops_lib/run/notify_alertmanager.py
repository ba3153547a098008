"""Alerts in a Prometheus Alertmanager, through its API v2: it groups, silences and passes them on.

An alert there is its labels: they have to stay the same from day to day, so what may change (money, causes)
stands in annotations. It is over at its ``endsAt``, which each round moves on.

Source: Alertmanager API v2, https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from finops_lib.anomaly.alert_words import message, plain_line
from finops_lib.anomaly.lifecycle import OVER, Alert
from finops_lib.errors import NotifyError
from finops_lib.run.notify_http import Service
from finops_lib.run.notify_text import harmless

NAME = "FinOpsCostAnomaly"
KEPT = timedelta(days=4)  # a weekend without a run ends no alert


def posted(alert: Alert, *, now: datetime, link: str = "") -> dict[str, Any]:
    """What is an alert for Alertmanager.

    Parameters
    ----------
    alert : Alert
    now : datetime
        With a time zone.
    link : str
        Address of the report that shows it; empty is none.

    Returns
    -------
    dict
        A ``postableAlert``: it ends now where the alert is over, else in four days.
    """
    said = message(alert)
    ends = now if alert.state == OVER else now + KEPT
    found: dict[str, Any] = {
        "labels": labels(alert),
        "annotations": {
            "summary": harmless(said.title),
            "description": harmless(said.text),
            "kind": plain_line(alert.incident.lead.kind),
            "expected_loss": "" if alert.priority is None else str(alert.priority.loss),
        },
        "startsAt": _time(min(alert.since, ends)),
        "endsAt": _time(ends),
    }
    return {**found, "generatorURL": link} if link else found


def labels(alert: Alert) -> dict[str, str]:
    """Which labels are an alert, the same each day.

    Parameters
    ----------
    alert : Alert

    Returns
    -------
    dict of str to str
    """
    return {
        "alertname": NAME,
        "alert_key": alert.key,
        "team": plain_line(alert.team),
        "currency": plain_line(alert.incident.impact.unit),
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Alertmanager:
    """One Alertmanager and what it can be asked.

    Every method raises `NotifyError` where it cannot be reached or refuses.

    Examples
    --------
    >>> Alertmanager(Service("alerts", "http://127.0.0.1:9093"))
    Alertmanager('alerts')
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def __repr__(self) -> str:
        return f"Alertmanager({self._service.name!r})"

    def status(self) -> Mapping[str, Any]:
        """Which version is it, and is its cluster ready.

        Returns
        -------
        mapping
            With ``versionInfo`` and ``cluster``.
        """
        return self._mapping(self._service.request("GET", "/api/v2/status"))

    def post(self, alerts: Iterable[Alert], *, now: datetime, link: str = "") -> int:
        """Tell it of these alerts; to tell it again changes nothing.

        Parameters
        ----------
        alerts : iterable of Alert
            All that go on, and those that are over since the last time.
        now : datetime
        link : str
            Address of the report that shows them.

        Returns
        -------
        int
            How many, a count.
        """
        found = [posted(alert, now=now, link=link) for alert in alerts]
        if found:
            self._service.request("POST", "/api/v2/alerts", content=found)
        return len(found)

    def alerts(self, **equal: str) -> Sequence[Mapping[str, Any]]:
        """Which alerts does it have, silenced ones too.

        Parameters
        ----------
        **equal : str
            Labels and their values.

        Returns
        -------
        sequence of mapping
            ``gettableAlert``; ``status.state`` is ``active``, ``suppressed`` or ``unprocessed``.
        """
        return self._list(self._service.request("GET", f"/api/v2/alerts{_filter(equal)}"))

    def groups(self, **equal: str) -> Sequence[Mapping[str, Any]]:
        """How does it group them.

        Parameters
        ----------
        **equal : str
            Labels and their values.

        Returns
        -------
        sequence of mapping
            ``alertGroup`` with its ``labels`` and ``alerts``.
        """
        return self._list(self._service.request("GET", f"/api/v2/alerts/groups{_filter(equal)}"))

    def silence(
        self, matched: Mapping[str, str], *, start: datetime, end: datetime, by: str, why: str
    ) -> str:
        """Let it be quiet about alerts with these labels.

        Parameters
        ----------
        matched : mapping of str to str
            Labels and the values that they have exactly.
        start, end : datetime
            With a time zone; ``end`` is not included.
        by, why : str
            Who wants so (a pseudonym where people have one), and for what reason.

        Returns
        -------
        str
            The silence's id.
        """
        content = {
            "matchers": [_matcher(name, value) for name, value in matched.items()],
            "startsAt": _time(start),
            "endsAt": _time(end),
            "createdBy": plain_line(by),
            "comment": plain_line(why),
        }
        answer = self._mapping(self._service.request("POST", "/api/v2/silences", content=content))
        return str(answer["silenceID"])

    def silences(self) -> Sequence[Mapping[str, Any]]:
        """Which silences does it have, those that ended too.

        Returns
        -------
        sequence of mapping
            ``gettableSilence``; ``status.state`` is ``active``, ``pending`` or ``expired``.
        """
        return self._list(self._service.request("GET", "/api/v2/silences"))

    def expire(self, silence: str) -> None:
        """End a silence now.

        Parameters
        ----------
        silence : str
            Its id.
        """
        self._service.request("DELETE", f"/api/v2/silence/{quote(silence, safe='')}")

    def _mapping(self, answer: object) -> Mapping[str, Any]:
        if isinstance(answer, dict):
            return answer
        raise self._strange()

    def _list(self, answer: object) -> list[Mapping[str, Any]]:
        if isinstance(answer, list) and all(isinstance(one, dict) for one in answer):
            return answer
        raise self._strange()

    def _strange(self) -> NotifyError:
        return NotifyError(
            f"target {self._service.name}: its answer",
            "an Alertmanager answers by its API v2",
            "check that the address is one of an Alertmanager",
        )


def _matcher(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value, "isRegex": False, "isEqual": True}


def _filter(equal: Mapping[str, str]) -> str:
    escaped = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in equal.items()}
    parts = [quote(f'{name}="{value}"', safe="") for name, value in escaped.items()]
    return f"?{'&'.join(f'filter={part}' for part in parts)}" if parts else ""

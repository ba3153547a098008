"""The tables of a report of anomalies: alerts, anomalies, causes, signals, and what was left out and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from finops_lib.anomaly.incidents import Incident, days_of
from finops_lib.anomaly.lifecycle import Alert
from finops_lib.anomaly.priority import Priority, priority
from finops_lib.records import Anomaly
from finops_lib.run.odd_words import (
    cell_text,
    chance_text,
    days_text,
    incident_place,
    kind_text,
    latency,
    more_of,
    place_text,
)
from finops_lib.run.oddities import Numbers

_DIGITS = 6  # of a chance
_MOST_CAUSES = 6  # alerts whose causes are listed
_TOLD_TWICE = "told as an alert of its own, before it was seen to be one with another"


class Tables(Numbers):
    """Anomalies as frames that a notebook shows."""

    @property
    def now(self) -> datetime:
        """The end of the last day judged, UTC: the moment of the last round."""
        return datetime(
            self.last.year, self.last.month, self.last.day, tzinfo=self.desk.now.tzinfo
        ) + timedelta(days=1)

    def alert_table(self) -> pd.DataFrame:
        """Which alerts were told, the worthiest first; money in the currency of the report."""
        rows = [_alert(number, one) for number, one in enumerate(self.told.alerts, start=1)]
        columns = [
            "Alert", "Kind", "Where", "Mostly", "When", "Low", "Mid", "High", "Loss", "PValue", "Team",
            "Anomalies", "Told",
        ]  # fmt: skip
        found = pd.DataFrame(rows, columns=columns, dtype=object)
        return self._with_currency(found, [one.incident.impact.unit for one in self.told.alerts])

    def _with_currency(self, table: pd.DataFrame, units: Sequence[str]) -> pd.DataFrame:
        """Say the currency of each row where there are others than the report's."""
        return table if set(units) <= {self.currency} else table.assign(Currency=list(units))

    def anomaly_table(self) -> pd.DataFrame:
        """What was found in which series, the newest first, and in which alert it is."""
        numbers = {one.key: number for number, one in enumerate(self.told.alerts, start=1)}
        rows = []
        for one in self.anomalies:
            alert = self.told.of(one)
            impact = one.cost_impact
            rows.append(
                (
                    kind_text(one.kind), place_text(one.labels), days_text(one), latency(one), impact.low,
                    impact.mid, impact.high, chance_text(one.p_value), numbers[alert.key] if alert else "-",
                )
            )  # fmt: skip
        columns = ["Kind", "Series", "When", "FoundAfterDays", "Low", "Mid", "High", "PValue", "Alert"]
        found = pd.DataFrame(rows, columns=columns, dtype=object)
        return self._with_currency(found, [one.cost_impact.unit for one in self.anomalies])

    def cause_table(self) -> pd.DataFrame:
        """Which cells does the money of the first alerts lie in; the cells and the rest add up to each."""
        rows: list[tuple[Any, ...]] = []
        for number, alert in enumerate(self.told.alerts[:_MOST_CAUSES], start=1):
            lead = alert.incident.lead
            rows += [(number, cell_text(cause.cell), cause.amount) for cause in lead.causes]
            rows.append((number, "Total", lead.cost_impact.mid))
        return pd.DataFrame(rows, columns=["Alert", "Cell", "Amount"], dtype=object)

    def change_table(self) -> pd.DataFrame:
        """Which known changes lie near an anomaly."""
        rows = [
            (change, kind_text(one.kind), place_text(one.labels), one.start)
            for one in self.anomalies
            for change in one.changes
        ]
        return pd.DataFrame(rows, columns=["Change", "Kind", "Series", "Start"], dtype=object)

    def signal_table(self) -> pd.DataFrame:
        """What looks like a break-in, with what was seen."""
        rows = [
            (
                kind_text(one.kind),
                place_text(one.labels),
                one.start,
                one.cost_impact.mid,
                "; ".join(one.evidence),
            )
            for one in self.signals
        ]
        return pd.DataFrame(rows, columns=["Signal", "Where", "Start", "Cost", "Evidence"], dtype=object)

    def left_table(self) -> pd.DataFrame:
        """What was found and is no alert, and why."""
        rows = [
            (
                _named(one.incident),
                one.incident.start,
                one.incident.impact.mid,
                f"{one.by} {one.name}",
                one.reason,
            )
            for one in self.told.suppressed
        ]
        rows += [
            (
                f"{kind_text(one.kind)}, {place_text(one.labels)}",
                one.start,
                one.cost_impact.mid,
                "label",
                said,
            )
            for one, said in self.told.labelled
        ]
        reason = "over the team's budget, below its least loss, or coming and going"
        rows += [
            (_named(one.incident), one.incident.start, one.incident.impact.mid, one.team, reason)
            for one in self.told.untold
        ]
        rows += [
            (_named(one.incident), one.incident.start, one.incident.impact.mid, one.team, _TOLD_TWICE)
            for one in self.told.merged
        ]
        return pd.DataFrame(rows, columns=["What", "Start", "Mid", "By", "Why"], dtype=object)

    def paused_table(self) -> pd.DataFrame:
        """Which series were not judged on which of these days, and why; the same reason in one line."""
        groups: dict[tuple[Any, ...], list[str]] = {}
        for _, row in self.paused.iterrows():
            reason = str(row["Reason"])
            groups.setdefault((row["FirstDay"], row["LastDay"], reason), []).append(str(row["Series"]))
        rows = [
            (names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1:,} more", first, last, reason)
            for (first, last, reason), names in groups.items()
        ]
        return pd.DataFrame(rows, columns=["Series", "FirstDay", "LastDay", "Reason"], dtype=object)

    def worth(self, one: Anomaly) -> Priority:
        """How much is lost if nobody is told of an anomaly, on its own.

        Parameters
        ----------
        one : Anomaly
            With its causes.
        """
        return priority(Incident((one,)), now=self.now, stakes=self.kept.rules.stakes)


def _alert(number: int, alert: Alert) -> tuple[Any, ...]:
    incident, money = alert.incident, alert.incident.impact
    lead, where = incident.lead, incident.lead.labels
    loss = alert.priority.loss if alert.priority else None
    return (
        number, kind_text(lead.kind), incident_place(incident), more_of(incident.cell, where),
        days_text(lead), money.low, money.mid, money.high, loss, chance_text(lead.p_value),
        alert.team, len(incident.members), alert.told,
    )  # fmt: skip


def _named(incident: Incident) -> str:
    return f"{kind_text(incident.lead.kind)}, {place_text(incident.lead.labels)}"


def anomaly_json(
    one: Anomaly, worth: Priority, alert: Alert | None, *, explained: str = ""
) -> dict[str, Any]:
    """What does a program read of an anomaly.

    Parameters
    ----------
    one : Anomaly
        With its causes.
    worth : Priority
        What it is worth.
    alert : Alert or None
        The one that it is in.
    explained : str
        What explains it, so that nobody has to be told; empty is nothing.

    Returns
    -------
    dict
        What `Anomaly.to_json` gives, with ``key``, ``days``, ``latency_days``, ``priority``, ``alert`` and
        ``explained``.
    """
    more = {"key": one.key, "days": days_of(one), "latency_days": latency(one)}
    return {
        **one.to_json(),
        **more,
        "priority": _rank(worth),
        "alert": alert.key if alert else None,
        "explained": explained,
    }


def signal_json(one: Anomaly, alert: Alert | None) -> dict[str, Any]:
    """What does a program read of a security-like signal: no more than what was seen.

    Parameters
    ----------
    one : Anomaly
        From `finops_lib.anomaly.signals`.
    alert : Alert or None
        The one that it is in.

    Returns
    -------
    dict
        ``key``, ``kind``, ``labels``, ``start``, ``end``, ``cost``, ``evidence`` (sentences) and ``alert``.
    """
    return {
        "key": one.key, "kind": one.kind, "labels": dict(one.labels), "start": one.start, "end": one.end,
        "cost": one.cost_impact.mid, "evidence": list(one.evidence), "alert": alert.key if alert else None,
    }  # fmt: skip


def alert_json(alert: Alert) -> dict[str, Any]:
    """What does a program read of an alert.

    Parameters
    ----------
    alert : Alert
        That was told.

    Returns
    -------
    dict
        ``key``, ``cell``, ``kind``, ``start``, ``end``, ``days``, ``cost_impact``, ``p_value``, ``priority``,
        ``team``, ``told``, ``state``, ``anomalies`` (keys) and ``why`` these are one.
    """
    incident = alert.incident
    rank = None if alert.priority is None else _rank(alert.priority)
    return {
        "key": alert.key, "cell": incident.cell, "kind": incident.lead.kind, "start": incident.start,
        "end": incident.end, "days": incident.days, "cost_impact": incident.impact,
        "p_value": incident.lead.p_value, "priority": rank, "team": alert.team, "told": alert.told,
        "state": alert.state, "anomalies": [one.key for one in incident.members], "why": list(incident.why),
    }  # fmt: skip


def _rank(worth: Priority) -> dict[str, Any]:
    return {**worth.to_json(), "chance": round(worth.chance, _DIGITS), "loss": worth.loss}


def median(numbers: Sequence[int]) -> Decimal | None:
    """Which is the middle of these counts; None where there is none.

    Examples
    --------
    >>> median([1, 5, 2]), median([])
    (Decimal('2'), None)
    """
    ordered = sorted(numbers)
    if not ordered:
        return None
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return Decimal(low + high) / 2

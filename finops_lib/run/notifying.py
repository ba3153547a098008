"""Tell teams of what the newest report found odd, once, and remember what was told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from finops_lib.anomaly.alert_words import message, place
from finops_lib.anomaly.alerts import Round, Rules, alerts
from finops_lib.anomaly.lifecycle import Alert
from finops_lib.errors import LakeError, NotifyError, QueryError
from finops_lib.keys import private_folder
from finops_lib.records import Anomaly
from finops_lib.run import notify_targets
from finops_lib.run.files import parsed
from finops_lib.run.notify import SENT, Receipt, deliver, orders
from finops_lib.run.notify_targets import Target
from finops_lib.run.report import RUNS, SUMMARY
from finops_lib.state import State

_REPORT = "anomalies"
_MEMORY = "alerts"
_FIELDS = tuple(field.name for field in fields(Anomaly))  # a report says more of each
_MOST_REMEMBERED = 50_000  # ids of messages that were sent
_LONGEST_WAIT = 60.0  # seconds for another round to end


@dataclass(frozen=True)
class Told:
    """A round of alerts and what became of its messages; without targets nothing was sent.

    ``explained`` counts anomalies that the report explains: no alert is made of them.
    """

    round: Round
    receipts: tuple[Receipt, ...]
    explained: int = 0

    @property
    def failed(self) -> tuple[Receipt, ...]:
        """Messages that did not arrive; the next round tries them again."""
        return tuple(one for one in self.receipts if one.state not in {SENT, "skipped"})

    def content(self) -> dict[str, Any]:
        """Say it as JSON: counts, alerts that were told now, messages."""
        found = self.round
        return {
            "anomalies": found.anomalies,
            "explained": self.explained,
            "incidents": found.incidents,
            "alerts": [alert_json(one) for one in found.fresh],
            "grown": [one.key for one in found.grown],
            "resolved": [one.key for one in found.resolved],
            "held": [one.key for one in found.held],
            "digests": [one.to_json() for one in found.digests],
            "suppressed": [one.to_json() for one in found.suppressed],
            "due": [one.to_json() for one in found.due],
            "messages": [one.to_json() for one in self.receipts],
            "failed": len(self.failed),
        }


def alert_json(alert: Alert) -> dict[str, Any]:
    """How does an alert read as JSON.

    Parameters
    ----------
    alert : Alert
        From a round.
    """
    content = alert.to_json()
    return {**content, "loss": None if alert.priority is None else str(alert.priority.loss)}


def targets_of(path: str, *, environ: Mapping[str, str]) -> tuple[Target, ...]:
    """Where do messages go, as this file states; none without a file.

    Parameters
    ----------
    path : str
        Of a TOML file, see `finops_lib.run.notify_targets`.
    environ : mapping of str to str
        Where secrets may stand.

    Raises
    ------
    SettingsError
        The file cannot be read, breaks its own rules, or a secret is not there.
    """
    parse = partial(notify_targets.parse, environ=environ, folder=Path(path).parent)
    return parsed(path, "targets", parse)


def newest(out: Path) -> Path:
    """Where is the summary of the newest report on anomalies.

    Parameters
    ----------
    out : Path
        Where reports go.

    Raises
    ------
    QueryError
        There is none yet.
    """
    found = sorted((out / RUNS / _REPORT).glob(f"*/*/{SUMMARY}"), key=lambda path: path.parent.name)
    if not found:
        raise QueryError(
            f"reports in {str(out)[:200]!r}",
            "alerts come from a report on anomalies, and there is none",
            f"run finops report {_REPORT} first",
        )
    return found[-1]


@dataclass(frozen=True)
class Found:
    """What a report found odd: ``anomalies`` that want an alert, and how many it has ``explained`` itself."""

    anomalies: tuple[Anomaly, ...]
    explained: int = 0


def found_in(summary: Path) -> Found:
    """What did this report find odd, and does not explain by its own windows, plans and labels.

    Parameters
    ----------
    summary : Path
        Of one run.

    Returns
    -------
    Found

    Raises
    ------
    QueryError
        It is no summary of such a report.
    """
    try:
        listed = json.loads(summary.read_text(encoding="utf-8"))["anomalies"]
        open_ones = [one for one in listed if not one.get("explained")]
        found = tuple(Anomaly.from_json({name: one[name] for name in _FIELDS}) for one in open_ones)
        return Found(found, len(listed) - len(open_ones))
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise QueryError(
            f"summary {str(summary)[:200]!r}",
            f"it lists anomalies as finops report {_REPORT} writes them",
            "name the summary.json of such a run",
        ) from error


def tell(
    found: Found,
    *,
    lake: Path,
    rules: Rules,
    targets: Sequence[Target],
    now: datetime,
    sleep: Callable[[float], None],
    link: str = "",
) -> Told:
    """Who has to be told of what, and did it arrive; nobody is told of the same twice.

    Parameters
    ----------
    found : Found
        Of the newest report.
    lake : Path
        What was told is remembered in ``<lake>.private``.
    rules : Rules
        Teams, windows and plans, as `finops_lib.run.odd_asked.Kept` reads them for a report, too.
    targets : sequence of Target
        From `targets_of`; without one nothing is sent or remembered.
    now : datetime
        With a time zone.
    sleep : callable
        Waits that many seconds.
    link : str
        Address of the report.

    Returns
    -------
    Told

    Raises
    ------
    LakeError
        What is remembered cannot be read or written.
    NotifyError
        Another round is under way.
    """
    folder = private_folder(lake.resolve().with_name(f"{lake.resolve().name}.private"))
    try:
        with FileLock(folder / "alerts.lock", timeout=_LONGEST_WAIT):
            state = State.open(folder / "state.sqlite")
            before, sent = _remembered(state, folder)
            chosen = alerts(found.anomalies, now=now, before=before, rules=rules)
            if not targets:
                return Told(chosen, (), found.explained)
            wanted = orders(chosen, now=now)
            receipts = deliver(wanted, targets=targets, sent=frozenset(sent), now=now, sleep=sleep, link=link)
            new = [name for one in receipts if one.state == SENT for name in (one.id, one.period) if name]
            ids = [*sent, *new][-_MOST_REMEMBERED:]
            memory = {"alerts": [one.to_json() for one in chosen.alerts], "sent": ids}
            state.keep(_MEMORY, json.dumps(memory), changed=now)
            return Told(chosen, receipts, found.explained)
    except Timeout as error:
        raise NotifyError(
            "alerts of this lake", "one round is told at a time", "wait until the other one has ended"
        ) from error


def _remembered(state: State, folder: Path) -> tuple[list[Alert], list[str]]:
    text = state.kept(_MEMORY)
    if text is None:
        return [], []
    try:
        memory = json.loads(text)
        return [Alert.from_json(one) for one in memory["alerts"]], [str(one) for one in memory["sent"]]
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise LakeError(
            f"what was told of alerts, in {folder.name}",
            "it is what this program wrote",
            "restore it, or move state.sqlite away to begin anew",
        ) from error


def lines(told: Told) -> list[str]:
    """What does a person read of a round, a line each.

    Parameters
    ----------
    told : Told
        From `tell`.
    """
    found = told.round
    said = [
        f"{found.anomalies} anomalies, {found.incidents} incidents, {len(found.fresh)} alerts to tell now"
    ]
    said += [f"{alert.team}: {message(alert).title}" for alert in found.fresh]
    said += [f"{alert.team}: {message(alert, again=True).title}" for alert in found.grown]
    said += [f"explained in the report: {told.explained}"] if told.explained else []
    said += [f"{one.team}: {one.count} more below its budget of alerts" for one in found.digests]
    said += [f"explained by {one.by} {one.name}: {place(one.incident)}" for one in found.suppressed]
    said += [f"{one.target}: {one.event} {one.key} {one.state}" for one in told.receipts if one.state != SENT]
    sent = sum(one.state == SENT for one in told.receipts)
    return [*said, f"{sent} messages sent, {len(told.failed)} failed"]

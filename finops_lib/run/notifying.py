"""Tell teams of what the newest report found odd, once, and remember what was told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from finops_lib.anomaly import alert_file, window_file
from finops_lib.anomaly.alert_words import message, place
from finops_lib.anomaly.alerts import Round, Rules, alerts
from finops_lib.anomaly.lifecycle import Alert
from finops_lib.anomaly.priority import Stakes
from finops_lib.errors import LakeError, NotifyError, QueryError
from finops_lib.keys import private_folder
from finops_lib.records import Anomaly
from finops_lib.run import notify_targets
from finops_lib.run.files import parsed, text_of
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
    """A round of alerts and what became of its messages; without targets nothing was sent."""

    round: Round
    receipts: tuple[Receipt, ...]

    @property
    def failed(self) -> tuple[Receipt, ...]:
        """Messages that did not arrive; the next round tries them again."""
        return tuple(one for one in self.receipts if one.state not in {SENT, "skipped"})

    def content(self) -> dict[str, Any]:
        """Say it as JSON: counts, alerts that were told now, messages."""
        found = self.round
        return {
            "anomalies": found.anomalies,
            "incidents": found.incidents,
            "alerts": [alert_json(one) for one in found.fresh],
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


def rules_of(*, teams: str = "", calendar: str = "") -> Rules:
    """Which rules do these files state: teams with their budgets of alerts, and windows.

    Parameters
    ----------
    teams, calendar : str
        Paths of TOML files, see `finops_lib.anomaly.alert_file` and `finops_lib.anomaly.window_file`; an
        empty one is no file.

    Returns
    -------
    Rules

    Raises
    ------
    SettingsError
        A file cannot be read, or breaks its own rules.
    """
    found, tiers = parsed(teams, "alerts", alert_file.parse) or ((), ())
    windows = parsed(calendar, "calendar", window_file.parse)
    return Rules(teams=found, windows=windows, stakes=Stakes(tiers=tiers))


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
    if not path:
        return ()
    file = Path(path)
    return notify_targets.parse(text_of(path, "targets"), name=file.name, environ=environ, folder=file.parent)


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


def anomalies_of(summary: Path) -> list[Anomaly]:
    """What did this report find odd.

    Parameters
    ----------
    summary : Path
        Of one run.

    Raises
    ------
    QueryError
        It is no summary of such a report.
    """
    try:
        found = json.loads(summary.read_text(encoding="utf-8"))["anomalies"]
        return [Anomaly.from_json({name: one[name] for name in _FIELDS}) for one in found]
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise QueryError(
            f"summary {str(summary)[:200]!r}",
            f"it lists anomalies as finops report {_REPORT} writes them",
            "name the summary.json of such a run",
        ) from error


def tell(
    found: Sequence[Anomaly],
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
    found : sequence of Anomaly
        Of the newest report.
    lake : Path
        What was told is remembered in ``<lake>.private``.
    rules : Rules
        From `rules_of`.
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
            chosen = alerts(found, now=now, before=before, rules=rules)
            if not targets:
                return Told(chosen, ())
            receipts = deliver(
                orders(chosen), targets=targets, sent=frozenset(sent), now=now, sleep=sleep, link=link
            )
            ids = [*sent, *(one.id for one in receipts if one.state == SENT)][-_MOST_REMEMBERED:]
            memory = {"alerts": [one.to_json() for one in chosen.alerts], "sent": ids}
            state.keep(_MEMORY, json.dumps(memory), changed=now)
            return Told(chosen, receipts)
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
    said += [f"{one.team}: {one.count} more below its budget of alerts" for one in found.digests]
    said += [f"explained by {one.by} {one.name}: {place(one.incident)}" for one in found.suppressed]
    said += [f"{one.target}: {one.event} {one.key} {one.state}" for one in told.receipts if one.state != SENT]
    sent = sum(one.state == SENT for one in told.receipts)
    return [*said, f"{sent} messages sent, {len(told.failed)} failed"]

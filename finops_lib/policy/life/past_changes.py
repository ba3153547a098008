"""What would have been asked of the policies for a change that was decided in the past.

A decision record is one JSON object a line: ``recommendation``, ``created_at``, ``resource``, ``team``,
``environment``, ``size``, ``usd_month``, ``new_size_share``, ``saving_low_usd_month`` and so on, ``decision``
(``accepted``, ``rejected`` or ``snoozed``), ``decided_by``, ``decided_at``. It becomes a change of a size.
What it does not tell is null: confidence, budget, model. Who acts, with which roles, is handed in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError

WINDOW = timedelta(days=90)
ACCEPTED = "accepted"
_DECISIONS = (ACCEPTED, "rejected", "snoozed")
_TEXTS = ("recommendation", "resource", "team", "environment", "service", "size", "decided_by")
_LONGEST_LINE, _LONGEST_TEXT = 1 << 16, 1000
_LARGEST = Decimal(10) ** 12
_CENT = Decimal("0.01")
_LARGEST_SHARE = 1000


def read_decisions(lines: Iterable[str], *, name: str) -> tuple[Mapping[str, Any], ...]:
    """Which decisions do these lines hold.

    Parameters
    ----------
    lines : iterable of str
        JSON, one object a line.
    name : str
        Of the file, for errors.

    Returns
    -------
    tuple of mapping

    Raises
    ------
    PolicyError
        A line is no such object, or too long; it is named.
    """
    found = []
    for place, line in enumerate(lines, start=1):
        where = f"decisions {name}, line {place}"
        if len(line) > _LONGEST_LINE:
            raise PolicyError(where, f"it has at most {_LONGEST_LINE} characters", "take it out")
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise PolicyError(f"{where}: {shown(line)}", "it is one JSON object", "correct the line")
        found.append(row)
    return tuple(found)


def newest(decisions: Sequence[Mapping[str, Any]], *, name: str) -> datetime:
    """When was the last of these decisions made.

    Parameters
    ----------
    decisions : sequence of mapping
        Of `read_decisions`.
    name : str
        Of the records, for errors.

    Returns
    -------
    datetime

    Raises
    ------
    PolicyError
        There is none, or one does not say when.
    """
    moments = [
        _moment(row.get("decided_at"), "decided_at", f"{name}, record {place}")
        for place, row in enumerate(decisions, start=1)
    ]
    if not moments:
        raise PolicyError(f"{name}: none", "there is one to end the days with", "name the end of the days")
    return max(moments)


def past_changes(
    decisions: Sequence[Mapping[str, Any]],
    *,
    at: datetime,
    actor: Mapping[str, Any],
    directory: Mapping[str, Any],
    action: str = "propose",
    window: timedelta = WINDOW,
    level: float = 0.9,
    name: str = "decisions",
) -> Iterator[dict[str, Any]]:
    """What would have been asked of the policies for the changes decided in the last days.

    Parameters
    ----------
    decisions : sequence of mapping
        Of `read_decisions`.
    at : datetime
        With a time zone; what was decided from ``window`` before it until just before it is taken.
    actor, directory : mapping
        As in the input of the policies: who acts, and which teams and owners there are.
    action : str
        ``propose``, ``approve``, ``apply`` or ``rollback``.
    window : timedelta
        How far back, 90 days unless told.
    level : float
        For which the bands of the savings were made, 0 to 1; the records do not tell.
    name : str
        Of the records, for errors.

    Yields
    ------
    dict
        An input of the policies, in the order of the decisions.

    Raises
    ------
    PolicyError
        A record lacks a text or a number, or has one that it cannot have.
    ValueError
        The moment has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"moment {at}: it carries a time zone")
    for place, row in enumerate(decisions, start=1):
        where = f"{name}, record {place}"
        decided = _moment(row.get("decided_at"), "decided_at", where)
        if at - window <= decided < at:
            yield {
                "schema": 1,
                "kind": "change",
                "time": _written(decided),
                "change": _change(row, decided, level, where),
                "actor": dict(actor),
                "action": action,
                "break_glass": None,
                "model": None,
                "audit": None,
                "directory": dict(directory),
            }


def _change(row: Mapping[str, Any], decided: datetime, level: float, where: str) -> dict[str, Any]:
    told = {key: _text(row, key, where) for key in _TEXTS}
    if row.get("decision") not in _DECISIONS:
        rule = f"it is one of {', '.join(_DECISIONS)}"
        raise PolicyError(f"{where}: decision {shown(row.get('decision'))}", rule, "correct the record")
    share = _share(row, where)
    saving = _saving(row, level, where)
    change: dict[str, Any] = {
        "id": told["recommendation"],
        "kind": "rightsize",
        "team": told["team"],
        "environment": told["environment"],
        "author": "finops",
        "resources": [_resource(told, share)],
        "saving_month": saving,
        "cost_delta_month": -saving["mid"],
        "percent": round(100 * (1 - share), 2) if share <= 1 else 0.0,
        "blast_radius": 1,
        "confidence": None,
        "breach_probability": None,
        "automatic": False,
        "applied_today": None,
        "budget": None,
    }
    change["digest"] = hashlib.sha256(json.dumps(change, sort_keys=True).encode()).hexdigest()
    agreed = {"by": told["decided_by"], "roles": [], "digest": change["digest"], "at": _written(decided)}
    return {**change, "approvals": [agreed] if row["decision"] == ACCEPTED else []}


def _resource(told: Mapping[str, str], share: float) -> dict[str, Any]:
    return {
        "address": told["resource"],
        "type": told["service"],
        "tags": {"team": told["team"], "environment": told["environment"]},
        "environment": told["environment"],
        "from": {"size": told["size"], "size_share": 1.0},
        "to": {"size_share": round(share, 4)},
    }


def _saving(row: Mapping[str, Any], level: float, where: str) -> dict[str, Any]:
    low, mid, high = (_money(row, f"saving_{part}_usd_month", where) for part in ("low", "mid", "high"))
    if not low <= mid <= high:
        said = f"{where}: saving {low}, {mid}, {high}"
        raise PolicyError(said, "low, middle and high are in order", "correct the record")
    return {"low": low, "mid": mid, "high": high, "level": level, "currency": "USD"}


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if isinstance(value, str) and value.strip() and len(value) <= _LONGEST_TEXT:
        return value
    rule = f"it is a text of 1 to {_LONGEST_TEXT} characters"
    raise PolicyError(f"{where}: {key} {shown(value)}", rule, "correct the record")


def _money(row: Mapping[str, Any], key: str, where: str) -> float:
    """Read an amount as a number in cents, which is what policies compare."""
    value = row.get(key)
    try:
        amount = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or abs(amount) > _LARGEST:
        rule = "it is an amount of money, a number in quotes"
        raise PolicyError(f"{where}: {key} {shown(value)}", rule, "correct the record")
    return float(amount.quantize(_CENT))


def _share(row: Mapping[str, Any], where: str) -> float:
    value = row.get("new_size_share")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= _LARGEST_SHARE:
        return float(value)
    said = f"{where}: new_size_share {shown(value)}"
    raise PolicyError(said, "it is a share of the old size, from zero", "correct the record")


def _moment(value: object, key: str, where: str) -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        rule = "it is a moment with a time zone, RFC 3339"
        raise PolicyError(f"{where}: {key} {shown(value)}", rule, "correct the record")
    return found.astimezone(UTC)


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")

"""Write a year of recommendations, decisions and outcomes, and say what unfairness is planted in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from finops_lib.estate.company import Company
from finops_lib.estate.history import Case, DecisionWorld, cases
from finops_lib.estate.tagging import TEAMS
from finops_lib.records import plain

DECISIONS_FILE = "decisions.jsonl"
OUTCOME_DAYS = 30
_LOW, _HIGH = 780, 1180  # thousandths of the middle that a saving is said to lie between


def write_decisions(folder: Path, who: Company, *, world: DecisionWorld | None = None) -> dict[str, Any]:
    """Write ``decisions.jsonl``, one recommendation a line, oldest first, and say what is planted.

    A decision that had not been taken on ``world.until`` is null, and so is an outcome whose 30 days were
    not over. Money is text in US dollars a month, times are UTC, shares are of the size before the cut.

    Parameters
    ----------
    folder : Path
        Where to; made where missing.
    who : Company
        The company whose resources they are about.
    world : DecisionWorld, optional
        How the history is drawn; ``unfair=0`` gives the fair world of the same seed.

    Returns
    -------
    dict
        The truth, for JSON: ``planted`` as in the world, ``excess_breaches`` and
        ``excess_hours`` that the unfairness caused, ``explained`` differences, ``teams`` with counts and
        means, and ``unfair_cases``, ids of those whose breach a fair cut had avoided.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from finops_lib.estate.company import company
    >>> with TemporaryDirectory() as place:
    ...     truth = write_decisions(Path(place), company(7, slots=1), world=DecisionWorld(unfair=0))
    >>> truth["rows"], truth["excess_breaches"], truth["planted"]["team"]
    (400, 0, None)
    """
    world = world or DecisionWorld()
    end = datetime.combine(world.until, datetime.min.time(), UTC)
    found = cases(who, world)
    lines = [json.dumps(line(case, end=end), ensure_ascii=False) for case in found]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DECISIONS_FILE).write_bytes(("\n".join(lines) + "\n").encode())
    return truth_of(found, world, end=end)


def line(case: Case, *, end: datetime) -> dict[str, Any]:
    """What is written of a case: what could be known at the end.

    Parameters
    ----------
    case : Case
        The recommendation.
    end : datetime
        What lies later is null.

    Returns
    -------
    dict
        For JSON.
    """
    subject, decided, applied = case.subject, *_times(case)
    taken = decided < end
    over = case.applied and applied + timedelta(days=OUTCOME_DAYS) <= end
    return {
        "recommendation": case.id, "created_at": _text(case.created), "resource": subject.resource,
        "account": subject.account, "team": subject.team, "environment": subject.environment,
        "region": subject.region, "provider": subject.provider, "service": subject.service,
        "size": subject.size, "age_days": case.age_days, "usd_month": _usd(subject.cost_micro),
        "need_share": case.need / 1000, "volatility": case.volatility / 1000,
        "new_size_share": case.kept / 1000, "saving_low_usd_month": _usd(case.saving_micro * _LOW // 1000),
        "saving_mid_usd_month": _usd(case.saving_micro),
        "saving_high_usd_month": _usd(case.saving_micro * _HIGH // 1000), "risk": case.risk,
        "decision": case.decision if taken else None, "reason": (case.reason or None) if taken else None,
        "decided_by": case.who if taken else None, "decided_at": _text(decided) if taken else None,
        "applied_at": _text(applied) if case.applied and applied < end else None,
        "realised_saving_usd_month": _usd(case.realised_micro) if over else None,
        "confounder": (case.confounder or None) if over else None,
        "breached": case.breached if over else None,
    }  # fmt: skip


def truth_of(found: Sequence[Case], world: DecisionWorld, *, end: datetime) -> dict[str, Any]:
    """What is true of a history: what was planted, and what it did, case by case.

    Parameters
    ----------
    found : sequence of Case
        The history.
    world : DecisionWorld
        How it was drawn.
    end : datetime
        Outcomes that end later are not counted.

    Returns
    -------
    dict
        For JSON.
    """
    seen = [case for case in found if line(case, end=end)["breached"] is not None]
    caused = sorted(case.id for case in seen if case.breached and not case.fair_breached)
    slow = [case.hours - case.fair_hours for case in found if line(case, end=end)["decision"]]
    unfair = world.unfair > 0
    return {
        "rows": len(found), "outcomes": len(seen), "outcome_days": OUTCOME_DAYS,
        "planted": {
            "team": world.against if unfair else None,
            "headroom_less": world.deeper * world.unfair / 1_000_000,
            "approval_times": 1 + world.slower * world.unfair / 1_000_000,
        },
        "excess_breaches": len(caused), "excess_hours": sum(slow), "unfair_cases": caused,
        "explained": [
            f"{world.loud}: loads more volatile by {world.loud_volatility / 1000}, so more breaches",
            f"prod: {world.prod_headroom / 1000} more headroom, {world.prod_hours} hours more to approve",
        ],
        "teams": {team: _team([case for case in found if case.subject.team == team], end) for team in TEAMS},
    }  # fmt: skip


def _team(own: Sequence[Case], end: datetime) -> dict[str, Any]:
    lines = [line(case, end=end) for case in own]
    over = [case for case, said in zip(own, lines, strict=True) if said["breached"] is not None]
    taken = [case for case, said in zip(own, lines, strict=True) if said["decision"]]
    return {
        "recommendations": len(own), "accepted": sum(said["decision"] == "accepted" for said in lines),
        "outcomes": len(over), "breaches": sum(case.breached for case in over),
        "breaches_if_fair": sum(case.fair_breached for case in over),
        "mean_new_size_share": _mean([case.kept for case in own], 1000),
        "mean_need_share": _mean([case.need for case in own], 1000),
        "mean_hours_to_decide": _mean([case.hours for case in taken], 1),
    }  # fmt: skip


def _mean(values: Sequence[int], scale: int) -> float | None:
    """Mean of whole numbers, rounded once; None of none."""
    return round(int(np.sum(values)) / len(values) / scale, 6) if values else None


def _times(case: Case) -> tuple[datetime, datetime]:
    decided = case.created + timedelta(hours=case.hours)
    return decided, decided + timedelta(hours=case.applied_hours)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _usd(micro: int) -> str:
    return plain(Decimal(micro // 10_000).scaleb(-2))

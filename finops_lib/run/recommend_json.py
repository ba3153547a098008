"""What the next program reads of advice, and what the command line prints of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finops_lib.records import Recommendation
from finops_lib.run.outlook_json import estimate_json
from finops_lib.run.outlook_words import rounded
from finops_lib.run.recommending import Advice
from finops_lib.units import money_text

_DIGITS = 4
_SHOWN = 20  # changes on the command line


def recommendation_json(found: Recommendation) -> dict[str, Any]:
    """How does a recommendation read as JSON: its fields, its ``key``, and money with its currency.

    Parameters
    ----------
    found : Recommendation
        Of one change.

    Returns
    -------
    dict
    """
    content = found.to_json()
    content["saving_month"] = estimate_json(found.saving_month)
    content["breach_probability"] = rounded(found.breach_probability, _DIGITS)
    content["backtest"] = {name: rounded(value, _DIGITS) for name, value in found.backtest.items()}
    return {"key": found.key, **content}


def content(advice: Advice) -> dict[str, Any]:
    """How does advice read as JSON.

    Parameters
    ----------
    advice : Advice
        Of a lake.

    Returns
    -------
    dict
        ``period``, ``step_seconds``, ``saving_month`` (by currency, overlapping changes counted once),
        ``recommendations`` (each with ``accepted``), ``not_recommended``, ``gpus``, and ``idle``: how often a
        call was wrong before.
    """
    trust = advice.quiet.trust
    return {
        "period": advice.period.to_json(),
        "step_seconds": advice.world.used.step_seconds,
        "saving_month": {unit: str(amount) for unit, amount in advice.saved().items()},
        "recommendations": [
            {**recommendation_json(item), "accepted": item.key in advice.accepted}
            for item in advice.recommendations
        ],
        "not_recommended": [item.to_json() for item in advice.not_recommended],
        "gpus": [_row(row) for row in advice.gpus.to_dict("records")],
        "idle": {
            "called": trust.called,
            "woke": trust.woke,
            "false_positive_rate": rounded(trust.false_positive_rate, _DIGITS),
        },
    }


def _row(row: Mapping[Any, Any]) -> dict[str, Any]:
    money = {name: None if row[name] is None else str(row[name]) for name in _GPU_MONEY}
    shares = {name: rounded(row[name], _DIGITS) for name in ("duty_cycle", "on_share")}
    return {str(name): value for name, value in row.items()} | money | shares


_GPU_MONEY = ("used_hours_month", "cost_month", "cost_used_hour")


def lines(advice: Advice) -> list[str]:
    """How does advice read in words: the largest changes, what they save, and why others have none.

    Parameters
    ----------
    advice : Advice
        Of a lake.

    Returns
    -------
    list of str
    """
    found = [f"{_money(advice)} from {len(advice.recommendations):,} changes, overlapping ones counted once"]
    found += [_line(item) for item in advice.recommendations[:_SHOWN]]
    left = len(advice.recommendations) - _SHOWN
    found += [f"and {left:,} more: see --json"] if left > 0 else []
    reasons: dict[str, int] = {}
    for item in advice.not_recommended:
        reasons[item.reason] = reasons.get(item.reason, 0) + 1
    most = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))[:_SHOWN]
    return [*found, *(f"{count:,} left as they are: {reason}" for reason, count in most)]


def _money(advice: Advice) -> str:
    saved = advice.saved()
    texts = [money_text(amount, currency=unit) for unit, amount in saved.items()]
    return f"{' and '.join(texts) or 'Nothing'} a month"


def _line(item: Recommendation) -> str:
    money = item.saving_month
    low, mid, high = (money_text(end, currency=money.unit) for end in (money.low, money.mid, money.high))
    new = ", ".join(f"{name} {value}" for name, value in item.to.items())
    return f"{mid} a month ({low} to {high}): {item.resource}: {item.kind}: {new}"

"""How is a plan told: recommendations with their doubt, ranked by their worth after risk and effort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from finops_lib.errors import QueryError
from finops_lib.optimize.commitments.demand import KIND
from finops_lib.optimize.commitments.propose import money
from finops_lib.optimize.plan import EFFORT, Commit, Plan, Step
from finops_lib.optimize.plan_estate import Action
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import Estimate, NoRecommendation, Recommendation, Record

_LEVEL = 0.8
_DRAWS, _MONTH_WEEKS = 2000, 4
_INVENTORY = ("resource", "owner", "file")
_NO_OWNER = ("", "")
_ROUNDING = Decimal("0.01")  # what is left of the cost is rounded, step by step


@dataclass(frozen=True)
class Ranked(Record):
    """A recommendation with what it is expected to be worth, money a month, after risk and effort."""

    recommendation: Recommendation
    net_month: float


def told(
    plan: Plan,
    *,
    inventory: pd.DataFrame | None = None,
    effort: Mapping[str, float] | None = None,
    months: int = 12,
    seed: int = 0,
) -> tuple[tuple[Ranked, ...], tuple[NoRecommendation, ...]]:
    """What is recommended, the most worthwhile first, and why the rest is not.

    Parameters
    ----------
    plan : Plan
        As `finops_lib.optimize.plan.plan` made it.
    inventory : DataFrame, optional
        ``resource``, ``owner`` and ``file``, each resource once.
    effort, months
        As in `finops_lib.optimize.plan.plan`.
    seed : int
        Of the draws behind low and high.

    Returns
    -------
    tuple of Ranked and tuple of NoRecommendation
        The savings' ``mid`` add up to that of the plan, to the cent. ``low`` and ``high`` hold 80 %: the
        weeks of the window are drawn anew for a month, and the action's own doubt is laid on top.

    Raises
    ------
    QueryError
        The inventory lacks a column or names a resource twice.

    Notes
    -----
    The bootstrap of weeks: Efron (1979), Annals of Statistics 7(1). A window of one week shows no doubt
    between weeks; then only the action's own is told.
    """
    prices = {name: once / months for name, once in (effort or EFFORT).items()}
    owners = _owners(inventory)
    random = np.random.default_rng(seed)
    found = [_stepped(plan, place, owners, prices, random) for place in range(len(plan.steps))]
    found += [_committed(plan, commit, random) for commit in plan.commits]
    ranked = sorted(found, key=lambda one: (-one.net_month, one.recommendation.key))
    return tuple(ranked), tuple(_left(one, plan) for one in plan.left_out)


def _stepped(
    plan: Plan,
    place: int,
    owners: Mapping[str, tuple[str, str]],
    prices: Mapping[str, float],
    random: np.random.Generator,
) -> Ranked:
    step = plan.steps[place]
    action = step.action
    owner, file = owners.get(action.resource, _NO_OWNER)
    recommendation = Recommendation(
        resource=action.resource,
        kind=action.kind,
        from_=action.from_,
        to=action.to,
        saving_month=_estimate(step, action.doubt, plan.currency, random),
        breach_probability=action.breach_probability,
        backtest=action.backtest,
        reason=_reason(step, plan.currency),
        evidence=action.evidence,
        effort=action.effort,
        owner=owner,
        file=file,
    )
    return Ranked(recommendation, float(step.saving) - action.risk_month - prices.get(action.effort, 0.0))


def _committed(plan: Plan, commit: Commit, random: np.random.Generator) -> Ranked:
    recommendation = Recommendation(
        resource=commit.scope,
        kind=KIND,
        from_={"hourly": f"0 {plan.currency}"},
        to={"hourly": f"{commit.level:.4f} {plan.currency}"},
        saving_month=_estimate(commit, (1.0, 1.0), plan.currency, random),
        breach_probability=None,
        backtest={},
        reason="what is left once all other steps are done; commit last",
    )
    return Ranked(recommendation, float(commit.saving))


def _estimate(
    part: Step | Commit, doubt: tuple[float, float], currency: str, random: np.random.Generator
) -> Estimate:
    low, high = month_ends(part.weekly, level=_LEVEL, random=random)
    mid = float(part.saving)
    ends = [end * factor for end in (low, mid, high) for factor in doubt]
    return Estimate(
        min(money(min(ends)), part.saving),
        part.saving,
        max(money(max(ends)), part.saving),
        _LEVEL,
        currency,
    )


def month_ends(weekly: FloatArray, *, level: float, random: np.random.Generator) -> tuple[float, float]:
    """Between which amounts does a month lie with this chance, if its weeks are like those known.

    Parameters
    ----------
    weekly : ndarray
        [weeks], money a month.
    level : float
        0 to 1.
    random : Generator
        Draws the weeks.

    Examples
    --------
    >>> month_ends(np.full(4, 7.0), level=0.8, random=np.random.default_rng(0))
    (7.0, 7.0)
    """
    drawn = weekly[random.integers(0, len(weekly), (_DRAWS, _MONTH_WEEKS))].mean(axis=1)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _reason(step: Step, currency: str) -> str:
    said = step.action.reason or f"{step.action.stage} pays"
    apart = step.alone - step.saving
    if abs(apart) <= _ROUNDING:
        return said
    more = "less" if apart > 0 else "more"
    return f"{said}; {abs(apart):.2f} {currency} a month {more} than alone, after the steps before it"


def _left(action: Action, plan: Plan) -> NoRecommendation:
    instead = [step.action for step in plan.steps if step.action.resource == action.resource]
    if instead:
        names = ", ".join(one.kind for one in instead)
        reason = f"not worth it beside {names}, which the plan does on this resource"
    else:
        reason = "beside commitments in place and all else in the plan it saves no more than it costs to do"
    return NoRecommendation(action.resource, action.kind, reason)


def _owners(inventory: pd.DataFrame | None) -> Mapping[str, tuple[str, str]]:
    if inventory is None:
        return {}
    missing: Sequence[str] = [name for name in _INVENTORY if name not in inventory]
    twice = inventory["resource"].duplicated() if not missing else pd.Series(dtype=bool)
    if missing or twice.any():
        value = f"columns {missing}" if missing else f"resource {inventory.loc[twice, 'resource'].iloc[0]!r}"
        raise QueryError(
            value, "an inventory names resource, owner and file, each resource once", "mend the inventory"
        )
    texts = inventory[list(_INVENTORY)].fillna("").astype(str)
    return {name: (owner, file) for name, owner, file in texts.itertuples(index=False, name=None)}

"""How far is a policy enforced: watched, then on a few subjects, then on all; and when is it taken back.

``shadow`` says what it would have done and stops nothing. ``canary`` is in force on a share of the subjects,
cut by the sha256 of their address, so that a subject stays in or out. ``enforce`` is in force on all. A
policy goes up one stage at a time, and only if a replay shows that it hits no more than a budget allows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from finops_lib.policy.judge import ENGINE
from finops_lib.policy.life.replay import ASKED, DENIED, Hit, Replay
from finops_lib.records import Record, Verdict
from finops_lib.records.policy import DENY

SHADOW, CANARY, ENFORCE = STAGES = ("shadow", "canary", "enforce")
_HUNDRED, _BITS = 100, 64
_NONE: Mapping[str, Decimal] = MappingProxyType({})


@dataclass(frozen=True)
class BlastBudget(Record):
    """The most that a policy may newly hit: a share of what was judged (0 to 1), and money a month.

    Money is by currency; in one that is not named there may be none. ``least_judged`` is how many documents
    must have been judged before their share says anything.

    Examples
    --------
    >>> BlastBudget(0.05, {"USD": Decimal(500)}).least_judged
    20
    """

    largest_share: float
    largest_money_month: Mapping[str, Decimal]
    least_judged: int = 20

    def __post_init__(self) -> None:
        if not 0 <= self.largest_share <= 1:
            raise ValueError(f"largest share {self.largest_share}: it lies in 0 to 1")
        if self.least_judged < 1 or any(amount < 0 for amount in self.largest_money_month.values()):
            raise ValueError("a budget of hits: money is from zero, and at least one document is judged")


@dataclass(frozen=True)
class Promotion(Record):
    """Where a policy goes: ``stage`` is where it is afterwards; ``reasons`` are why it does not go up."""

    promoted: bool
    stage: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Rollback(Record):
    """Whether a canary is taken back to shadow, with what it did in numbers."""

    rolled_back: bool
    stage: str
    judged: int
    denied: int
    reasons: tuple[str, ...]


def in_canary(subject: str, *, percent: float) -> bool:
    """Is this subject among those on which a canary is in force.

    Parameters
    ----------
    subject : str
        Address of the resource, or id of the change.
    percent : float
        Share of subjects, 0 to 100.

    Returns
    -------
    bool
        The same on every day; a subject that is in at 10 per cent is in at 20.

    Raises
    ------
    ValueError
        The share is outside its range.

    Examples
    --------
    >>> in_canary("a", percent=0), in_canary("a", percent=100)
    (False, True)
    """
    if not 0 <= percent <= _HUNDRED:
        raise ValueError(f"percent {percent}: it lies in 0 to 100")
    digest = hashlib.sha256(subject.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[: _BITS // 8], "big") * _HUNDRED < percent * (1 << _BITS)


def promotable(replay: Replay, budget: BlastBudget, *, stage: str) -> Promotion:
    """May a policy go up one stage.

    Parameters
    ----------
    replay : Replay
        Of the bundle in which it is enforced, over the bundle in force.
    budget : BlastBudget
        The most that it may newly deny or make ask.
    stage : str
        Where it is now.

    Returns
    -------
    Promotion
        Else the stage stays, with each reason. What an engine could not judge is a reason of its own.

    Raises
    ------
    ValueError
        The stage is none of the three.

    Examples
    --------
    >>> promotable(Replay("a", "b", 100, (), ()), BlastBudget(0.05, {}), stage="shadow").stage
    'canary'
    """
    if stage not in STAGES:
        raise ValueError(f"stage {stage!r}: it is one of {', '.join(STAGES)}")
    reasons = [f"{len(replay.unjudged)} documents could not be judged"] if replay.unjudged else []
    reasons += _too_few(replay.judged, budget)
    hits = [*replay.of(DENIED), *replay.of(ASKED)]
    reasons += _too_many(len(hits), replay.judged, budget, "newly hit")
    reasons += _too_dear(replay.of(DENIED), budget)
    if stage == ENFORCE:
        reasons = ["it is enforced on all already"]
    up = not reasons
    return Promotion(up, STAGES[STAGES.index(stage) + 1] if up else stage, tuple(reasons))


def rolled_back(
    verdicts: Sequence[Verdict],
    budget: BlastBudget,
    *,
    policies: frozenset[str],
    money_month: Mapping[str, Decimal] = _NONE,
) -> Rollback:
    """Must a canary be taken back to shadow.

    Parameters
    ----------
    verdicts : sequence of Verdict
        What was said while it was in force.
    budget : BlastBudget
        The most that it may deny.
    policies : frozenset of str
        Ids of the policies in canary stage.
    money_month : mapping
        Money that these denials were about, by currency.

    Returns
    -------
    Rollback
        Denials that another policy pronounced as well do not count, nor verdicts with which none of these
        policies had to do. A failure of the engine counts: a canary may be what broke it.
    """
    judged = [one for one in verdicts if policies & set(one.evaluated) or _failed(one)]
    denied = [one for one in judged if one.outcome == DENY and _alone(one, policies)]
    reasons = _too_many(len(denied), len(judged), budget, "denied")
    reasons += _over(money_month, budget)
    stage = SHADOW if reasons else CANARY
    return Rollback(bool(reasons), stage, len(judged), len(denied), tuple(reasons))


def _failed(verdict: Verdict) -> bool:
    return any(reason.rule == ENGINE for reason in verdict.reasons)


def _alone(verdict: Verdict, policies: frozenset[str]) -> bool:
    return {reason.rule for reason in verdict.reasons} <= policies | {ENGINE}


def _too_few(judged: int, budget: BlastBudget) -> list[str]:
    if judged >= budget.least_judged:
        return []
    return [f"{judged} documents were judged, and {budget.least_judged} are needed"]


def _too_many(hits: int, judged: int, budget: BlastBudget, word: str) -> list[str]:
    if hits <= budget.largest_share * judged:
        return []
    return [f"{hits} of {judged} {word}, and the budget is {budget.largest_share:.1%}"]


def _too_dear(hits: Sequence[Hit], budget: BlastBudget) -> list[str]:
    money: dict[str, Decimal] = {}
    for hit in hits:
        if hit.money_month is not None:
            money[hit.currency] = money.get(hit.currency, Decimal(0)) + hit.money_month
    unknown = sum(hit.money_month is None for hit in hits)
    return _over(money, budget) + ([f"the money of {unknown} newly denied is not known"] if unknown else [])


def _over(money: Mapping[str, Decimal], budget: BlastBudget) -> list[str]:
    allowed = budget.largest_money_month
    return [
        f"{amount} {currency} a month denied, and the budget is {allowed.get(currency, Decimal(0))}"
        for currency, amount in sorted(money.items())
        if amount > allowed.get(currency, Decimal(0))
    ]

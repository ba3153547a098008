"""Whom would a new bundle hit, and for how much: the same documents judged by the bundle of today and by it.

Documents are those of recorded changes and of an inventory. A policy that is only watched says nothing here;
to see what it would do, the judge of the new bundle enforces it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from finops_lib.policy.judge import ENGINE, Judge
from finops_lib.records import Record, Verdict
from finops_lib.records.policy import ALLOW, DENY, NEEDS_APPROVAL

DENIED, ASKED, ALLOWED = "newly denied", "newly needing approval", "newly allowed"
EFFECTS = (DENIED, ASKED, ALLOWED)
_EFFECT = {DENY: DENIED, NEEDS_APPROVAL: ASKED, ALLOW: ALLOWED}
COLUMNS = (
    "effect",
    "subject",
    "kind",
    "team",
    "owner",
    "before",
    "after",
    "rules",
    "money_month",
    "currency",
)
_CENT, _LARGEST = Decimal("0.01"), 10**15


@dataclass(frozen=True)
class Hit(Record):
    """One document of which the new bundle says something else.

    ``rules`` have a reason in the new verdict, or had one in the old where it is newly allowed.
    ``money_month`` is what the resource costs or the change would save in a month, None where it is unknown.
    """

    effect: str
    subject: str
    kind: str
    team: str
    owner: str
    before: str
    after: str
    rules: tuple[str, ...]
    money_month: Decimal | None
    currency: str


@dataclass(frozen=True)
class Replay(Record):
    """What a new bundle would change: ``judged`` documents, the hits, and those an engine could not judge."""

    old_sha256: str
    new_sha256: str
    judged: int
    hits: tuple[Hit, ...]
    unjudged: tuple[str, ...]

    def of(self, effect: str) -> tuple[Hit, ...]:
        """Return the hits of one effect, the dearest first."""
        return tuple(hit for hit in self.hits if hit.effect == effect)

    def money(self, effect: str) -> dict[str, Decimal]:
        """Return the money a month that one effect is about, by currency; what is unknown is not in it."""
        return _sums(self.of(effect))

    def by_team(self, effect: str) -> dict[str, dict[str, Decimal]]:
        """Return the same for each team that is hit; one whose money is all unknown has none."""
        teams = sorted({hit.team for hit in self.of(effect)})
        return {team: _sums([hit for hit in self.of(effect) if hit.team == team]) for team in teams}

    def table(self) -> pd.DataFrame:
        """Return the hits as a table, in their order; money is exact."""
        rows = [[getattr(hit, name) for name in COLUMNS] for hit in self.hits]
        return pd.DataFrame(rows, columns=list(COLUMNS)).assign(
            rules=[", ".join(hit.rules) for hit in self.hits]
        )


def _sums(hits: Sequence[Hit]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for hit in hits:
        if hit.money_month is not None:
            found[hit.currency] = found.get(hit.currency, Decimal(0)) + hit.money_month
    return dict(sorted(found.items()))


def replayed(old: Judge, new: Judge, documents: Iterable[Mapping[str, Any]]) -> Replay:
    """Whom would the new bundle hit, and for how much.

    Parameters
    ----------
    old, new : Judge
        The bundle in force, and the one that may follow it.
    documents : iterable of mapping
        Inputs of the policies, resources and changes.

    Returns
    -------
    Replay
        Hits by effect, the dearest first within a currency, unknown money last.

    Raises
    ------
    ValueError
        A judge gives fewer or more verdicts than there are documents.
    """
    listed = list(documents)
    pairs = list(zip(listed, old.judge_all(listed), new.judge_all(listed), strict=True))
    failed = [document for document, *verdicts in pairs if any(map(_unjudged, verdicts))]
    hits = [
        _hit(document, before, after)
        for document, before, after in pairs
        if before.outcome != after.outcome and not (_unjudged(before) or _unjudged(after))
    ]
    first = pairs[0][1:] if pairs else None
    return Replay(
        first[0].policy_sha256 if first else "",
        first[1].policy_sha256 if first else "",
        len(listed),
        tuple(sorted(hits, key=_order)),
        tuple(sorted(subject_of(document) for document in failed)),
    )


def _unjudged(verdict: Verdict) -> bool:
    return any(reason.rule == ENGINE for reason in verdict.reasons)


def _order(hit: Hit) -> tuple[int, bool, str, Decimal, str]:
    money = hit.money_month
    return EFFECTS.index(hit.effect), money is None, hit.currency, -(money or Decimal(0)), hit.subject


def _hit(document: Mapping[str, Any], before: Verdict, after: Verdict) -> Hit:
    told = after if after.reasons else before
    money, currency = money_of(document)
    thing, change = _held(document, "resource"), _held(document, "change")
    return Hit(
        _EFFECT[after.outcome],
        subject_of(document),
        str(document.get("kind", "")),
        str(change.get("team") or _held(thing, "tags").get("team") or ""),
        str(thing.get("owner") or change.get("author") or ""),
        before.outcome,
        after.outcome,
        tuple(sorted({reason.rule for reason in told.reasons})),
        money,
        currency,
    )


def subject_of(document: Mapping[str, Any]) -> str:
    """Which resource or change is a document about.

    Parameters
    ----------
    document : mapping
        Input of the policies.

    Returns
    -------
    str
        Its address or id; empty where there is none.

    Examples
    --------
    >>> subject_of({"kind": "change", "change": {"id": "c1"}}), subject_of({})
    ('c1', '')
    """
    found = _held(document, "resource").get("address") or _held(document, "change").get("id")
    return found if isinstance(found, str) else ""


def money_of(document: Mapping[str, Any]) -> tuple[Decimal | None, str]:
    """How much money a month is a document about.

    Parameters
    ----------
    document : mapping
        Input of the policies.

    Returns
    -------
    tuple
        What the resource costs, or what the change would save or else move the cost by, in cents without
        sign; None where it is unknown, then with no currency.

    Examples
    --------
    >>> money_of({"cost_month": 12.3, "currency": "USD"})
    (Decimal('12.30'), 'USD')
    """
    change = _held(document, "change")
    saving = _held(change, "saving_month")
    found = (
        (document.get("cost_month"), document.get("currency")),
        (saving.get("mid"), saving.get("currency")),
        (change.get("cost_delta_month"), saving.get("currency") or document.get("currency") or "USD"),
    )
    for amount, unit in found:
        if isinstance(amount, bool) or not isinstance(amount, (int, float)):
            continue
        if abs(amount) <= _LARGEST:
            return abs(Decimal(str(amount))).quantize(_CENT), str(unit or "")
    return None, ""


def _held(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    held = found.get(key)
    return held if isinstance(held, Mapping) else {}

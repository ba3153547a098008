"""What the life of a policy needs of an engine: verdicts, and a bench on which texts are tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError
from finops_lib.records import Verdict

INPUT, ENGINE = "INPUT", "ENGINE"  # rules of the engine itself: not understood, and not decided
UNDECIDED = frozenset({INPUT, ENGINE})
_PARTS, _REASON = {"outcome", "deny", "approve", "evaluated"}, {"rule", "reason", "subject"}


class Judge(Protocol):
    """An engine that is trusted with a bundle: it answers every document, and never allows by failing."""

    def judge(self, document: Mapping[str, Any], /) -> Verdict:
        """What does the bundle say of this document."""
        ...

    def judge_all(self, documents: Iterable[Mapping[str, Any]], /) -> Iterator[Verdict]:
        """What does the bundle say of each of these, in their order."""
        ...


class Bench(Protocol):
    """Policy texts that were compiled to be tried, with no stage and no waiver between."""

    def decision(self, document: Mapping[str, Any], /) -> Mapping[str, Any]:
        """Decision of the main rule; a `PolicyError` where there is none."""
        ...

    def value(self, rule: str, document: Mapping[str, Any], /) -> Any:
        """Value of any rule, such as ``data.finops.rules.tags.required.deny``; None where there is none."""
        ...

    def lines(self) -> Mapping[str, tuple[frozenset[int], frozenset[int]]]:
        """Lines of each file that were evaluated since this was last asked, and those that were not."""
        ...


BenchOf = Callable[[Mapping[str, str], Mapping[str, Any]], Bench]
"""Compiles modules (path to Rego text) and data; a `PolicyError` where they do not compile."""


@dataclass(frozen=True)
class Written:
    """A bundle as it is written: each policy's id with its file, Rego texts by path, and the data.

    ``data_text`` is the text that the data was read from, so that a place in it can be named.
    """

    policies: Mapping[str, str]
    modules: Mapping[str, str]
    data: Mapping[str, Any]
    data_text: str = ""


@dataclass(frozen=True)
class Said:
    """What one decision comes to: an outcome, and the ids of the rules that are behind it, in order.

    ``evaluated`` are the ids of the policies that applied, in order; two are the same whatever these are.
    """

    outcome: str
    rules: tuple[str, ...]
    evaluated: tuple[str, ...] = field(default=(), compare=False, repr=False)


def said(decision: Mapping[str, Any]) -> Said:
    """Which outcome has a decision, and which rules are behind it.

    Parameters
    ----------
    decision : mapping
        With ``outcome``, ``deny`` and ``approve`` (lists of rule, reason and subject) and ``evaluated``.

    Returns
    -------
    Said

    Raises
    ------
    PolicyError
        It is no whole decision, so an engine would refuse it.

    Examples
    --------
    >>> reasons = [{"rule": rule, "reason": "x", "subject": "y"} for rule in "BAA"]
    >>> said({"outcome": "deny", "deny": reasons, "approve": [], "evaluated": ["A", "B"]})
    Said(outcome='deny', rules=('A', 'B'))
    """
    reasons = [one for word in ("deny", "approve") for one in _listed(decision, word)]
    evaluated = _listed(decision, "evaluated")
    whole = all(isinstance(one, Mapping) and set(one) == _REASON for one in reasons)
    texts = [*evaluated, *(text for one in reasons if isinstance(one, Mapping) for text in one.values())]
    if set(decision) != _PARTS or not whole or not all(isinstance(text, str) for text in texts):
        raise _refused(
            decision, "it has outcome, deny, approve and evaluated; a reason rule, reason, subject"
        )
    rules = tuple(sorted({one["rule"] for one in reasons}))
    if not evaluated and rules != (INPUT,):
        raise _refused(decision, "some policy applies to each input that is well formed")
    return Said(str(decision["outcome"]), rules, tuple(sorted(evaluated)))


def _listed(decision: Mapping[str, Any], word: str) -> list[Any]:
    found = decision.get(word)
    return found if isinstance(found, list) else [None]


def _refused(decision: Mapping[str, Any], rule: str) -> PolicyError:
    return PolicyError(f"decision {shown(dict(decision))}", rule, "correct the main rule")

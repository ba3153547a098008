"""What an engine answered, read strictly: all but a whole decision about known policies is a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError
from finops_lib.policy.bundle import Bundle
from finops_lib.records import Reason
from finops_lib.records.policy import ALLOW, DENY, NEEDS_APPROVAL

MALFORMED = "INPUT"  # the rule that denies an input which is not well formed; no waiver lifts it
_PARTS = {"outcome", "deny", "approve", "evaluated"}
_REASON = {"rule", "reason", "subject"}
_MOST = 10_000  # reasons of one decision


@dataclass(frozen=True)
class Decision:
    """What the policies said of one input, before stages and waivers.

    Examples
    --------
    >>> Decision("allow", (), (), ("TAG-001",)).outcome
    'allow'
    """

    outcome: str
    deny: tuple[Reason, ...]
    approve: tuple[Reason, ...]
    evaluated: tuple[str, ...]


class Raw(Protocol):
    """What every engine can do: answer to inputs in order, each with a decision in JSON or an error."""

    @property
    def name(self) -> str:
        """Which engine it is, with its version where that is known."""
        ...

    def answers(self, texts: Sequence[bytes]) -> Sequence[str | PolicyError]:
        """Answer to each of these inputs, canonical JSON."""
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...


def decision(answer: str | PolicyError, *, bundle: Bundle) -> Decision:
    """Which decision is this answer.

    Parameters
    ----------
    answer : str or PolicyError
        Of an engine.
    bundle : Bundle
        Its policies.

    Returns
    -------
    Decision
        Reasons and ids sorted, so that two engines say the same.

    Raises
    ------
    PolicyError
        There is none, it has another form, names a policy that the bundle does not have, contradicts itself,
        or no policy was evaluated.
    """
    if isinstance(answer, PolicyError):
        raise answer
    try:
        found = orjson.loads(answer)
    except ValueError:
        raise _refused(shown(answer), "it is JSON") from None
    if not isinstance(found, dict) or set(found) != _PARTS:
        raise _refused(shown(answer), f"it is an object of {', '.join(sorted(_PARTS))}")
    read = Decision(
        str(found["outcome"]),
        _reasons(found["deny"], "deny"),
        _reasons(found["approve"], "approve"),
        _ids(found["evaluated"]),
    )
    _check(read, {policy.id for policy in bundle.policies})
    return read


def _reasons(listed: object, key: str) -> tuple[Reason, ...]:
    if not isinstance(listed, list) or len(listed) > _MOST or not all(map(_is_reason, listed)):
        raise _refused(f"{key} {shown(listed)}", "it is a list of rule, reason and subject, each a text")
    return tuple(
        sorted({Reason(**one) for one in listed}, key=lambda one: (one.rule, one.subject, one.reason))
    )


def _is_reason(one: Mapping[str, Any]) -> bool:
    return (
        isinstance(one, dict) and set(one) == _REASON and all(isinstance(part, str) for part in one.values())
    )


def _ids(listed: object) -> tuple[str, ...]:
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise _refused(f"evaluated {shown(listed)}", "it is a list of ids")
    if len(set(listed)) < len(listed):
        raise _refused(f"evaluated {shown(listed)}", "each policy stands there once")
    return tuple(sorted(listed))


def _check(read: Decision, known: set[str]) -> None:
    strange = sorted(set(read.evaluated) - known)
    if strange:
        raise _refused(f"policy {shown(strange[0])}", "each policy is one of the bundle")
    told = {reason.rule for reason in (*read.deny, *read.approve)}
    stray = sorted(told - set(read.evaluated) - {MALFORMED})
    if stray:
        raise _refused(f"a reason of {shown(stray[0])}", "only policies that were evaluated have reasons")
    if not read.evaluated and MALFORMED not in {reason.rule for reason in read.deny}:
        raise _refused("no policy was evaluated", "some policy applies to each input")
    implied = DENY if read.deny else NEEDS_APPROVAL if read.approve else ALLOW
    if read.outcome != implied:
        raise _refused(f"outcome {shown(read.outcome)}", f"its reasons say {implied}")


def _refused(value: str, rule: str) -> PolicyError:
    return PolicyError(f"decision: {value}", rule, "correct the main policy of the bundle")

"""From a decision to a verdict: what is only watched or waived is set aside, and what is left decides."""

from __future__ import annotations

import fnmatch
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from finops_lib.errors import PolicyError
from finops_lib.policy.bundle import CANARY, SHADOW, Bundle, Policy
from finops_lib.policy.engine.decisions import MALFORMED, Decision
from finops_lib.policy.engine.inputs import Asked, moment
from finops_lib.records import Reason, Verdict
from finops_lib.records.policy import ALLOW, DENY, NEEDS_APPROVAL

FAILED = "ENGINE"  # the rule of a refusal that no policy pronounced
_NEVER_LIFTED = {MALFORMED, FAILED}
_PERCENT = 100
_BITS = 64


class Waiver(Protocol):
    """A rule is lifted for a subject until a moment; somebody answers for it.

    ``subject`` is an address in which ``*`` stands for any text; ``until`` is RFC 3339 or a moment with a
    zone.
    """

    @property
    def rule(self) -> str:
        """Id of the rule."""
        ...

    @property
    def subject(self) -> str:
        """Address, or pattern of addresses."""
        ...

    @property
    def owner(self) -> str:
        """Who answers for it."""
        ...

    @property
    def until(self) -> str | datetime:
        """First moment at which it no longer holds."""
        ...


Waivers = Sequence[Waiver] | Callable[[Reason, str], bool]


def verdict(
    decision: Decision, asked: Asked, *, bundle: Bundle, engine: str, waivers: Waivers = ()
) -> Verdict:
    """What comes of this decision.

    Parameters
    ----------
    decision : Decision
        Of an engine.
    asked : Asked
        The input.
    bundle : Bundle
        The policies: their stages, and the digest.
    engine : str
        Its name.
    waivers : sequence of Waiver, or callable
        Or whether a reason is lifted at a time (RFC 3339); a denial of a malformed input never is.

    Returns
    -------
    Verdict
        A denial that is left denies, an approval that is left needs one, else it is allowed.
    """
    policies = {policy.id: policy for policy in bundle.policies}
    denials, approvals = (
        _sorted_out(reasons, policies, asked, waivers) for reasons in (decision.deny, decision.approve)
    )
    return Verdict(
        DENY if denials[0] else NEEDS_APPROVAL if approvals[0] else ALLOW,
        (*denials[0], *approvals[0]),
        decision.evaluated,
        (*denials[1], *approvals[1]),
        (*denials[2], *approvals[2]),
        bundle.sha256,
        asked.sha256,
        engine,
        asked.time,
    )


def refusal(
    error: PolicyError, *, bundle: Bundle, engine: str, subject: str = "", time: str = "", sha256: str = ""
) -> Verdict:
    """What comes of an input that could not be judged: it is denied, by the rule ``ENGINE``.

    Parameters
    ----------
    error : PolicyError
        Why not.
    bundle : Bundle
        The policies.
    engine, subject, time, sha256 : str
        Of the engine; of the input, as far as they are known.

    Returns
    -------
    Verdict
    """
    reason = Reason(FAILED, str(error), subject)
    return Verdict(DENY, (reason,), (), (), (), bundle.sha256, sha256, engine, time)


def in_canary(subject: str, *, percent: float) -> bool:
    """Is this subject among the share on which a policy in canary stage is enforced.

    Parameters
    ----------
    subject : str
        An address.
    percent : float
        0 to 100.

    Returns
    -------
    bool
        The same for each policy and on each day: the share is cut by the sha256 of the address.

    Examples
    --------
    >>> in_canary("a", percent=100), in_canary("a", percent=0)
    (True, False)
    """
    first = int.from_bytes(hashlib.sha256(subject.encode("utf-8", "replace")).digest()[: _BITS // 8], "big")
    return first * _PERCENT < percent * (1 << _BITS)


_Sorted = tuple[tuple[Reason, ...], tuple[Reason, ...], tuple[Reason, ...]]


def _sorted_out(
    reasons: Iterable[Reason], policies: dict[str, Policy], asked: Asked, waivers: Waivers
) -> _Sorted:
    """Part them: in force, only watched, waived."""
    parts: tuple[list[Reason], list[Reason], list[Reason]] = ([], [], [])
    for reason in reasons:
        if _is_watched(policies.get(reason.rule), reason.subject or asked.subject):
            parts[1].append(reason)
        elif reason.rule not in _NEVER_LIFTED and _is_lifted(reason, asked, waivers):
            parts[2].append(reason)
        else:
            parts[0].append(reason)
    return tuple(parts[0]), tuple(parts[1]), tuple(parts[2])


def _is_watched(policy: Policy | None, subject: str) -> bool:
    if policy is None or policy.stage not in {SHADOW, CANARY}:
        return False
    return policy.stage == SHADOW or not in_canary(subject, percent=policy.canary_percent)


def _is_lifted(reason: Reason, asked: Asked, waivers: Waivers) -> bool:
    if callable(waivers):
        return waivers(reason, asked.time) is True
    at, subject = moment(asked.time), reason.subject or asked.subject
    return at is not None and any(_lifts(waiver, reason.rule, subject, at) for waiver in waivers)


def _lifts(waiver: Waiver, rule: str, subject: str, at: datetime) -> bool:
    until = moment(waiver.until) if isinstance(waiver.until, str) else waiver.until
    if until is None or until.tzinfo is None or at >= until or not waiver.owner.strip():
        return False
    pattern = re.sub(r"[\[?]", r"[\g<0>]", waiver.subject)  # only the star stands for other text
    return waiver.rule == rule and bool(subject) and fnmatch.fnmatchcase(subject, pattern)

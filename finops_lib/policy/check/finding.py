"""What did the checks find, which of them ran, and may the change go on."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from finops_lib.policy.check.cost_delta import CostDelta
from finops_lib.records import Reason, Record, Resource, Verdict
from finops_lib.records.policy import ALLOW, DENY, NEEDS_APPROVAL

ERROR, WARNING, NOTE = "error", "warning", "note"
LEVELS = (ERROR, WARNING, NOTE)
_PLACES = re.compile(r"\b(line|column|row)s? \d+", re.IGNORECASE)


@dataclass(frozen=True)
class Finding(Record):
    """One thing that a check found.

    ``check`` names the check, ``rule`` its rule; ``level`` is ``error``, ``warning`` or ``note``. ``file`` is
    a path in the repository, ``line`` counts from 1 and is 0 where there is none; ``subject`` is what it is
    about within the file: the address of a resource, the path of a field.

    Raises
    ------
    ValueError
        The level is none of the three, or the line is below zero.

    Examples
    --------
    >>> one = Finding("kubernetes", "schema", "error", "line 3: no number", "a.yaml", 3, "Deployment/web")
    >>> other = Finding("kubernetes", "schema", "error", "line 9: no number", "a.yaml", 9, "Deployment/web")
    >>> one.fingerprint == other.fingerprint
    True
    """

    check: str
    rule: str
    level: str
    message: str
    file: str = ""
    line: int = 0
    subject: str = ""

    def __post_init__(self) -> None:
        if self.level not in LEVELS or self.line < 0:
            raise ValueError(f"level {self.level!r}, line {self.line}: a level is one of {', '.join(LEVELS)}")

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits that stay the same when the lines above it come and go."""
        message = _PLACES.sub(r"\1", self.message)
        parts = (self.check, self.rule, self.file, self.subject, message)
        digest = hashlib.sha256()
        for part in parts:
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "big") + data)
        return digest.hexdigest()[:32]


@dataclass(frozen=True)
class Ran(Record):
    """A check that ran: with which program or library, its version, and how many things it looked at."""

    check: str
    program: str
    version: str
    looked_at: int


@dataclass(frozen=True)
class NotRun(Record):
    """A check that did not run, or not on all, and why; ``required`` says that nothing passes without it."""

    check: str
    reason: str
    required: bool = False


@dataclass(frozen=True)
class Part(Record):
    """What one check gave."""

    findings: tuple[Finding, ...] = ()
    ran: tuple[Ran, ...] = ()
    not_run: tuple[NotRun, ...] = ()


@dataclass(frozen=True)
class Checked(Record):
    """What all checks of a change said together.

    ``outcome`` is the worst of the verdicts: allow, needs approval or deny; ``cost`` is None where it was
    not asked for. ``counts`` are findings by level.

    Examples
    --------
    >>> nothing = checked([Part(ran=(Ran("secrets", "detect-secrets", "1.5", 3),))], verdicts=[])
    >>> nothing.passed, dict(nothing.counts)
    (True, {'error': 0, 'warning': 0, 'note': 0})
    """

    outcome: str
    findings: tuple[Finding, ...]
    cost: CostDelta | None
    counts: Mapping[str, int]
    ran: tuple[Ran, ...]
    not_run: tuple[NotRun, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing forbids the change: no error, no denial, no required check left out, some ran."""
        missing = any(check.required for check in self.not_run)
        return bool(self.ran) and not (self.counts[ERROR] or missing or self.outcome == DENY)


def checked(parts: Iterable[Part], *, verdicts: Iterable[Verdict], cost: CostDelta | None = None) -> Checked:
    """What do all checks say together.

    Parameters
    ----------
    parts : iterable of Part
        What each check gave; the reasons of verdicts come in as a part too, from ``of_verdicts``.
    verdicts : iterable of Verdict
        Of the policies; the worst is the outcome, allow where there is none.
    cost : CostDelta, optional
        What the change costs a month.

    Returns
    -------
    Checked
        Findings by level, then by place; each once.
    """
    every = tuple(parts)
    findings = set(chain.from_iterable(part.findings for part in every))
    counts = Counter(finding.level for finding in findings)
    return Checked(
        _worst([verdict.outcome for verdict in verdicts]),
        tuple(sorted(findings, key=_place)),
        cost,
        {level: counts[level] for level in LEVELS},
        tuple(chain.from_iterable(part.ran for part in every)),
        tuple(chain.from_iterable(part.not_run for part in every)),
    )


def of_verdicts(verdicts: Sequence[Verdict], *, resources: Mapping[str, Resource]) -> Part:
    """Which findings are the reasons of these verdicts.

    Parameters
    ----------
    verdicts : sequence of Verdict
        What policies said. The reasons of a denial are errors, those of an approval that is needed
        warnings, those of policies that are only watched and those that a waiver lifted notes.
    resources : mapping
        Address to resource, for file and line; a subject that is none has no place.

    Returns
    -------
    Part
        Ran once with each engine, also where nothing was found.
    """
    found = [
        _of_reason(reason, level, before, resources.get(reason.subject))
        for verdict in verdicts
        for level, before, reasons in (
            (ERROR if verdict.outcome == DENY else WARNING, "", verdict.reasons),
            (NOTE, "only watched so far: ", verdict.shadow),
            (NOTE, "waived: ", verdict.waived),
        )
        for reason in reasons
    ]
    asked = Counter((verdict.engine, verdict.policy_sha256[:12]) for verdict in verdicts)
    ran = tuple(Ran("policy", engine, version, count) for (engine, version), count in sorted(asked.items()))
    return Part(tuple(found), ran)


def _of_reason(reason: Reason, level: str, before: str, resource: Resource | None) -> Finding:
    file, line = (resource.file, max(resource.line, 0)) if resource else ("", 0)
    return Finding("policy", reason.rule, level, f"{before}{reason.reason}", file, line, reason.subject)


def _worst(outcomes: Sequence[str]) -> str:
    return max(outcomes, key=(ALLOW, NEEDS_APPROVAL, DENY).index, default=ALLOW)


def _place(finding: Finding) -> tuple[int, str, int, str, str, str]:
    level = LEVELS.index(finding.level)
    return level, finding.file, finding.line, finding.rule, finding.subject, finding.message

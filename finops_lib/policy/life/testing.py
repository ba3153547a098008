"""Do the policies of a bundle say what its cases expect, and is there a rule that no case makes fire?

Coverage is by clause: a clause of a rule or function fired when all of its conditions held, so that its head
was reached. To see this even where head and conditions share a line, the text that is tried has a line break
between them, and in an ``else``, whose head no engine reports, a last condition that is always true. Clauses
that always hold and defaults are no part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from finops_lib.errors import PolicyError
from finops_lib.policy.judge import ENGINE, Bench, BenchOf, Said, Written, said
from finops_lib.policy.life.cases import Case
from finops_lib.policy.life.rego_clauses import clauses_of
from finops_lib.records import Record


@dataclass(frozen=True)
class CaseResult(Record):
    """One case: what was expected of it and what came; ``why`` is empty where both are the same."""

    name: str
    file: str
    expected: str
    came: str
    why: str = ""

    @property
    def passed(self) -> bool:
        """Whether it came as expected."""
        return not self.why


@dataclass(frozen=True)
class ClauseSeen(Record):
    """One clause, and in how many cases it fired; ``policy`` is empty for what policies share."""

    policy: str
    file: str
    line: int
    name: str
    number: int
    cases: int


@dataclass(frozen=True)
class Tested(Record):
    """What the cases of a bundle showed; ``faults`` are policies of which too little is shown."""

    cases: tuple[CaseResult, ...]
    clauses: tuple[ClauseSeen, ...]
    faults: tuple[str, ...]

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """Cases that came otherwise."""
        return tuple(case for case in self.cases if not case.passed)

    @property
    def silent(self) -> tuple[ClauseSeen, ...]:
        """Clauses that no case made fire."""
        return tuple(clause for clause in self.clauses if not clause.cases)

    @property
    def coverage(self) -> float:
        """Share of the clauses that some case made fire, 0 to 1."""
        return 1 - len(self.silent) / len(self.clauses) if self.clauses else 0.0

    @property
    def passed(self) -> bool:
        """Whether every case came as expected, every clause fired and no policy lacks a case."""
        return not (self.failed or self.silent or self.faults) and bool(self.clauses)


def tested(written: Written, cases: Sequence[Case], *, bench_of: BenchOf) -> Tested:
    """Do these policies say what the cases expect.

    Parameters
    ----------
    written : Written
        The bundle.
    cases : sequence of Case
        Of `read_cases`.
    bench_of : callable
        Compiles the texts.

    Returns
    -------
    Tested

    Raises
    ------
    PolicyError
        There is no case or no policy, or the texts do not compile.
    """
    if not cases or not written.policies:
        lacking = "cases" if not cases else "policies"
        raise PolicyError(
            f"a bundle with no {lacking}", "nothing tested is nothing shown", f"write {lacking}"
        )
    spread = {file: spread_lines(text, file=file) for file, text in written.modules.items()}
    bench = bench_of(spread, written.data)
    tried = [_tried(bench, case) for case in cases]
    lines = [one.lines for one in tried]
    return Tested(
        tuple(one.result for one in tried),
        tuple(_clauses(spread, written.policies, lines)),
        tuple(_faults(written.policies, tried)),
    )


@dataclass(frozen=True)
class _Tried:
    result: CaseResult
    rules: frozenset[str]
    evaluated: frozenset[str]
    lines: Mapping[str, frozenset[int]]


def _tried(bench: Bench, case: Case) -> _Tried:
    expected = Said(case.outcome, case.rules)
    try:
        decision = bench.decision(case.document)
        came, evaluated = said(decision), frozenset(map(str, decision.get("evaluated", ())))
        why = "" if case.fits(came) else f"{in_words(expected)} was expected, {in_words(came)} came"
        if why and came == expected:
            others = sorted(set(case.evaluated or ()) ^ set(came.evaluated))
            why = f"other policies apply than expected: {', '.join(others)}"
    except PolicyError as error:
        came, evaluated = Said("deny", (ENGINE,)), frozenset()
        why = f"{in_words(expected)} was expected, it could not be evaluated: {error}"
    lines = {file: covered for file, (covered, _) in bench.lines().items()}
    result = CaseResult(case.name, case.file, in_words(expected), in_words(came), why)
    return _Tried(result, frozenset(came.rules), evaluated, lines)


def in_words(found: Said) -> str:
    """How does a decision read in one line.

    Parameters
    ----------
    found : Said
        Outcome and rules.

    Examples
    --------
    >>> in_words(Said("deny", ("TAG-001", "TAG-002"))), in_words(Said("allow", ()))
    ('deny (TAG-001, TAG-002)', 'allow')
    """
    return f"{found.outcome} ({', '.join(found.rules)})" if found.rules else found.outcome


def _clauses(
    spread: Mapping[str, str], policies: Mapping[str, str], lines: Sequence[Mapping[str, frozenset[int]]]
) -> Iterator[ClauseSeen]:
    owner = {file: policy for policy, file in policies.items()}
    for file, text in sorted(spread.items()):
        for clause in clauses_of(text, file=file):
            if not clause.conditional or clause.default:
                continue
            last = clause.body[-1].tokens[0].line
            shows = range(last, last + 1) if clause.follows else range(clause.line, clause.head[-1].line + 1)
            count = sum(not found.get(file, frozenset()).isdisjoint(shows) for found in lines)
            line = clause.line - _added(text, clause.start)
            yield ClauseSeen(owner.get(file, ""), file, line, clause.name, clause.number, count)


def _faults(policies: Mapping[str, str], tried: Sequence[_Tried]) -> Iterator[str]:
    for policy in sorted(policies):
        if not any(policy in one.rules for one in tried):
            yield f"{policy}: no case in which it gives a reason"
        if not any(policy in one.evaluated and policy not in one.rules for one in tried):
            yield f"{policy}: no case in which it applies and gives no reason"


_BREAK = "\r\n"  # a line break that is ours: the texts have none of this form


def spread_lines(text: str, *, file: str) -> str:
    r"""How does a module read with head and conditions of each clause on lines of their own.

    Parameters
    ----------
    text : str
        Rego.
    file : str
        Its path, for errors.

    Returns
    -------
    str
        The same module; each line break that was added is written ``\r\n``.

    Raises
    ------
    PolicyError
        The text does not consist of pieces of Rego.

    Examples
    --------
    >>> spread_lines("big if x > 1", file="a.rego")
    'big := true if {\r\nx > 1\r\n}'
    """
    text = text.replace("\r\n", "\n")
    adds: list[tuple[int, str]] = []
    for clause in clauses_of(text, file=file):
        if clause.conditional and not clause.default:
            adds += [] if clause.valued else [(clause.head[-1].end, " := true")]
            before, after = ("", "") if clause.braced else ("{", "}")
            last = f"true{_BREAK}" if clause.follows else ""
            adds += [(clause.body[0].start, before + _BREAK), (clause.body[-1].end, _BREAK + last + after)]
    for place, piece in sorted(adds, reverse=True):
        text = text[:place] + piece + text[place:]
    return text


def _added(text: str, place: int) -> int:
    return text.count(_BREAK, 0, place)

"""What becomes of changed policies when the cases of their bundle are tried on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError
from finops_lib.policy.judge import Bench, BenchOf, Said, Written, said
from finops_lib.policy.life.cases import Case
from finops_lib.policy.life.mutant_parts import Known, Whole, alone, composed, package_of
from finops_lib.policy.life.mutations import Mutation
from finops_lib.policy.life.testing import in_words

KILLED, SURVIVED, UNUSABLE = "killed", "survived", "does not compile"


def known_of(written: Written, cases: Sequence[Case], *, bench_of: BenchOf) -> Known:
    """What do the cases say and reach before anything is changed.

    Parameters
    ----------
    written : Written
        The bundle.
    cases : sequence of Case
        Its cases.
    bench_of : callable
        Compiles the texts.

    Returns
    -------
    Known

    Raises
    ------
    PolicyError
        A case fails, or the texts do not compile.
    """
    bench = bench_of(written.modules, written.data)
    bench.lines()
    wholes: list[Whole] = []
    reached: list[Mapping[str, frozenset[int]]] = []
    lines: dict[str, frozenset[int]] = {}
    for case in cases:
        wholes.append(_passed(bench, case))
        found = bench.lines()
        reached.append({file: covered for file, (covered, _) in found.items() if covered})
        for file, (covered, missed) in found.items():  # a case that ends early names fewer files
            lines[file] = lines.get(file, frozenset()) | covered | missed
    return Known(written, tuple(cases), tuple(wholes), tuple(reached), lines)


def _passed(bench: Bench, case: Case) -> Whole:
    where = f"case {shown(case.name)} of {case.file}"
    rule, remedy = "all cases pass before a policy is changed", "mend the policy or the case"
    try:
        whole, came = _asked(bench, case)
    except PolicyError as error:
        raise PolicyError(f"{where}: it cannot be evaluated ({error})", rule, remedy) from error
    if not case.fits(came):
        raise PolicyError(f"{where}: {in_words(came)} came", rule, remedy)
    return whole


def _asked(bench: Bench, case: Case) -> tuple[Whole, Said]:
    decision = bench.decision(case.document)
    came = said(decision)
    deny, approve = (frozenset(one["rule"] for one in decision[word]) for word in ("deny", "approve"))
    return Whole(deny, approve, frozenset(decision["evaluated"])), came


def tried(known: Known, changes: Sequence[Mutation], *, bench_of: BenchOf) -> dict[str, tuple[str, str]]:
    """What becomes of each of these changes.

    Parameters
    ----------
    known : Known
        Of `known_of`.
    changes : sequence of Mutation
        Of the bundle.
    bench_of : callable
        Compiles the texts.

    Returns
    -------
    dict
        Id of the change to its fate, with the case that killed it or why it does not compile.
    """
    trials = _Trials(known, bench_of)
    return {change.id: trials.fate(change) for change in changes}


@dataclass
class _Trials:
    """Tries one change after another, and remembers what killed the last ones of a file."""

    known: Known
    bench_of: BenchOf
    parts: dict[str, _Part | None] = field(default_factory=dict)
    killers: dict[str, list[int]] = field(default_factory=dict)

    def fate(self, change: Mutation) -> tuple[str, str]:
        """Say what becomes of this change: the first case that fails kills it."""
        places = self.known.places(change)
        file = next(iter(places)) if len(places) == 1 else ""
        part = self._part(file)
        modules = part.modules if part else self.known.written.modules
        try:
            bench = self._changed(change, modules)
        except PolicyError as error:
            return UNUSABLE, str(error)
        whole = None if part else bench
        for place in self._order(change.file, self.known.tries(places)):
            if part and part.stands(place):
                fails = part.fails(bench, place)
            else:
                whole = whole or self._changed(change, self.known.written.modules)
                fails = _fails(whole, self.known.cases[place])
            if fails:
                self.killers.setdefault(change.file, []).append(place)
                return KILLED, self.known.cases[place].name
        return SURVIVED, ""

    def _order(self, file: str, places: Sequence[int]) -> list[int]:
        """Put first what killed other changes of the file, the last ones before the others."""
        last = {place: rank for rank, place in enumerate(self.killers.get(file, ()), start=1)}
        return sorted(places, key=lambda place: -last.get(place, 0))

    def _part(self, file: str) -> _Part | None:
        if file not in self.parts:
            modules = alone(self.known.written, file)
            self.parts[file] = _Part(self.known, file, modules, self.bench_of) if modules else None
        return self.parts[file]

    def _changed(self, change: Mutation, modules: Mapping[str, str]) -> Bench:
        data = self.known.written.data
        if change.path:
            return self.bench_of(modules, change.data(data))
        return self.bench_of({**modules, change.file: change.text(modules[change.file])}, data)


class _Part:
    """One policy without the others: what it says of a case takes the place of what it said in the whole."""

    def __init__(self, known: Known, file: str, modules: Mapping[str, str], bench_of: BenchOf) -> None:
        self.known, self.modules = known, modules
        self.package = package_of(file)
        self.policy = next(one for one, stands_in in known.written.policies.items() if stands_in == file)
        self._unchanged = bench_of(modules, known.written.data)
        self._stands: dict[int, bool] = {}

    def stands(self, place: int) -> bool:
        """Whether the unchanged policy, asked alone, gives what the whole said of this case."""
        if place not in self._stands:
            evaluated = bool(self.known.wholes[place].evaluated)
            self._stands[place] = evaluated and not self.fails(self._unchanged, place)
        return self._stands[place]

    def fails(self, bench: Bench, place: int) -> bool:
        """Whether this case comes otherwise than expected."""
        case = self.known.cases[place]
        try:
            came = composed(self.known.wholes[place], self._asked(bench, case), self.policy)
        except (PolicyError, KeyError, TypeError):  # what it says has not the form that a decision has
            return True
        return not case.fits(came)

    def _asked(self, bench: Bench, case: Case) -> Whole:
        if bench.value(f"{self.package}.applies", case.document) is not True:
            return Whole(frozenset(), frozenset(), frozenset())
        name = bench.value(f"{self.package}.id", case.document)
        words = (bench.value(f"{self.package}.{word}", case.document) for word in ("deny", "approve"))
        deny, approve = (frozenset({name} if _whole(found or ()) else ()) for found in words)
        return Whole(deny, approve, frozenset({name}))


def _whole(found: Sequence[Mapping[str, str]]) -> bool:
    """Whether there are reasons; each has both its texts, else a decision would have none."""
    texts = [one[key] for one in found for key in ("reason", "subject")]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a reason holds two texts")
    return bool(found)


def _fails(bench: Bench, case: Case) -> bool:
    try:
        return not case.fits(_asked(bench, case)[1])
    except PolicyError:
        return True

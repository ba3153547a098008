"""What becomes of changed policies when the cases of their bundle are tried on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError
from finops_lib.policy.cases import Case
from finops_lib.policy.judge import Bench, BenchOf, Said, Written, said
from finops_lib.policy.mutant_parts import Known, Whole, composed
from finops_lib.policy.mutations import Mutation
from finops_lib.policy.testing import in_words

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
        lines = {file: covered | missed for file, (covered, missed) in found.items()}
    return Known(written, tuple(cases), tuple(wholes), tuple(reached), lines)


def _passed(bench: Bench, case: Case) -> Whole:
    where = f"case {shown(case.name)} of {case.file}"
    rule, remedy = "all cases pass before a policy is changed", "mend the policy or the case"
    try:
        whole, came = _asked(bench, case)
    except PolicyError as error:
        raise PolicyError(f"{where}: it cannot be evaluated ({error})", rule, remedy) from error
    if came != Said(case.outcome, case.rules):
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
    """Tries one change after another; remembers where a part of the bundle stands for the whole."""

    known: Known
    bench_of: BenchOf
    unchanged: dict[str, Bench] = field(default_factory=dict)
    stands: dict[tuple[str, int], bool] = field(default_factory=dict)

    def fate(self, change: Mutation) -> tuple[str, str]:
        """Say what becomes of this change: the first case that fails kills it."""
        places = self.known.places(change)
        file = next(iter(places), "") if len(places) == 1 else ""
        part = self.known.part(file)
        try:
            bench = self._changed(change, part or self.known.written.modules)
            benches = {"part" if part else "whole": bench}
        except PolicyError as error:
            return UNUSABLE, str(error)
        for place in self.known.tries(places):
            alone = bool(part) and self._stands(file, part, place)
            if not alone and "whole" not in benches:
                benches["whole"] = self._changed(change, self.known.written.modules)
            if self._fails(benches["part" if alone else "whole"], place, file if alone else ""):
                return KILLED, self.known.cases[place].name
        return SURVIVED, ""

    def _changed(self, change: Mutation, modules: Mapping[str, str]) -> Bench:
        data = self.known.written.data
        if change.path:
            return self.bench_of(modules, change.data(data))
        return self.bench_of({**modules, change.file: change.text(modules[change.file])}, data)

    def _stands(self, file: str, part: Mapping[str, str], place: int) -> bool:
        """Whether the unchanged policy alone gives the whole on this case."""
        if (file, place) not in self.stands:
            if file not in self.unchanged:
                self.unchanged[file] = self.bench_of(part, self.known.written.data)
            self.stands[file, place] = not self._fails(self.unchanged[file], place, file)
        return self.stands[file, place]

    def _fails(self, bench: Bench, place: int, file: str) -> bool:
        case = self.known.cases[place]
        try:
            found, came = _asked(bench, case)
        except PolicyError:
            return True
        if file:
            policies = self.known.written.policies
            own = next(policy for policy, stands_in in policies.items() if stands_in == file)
            others = frozenset(policy for policy, other in policies.items() if other in self.known.named)
            came = composed(self.known.wholes[place], found, own, others)
        return came != Said(case.outcome, case.rules)

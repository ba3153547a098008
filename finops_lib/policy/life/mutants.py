"""Would the cases of a bundle notice if a policy were wrong: each small change must fail a case.

A change that does not compile says nothing and is counted apart. One that means the same as what was written
can be named in ``equivalent.yaml`` beside the bundle, a list of ``id`` and ``reason``; one that is killed all
the same, or is no longer there, must leave that list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from joblib import Parallel, delayed

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError
from finops_lib.policy.judge import BenchOf, Written
from finops_lib.policy.life.cases import Case
from finops_lib.policy.life.mutant_trials import KILLED, SURVIVED, UNUSABLE, known_of, tried
from finops_lib.policy.life.mutations import Mutation, data_mutations, mutations_of
from finops_lib.policy.plain_yaml import read_yaml_file
from finops_lib.records import Record

EQUIVALENT = "equivalent.yaml"
SAME = "equivalent"
__all__ = ["KILLED", "SAME", "SURVIVED", "UNUSABLE", "Mutant", "Mutants", "mutated", "read_equivalent"]
MOST_MUTANTS = 50_000
_LEAST_REASON = 10  # letters


@dataclass(frozen=True)
class Mutant(Record):
    """One change and what became of it; ``by`` is the case that killed it, or why it is equivalent."""

    id: str
    file: str
    line: int
    fate: str
    by: str = ""


@dataclass(frozen=True)
class Mutants(Record):
    """Changes of a bundle, and how many were left out.

    ``stale`` are entries of ``equivalent.yaml`` that must leave it.
    """

    mutants: tuple[Mutant, ...]
    stale: tuple[str, ...] = ()
    left_out: int = 0

    def of(self, fate: str) -> tuple[Mutant, ...]:
        """Return those that came to this end."""
        return tuple(mutant for mutant in self.mutants if mutant.fate == fate)

    @property
    def killed_share(self) -> float:
        """Share killed of those that could have been, 0 to 1."""
        killed, survived = len(self.of(KILLED)), len(self.of(SURVIVED))
        return killed / (killed + survived) if killed + survived else 0.0


def mutated(
    written: Written,
    cases: Sequence[Case],
    *,
    bench_of: BenchOf,
    equivalent: Mapping[str, str] | None = None,
    workers: int = 2,
    most: int = MOST_MUTANTS,
) -> Mutants:
    """Would these cases notice if a policy were wrong.

    Parameters
    ----------
    written : Written
        The bundle; all its cases pass.
    cases : sequence of Case
        Of `read_cases`.
    bench_of : callable
        Compiles the texts; with more than one worker a function of a module.
    equivalent : mapping, optional
        Id of a change to the reason why it means the same, of `read_equivalent`.
    workers : int
        Processes.
    most : int
        If there are more changes, only so many are tried, evenly spread over the bundle.

    Returns
    -------
    Mutants
        In the order of files and text.

    Raises
    ------
    PolicyError
        A case fails before anything was changed, or there are too many changes.
    """
    everything = _changes(written)
    changes = everything[:: max(1, -(-len(everything) // most))]
    names = equivalent or {}
    known = known_of(written, cases, bench_of=bench_of)
    dealt = [changes[start::workers] for start in range(workers)]
    parallel = Parallel(n_jobs=workers, max_nbytes=None)  # nothing is left in shared memory
    fates = parallel(delayed(tried)(known, part, bench_of=bench_of) for part in dealt)
    found = {name: fate for part in fates for name, fate in part.items()}
    mutants = tuple(_mutant(change, found[change.id], names) for change in changes)
    needed = {mutant.id for mutant in mutants if mutant.fate == SAME}
    tried_or_gone = set(names) - {change.id for change in everything} | set(names) & set(found)
    return Mutants(mutants, tuple(sorted(tried_or_gone - needed)), len(everything) - len(changes))


def _changes(written: Written) -> list[Mutation]:
    found = [
        change for file, text in sorted(written.modules.items()) for change in mutations_of(text, file=file)
    ]
    found += data_mutations(written.data, written.data_text)
    if len(found) > MOST_MUTANTS:
        raise PolicyError(f"{len(found)} mutants", f"there are at most {MOST_MUTANTS}", "cut the bundle")
    return found


def _mutant(change: Mutation, fate: tuple[str, str], names: Mapping[str, str]) -> Mutant:
    end, by = fate
    if end == SURVIVED and change.id in names:
        end, by = SAME, names[change.id]
    return Mutant(change.id, change.file, change.line, end, by)


def read_equivalent(folder: Path) -> dict[str, str]:
    """Which changes of this bundle mean the same as what is written, and why.

    Parameters
    ----------
    folder : Path
        Of the bundle.

    Returns
    -------
    dict
        Id of a change to the reason; empty where there is no ``equivalent.yaml``.

    Raises
    ------
    PolicyError
        The file is no list of ``id`` and ``reason``, an id comes twice, or a reason says too little.
    """
    path = folder / EQUIVALENT
    if not path.exists() and not path.is_symlink():
        return {}
    entries = read_yaml_file(path, kind="file")
    if not isinstance(entries, list):
        raise PolicyError(f"file {EQUIVALENT}", "it is a list", "write '- id:' and 'reason:'")
    found: dict[str, str] = {}
    for place, entry in enumerate(entries, start=1):
        where = f"file {EQUIVALENT}, entry {place}"
        if not isinstance(entry, dict) or set(entry) != {"id", "reason"}:
            raise PolicyError(where, "it has id and reason", "write both and nothing else")
        name, reason = entry["id"], entry["reason"]
        if not isinstance(name, str) or name in found:
            raise PolicyError(f"{where}: id {shown(name)}", "it is a text, once", "copy it from the report")
        if not isinstance(reason, str) or sum(map(str.isalpha, reason)) < _LEAST_REASON:
            rule = f"it has at least {_LEAST_REASON} letters"
            raise PolicyError(f"{where}: reason {shown(reason)}", rule, "say why it means the same")
        found[name] = reason
    return found

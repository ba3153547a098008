"""Cases that are good enough kill every policy that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.judge import Said, said
from finops_lib.policy.life.cases import Case, read_cases
from finops_lib.policy.life.mutants import KILLED, SAME, SURVIVED, UNUSABLE, mutated, read_equivalent
from finops_lib.policy.life.mutations import data_mutations, mutations_of
from tests.policy.regorus_bench import bench
from tests.policy.small_bundle import CASES, small, with_cases

NEVER = "main.rego decision#2: 0 to 1"
WORDING = 'main.rego decision#1: "" to "~"'


def cases_without(folder: Path, *names: str) -> tuple[Case, ...]:
    return tuple(case for case in read_cases(with_cases(folder)) if case.name not in names)


def test_the_cases_of_the_small_bundle_kill_all_but_two(tmp_path: Path) -> None:
    """What survives is an address that no case looks at, and a count that two policies always pass."""
    found = mutated(small(), cases_without(tmp_path), bench_of=bench, workers=1)
    assert [one.id for one in found.of(SURVIVED)] == [WORDING, NEVER]
    assert len(found.of(KILLED)) > 70
    assert found.killed_share == len(found.of(KILLED)) / (len(found.of(KILLED)) + 2)


@pytest.mark.parametrize(
    ("missing", "survivor", "line"),
    [
        ("just above the limit", "data.yaml thresholds.cost.most: 100 to 101", 3),
        ("just at the limit", "cost/price.rego deny#1: > to >=", 11),
        ("no price", "cost/price.rego approve#1: drop the clause", 14),
    ],
)
def test_a_case_that_is_missing_lets_its_mutant_live(
    tmp_path: Path, missing: str, survivor: str, line: int
) -> None:
    """Each side of a threshold and each clause has a case that alone kills a mutant."""
    all_cases = mutated(small(), cases_without(tmp_path), bench_of=bench, workers=1)
    fewer = tuple(case for case in read_cases(tmp_path) if case.name != missing)
    found = mutated(small(), fewer, bench_of=bench, workers=1)
    fates = {one.id: (one.fate, one.line) for one in found.mutants}
    assert fates[survivor] == (SURVIVED, line)
    [before] = [one for one in all_cases.mutants if one.id == survivor]
    assert (before.fate, before.by) == (KILLED, missing)


def test_two_processes_find_the_same(tmp_path: Path) -> None:
    """The order and the fates do not depend on how the work was dealt; only which case came first may."""
    cases = cases_without(tmp_path)
    one, two = (mutated(small(), cases, bench_of=bench, workers=workers) for workers in (1, 2))
    assert [(mutant.id, mutant.fate) for mutant in one.mutants] == [
        (mutant.id, mutant.fate) for mutant in two.mutants
    ]


def test_trying_fewer_cases_misses_no_kill(tmp_path: Path) -> None:
    """Each survivor survives every case, not only those that were chosen for its lines."""
    cases = cases_without(tmp_path, "just above the limit", "both", "no price")
    found = mutated(small(), cases, bench_of=bench, workers=1)
    asked = [mutated_once(one.id, cases) for one in found.mutants if one.fate == SURVIVED]
    assert asked
    assert set(asked) == {""}


def mutated_once(name: str, cases: tuple[Case, ...]) -> str:
    """Name the case that kills this mutant, by trying them all."""
    written = small()
    changes = [one for file, text in written.modules.items() for one in mutations_of(text, file=file)]
    changes += data_mutations(written.data, written.data_text)
    [change] = [one for one in changes if one.id == name]
    modules, data = dict(written.modules), dict(written.data)
    if change.path:
        data = change.data(data)
    else:
        modules[change.file] = change.text(modules[change.file])
    tried = bench(modules, data)
    for case in cases:
        if said(tried.decision(case.document)) != Said(case.outcome, case.rules):
            return case.name
    return ""


def test_a_change_that_does_not_compile_is_counted_apart(tmp_path: Path) -> None:
    """A variable that nobody binds any more is neither killed nor alive."""
    text = small().modules["cost/price.rego"] + "\nmany if {\n\tsome n in [1, 2]\n\tn > 1\n}\n"
    found = mutated(small(cost=text), cases_without(tmp_path), bench_of=bench, workers=1)
    fates = {one.id: one for one in found.mutants}
    assert fates["cost/price.rego many#1: drop some n in [1, 2]"].fate == UNUSABLE
    assert "unsafe" in fates["cost/price.rego many#1: drop some n in [1, 2]"].by
    assert fates["cost/price.rego many#1: > to >="].fate == SURVIVED


def test_what_means_the_same_is_no_survivor(tmp_path: Path) -> None:
    """A reason takes a survivor out of the share; one that is killed or unknown is stale."""
    killed = 'cost/price.rego id#1: "COST-001" to "COST-001~"'
    reasons = {
        NEVER: "two policies always apply",
        WORDING: "no address",
        killed: "it is the same",
        "x": "gone",
    }
    found = mutated(small(), cases_without(tmp_path), bench_of=bench, equivalent=reasons, workers=1)
    assert [(one.id, one.by) for one in found.of(SAME)] == [
        (name, reasons[name]) for name in (WORDING, NEVER)
    ]
    assert found.stale == (killed, "x")
    assert (found.of(SURVIVED), found.killed_share) == ((), 1.0)


def test_a_case_that_fails_before_anything_was_changed_is_an_error(tmp_path: Path) -> None:
    """Else it would kill every mutant."""
    wrong = CASES.replace("outcome: allow\n  rules: []", "outcome: deny\n  rules: [COST-001]", 1)
    cases = read_cases(with_cases(tmp_path, wrong))
    with pytest.raises(PolicyError, match=r"case 'cheap with a team' of all\.yaml: allow .*all cases pass"):
        mutated(small(), cases, bench_of=bench, workers=1)


def test_the_list_of_equivalents_is_read(tmp_path: Path) -> None:
    """Without the file there is none."""
    assert read_equivalent(tmp_path) == {}
    (tmp_path / "equivalent.yaml").write_text("- id: a b\n  reason: it is the same because of c\n")
    assert read_equivalent(tmp_path) == {"a b": "it is the same because of c"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1", "file equivalent.yaml: it is a list"),
        ("- a", "entry 1: it has id and reason"),
        ("- {id: a}", "entry 1: it has id and reason"),
        ("- {id: a, reason: long enough a reason, x: 1}", "it has id and reason"),
        ("- {id: 1, reason: long enough a reason}", "id '1': it is a text, once"),
        ("- {id: a, reason: it is so 12345}", "it has at least 10 letters"),
        ("- {id: a, reason: 5}", "reason '5': it has at least 10 letters"),
        ("- &x {id: a, reason: long enough a reason}\n- *x", "it has no aliases"),
        (
            "- {id: a, reason: long enough a reason}\n- {id: a, reason: long enough a reason}",
            "entry 2: id 'a'",
        ),
    ],
)
def test_an_excuse_that_says_too_little_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    """Each entry has an id and a reason."""
    (tmp_path / "equivalent.yaml").write_text(text)
    with pytest.raises(PolicyError, match=fault):
        read_equivalent(tmp_path)

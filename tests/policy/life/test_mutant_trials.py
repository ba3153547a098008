"""What becomes of a changed policy: a case kills it, none notices, or it does not compile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.engine.bench import bench_of
from finops_lib.policy.life.cases import read_cases
from finops_lib.policy.life.mutant_trials import KILLED, SURVIVED, UNUSABLE, known_of, tried
from finops_lib.policy.life.mutations import Mutation
from tests.policy.small_bundle import small, with_cases

FILE = "cost/price.rego"


def change(old: str, new: str) -> Mutation:
    text = small().modules[FILE]
    start = text.index(old)
    line = text.count("\n", 0, start) + 1
    return Mutation(f"{old} to {new}", FILE, line, start, start + len(old), new, (line, line))


def test_each_change_has_its_fate(tmp_path: Path) -> None:
    """The first case that comes otherwise is told; a comment means nothing to any case."""
    known = known_of(small(), read_cases(with_cases(tmp_path)), bench_of=bench_of)
    found = tried(
        known,
        [
            change("> data", ">= data"),
            change("Does a thing", "Does one thing"),
            change("== null", "== nulll"),
            change("input.cost_month >", "input.cost_month <"),
        ],
        bench_of=bench_of,
    )
    assert [fate for fate, _ in found.values()] == [KILLED, SURVIVED, UNUSABLE, KILLED]
    assert found["> data to >= data"][1] == "just at the limit"
    assert "nulll" in found["== null to == nulll"][1]


def test_what_the_cases_reach_is_known_before(tmp_path: Path) -> None:
    """One set of lines for each case, and what all policies said of it."""
    cases = read_cases(with_cases(tmp_path))
    known = known_of(small(), cases, bench_of=bench_of)
    assert len(known.wholes) == len(known.reached) == len(cases)
    at_limit = next(place for place, case in enumerate(cases) if case.name == "just at the limit")
    assert known.reached[at_limit][FILE] <= known.lines[FILE]
    assert all(lines <= known.lines[file] for reached in known.reached for file, lines in reached.items())


def test_a_case_that_fails_before_anything_is_changed_is_an_error(tmp_path: Path) -> None:
    """Else every mutant would seem to be killed."""
    cases = read_cases(with_cases(tmp_path))
    turned = replace(cases[0], outcome="deny" if cases[0].outcome != "deny" else "allow")
    with pytest.raises(PolicyError, match="all cases pass before a policy is changed"):
        known_of(small(), (turned, *cases[1:]), bench_of=bench_of)

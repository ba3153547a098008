"""Policies on a bench: decisions, single rules, and the lines that were reached."""

from __future__ import annotations

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.engine.bench import RegoBench, bench_of
from tests.policy.bundles import COST, MAIN, TAG, thing

TEXTS = {"main.rego": MAIN, "tags/team.rego": TAG, "cost/size.rego": COST}
DATA = {"thresholds": {"most": 10}}


def test_it_decides_and_tells_single_rules() -> None:
    """A rule that is not there, and one that is undefined, have no value."""
    bench = bench_of(TEXTS, DATA)
    assert bench.decision(thing(cost=11))["outcome"] == "needs_approval"
    assert bench.value("data.finops.rules.tags.team.id", {}) == "TAG-001"
    assert bench.value("data.finops.rules.tags.team.applies", {}) is None
    assert bench.value("data.finops.rules.tags.gone", {}) is None


def test_lines_are_those_since_last_asked() -> None:
    """The line behind a condition is reached only where that holds."""
    text = "package finops.main\nimport rego.v1\ndefault decision := {}\ndecision := found if {\n"
    bench = RegoBench({"a.rego": text + '\tinput.a\n\tfound := {"b": input.b}\n}'}, {})
    reached = []
    for document in ({"a": True, "b": 1}, {"a": False, "b": 1}):
        bench.decision(document)
        reached.append(6 in bench.lines()["a.rego"][0])
    assert reached == [True, False]


def test_what_does_not_compile_or_decide_is_an_error() -> None:
    """A variable without a value is found too."""
    with pytest.raises(PolicyError, match="each policy compiles"):
        RegoBench({"a.rego": "package a\nx :="}, {})
    with pytest.raises(PolicyError, match="unsafe"):
        RegoBench({"a.rego": "package finops.main\nimport rego.v1\ndecision := {} if x > 1"}, {})
    with pytest.raises(PolicyError, match="it is defined for each input"):
        RegoBench({"a.rego": "package finops.main\ndecision := 1"}, {}).decision({})

"""What is enough to try one changed policy: the lines that read a value, and the modules it needs."""

from __future__ import annotations

from finops_lib.policy.judge import Said, Written
from finops_lib.policy.life.cases import Case
from finops_lib.policy.life.mutant_parts import Known, Whole, alone, composed, package_of, readers
from finops_lib.policy.life.mutations import Mutation

LIB = "package finops.lib.shared\nlimit := data.thresholds.most\nother := 1\n"
TAG = "package finops.rules.tags.a\nimport data.finops.lib.shared.limit\n"
TAG += 'id := "A-1"\ndeny contains x if limit > 1\n'
COST = 'package finops.rules.cost.b\nid := "B-1"\ndeny contains x if data.thresholds.other > 1\n'
MODULES = {"lib.rego": LIB, "tags/a.rego": TAG, "cost/b.rego": COST, "main.rego": "package finops.main\n"}
WRITTEN = Written(
    {"A-1": "tags/a.rego", "B-1": "cost/b.rego"}, MODULES, {"thresholds": {"most": 1, "other": 2}}
)


def test_readers_are_the_lines_that_name_a_value_or_what_holds_it() -> None:
    """Not one whose name only begins alike."""
    found = readers(
        {**MODULES, "x.rego": "a := data.thresholds\nb := data.thresholdsother\n"}, ("thresholds", "most")
    )
    assert {file: sorted(lines) for file, lines in found.items() if lines} == {"lib.rego": [2], "x.rego": [1]}


def test_a_policy_alone_has_its_libraries_and_no_other_policy() -> None:
    """Main asks all of them, so it is left out; a library cannot be tried alone."""
    assert set(alone(WRITTEN, "tags/a.rego")) >= {"tags/a.rego", "lib.rego"}
    assert "cost/b.rego" not in alone(WRITTEN, "tags/a.rego")
    assert alone(WRITTEN, "main.rego") == {}
    assert package_of("tags/a.rego") == "data.finops.rules.tags.a"


def test_one_policy_takes_the_place_of_what_it_said_in_the_whole() -> None:
    """A denial goes, an approval comes; the others stand."""
    whole = Whole(frozenset("AB"), frozenset("C"), frozenset("ABC"))
    silent = Whole(frozenset(), frozenset(), frozenset("A"))
    assert composed(whole, silent, "A") == Said("deny", ("B", "C"))
    asks = Whole(frozenset(), frozenset("A"), frozenset("A"))
    alone_ = Whole(frozenset("A"), frozenset(), frozenset("A"))
    assert composed(alone_, asks, "A") == Said("needs_approval", ("A",))
    assert composed(alone_, silent, "A") == Said("allow", ())


def test_the_cases_tried_are_those_that_reach_the_change_and_a_few_more() -> None:
    """All of them where the lines cannot be told."""
    cases = tuple(Case(f"c{n}", "x.yaml", {}, "allow", ()) for n in range(40))
    reached = tuple({"tags/a.rego": frozenset({4} if n < 3 else {3})} for n in range(40))
    whole = Whole(frozenset(), frozenset(), frozenset("A"))
    known = Known(WRITTEN, cases, (whole,) * 40, reached, {"tags/a.rego": frozenset({3, 4})})
    change = Mutation("x", "tags/a.rego", 4, lines=(4, 4))
    assert known.places(change) == {"tags/a.rego": frozenset({4})}
    tries = known.tries(known.places(change))
    assert set(tries) >= {0, 1, 2}
    assert len(tries) < 40
    assert sorted(known.tries({"tags/a.rego": frozenset({9})})) == list(range(40))

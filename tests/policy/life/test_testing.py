"""Cases show what policies say, and which of their clauses nothing ever reached."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.judge import Written
from finops_lib.policy.life.cases import Case, read_cases
from finops_lib.policy.life.testing import spread_lines
from finops_lib.policy.life.testing import tested as outcome_of
from tests.policy.regorus_bench import bench
from tests.policy.small_bundle import CASES, COST, TAGS, document, small, with_cases


def without(folder: Path, *names: str) -> tuple[Case, ...]:
    return tuple(case for case in read_cases(with_cases(folder)) if case.name not in names)


def silent(written: Written, cases: Sequence[Case]) -> list[tuple[str, str, int, int]]:
    found = outcome_of(written, cases, bench_of=bench)
    return [(one.policy, one.name, one.number, one.line) for one in found.silent]


def test_a_good_bundle_passes(tmp_path: Path) -> None:
    """All cases come as expected and each clause fires as often as a reader counts."""
    found = outcome_of(small(), read_cases(with_cases(tmp_path)), bench_of=bench)
    assert (found.passed, found.failed, found.silent, found.faults, found.coverage) == (True, (), (), (), 1.0)
    assert len(found.cases) == CASES.count("- name")
    counts = {(one.policy, one.name, one.number): one.cases for one in found.clauses}
    assert counts["COST-001", "deny", 1] == 2  # above the limit, both
    assert counts["COST-001", "approve", 1] == 1  # no price
    assert counts["TAG-001", "approve", 1] == 2  # no team, both
    assert counts["", "how", 2] == 2  # no price, no team


def test_the_line_is_that_of_the_text(tmp_path: Path) -> None:
    """Lines that were added to see more are not counted in what is reported."""
    found = outcome_of(small(), without(tmp_path, "no price"), bench_of=bench)
    line = COST.splitlines().index(next(text for text in COST.splitlines() if text.startswith("approve"))) + 1
    assert [(one.policy, one.name, one.line) for one in found.silent] == [("COST-001", "approve", line)]
    assert found.coverage == pytest.approx(7 / 8)
    assert not found.passed


def test_a_clause_in_one_line_and_an_else_that_nothing_reached_are_found(tmp_path: Path) -> None:
    """``applies`` has head and condition on one line; the second ``how`` is an else."""
    one = "\nsmall if input.cost_month < 0\n"
    assert silent(small(cost=COST + one), without(tmp_path, "no price", "no team")) == [
        ("COST-001", "approve", 1, 14),
        ("COST-001", "small", 1, 18),
        ("", "how", 2, 29),
    ]


def test_a_case_that_comes_otherwise_says_what_came() -> None:
    """Expected and found stand side by side; the other case passes."""
    cases = (
        Case("wrong", "x.yaml", document(), "deny", ("COST-001",)),
        Case("right", "x.yaml", document(), "allow", ()),
    )
    found = outcome_of(small(), cases, bench_of=bench)
    assert [(one.name, one.expected, one.came) for one in found.failed] == [
        ("wrong", "deny (COST-001)", "allow")
    ]
    assert found.failed[0].why == "deny (COST-001) was expected, allow came"


def test_the_same_outcome_for_another_reason_fails() -> None:
    """A denial by another rule is not the denial that was expected."""
    case = Case("a", "x.yaml", document(cost_month=101), "deny", ("TAG-001",))
    [failed] = outcome_of(small(), [case], bench_of=bench).failed
    assert failed.why == "deny (TAG-001) was expected, deny (COST-001) came"


def test_a_case_that_cannot_be_evaluated_fails() -> None:
    """Two values of one rule are an error of the policy, not a verdict."""
    broken = COST.replace('id := "COST-001"', 'id := "COST-001"\n\nid := "B" if input.cost_month > 1')
    case = Case("a", "x.yaml", document(), "allow", ())
    [failed] = outcome_of(small(cost=broken), [case], bench_of=bench).failed
    assert failed.came == "deny (ENGINE)"
    assert "it could not be evaluated: " in failed.why


@pytest.mark.parametrize(
    ("dropped", "fault"),
    [
        (("no team", "both"), "TAG-001: no case in which it gives a reason"),
        (
            (
                "cheap with a team",
                "just at the limit",
                "just above the limit",
                "no price",
            ),
            "TAG-001: no case in which it applies and gives no reason",
        ),
    ],
)
def test_a_policy_of_which_one_side_is_shown_is_a_fault(
    tmp_path: Path, dropped: tuple[str, ...], fault: str
) -> None:
    """A policy needs a case that it stops and one that it lets pass."""
    found = outcome_of(small(), without(tmp_path, *dropped), bench_of=bench)
    assert fault in found.faults
    assert not found.passed


def test_a_bundle_with_nothing_in_it_is_an_error() -> None:
    """No case, or no policy, is no success."""
    case = Case("a", "x.yaml", document(), "allow", ())
    with pytest.raises(PolicyError, match="a bundle with no cases"):
        outcome_of(small(), [], bench_of=bench)
    with pytest.raises(PolicyError, match="a bundle with no policies"):
        outcome_of(Written({}, {}, {}), [case], bench_of=bench)


def test_texts_that_do_not_compile_are_an_error() -> None:
    """A policy that is no Rego is no policy that says nothing."""
    case = Case("a", "x.yaml", document(), "allow", ())
    with pytest.raises(PolicyError, match=r"tags/team\.rego"):
        outcome_of(small(tags=TAGS + "\nbroken := :="), [case], bench_of=bench)


def test_spread_texts_say_the_same(tmp_path: Path) -> None:
    """On every case the text with more lines decides as the text that was written."""
    written = small()
    spread = {file: spread_lines(text, file=file) for file, text in written.modules.items()}
    assert spread != written.modules
    one, other = bench(written.modules, written.data), bench(spread, written.data)
    for case in read_cases(with_cases(tmp_path)):
        assert one.decision(case.document) == other.decision(case.document)


def test_an_else_in_one_line_is_spread() -> None:
    """An else with no braces gets them, and a last condition."""
    text = "a := 1 if b else := 2 if c"
    expected = "a := 1 if {\r\nb\r\n} else := 2 if {\r\nc\r\ntrue\r\n}"
    assert spread_lines(text, file="a.rego") == expected

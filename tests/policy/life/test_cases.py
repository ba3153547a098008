"""Cases are read strictly: each says what goes in and what must come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.errors import PolicyError
from finops_lib.policy.life.cases import merged as put_together
from finops_lib.policy.life.cases import read_cases
from tests.policy.small_bundle import CASES, with_cases

ONE = "- name: a\n  input: {}\n  outcome: deny\n  rules: [INPUT]\n"


def test_a_patch_changes_a_base(tmp_path: Path) -> None:
    """The third case is the base with another price, and the base itself stays as it was."""
    cases = {case.name: case for case in read_cases(with_cases(tmp_path))}
    above = cases["just above the limit"]
    assert above.document["cost_month"] == 100.01
    assert above.document["resource"]["tags"] == {"team": "checkout"}
    assert (above.outcome, above.rules, above.file) == ("deny", ("COST-001",), "all.yaml")
    assert cases["cheap with a team"].document["cost_month"] == 12.3
    assert cases["no team"].document["resource"]["tags"] == {}
    assert cases["no price"].document["cost_month"] is None
    assert cases["nothing"].document == {}
    assert len(cases) == CASES.count("- name")


def test_a_base_may_stand_in_the_case(tmp_path: Path) -> None:
    """A mapping in place of a name is the base itself."""
    text = ONE.replace("input: {}", "base: {a: 1, b: 2}\n  patch: {b: null, c: [<null>, null]}")
    [case] = read_cases(with_cases(tmp_path, text))
    assert case.document == {"a": 1, "c": [None, None]}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[]", "a policy is tested before it is trusted"),
        ("a: 1", "cases all.yaml: it is a list of cases"),
        ("- a", "cases all.yaml, case 1: a case is a mapping"),
        (ONE.replace("name: a", "name: ''"), "case 1: name '': a case has a name"),
        (ONE + "  more: 1\n", "key 'more': it has the keys"),
        (ONE.replace("deny", "denied"), "outcome 'denied': it is one of allow, needs_approval, deny"),
        (ONE.replace("[INPUT]", "INPUT"), "rules 'INPUT': it is a list of ids, sorted"),
        (ONE.replace("[INPUT]", "[B, A]"), "it is a list of ids, sorted, each once"),
        (ONE.replace("[INPUT]", "[A, A]"), "it is a list of ids, sorted, each once"),
        (ONE.replace("[INPUT]", "[]"), "outcome deny with 0 rules"),
        (ONE.replace("deny", "allow"), "outcome allow with 1 rules"),
        (ONE.replace("  input: {}\n", ""), "keys none: it has an input, or a base"),
        (ONE.replace("input: {}", "input: {}\n  base: bucket"), "keys base, input"),
        (ONE.replace("input: {}", "input: {}\n  patch: {a: 1}"), "keys input, patch"),
        (ONE.replace("input: {}", "base: shelf"), "base 'shelf': it is a name in bases.yaml"),
        (ONE.replace("input: {}", "base: [1]"), "base or patch: each is a mapping"),
        (ONE.replace("input: {}", "base: bucket\n  patch: 1"), "base or patch: each is a mapping"),
        (ONE + ONE, "case 'a' twice: a name is used once"),
    ],
)
def test_a_case_that_says_too_little_or_too_much_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    """The file, the case and the rule are named."""
    with pytest.raises(PolicyError, match=fault):
        read_cases(with_cases(tmp_path, text))


def test_a_bundle_without_cases_is_an_error(tmp_path: Path) -> None:
    """No folder of cases is the same as no case."""
    with pytest.raises(PolicyError, match="no cases: a policy is tested"):
        read_cases(tmp_path)


def test_bases_are_a_mapping(tmp_path: Path) -> None:
    """A list of bases has no names."""
    with_cases(tmp_path)
    (tmp_path / "cases" / "bases.yaml").write_text("[1]")
    with pytest.raises(PolicyError, match=r"cases bases\.yaml: it maps names to documents"):
        read_cases(tmp_path)


JSON = st.recursive(
    st.one_of(st.integers(), st.text(max_size=3), st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=2), JSON, max_size=4))
def test_an_empty_patch_changes_nothing_and_a_whole_one_takes_over(base: dict[str, Any]) -> None:
    """Merging nothing gives the base; merging the base into nothing, or into itself, gives the base."""
    assert put_together(base, {}) == base
    assert put_together({}, base) == base
    assert put_together(base, base) == base


@given(st.dictionaries(st.text(max_size=2), JSON, min_size=1, max_size=4))
def test_null_takes_every_key_out(base: dict[str, Any]) -> None:
    """A patch with null for each key leaves nothing."""
    assert put_together(base, dict.fromkeys(base)) == {}

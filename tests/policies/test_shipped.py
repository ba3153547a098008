"""The shipped policies: what each says of its cases, on both engines, with thresholds as data alone."""

from __future__ import annotations

import copy
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.policies.two_engines import (
    RULES,
    Ask,
    cases_of,
    in_process,
    merged,
    modules,
    read,
    real_opa,
    said,
    whole,
)

BUNDLE = read(RULES / "bundle.yaml")
DATA = read(RULES / "data.yaml")
BASES = read(RULES / "cases" / "bases.yaml")
FILES = sorted(path for path in (RULES / "cases").glob("*.yaml") if path.name != "bases.yaml")
CASES = {path.stem: list(cases_of(path, BASES)) for path in FILES}
REGORUS, OPA = in_process(modules(), DATA), real_opa(modules(), DATA)
STRANGE = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        0.005,
        100000000000000.0,
        "",
        "x",
        "\u202e<b>",
        "1",
        "2026-02-30T00:00:00Z",
        [],
        ["x"],
        [1],
        {},
        {"a": 1},
        [[]],
        [{}],
        "*",
        "0.0.0.0/0",
        "${var.x}",
        {"Ref": "X"},
    ]
)


def stem_of(policy: dict[str, Any]) -> str:
    """Name the file of cases of a policy."""
    return Path(policy["file"]).with_suffix("").as_posix().replace("/", "-").replace("_", "-")


@pytest.mark.parametrize("stem", CASES)
def test_each_case_comes_as_expected_on_both_engines(stem: str) -> None:
    """Outcome and rules are those of the case, and the engines give the same reasons word by word."""
    wrong = []
    for name, document, expected in CASES[stem]:
        here, there = REGORUS(document), OPA(document)
        if said(here) != expected or whole(here) != whole(there):
            wrong.append((name, expected, said(here), said(there)))
    assert wrong == []


def test_there_are_enough_cases_and_each_has_its_own_name() -> None:
    """Three hundred or more, no name twice."""
    names = Counter(name for cases in CASES.values() for name, _, _ in cases)
    assert len(names) >= 300
    assert max(names.values()) == 1


def test_every_policy_has_a_file_with_a_case_it_objects_to_and_one_it_lets_pass() -> None:
    """And there is no file beside those of the policies but that of malformed inputs."""
    stems = {stem_of(policy): policy["id"] for policy in BUNDLE["policies"]}
    assert set(CASES) == {*stems, "input"}
    for stem, own in stems.items():
        rules = [expected[1] for _, _, expected in CASES[stem]]
        assert any(own in found for found in rules), stem
        assert any(not found for found in rules), stem


def test_every_policy_applies_to_the_kind_that_the_bundle_states() -> None:
    """A well formed document is judged by all policies of its kind that could concern it, and no others."""
    kinds = {policy["id"]: policy["applies_to"] for policy in BUNDLE["policies"]}
    seen = set()
    for cases in CASES.values():
        for _, document, expected in cases:
            if expected[1] != ["INPUT"]:
                evaluated = REGORUS(document)["evaluated"]
                assert {kinds[one] for one in evaluated} == {document["kind"]}
                seen |= set(evaluated)
    assert seen == set(kinds)


@pytest.mark.parametrize("ask", [REGORUS, OPA], ids=["regorus", "opa"])
def test_canaries_are_denied(ask: Ask) -> None:
    """Each of them, by a rule, so that an engine that allows one is not trusted."""
    canaries = read(RULES / "canaries.yaml")
    assert len(canaries) >= 10
    outcomes = {one["name"]: ask(one["input"])["outcome"] for one in canaries}
    assert set(outcomes.values()) == {"deny"}
    assert len(outcomes) == len(canaries)


def test_canaries_are_denied_by_more_than_the_check_of_the_form() -> None:
    """Policies of every area but tags alone catch one, so that an engine with half of them is noticed."""
    rules = {rule for one in read(RULES / "canaries.yaml") for rule in said(REGORUS(one["input"]))[1]}
    assert {rule.split("-")[0] for rule in rules} >= {"INPUT", "TAG", "SEC", "OPS", "ENV", "DUTY", "ACC"}


def test_bundle_states_what_the_rego_says() -> None:
    """Id, package, file and title are the same in both, and every file is named."""
    texts = modules()
    for policy in BUNDLE["policies"]:
        text = texts.pop(policy["file"])
        area, name = policy["file"].removesuffix(".rego").split("/")
        assert f'\nid := "{policy["id"]}"\n' in text
        assert f"\npackage finops.rules.{area}.{name}\n" in text
        assert policy["package"] == f"finops.rules.{area}.{name}"
        assert text.startswith(f"# {policy['title']}\n")
        assert policy["stage"] == "enforce"
        assert policy["owner"] in {"finops", "security", "platform"}
        assert re.fullmatch(r"\d+\.\d+\.\d+", policy["version"])
    assert sorted(texts) == sorted(["main.rego", *BUNDLE["libraries"]])


def test_thresholds_stand_in_the_data_alone() -> None:
    """No number in the Rego is a threshold: only counts, places, and the parts of an hour and a day."""
    found = set()
    for text in modules().values():
        plain = re.sub(r'"(\\.|[^"\\])*"|`[^`]*`|#.*', " ", text)
        found |= set(re.findall(r"(?<![\w.])\d[\d_.]*", plain))
    assert found <= {"0", "1", "2", "3", "24", "3600000000000"}


def test_nothing_asks_for_a_clock_chance_or_network() -> None:
    """The verdict follows from the input and the data."""
    for path, text in modules().items():
        assert not re.search(r"\b(http\.send|time\.now_ns|rand\.|opa\.runtime|net\.lookup|trace\()", text), (
            path
        )
        assert not re.search(r"%[-+ #0]*[\d.]*[eEfFgG]", text), path


def test_a_bucket_need_not_declare_what_aws_does_where_the_setting_says_so() -> None:
    """The setting by environment is what makes the difference, and only for what is not declared."""
    data = copy.deepcopy(DATA)
    data["thresholds"]["security"]["encryption"]["require_declared"]["prod"] = False
    bare = merged(
        BASES["bucket"], {"resource": {"properties": {"server_side_encryption_configuration": None}}}
    )
    off = merged(bare, {"resource": {"properties": {"encrypted": False}}})
    assert said(REGORUS(bare)) == ("deny", ["SEC-001"])
    assert [said(ask(bare)) for ask in (in_process(modules(), data), real_opa(modules(), data))] == [
        ("allow", [])
    ] * 2
    assert said(in_process(modules(), data)(off)) == ("deny", ["SEC-002"])


def test_a_bundle_without_its_policies_allows_nothing() -> None:
    """The main rule alone denies what it cannot judge, however well formed."""
    alone = {path: text for path, text in modules().items() if "/" not in path}
    for ask in (in_process(alone, DATA), real_opa(alone, DATA)):
        assert ask(BASES["queue"]) == {
            "outcome": "deny",
            "deny": [{"rule": "INPUT", "reason": "the input could not be judged", "subject": ""}],
            "approve": [],
            "evaluated": [],
        }


def places_of(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List every place in a document."""
    inner = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    return [path, *(place for key, value in inner for place in places_of(value, (*path, key)))]


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Put a value there."""
    if not path:
        return value
    changed = copy.copy(document)
    changed[path[0]] = put(document[path[0]], path[1:], value)
    return changed


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_strange_value_makes_an_engine_fail_or_the_two_differ(data: st.DataObject) -> None:
    """Whatever stands in whatever place, there is a decision, the same on both engines."""
    document = BASES[data.draw(st.sampled_from(sorted(BASES)))]
    for _ in range(data.draw(st.integers(1, 2))):
        place = data.draw(st.sampled_from(places_of(document)[1:]))
        document = put(document, place, data.draw(STRANGE))
    assert whole(REGORUS(document)) == whole(OPA(document))

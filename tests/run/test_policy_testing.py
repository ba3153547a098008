"""Are policies good code: cases on the engine that judges, coverage, mutants, and what fails them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.run.policy_testing import content, lines
from finops_lib.run.policy_testing import test_bundle as shown_by
from tests.policy.bundles import folder_with
from tests.policy.opa_server import opa_server

CASES = """- name: with a team
  input: {resource: {address: a, tags: {team: x}}}
  outcome: allow
  rules: []
- name: without
  input: {resource: {address: a, tags: {}}}
  outcome: deny
  rules: [TAG-001]
- name: at the limit
  input: {resource: {address: a, tags: {team: x}, cost: 10}}
  outcome: allow
  rules: []
- name: above it
  input: {resource: {address: a, tags: {team: x}, cost: 11}}
  outcome: needs_approval
  rules: [COST-001]
- name: nothing
  input: {}
  outcome: deny
  rules: [INPUT]
"""


def bundle(place: Path, cases: str = CASES) -> str:
    folder_with(place)
    (place / "cases").mkdir(exist_ok=True)
    (place / "cases" / "a.yaml").write_text(cases, encoding="utf-8")
    (place / "cases" / "bases.yaml").write_text("{}\n", encoding="utf-8")
    return str(place)


def test_a_bundle_whose_cases_pass_on_both_engines(tmp_path: Path) -> None:
    """The server judges them too; the figures can be written as JSON."""
    with opa_server() as (url, _):
        shown = shown_by(bundle(tmp_path), url=url, push=True, mutants=False)
    told = json.loads(json.dumps(content(shown)))
    assert (told["passed"], told["mutants"]) == (True, None)
    assert (told["cases"]["count"], told["cases"]["passed"], told["cases"]["differing"]) == (5, 5, [])
    assert told["coverage"]["share"] == 1.0
    assert [engine.split(" ")[0] for engine in told["engines"]] == ["regorus", "opa"]
    assert lines(shown)[-1] == "passed"


def test_a_case_that_comes_otherwise_fails_it(tmp_path: Path) -> None:
    """It is named, and no mutant is tried."""
    shown = shown_by(bundle(tmp_path, CASES.replace("outcome: needs_approval", "outcome: deny")))
    told = content(shown)
    assert (told["passed"], told["mutants"]) == (False, None)
    assert [one["name"] for one in told["cases"]["failed"]] == ["above it"]
    assert any("above it" in line for line in lines(shown))


def test_a_rule_that_no_case_reaches_fails_it(tmp_path: Path) -> None:
    """Though all cases pass."""
    fewer = "".join(
        part
        for part in CASES.split("- name: ")[0:1]
        + ["- name: " + part for part in CASES.split("- name: ")[1:] if not part.startswith("above")]
    )
    told = content(shown_by(bundle(tmp_path, fewer), mutants=False))
    assert told["passed"] is False
    assert told["coverage"]["share"] < 1
    assert {one["file"] for one in told["coverage"]["silent"]} >= {"cost/size.rego"}


def test_a_mutant_that_no_case_notices_is_told(tmp_path: Path) -> None:
    """Without the case at the limit a limit that is one higher goes unnoticed."""
    without = CASES.replace("cost: 11", "cost: 50").replace("cost: 10", "cost: 1")
    told = content(shown_by(bundle(tmp_path, without)))
    assert told["mutants"] is not None
    assert any("thresholds.most" in one["id"] for one in told["mutants"]["survivors"])
    assert told["mutants"]["killed"] > told["mutants"]["survived"]


def test_a_bundle_without_cases_is_an_error(tmp_path: Path) -> None:
    """Nothing tested is nothing shown."""
    with pytest.raises(PolicyError):
        shown_by(str(folder_with(tmp_path)))


def test_the_shipped_policies_pass() -> None:
    """Every case on the engine that judges, and every rule fires."""
    told = content(shown_by(mutants=False))
    assert told["passed"] is True
    assert told["cases"]["count"] >= 300
    assert told["coverage"]["share"] == 1.0

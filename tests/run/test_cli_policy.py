"""The commands of ``finops policy``: exit codes, JSON, and the sample company where nothing is named."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from finops_lib.policy.bundle import SHIPPED
from finops_lib.run.cli import app
from tests.run.test_policy_testing import CASES, bundle


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["policy", *words])
    return done.exit_code, done.stdout


def test_test_ends_with_0_or_1(tmp_path: Path) -> None:
    """Where all is shown, and where a case comes otherwise."""
    folder = bundle(tmp_path / "good")
    code, said = run("test", "--bundle", folder, "--no-mutants", "--json")
    assert (code, json.loads(said)["passed"]) == (0, True)
    worse = bundle(tmp_path / "bad", CASES.replace("outcome: needs_approval", "outcome: deny"))
    code, said = run("test", "--bundle", worse)
    assert (code, said.strip().splitlines()[-1]) == (1, "not passed")


def test_a_bundle_that_was_tampered_with_is_refused(tmp_path: Path) -> None:
    """Against the digest that is pinned."""
    code, said = run("test", "--bundle", bundle(tmp_path), "--pinned", "0" * 64, "--json")
    assert (code, json.loads(said)["error"]["type"]) == (1, "PolicyError")


def test_replay_takes_the_sample_company_where_nothing_is_named() -> None:
    """One JSON object; a bundle has to be named."""
    code, said = run("replay", "--bundle", str(SHIPPED), "--json")
    told = json.loads(said)
    assert (code, told["hits"], told["days"]) == (0, [], 90)
    assert told["changes"] > 0
    assert run("replay")[0] == 2

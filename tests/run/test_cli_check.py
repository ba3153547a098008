"""The command ``finops check`` as people and pipelines use it: exit codes, JSON, and the files it writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from finops_lib.run.cli import app
from tests.run.estate_repository import API, BUCKET, STORAGE, Estate

AT = "2026-11-26T10:00:00Z"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    made = Estate(tmp_path_factory.mktemp("cli"))
    made.branch("clean", API, "parcel-api:1.10.0", "parcel-api:1.10.1")
    made.branch("bucket", STORAGE, "", BUCKET)
    yield made


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["check", *words])
    return done.exit_code, done.stdout


def test_a_clean_change_ends_with_0_and_one_json_object(estate: Estate) -> None:
    """Commits, bundle and moment are in it, and a verdict for the change and for each resource."""
    words = ["--repo", str(estate.folder), "--base", "main", "--head", "clean", "--at", AT]
    code, said = run(*words, "--json")
    told = json.loads(said)
    assert (code, told["outcome"], told["passed"], told["files"]) == (0, "allow", True, [API])
    assert told["head"] == estate.git("rev-parse", "clean")
    assert told["time"] == "2026-11-26T10:00:00+00:00"
    assert len(told["policy"]["sha256"]) == 64
    assert [one["kind"] for one in told["verdicts"]].count("change") == 1
    assert {one["verdict"]["outcome"] for one in told["verdicts"]} == {"allow"}


def test_a_denied_change_ends_with_1_and_writes_what_others_read(estate: Estate, tmp_path: Path) -> None:
    """SARIF with the place, JUnit with a failure, Markdown for the pull request; lines for people."""
    sarif, junit, comment = (tmp_path / "out" / name for name in ("a.sarif", "a.xml", "a.md"))
    code, said = run(
        *("--repo", str(estate.folder), "--base", "main", "--head", "bucket", "--at", AT),
        *("--sarif", str(sarif), "--junit", str(junit), "--markdown", str(comment)),
    )
    assert code == 1
    assert f"{STORAGE}:48: error: terraform/accounts/dev:aws_s3_bucket.plain: " in said
    assert said.strip().endswith("policies: deny")
    results = json.loads(sarif.read_text(encoding="utf-8"))["runs"][0]["results"]
    [place] = [one["locations"][0]["physicalLocation"] for one in results if one["ruleId"] == "SEC-001"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == (STORAGE, 48)
    assert ElementTree.parse(junit).findall(".//failure")  # noqa: S314  our own
    assert "SEC-001" in comment.read_text(encoding="utf-8")


def test_what_cannot_be_asked_is_an_error_with_its_exit_code(estate: Estate, tmp_path: Path) -> None:
    """A commit that is not there, a bundle that is none; a moment that is none is wrong use."""
    words = ["--repo", str(estate.folder), "--base", "main"]
    code, said = run(*words, "--head", "nowhere", "--json")
    assert (code, json.loads(said)["error"]["type"]) == (1, "SettingsError")
    code, said = run(*words, "--head", "clean", "--policy", str(tmp_path), "--json")
    assert (code, json.loads(said)["error"]["type"]) == (1, "PolicyError")
    assert run(*words, "--head", "clean", "--at", "soon")[0] == 2


def test_a_program_that_is_required_and_absent_fails_the_change(
    estate: Estate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """So it is in CI by default; elsewhere it is told and passed over."""
    estate.branch("form", STORAGE, "", "\n# a note\n")
    git = tmp_path / "git"
    git.symlink_to(
        next(
            Path(place) / "git" for place in ("/usr/bin", "/usr/local/bin") if (Path(place) / "git").exists()
        )
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    words = ["--repo", str(estate.folder), "--base", "main", "--head", "form", "--at", AT]
    monkeypatch.setenv("CI", "true")
    assert run(*words)[0] == 1
    assert run(*words, "--no-require")[0] == 0
    monkeypatch.delenv("CI")
    code, said = run(*words)
    assert code == 0
    assert "the program terraform is not installed" in said

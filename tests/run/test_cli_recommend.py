"""``finops recommend`` on the command line: JSON, words and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from finops_lib.run.cli import app
from tests.run.sizedlakes import bill, lake_of


def test_the_same_facts_as_json_and_in_words(tmp_path: Path) -> None:
    """Changes and reasons come as one object, or as lines."""
    lake = str(lake_of(tmp_path / "x").root)
    done = CliRunner().invoke(app, ["recommend", "--lake", lake, "--json"])
    told = json.loads(done.stdout)
    assert (done.exit_code, len(told["recommendations"]), len(told["not_recommended"])) == (0, 4, 5)
    assert {
        "resource",
        "kind",
        "from",
        "to",
        "saving_month",
        "breach_probability",
        "backtest",
        "reason",
    } <= set(told["recommendations"][0])
    words = CliRunner().invoke(app, ["recommend", "--lake", lake])
    assert words.exit_code == 0
    assert "4 changes" in words.stdout.splitlines()[0]


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (["--days", "3"], 2, "ParameterError"),
        ([], 1, "QueryError"),
        (["--inventory", "gone.csv"], 1, "SettingsError"),
        (["--prices", "gone.csv"], 1, "QueryError"),
        (["--lake", "gone"], 1, "LakeError"),
    ],
)
def test_what_cannot_be_told_ends_with_its_code(
    tmp_path: Path, words: list[str], code: int, kind: str
) -> None:
    """1 refused, 2 wrong use; a lake without samples is refused with what to do."""
    lake = str(lake_of(tmp_path / "x", lines=list(bill()), used={}).root)
    done = CliRunner().invoke(app, ["recommend", "--lake", lake, *words, "--json"])
    assert (done.exit_code, json.loads(done.stdout)["error"]["type"]) == (code, kind)

"""What a check says to machines and people; a file is written whole or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from finops_lib.errors import SettingsError
from finops_lib.policy.check.finding import Finding, Part, Ran, checked
from finops_lib.records import Verdict
from finops_lib.run.check_asked import Asked, Prices, Rules
from finops_lib.run.check_json import content, lines, write_files
from finops_lib.run.checking import Answer, Judged

SAID = Verdict("deny", (), ("A-1",), (), (), "ab", "cd", "x", "2026-11-26T10:00:00Z")
FOUND = Finding("policy", "A-1", "error", "no <b>team</b>\x1b[31m", "a.tf", 3, "a:x")


@pytest.fixture
def answer() -> Answer:
    said = checked([Part((FOUND,), (Ran("policy", "x", "1", 1),))], verdicts=[SAID])
    return Answer("1" * 40, "2" * 40, "3" * 40, said, (Judged("resource", "a:x", SAID),), ("a.tf",))


def test_the_json_can_be_written_and_tells_all(answer: Answer) -> None:
    """Verdicts with their subject, findings with their place."""
    asked = Asked(Path(), "a", "b", datetime(2026, 11, 26, tzinfo=UTC), Rules.read(), Prices.read())
    told = json.loads(json.dumps(content(answer, asked)))
    assert (told["outcome"], told["passed"], told["base"]) == ("deny", False, "1" * 40)
    assert told["verdicts"][0]["subject"] == "a:x"
    assert told["verdicts"][0]["verdict"]["outcome"] == "deny"
    assert told["findings"][0]["file"] == "a.tf"
    assert told["policy"]["sha256"] == asked.rules.bundle.sha256


def test_lines_hold_no_control_characters(answer: Answer) -> None:
    """A terminal shows them as they are."""
    first, *_, last = lines(answer)
    assert first.startswith("a.tf:3: error: a:x: no <b>team</b>")
    assert "\x1b" not in first
    assert last == "not passed: 1 error, 0 warnings, 0 notes; policies: deny"


def test_only_the_files_named_are_written_and_markup_is_escaped(answer: Answer, tmp_path: Path) -> None:
    """In a folder that is made for them; a place that cannot be written is an error."""
    place = tmp_path / "new" / "a.md"
    write_files(answer, sarif_file="", junit_file="", markdown_file=str(place))
    assert [path.name for path in place.parent.iterdir()] == ["a.md"]
    assert "<b>" not in place.read_text(encoding="utf-8")
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"the place can be written to\. Remedy: name another file"):
        write_files(answer, sarif_file=str(tmp_path / "file" / "a"), junit_file="", markdown_file="")

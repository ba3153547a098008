"""The files that the README shows are files that the program reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from finops_lib.anomaly import alert_file, window_file
from finops_lib.run import notify_targets

README = Path(__file__).resolve().parents[2] / "README.md"


def tables(name: str) -> str:
    """Cut the tables of this name out of the README's block of TOML that holds them."""
    block = next(
        text for text in re.findall(r"```toml\n(.*?)```", README.read_text(), re.DOTALL) if name in text
    )
    return "".join(part for part in re.split(r"(?m)^(?=\[\[)", block) if part.startswith(name))


def test_targets_alerts_and_calendar_can_be_read() -> None:
    """Each of the three files, cut apart."""
    target = notify_targets.parse(
        tables("[[target]]"), name="t.toml", environ={"CHAT_URL": "json://host"}, folder=Path()
    )
    assert [one.name for one in target] == ["chat"]
    (team,), _ = alert_file.parse(tables("[[team]]"), name="a.toml")
    assert (team.alerts_a_week, len(team.steps)) == (5, 1)
    assert [one.name for one in window_file.parse(tables("[[window]]"), name="c.toml")] == ["Load test"]


def test_a_table_that_the_readme_does_not_show_is_not_found() -> None:
    """So that a renamed block fails above instead of being passed over."""
    with pytest.raises(StopIteration):
        tables("[[nothing]]")

"""Settings: the user's file over the shipped one, each with its sha256; a mistake is named."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from finops_lib.billing.quality import Thresholds
from finops_lib.errors import SettingsError
from finops_lib.run.settings import (
    SHIPPED,
    USER_FILE,
    AnomalyLimits,
    ForecastLimits,
    RunLimits,
    load_settings,
)


def test_the_shipped_file_says_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file of the user's, code and settings.toml agree on every value."""
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert (settings.quality, settings.run) == (Thresholds(), RunLimits())
    assert settings.forecast == ForecastLimits()
    assert settings.anomaly == AnomalyLimits()
    assert [item.file for item in settings.files] == [SHIPPED.name]


def test_the_users_file_comes_over_the_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """finops.toml of the current folder changes what it names; both files stand with their sha256."""
    monkeypatch.chdir(tmp_path)
    Path(USER_FILE).write_text("[run]\nkeep_reports = 2\n[quality]\nlate_after_days = 9\n")
    settings = load_settings()
    assert (settings.run, settings.quality) == (RunLimits(keep_reports=2), Thresholds(late_after_days=9))
    told = json.loads(settings.document())
    assert told["values"]["run"]["keep_reports"] == 2
    paths = (SHIPPED, Path(USER_FILE))
    expected = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    assert [item["sha256"] for item in told["files"]] == expected
    assert told["files"][-1]["file"] == USER_FILE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[run]\nkeep_report = 2", "keep_report under .*nearest is keep_reports"),
        ("[qualty]\n", r"\[qualty\].*nearest is quality"),
        ("run = 3", "run = 3: it is a table"),
        ("[run]\nkeep_reports = -1", "keep_reports = -1: .*from 0 to 100000"),
        ("[run]\nkeep_reports = true", "keep_reports = True"),
        ("[quality]\nlate_after_days = 99", "late_after_days = 99"),
        ("[forecast]\ninterval_percent = 100", "interval_percent = 100: .*from 50 to 99"),
        ("[forecast]\nlargest_series = 2.5", "largest_series = 2.5"),
        ("[run", "UTF-8 and TOML"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, text: str, said: str) -> None:
    """Unknown names (the nearest one is offered), values out of bounds and broken TOML."""
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=f"mine.toml: .*{said}"):
        load_settings(file)


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    """Only the file that nobody named may be missing."""
    with pytest.raises(SettingsError, match=r"gone\.toml"):
        load_settings(tmp_path / "gone.toml")

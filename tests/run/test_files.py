"""Versioned files beside the bill: read whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_lib.errors import SettingsError
from finops_lib.run.files import Files


@pytest.mark.parametrize("kind", ["budget", "limits", "changes"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        (b"\xff\xfe[", "UTF-8"),
        (b"[[budget", "correct"),
        (b"x" * 5_000_001, "5,000,000"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error(
    tmp_path: Path, kind: str, content: bytes | None, said: str
) -> None:
    """Missing, in another encoding, broken or far too large: named, with the rule and what to do."""
    path = tmp_path / "plan.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=said) as caught:
        Files.read(**{kind: str(path)})
    assert "plan.toml" in str(caught.value)


def test_a_folder_and_a_name_that_cannot_be_are_errors_too(tmp_path: Path) -> None:
    """Neither is a file; nothing else is raised."""
    for path in (str(tmp_path), "a\0b", "x" * 5000):
        with pytest.raises(SettingsError, match="budgets file"):
            Files.read(budget=path)
    assert Files.read() == Files()

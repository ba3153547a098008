"""Files of commitments are read where they are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_lib.errors import SettingsError
from finops_lib.run.commit_files import CommitFiles


def test_no_path_is_no_file() -> None:
    """Nothing is offered, and no end is known."""
    assert CommitFiles.read() == CommitFiles()


def test_both_are_read(tmp_path: Path) -> None:
    """Offers and ends."""
    (tmp_path / "o.csv").write_text("offer,scope,months,payment,discount\nplan,a,12,none,0.3\n")
    (tmp_path / "h.csv").write_text("commitment,ends\nri,2026-12-01\n")
    found = CommitFiles.read(offers=str(tmp_path / "o.csv"), held=str(tmp_path / "h.csv"))
    assert ([one.name for one in found.offers], [one.commitment for one in found.held]) == (["plan"], ["ri"])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Which of the two, and what to do."""
    for asked, kind in (({"offers": "gone"}, "offers"), ({"held": "gone"}, "commitments")):
        with pytest.raises(SettingsError, match=f"{kind} file 'gone'"):
            CommitFiles.read(**asked)
    assert tmp_path.is_dir()

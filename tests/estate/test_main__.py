from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from finops_lib.estate.__main__ import main

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
BY_HAND = {"README.md"}
LARGEST_BYTES = 10_000_000


def digests(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(content(path)).hexdigest()
        for path in paths
        if str(path.relative_to(folder)) not in BY_HAND
    }


def content(path: Path) -> bytes:
    """Read what a file says, so that another zlib may pack it otherwise."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def test_the_samples_can_be_made_again(tmp_path: Path) -> None:
    """The program writes data/samples anew, file by file the same."""
    assert main([str(tmp_path)]) == 0
    assert digests(tmp_path) == digests(SAMPLES)


def test_the_samples_stay_small() -> None:
    """Under 10 MB in all."""
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < LARGEST_BYTES


def test_size_and_format_can_be_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The program says what it wrote."""
    assert (
        main([str(tmp_path), "--rows", "2000", "--months", "1", "--format", "focus-1.4", "--type", "csv"])
        == 0
    )
    assert "focus-1.4" in capsys.readouterr().out
    assert (tmp_path / "focus-1.4" / "2026-09" / "part-00000.csv").exists()

"""A report is whole or not there: notebook, page, summary and a manifest that knows their sha256."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.errors import ParameterError, RunError
from finops_lib.privacy import People
from finops_lib.run.catalog import Catalog, load_catalog, notebook_folder
from finops_lib.run.report import FAILED, MANIFEST, NOTEBOOK, PAGE, RUNS, SUMMARY, Order, order, report
from finops_lib.run.settings import Settings

BILL = Path(__file__).resolve().parents[1] / "notebooks" / "bill.csv"
NOW = datetime(2026, 8, 20, tzinfo=UTC)
ENTRY = """
[[notebook]]
file = "00_tiny.ipynb"
question = "What is it?"
owner = "finops"
app = false
writes = []
"""


def asked(name: str, catalog: Catalog, folder: Path, **parameters: Any) -> Order:
    """Ask for a report on the lake of this folder."""
    return order(
        name,
        catalog=catalog,
        parameters=parameters,
        lake_root=folder / "lake",
        out=folder / "reports",
        settings=Settings(),
        now=NOW,
    )


@pytest.fixture
def tiny(tmp_path: Path, notebook: Callable[..., Path]) -> Callable[..., Order]:
    """Return a function that asks for a notebook of two cells, over an empty lake."""

    def ask(cell: str, **parameters: Any) -> Order:
        notebook("days: int = 3", cell)
        (tmp_path / "catalog.toml").write_text(ENTRY)
        return asked("tiny", load_catalog(tmp_path), tmp_path, **parameters)

    return ask


def test_a_report_is_four_files_and_the_manifest_knows_them(tmp_path: Path) -> None:
    """The first notebook over a small bill: files, digests, no address of elsewhere, no place of ours."""
    lake = Lake(tmp_path / "lake")
    ingest([BILL], lake=lake, people=People.open(lake.root, {}), now=NOW)
    run = report(asked("start_here", load_catalog(notebook_folder()), tmp_path, month="2026-07"))
    folder = tmp_path / "reports" / RUNS / "start_here" / "2026-07" / run.run_id
    assert {path.name for path in folder.iterdir()} == {NOTEBOOK, PAGE, SUMMARY, MANIFEST}
    assert {Path(path).parent for path in (run.notebook, run.html, run.summary, run.manifest)} == {folder}
    made = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert {item["file"]: item["sha256"] for item in made["outputs"]} == {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (NOTEBOOK, PAGE, SUMMARY)
    }
    assert made["lake_digest"] == lake.digest()
    assert {item["id"] for item in made["deliveries"]} == {item.id for item in lake.snapshots()}
    assert str(tmp_path) not in json.dumps(made)
    assert json.loads((folder / SUMMARY).read_text(encoding="utf-8"))["month"] == "2026-07"
    text = (folder / PAGE).read_text(encoding="utf-8")
    assert re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']?(?:https?:)?//", text) == []
    assert re.findall(r"url\([\"']?(?:https?:)?//", text) == []


@pytest.mark.parametrize(
    ("cell", "said"),
    [("raise KeyError('no such month')", "no such month"), ("days + 1", "its last cell returns the summary")],
)
def test_a_run_that_failed_leaves_no_folder(tiny: Callable[..., Order], cell: str, said: str) -> None:
    """A cell that raises, a missing summary: only the notebook is kept, to look for the reason."""
    ask = tiny(cell)
    with pytest.raises(RunError, match=said) as raised:
        report(ask)
    files = [path for path in (ask.out / RUNS).rglob("*") if path.is_file()]
    assert [path.parent for path in files] == [ask.out / RUNS / "tiny" / FAILED]
    assert str(files[0]) in raised.value.remedy
    assert [path.name for path in (ask.out / RUNS).iterdir()] == ["tiny"]


def test_a_wrong_parameter_is_refused_before_anything_is_written(tiny: Callable[..., Order]) -> None:
    """An unknown name lists the known ones; a wrong type and a value that the run gives are refused too."""
    with pytest.raises(ParameterError, match=r"day\b.*days"):
        tiny("1", day=4)
    with pytest.raises(ParameterError, match="type int"):
        tiny("1", days="four")
    with pytest.raises(ParameterError, match="the run itself gives it"):
        tiny("1", lake="elsewhere")
    assert not tiny("1").out.exists()

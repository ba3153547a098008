"""The notebook on sizes runs as a report does, on a lake with use: what it keeps is what was advised."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from finops_lib.billing.lake import Lake
from finops_lib.run.catalog import load_catalog
from finops_lib.run.recommend_json import content
from finops_lib.run.recommending import DAYS, Files, advise
from finops_lib.run.report import Run, order, report
from finops_lib.run.settings import Settings
from tests.notebooks.remake import ROOT
from tests.run.sizedlakes import BUSY, NOW, desk_of, lake_of


@dataclass(frozen=True)
class Made:
    """A lake and the report on it."""

    lake: Lake
    run: Run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Make the report of the small lake, at a fixed moment."""
    folder = tmp_path_factory.mktemp("rightsizing")
    lake = lake_of(folder / "x")
    asked: Any = {"lake_root": lake.root, "out": folder / "reports", "settings": Settings()}
    catalog, values = load_catalog(ROOT / "notebooks"), {"now": f"{NOW:%Y-%m-%d}"}
    return Made(lake, report(order("rightsizing", catalog=catalog, parameters=values, now=NOW, **asked)))


def test_the_summary_is_what_the_command_line_prints(made: Made) -> None:
    """Every key of finops recommend --json, as a program reads it."""
    found = json.loads(Path(made.run.summary).read_text(encoding="utf-8"))
    with desk_of(made.lake) as desk:
        printed = json.loads(json.dumps(content(advise(desk, files=Files(), days=DAYS))))
    assert {name: found[name] for name in printed} == printed
    assert found["answer"].startswith("4 changes together save $304 a month")


def test_the_page_answers_and_draws(made: Made) -> None:
    """Three pictures, the reasons in full and a review to copy; no cell raised or printed."""
    notebook = nbformat.read(made.run.notebook, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert {output.output_type for output in outputs} == {"execute_result"}
    assert sum("image/svg+xml" in output.data for output in outputs) == 3
    page = Path(made.run.html).read_text(encoding="utf-8")
    assert f"instance/{BUSY}, instance type: now m5.xlarge" in page
    assert "[[review]]" in page

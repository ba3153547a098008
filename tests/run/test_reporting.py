"""Several reports: one that fails keeps no other from being made, and the index is written anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from finops_lib.errors import ParameterError, RunError
from finops_lib.run import reporting
from finops_lib.run.catalog import load_catalog
from finops_lib.run.report import Order, Run, order
from finops_lib.run.reporting import make, run_content, shared
from finops_lib.run.settings import Settings

NOW = datetime(2026, 8, 20, tzinfo=UTC)
RUN = Run("id", "b", "What?", "2026-07", "n.ipynb", "r.html", "s.json", "m.json", 1.5)
TABLE = '[[notebook]]\nfile = "{}"\nquestion = "What?"\nowner = "finops"\napp = false\nwrites = []\n'


def test_a_failure_does_not_stop_the_next(
    tmp_path: Path, notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is kept, the second report made, each told as it begins, and the page is there."""
    names = ("00_a.ipynb", "01_b.ipynb")
    for name in names:
        notebook("x = 1", name=name)
    (tmp_path / "catalog.toml").write_text("".join(map(TABLE.format, names)))
    catalog, out = load_catalog(tmp_path), tmp_path / "reports"
    orders = [
        order(
            key,
            catalog=catalog,
            parameters={},
            lake_root=tmp_path / "lake",
            out=out,
            settings=Settings(),
            now=NOW,
        )
        for key in catalog.keys
    ]
    error = RunError("notebook a", "it runs", "mend it")

    def told(asked: Order) -> Run:
        if asked.entry.key == "a":
            raise error
        return RUN

    monkeypatch.setattr(reporting, "report", told)
    steps: list[str] = []
    made = make(orders, catalog=catalog, out=out, step=steps.append)
    assert (made.runs, made.errors, steps) == ((RUN,), (error,), ["a", "b"])
    assert made.index == out / "index.html"
    assert made.index.is_file()


def test_a_report_reads_as_json() -> None:
    """Paths, names and seconds; the question is not part of the answer."""
    assert run_content(RUN) == {
        "notebook": "n.ipynb",
        "html": "r.html",
        "manifest": "m.json",
        "summary": "s.json",
        "run_id": "id",
        "name": "b",
        "period": "2026-07",
        "seconds": 1.5,
    }


def test_each_of_several_notebooks_gets_the_parameters_that_it_has(
    tmp_path: Path, notebook: Callable[..., Path]
) -> None:
    """What none of them has is refused; one alone gets all, to refuse what it does not know."""
    names = ("00_a.ipynb", "01_b.ipynb")
    notebook("x: int = 1", name=names[0])
    notebook("y: int = 1", name=names[1])
    (tmp_path / "catalog.toml").write_text("".join(map(TABLE.format, names)))
    catalog = load_catalog(tmp_path)
    assert shared(("a", "b"), {"x": "1", "y": "2"}, catalog=catalog) == [{"x": "1"}, {"y": "2"}]
    assert shared(("a",), {"z": "1"}, catalog=catalog) == [{"z": "1"}]
    with pytest.raises(ParameterError) as refused:
        shared(("a", "b"), {"x": "1", "z": "1"}, catalog=catalog)
    assert (refused.value.value, refused.value.rule) == (
        "parameter z",
        "none of these notebooks has such a parameter",
    )
    assert refused.value.remedy.startswith("use one of ")

"""The index: all runs below a folder, newest first, with links that work and text that stays text."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

from finops_lib.run.index import figures, runs, write_index
from finops_lib.run.report import MANIFEST, NOTEBOOK, PAGE, RUNS, SUMMARY


def keep(out: Path, *, name: str, run_id: str, question: str = "What?", started: str = "2026-08-01") -> Path:
    """Write the files of one run, as a report leaves them."""
    folder = out / RUNS / name / "2026-07" / run_id
    folder.mkdir(parents=True)
    made = {"notebook": name, "question": question, "period": "2026-07", "seconds": 1.5, "started": started}
    (folder / MANIFEST).write_text(json.dumps(made))
    (folder / SUMMARY).write_text(json.dumps({"rows": 1234}))
    for file in (NOTEBOOK, PAGE):
        (folder / file).write_text("")
    return folder


def test_runs_are_listed_newest_first_and_their_links_work(tmp_path: Path) -> None:
    """Each link leads from the index to a file of its run."""
    keep(tmp_path, name="explore", run_id="old run", started="2026-08-01")
    keep(tmp_path, name="explore", run_id="new", started="2026-08-02")
    found = runs(tmp_path)
    assert [item.run_id for item in found] == ["new", "old run"]
    assert all((tmp_path / unquote(link)).is_file() for item in found for link in item.links.values())
    assert list(found[0].figures) == [("rows", "1,234")]


def test_a_run_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    """A broken manifest and a missing summary do not keep the others off the page."""
    (keep(tmp_path, name="explore", run_id="a") / MANIFEST).write_text("{")
    (keep(tmp_path, name="explore", run_id="b") / SUMMARY).unlink()
    keep(tmp_path, name="explore", run_id="c")
    assert [item.run_id for item in runs(tmp_path)] == ["c"]


def test_the_page_keeps_the_order_of_the_catalogue_and_escapes_text(tmp_path: Path) -> None:
    """Named notebooks first, others after them; a hostile question is shown, not run; no part is left."""
    keep(tmp_path, name="alpha", run_id="1", question="<script>alert(1)</script>")
    keep(tmp_path, name="omega", run_id="2")
    text = write_index(tmp_path, order=["absent", "omega"]).read_text(encoding="utf-8")
    assert text.index('id="omega"') < text.index('id="alpha"')
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.html", RUNS]


def test_no_run_is_a_page_too(tmp_path: Path) -> None:
    """Where nothing was made yet, the page says so; the folder is made."""
    assert "No report yet." in write_index(tmp_path / "new").read_text(encoding="utf-8")


def test_a_summary_can_name_its_figures() -> None:
    """Six at most, and nothing else of it; what is no figure is left out."""
    named = {"change": "+$5.00", "empty": "", "cell": "x" * 90} | {
        f"n{number}": number for number in range(9)
    }
    listed = [{"name": name, "value": value} for name, value in named.items()]
    found = figures({"figures": [*listed, "x", {}], "rows": 1000})
    assert found[:2] == [("change", "+$5.00"), ("cell", "x" * 80 + "…")]
    assert [name for name, _ in found[2:]] == ["n0", "n1", "n2", "n3"]
    assert figures({"figures": "none", "rows": 1}) == [("figures", "none"), ("rows", "1")]


def test_figures_are_plain_values_and_counts() -> None:
    """Eight at most; long texts are cut, empty ones and the month left out."""
    assert figures({"month": "2026-07", "empty": "", "nothing": None, "rows": 1000, "list": [1, 2]}) == [
        ("rows", "1,000"),
        ("list", "2"),
    ]
    assert len(figures({f"n{number}": number for number in range(20)})) == 8
    assert figures({"text": "x" * 50}) == [("text", "x" * 40 + "…")]

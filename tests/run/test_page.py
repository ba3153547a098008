"""The page: hostile text stays text, code is hidden, nothing is fetched."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest

from finops_lib.run.page import Frame, page

HOSTILE = "<script>alert(1)</script>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"
FRAME = Frame(
    title="What is it?",
    period="2026-07",
    made="2026-08-04 06:00 UTC",
    home="../index.html",
    facts=[("lake", "one delivery")],
    files=["summary.json"],
)


def executed(*outputs: Any, prose: str = "# What is it?") -> Any:
    """Make a notebook of one prose cell and one code cell with these outputs."""
    code = nbformat.v4.new_code_cell("secret_code = 1", outputs=list(outputs))
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(prose), code])


def shown(**data: Any) -> Any:
    """Make an output with these kinds; ``_`` stands for ``/``."""
    kinds = {name.replace("_", "/", 1): content for name, content in data.items()}
    return nbformat.v4.new_output("display_data", data=kinds)


def test_hostile_text_of_the_data_is_escaped() -> None:
    """Printed text, text results and the words around the notebook never become markup."""
    frame = Frame(HOSTILE, HOSTILE, HOSTILE, "index.html", [(HOSTILE, HOSTILE)], [HOSTILE])
    printed = nbformat.v4.new_output("stream", name="stdout", text=HOSTILE)
    text = page(executed(printed, shown(text_plain=HOSTILE)), frame=frame)
    assert HOSTILE not in text
    assert text.count(ESCAPED) >= 8


@pytest.mark.parametrize("kind", ["text_markdown", "text_latex", "application_javascript"])
def test_an_unsafe_kind_of_output_is_left_out(kind: str) -> None:
    """Markdown, LaTeX and scripts made of data are not shown; the plain text beside them is."""
    text = page(executed(shown(**{kind: "alert('hostile')", "text_plain": "plain words"})), frame=FRAME)
    assert "hostile" not in text
    assert "plain words" in text


def test_the_summary_is_for_machines_and_code_is_hidden() -> None:
    """An output whose only other kind is text is dropped with the summary; the notebook is not changed."""
    bundle = {"application/vnd.finops.summary+json": {"a": 1}, "text/plain": "plain summary"}
    notebook = executed(nbformat.v4.new_output("display_data", data=bundle), shown(text_html="<b>bold</b>"))
    text = page(notebook, frame=FRAME)
    assert "plain summary" not in text
    assert "secret_code" not in text
    assert "<b>bold</b>" in text
    assert notebook.cells[1].outputs[0].data["text/plain"] == "plain summary"


def test_links_to_notebooks_lead_to_the_index_and_nothing_is_fetched() -> None:
    """The page carries a content policy and no address of elsewhere."""
    text = page(executed(prose="See [quality](01_data_quality.ipynb)."), frame=FRAME)
    assert 'href="../index.html#data_quality"' in text
    assert "default-src 'none'" in text
    assert re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']?(?:https?:)?//", text) == []

"""Which page does a reader see: an executed notebook as one HTML file that opens with no network.

Code is hidden; prose, tables and pictures stay. Only kinds of output that a page can show safely are kept: no
widget, no script of its own kind, no Markdown or LaTeX made of data. A content policy in the page lets
nothing be fetched.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbconvert import HTMLExporter

_TEMPLATES = Path(__file__).with_name("templates")
_KEPT = frozenset({"text/html", "image/svg+xml", "image/png", "image/jpeg", "text/plain"})
_LOADED_FROM_ELSEWHERE = (
    "require_js_url",
    "mathjax_url",
    "jquery_url",
    "mermaid_js_url",
    "widget_renderer_url",
)
_PICTURE = "image/svg+xml"
_LINK = re.compile(r"\]\(\d{2}_([a-z][a-z0-9_]*)\.ipynb\)")


@dataclass(frozen=True)
class Frame:
    """What stands around the notebook on its page: title, period, moment, facts, files and the way home."""

    title: str
    period: str
    made: str
    home: str
    facts: Sequence[tuple[str, str]]
    files: Sequence[str]


def page(notebook: Any, *, frame: Frame) -> str:
    """How does this executed notebook read as a page.

    Parameters
    ----------
    notebook : NotebookNode
        With its outputs; it is not changed.
    frame : Frame
        What stands around it.

    Returns
    -------
    str
        One HTML document; links to other notebooks lead to the index.
    """
    exporter: Any = HTMLExporter(
        template_name="report",
        extra_template_basedirs=[str(_TEMPLATES)],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        embed_images=False,
        **dict.fromkeys(_LOADED_FROM_ELSEWHERE, ""),
    )
    around = {name: getattr(frame, name) for name in ("period", "made", "home", "facts", "files")}
    style = (_TEMPLATES / "report" / "style.css").read_text(encoding="utf-8")
    ready = _cleaned(notebook, title=frame.title, home=frame.home)
    body, _ = exporter.from_notebook_node(ready, resources={"finops": {**around, "style": style}})
    return str(body)


def _cleaned(notebook: Any, *, title: str, home: str) -> Any:
    ready = deepcopy(notebook)
    ready.metadata.pop("widgets", None)
    ready.metadata["title"] = title
    for cell in ready.cells:
        if cell.cell_type == "markdown":
            cell.source = _LINK.sub(rf"]({home}#\1)", cell.source)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if _keep(output)]
    return ready


def _keep(output: Any) -> bool:
    """Take from an output what a page cannot show; say whether something is left."""
    if "data" not in output:
        return True
    bundle: Mapping[str, Any] = output["data"]
    output["data"] = {kind: content for kind, content in bundle.items() if kind in _KEPT}
    if _PICTURE in bundle:
        output["data"] = {
            "text/html": _described(bundle[_PICTURE], words=bundle.get("text/plain", "picture"))
        }
    invisible = [
        kind for kind in bundle if kind.startswith(("application/vnd.finops", "application/vnd.jupyter"))
    ]
    return bool(set(output["data"]) - ({"text/plain"} if invisible else set()))


def _described(picture: str, *, words: str) -> str:
    """Show a picture as an image, in which no script runs, with its title for who cannot see it."""
    content = base64.b64encode(picture.encode()).decode()
    return f'<img alt="{html.escape(words)}" src="data:{_PICTURE};base64,{content}">'

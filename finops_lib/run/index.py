"""Which reports are there: one page over all runs, newest first, that needs no network."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader

from finops_lib.run.files import write_whole
from finops_lib.run.report import MANIFEST, NOTEBOOK, PAGE, RUNS, SUMMARY

INDEX = "index.html"
_TEMPLATES = Path(__file__).with_name("templates")
_MOST_FIGURES, _MOST_NAMED = 8, 6
_LONGEST, _LONGEST_NAMED = 40, 80


@dataclass(frozen=True)
class Listed:
    """One run on the index: what it answers, when it was made, where its files are and its key figures."""

    notebook: str
    question: str
    period: str
    made: str
    run_id: str
    seconds: float
    links: Mapping[str, str]
    figures: Sequence[tuple[str, str]]


def write_index(out: Path, *, order: Sequence[str] = ()) -> Path:
    """Write the page over all runs below this folder anew.

    Parameters
    ----------
    out : Path
        Where reports go; ``index.html`` is written there, whole or not at all.
    order : sequence of str
        Names of notebooks in the order of the catalogue; others follow by name.

    Returns
    -------
    Path
        The page.
    """
    template = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True).get_template("index.html.j2")
    text = template.render(groups=_grouped(runs(out), order))
    path = out / INDEX
    write_whole(path, text)
    return path


def runs(out: Path) -> list[Listed]:
    """Which runs are below this folder, the newest first.

    Parameters
    ----------
    out : Path
        Where reports go.

    Returns
    -------
    list of Listed
        A folder whose manifest cannot be read is left out.
    """
    found = [_listed(path, out) for path in (out / RUNS).glob(f"*/*/*/{MANIFEST}")]
    return sorted((item for item in found if item), key=lambda item: (item.made, item.run_id), reverse=True)


def figures(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Which figures of a summary stand on the index: those it names, else its plain values and counts.

    Parameters
    ----------
    summary : mapping
        Of one run.

    Returns
    -------
    list of tuple of str
        Name and value: at most six of ``figures`` where the summary has them, else at most eight, with how
        many entries its lists have.

    Examples
    --------
    >>> figures({"month": "2026-07", "total": {"billed": "5.2"}, "findings": [1, 2], "snapshots": ["a"]})
    [('total billed', '5.2'), ('findings', '2')]
    """
    chosen = summary.get("figures")
    if isinstance(chosen, list):
        told = [one for one in chosen if isinstance(one, dict) and _plain(one.get("value"))]
        listed = [(str(one.get("name", "")), _short(one["value"], longest=_LONGEST_NAMED)) for one in told]
        return listed[:_MOST_NAMED]
    found: list[tuple[str, str]] = []
    for name, value in summary.items():
        if name in {"month", "snapshots", "settings"}:
            continue
        if isinstance(value, dict):
            found += [(f"{name} {inner}", _short(item)) for inner, item in value.items() if _plain(item)]
        elif _plain(value) or isinstance(value, list):
            found.append((name, str(len(value)) if isinstance(value, list) else _short(value)))
    return [(name.replace("_", " "), value) for name, value in found][:_MOST_FIGURES]


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and value != ""


def _short(value: Any, *, longest: int = _LONGEST) -> str:
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return text if len(text) <= longest else f"{text[:longest]}…"


def _listed(path: Path, out: Path) -> Listed | None:
    folder = path.parent
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        words = {name: str(made[name]) for name in ("notebook", "question", "period")}
        seconds, moment = float(made["seconds"]), str(made["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    place = quote(folder.relative_to(out).as_posix())
    files = {"report": PAGE, "notebook": NOTEBOOK, "summary": SUMMARY, "manifest": MANIFEST}
    return Listed(
        **words,
        made=moment,
        run_id=folder.name,
        seconds=seconds,
        links={name: f"{place}/{file}" for name, file in files.items()},
        figures=figures(summary) if isinstance(summary, dict) else [],
    )


def _grouped(found: Sequence[Listed], order: Sequence[str]) -> list[tuple[str, list[Listed]]]:
    names = {item.notebook for item in found}
    ordered = [name for name in order if name in names] + sorted(names - set(order))
    return [(name, [item for item in found if item.notebook == name]) for name in ordered]

"""Make one report: run its notebook, keep notebook, page, summary and manifest, or nothing at all."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat

from finops_lib.billing.lake import Lake
from finops_lib.errors import ParameterError, RunError
from finops_lib.records import Record, content_id
from finops_lib.run import manifest as facts
from finops_lib.run.catalog import Catalog, Entry
from finops_lib.run.known import refuse_unknown_values
from finops_lib.run.manifest import Manifest
from finops_lib.run.page import Frame, page
from finops_lib.run.parameters import Declared, checked, declared
from finops_lib.run.runner import Executed, execute
from finops_lib.run.settings import Settings
from finops_lib.run.show import SUMMARY_TYPE

RUNS = "runs"
NOTEBOOK, PAGE, SUMMARY, MANIFEST = "notebook.ipynb", "report.html", "summary.json", "manifest.json"
FAILED = "failed"
HOME = "../../../../index.html"
GIVEN_BY_THE_RUN = ("lake", "settings", "out")
_LONGEST_PATH = 255
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Run(Record):
    """One report that was made: where its files are, and how long its notebook took, seconds."""

    run_id: str
    name: str
    question: str
    period: str
    notebook: str
    html: str
    summary: str
    manifest: str
    seconds: float


@dataclass(frozen=True)
class Order:
    """One report to be made: the notebook, the values its parameters get, and what surrounds the run."""

    catalog: Catalog
    entry: Entry
    parameters: Mapping[str, Any]
    lake_root: Path
    out: Path
    settings: Settings
    now: datetime

    @property
    def source(self) -> Path:
        """The notebook to run."""
        return self.catalog.notebook(self.entry)


def order(
    name: str,
    *,
    catalog: Catalog,
    parameters: Mapping[str, Any],
    lake_root: Path,
    out: Path,
    settings: Settings,
    now: datetime,
    texts: bool = False,
) -> Order:
    """Can this report be asked for, with these parameters; nothing is run or written.

    Parameters
    ----------
    name : str
        The notebook's name in the catalogue.
    catalog : Catalog
        Where it is looked up.
    parameters : mapping of str to Any
        Values for the parameters of its ``parameters`` cell.
    lake_root : Path
        The lake's folder.
    out : Path
        Where reports go.
    settings : Settings
        In force for this run.
    now : datetime
        Moment of asking, with a time zone.
    texts : bool
        Whether the parameters are texts that a person typed.

    Returns
    -------
    Order

    Raises
    ------
    ParameterError
        The notebook or a parameter is unknown, a value of the wrong type, or one that the run itself gives.
    """
    entry = catalog.find(name)
    known = declared(catalog.notebook(entry))
    own = [item for item in GIVEN_BY_THE_RUN if item in parameters]
    if own:
        raise ParameterError(
            f"parameter {', '.join(own)}", "the run itself gives it", "use --lake, --settings or --out"
        )
    values = checked(parameters, known, notebook=entry.key, texts=texts)
    refuse_unknown_values(values)
    return Order(catalog, entry, values, lake_root, out, settings, now)


def report(asked: Order) -> Run:
    """Make this report.

    Its folder ``<out>/runs/<notebook>/<period>/<run id>/`` appears whole or not at all. The notebook of a run
    that failed is kept as ``<out>/runs/<notebook>/failed/<run id>.ipynb``.

    Parameters
    ----------
    asked : Order
        Checked by `order`.

    Returns
    -------
    Run

    Raises
    ------
    RunError
        The notebook failed, hung, ended without a summary, or the lake changed while it ran.
    """
    lake = Lake(asked.lake_root)
    values = _with_surroundings(asked)
    digest = lake.digest()
    run_id = f"{asked.now:%Y%m%dT%H%M%SZ}-{content_id([asked.entry.key, values, digest])[:8]}"
    part = asked.out / RUNS / f".part-{run_id}-{secrets.token_hex(4)}"
    part.mkdir(parents=True)
    try:
        limits = asked.settings.run
        done = execute(
            asked.source,
            output=part / NOTEBOOK,
            parameters=values,
            limit_seconds=limits.wall_clock_seconds,
            limit_mb=limits.memory_limit_mb,
        )
        summary = _summary(part / NOTEBOOK, name=asked.entry.key)
        made = _manifest(asked, done, values=values, run_id=run_id, summary=summary)
        if lake.digest() != digest:
            raise RunError(
                f"lake {asked.lake_root}", "it stays as it is while a report is made", "run it again"
            )
        _write(part, made, summary)
        folder = _settle(part, asked.out / RUNS / asked.entry.key / made.period, run_id)
    except RunError as error:
        raise _kept(error, part, asked, run_id) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _drop_old(folder.parent, keep=limits.keep_reports)
    return _run(made, folder)


def _with_surroundings(asked: Order) -> dict[str, Any]:
    """Add what the run itself knows, where the notebook declares it."""
    known: Mapping[str, Declared] = declared(asked.source)
    given = {"lake": str(asked.lake_root), "out": str(asked.out), "now": f"{asked.now:%Y-%m-%dT%H:%M:%SZ}"}
    if "settings" in known:
        given["settings"] = str(_settings_file(asked))
    return {name: value for name, value in given.items() if name in known} | dict(asked.parameters)


def _settings_file(asked: Order) -> Path:
    """Write the settings once, named by their content, so that a later reader finds what was read."""
    text = asked.settings.document()
    path = asked.out / RUNS / "settings" / f"{content_id(text)}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    return path


def _summary(path: Path, *, name: str) -> dict[str, Any]:
    cells = nbformat.read(path, as_version=4).cells
    bundles = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    found = [bundle[SUMMARY_TYPE] for bundle in bundles if SUMMARY_TYPE in bundle]
    if not found or not isinstance(found[-1], dict):
        raise RunError(
            f"notebook {name}",
            "its last cell returns the summary",
            "end it with desk.summary(...) and run it again",
        )
    return dict(found[-1])


def _manifest(
    asked: Order, done: Executed, *, values: Mapping[str, Any], run_id: str, summary: Mapping[str, Any]
) -> Manifest:
    lake = Lake(asked.lake_root)
    return Manifest(
        run_id=run_id,
        notebook=asked.entry.key,
        question=asked.entry.question,
        period=_period(asked, summary),
        parameters=facts.without_places(values),
        deliveries=facts.deliveries(lake.snapshots()),
        lake_digest=lake.digest(),
        settings=asked.settings.values,
        configuration=_configuration(asked),
        code=facts.code_facts(),
        environment=facts.environment(),
        started=asked.now,
        seconds=done.seconds,
        attempts=done.attempts,
        outputs=(),
    )


def _period(asked: Order, summary: Mapping[str, Any]) -> str:
    for value in (summary.get("month"), asked.parameters.get("month")):
        if isinstance(value, str) and _MONTH.fullmatch(value):
            return value
    return f"{asked.now:%Y-%m}"


def _configuration(asked: Order) -> tuple[Mapping[str, Any], ...]:
    files = [
        facts.file_facts(asked.catalog.path, name=asked.catalog.path.name),
        facts.file_facts(asked.source, name=asked.entry.file),
    ]
    texts = {value for value in asked.parameters.values() if isinstance(value, str) and value}
    given = [
        Path(text)
        for text in sorted(texts)
        if len(text) < _LONGEST_PATH and "\0" not in text and Path(text).is_file()
    ]
    return (*(item.to_json() for item in asked.settings.files), *files,
            *(facts.file_facts(path, name=path.name) for path in given))  # fmt: skip


def _write(part: Path, made: Manifest, summary: Mapping[str, Any]) -> None:
    """Write page, summary and, last of all, the manifest, which knows the others' sha256."""
    (part / SUMMARY).write_text(_json(summary), encoding="utf-8")
    notebook = nbformat.read(part / NOTEBOOK, as_version=4)
    (part / PAGE).write_text(page(notebook, frame=_frame(made)), encoding="utf-8")
    listed = facts.outputs(part, (NOTEBOOK, PAGE, SUMMARY))
    (part / MANIFEST).write_text(_json({**made.to_json(), "outputs": list(listed)}), encoding="utf-8")


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _frame(made: Manifest) -> Frame:
    origin = [
        (item["file"], f"commit {item['commit'] or '(none)'}, sha256 {item['sha256']}")
        for item in made.configuration
    ]
    values = [
        (f"{room}.{name}", str(value))
        for room, names in made.settings.items()
        for name, value in names.items()
    ]
    code = f"{made.code['version']}, commit {made.code['commit'] or '(none)'}, sha256 {made.code['sha256']}"
    parameters = ", ".join(f"{name}={value}" for name, value in made.parameters.items() if value != "")
    lake = f"{len(made.deliveries)} deliveries, digest {made.lake_digest}"
    head = [("run", made.run_id), ("parameters", parameters), ("lake", lake), ("finops", code)]
    return Frame(
        title=made.question,
        period=made.period,
        made=f"{made.started:%Y-%m-%d %H:%M} UTC",
        home=HOME,
        facts=[*head, *origin, *values],
        files=(NOTEBOOK, SUMMARY, MANIFEST),
    )


def _settle(part: Path, parent: Path, run_id: str) -> Path:
    """Give the folder its name; one that is taken gets a number behind it."""
    parent.mkdir(parents=True, exist_ok=True)
    folder, number = parent / run_id, 1
    while folder.exists():
        number += 1
        folder = parent / f"{run_id}-{number}"
    part.rename(folder)
    return folder


def _kept(error: RunError, part: Path, asked: Order, run_id: str) -> RunError:
    """Keep the notebook of a failed run for whoever looks for the reason."""
    if not (part / NOTEBOOK).exists():
        return error
    folder = asked.out / RUNS / asked.entry.key / FAILED
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{run_id}.ipynb"
    (part / NOTEBOOK).replace(kept)
    return RunError(error.value, error.rule, f"{error.remedy}; the notebook as far as it came is {kept}")


def _drop_old(parent: Path, *, keep: int) -> None:
    if keep:
        for folder in sorted(path for path in parent.iterdir() if path.is_dir())[:-keep]:
            shutil.rmtree(folder, ignore_errors=True)


def _run(made: Manifest, folder: Path) -> Run:
    places = {name: str(folder / file) for name, file in _FILES.items()}
    return Run(
        run_id=folder.name,
        name=made.notebook,
        question=made.question,
        period=made.period,
        seconds=made.seconds,
        **places,
    )


_FILES = {"notebook": NOTEBOOK, "html": PAGE, "summary": SUMMARY, "manifest": MANIFEST}

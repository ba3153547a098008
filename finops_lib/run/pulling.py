"""What the command line says about usage that was pulled: what came, in which steps, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from finops_lib.billing.lake import Lake
from finops_lib.billing.lake.usage import Pull, UsageTable
from finops_lib.billing.source import expand
from finops_lib.errors import BillError, ParameterError, UsageError
from finops_lib.usage.files import read_table
from finops_lib.usage.gaps import Coverage, coverage
from finops_lib.usage.otlp import is_otlp, read_otlp
from finops_lib.usage.prometheus.access import server
from finops_lib.usage.prometheus.api import Prometheus
from finops_lib.usage.prometheus.owners import TEMPLATE, checked_template
from finops_lib.usage.prometheus.pulling import Asked, Pulled, pull
from finops_lib.usage.prometheus.saved import is_answer, read_answer
from finops_lib.usage.series import series

__all__ = ["TEMPLATE", "asked", "from_files", "from_prometheus", "lines"]
Progress = Callable[[str, int, int], None]
_FIRST_BYTES = 4096
_OTLP, _ANSWER = "OpenTelemetry", "Prometheus answer"


def asked(
    start: datetime,
    end: datetime,
    *,
    step: int = 300,
    cluster: str = "cluster",
    template: str = TEMPLATE,
    scrape: int | None = None,
    partial: bool = False,
) -> Asked:
    """What is to be asked of a Prometheus: whole steps from the start to the end.

    Parameters
    ----------
    start, end : datetime
        With a time zone; both go back to the beginning of their step, counted from 1970, so that the same
        question some minutes later asks for the same moments.
    step : int
        Seconds.
    cluster, template : str
        How ids of resources are made.
    scrape : int, optional
        Seconds between samples.
    partial : bool
        Keep what comes where a part is missing.

    Returns
    -------
    Asked

    Raises
    ------
    ParameterError
        The span has no whole step.
    SettingsError
        The template is none.
    """
    first, last = (moment - timedelta(seconds=moment.timestamp() % step) for moment in (start, end))
    if last <= first:
        raise ParameterError(
            f"from {start.isoformat()} to {end.isoformat()}",
            f"the span has a whole step of {step} seconds",
            "give an earlier --start, or a shorter --step",
        )
    return Asked(
        start=first,
        end=last,
        step_seconds=step,
        template=checked_template(template),
        cluster=cluster,
        scrape_seconds=scrape,
        partial=partial,
    )


def from_prometheus(
    url: str,
    wanted: Asked,
    *,
    lake_root: Path,
    environ: Mapping[str, str],
    now: datetime,
    scope: str = "",
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """What did the clusters use that this Prometheus watches; it is in the lake then.

    Parameters
    ----------
    url : str
        Where it listens.
    wanted : Asked
        What is asked.
    lake_root : Path
        The lake's folder, made where there is none.
    environ : mapping of str to str
        Where secrets stand.
    now : datetime
        Moment of pulling.
    scope : str
        Names what is pulled; by default the server.
    progress : callable, optional
        Told what was asked last, queries done and in all.

    Returns
    -------
    list of dict
        One, for JSON.

    Raises
    ------
    PrometheusError
        It cannot be asked, or a part is missing; the lake is as it was.
    """
    there = server(url, environ=environ)
    found = Pulled(there.name)
    table = UsageTable(Lake(lake_root))
    parts = pull(Prometheus(there), wanted, found=found, progress=progress)
    told: dict[str, Any] = {"source": "Prometheus", "step_seconds": wanted.step_seconds}
    done = table.land(
        parts,
        scope=scope or f"prometheus {there.name} {wanted.cluster}",
        start=wanted.start,
        end=wanted.end,
        now=now,
        told=told,
    )
    return [_content(table, done, "Prometheus", found.content())]


def from_files(
    paths: Sequence[Path],
    *,
    prometheus: str = "",
    lake_root: Path,
    now: datetime,
    scope: str = "",
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """What was used, after these files; it is in the lake then.

    Parameters
    ----------
    paths : sequence of Path
        Files, or folders of them.
    prometheus : str
        Not to be given with files.
    lake_root : Path
        The lake's folder, made where there is none.
    now : datetime
        Moment of pulling.
    scope : str
        Names what is pulled, and what it replaces; by default each file's name.
    progress : callable, optional
        Told file name, bytes done and bytes in all.

    Returns
    -------
    list of dict
        One a file, or one for all under one scope, for JSON.

    Raises
    ------
    ParameterError
        There are both files and a server, or neither.
    UsageError
        A file cannot be used; the lake is as it was.
    """
    if bool(prometheus) == bool(paths):
        raise ParameterError(
            "files and --prometheus" if paths else "no file and no --prometheus",
            "usage is pulled from one of the two",
            "name files, or --prometheus URL",
        )
    read = [_read(path, progress) for path in _files(paths)]
    scopes = {scope: read} if scope else {f"file {one[0].name}": [one] for one in read}
    if not scope and len(scopes) < len(read):
        raise UsageError(
            "two files of one name", "each file has a scope of its own", "name one --scope for all"
        )
    table = UsageTable(Lake(lake_root))
    return [_landed(table, name, found, now) for name, found in scopes.items()]


def _files(paths: Sequence[Path]) -> list[Path]:
    try:
        return expand(paths)
    except BillError as error:
        raise UsageError(error.value, error.rule, error.remedy) from error


def _read(path: Path, progress: Progress | None) -> tuple[Path, pa.Table, str, tuple[str, ...]]:
    """Read a file: path, table, kind and notes; a file without a sample is refused."""
    with path.open("rb") as file:
        first = file.read(_FIRST_BYTES)
    if is_otlp(first) or is_answer(first):
        found = read_otlp(path) if is_otlp(first) else read_answer(path)
        table, kind, notes = found.table, _OTLP if is_otlp(first) else _ANSWER, found.notes
    else:
        told = read_table(path, progress=progress)
        table, kind, notes = told.table, told.kind, told.notes
    if not table.num_rows:
        raise UsageError(
            f"file {path.name}{': ' if notes else ''}{'; '.join(notes)}",
            "it holds a sample",
            "export it again",
        )
    return path, table, kind, notes


def _landed(
    table: UsageTable, scope: str, read: Sequence[tuple[Path, pa.Table, str, tuple[str, ...]]], now: datetime
) -> dict[str, Any]:
    """Put files of one scope into the lake: they replace what it had from first to last sample."""
    rows = series(pa.concat_tables([item[1] for item in read]))
    covered = coverage(rows)
    start, last = min(item.first for item in covered), max(item.last for item in covered)
    step = min((item.step_seconds for item in covered if item.step_seconds), default=1)
    kind = ", ".join(sorted({item[2] for item in read}))
    done = table.land(
        [rows],
        scope=scope,
        start=start.astimezone(UTC),
        end=last.astimezone(UTC) + timedelta(seconds=step),
        now=now,
        told={"source": kind},
    )
    notes = [f"{item[0].name}: {note}" for item in read for note in item[3]]
    return _content(table, done, kind, {"notes": notes})


def _content(table: UsageTable, done: Pull, source: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """Say what the lake has now of this scope and span, metric by metric."""
    covered = _covered(table, done)
    whole = done.to_json()
    return {
        **{name: whole[name] for name in ("scope", "start", "end", "rows", "unchanged")},
        "source": source,
        "metrics": [item.to_json() for item in covered],
        **found,
    }


def _covered(table: UsageTable, done: Pull) -> list[Coverage]:
    there: dict[str, Any] = {"start": done.start, "end": done.end, "scope": done.scope}
    names: set[str] = set()
    for part in table.read(**there):
        names.update(part.column("metric").unique().to_pylist())
    found: list[Coverage] = []
    for name in sorted(names):
        found += coverage(series(pa.concat_tables(table.read(metrics=[name], **there))))
    return found


def lines(told: Mapping[str, Any]) -> list[str]:
    """How does a pull read in words.

    Parameters
    ----------
    told : mapping
        One of `from_prometheus` or `from_files`.

    Returns
    -------
    list of str
    """
    end = "; the lake had all of it already" if told["unchanged"] else ""
    span = f"{told['start']} to {told['end']}"
    found = [f"{told['scope']} ({told['source']}), {span}: {told['rows']:,} samples{end}"]
    for item in told["metrics"]:
        gaps = f", {item['missing']:,} missing in {item['gappy']:,} series" if item["missing"] else ""
        step = f" every {item['step_seconds']:,} s" if item["step_seconds"] else ""
        found.append(f"  {item['metric']} ({item['unit']}): {item['series']:,} series{step}{gaps}")
    return [*found, *(f"  note: {note}" for note in told["notes"])]

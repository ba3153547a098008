"""What was used, beside the bill: the lake's table ``usage``, in files of one scope and day each.

A pull has a scope (which source, and what of it) and a span. It replaces what the scope had in the span and
nothing else, in one commit of the Delta log, so that a crash leaves either the old state or the new one, and
a pull that brings nothing new changes nothing. Files are named by day and content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema

from finops_lib.billing.cells import TIME
from finops_lib.billing.lake import KEEP_FOR_EVER, Lake
from finops_lib.billing.lake.log import added_file, edge, place_of, removed_file, version_at
from finops_lib.billing.lake.usage_files import (
    USAGE,
    USAGE_SCHEMA,
    day_of,
    midnight,
    replaced,
    staged,
    stored,
)
from finops_lib.billing.schema import KEY, Written, stored_schema
from finops_lib.errors import LakeError
from finops_lib.records import Record, content_id

@dataclass(frozen=True)
class Pull(Record):
    """What one pull brought: its scope, span, moment and rows (a count), and what its source said of it.

    ``unchanged`` says that the lake had all of it already.
    """

    scope: str
    start: datetime
    end: datetime
    delivered: datetime
    rows: int
    told: Mapping[str, Any] = field(default_factory=dict)
    unchanged: bool = False


class UsageTable:
    """The table ``usage`` of a lake.

    Parameters
    ----------
    lake : Lake
        The store.

    Examples
    --------
    >>> UsageTable(Lake(Path("nowhere"))).files()
    []
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._root = lake.root / USAGE

    def files(self, *, as_of: datetime | None = None, scope: str | None = None) -> list[str]:
        """Which Parquet files hold what was used.

        Parameters
        ----------
        as_of : datetime, optional
            An earlier moment of pulling; none means now.
        scope : str, optional
            Only what this scope brought.

        Returns
        -------
        list of str
            Paths, by scope and day.
        """
        delta = self._delta()
        if delta is None:
            return []
        if as_of is not None:
            version = version_at(delta, as_of)
            if version is None:
                return []
            delta.load_as_version(version)
        found = (uri.split("/")[-2:] for uri in sorted(delta.file_uris()))
        wanted = None if scope is None else f"{KEY}={content_id(scope)}"
        return [str(self._root / folder / name) for folder, name in found if wanted in (None, folder)]

    def pulls(self) -> tuple[Pull, ...]:
        """Which pulls changed the table, oldest first.

        Returns
        -------
        tuple of Pull
        """
        return tuple(_pull(item["pull"]) for item in reversed(_history(self._delta())) if "pull" in item)

    def read(
        self,
        *,
        metrics: Collection[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        as_of: datetime | None = None,
        scope: str | None = None,
    ) -> Iterator[pa.Table]:
        """What was used, file by file, for `finops_lib.usage.windows`.

        Parameters
        ----------
        metrics : collection of str, optional
            Only these.
        start, end : datetime, optional
            Only samples from the first moment to before the second.
        as_of : datetime, optional
            As known at an earlier moment of pulling.
        scope : str, optional
            Only what this scope brought. Scopes that watch the same resources would be joined.

        Yields
        ------
        pyarrow.Table
            Columns of ``USAGE_SCHEMA``, text as dictionaries.

        Raises
        ------
        LakeError
            A file cannot be read.
        """
        conditions = [(pc.field("metric").isin(sorted(metrics)))] if metrics is not None else []
        conditions += [pc.field("time") >= pa.scalar(start, TIME)] if start else []
        conditions += [pc.field("time") < pa.scalar(end, TIME)] if end else []
        for path in self.files(as_of=as_of, scope=scope):
            day = day_of(Path(path))
            if (start and day < start.astimezone(UTC).date()) or (end and midnight(day) >= end):
                continue
            with edge(self._lake.root):
                found = stored(Path(path))
            for condition in conditions:
                found = found.filter(condition)
            yield found

    def land(
        self,
        parts: Iterable[pa.Table],
        *,
        scope: str,
        start: datetime,
        end: datetime,
        now: datetime,
        told: Mapping[str, Any] | None = None,
    ) -> Pull:
        """Put what a scope used in a span in the place of what it had there before.

        Parameters
        ----------
        parts : iterable of pyarrow.Table
            With at least the columns of ``USAGE_SCHEMA``; samples lie in the span. Taken one after the other:
            only one is held in memory.
        scope : str
            Which source, and what of it.
        start, end : datetime
            The span; ``end`` is not included.
        now : datetime
            Moment of pulling.
        told : mapping, optional
            What the source said, for JSON.

        Returns
        -------
        Pull
            ``unchanged`` where all of it was there already.

        Raises
        ------
        LakeError
            The store cannot be written, or is later than ``now``; it stays as it was.
        ValueError
            A sample lies outside the span.
        """
        with self._lake.writing(), edge(self._lake.root):
            delta = self._delta()
            _refuse_earlier(_history(delta), now)
            folder = self._root / f"{KEY}={content_id(scope)}"
            _sweep(delta, folder)
            try:
                fresh = [item for part in parts for item in staged(folder, part, start=start, end=end)]
                held = _held(delta, folder)
                gone, kept = replaced(held, start=start, end=end)
                pull = Pull(scope, start, end, now, sum(item.rows for item in fresh), dict(told or {}))
                return self._commit(delta, pull, [*fresh, *kept], gone)
            except BaseException:
                _sweep(self._delta(), folder)
                raise

    def _commit(
        self, delta: DeltaTable | None, pull: Pull, fresh: list[Written], gone: list[Path]) -> Pull:
        """Add what is new and take away what it replaces; what is in both stays."""
        adds = {item.path: item for item in fresh if item.path not in gone}
        held = {item.path for item in fresh}
        removes = [path for path in gone if path not in held]
        if not adds and not removes:
            return replace(pull, unchanged=True)
        said = {
            "delivered": pull.delivered.astimezone(UTC).isoformat(),
            "pull": json.dumps(pull.to_json()),
            "files": json.dumps(sorted(path.name for path in adds)),
        }
        delta = delta or self._made()
        delta.create_write_transaction(
            [
                *(added_file(item) for item in adds.values()),
                *(removed_file(path.parent.name.partition("=")[2], path) for path in removes),
            ],
            mode="append",
            schema=delta.schema(),
            partition_by=[KEY],
            commit_properties=CommitProperties(custom_metadata=said),
        )
        return pull

    def _made(self) -> DeltaTable:
        place = place_of(self._root)
        wanted = Schema.from_arrow(stored_schema([USAGE_SCHEMA]))
        return DeltaTable.create(place, wanted, partition_by=[KEY], configuration=dict(KEEP_FOR_EVER))

    def _delta(self) -> DeltaTable | None:
        place = place_of(self._root)
        with edge(self._lake.root):
            return DeltaTable(place) if DeltaTable.is_deltatable(place) else None


def _history(delta: DeltaTable | None) -> list[dict[str, Any]]:
    return delta.history() if delta else []


def _refuse_earlier(history: Iterable[Mapping[str, Any]], now: datetime) -> None:
    last = max((item["delivered"] for item in history if "delivered" in item), default="")
    if last and datetime.fromisoformat(last) > now:
        raise LakeError(
            f"pull at {now:%Y-%m-%dT%H:%M:%SZ}",
            f"the last one was later, at {last}",
            "check the clock of this machine",
        )


def _held(delta: DeltaTable | None, folder: Path) -> list[Path]:
    parts = (uri.split("/")[-2:] for uri in sorted(delta.file_uris() if delta else []))
    return [folder / name for place, name in parts if place == folder.name]


def _sweep(delta: DeltaTable | None, folder: Path) -> None:
    """Remove files that no commit ever named: those of a pull that did not come to its end."""
    named = {name for item in _history(delta) for name in json.loads(item.get("files", "[]"))}
    for path in [*folder.iterdir()] if folder.is_dir() else []:
        if path.name not in named:
            path.unlink()


def _pull(text: str) -> Pull:
    said = json.loads(text)
    moments = {name: datetime.fromisoformat(said[name]) for name in ("start", "end", "delivered")}
    return Pull(**(said | moments))

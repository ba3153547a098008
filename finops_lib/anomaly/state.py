"""What a detector remembers between two days: as arrays and plain JSON, nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from finops_lib.anomaly.discovery import Budget
from finops_lib.anomaly.grid import Forest, Path, Slab
from finops_lib.anomaly.tracks import FLOATS, JOINT, KEEP, Tracks
from finops_lib.errors import QueryError

FloatArray = npt.NDArray[np.float64]
_VERSION = 2


@dataclass
class State:
    """All that scoring one more day needs.

    ``parts`` is [parts, days] and ends with the tracks, ``begun`` the ordinal day on which each part was
    first charged, ``first`` the day of the first column, ``watched`` how many days were ever seen.
    ``levels`` is at which level each day was tested, ``paused`` the columns in which anything was paused
    last time. ``births`` are money and day of each part that came into being, ``told`` what was told last.
    """

    by: tuple[str, ...]
    budget: Budget
    currency: str = ""
    forest: Forest = field(default_factory=Forest)
    first: date = date(1970, 1, 1)
    parts: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    begun: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    tracks: Tracks = field(default_factory=lambda: Tracks(np.zeros((0, 0))))
    levels: FloatArray = field(default_factory=lambda: np.zeros(0))
    watched: int = 0
    paused: tuple[int, ...] = ()
    told: tuple[tuple[str, str], ...] = ()

    @property
    def days(self) -> int:
        """How many days are remembered."""
        return self.tracks.days

    def column(self, day: date) -> int:
        """In which column does this day stand; below 0 where it is forgotten."""
        return (day - self.first).days

    def day(self, column: int) -> date:
        """Which day stands in this column."""
        return self.first + timedelta(days=column)

    def begun_by(self, columns: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which parts had begun by which columns, [parts, columns]."""
        return np.asarray(self.begun[:, None] <= self.first.toordinal() + columns[None, :])

    def take(self, told: Slab) -> tuple[npt.NDArray[np.int64], int]:
        """Write the days of a frame in, growing by its parts and days; which columns it wrote, which are new.

        Returns
        -------
        tuple
            The columns, and the first that was not there before.
        """
        if not self.days:
            self.first = told.first
        parts, nodes = len(self.forest.leaves), self.forest.add(told.paths)
        end = self.column(told.first + timedelta(days=told.values.shape[1]))
        more = max(end - self.days, 0)
        dropped = max(self.days + more - KEEP, 0)
        new_from = self.days - dropped
        added = len(self.forest.leaves) - parts
        self.parts = np.pad(self.parts, ((0, added), (0, more)), constant_values=np.nan)[:, dropped:]
        self.begun = np.pad(self.begun, (0, added), constant_values=date.max.toordinal())
        self.tracks = self.tracks.grown(days=more, series=nodes)
        self.levels = np.pad(self.levels, (0, more))[dropped:]
        self.first += timedelta(days=dropped)
        self.watched += more
        self.paused = tuple(column - dropped for column in self.paused if column >= dropped)
        return self._write(told, max(new_from, 0)), max(new_from, 0)

    def _write(self, told: Slab, new_from: int) -> npt.NDArray[np.int64]:
        rows = np.array([self.forest.leaves[path] for path in told.paths], dtype=np.int64)
        shift = self.column(told.first)
        known = np.flatnonzero(told.known_days)
        present = ~told.absent
        if not present.size:
            return known
        starts = np.where(present.any(axis=1), present.argmax(axis=1), told.values.shape[1])
        self.begun[rows] = np.minimum(self.begun[rows], told.first.toordinal() + starts)
        columns = known + shift
        known, columns = known[columns >= 0], columns[columns >= 0]
        late = (columns >= new_from) | ~np.isfinite(self.parts[:, columns]).any(axis=0)
        whole = columns[late]
        begun = self.begun_by(whole)
        self.parts[:, whole] = np.where(begun & np.isnan(self.parts[:, whole]), 0.0, self.parts[:, whole])
        block = self.parts[np.ix_(rows, columns)]
        self.parts[np.ix_(rows, columns)] = np.where(present[:, known], told.values[:, known], block)
        return columns

    def to_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Which arrays keep this state, as `numpy.savez` takes them; what is no number is JSON in one.

        Examples
        --------
        >>> State(("team",), Budget(0.1)).to_arrays()["about"].dtype.kind
        'U'
        """
        about = {
            "version": _VERSION, "by": self.by, "budget": self.budget.__dict__, "currency": self.currency,
            "first": self.first.isoformat(), "watched": self.watched, "paused": self.paused,
            "leaves": list(self.forest.leaves), "told": self.told,
        }  # fmt: skip
        notes = {f"note_{name}": noted for name, noted in self.tracks.notes.items()}
        notes |= {f"joint_{name}": noted for name, noted in self.tracks.joint.items()}
        return {
            "about": np.array(json.dumps(about)), "parts": self.parts, "begun": self.begun,
            "levels": self.levels, "values": self.tracks.values, "odd": self.tracks.odd,
            "lumps": self.tracks.lumps, **notes,
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]]) -> State:
        """Read a state back from what `to_arrays` gave.

        Raises
        ------
        QueryError
            The arrays are of another version, or do not fit one another.
        """
        try:
            about = json.loads(str(arrays["about"]))
            forest = Forest()
            forest.add(tuple(path) for path in about["leaves"])
            notes = {name: np.array(arrays[f"note_{name}"], dtype=np.float32) for name in FLOATS}
            joint = {name: np.array(arrays[f"joint_{name}"], dtype=np.float32) for name in JOINT}
            odd = np.array(arrays["odd"], dtype=bool)
            values, lumps = (np.array(arrays[name], dtype=np.float64) for name in ("values", "lumps"))
            tracks = Tracks(values, notes, odd, lumps, joint)
            found = cls(
                tuple(about["by"]), Budget(**about["budget"]), about["currency"], forest,
                date.fromisoformat(about["first"]), np.array(arrays["parts"], dtype=np.float64),
                np.array(arrays["begun"], dtype=np.int64), tracks,
                np.array(arrays["levels"], dtype=np.float64), int(about["watched"]),
                tuple(about["paused"]), tuple(tuple(one) for one in about["told"]),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise QueryError("a kept state", f"it cannot be read ({error})", "start without it") from None
        _check(found, about["version"])
        return found


def _check(state: State, version: int) -> None:
    shapes = {state.tracks.values.shape, *(noted.shape for noted in state.tracks.notes.values())}
    fits = (
        shapes == {(len(state.forest.nodes), state.days)}
        and {state.tracks.odd.shape, state.tracks.lumps.shape} <= shapes
    )
    fits = fits and {noted.shape for noted in state.tracks.joint.values()} == {(state.days,)}
    fits = fits and state.parts.shape == (len(state.forest.leaves), state.days)
    if version != _VERSION or not fits or len(state.begun) != len(state.parts):
        raise QueryError("a kept state", "its arrays do not fit one another", "start without it")


def path_text(path: Path) -> str:
    """How is a path written in a note: its steps, or ``whole``."""
    return " / ".join(path) or "whole"

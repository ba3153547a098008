"""Which series there are: the parts of a bill day by day, and every sum above them up to the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from finops_lib.errors import CurrencyError, QueryError

FloatArray = npt.NDArray[np.float64]
Path = tuple[str, ...]

_CURRENCY = "BillingCurrency"
_NO_NAME = "(none)"


@dataclass(frozen=True)
class Slab:
    """The values of some days: of each part a row, of each day a column.

    ``paths`` name the parts, ``values`` is [parts, days], NaN where not known or where the part has no row;
    ``absent`` says which of these have no row; ``known_days`` on which days anything was delivered.
    """

    paths: tuple[Path, ...]
    first: date
    values: FloatArray
    absent: npt.NDArray[np.bool_]
    known_days: npt.NDArray[np.bool_]
    currency: str = ""


def slab(frame: pd.DataFrame, *, by: Sequence[str], value: str = "value") -> Slab:
    """Which days of which parts does this frame tell.

    Parameters
    ----------
    frame : DataFrame
        The columns of ``by``, ``time`` (days; times of a day are cut off, zones become UTC), ``value`` (a
        number or Decimal; NaN or None is not known), and ``BillingCurrency`` with one code, where there is
        one. Rows of one part and day are added up.
    by : sequence of str
        Columns from the coarsest to the finest; none is the whole alone.
    value : str
        The column of amounts.

    Raises
    ------
    QueryError
        A column is missing, a time is no time, or a value is no finite number.
    CurrencyError
        There are several currencies.

    Examples
    --------
    >>> frame = pd.DataFrame({"time": ["2026-07-01", "2026-07-02", "2026-07-02"], "team": ["a", "a", "b"],
    ...     "value": [1.0, 2.0, 5.0]})
    >>> found = slab(frame, by=["team"])
    >>> found.paths, found.values.tolist()
    ((('a',), ('b',)), [[1.0, 2.0], [nan, 5.0]])
    """
    for name in (*by, "time", value):
        if name not in frame:
            known = ", ".join(map(str, frame.columns))
            raise QueryError(f"column {name!r}", "a frame of costs has it", f"its columns are {known}")
    currency = _currency(frame)
    if frame.empty:
        nothing = np.zeros((0, 0))
        return Slab((), date(1970, 1, 1), nothing, nothing.astype(bool), np.zeros(0, dtype=bool), currency)
    days = _days(frame["time"])
    amounts = _amounts(frame[value])
    keys = pd.MultiIndex.from_arrays([_names(frame[name]) for name in by]) if by else None
    codes, found = (np.zeros(len(frame), dtype=np.int64), [()]) if keys is None else keys.factorize()
    first, last = int(days.min()), int(days.max())
    shape = (len(found), last - first + 1)
    values, rows = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    np.add.at(values, (codes, days - first), amounts)  # one unknown amount makes the day's sum unknown
    np.add.at(rows, (codes, days - first), 1)
    absent = np.asarray(rows == 0)
    values[absent] = np.nan
    start = date(1970, 1, 1) + timedelta(days=first)
    paths = tuple(tuple(map(str, path if isinstance(path, tuple) else (path,))) for path in found)
    return Slab(paths, start, values, absent, np.asarray((rows > 0).any(axis=0)), currency)


@dataclass
class Forest:
    """Every part and every sum above it, in a fixed order, with the parts that each sum holds.

    ``leaves`` maps a part to its row, ``nodes`` a path to its row; a part is a node itself. ``links`` are
    pairs of a node and a part below it (or itself).
    """

    leaves: dict[Path, int] = field(default_factory=dict)
    nodes: dict[Path, int] = field(default_factory=dict)
    links: list[tuple[int, int]] = field(default_factory=list)

    def add(self, paths: Iterable[Path]) -> int:
        """Take parts in that are not there yet, with the sums above them; how many nodes are new.

        Examples
        --------
        >>> forest = Forest()
        >>> forest.add([("aws", "vm"), ("aws", "disk")]), sorted(forest.nodes)
        (4, [(), ('aws',), ('aws', 'disk'), ('aws', 'vm')])
        """
        before = len(self.nodes)
        for path in paths:
            if path in self.leaves:
                continue
            leaf = self.leaves[path] = len(self.leaves)
            for depth in range(len(path) + 1):
                node = self.nodes.setdefault(path[:depth], len(self.nodes))
                self.links.append((node, leaf))
        return len(self.nodes) - before

    @property
    def depths(self) -> npt.NDArray[np.int64]:
        """How deep each node stands; 0 is the whole."""
        return np.array([len(path) for path in self.nodes], dtype=np.int64)

    @property
    def own(self) -> npt.NDArray[np.int64]:
        """Which nodes are parts themselves."""
        return np.array([self.nodes[path] for path in self.leaves], dtype=np.int64)

    def wide(self, share: float) -> npt.NDArray[np.bool_]:
        """Which sums hold so large a share of all parts.

        Examples
        --------
        >>> forest = Forest()
        >>> _ = forest.add([("a", "x"), ("a", "y"), ("b", "x"), ("b", "y"), ("b", "z")])
        >>> [path for path, wide in zip(forest.nodes, forest.wide(0.5)) if wide]
        [(), ('b',)]
        """
        held = np.bincount([node for node, _ in self.links], minlength=len(self.nodes))
        return np.asarray((held > 1) & (held >= share * len(self.leaves)))

    def sums(self, parts: FloatArray, begun: npt.NDArray[np.bool_]) -> FloatArray:
        """What does each node come to, where the parts are [parts, days].

        A part that has not begun adds nothing, one that is not known makes the sum unknown, and a sum none of
        whose parts has begun is not known either.

        Examples
        --------
        >>> forest = Forest()
        >>> _ = forest.add([("a",), ("b",)])
        >>> parts = np.array([[1.0, 2.0], [np.nan, 5.0]])
        >>> forest.sums(parts, np.array([[True, True], [False, True]])).tolist()
        [[1.0, 7.0], [1.0, 2.0], [nan, 5.0]]
        """
        shape = (len(self.nodes), parts.shape[1])
        found, any_begun = np.zeros(shape), np.zeros(shape, dtype=bool)
        if self.links:
            nodes, leaves = np.array(self.links, dtype=np.int64).T
            np.add.at(found, nodes, np.where(begun, parts, 0.0)[leaves])
            np.logical_or.at(any_begun, nodes, begun[leaves])
        return np.where(any_begun, found, np.nan)


def labels_of(path: Path, by: Sequence[str]) -> Mapping[str, str]:
    """Which columns name this path.

    Examples
    --------
    >>> labels_of(("aws",), ["x_ProviderName", "ServiceName"])
    {'x_ProviderName': 'aws'}
    """
    return dict(zip(by, path, strict=False))


def _currency(frame: pd.DataFrame) -> str:
    if _CURRENCY not in frame:
        return ""
    found = sorted({str(code) for code in frame[_CURRENCY].dropna().unique()})
    if len(found) > 1:
        raise CurrencyError(
            f"currencies {', '.join(found)}", "one series has one currency", "name one, or give rates"
        )
    return found[0] if found else ""


def _days(times: pd.Series) -> npt.NDArray[np.int64]:
    found = pd.to_datetime(
        times, utc=True, errors="coerce", format="ISO8601" if times.dtype == object else None
    )
    if found.isna().any():
        wrong = times[found.isna().to_numpy()].iloc[0]
        raise QueryError(f"time {str(wrong)[:60]!r}", "a day is a date, as 2026-07-01", "mend the frame")
    return found.dt.tz_convert(None).to_numpy().astype("datetime64[D]").astype(np.int64)


def _amounts(values: pd.Series) -> FloatArray:
    try:
        found = values.astype("float64").to_numpy()
    except (TypeError, ValueError):
        raise QueryError("a value that is no number", "costs are numbers", "mend the frame") from None
    if np.isinf(found).any():
        raise QueryError("an infinite value", "costs are finite", "mend the frame")
    return np.asarray(found)


def _names(values: pd.Series) -> pd.Series:
    return values.astype("string").fillna(_NO_NAME).astype(object)

"""What does an answer of Prometheus's HTTP API say: series on a grid of moments, or why there are none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
import orjson

from finops_lib.errors import PrometheusError

Labels = Mapping[str, str]
_LONGEST_TEXT = 300
_NEAR = 1e-3  # seconds
_value = itemgetter(1)


class Grid(NamedTuple):
    """Moments at which a query is evaluated: the first, seconds between them, and how many."""

    first: int
    step: int
    points: int

    @property
    def last(self) -> int:
        """The last of them, in seconds since 1970."""
        return self.first + self.step * (self.points - 1)

    def part(self, begin: int, points: int) -> Grid:
        """Which grid are so many of these moments from this one on."""
        return Grid(self.first + begin * self.step, self.step, min(points, self.points - begin))

    def __str__(self) -> str:
        first, last = (
            f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}" for moment in (self.first, self.last)
        )
        return f"{first} to {last}"


@dataclass(frozen=True)
class Matrix:
    """Series by their labels: ``values`` has a row for each, a column a moment, NaN where there is none."""

    labels: Sequence[Labels]
    values: np.ndarray


def data_of(answer: object, *, name: str) -> Any:
    """Which data does an answer bring.

    Parameters
    ----------
    answer : object
        Its JSON.
    name : str
        Of the server, for the message.

    Returns
    -------
    object

    Raises
    ------
    PrometheusError
        It is not one of this API, or tells an error.
    """
    if isinstance(answer, dict) and answer.get("status") == "success" and "data" in answer:
        return answer["data"]
    raise PrometheusError(
        f"Prometheus {name}: {reason(answer) or 'its answer'}",
        "a Prometheus answers by its HTTP API, version 1",
        "check that the address is that of a Prometheus",
    )


def reason(said: object) -> str:
    """What does a refusal say, in a line that may be shown.

    Parameters
    ----------
    said : object
        The answer: JSON, or the text of it.

    Returns
    -------
    str
        Empty where it says nothing that is known.

    Examples
    --------
    >>> reason('{"status": "error", "errorType": "execution", "error": "too many samples"}')
    'execution: too many samples'
    """
    if isinstance(said, str):
        try:
            said = orjson.loads(said)
        except ValueError:
            return ""
    if not isinstance(said, dict) or said.get("status") != "error":
        return ""
    return line(f"{said.get('errorType', 'error')}: {said.get('error', '')}")


def line(text: object) -> str:
    """How do a server's own words fit into one line: printable, and not too long.

    Parameters
    ----------
    text : object
        Not to be trusted.

    Returns
    -------
    str
    """
    words = " ".join(str(text)[: 2 * _LONGEST_TEXT].split())
    return "".join(letter if letter.isprintable() else "·" for letter in words)[:_LONGEST_TEXT]


def matrix(data: object, *, grid: Grid, name: str) -> Matrix:
    """Which series are these, on the grid that they were asked for.

    Parameters
    ----------
    data : object
        Of ``/api/v1/query_range``.
    grid : Grid
        Moments that were asked for.
    name : str
        Of the server, for the message.

    Returns
    -------
    Matrix

    Raises
    ------
    PrometheusError
        It is no matrix of numbers at these moments.

    Source: https://prometheus.io/docs/prometheus/latest/querying/api/, range queries.

    Examples
    --------
    >>> data = {"resultType": "matrix", "result": [{"metric": {"pod": "a"}, "values": [[60, "1.5"]]}]}
    >>> matrix(data, grid=Grid(0, 60, 2), name="x").values.tolist()
    [[nan, 1.5]]
    """
    try:
        if not isinstance(data, dict) or data["resultType"] != "matrix":
            raise ValueError("no matrix")
        found = data["result"]
        labels = [_labels(item["metric"]) for item in found]
        values = np.full((len(found), grid.points), np.nan)
        for row, item in enumerate(found):
            _fill(values[row], item["values"], grid)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise PrometheusError(
            f"Prometheus {name}: {line(error) or type(error).__name__}",
            "it answers a range query with series of numbers at the moments asked for",
            "check that nothing between here and there changes its answers",
        ) from error
    values[~np.isfinite(values)] = np.nan
    return Matrix(labels, values)


def _labels(found: Mapping[str, Any]) -> Labels:
    return {str(name): str(value) for name, value in found.items()}


def _fill(row: np.ndarray, told: Sequence[Sequence[Any]], grid: Grid) -> None:
    """Put the values at their moments; a full series needs no look at each."""
    values = np.array(list(map(float, map(_value, told))))
    if len(told) == grid.points and told[0][0] == grid.first and told[-1][0] == grid.last:
        row[:] = values
        return
    places = (np.array([item[0] for item in told], dtype=np.float64) - grid.first) / grid.step
    whole = np.rint(places).astype(np.int64)
    if np.any(np.abs(places - whole) * grid.step > _NEAR) or np.any((whole < 0) | (whole >= grid.points)):
        raise ValueError("a sample at a moment that was not asked for")
    row[whole] = values


def joined(parts: Iterable[tuple[int, Matrix]], *, points: int) -> Matrix:
    """Which one matrix do chunks of a query make.

    Parameters
    ----------
    parts : iterable of (int, Matrix)
        Place of a chunk's first moment, and the chunk.
    points : int
        Moments in all.

    Returns
    -------
    Matrix
    """
    held = list(parts)
    rows: dict[tuple[tuple[str, str], ...], int] = {}
    for _, part in held:
        for labels in part.labels:
            rows.setdefault(tuple(sorted(labels.items())), len(rows))
    values = np.full((len(rows), points), np.nan)
    for begin, part in held:
        own = [rows[tuple(sorted(labels.items()))] for labels in part.labels]
        values[own, begin : begin + part.values.shape[1]] = part.values
    return Matrix([dict(key) for key in rows], values)

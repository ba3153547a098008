"""One Prometheus and what it can be asked: ranges in chunks, with patience, and what it warns of.

An answer has at most 11,000 points a series, which is the server's own limit, and so many series and points
that it fits into memory. A chunk that holds too many samples for the server is asked for in halves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from finops_lib.errors import PrometheusError
from finops_lib.usage.prometheus.access import PASSWORD, TOKEN, USER, Server
from finops_lib.usage.prometheus.answers import Grid, Labels, Matrix, data_of, joined, line, matrix, reason
from finops_lib.web import patiently

MOST_POINTS = 11_000
_MOST_VALUES = 4_000_000  # of one answer
_FEWEST_POINTS = 32  # a chunk that is not halved any more
_LIMITED, _UNAVAILABLE, _FORBIDDEN = 422, (503, 504), (401, 403)
_WAITS = (0.5, 2.0, 8.0)


@dataclass
class Prometheus:
    """A server, the waits before further tries in seconds, and what it warned of so far.

    Every method raises `PrometheusError` where the server cannot be reached, or refuses.

    Examples
    --------
    >>> Prometheus(Server("here", "http://127.0.0.1:9090")).server.name
    'here'
    """

    server: Server
    waits: Sequence[float] = _WAITS
    sleep: Callable[[float], None] = time.sleep
    warnings: set[str] = field(default_factory=set)

    def range(self, query: str, grid: Grid, *, series: int = 1) -> Matrix:
        """How does this query come out at each moment of the grid.

        Parameters
        ----------
        query : str
            PromQL.
        grid : Grid
            As many moments as wanted.
        series : int
            How many to expect, which makes chunks shorter.

        Returns
        -------
        Matrix
        """
        length = max(1, min(MOST_POINTS, _MOST_VALUES // max(series, 1)))
        parts = (
            (begin + place, found)
            for begin in range(0, grid.points, length)
            for place, found in self._chunk(query, grid.part(begin, length))
        )
        return joined(parts, points=grid.points)

    def at(self, query: str, moment: int) -> list[tuple[Labels, float]]:
        """How does this query come out at one moment, in seconds since 1970.

        Parameters
        ----------
        query : str
            PromQL whose result is a vector.
        moment : int
            Seconds since 1970.

        Returns
        -------
        list of (labels, float)
        """
        found = self.range(query, Grid(moment, 60, 1))
        return [(labels, float(values[0])) for labels, values in zip(found.labels, found.values, strict=True)]

    def labels(self, metric: str, start: int, end: int) -> list[Labels]:
        """Which series of this metric were there between two moments, by their labels.

        Parameters
        ----------
        metric : str
            Its name.
        start, end : int
            Seconds since 1970.

        Returns
        -------
        list of labels
        """
        found = self._ask("series", {"match[]": metric, "start": start, "end": end})
        if not isinstance(found, list):
            raise self._strange()
        return [
            {str(name): str(value) for name, value in item.items()}
            for item in found
            if isinstance(item, dict)
        ]

    def _chunk(self, query: str, grid: Grid) -> Iterator[tuple[int, Matrix]]:
        """Ask for one chunk, or for its halves where the server has not room for all of it."""
        asked = {"query": query, "start": grid.first, "end": grid.last, "step": grid.step}
        try:
            yield 0, matrix(self._ask("query_range", asked), grid=grid, name=self.server.name)
        except PrometheusError as error:
            if not _too_much(error) or grid.points <= _FEWEST_POINTS:
                raise _of_chunk(error, grid) from error
            half = grid.points // 2
            yield from self._chunk(query, grid.part(0, half))
            for place, found in self._chunk(query, grid.part(half, grid.points)):
                yield half + place, found

    def _ask(self, what: str, asked: Mapping[str, object]) -> Any:
        path = f"/api/v1/{what}?{urlencode(asked)}"
        try:
            answer, _ = patiently(
                lambda: self.server.request("GET", path), waits=self.waits, sleep=self.sleep
            )
        except PrometheusError as error:
            raise self._explained(error) from error
        for warning in answer.get("warnings") or [] if isinstance(answer, dict) else []:
            self.warnings.add(self._harmless(line(warning)))
        return data_of(answer, name=self.server.name)

    def _explained(self, error: PrometheusError) -> PrometheusError:
        """Add what the server itself says, and what to do where it does not let us in."""
        said = self._harmless(reason(error.said))
        forbidden = error.status in _FORBIDDEN
        remedy = f"set {TOKEN}, or {USER} and {PASSWORD}" if forbidden else error.remedy
        return PrometheusError(
            f"{error.value}{f' ({said})' if said else ''}",
            error.rule,
            remedy,
            passing=error.passing,
            status=error.status,
            said=said,
        )

    def _harmless(self, text: str) -> str:
        """Take out our own secret, if a server repeats it."""
        for value in self.server.headers.values():
            text = text.replace(value, "·").replace(value.partition(" ")[2], "·")
        return text

    def _strange(self) -> PrometheusError:
        return PrometheusError(
            f"Prometheus {self.server.name}: its answer",
            "a Prometheus answers by its HTTP API, version 1",
            "check that the address is that of a Prometheus",
        )


def _too_much(error: PrometheusError) -> bool:
    """Say whether less might be answered: too many samples or bytes, or too long a computation."""
    if error.status == _LIMITED:
        return "too many samples" in error.said or "limit" in error.said
    return (error.status in _UNAVAILABLE and "time" in error.said) or "ask for less" in error.remedy


def _of_chunk(error: PrometheusError, grid: Grid) -> PrometheusError:
    return PrometheusError(
        f"{error.value}, {grid}",
        error.rule,
        error.remedy,
        passing=error.passing,
        status=error.status,
        said=error.said,
    )

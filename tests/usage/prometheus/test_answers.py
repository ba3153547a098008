"""What an answer says: values at the moments asked for, gaps as NaN, and nothing strange believed."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from finops_lib.errors import PrometheusError
from finops_lib.usage.prometheus.answers import Grid, Matrix, data_of, joined, line, matrix, reason

GRID = Grid(600, 300, 4)  # 600, 900, 1200, 1500


def one(values: list[Any], **labels: str) -> dict[str, Any]:
    """Make the data of an answer with one series."""
    return {"resultType": "matrix", "result": [{"metric": labels, "values": values}]}


def test_values_stand_at_their_moments() -> None:
    """A full series and one with holes; NaN and infinity are not known."""
    full = one([[600, "1"], [900, "2"], [1200, "3e0"], [1500, "4"]], pod="a")
    full["result"] += one([[900, "-0.5"], [1500.0, "NaN"]], pod="b")["result"]
    full["result"] += one([[600, "+Inf"], [1200, "7"]])["result"]
    found = matrix(full, grid=GRID, name="p")
    assert found.labels == [{"pod": "a"}, {"pod": "b"}, {}]
    nan = np.nan
    np.testing.assert_array_equal(found.values, [[1, 2, 3, 4], [nan, -0.5, nan, nan], [nan, nan, 7, nan]])


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"resultType": "vector", "result": []},
        {"resultType": "matrix"},
        {"resultType": "matrix", "result": [{"metric": {}}]},
        {"resultType": "matrix", "result": 7},
        one([[600, "many"]]),
        one([[600]]),
        one([[601, "1"]]),
        one([[300, "1"]]),
        one([[1800, "1"]]),
        one([["x", "1"]]),
    ],
)
def test_what_is_no_matrix_is_refused(data: object) -> None:
    """Other kinds, words for numbers, and moments that nobody asked for."""
    with pytest.raises(PrometheusError, match=r"Prometheus p: .*series of numbers at the moments asked for"):
        matrix(data, grid=GRID, name="p")


def test_chunks_become_one_matrix() -> None:
    """Series are known by their labels, in whatever order; one of one chunk alone is NaN in others."""
    first = Matrix([{"pod": "a"}, {"pod": "b"}], np.array([[1.0, 2.0], [3.0, 4.0]]))
    second = Matrix([{"pod": "c"}, {"pod": "a"}], np.array([[5.0], [6.0]]))
    found = joined([(0, first), (2, second)], points=3)
    assert list(map(dict, found.labels)) == [{"pod": "a"}, {"pod": "b"}, {"pod": "c"}]
    nan = np.nan
    np.testing.assert_array_equal(found.values, [[1, 2, 6], [3, 4, nan], [nan, nan, 5]])


def test_a_part_of_a_grid_ends_with_it() -> None:
    """From the third moment on there are two, however many are asked for."""
    assert GRID.last == 1500
    assert GRID.part(2, 11) == Grid(1200, 300, 2)
    assert str(GRID) == "1970-01-01T00:10:00Z to 1970-01-01T00:25:00Z"


@pytest.mark.parametrize("answer", [None, "ok", {"status": "success"}, {"data": 1}, [1]])
def test_what_is_no_answer_is_none(answer: object) -> None:
    """A page of a proxy, or another service."""
    with pytest.raises(
        PrometheusError, match="Prometheus p: its answer: a Prometheus answers by its HTTP API"
    ):
        data_of(answer, name="p")


def test_an_error_says_why_in_one_line() -> None:
    """Its own words, printable and short; where there are none, nothing."""
    said = {"status": "error", "errorType": "execution", "error": "query\ntimed \x1b[31mout " + "x" * 999}
    assert reason(said) == reason(json.dumps(said))
    assert reason(said).startswith("execution: query timed ·[31mout xxx")
    assert len(reason(said)) == 300
    assert [reason(other) for other in ("<html>", "7", {"status": "success"}, None)] == [""] * 4
    assert line("a \n\t b") == "a b"
    with pytest.raises(PrometheusError, match="Prometheus p: execution: query timed"):
        data_of(said, name="p")

"""Pictures of what is odd: marks by shape, units, hostile names, and nothing where nothing is known."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from finops_lib.anomaly.plots import band, heat_map
from finops_lib.cost.plots import axes

EVIL = ["$x^2$ & $y$", "<script>alert(1)</script>", "\\$\\frac{1", "a\nb\x00\u202e", "x" * 300, "%s {0}"]
START, END = datetime(2026, 7, 3, tzinfo=UTC), datetime(2026, 7, 5, tzinfo=UTC)


def days(actual: list[float], odd: list[bool] | None = None) -> pd.DataFrame:
    """Track a series that is expected to cost 10, give or take 1."""
    count = len(actual)
    return pd.DataFrame(
        {
            "time": pd.date_range("2026-07-01", periods=count), "actual": actual, "expected": 10.0,
            "low": 9.0, "high": 11.0, "odd": odd or [False] * count,
        }
    )  # fmt: skip


def drawn(frame: pd.DataFrame, title: str = "web") -> Axes:
    """Draw the anomaly of July 3 and 4."""
    return band(frame, ax=axes(), title=title, currency="EUR", start=START, end=END)


def marks(ax: Axes) -> dict[str, list[float]]:
    """Read the heights of the triangles, by shape."""
    return {
        str(line.get_marker()): list(np.asarray(line.get_ydata(), dtype=float))
        for line in ax.lines
        if line.get_marker() in {"^", "v"}
    }


def test_odd_days_of_the_anomaly_have_a_triangle() -> None:
    """40 lies above and 2 below what was expected; the odd 30 of July 6 is of another anomaly."""
    ax = drawn(days([10, 10, 40, 2, 10, 30], [False, False, True, True, False, True]))
    assert marks(ax) == {"^": [40.0], "v": [2.0]}
    assert ax.get_ylabel() == "EUR a day"
    assert ax.get_xlabel() == "day (UTC)"


def test_the_hatched_span_is_that_of_the_anomaly() -> None:
    """From half a day before July 3 to half a day before July 5."""
    ax = drawn(days([10, 10, 40, 40, 10]))
    span = ax.patches[0].get_bbox()  # type: ignore[attr-defined]  # a span is a rectangle
    middle = float(ax.convert_xunits(pd.Timestamp("2026-07-04"))) - 0.5
    assert (span.x0 + span.x1) / 2 == pytest.approx(middle)
    assert span.width == pytest.approx(2.0)


def test_nothing_known_is_said() -> None:
    """A series of unknown days has no lines."""
    ax = drawn(days([np.nan, np.nan]))
    assert not ax.lines
    assert "No day" in ax.texts[0].get_text()


def grid() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score two series on three days, of which one was not judged."""
    columns = pd.date_range("2026-07-01", periods=3)
    scores = pd.DataFrame([[0.5, 9.0, np.nan], [-7.0, 0.1, -0.2]], columns=columns)
    odd = pd.DataFrame([[False, True, True], [True, False, False]], columns=columns)
    return scores, odd


def test_a_heat_map_marks_the_days_of_anomalies() -> None:
    """Up where above, down where below; a day that was not judged is grey and may be marked."""
    scores, odd = grid()
    ax = heat_map(scores, ax=axes(), names=["web", "api"], odd=odd, title="two")
    places = [(line.get_marker(), np.asarray(line.get_xydata(), dtype=float)[0]) for line in ax.lines]
    found = {(mark, float(place[0]), float(place[1])) for mark, place in places}
    assert found == {("^", 1.5, 0.5), ("^", 2.5, 0.5), ("v", 0.5, 1.5)}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["web", "api"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["07-01", "07-02", "07-03"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]


def test_many_days_have_few_labels() -> None:
    """Sixty days are labelled twelve times, from the first on."""
    columns = pd.date_range("2026-05-01", periods=60)
    scores = pd.DataFrame(np.zeros((1, 60)), columns=columns)
    ax = heat_map(scores, ax=axes(), names=["web"], odd=scores > 0, title="sixty")
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert (len(labels), labels[0], labels[1]) == (12, "05-01", "05-06")


def test_an_empty_heat_map_says_so() -> None:
    """No row, no square."""
    ax = heat_map(pd.DataFrame(), ax=axes(), names=[], odd=pd.DataFrame(), title="none")
    assert "No series" in ax.texts[0].get_text()


@pytest.mark.parametrize("name", EVIL)
def test_hostile_names_are_plain_text(name: str) -> None:
    """They are drawn without a warning but for a missing glyph, and nothing of them is set as a formula."""
    scores, odd = grid()
    for ax in (
        drawn(days([10, 10, 40]), title=name),
        heat_map(scores, ax=axes(), names=[name, "api"], odd=odd, title=name),
    ):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph")
            figure = ax.get_figure(root=True)
            assert figure is not None
            figure.savefig(BytesIO(), format="png")
        assert len(ax.get_title(loc="left")) <= 130

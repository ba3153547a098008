"""Heat map and band: what stands in a square, which days are marked, hostile names, no global state."""

from __future__ import annotations

import warnings
from decimal import Decimal
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes

from finops_lib.cost import plots_moves
from finops_lib.cost.plots import axes

EVIL = ["$x^2$ & $y$", "<script>alert(1)</script>", "\\$\\frac{1", "a\nb\x00\u202e", "x" * 300, "%s {0}"]


def moves(*lines: tuple[str, str, object]) -> pd.DataFrame:
    """Make changes by team and region."""
    changes = [None if amount is None else Decimal(str(amount)) for _, _, amount in lines]
    frame = pd.DataFrame([line[:2] for line in lines], columns=["Team", "Region"])
    return frame.assign(Change=pd.Series(changes, dtype=object))


def heat(frame: pd.DataFrame, most: tuple[int, int] = (9, 6)) -> Axes:
    """Draw it."""
    return plots_moves.heat_map(frame, ax=axes(), rows="Team", columns="Region", currency="EUR", most=most)


def squares(ax: Axes) -> dict[tuple[str, str], str]:
    """Read the words in the squares by their names."""
    rows = [text.get_text() for text in ax.get_yticklabels()]
    columns = [text.get_text() for text in ax.get_xticklabels()]
    return {
        (rows[int(text.get_position()[1])], columns[int(text.get_position()[0])]): text.get_text()
        for text in ax.texts
    }


def days(*costs: float) -> pd.Series:
    """Make days of these costs."""
    return pd.Series(costs, dtype=float)


def banded(before: pd.Series, after: pd.Series) -> Axes:
    """Draw two periods."""
    return plots_moves.band(
        before, after, ax=axes(), names=("2026-06", "2026-07"), currency="EUR", cost="BilledCost"
    )


def test_changes_of_a_square_are_added_and_what_moved_most_comes_first() -> None:
    """Team b moved 9 in two lines, a -4; a square without a line is empty, an unknown change is no square."""
    ax = heat(moves(("a", "x", -4), ("b", "x", 6), ("b", "x", 3), ("b", "y", 0), ("c", "y", None)))
    assert squares(ax) == {("b", "x"): "+€9.00", ("b", "y"): "€0.00", ("a", "x"): "-€4.00"}
    assert [text.get_text() for text in ax.get_yticklabels()] == ["b", "a"]
    assert ax.get_title(loc="left") == "Most moved: b, x (+€9.00)"
    assert ax.get_xlabel() == "Region; change in EUR (+: more)"


def test_shades_go_with_the_root_and_with_the_sign() -> None:
    """9 is the full shade, -4 two thirds of it on the other side."""
    (mesh,) = heat(moves(("a", "x", -4), ("b", "x", 9))).collections
    assert np.allclose(np.ravel(mesh.get_array()), [1.0, -2 / 3])


def test_names_that_moved_little_are_one_row_and_one_column() -> None:
    """Of four teams and three regions two and one are named; nothing is lost: 8 + 4 + 2 + 1 = 15."""
    frame = moves(("a", "x", 8), ("b", "x", 4), ("c", "y", 2), ("d", "z", 1))
    found = squares(heat(frame, most=(2, 1)))
    assert found == {
        ("a", "x"): "+€8.00", ("b", "x"): "+€4.00", ("(all other)", "(all other)"): "+€3.00",
    }  # fmt: skip


def test_one_name_too_many_is_named_all_the_same() -> None:
    """A row for one other name would be no shorter."""
    found = squares(heat(moves(("a", "x", 8), ("b", "x", 4), ("c", "x", 2)), most=(2, 1)))
    assert list(found) == [("a", "x"), ("b", "x"), ("c", "x")]


def test_words_are_white_on_dark_squares_alone() -> None:
    """The largest square is dark, a hundredth of it is not."""
    colours = {
        text.get_text(): text.get_color() for text in heat(moves(("a", "x", 100), ("b", "x", 1))).texts
    }
    assert colours == {"+€100": "white", "+€1.00": "#222222"}


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (moves(("a", "x", 0)), "Nothing moved"),
        (moves(("a", "x", None)), "No change can be said: a period has no charges"),
    ],
)
def test_no_move_is_said(frame: pd.DataFrame, words: str) -> None:
    """All equal, or nothing known."""
    ax = heat(frame)
    assert words in [ax.get_title(loc="left"), *(text.get_text() for text in ax.texts)]


def test_days_out_of_the_usual_range_are_marked() -> None:
    """Of 1 to 11 the middle 80 % are 2 to 10: 12 and 10.5 lie above, 1 below, an unknown day nowhere."""
    ax = banded(days(*range(1, 12)), days(12, 5, 10.5, float("nan"), 1))
    marks = {line.get_marker(): list(line.get_xdata()) for line in ax.lines if line.get_linestyle() == "None"}
    assert marks == {"^": [1, 3], "v": [5]}
    title = "2 of 4 days of 2026-07 lie above the usual range of 2026-06, 1 below"
    assert ax.get_title(loc="left") == title
    (shade,) = ax.patches
    assert (shade.get_y(), shade.get_y() + shade.get_height()) == (2, 10)
    assert ax.get_ylabel() == "BilledCost, EUR a day"


def test_a_day_is_compared_with_many_days() -> None:
    """One day after has a dot; with four days before there is no usual range."""
    one = banded(days(*range(1, 12)), days(20))
    assert "o" in [line.get_marker() for line in one.lines]
    short = banded(days(1, 2, 3, 4), days(20))
    assert "A usual range needs 5 days before, and a day after" in [text.get_text() for text in short.texts]
    assert "A usual range" in banded(days(*range(9)), days(float("nan"))).texts[0].get_text()


@pytest.mark.parametrize("name", EVIL)
def test_hostile_names_are_drawn_as_text(name: str) -> None:
    """Dollar signs, markup, control marks and long names lay out as they are, without a warning."""
    frame = moves((name, name, 5), ("b", name, 1)).rename(columns={"Region": name})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = plots_moves.heat_map(frame, ax=axes(), rows="Team", columns=name, currency=name)
        ax.figure.savefig(BytesIO(), format="png", dpi=40)
        named = plots_moves.band(
            days(*range(9)), days(1), ax=axes(), names=(name, name), currency=name, cost=name
        )
        named.figure.savefig(BytesIO(), format="png", dpi=40)
    assert all(len(text.get_text()) < 40 for text in [*ax.get_yticklabels(), *ax.get_xticklabels()])
    assert pyplot.get_fignums() == []

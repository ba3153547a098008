"""The waterfall and the look it shares: steps that lead on, units, hostile names, no global state."""

from __future__ import annotations

import warnings
from io import BytesIO

import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes

from finops_lib.cost import plots_drivers
from finops_lib.cost.plots import axes

EVIL = ["$x^2$ & $y$", "<script>alert(1)</script>", "\\$\\frac{1", "a\nb\x00\u202e", "x" * 300, "%s {0}"]


def drawn(*steps: tuple[str, float], unit: str = "EUR") -> Axes:
    """Draw these steps."""
    return plots_drivers.waterfall(
        steps, ax=axes(), unit=unit, end="after", title="It moved", what=" a month"
    )


def labels(ax: Axes) -> list[str]:
    """Read the names beside the axis."""
    return [text.get_text() for text in ax.get_yticklabels()]


def test_each_step_begins_where_the_one_before_ends() -> None:
    """100, +30, -50, then the sum of 80 from zero; more is hatched, sums and less are plain."""
    ax = drawn(("before", 100.0), ("new", 30.0), ("ended", -50.0))
    bars = [(bar.get_x(), bar.get_x() + bar.get_width(), bar.get_hatch()) for bar in ax.patches]
    assert bars == [(0, 100, ""), (100, 130, "////"), (130, 80, ""), (0, 80, "")]
    assert labels(ax) == ["before", "new", "ended", "after"]
    written = [text.get_text() for text in ax.texts]
    assert written[:4] == ["€100", "+€30.00", "-€50.00", "€80.00"]


def test_more_less_and_sums_differ_without_colour() -> None:
    """Their lightness differs by a tenth and more, so that they are told apart in grey."""
    ax = drawn(("before", 100.0), ("new", 30.0), ("ended", -50.0))
    grey = [0.299 * r + 0.587 * g + 0.114 * b for r, g, b, _ in (bar.get_facecolor() for bar in ax.patches)]
    assert abs(grey[0] - grey[1]) > 0.1 < abs(grey[0] - grey[2])


def test_an_axis_that_is_cut_off_says_so() -> None:
    """From 1,000 to 1,010 it begins near them; from 10 down to -20 it shows zero."""
    cut = drawn(("before", 1000.0), ("new", 10.0))
    assert 900 < cut.get_xlim()[0] < 1000
    assert "axis does not start at 0" in [text.get_text() for text in cut.texts]
    whole = drawn(("before", 10.0), ("ended", -30.0))
    assert whole.get_xlim()[0] < -20 < 10 < whole.get_xlim()[1]
    assert "axis does not start at 0" not in [text.get_text() for text in whole.texts]


@pytest.mark.parametrize("amounts", [(0.0, 0.0), (0.0, 5.0), (-3.0, -4.0), (5.0, -5.0)])
def test_awkward_amounts_are_drawn(amounts: tuple[float, float]) -> None:
    """Nothing, out of nothing, below nothing and back to nothing: laid out without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = drawn(("before", amounts[0]), ("volume", amounts[1]))
        ax.figure.savefig(BytesIO(), format="png", dpi=40)
    assert len(ax.patches) == 3


@pytest.mark.parametrize("name", EVIL)
def test_hostile_names_are_drawn_as_text(name: str) -> None:
    """Dollar signs, markup, control marks and long names lay out as they are, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = drawn((name, 5.0), (name, 1.0), unit=name)
        ax.figure.savefig(BytesIO(), format="png", dpi=40)
    assert all(len(text) < 40 for text in labels(ax))
    assert pyplot.get_fignums() == []


def test_the_axis_carries_its_unit() -> None:
    """Money has its sign on the marks, other units their name in the words."""
    ax = drawn(("before", 100.0), ("new", 30.0))
    ax.figure.canvas.draw()
    assert any("€" in text.get_text() for text in ax.get_xticklabels())
    assert ax.get_xlabel() == "EUR a month (hatched: adds, plain: takes away)"
    other = drawn(("before", 100.0), ("new", 30.0), unit="GB-Mo")
    assert [text.get_text() for text in other.texts][:2] == ["100 GB-Mo", "+30 GB-Mo"]


def test_the_axis_upwards_carries_money_too() -> None:
    """Asked for, its marks have the sign."""
    ax = axes()
    ax.plot([0, 1], [0, 50_000])
    plots_drivers.value_axis(ax, "EUR", vertical=True)
    ax.figure.canvas.draw()
    assert "€20k" in [text.get_text() for text in ax.get_yticklabels()]


def test_nothing_says_why() -> None:
    """The reason stands on empty axes."""
    ax = plots_drivers.nothing(axes(), "no charge")
    assert [text.get_text() for text in ax.texts] == ["no charge"]
    assert not ax.axison

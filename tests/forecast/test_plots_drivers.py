"""Pictures of drivers and variants: what stands on them, hostile names, units, and no global state."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes

from finops_lib.cost.plots import axes
from finops_lib.forecast import plots_drivers

EVIL = ["$x^2$ & $y$", "<script>alert(1)</script>", "\\$\\frac{1", "a\nb\x00\u202e", "x" * 300, "%s {0}"]
KINDS = {
    "run rate": "base",
    "level now": "base",
    "season": "base",
    "calendar": "known",
    "known changes": "known",
}


def drivers(**amounts: float) -> pd.DataFrame:
    """Make parts: a run rate of 100, models as named, and what else is given."""
    given = {"run rate": 100.0, "level now": 10.0, "season": -5.0, **amounts}
    rows = [
        (part, "adjusted" if part == "adjusted" else KINDS.get(part, "model"), by)
        for part, by in given.items()
    ]
    return pd.DataFrame(rows, columns=["part", "kind", "amount"])


def variants(*, budget: bool = True, name: str = "without web") -> pd.DataFrame:
    """Make three variants, of which the last turns the answer over."""
    return pd.DataFrame(
        {
            "variant": ["as forecast", "growth stops", name],
            "low": [90.0, 80.0, 40.0],
            "mid": [100.0, 90.0, 50.0],
            "high": [115.0, 105.0, 55.0],
            "difference": [0.0, -10.0, -50.0],
            "breach_probability": [0.8, 0.55, 0.02] if budget else [None] * 3,
            "flips": [False, False, True] if budget else [None] * 3,
        }
    )


def picture(kind: str, name: str = "web", unit: str = "EUR") -> Axes:
    """Draw one of the pictures with this name in every place of a name."""
    if kind == "waterfall":
        return plots_drivers.waterfall(drivers(**{name: 20.0}), ax=axes(), name=name, unit=unit)
    return plots_drivers.what_if(variants(name=name), ax=axes(), name=name, unit=unit, budget_left=95)


def labels(ax: Axes) -> list[str]:
    """Read the names beside the axis."""
    return [text.get_text() for text in ax.get_yticklabels()]


@pytest.mark.parametrize("kind", ["waterfall", "what_if"])
@pytest.mark.parametrize("name", EVIL)
def test_hostile_names_are_drawn_as_text(kind: str, name: str) -> None:
    """Dollar signs, markup, control marks and long names lay out as they are, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = picture(kind, name)
        ax.figure.savefig(BytesIO(), format="png", dpi=40)
    assert "x" * 40 not in ax.get_title(loc="left") + "".join(labels(ax))
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("kind", ["waterfall", "what_if"])
def test_axes_carry_units_and_a_finding(kind: str) -> None:
    """The title has a number; the axis names the unit; another unit than money has no currency sign."""
    money, other = picture(kind), picture(kind, unit="GiB")
    assert any(letter.isdigit() for letter in money.get_title(loc="left"))
    assert (money.get_xlabel()[:3], other.get_xlabel()[:3]) == ("EUR", "GiB")
    texts = [*labels(other), *(text.get_text() for text in other.texts), other.get_title(loc="left")]
    assert not any("€" in text for text in texts)


def test_a_waterfall_goes_from_the_run_rate_to_the_forecast() -> None:
    """Each bar begins where the one before ends: 100, +10, -5, +20 of a model, +15 changes: 140."""
    frame = drivers(theta=20.0, calendar=0.0, **{"known changes": 15.0, "adjusted": 0.0})
    ax = plots_drivers.waterfall(frame, ax=axes(), name="web", unit="EUR")
    spans = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert spans == [(0, 100), (100, 110), (110, 105), (105, 125), (125, 140), (0, 140)]
    assert labels(ax) == ["run rate", "level now", "season", "theta", "known changes", "forecast"]
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [False, True, False, True, True, False]
    title = ax.get_title(loc="left")
    assert title == "web: €140 against a run rate of €100;\nmost of the way: theta (+€20.00)"


def test_small_models_share_a_bar_and_a_real_adjustment_has_one() -> None:
    """Of eight models five are named; the three others come to 9; 2 of 151 that were adjusted are seen."""
    models = {f"m{number}": float(9 - number) for number in range(8)}
    ax = plots_drivers.waterfall(drivers(**models, adjusted=2.0), ax=axes(), name="web", unit="EUR")
    assert labels(ax)[3:] == ["m0", "m1", "m2", "m3", "m4", "3 other models", "adjusted", "forecast"]
    others = ax.patches[8]
    assert others.get_width() == pytest.approx(4 + 3 + 2)
    rest = plots_drivers.waterfall(drivers(adjusted=0.01), ax=axes(), name="web", unit="EUR")
    assert "adjusted" not in labels(rest)


def test_an_axis_that_is_cut_off_says_so() -> None:
    """From 100 to 125 the axis begins near 87 and says so; where a bar ends near 0 it begins there."""
    cut = picture("waterfall")
    assert 50 < cut.get_xlim()[0] < 100
    assert "axis does not start at 0" in [text.get_text() for text in cut.texts]
    near = plots_drivers.waterfall(drivers(theta=-100.0), ax=axes(), name="web", unit="EUR")
    assert near.get_xlim()[0] <= 0
    assert "axis does not start at 0" not in [text.get_text() for text in near.texts]
    below = plots_drivers.waterfall(drivers(theta=-300.0), ax=axes(), name="web", unit="EUR")
    assert below.get_xlim()[0] < -195 < 110 < below.get_xlim()[1]


def test_a_forecast_that_is_the_run_rate_is_said_so() -> None:
    """Without any difference there is no largest driver."""
    frame = drivers(**{"level now": 0.0, "season": 0.0})
    ax = plots_drivers.waterfall(frame, ax=axes(), name="web", unit="EUR")
    assert ax.get_title(loc="left") == "web: €100, as the run rate says"


def test_variants_show_interval_chance_and_which_turn_the_answer_over() -> None:
    """An open square and another colour where it flips; the budget and the forecast are lines."""
    ax = picture("what_if", "without web")
    bars, dots = ax.lines[0:6:2], ax.lines[1:6:2]
    assert [list(bar.get_xdata()) for bar in bars] == [[90, 115], [80, 105], [40, 55]]
    assert [dot.get_marker() for dot in dots] == ["o", "o", "s"]
    assert [dot.get_markerfacecolor() for dot in dots][2] == "white"
    assert labels(ax)[0] == "as forecast\n€100, 80 % breach"
    assert labels(ax)[2] == "without web\n€50.00, 2 % breach"
    assert [float(np.asarray(line.get_xdata())[0]) for line in ax.lines[6:]] == [100.0, 95.0]
    assert ax.get_title(loc="left").endswith("80 % chance of a breach; 1 of 2 variants turn the answer over")


def test_without_a_budget_the_largest_change_is_told() -> None:
    """No chance is named and no square drawn."""
    ax: Any = plots_drivers.what_if(variants(budget=False), ax=axes(), name="team", unit="EUR")
    assert ax.get_title(loc="left") == "team: most changes with without web (-€50.00)"
    assert not any("breach" in label for label in labels(ax))
    assert [line.get_marker() for line in ax.lines[1:6:2]] == ["o"] * 3
    assert "square" not in ax.get_xlabel()


def test_nothing_to_draw_is_said() -> None:
    """Empty answers give words instead of empty axes."""
    empty = [
        plots_drivers.waterfall(drivers().iloc[:0], ax=axes(), name="a", unit="EUR"),
        plots_drivers.what_if(variants().iloc[:0], ax=axes(), name="a", unit="EUR"),
    ]
    assert [ax.texts[0].get_text() for ax in empty] == ["There is no forecast here"] * 2

"""Pictures of a forecast: what stands on them, hostile names, units, and no global state."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from finops_lib.forecast import plots
from finops_lib.forecast.bands import bands, burned, history
from finops_lib.forecast.budget import Burn, burn
from finops_lib.forecast.budget_file import Budget
from finops_lib.forecast.reliability import reliability
from finops_lib.forecast.saturation import Saturation, saturation

EVIL = ["$x^2$ & $y$", "<script>alert(1)</script>", "\\$\\frac{1", "a\nb\x00\u202e", "x" * 300, "%s {0}"]
PICTURES = ("fan", "reliability", "backtest", "burn", "saturation")


def outlook_for(outlook_of: Any) -> Any:
    """Forecast eleven days of about ten, three origins."""
    errors = [[-1.0] * 11, [0.5] * 11, [2.0] * 11]
    return outlook_of({"a": [10.0] * 11}, {"a": errors}, values={"a": [9.0, 11.0, 10.0]})


def burned_budget(outlook_of: Any, name: str, amount: str = "315") -> tuple[Burn, pd.DataFrame]:
    """Judge a budget of which 200 are spent."""
    days = pd.date_range("2026-07-01", periods=20)
    spent = pd.DataFrame({"time": days, "cost": [Decimal(10)] * 20})
    budget = Budget(name, "ann", "month", Decimal(amount), "EUR", datetime(2026, 1, 1, tzinfo=UTC))
    found = burn(budget, spent, outlook_for(outlook_of), currency="EUR")
    assert isinstance(found, Burn)
    return found, burned(found, spent, outlook_for(outlook_of), series=["a"])


def filled(outlook_of: Any, name: str, limit: float = 11.0) -> Saturation:
    """Ask when a limit is exceeded."""
    found = saturation(outlook_for(outlook_of), name=name, limit=limit, unit="GiB")
    assert isinstance(found, Saturation)
    return found


def picture(kind: str, outlook_of: Any, name: str = "web") -> Axes:
    """Draw one of the pictures with this name on it."""
    outlook, ax = outlook_for(outlook_of), plots.axes()
    past, ahead = history(outlook, series=["a"]), bands(outlook, series=["a"])
    earlier = pd.DataFrame({"origin": [1, 1, 2, 2], "time": [*past["time"][:2]] * 2, "value": [9.0, 9, 8, 8]})
    judged = pd.DataFrame({"name": [name, "other"], "error": [0.5, 1.5], "naive": [1.0, 1.0]})
    draw: dict[str, Callable[[], Axes]] = {
        "fan": lambda: plots.fan(past, ahead, ax=ax, name=name, unit="EUR", step="day", origins=earlier),
        "reliability": lambda: plots.reliability(reliability([0.2, 0.8], [False, True]), ax=ax),
        "backtest": lambda: plots.backtest(judged, ax=ax),
        "burn": lambda: plots.burn(*burned_budget(outlook_of, name), ax=ax),
        "saturation": lambda: plots.saturation(filled(outlook_of, name), ax=ax),
    }
    assert draw[kind]() is ax
    return ax


def drawn(ax: Axes) -> bytes:
    """Render, so that every text is laid out."""
    written = BytesIO()
    ax.figure.savefig(written, format="png", dpi=40)
    return written.getvalue()


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("name", EVIL)
def test_hostile_names_are_drawn_as_text(kind: str, name: str, outlook_of: Any) -> None:
    """Dollar signs, markup, control marks and long names lay out as they are, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = picture(kind, outlook_of, name)
        assert drawn(ax)
    assert "x" * 40 not in ax.get_title(loc="left")
    assert all(len(text.get_text()) < 50 for text in ax.get_yticklabels())


@pytest.mark.parametrize("kind", PICTURES)
def test_axes_carry_units_and_a_finding(kind: str, outlook_of: Any) -> None:
    """Each title has a number, each axis a name, and one of them the unit."""
    ax = picture(kind, outlook_of)
    assert any(letter.isdigit() for letter in ax.get_title(loc="left"))
    assert ax.get_xlabel()
    words = ax.get_xlabel() + ax.get_ylabel()
    assert any(unit in words for unit in ("EUR", "per cent", "GiB", "MASE"))


def test_no_picture_touches_global_state(outlook_of: Any) -> None:
    """Drawing opens no figure that pyplot knows of."""
    for kind in PICTURES:
        picture(kind, outlook_of)
    assert pyplot.get_fignums() == []


def test_the_fan_has_both_bands_the_wide_one_lighter_and_behind(outlook_of: Any) -> None:
    """95 % is drawn first, lighter than 80 % in grey too; earlier forecasts are named once."""
    ax = picture("fan", outlook_of)
    wide, narrow = ax.collections[:2]
    assert [band.get_label() for band in (wide, narrow)] == ["95 % interval", "80 % interval"]
    grey = [float(np.dot(to_rgb(band.get_facecolor()[0][:3]), (0.3, 0.59, 0.11))) for band in (wide, narrow)]
    assert grey[0] - grey[1] > 0.15
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels.count("earlier forecasts") == 1
    known, ahead = (
        next(line for line in ax.lines if line.get_label() == key) for key in ("known", "forecast")
    )
    assert known.get_linestyle() != ahead.get_linestyle()


def test_a_fan_in_another_unit_has_no_currency(outlook_of: Any) -> None:
    """GiB are written out in title and axis."""
    outlook, ax = outlook_for(outlook_of), plots.axes()
    plots.fan(
        history(outlook, series=["a"]),
        bands(outlook, series=["a"]),
        ax=ax,
        name="disk",
        unit="GiB",
        step="day",
    )
    assert ax.get_title(loc="left").startswith("disk: 10 GiB in the last day of the forecast (80 %:")
    assert ax.get_ylabel() == "GiB per day"


def test_a_budget_shows_its_line_and_the_days_of_a_breach(outlook_of: Any) -> None:
    """The line stands at the amount; a shade from early to late day only where a breach is to come."""
    found, growth = burned_budget(outlook_of, "web")
    ax = plots.burn(found, growth, ax=plots.axes())
    line = next(line for line in ax.lines if str(line.get_label()).startswith("budget"))
    assert list(line.get_ydata()) == [315.0, 315.0]
    assert len(ax.patches) == 1
    never = dataclasses.replace(found, expected_date=None)
    assert not plots.burn(never, growth, ax=plots.axes()).patches


def test_every_reliability_point_says_its_cases() -> None:
    """Three cases in one band, one in another, and the diagonal; few cases are called few."""
    ax = plots.reliability(reliability([0.2] * 3 + [0.9], [False, True, False, True]), ax=plots.axes())
    assert [text.get_text() for text in ax.texts] == ["3", "1"]
    diagonal = next(line for line in ax.lines if line.get_label() == "stated = observed")
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata()) == [0, 1]
    assert "too few to judge" in ax.get_title(loc="left")


def test_a_method_that_loses_is_hatched_and_counted() -> None:
    """Best first; equal to seasonal naive is no win; unknown errors are left out; the rest is counted."""
    frame = pd.DataFrame(
        {"name": list("abcd"), "error": [2.0, 0.5, 1.0, np.nan], "naive": [1.0, 1.0, 1.0, 1.0]}
    )
    ax = plots.backtest(frame, ax=plots.axes())
    assert [text.get_text() for text in ax.get_yticklabels()] == ["b", "c", "a"]
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [False, True, True]
    assert ax.get_title(loc="left") == "1 of 3 beat seasonal naive"
    many = pd.DataFrame({"name": range(30), "error": 0.5, "naive": 1.0})
    assert plots.backtest(many, ax=plots.axes()).get_title(loc="left").endswith("(10 more)")


def test_marks_of_a_limit_stand_only_within_the_horizon(outlook_of: Any) -> None:
    """A limit at once has three marks, one far away has none and says so."""
    near = plots.saturation(filled(outlook_of, "disk", 5.0), ax=plots.axes())
    far = plots.saturation(filled(outlook_of, "disk", 500.0), ax=plots.axes())
    assert (len(near.texts), len(far.texts)) == (3, 0)
    assert "Not exceeded before 2026-08-01" in far.get_title(loc="left")


def test_nothing_to_draw_is_said() -> None:
    """Empty answers give words instead of empty axes."""
    empty = pd.DataFrame({"time": pd.to_datetime([]), "value": [], "mid": []})
    said = [
        plots.fan(empty, empty, ax=plots.axes(), name="a", unit="EUR", step="day"),
        plots.reliability(reliability([], []), ax=plots.axes()),
        plots.backtest(pd.DataFrame({"name": [], "error": [], "naive": []}, dtype=float), ax=plots.axes()),
    ]
    assert [ax.texts[0].get_text() for ax in said] == [
        "There is no forecast here",
        "There is no past case to judge by",
        "No past forecast can be judged",
    ]

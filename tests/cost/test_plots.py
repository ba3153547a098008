"""Pictures of cost: what stands on them, hostile names, and nothing on screen or in global state."""

from __future__ import annotations

import warnings
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes

from finops_lib.cost import plots
from finops_lib.cost.movement import top_movers

EVIL = [
    "$x^2$ & $y$",
    "<script>alert(1)</script>",
    "\\$\\frac{1",
    "a\nb\x00\u202e",
    "x" * 300,
    "ünïcode",
    "%s {0}",
]


def priced(**columns: Any) -> pd.DataFrame:
    """Make an answer in dollars; ``cost`` becomes exact."""
    frame = pd.DataFrame(columns).assign(BillingCurrency="USD")
    return frame.assign(
        cost=pd.Series([None if x is None else Decimal(x) for x in frame["cost"]], dtype=object)
    )


def moved(names: list[str], changes: list[int]) -> pd.DataFrame:
    """Make the frame of `month_over_month` from changes on zero."""
    exact = [Decimal(change) for change in changes]
    zero = [Decimal(0)] * len(names)
    money = {"Previous": zero, "Current": exact, "Change": exact}
    state = {"ChangeShare": None, "State": "new"}
    return pd.DataFrame({"ServiceName": names, "BillingCurrency": "USD", **money, **state})


def covered(names: list[str]) -> pd.DataFrame:
    """Make the frame of `tag_coverage`, half covered."""
    return pd.DataFrame(
        {"Key": names, "BillingCurrency": "USD", "Untagged": Decimal(5), "Coverage": Decimal("0.5")}
    )


def drawn(ax: Axes) -> bytes:
    """Render, so that every text is laid out."""
    written = BytesIO()
    ax.figure.savefig(written, format="png", dpi=40)
    return written.getvalue()


def all_pictures(names: list[str]) -> list[Axes]:
    """Draw each picture with these names."""
    days = pd.to_datetime(["2026-07-01"] * len(names))
    frame = priced(time=days, ServiceName=names, cost=range(1, len(names) + 1))
    moves = moved(names, list(range(1, len(names) + 1)))
    return [
        plots.trend(frame, ax=plots.axes(), by="ServiceName", cost="BilledCost"),
        plots.breakdown(frame, ax=plots.axes(), by="ServiceName", cost="BilledCost"),
        plots.movers(moves, top_movers(moves, n=9), ax=plots.axes(), by="ServiceName", month="2026-07"),
        plots.coverage(covered(names), ax=plots.axes()),
    ]


@pytest.mark.parametrize("number", range(4))
def test_hostile_names_are_drawn_as_text(number: int) -> None:
    """Dollar signs, markup, control marks and long names lay out as they are, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = all_pictures(EVIL)[number]
        assert drawn(ax)
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert all(len(text) < 50 for text in labels)


@pytest.mark.parametrize("number", range(4))
def test_axes_carry_units_and_a_finding(number: int) -> None:
    """Each picture has a title with a number and names its currency or share."""
    ax = all_pictures(["A", "B"])[number]
    assert any(letter.isdigit() for letter in ax.get_title(loc="left"))
    assert any(unit in ax.get_xlabel() + ax.get_ylabel() for unit in ("USD", "per cent"))


def test_no_picture_touches_global_state() -> None:
    """Drawing opens no figure that pyplot knows of."""
    all_pictures(["A"])
    assert pyplot.get_fignums() == []


def test_the_trend_stacks_to_the_sum_and_leaves_gaps() -> None:
    """Costs 1 + 2 on the first, -1 on the third day: bars end at 3 and -1, and none stands on the second."""
    days = pd.to_datetime(["2026-07-01", "2026-07-01", "2026-07-03"])
    frame = priced(time=days, ServiceName=["A", "B", "A"], cost=[1, 2, -1])
    ax = plots.trend(frame, ax=plots.axes(), by="ServiceName", cost="BilledCost")
    ends = {patch.get_y() + patch.get_height() for patch in ax.patches}
    assert (max(ends), min(ends)) == (3.0, -1.0)
    assert len({patch.get_x() for patch in ax.patches}) == 2


def test_days_still_filling_up_are_hatched() -> None:
    """The second of two days is hatched and named in the legend."""
    frame = priced(time=pd.to_datetime(["2026-07-01", "2026-07-02"]), ServiceName=["A", "A"], cost=[1, 9])
    ax = plots.trend(
        frame, ax=plots.axes(), by="ServiceName", cost="BilledCost", incomplete=[date(2026, 7, 2)]
    )
    assert [bool(patch.get_hatch()) for patch in ax.patches] == [False, True]
    assert "still filling up" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_small_lines_become_one_grey_line() -> None:
    """Nine services, six colours: the other three stand together, and nothing is lost."""
    frame = priced(time=pd.to_datetime(["2026-07-01"] * 9), ServiceName=list("abcdefghi"), cost=range(1, 10))
    ax = plots.trend(frame, ax=plots.axes(), by="ServiceName", cost="BilledCost")
    assert ax.get_legend().get_texts()[-1].get_text() == "all other (3)"
    assert sum(patch.get_height() for patch in ax.patches) == 45
    bars = plots.breakdown(frame, ax=plots.axes(), by="ServiceName", cost="BilledCost", n=2)
    assert [text.get_text() for text in bars.get_yticklabels()] == ["i", "h", "all other (7)"]


def test_more_and_less_differ_without_colour() -> None:
    """A rise is hatched, a fall is plain, and each bar says its amount."""
    moves = moved(["up", "down"], [5, -3])
    ax = plots.movers(moves, top_movers(moves), ax=plots.axes(), by="ServiceName", month="2026-07")
    assert [bool(patch.get_hatch()) for patch in ax.patches] == [True, False]
    assert {r"+\$5.00", r"-\$3.00"} <= {text.get_text() for text in ax.texts}


def test_nothing_to_draw_is_said() -> None:
    """Empty answers and unknown costs give words instead of empty axes."""
    empty = priced(time=pd.to_datetime([]), ServiceName=[], cost=[])
    unknown = priced(time=pd.to_datetime(["2026-07-01"]), ServiceName=["A"], cost=[None])
    axes = [
        plots.trend(empty, ax=plots.axes(), by="ServiceName", cost="ListCost"),
        plots.breakdown(unknown, ax=plots.axes(), by="ServiceName", cost="ListCost"),
        plots.movers(moved([], []), moved([], []), ax=plots.axes(), by="ServiceName", month="2026-07"),
        plots.coverage(covered([]), ax=plots.axes()),
    ]
    assert [ax.texts[0].get_text() for ax in axes] == [
        "No charges here",
        "No charges here",
        "No change can be said: a month has no charges",
        "No tag key is in use",
    ]

"""Pictures of commitments have titles, units and legends, and no name of a bill becomes markup."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from finops_lib.optimize.commitments import plots

HOSTILE = "$x_{1}$<script>alert(1)</script>" + "y" * 80
START = datetime(2026, 11, 1, tzinfo=UTC)


def texts(ax: object) -> str:
    legend = ax.get_legend()  # type: ignore[attr-defined]
    told = [item.get_text() for item in legend.get_texts()] if legend else []
    return " | ".join([ax.get_title(loc="left"), *told])  # type: ignore[attr-defined]


def test_the_load_lies_under_its_lines() -> None:
    """Two levels, with words; the axis has the unit."""
    ax = plots.load_curve(
        np.array([9.0, 5.0, 1.0]), ax=plots.axes(), name="AWS", unit="USD an hour", now=2.0, then=4.0
    )
    assert ax.get_ylabel() == "USD an hour"
    assert {float(line.get_ydata()[0]) for line in ax.get_lines()} >= {2.0, 4.0}
    assert {text.get_text() for text in ax.texts} == {"covered now", "covered with what is proposed"}


def test_months_ahead_are_named() -> None:
    """From November on, over the turn of the year; what is new is hatched."""
    table = pd.DataFrame([["old", True, 4.0, 4.0, 0.0], [HOSTILE, False, 1.0, 1.0, 1.0]],
                         columns=["name", "in_place", 0, 1, 2])  # fmt: skip
    ax = plots.covered_ahead(table, ax=plots.axes(), name=HOSTILE, unit="USD an hour", start=START)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2026-11", "2026-12", "2027-01"]
    assert "old (in place)" in texts(ax)
    assert "$x" not in texts(ax).replace(r"\$x", "")
    hatched = {bool(bar.get_hatch()) for bar in ax.patches}
    assert hatched == {True, False}


def test_ours_stands_first_among_the_rules() -> None:
    """With its share; one that cost more than none goes left of zero."""
    told = {"b": 0.9, "ours": 0.8, "a": -0.1}
    ax = plots.rules(told, ax=plots.axes(), ours="ours", words={"ours": "ours"})
    assert [label.get_text() for label in ax.get_yticklabels()] == ["ours", "b", "a"]
    assert ax.get_title(loc="left") == "ours saved 80.0% of what was possible"
    assert ax.get_xlim()[0] < -0.1


@pytest.mark.parametrize("many", [1, 8])
def test_used_shares_have_their_break_even(many: int) -> None:
    """Six commitments at most; one without any use is left out."""
    tables = [
        pd.DataFrame({"commitment": f"c{number}", "month": ["2026-01", "2026-02"], "utilisation": [0.5, 1.0],
                      "break_even": 0.7})
        for number in range(many)
    ]  # fmt: skip
    empty = pd.DataFrame({"commitment": "x", "month": ["2026-01"], "utilisation": [None], "break_even": 0.7})
    ax = plots.utilisation([empty, *tables], ax=plots.axes(), title="Used")
    legend = ax.get_legend()
    assert legend is not None
    assert len(legend.get_texts()) == min(many, 6)
    assert "c0, pays from 70%" in texts(ax)

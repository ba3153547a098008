"""Pictures of several budgets: lines that can be told apart, and one sheet for many."""

from __future__ import annotations

import pandas as pd

from finops_lib.run.outlook_pictures import chances, sheet, shown


def line(*values: float) -> pd.DataFrame:
    """Make the chances of a budget, from one day to the next."""
    return pd.DataFrame({"time": pd.date_range("2026-07-20", periods=len(values)), "chance": values})


def test_each_budget_is_a_line_of_its_own() -> None:
    """Colours and dashes differ; the label says where the line ends, the title how many are likely."""
    found = [("Web", line(0.0, 0.4, 0.9)), ("$a$", line(0.0, 0.1)), ("Done", line(0.5))]
    (ax,) = sheet(1)
    chances(found, ax=ax)
    styles = {(item.get_color(), item.get_linestyle()) for item in ax.lines}
    assert len(styles) == len(found)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["Web: 90 %", r"\$a\$: 10 %", "Done: 50 %"]
    assert ax.get_title(loc="left") == "1 of 3 budget periods are more likely passed than not"
    assert ax.lines[2].get_marker() == "o"
    assert ax.lines[0].get_ydata().tolist() == [0.0, 0.4, 0.9]


def test_the_seventh_budget_is_counted_and_not_drawn() -> None:
    """Six lines can be told apart; the others are said to be there."""
    (ax,) = sheet(1)
    chances([(f"b{number}", line(0.0, 0.8)) for number in range(8)], ax=ax)
    assert len(ax.lines) == 6
    assert ax.get_title(loc="left").endswith(
        "8 of 8 budget periods are more likely passed than not (2 more are not drawn)"
    )


def test_a_sheet_is_one_picture_with_all_titles_in_words() -> None:
    """Three axes on one figure; their titles are what a reader without eyes gets."""
    axes = sheet(3)
    for number, ax in enumerate(axes):
        ax.set_title(rf"costs \${number}", loc="left")
    found = shown(axes)
    assert found.bundle["text/plain"] == "costs $0\ncosts $1\ncosts $2"
    assert found.bundle["image/svg+xml"].count("<svg") == 1

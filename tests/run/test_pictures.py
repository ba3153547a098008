"""The picture of delivered days: gaps are found inside an account's time, not outside it."""

from __future__ import annotations

from datetime import date

import pandas as pd

from finops_lib.cost import plots
from finops_lib.run.pictures import delivered_days, missing
from finops_lib.run.show import svg


def days(**accounts: list[int]) -> pd.DataFrame:
    """Make one row for each account and day of July."""
    lines = [(pd.Timestamp(2026, 7, day), name) for name, found in accounts.items() for day in found]
    frame = pd.DataFrame(lines, columns=["time", "BillingAccountId"])
    return frame.astype({"time": "datetime64[us]"})


def test_only_days_between_the_first_and_the_last_can_be_missing() -> None:
    """1 and 4 leave 2 and 3; one day or none leave nothing."""
    assert missing({date(2026, 7, 1), date(2026, 7, 4)}) == {date(2026, 7, 2), date(2026, 7, 3)}
    assert missing({date(2026, 7, 1)}) == missing(set()) == set()


def test_accounts_with_gaps_come_first_and_are_hatched() -> None:
    """B lacks one day: it stands on top of A, with one hatched bar, and the title counts it."""
    ax = delivered_days(days(A=[1, 2, 3], B=[1, 3]), ax=plots.axes(), by="BillingAccountId")
    assert [text.get_text() for text in ax.get_yticklabels()] == ["B", "A"]
    assert [bool(bars.get_hatch()) for bars in ax.collections] == [False, True, False]
    assert ax.get_title(loc="left") == "1 day without a charge, 2 accounts"
    assert "<svg" in svg(ax)


def test_many_accounts_are_counted_not_drawn() -> None:
    """Of 25 accounts 20 are drawn, and five are said to be left out."""
    ax = delivered_days(
        days(**{f"a{number}": [1] for number in range(25)}), ax=plots.axes(), by="BillingAccountId"
    )
    assert len(ax.get_yticks()) == 20
    assert "5 more accounts" in ax.get_xlabel()
    assert ax.get_title(loc="left").startswith("Every day is there")

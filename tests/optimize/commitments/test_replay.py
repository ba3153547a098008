"""Rules asked in the past see no future, and a commitment is used month by month as a loop says."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from finops_lib.optimize.commitments.demand import Demand
from finops_lib.optimize.commitments.replay import (
    break_even,
    month_by_month,
    months_to_break_even,
    replayed,
)

START = datetime(2026, 1, 5, tzinfo=UTC)


def test_a_rule_never_sees_what_came() -> None:
    """Whatever came, it is asked the same."""
    seen: list[list[float]] = []

    def spy(past: Demand, _: np.ndarray) -> np.ndarray:
        seen.append(past.use[0].tolist())
        return np.array([1.0])

    for future in (0.0, 50.0):
        use = np.concatenate([np.arange(20.0), np.full(10, future)])[None]
        replayed(
            Demand(("vm",), use, START, 24, "USD"),
            {"spy": spy},
            discount=np.array([0.3]),
            horizon=5,
            cuts=[5, 10],
        )
    assert seen[:2] == [[*np.arange(20.0).tolist(), *[0.0] * 5], np.arange(20.0).tolist()]
    assert seen[1] == seen[3]


def test_shares_are_those_of_a_loop() -> None:
    """Commit 3 at 40 % off against what came: 2, 4, 0, 6."""
    use = np.array([[1.0] * 6 + [2.0, 4.0, 0.0, 6.0]])
    found = replayed(
        Demand(("vm",), use, START, 24, "USD"),
        {"three": lambda *_: np.array([3.0])},
        discount=np.array([0.4]), horizon=4, cuts=[4],
    )  # fmt: skip
    [row] = found.to_dict("records")
    came = [2.0, 4.0, 0.0, 6.0]
    saved = {level: sum(min(value, level) - 0.6 * level for value in came) for level in (2.0, 3.0, 4.0, 6.0)}
    assert row["saving"] == pytest.approx(saved[3.0] / 12)
    assert row["possible"] == pytest.approx(max(0.0, *saved.values()) / 12)
    assert row["worst"] == row["saving"]


def test_months_are_those_of_a_loop_over_hours() -> None:
    """Hours of two months, some not known: those are in no column."""
    random = np.random.default_rng(1)
    use = random.uniform(0, 10, 40 * 24)
    use[random.random(len(use)) < 0.1] = np.nan
    demand = Demand(("vm",), use[None], datetime(2026, 1, 20, tzinfo=UTC), 1, "USD")
    table = month_by_month(demand, "vm", 4.0, discount=0.25).set_index("month")
    plain: dict[str, list[float]] = {}
    for hour, value in enumerate(use):
        if np.isfinite(value):
            month = (pd.Timestamp(demand.start) + pd.Timedelta(hours=hour)).strftime("%Y-%m")
            sums = plain.setdefault(month, [0.0, 0.0, 0.0])
            sums[0] += min(value, 4.0)
            sums[1] += value
            sums[2] += 1
    for month, (covered, used, hours) in plain.items():
        row = table.loc[month]
        assert row["utilisation"] == pytest.approx(covered / (4 * hours))
        assert row["coverage"] == pytest.approx(covered / used)
        assert row["saving"] == pytest.approx(covered - 0.75 * 4 * hours)
    assert table["saved_so_far"].iloc[-1] == pytest.approx(table["saving"].sum())


def test_nothing_committed_is_used_by_no_share() -> None:
    """Unknown is not zero."""
    demand = Demand(("vm",), np.ones((1, 48)), START, 1, "USD")
    [row] = month_by_month(demand, "vm", 0.0, discount=0.3).to_dict("records")
    assert row["utilisation"] is None
    assert row["coverage"] == 0.0


def test_what_was_paid_at_once_may_never_come_back() -> None:
    """Two months bring 10 each."""
    table = pd.DataFrame({"saving": [5.0, 5.0], "paid": [5.0, 5.0]})
    assert [months_to_break_even(table, upfront=upfront) for upfront in (10.0, 10.01, 20.01)] == [1, 2, None]
    assert break_even(0.4) == 0.6

"""New parts: told with their money where they are rare, not where they come every week."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from finops_lib.anomaly.births import births
from finops_lib.anomaly.detect import Settings, watch
from finops_lib.anomaly.state import State

DAYS = 100


def state_of(starts: dict[str, int], size: float = 30.0) -> State:
    """Watch one old team and others that begin on their days."""
    times = pd.date_range("2026-01-01", periods=DAYS)
    draw = np.random.default_rng(1)
    rows = [pd.DataFrame({"time": times, "team": "old", "value": 100 + draw.normal(size=DAYS)})]
    rows += [
        pd.DataFrame({"time": times[start:], "team": team, "value": size}) for team, start in starts.items()
    ]
    return watch(pd.concat(rows), by=["team"], settings=Settings(floor=Decimal(1))).state


def test_a_rare_part_is_new() -> None:
    """The first new team in 80 days: its p-value is 1 of 81, its money that of its first fourteen days."""
    [(row, event)] = births(state_of({"young": 80}))
    assert row == 2
    assert (event.kind, event.start, event.mid) == ("new", 80, 420.0)
    assert event.p_value == pytest.approx(1 / 81)
    assert event.evidence == ("first charged on 2026-03-22, 420.00 in 14 days, nothing before",)


def test_parts_that_come_every_week_are_usual() -> None:
    """With a team of that size each third day, one more is nothing new."""
    starts = {f"team {number}": 20 + 3 * number for number in range(25)}
    assert [event.start for _, event in births(state_of(starts)) if event.start > 40] == []


def test_the_first_days_learn() -> None:
    """What begins within the first fourteen days is not new."""
    assert list(births(state_of({"early": 10}))) == []


def test_zeros_before_the_first_cost_are_no_beginning() -> None:
    """A part with rows of zero begins with its first cost."""
    state = state_of({"young": 60}, size=0.0)
    state.tracks.values[2, 80:] = 5.0
    [(_, event)] = births(state)
    assert event.start == 80

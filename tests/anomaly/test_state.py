"""The kept state: through a file of arrays and back, and refused when it does not fit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from finops_lib.anomaly.detect import watch
from finops_lib.anomaly.state import State, path_text
from finops_lib.anomaly.tracks import KEEP
from finops_lib.errors import QueryError


def kept(days: int = 30) -> State:
    """Watch two teams for some days."""
    times = pd.date_range("2026-01-01", periods=days)
    parts = [
        pd.DataFrame({"time": times, "team": team, "value": np.arange(days) + size})
        for team, size in (("a", 10.0), ("b\"'", 20.0))
    ]
    return watch(pd.concat(parts), by=["team"]).state


def test_a_file_gives_back_what_it_was_given(tmp_path: Path) -> None:
    """Through numpy's file without pickles, each array and word is as before."""
    state = kept()
    path = tmp_path / "state.npz"
    np.savez_compressed(path, **state.to_arrays())
    with np.load(path, allow_pickle=False) as found:
        back = State.from_arrays(dict(found))
    for name, array in state.to_arrays().items():
        np.testing.assert_array_equal(back.to_arrays()[name], array, err_msg=name)
    assert back.forest.nodes == state.forest.nodes
    assert back.day(29) == state.day(29)


def test_what_is_kept_does_not_grow_with_time() -> None:
    """After 500 days 400 are remembered, the newest ones, and 500 were watched."""
    state = kept(500)
    assert (state.days, state.watched, str(state.day(KEEP - 1))) == (KEEP, 500, "2027-05-15")
    assert state.parts[0, -1] == 509.0


@pytest.mark.parametrize("harm", ["version", "shape", "missing", "text"])
def test_a_harmed_state_is_refused(harm: str) -> None:
    """Another version, a cut array, a lost one and broken text are each refused with a remedy."""
    arrays = kept().to_arrays()
    if harm == "version":
        arrays["about"] = np.array(json.dumps({**json.loads(str(arrays["about"])), "version": 99}))
    if harm == "shape":
        arrays["values"] = arrays["values"][:, 1:]
    if harm == "missing":
        del arrays["note_score"]
    if harm == "text":
        arrays["about"] = np.array("{")
    with pytest.raises(QueryError, match="start without it"):
        State.from_arrays(arrays)


def test_a_restated_day_leaves_other_parts_as_they_are() -> None:
    """A row for one team on a known day replaces that team's value, not the other's by zero."""
    state = kept()
    one = pd.DataFrame({"time": pd.to_datetime(["2026-01-10"]), "team": ["a"], "value": [99.0]})
    state = watch(one, by=["team"], state=state).state
    assert state.parts[:, 9].tolist() == [99.0, 29.0]
    assert state.tracks.values[state.forest.nodes[()], 9] == 128.0


def test_a_part_without_a_row_on_a_new_day_cost_nothing() -> None:
    """When others were delivered, the part's day is zero."""
    one = pd.DataFrame({"time": pd.to_datetime(["2026-01-31"]), "team": ["a"], "value": [99.0]})
    state = watch(one, by=["team"], state=kept()).state
    assert state.parts[:, 30].tolist() == [99.0, 0.0]


def test_days_before_what_is_remembered_change_nothing() -> None:
    """A row from before the first column is left out."""
    state = kept()
    before = state.tracks.values.copy()
    old = pd.DataFrame({"time": pd.to_datetime(["2025-06-01"]), "team": ["a"], "value": [99.0]})
    np.testing.assert_array_equal(watch(old, by=["team"], state=state).state.tracks.values, before)


def test_paths_in_words() -> None:
    """The empty path is the whole."""
    assert (path_text(()), path_text(("a", "b"))) == ("whole", "a / b")

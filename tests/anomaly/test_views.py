"""What is drawn of a detector's memory: days, the range of 80 of 100 of them, and scores with their sign."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from finops_lib.anomaly.detect import watch
from finops_lib.anomaly.state import State
from finops_lib.anomaly.views import scores, track

FIRST, DAYS = date(2026, 1, 1), 90
UP, DOWN = 70, 84


@pytest.fixture(scope="module")
def state() -> State:
    """Watch 100 a day with noise of 2 in both directions: 400 on day 70, 10 on day 84, unknown on day 75."""
    rng = np.random.default_rng(4)
    values = 100 + rng.normal(0, 2, DAYS)
    values[UP], values[DOWN], values[75] = 400.0, 10.0, np.nan
    frame = pd.DataFrame({"time": pd.date_range(FIRST, periods=DAYS), "team": "web", "value": values})
    return watch(frame, by=["team"]).state


def test_a_track_has_the_days_asked_for(state: State) -> None:
    """Both ends count; days before the first are left out; an unknown day is unknown."""
    found = track(state, ("web",), first=date(2025, 12, 1), last=date(2026, 3, 20))
    assert (len(found), found["time"].iloc[-1]) == (79, pd.Timestamp("2026-03-20"))
    assert found["actual"].isna().tolist() == [place == 75 for place in range(79)]
    assert bool(found["odd"].iloc[UP])


def test_the_range_holds_about_80_of_100_days(state: State) -> None:
    """Over the 40 days before the spike, of a normal spread of 2: a range of about 1.28 spreads to a side."""
    found = track(state, ("web",), first=date(2026, 1, 31), last=date(2026, 3, 12))
    quiet = found.iloc[:-1]
    inside = (quiet["actual"] >= quiet["low"]) & (quiet["actual"] <= quiet["high"])
    assert 0.6 <= inside.mean() <= 0.95
    assert 1.5 < (quiet["high"] - quiet["low"]).median() / 2 < 4.5
    assert found["actual"].iloc[-1] > found["high"].iloc[-1] + 200


def test_the_odd_day_does_not_widen_the_range(state: State) -> None:
    """The day after the spike has a range as narrow as the day before."""
    found = track(state, ("web",), first=FIRST, last=date(2026, 3, 31))
    width = found["high"] - found["low"]
    assert width.iloc[UP + 4] < 2 * width.iloc[UP - 1]


def test_a_score_has_the_sign_of_its_day(state: State) -> None:
    """The spike is above, the drop below, both far, at most 12; the unknown day has none."""
    found = scores(state, [("web",), ()], first=FIRST, last=date(2026, 3, 31))
    assert found.shape == (2, DAYS)
    web = found.to_numpy(dtype=float)[0]
    assert 3 < web[UP] <= 12
    assert -12 <= web[DOWN] < -3
    assert np.isnan(web[75])
    assert np.median(np.abs(web[20:UP])) < 1


def test_a_series_that_is_not_there_is_an_error(state: State) -> None:
    """It has no track."""
    with pytest.raises(KeyError):
        track(state, ("nobody",), first=FIRST, last=FIRST)

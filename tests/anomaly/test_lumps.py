"""Parts charged now and then: known from the past alone, no longer once they are charged daily."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from finops_lib.anomaly.detect import watch
from finops_lib.anomaly.lumps import now_and_then

DAYS = 200


def test_it_is_known_from_the_days_before_alone() -> None:
    """A naive count over the 63 and 14 days before gives the same; a changed day changes no earlier one."""
    draw = np.random.default_rng(1)
    parts = np.where(draw.random((20, 90)) < draw.random((20, 1)), 5.0, 0.0)
    parts[:5, :30] = np.nan
    found = now_and_then(parts)
    for row in range(20):
        for day in range(90):
            windows = [parts[row, max(day - days, 0) : day] for days in (63, 14)]
            known = [window[np.isfinite(window)] for window in windows]
            told = all(len(some) >= 14 and (some == 0).sum() * 2 >= len(some) for some in known)
            assert found[row, day] == told
    other = parts.copy()
    other[:, 60] = 7.0
    np.testing.assert_array_equal(now_and_then(other)[:, :61], found[:, :61])
    np.testing.assert_array_equal(now_and_then(parts, first=70), found[:, 70:])


def test_a_part_charged_daily_is_like_others_within_eight_days() -> None:
    """After sixty days with nothing, seven of fourteen days with a charge are half: then no more."""
    parts = np.zeros((1, 90))
    parts[0, 60:] = 3.0
    assert np.flatnonzero(now_and_then(parts)[0, 14:]).max() + 14 == 67


def bill(seed: int) -> pd.DataFrame:
    """Draw an account with a calm resource and one that costs fifty times as much one day in eight."""
    draw = np.random.default_rng(seed)
    calm = 10 + draw.normal(0, 0.2, DAYS)
    seldom = np.where(draw.random(DAYS) < 1 / 8, 500 * np.exp(draw.normal(0, 0.3, DAYS)), 0.0)
    times = pd.date_range("2026-01-01", periods=DAYS)
    return pd.concat(
        [
            pd.DataFrame({"time": times, "account": "a", "resource": name, "value": values})
            for name, values in (("calm", calm), ("seldom", seldom))
        ]
    )


def test_a_sum_is_not_odd_for_what_a_part_does_now_and_then() -> None:
    """Over five seeds, in all 700 days after the first 60, at most one word is said of the sums."""
    said = 0
    for seed in range(5):
        found = watch(bill(seed), by=["account", "resource"])
        said += sum(len(one.series) < 2 and one.start.date() > date(2026, 3, 2) for one in found.anomalies)
    assert said <= 1


def test_the_calm_part_is_still_seen_in_the_sum() -> None:
    """The calm resource tripled on a day is told in its account, too, as a spike of 20."""
    frame = bill(1)
    day = pd.Timestamp("2026-06-01")
    frame.loc[(frame["time"] == day) & (frame["resource"] == "calm"), "value"] = 30.0
    found = watch(frame, by=["account", "resource"])
    told = {one.series: one for one in found.anomalies if one.start.date() == day.date()}
    assert ("a", "calm") in told
    assert ("a",) in told


def test_the_days_scored_one_by_one_are_as_those_scored_at_once() -> None:
    """What a part does now and then is left out of sums in either way alike."""
    frame = bill(2)
    whole = watch(frame, by=["account", "resource"]).state
    state = None
    for _, part in frame.groupby("time"):
        state = watch(part, by=["account", "resource"], state=state).state
    assert state is not None
    np.testing.assert_allclose(state.tracks.lumps, whole.tracks.lumps)
    np.testing.assert_allclose(state.tracks.notes["p_value"], whole.tracks.notes["p_value"], rtol=1e-5)

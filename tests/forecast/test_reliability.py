"""Did chances come true: bands and scores by hand, honest with few cases, and replays that see no future."""

from __future__ import annotations

import dataclasses
import json
from math import pi, sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.forecast.reliability import reliability, replayed


def test_bands_and_scores_by_hand() -> None:
    """Four cases at 10 per cent of which one happened, two at 95 per cent of which both did."""
    found = reliability([0.1] * 4 + [0.95] * 2, [True, False, False, False, True, True])
    assert [(band.cases, band.stated, band.observed) for band in found.bands] == [
        (4, pytest.approx(0.1), 0.25),
        (2, pytest.approx(0.95), 1.0),
    ]
    # (0.81 + 3 * 0.01 + 2 * 0.0025) / 6; calibration (4 * 0.15 + 2 * 0.05) / 6; half of all happened.
    assert found.brier == pytest.approx(0.845 / 6)
    assert found.calibration_error == pytest.approx(0.7 / 6)
    assert found.brier_base == pytest.approx(0.25)
    noise = (4 * sqrt(2 * 0.09 / (pi * 4)) + 2 * sqrt(2 * 0.0475 / (pi * 2))) / 6
    assert found.calibration_noise == pytest.approx(noise)
    assert found.verdict == "too few cases to judge (6, at least 100 are needed)"


def test_the_interval_of_a_band_is_wilsons() -> None:
    """5 of 10: 0.2366 to 0.7634, as tables give it; 0 of 10 begins at 0 and does not end there."""
    half = reliability([0.5] * 10, [True] * 5 + [False] * 5).bands[0]
    assert (round(half.low, 4), round(half.high, 4)) == (0.2366, 0.7634)
    none = reliability([0.05] * 10, [False] * 10).bands[0]
    assert none.low == 0.0
    assert none.high == pytest.approx(0.2775, abs=1e-4)


def test_no_case_is_no_score() -> None:
    """Nothing is measured, and it is said."""
    found = reliability([], [])
    assert (found.brier, found.calibration_error, found.verdict) == (None, None, "no case to judge by")


def test_right_and_wrong_chances_are_told_apart() -> None:
    """2,000 cases: what is drawn with the stated chance fits, what happens half as often does not."""
    random = np.random.default_rng(4)
    stated = random.uniform(size=2000)
    happened = random.uniform(size=2000) < stated
    right = reliability(stated, happened)
    wrong = reliability(stated, random.uniform(size=2000) < stated / 2)
    assert "within what chance makes" in right.verdict
    assert right.verdict.endswith("better than always stating the mean")
    assert "more than chance makes" in wrong.verdict
    assert wrong.calibration_error == pytest.approx(0.25, abs=0.03)


def test_right_chances_are_rarely_called_wrong() -> None:
    """Of 300 sets of 200 cases with right chances at most 2 per cent are found to differ."""
    wrong = 0
    for seed in range(300):
        random = np.random.default_rng(seed)
        stated = random.uniform(size=200)
        wrong += "more than" in reliability(stated, random.uniform(size=200) < stated).verdict
    assert wrong <= 6


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_bands_hold_every_case_once(cases: list[tuple[float, bool]]) -> None:
    """Counts and happenings add up, intervals hold the observed share, all becomes JSON."""
    stated, happened = [case[0] for case in cases], [case[1] for case in cases]
    found = reliability(stated, happened)
    assert sum(band.cases for band in found.bands) == len(cases)
    assert sum(band.cases * band.observed for band in found.bands) == pytest.approx(sum(happened))
    assert all(0 <= band.low <= band.observed <= band.high <= 1 for band in found.bands)
    assert json.loads(json.dumps(found.to_json()))["cases"] == len(cases)


@pytest.mark.parametrize(("stated", "happened"), [([1.1], [True]), ([float("nan")], [True]), ([0.5], [])])
def test_what_is_no_chance_is_wrong_code(stated: list[float], happened: list[bool]) -> None:
    """Above one, not a number, or without an outcome."""
    with pytest.raises(ValueError, match="from 0 to 1"):
        reliability(stated, happened)


def panel_outlook(outlook_of: Any, *, seed: int, series: int = 40, origins: int = 15) -> Any:
    """Make an outlook whose errors are independent draws of one law, apart from scale."""
    random = np.random.default_rng(seed)
    names = [f"s{place}" for place in range(series)]
    errors = {
        name: (random.normal(size=(origins, 5)) * (place + 1)).tolist() for place, name in enumerate(names)
    }
    return outlook_of({name: [100.0] * 5 for name in names}, errors)


@pytest.mark.usefixtures("plain_intervals")
def test_a_replay_does_not_see_the_origin_it_judges(outlook_of: Any) -> None:
    """However wild one origin's errors are, the chance stated there is the same."""
    outlook = panel_outlook(outlook_of, seed=1, series=3, origins=6)
    wild = outlook.errors.copy()
    wild[2] = 1e9
    first = replayed(outlook, steps=5, seed=0)
    second = replayed(dataclasses.replace(outlook, errors=wild), steps=5, seed=0)
    there = first["origin"] == 2
    pd.testing.assert_series_equal(first.loc[there, "stated"], second.loc[there, "stated"])
    assert second.loc[there, "happened"].all()


def test_replayed_chances_of_a_right_method_are_reliable(outlook_of: Any) -> None:
    """600 replays of errors that are alike: calibration within what chance makes, better than the mean."""
    cases = replayed(panel_outlook(outlook_of, seed=2), steps=5, seed=0)
    assert len(cases) == 600
    found = reliability(cases["stated"].to_numpy(), cases["happened"].to_numpy())
    assert found.calibration_error is not None
    assert found.calibration_error < 0.06
    assert found.brier < 0.8 * found.brier_base


@pytest.mark.usefixtures("plain_intervals")
def test_replays_leave_out_what_is_not_known(outlook_of: Any) -> None:
    """A gap takes its origin out; fewer than two others leave no case; the same seed gives the same cases."""
    nan = float("nan")
    outlook = outlook_of(
        {"a": [1.0], "b": [1.0]}, {"a": [[1.0], [2.0], [nan], [4.0]], "b": [[1.0], [nan], [nan], [2.0]]}
    )
    cases = replayed(outlook, steps=1, seed=3)
    assert cases[["group", "origin"]].to_numpy().tolist() == [[0, 0], [0, 1], [0, 3]]
    assert replayed(outlook, steps=1, seed=3).equals(cases)
    both = replayed(outlook, steps=1, seed=3, groups=[["a"], ["a", "b"]])
    assert set(both["group"]) == {0}

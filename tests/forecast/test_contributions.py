"""What drives a forecast: parts worked by hand, and parts that add up whatever the numbers."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.forecast.contributions import Recent, asked, contributions
from finops_lib.forecast.panel import Outlook, Panel
from finops_lib.forecast.parts import Parts
from finops_lib.forecast.simple import profile, run_rate
from finops_lib.forecast.weights import mixed


def outlook_for(values: dict[str, list[float]], mid: list[list[float]], *, season: int) -> Outlook:
    """Make an outlook without past errors."""
    panel = Panel(tuple(values), tuple(np.array(part) for part in values.values()), "day", season)
    table = np.array(mid)
    return Outlook(panel, table, np.zeros((0, *table.shape)), np.ones(len(table)), pd.DataFrame(), {})


def plain_parts(said: Any, weights: Any, *, names: tuple[str, ...] = ("a",)) -> Parts:
    """Make parts without calendar and changes."""
    table = np.array(said, dtype=float)
    one = np.ones(table.shape[1:])
    models = tuple(f"m{number}" for number in range(len(table)))
    return Parts(names, models, table, np.array(weights, dtype=float), one, one * 0, one)


def amounts(frame: pd.DataFrame) -> dict[str, float]:
    """Read the parts by name."""
    return {str(part): float(amount) for part, amount in zip(frame["part"], frame["amount"], strict=True)}


def test_every_part_is_the_one_worked_by_hand() -> None:
    """One series of season 2, three seasons (2, 4), (4, 8), (6, 12), two steps ahead.

    Run rate (2+4+4+8+6+12)/6 = 6 a step; last season's mean 9; shape -1, -2, -3 and +1, +2, +3: -2 and +2.
    Base 7 and 11. Two models: 9, 11 with weight .75 and 7, 15 with .25: beyond is .75*(2+0) = 1.5 and
    .25*(0+4) = 1. Mixture 8.5 and 12. The second day is a holiday of factor .5: -6. Then 1 is added to both
    days and the price rises by half: (8.5+1)*1.5 - 8.5 = 5.75 and (6+1)*1.5 - 6 = 4.5. Forecast 14.25 and
    10.5; it was set to 14.25 and 11.
    """
    outlook = outlook_for({"a": [2.0, 4, 4, 8, 6, 12]}, [[14.25, 11.0]], season=2)
    parts = dataclasses.replace(
        plain_parts([[[9, 11]], [[7, 15]]], [[0.75], [0.25]]),
        calendar=np.array([[1.0, 0.5]]), added=np.array([[1.0, 1.0]]), factor=np.array([[1.5, 1.5]]),
    )  # fmt: skip
    frame = contributions(outlook, parts)
    expected = {
        "run rate": 12.0, "level now": 6.0, "season": 0.0, "m0": 1.5, "m1": 1.0, "calendar": -6.0,
        "known changes": 10.25, "adjusted": 0.5,
    }  # fmt: skip
    assert amounts(frame) == pytest.approx(expected)
    assert list(frame["part"]) == list(expected)
    assert list(frame["kind"]) == ["base"] * 3 + ["model"] * 2 + ["known"] * 2 + ["adjusted"]
    assert frame["share"].tolist() == pytest.approx([part / 25.25 for part in expected.values()])
    second = amounts(contributions(outlook, parts, steps=[1]))
    assert second == pytest.approx(
        {
            **expected,
            "run rate": 6,
            "level now": 3,
            "season": 2,
            "m0": 0,
            "calendar": -6,
            "known changes": 4.5,
        }
    )


def test_a_silent_model_gives_its_weight_to_the_others() -> None:
    """The first knows one step only and counts for nothing; the second has all, and the third no weight."""
    outlook = outlook_for({"a": [4.0, 4]}, [[7.0, 7.0]], season=1)
    parts = plain_parts([[[9, np.nan]], [[7, 7]], [[99, 99]]], [[0.6], [0.4], [0.0]])
    found = amounts(contributions(outlook, parts))
    assert found["m1"] == 6.0
    assert "m0" not in found
    assert "m2" not in found
    assert found["adjusted"] == 0.0


def test_where_all_models_are_silent_the_rest_is_an_adjustment() -> None:
    """The base is 4; what was forecast otherwise is said to come from no model."""
    outlook = outlook_for({"a": [4.0, 4]}, [[7.0]], season=1)
    found = amounts(contributions(outlook, plain_parts([[[np.nan]]], [[1.0]])))
    assert found == {
        "run rate": 4.0, "level now": 0.0, "season": 0.0, "calendar": 0.0, "known changes": 0.0,
        "adjusted": 3.0,
    }  # fmt: skip


def test_a_series_shorter_than_its_season_has_a_run_rate_only() -> None:
    """Three days of a week: their mean, no level of a last week, no shape."""
    outlook = outlook_for({"a": [3.0, 6.0, 9.0]}, [[6.0, 6.0]], season=7)
    found = amounts(contributions(outlook, plain_parts([[[6.0, 6.0]]], [[1.0]])))
    assert (found["run rate"], found["level now"], found["season"]) == (12.0, 0.0, 0.0)


def test_parts_follow_names_not_places() -> None:
    """The outlook holds one of two series, the other way round: its own parts count."""
    outlook = outlook_for({"b": [5.0, 5.0]}, [[8.0]], season=1)
    parts = plain_parts([[[100.0], [8.0]]], [[1.0, 1.0]], names=("a", "b"))
    assert amounts(contributions(outlook, parts))["m0"] == 3.0


def test_a_forecast_of_nothing_has_no_shares() -> None:
    """Where the forecast is 0 a share of it is unknown."""
    outlook = outlook_for({"a": [0.0, 0.0]}, [[0.0]], season=1)
    assert contributions(outlook, plain_parts([[[0.0]]], [[1.0]]))["share"].isna().all()


def test_what_is_not_there_cannot_be_asked() -> None:
    """Unknown series, steps beyond the horizon, and nothing at all are refused."""
    outlook = outlook_for({"a": [1.0]}, [[1.0, 1.0]], season=1)
    assert asked(outlook, None, None)[1].tolist() == [0, 1]
    with pytest.raises(ValueError, match="'b': it is not in the outlook"):
        asked(outlook, ["b"], None)
    for steps in ([2], [-1], []):
        with pytest.raises(ValueError, match="in the horizon"):
            asked(outlook, None, steps)
    with pytest.raises(ValueError, match="0 series"):
        asked(outlook, [], None)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 3), st.integers(1, 9))
def test_parts_add_up_and_are_those_of_a_plain_count(
    seed: int, season: int, count: int, horizon: int
) -> None:
    """The sum is the forecast to 1e-9, and each part is that of a loop over series and steps."""
    random = np.random.default_rng(seed)
    names = tuple("abc"[:count])
    history = {name: random.lognormal(3, 2, int(random.integers(4 * season, 30))).tolist() for name in names}
    said = random.normal(50, 30, (3, count, horizon))
    said[0, 0] = np.nan if seed % 2 else said[0, 0]
    weights = random.dirichlet(np.ones(3), count).T
    outlook = outlook_for(history, random.normal(50, 30, (count, horizon)).tolist(), season=season)
    parts = dataclasses.replace(
        plain_parts(said, weights, names=names),
        calendar=random.uniform(0.5, 1.5, (count, horizon)),
        added=random.normal(0, 5, (count, horizon)),
        factor=random.uniform(0.5, 1.5, (count, horizon)),
    )
    frame = contributions(outlook, parts)
    found, total = amounts(frame), float(outlook.mid.sum())
    assert sum(frame["amount"]) == pytest.approx(total, rel=1e-9, abs=1e-9 * frame["amount"].abs().max())
    expected = dict.fromkeys(("run rate", "level now", "season", "calendar", "known changes"), 0.0)
    mixture = mixed(said, weights)
    for row, name in enumerate(names):
        values = np.array(history[name])[None]
        rate = run_rate(values, horizon=horizon, season=season)[0]
        level = values[0, -season:].mean()
        base = profile(values, horizon=horizon, season=season)[0]
        for step in range(horizon):
            on_day = mixture[row, step] * parts.calendar[row, step]
            expected["run rate"] += rate[step]
            expected["level now"] += level - rate[step]
            expected["season"] += base[step] - level
            expected["calendar"] += on_day - mixture[row, step]
            expected["known changes"] += (on_day + parts.added[row, step]) * parts.factor[row, step] - on_day
    size = frame["amount"].abs().max()
    assert {part: found[part] for part in expected} == pytest.approx(expected, rel=1e-9, abs=1e-9 * size)
    np.testing.assert_allclose(parts.mixture(), mixture, rtol=1e-12)


def test_the_last_seasons_know_gaps_from_the_past_alone() -> None:
    """The lost last day is the one a season before; the first of the shape is the first step ahead."""
    outlook = outlook_for({"a": [1.0, 3.0, 2.0, np.nan]}, [[1.0]], season=2)
    recent = Recent.of(outlook, ["a"])
    assert recent.last.tolist() == [[2.0, 3.0]]
    assert recent.level.tolist() == [2.5]
    assert recent.rate.tolist() == [2.25]
    assert recent.shape.tolist() == [[-0.75, 0.75]]

"""Intervals of steps and sums: calibrated on the errors of that very sum."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.forecast.intervals import distribution, each_step, interval
from finops_lib.forecast.panel import Outlook, Panel

HORIZON = 8


def _outlook(errors: np.ndarray, *, level: float = 100.0, below: bool = False) -> Outlook:
    series, horizon = errors.shape[1:]
    values = tuple(np.array([level, -1.0 if below else level]) for _ in range(series))
    panel = Panel(tuple(f"s{n}" for n in range(series)), values, "day", 7)
    cuts = tuple(horizon * (1 + n) for n in range(len(errors)))
    mid = np.full((series, horizon), level)
    return Outlook(panel, mid, errors, np.ones(series), pd.DataFrame(), {}, cuts=cuts)


def _drawn(seed: int, *, origins: int = 14, series: int = 30, together: float = 0.0) -> np.ndarray:
    """Errors of random walks; ``together`` of each shock is shared by all series."""
    draw = np.random.default_rng(seed)
    own = draw.normal(size=(origins, series, HORIZON))
    shared = draw.normal(size=(origins, 1, HORIZON))
    shocks = np.sqrt(1 - together) * own + np.sqrt(together) * shared
    return np.asarray(np.cumsum(shocks, axis=2))


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("together", [0.0, 0.7])
def test_sums_are_covered_as_promised(level: float, together: float) -> None:
    """Over 400 worlds a step, a horizon's total and a team's total hold what was promised."""
    hits: dict[str, list[bool]] = {"step": [], "total": [], "team": []}
    for seed in range(1000, 1400):
        errors = _drawn(seed, origins=15, together=together)
        outlook, came = _outlook(errors[1:]), 100.0 + errors[0]
        low, _, high = each_step(outlook, level=level)
        hits["step"].append(bool(low[3, 5] <= came[3, 5] <= high[3, 5]))
        for name, series in (("total", ("s3",)), ("team", tuple(f"s{n}" for n in range(10)))):
            ends = interval(outlook, series=series, level=level)
            actual = came[[int(one[1:]) for one in series]].sum()
            hits[name].append(ends[0] <= actual <= ends[2])
    for name, found in hits.items():
        # 400 worlds: three standard errors are 6 points at 80 %, 3.3 at 95 %
        assert abs(np.mean(found) - level) <= (0.06 if level == 0.8 else 0.033), name


def test_total_of_a_horizon_is_not_the_sum_of_its_steps_ends() -> None:
    """Independent steps: the total's interval is far narrower than all steps at their ends."""
    draw = np.random.default_rng(3)
    outlook = _outlook(draw.normal(size=(14, 30, HORIZON)))
    ends = [interval(outlook, series=(f"s{n}",), level=0.8) for n in range(30)]
    steps = each_step(outlook, level=0.8)
    assert {mid for _, mid, _ in ends} == {100.0 * HORIZON}
    width = np.mean([high - low for low, _, high in ends])
    assert width == pytest.approx(2 * 1.28 * np.sqrt(HORIZON), rel=0.15)
    assert width < 0.5 * float((steps[2] - steps[0]).sum(axis=1).mean())


def test_a_future_known_in_part_tells_of_the_whole() -> None:
    """Where no origin saw the whole horizon, the part it saw is led on instead of being thrown away."""
    errors = _drawn(7, origins=14)
    errors[:, :, HORIZON // 2 :] = np.nan
    low, _, high = interval(_outlook(errors), series=("s0",), level=0.8)
    whole = interval(_outlook(_drawn(7, origins=14)), series=("s0",), level=0.8)
    assert 0.5 < (high - low) / (whole[2] - whole[0]) < 1.6
    errors[:, :, 1:] = (
        np.nan
    )  # one step of eight is less than a quarter: then the usual growth is all there is
    assert interval(_outlook(errors), series=("s0",), level=0.8)[2] > 100.0 * HORIZON


def test_series_that_begin_late_do_not_blot_out_a_team() -> None:
    """A team's past errors count although one small part of it was not there yet."""
    errors = _drawn(2, together=0.9)
    late = errors.copy()
    late[4:, 9] = np.nan
    team = tuple(f"s{n}" for n in range(10))
    whole, part = (interval(_outlook(one), series=team, level=0.8) for one in (errors, late))
    assert part[2] - part[0] == pytest.approx(whole[2] - whole[0], rel=0.15)


def test_never_below_nothing_for_what_never_was() -> None:
    """The lower end of a cost that never was negative is at 0 or more, and its middle stays inside."""
    errors = _drawn(5) * 500.0
    for ends in (
        interval(_outlook(errors), level=0.95),
        interval(_outlook(errors), series=("s1",), level=0.95),
    ):
        assert 0.0 == ends[0] <= ends[1] <= ends[2]
    low, mid, high = each_step(_outlook(errors), level=0.95)
    assert low.min() == 0.0
    assert ((low <= mid) & (mid <= high)).all()
    assert interval(_outlook(errors, below=True), series=("s1",), level=0.95)[0] < 0.0


@given(st.floats(0.05, 0.9), st.integers(1, HORIZON), st.integers(0, 1000))
def test_wider_levels_hold_narrower_ones(level: float, steps: int, seed: int) -> None:
    """A higher chance never has a narrower interval, and the middle lies inside."""
    outlook = _outlook(_drawn(seed, series=3))
    narrow, wide = (interval(outlook, steps=range(steps), level=one) for one in (level, level + 0.09))
    assert wide[0] <= narrow[0] <= narrow[1] <= narrow[2] <= wide[2]
    assert narrow[1] == pytest.approx(300.0 * steps)


def test_weights_scale_and_subtract() -> None:
    """Half a series has half the interval; a difference may be negative."""
    outlook = _outlook(_drawn(9))
    whole = interval(outlook, series=("s2",), level=0.8)
    half = interval(outlook, series=("s2",), weights=(0.5,), level=0.8)
    assert half == pytest.approx(tuple(0.5 * end for end in whole))
    less = interval(outlook, series=("s2", "s3"), weights=(1.0, -1.0), level=0.8)
    assert less[0] < 0.0 == less[1] < less[2]


def test_a_wild_group_has_its_own_tails() -> None:
    """Where one kind of series has heavy tails, its series and no others get them."""
    draw = np.random.default_rng(8)
    errors = draw.normal(size=(14, 40, HORIZON))
    errors[:, 20:] = draw.standard_t(1.5, size=(14, 20, HORIZON))
    grouped = dataclasses.replace(_outlook(errors, level=1e6), groups=("calm",) * 20 + ("wild",) * 20)
    plain = dataclasses.replace(grouped, groups=())
    apart, pooled = (each_step(one, level=0.95) for one in (grouped, plain))
    width = [(ends[2] - ends[0])[:20].mean() for ends in (apart, pooled)]
    assert width[0] < 0.95 * width[1]
    assert (apart[2] - apart[0])[20:].mean() > (pooled[2] - pooled[0])[20:].mean()


def test_distribution_and_interval_say_the_same() -> None:
    """The interval's ends are quantiles of the distribution."""
    outlook = _outlook(_drawn(11))
    atoms = distribution(outlook, series=("s4",), steps=[0, 1])
    low, _, high = interval(outlook, series=("s4",), steps=[0, 1], level=0.8)
    assert (low, high) == pytest.approx(tuple(np.quantile(atoms, [0.1, 0.9])))
    assert (np.diff(atoms) >= 0).all()


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"series": ("x",)}, "series 'x': it is not in the outlook"),
        ({"series": ()}, "0 series, 8 steps: at least one each, one weight a series"),
        ({"weights": (1.0,)}, "30 series, 8 steps: at least one each, one weight a series"),
        ({"level": 1.0}, "level 1.0: a chance lies between 0 and 1"),
    ],
)
def test_impossible_questions_are_refused(asked: dict[str, object], text: str) -> None:
    """What cannot be asked is named."""
    with pytest.raises(ValueError, match=text):
        interval(_outlook(_drawn(1)), **{"level": 0.8, **asked})  # type: ignore[arg-type]

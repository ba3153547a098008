"""Sizes end to end: the strategy whose promise held, its past beside it, and reasons where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from finops_lib.optimize import screen
from finops_lib.optimize.price import Promise
from finops_lib.optimize.sizing import Size, sized, tried
from finops_lib.optimize.strategies.percentiles import Percentile
from finops_lib.optimize.windows import Histories

HOURS = 10 * 24
RULES = {
    "median": Percentile(level=0.5),
    "most": Percentile(level=1.0),
    "twice": Percentile(level=1.0, factor=2),
}


def wave(low: float = 1.0, high: float = 2.0) -> np.ndarray:
    """Make ten days."""
    return low + (high - low) * (1 + np.sin(2 * np.pi * np.arange(HOURS) / 24)) / 2


def asked(*rows: np.ndarray, kind: str = "cpu", capacity: float = 8.0) -> Histories:
    """Name rows w0, w1 and so on."""
    names = tuple(f"w{number}" for number in range(len(rows)))
    return Histories(names, np.array(rows), 3600, np.full(len(rows), capacity), kind)


def size(histories: Histories, **more: object) -> tuple[Size, ...]:
    """Size with the three rules, replayed on three days."""
    return sized(histories, RULES, horizon=24, cuts=[24, 48, 72], **more)  # type: ignore[arg-type]


def test_the_cheapest_rule_that_kept_its_promise_is_used() -> None:
    """The median broke it, the most of the past kept it at half of what twice as much costs."""
    (found,) = size(asked(wave()))
    assert (found.strategy, found.amount, found.reason) == ("most", 2.0, "")
    assert found.breach is None and found.limit is None
    assert found.backtest["breach"] == 0.0
    assert found.backtest["saving"] == pytest.approx(0.75)
    assert found.backtest["windows"] == 3.0


def test_where_no_promise_held_nothing_is_recommended() -> None:
    """Use that triples each day breaks all three on the first sample; the nearest is named with its share."""
    (found,) = size(asked(3.0 ** (np.arange(HOURS) // 24), capacity=1e6))
    assert (found.amount, found.strategy, dict(found.backtest)) == (None, "", {})
    assert found.reason == (
        "no strategy kept its promise in the past; median was exceeded in 100.0% of the samples"
    )


def test_workloads_whose_use_tells_nothing_do_not_stop_the_others() -> None:
    """Autoscaled, throttled and young ones have their own reason and do not count in the replay."""
    throttled = np.where(np.arange(HOURS) % 24 < 8, 8.0, 1.0)
    young = np.where(np.arange(HOURS) < HOURS - 30, np.nan, 7.0)
    found = size(asked(wave(), wave(), throttled, young), autoscaled={"w1"})
    assert [one.kind for one in found] == [screen.PLAIN, screen.AUTOSCALED, screen.THROTTLED, screen.YOUNG]
    assert [one.amount for one in found] == [2.0, None, None, None]
    assert all(one.reason for one in found[1:])


def test_batch_is_sized_by_when_it_runs() -> None:
    """A job on for a quarter of the time needs the median of its runs, not of its idle time."""
    job = np.where(np.arange(HOURS) % 24 < 6, 4.0, 0.01)
    found = sized(
        asked(job), {"median": Percentile(level=0.5)}, horizon=24, cuts=[24, 48], promise=Promise(kept=0.5)
    )
    assert (found[0].kind, found[0].amount) == (screen.BATCH, 4.0)
    assert found[0].reason.startswith("on for 25%")


def test_memory_has_a_limit_and_is_never_below_what_ran() -> None:
    """A start peak counts for the limit only; a kill raises both above what there was."""
    use = wave() * 1e9
    use[100], use[101] = np.nan, 5e9
    memory = asked(use, kind="memory", capacity=8e9)
    (plain,) = size(memory, start_seconds=3600)
    assert plain.amount == pytest.approx(2e9)
    assert plain.limit == pytest.approx(5.5e9)
    kills = np.zeros((1, HOURS), dtype=int)
    kills[0, 50] = 1
    (killed,) = size(memory, start_seconds=3600, kills=kills)
    assert killed.amount == pytest.approx(9.6e9)
    assert killed.limit == pytest.approx(9.6e9 * 1.1)


def test_without_a_past_window_it_is_said() -> None:
    """No origin, no promise that could have held."""
    found = sized(asked(wave()), RULES, horizon=24, cuts=[])
    assert found[0].reason == "no past window to try a strategy on"


def test_the_trial_says_how_each_rule_did_in_each_group() -> None:
    """The median is exceeded in half of the hours; twice the most keeps the promise and is not used."""
    trial = tried(asked(wave(), wave(4.0, 4.0)), RULES, horizon=24, cuts=[24, 48, 72])
    past = trial.past({"w0": "waves", "w1": "flat"}).set_index(["strategy", "group"])
    assert trial.used == "most"
    assert past.loc[("median", "flat"), ["windows", "breach", "held", "used"]].tolist() == [
        3,
        0.0,
        True,
        False,
    ]
    assert 0.4 < past.loc[("median", "waves"), "breach"] < 0.6
    assert not past.loc[("median", "all"), "held"]
    assert past.loc[("twice", "all"), ["windows", "held", "used"]].tolist() == [6, True, False]
    assert past.loc[("most", "waves"), "saving"] == pytest.approx(0.75)
    assert past.index.get_level_values("group")[:3].tolist() == ["all"] * 3


def test_a_trial_of_nothing_has_no_row() -> None:
    """One autoscaled workload alone: no rule is used, and there is no past to show."""
    trial = tried(asked(wave()), RULES, horizon=24, cuts=[24], autoscaled=["w0"])
    assert (trial.used, trial.past({}).empty) == (None, True)

"""Idle is what every signal calls quiet; how often that was wrong is told beside it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from scipy import stats

from finops_lib.optimize.idle import Activity, Candidate, Trust, idle, trust
from finops_lib.optimize.rightsize.paid import Paid
from finops_lib.records import NoRecommendation, Recommendation

PAID = Paid("USD", (Decimal(24),) * 10)
DAY, SURE = 24, Trust(98, 0)
ITEM = Candidate("i-1", "instance", PAID, owner="web")


def _activity(**levels: np.ndarray) -> Activity:
    rows = len(next(iter(levels.values())))
    return Activity(tuple(f"i-{row + 1}" for row in range(rows)), levels, steps_a_day=DAY)


def _flat(*levels: float, days: int = 14) -> np.ndarray:
    return np.repeat(np.array(levels)[:, None], days * DAY, axis=1)


def test_one_loud_signal_is_use() -> None:
    """A quiet CPU with a busy network is a proxy, not an idle machine."""
    assert idle([ITEM], _activity(cpu=_flat(0.2), network=_flat(3.0)), SURE) == []


def test_two_quiet_signals_are_idle() -> None:
    """All of the cost is saved; a chance of 1 % stays that somebody needs it; the quarantine is told."""
    [found] = idle([ITEM], _activity(cpu=_flat(0.2), network=_flat(0.6)), SURE)
    assert isinstance(found, Recommendation)
    assert found.saving_month.mid == Decimal("730.00")
    assert found.breach_probability == pytest.approx(0.01)
    assert found.to == {"state": "stopped, with a snapshot for 30 days, then deleted if nobody missed it"}
    assert found.reason == "cpu and network quiet for 14 days; ask web first"


@pytest.mark.parametrize(("level", "quiet"), [(0.32, True), (0.35, False)])
def test_one_signal_alone_has_to_be_three_times_as_quiet(level: float, quiet: bool) -> None:
    """A third of the limit is the limit where nothing else is known."""
    assert bool(idle([ITEM], _activity(cpu=_flat(level)), SURE)) is quiet


def test_a_job_of_an_hour_in_two_weeks_is_use() -> None:
    """One sample in 336 is below the 99th percentile, but as the highest it is twice the limit and more."""
    cpu = _flat(0.1)
    cpu[0, 100] = 2.1
    assert idle([ITEM], _activity(cpu=cpu, network=_flat(0.1)), SURE) == []
    cpu[0, 100] = 1.9
    assert idle([ITEM], _activity(cpu=cpu, network=_flat(0.1)), SURE)


def test_a_machine_that_nobody_watched_is_not_idle() -> None:
    """Unknown is not zero."""
    assert idle([ITEM], _activity(cpu=_flat(np.nan)), SURE) == []
    assert idle([ITEM], Activity((), {}, DAY), SURE) == []


def test_six_days_are_too_few() -> None:
    """A machine that was just made may be waiting for its first load."""
    use = _flat(0.1)
    use[:, : 8 * DAY] = np.nan
    assert idle([ITEM], _activity(cpu=use), SURE) == [
        NoRecommendation("i-1", "idle", "quiet, but for 6.0 days only: 7 are needed")
    ]


@pytest.mark.parametrize(
    ("paid", "reason"),
    [
        (None, "its cost is not known: a saving cannot be told"),
        (
            Paid("USD", (Decimal(0),) * 5),
            "it cost nothing in these days: there is no price to save at",
        ),
    ],
)
def test_without_a_price_nothing_is_saved(paid: Paid | None, reason: str) -> None:
    """A price of zero or none is named, not booked."""
    asked = replace(ITEM, paid=paid)
    assert idle([asked], _activity(cpu=_flat(0.1)), SURE) == [NoRecommendation("i-1", "idle", reason)]


def test_orphaned_and_forgotten_is_told() -> None:
    """A detached volume that nobody owns and nobody changed for 200 days says all three."""
    volume = Candidate("i-1", "volume", PAID, attached=False, changed_days=200)
    [found] = idle([volume], _activity(disk=_flat(0.0)), SURE)
    assert isinstance(found, Recommendation)
    assert found.from_ == {"state": "detached"}
    assert found.to["state"].startswith("snapshot taken and detached for 30 days")
    words = "attached to nothing; not changed for 200 days; no owner is named"
    assert found.reason == f"disk quiet for 14 days; {words}"


def test_the_past_tells_how_often_a_call_was_wrong() -> None:
    """Of two that were quiet for two weeks one woke on the last day; the busy and the gone do not count."""
    use = _flat(0.1, 0.1, 5.0, 0.1, days=15)
    use[1, -5:] = 5.0
    use[3, -DAY:] = np.nan
    assert trust(_activity(cpu=use), cuts=[DAY], horizon=DAY) == Trust(2, 1)


def test_nothing_called_is_no_trust() -> None:
    """Without a past call the chance is a half and the rate of wrong calls unbounded."""
    assert (Trust(0, 0).chance, Trust(0, 0).false_positive_rate) == (0.5, 1.0)


def test_the_rate_of_wrong_calls_is_bounded() -> None:
    """At a true rate of 5 % and 60 calls the bound lies above it in at least 87 of 100."""
    draws = np.random.default_rng(3).binomial(60, 0.05, size=1000)
    above = np.mean([Trust(60, int(woke)).false_positive_rate >= 0.05 for woke in draws])
    assert above >= 0.87
    assert stats.binom.cdf(3, 60, Trust(60, 3).false_positive_rate) == pytest.approx(0.1)


def test_planted_idle_machines_are_found_and_used_ones_are_not_called() -> None:
    """Over 20 fleets of 100, a tenth idle: all of these are called, of the used ones 1 in 500 at most."""
    found = wrong = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        level = np.where(
            np.arange(100) < 10, rng.uniform(0.1, 0.5, 100), rng.lognormal(1.5, 0.7, 100).clip(0.8)
        )
        use = level[:, None] * rng.lognormal(0.0, 0.2, size=(100, 14 * DAY))
        asked = _activity(cpu=use, network=use * rng.uniform(0.5, 1.0, size=(100, 1)))
        called = {
            item.resource
            for item in idle([replace(ITEM, resource=name) for name in asked.names], asked, SURE)
        }
        planted = set(asked.names[:10])
        found += len(called & planted)
        wrong += len(called - planted)
    assert found == 200
    assert wrong <= 1800 / 500

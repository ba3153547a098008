"""The yardsticks of the commitment benchmark: planted use is as it says, and shares are worked by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

import numpy as np
import pytest

from finops_lib.optimize.commitments.cost import best, share_of_optimum
from finops_lib.optimize.commitments.demand import Demand
from finops_lib.optimize.commitments.rules import RULES
from tests.benchmarks import commitments
from tests.benchmarks.commitments_sets import RATES, YEAR_HOURS, Case, planted

MONTH, LEAP = 28 * 24, 364 * 24  # whole weeks, so that weekends weigh alike
TURNS = np.array([4.0, 10.0] * 4380)  # a year of hours


def grown(name: str, *, seed: int = 1) -> tuple[float, float]:
    """Measure use 364 days before the last known month, and 364 days after it, over that month's."""
    found = []
    for case in planted(name, 60, seed=seed):
        past = case.past.use[0]
        if len(past) >= LEAP + MONTH:
            last, first = past[-MONTH:].mean(), past[-LEAP - MONTH : -LEAP].mean()
            found.append((first / last, case.future[LEAP - MONTH : LEAP].mean() / last))
    assert len(found) >= 15
    before, after = np.median(found, axis=0)
    return float(before), float(after)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("stationary", 1.0, 1.0),
        ("decline", 1 / 0.6, 0.6),
        ("growth", 1 / 1.6, 1.6),
        ("decline_linear", 1.4, 0.6),  # the same amount: .4 of today's level, before and after
        ("growth_linear", 0.4, 1.6),
    ],
)
def test_a_set_falls_or_grows_as_it_says(name: str, before: float, after: float) -> None:
    """The median scope a year before and a year after, within 5 per cent; no shape nor noise shifts it."""
    assert grown(name) == pytest.approx((before, after), rel=0.05)


def test_the_sets_are_the_five_of_the_table() -> None:
    """No growth, four tenths less and six tenths more, by rate and by amount."""
    assert list(RATES.values()) == [0.0, -0.4, 0.6, -0.4, 0.6]


def same(one: Case, other: Case) -> bool:
    return np.array_equal(one.past.use, other.past.use) and np.array_equal(one.future, other.future)


def test_cases_come_from_the_seed() -> None:
    """The same seed gives the same, however many are asked for; other seeds, sets and numbers give others."""
    first, again = planted("growth", 2, seed=1), planted("growth", 5, seed=1)
    cases = list(first)
    assert all(same(one, other) for one, other in zip(cases, islice(again, 2), strict=True))
    others = [cases[1], *planted("growth", 1, seed=2), *planted("growth_linear", 1, seed=1)]
    assert not any(same(cases[0], other) for other in others)
    assert len({case.discount for case in [cases[0], *others]}) == 4


def test_a_year_comes_that_no_rule_has_seen() -> None:
    """180 to 500 known days, then 8,760 hours that share no memory with them; nothing is below zero."""
    for case in planted("decline", 12, seed=3):
        days, rest = divmod(case.past.use.shape[1], 24)
        assert (180 <= days < 500, rest) == (True, 0)
        assert case.future.shape == (YEAR_HOURS,) == (8760,)
        assert not np.shares_memory(case.past.use, case.future)
        assert 0.2 <= case.discount <= 0.6
        assert case.past.use.min() >= 0.0
        assert case.future.min() >= 0.0


def test_what_comes_begins_where_the_past_ends() -> None:
    """The median over scopes of a fortnight after over a fortnight before is near 1: there is no seam."""
    ends = [
        (case.past.use[0, -336:].mean(), case.future[:336].mean())
        for case in planted("stationary", 60, seed=1)
    ]
    assert np.median([after / before for before, after in ends]) == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("name", list(RATES))
def test_hindsight_has_the_whole_share_and_no_level_has_more(name: str) -> None:
    """A plain search over 200 levels finds none better than the optimum, and one within a per cent of it."""
    for case in planted(name, 2, seed=5):
        level = best(case.future, discount=case.discount)
        assert share_of_optimum(case.future, level, discount=case.discount) == 1.0
        tried = np.linspace(0.0, case.future.max(), 200)
        paid = [
            float(((1 - case.discount) * one + np.maximum(case.future - one, 0.0)).sum()) for one in tried
        ]
        possible = case.future.sum() - (
            ((1 - case.discount) * level + np.maximum(case.future - level, 0.0)).sum()
        )
        shares = (case.future.sum() - np.array(paid)) / possible
        assert 0.98 < shares.max() <= 1.0 + 1e-12
        place = int(shares.argmax()) // 2
        assert share_of_optimum(case.future, tried[place], discount=case.discount) == pytest.approx(
            shares[place]
        )


@pytest.mark.parametrize(
    ("level", "share"), [(0.0, 0.0), (2.0, 0.5), (4.0, 1.0), (6.0, 2 / 3), (10.0, 0.0), (12.0, -7 / 6)]
)
def test_shares_of_use_that_turns(level: float, share: float) -> None:
    """Use of 4 and 10 at 30 per cent off costs 14 a turn, at best 11.60: 4 saves 2.40, 6 saves 1.60."""
    assert share_of_optimum(TURNS, level, discount=0.3) == pytest.approx(share)


def test_a_result_is_the_mean_and_the_worst(monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of turns and one of 8 an hour: 6 has 2/3 and 3/4 of the best, 4 has all and half of it."""

    def two(name: str, count: int, *, seed: int) -> Iterator[Case]:
        assert (name, count, seed) == ("growth", 12, 7)
        past = Demand(("vm",), np.full((1, 1000), 6.0), datetime(2026, 1, 5, tzinfo=UTC), 1, "USD")
        yield Case(past, 0.3, TURNS)
        yield Case(past, 0.3, np.full(8760, 8.0))

    monkeypatch.setattr(commitments, "planted", two)
    monkeypatch.setattr(commitments, "RATES", {"growth": 0.6})
    monkeypatch.setattr(
        commitments,
        "RULES",
        {"predictive": RULES["minimum_30_days"], "less": lambda past, _: past.use[:, -1] * 2 / 3},
    )
    found = commitments.results(seed=7, quick=True)
    assert {(line["method"], line["metric"]): line["value"] for line in found} == {
        ("ours", "share_of_optimum"): round((2 / 3 + 3 / 4) / 2, 5),
        ("ours", "least_share"): round(2 / 3, 5),
        ("less", "share_of_optimum"): 0.75,
        ("less", "least_share"): 0.5,
    }
    assert {line["set"] for line in found} == {"growth"}


def test_the_rules_of_the_field_read_the_last_month_of_a_case() -> None:
    """Worked plainly on one planted past: its least, four fifths of its mean, its quantile by sorting."""
    (case,) = planted("growth", 1, seed=1)
    month, discount = np.sort(case.past.use[0, -720:]), np.array([case.discount])
    assert RULES["minimum_30_days"](case.past, discount) == pytest.approx(month[0])
    assert RULES["mean_30_days"](case.past, discount) == pytest.approx(0.8 * month.sum() / 720)
    place = int(np.ceil(case.discount * 720)) - 1
    assert RULES["quantile_30_days"](case.past, discount) == pytest.approx(month[place])


def test_ours_is_measured_beside_the_rules_of_the_field() -> None:
    """Every rule has a level for a planted scope, and none saves more than hindsight."""
    (case,) = planted("decline", 1, seed=2)
    for asked in RULES.values():
        level = float(asked(case.past, np.array([case.discount]))[0])
        assert level > 0.0
        assert share_of_optimum(case.future, level, discount=case.discount) <= 1.0

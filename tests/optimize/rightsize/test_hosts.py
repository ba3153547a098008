"""Loads move to fewer machines, and no machine is filled beyond its room at any step."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.optimize.rightsize.hosts import Host, consolidations, packed
from finops_lib.optimize.rightsize.paid import Paid
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import NoRecommendation, Recommendation

STEPS = 200
PAID = Paid("USD", (Decimal(10),) * 5)  # 304.17 a month


def _host(name: str, cpu: float | FloatArray, *, site: str = "a", size: float = 10.0) -> Host:
    return Host(name, site, {"cpu": size}, {"cpu": np.ones(STEPS) * cpu}, PAID)


def test_the_least_loaded_goes_to_the_fullest_that_holds_it() -> None:
    """2 of 10 goes to 6 (8 of 9), not to 3; 8 is too full; 3 then finds no room that stays."""
    hosts = [_host("big", 8.0), _host("six", 6.0), _host("three", 3.0), _host("two", 2.0)]
    assert dict(packed(hosts).moves) == {"two": "six"}


def test_day_and_night_share_a_machine() -> None:
    """Two peaks of 8 at different hours fit 9 of 10 together; at the same hour they do not."""
    day = np.where(np.arange(STEPS) % 24 < 12, 8.0, 0.5)
    assert dict(packed([_host("day", day), _host("night", 8.5 - day)]).moves) == {"day": "night"}
    assert not packed([_host("one", day), _host("two", day)]).moves


def test_sites_keep_their_loads() -> None:
    """Two nearly empty machines of two sites stay."""
    assert not packed([_host("here", 1.0), _host("there", 1.0, site="b")]).moves


def test_memory_stands_in_the_way() -> None:
    """CPU would fit, memory would not."""
    hosts = [
        Host(
            name,
            "a",
            {"cpu": 10.0, "memory": 100.0},
            {"cpu": np.ones(STEPS), "memory": np.full(STEPS, gib)},
            PAID,
        )
        for name, gib in (("x", 50.0), ("y", 45.0))
    ]
    assert not packed(hosts).moves


def test_a_gap_counts_as_the_highest_load() -> None:
    """What is not known at a step is taken for the most that was seen: nothing is moved into a gap."""
    gap = np.full(STEPS, 1.0)
    gap[:50] = np.nan
    gap[60] = 8.0
    other = np.where(np.arange(STEPS) < 50, 5.0, 0.5)
    assert not packed([_host("gap", gap), _host("other", other)]).moves


def test_what_ends_with_the_machine_is_saved() -> None:
    """304.17 a month of power and work are saved; where the load goes is told."""
    [found] = consolidations([_host("x", 6.0), _host("y", 2.0)])
    assert isinstance(found, Recommendation)
    assert found.to == {"state": "off", "load": "x"}
    assert (found.saving_month.mid, found.effort) == (Decimal("304.17"), "high")
    assert found.reason.startswith("its peaks are cpu 20%; with them x keeps 10% free at every step")


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        (Host("x", "a", {}, {}, PAID), "its capacity is not known: no kind of it"),
        (Host("x", "a", {"cpu": np.nan}, {}, PAID), "its capacity is not known: cpu"),
        (Host("x", "a", {"cpu": 4.0}, {}, PAID), "its cpu was measured 0 times, 100 are needed"),
        (
            Host("x", "a", {"cpu": 4.0}, {"cpu": np.ones(1)}, PAID),
            "its cpu was measured 1 times, 100 are needed",
        ),
    ],
)
def test_what_is_not_known_is_said(host: Host, reason: str) -> None:
    """A machine without capacity or load is left alone, with the reason."""
    assert consolidations([host]) == [NoRecommendation("x", "consolidate", reason)]


def test_no_price_is_no_saving() -> None:
    """A machine whose running costs nobody knows saves nothing that can be told."""
    cheap = Host("y", "a", {"cpu": 10.0}, {"cpu": np.ones(STEPS)}, None)
    assert consolidations([_host("x", 6.0), cheap]) == [
        NoRecommendation(
            "y", "consolidate", "what ends with the machine is not known: a saving cannot be told"
        )
    ]


@given(st.integers(0, 2**31), st.integers(0, 9))
def test_no_machine_is_overfilled_and_no_load_is_lost(seed: int, count: int) -> None:
    """Whatever the loads, each moves at most once, to a machine that stays, and 90 % are never passed."""
    rng = np.random.default_rng(seed)
    loads = rng.uniform(0.0, 6.0, size=(count, 1)) * rng.uniform(0.2, 1.0, size=(count, STEPS))
    hosts = [_host(f"h{row}", load, site="ab"[row % 2]) for row, load in enumerate(loads)]
    moves = packed(hosts).moves
    total = {host.resource: host.load["cpu"].copy() for host in hosts}
    for name, into in moves.items():
        assert into not in moves
        total[into] += total[name]
    stay = [load.max() for name, load in total.items() if name not in moves]
    assert all(top <= max(9.0 + 1e-9, loads.max()) for top in stay)

"""Memory of functions follows the fitted duration; warm instances follow how many run at a time."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.optimize.rightsize.paid import Paid
from finops_lib.optimize.rightsize.serverless import Curve, Function, Measured, curve, memories, warm
from finops_lib.records import NoRecommendation, Recommendation

PAID = Paid("USD", (Decimal(24),) * 7)  # 730 a month
WAITS = (Measured(512, 0.2, 100), Measured(1024, 0.2, 100))
FUNCTION = Function("f", 1024, 100, WAITS, PAID)


def _asked(**more: object) -> Recommendation | NoRecommendation:
    [found] = memories([replace(FUNCTION, **more)])
    return found


def _runs(fixed: float, work: float, *sizes: float) -> tuple[Measured, ...]:
    return tuple(Measured(size, Curve(fixed, work, 0.0).seconds(size), 10) for size in sizes)


def test_a_function_that_waits_takes_the_least_memory() -> None:
    """The same time at an eighth of the memory: 7/8 of 730 are saved."""
    found = _asked()
    assert isinstance(found, Recommendation)
    assert (found.to, found.saving_month.mid) == ({"memory": "128 MiB"}, Decimal("638.75"))


def test_a_function_that_calculates_costs_the_same_below_a_vcpu() -> None:
    """Half the memory takes twice as long: nothing is saved, and above one vCPU it costs more."""
    found = _asked(measured=_runs(0.0, 0.5, 512, 1769), memory_mib=512)
    assert found == NoRecommendation("f", "function_memory", "no size that holds is cheaper")


def test_memory_above_one_vcpu_is_given_back() -> None:
    """At 3,538 MiB a run takes as long as at 1,769: half is saved."""
    found = _asked(measured=_runs(0.0, 0.5, 512, 1769), memory_mib=3538, slowest_seconds=0.6)
    assert isinstance(found, Recommendation)
    assert found.to["memory"] in {"1769 MiB", "1536 MiB"}
    assert found.saving_month.mid == Decimal("365.00")


def test_a_limit_of_time_keeps_memory() -> None:
    """0.1 s of waiting and 0.2 s of CPU: under 0.4 s it takes 2/3 of a vCPU, 1,179 MiB and so 1,536."""
    runs = _runs(0.1, 0.2, 512, 1769)
    found = _asked(measured=runs, memory_mib=3072, slowest_seconds=0.4)
    assert isinstance(found, Recommendation)
    assert found.to == {"memory": "1536 MiB"}
    assert _asked(measured=runs, slowest_seconds=0.2).reason == "at no size does a run take less than 0.2 s"


def test_memory_that_was_used_is_kept_with_room() -> None:
    """120 MiB used need 138: 192 is the next size."""
    found = _asked(used_mib=120.0)
    assert isinstance(found, Recommendation)
    assert found.to == {"memory": "192 MiB"}


def test_a_function_out_of_memory_gets_more_and_it_costs() -> None:
    """A run that used all of 512 MiB needs 589: 768 at the same time costs half as much again."""
    found = _asked(memory_mib=512, used_mib=520.0)
    assert isinstance(found, Recommendation)
    assert (found.to, found.saving_month.mid) == ({"memory": "768 MiB"}, Decimal("-365.00"))


def test_starts_count_at_every_size() -> None:
    """A start of a second in every second run makes 0.7 s of 0.2: still linear in memory, the same share."""
    found = _asked(cold_share=0.5, cold_seconds=1.0)
    assert isinstance(found, Recommendation)
    assert found.saving_month.mid == Decimal("638.75")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"paid": None}, "the bill has no cost of it: a saving cannot be told"),
        ({"used_mib": None}, "how much memory its runs used is not known"),
        (
            {"measured": WAITS[:1]},
            "it ran at fewer than 2 memory sizes: its time at others is not known",
        ),
        (
            {"measured": (Measured(512, 0.1, 9), Measured(768, 0.9, 9), Measured(1024, 0.1, 9))},
            "its duration does not follow memory: the fit is off by 33%",  # (.049 + .883 + .049) / 3
        ),
        ({"used_mib": 10_000.0}, "its runs need 11500 MiB, the largest size has 10240"),
        (
            {"paid": Paid("USD", (Decimal(0),) * 7)},
            "it cost nothing in these days: there is no price to save at",
        ),
    ],
)
def test_what_is_not_known_is_no_saving(more: dict[str, object], reason: str) -> None:
    """Each reason is told, and nothing is booked."""
    assert _asked(**more) == NoRecommendation("f", "function_memory", reason)


def test_two_sizes_above_one_vcpu_tell_nothing() -> None:
    """Both give a whole vCPU: what less would do is not known."""
    assert curve(_runs(0.1, 0.5, 2048, 4096)) is None


@given(st.floats(0.01, 5.0), st.floats(0.01, 5.0))
def test_the_curve_is_found_back(fixed: float, work: float) -> None:
    """Durations of three sizes without noise give both parts back."""
    found = curve(_runs(fixed, work, 256, 512, 1024))
    assert found is not None
    assert found.fixed == pytest.approx(fixed, rel=1e-6)
    assert found.work == pytest.approx(work, rel=1e-6)


def test_planted_curves_are_found_under_noise() -> None:
    """Over 100 seeds of 10 % noise at four sizes the best size costs at most 10 % more than the true one."""
    for seed in range(100):
        rng = np.random.default_rng(seed)
        true = Curve(rng.uniform(0.05, 0.5), rng.uniform(0.02, 0.3), 0.0)
        noisy = [
            replace(item, seconds=item.seconds * rng.lognormal(0.0, 0.1))
            for item in _runs(true.fixed, true.work, 256, 512, 1024, 1769)
        ]
        found = curve(noisy)
        assert found is not None
        sizes = (128, 256, 512, 1024, 1769)
        costs = {size: size * true.seconds(size) for size in sizes}
        chosen = min(sizes, key=lambda size: size * found.seconds(size))
        assert costs[chosen] <= 1.1 * min(costs.values())


@given(st.lists(st.floats(0.0, 30.0), min_size=1, max_size=30), st.floats(0.0, 1.0))
def test_warm_instances_are_those_of_a_naive_count(concurrency: list[float], most_cold: float) -> None:
    """Counting the runs that find no warm instance, number by number, gives the same number."""
    found = warm(np.array(concurrency), most_cold=most_cold)
    if not sum(concurrency):
        assert found is None
        return
    shares = [
        sum(max(count - number, 0.0) for count in concurrency) / sum(concurrency) for number in range(32)
    ]
    wanted = next(number for number, share in enumerate(shares) if share <= most_cold + 1e-9)
    assert found is not None
    assert found.instances == wanted or shares[found.instances] == pytest.approx(most_cold, abs=1e-9)


def test_what_never_ran_needs_none() -> None:
    """Gaps and zeros are no runs."""
    assert warm(np.array([0.0, np.nan]), most_cold=0.1) is None

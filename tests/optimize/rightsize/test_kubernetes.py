"""Requests and limits follow what pods need, in steps that manifests are written in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.optimize.rightsize.kubernetes import GIB, MIB, Pod, requests
from finops_lib.optimize.rightsize.paid import Paid
from finops_lib.optimize.rightsize.shares import Parts
from finops_lib.optimize.sizing import Size
from finops_lib.records import NoRecommendation, Recommendation

PAID = Paid("USD", (Decimal(24),) * 7)  # 730 a month
POD = Pod("shop/web", 2.0, 4 * GIB, PAID, Parts(Decimal(8), Decimal(1)))  # 16 + 4 = 20 parts
CPU = Size("shop/web", "plain", 0.423, breach=0.004, strategy="predictive", backtest={"breach": 0.002})
MEMORY = Size("shop/web", "plain", 900 * MIB, 1000 * MIB, 0.001, "krr")


def _asked(pod: Pod, **sizes: Size) -> Recommendation | NoRecommendation:
    [found] = requests([pod], {pod.resource: sizes})
    return found


def test_requests_shrink_to_what_is_needed() -> None:
    """423m become 430m, 900 MiB 912 (16 x 57) and the limit 1008: 3.44 + .890625 of 20 parts stay."""
    found = _asked(POD, cpu=CPU, memory=MEMORY)
    assert isinstance(found, Recommendation)
    assert found.from_ == {"cpu_request": "2000m", "memory_request": "4096Mi"}
    assert found.to == {"cpu_request": "430m", "memory_request": "912Mi", "memory_limit": "1008Mi"}
    assert found.saving_month.mid == Decimal("571.93")  # (1 - 4.330625 / 20) of 730
    assert found.breach_probability == pytest.approx(0.005)
    assert found.backtest["cpu_breach"] == 0.002


def test_a_workload_killed_for_memory_gets_more_and_it_costs() -> None:
    """Six GiB instead of four are 2 parts of 20 more: minus 73 a month, shown as it is."""
    more = replace(MEMORY, amount=6 * GIB, limit=6.5 * GIB)
    found = _asked(POD, cpu=replace(CPU, amount=2.0), memory=more)
    assert isinstance(found, Recommendation)
    assert found.saving_month.mid == Decimal("-73.00")
    assert "this costs" in found.reason


def test_what_is_not_known_stays_and_is_said() -> None:
    """A heap keeps its memory; the CPU shrinks by itself."""
    heap = Size("shop/web", "at_ceiling", reason="memory stands high and flat")
    found = _asked(POD, cpu=CPU, memory=heap)
    assert isinstance(found, Recommendation)
    assert found.to["memory_request"] == "4096Mi"
    assert "memory is kept: memory stands high and flat" in found.reason


def test_a_cpu_limit_stays_unless_the_request_passes_it() -> None:
    """A limit of one core stays for a request of 430m and rises with one of 1.5 cores."""
    limited = replace(POD, cpu_limit=1.0)
    low, high = _asked(limited, cpu=CPU), _asked(limited, cpu=replace(CPU, amount=1.5))
    assert isinstance(low, Recommendation)
    assert isinstance(high, Recommendation)
    assert (low.to["cpu_limit"], high.to["cpu_limit"]) == ("1000m", "1500m")


def test_requests_that_fit_stay() -> None:
    """A change of less than a fiftieth of the cost is none."""
    fits = {"cpu": replace(CPU, amount=1.98), "memory": replace(MEMORY, amount=4 * GIB, limit=None)}
    found = _asked(replace(POD, memory_limit=4 * GIB), **fits)
    assert found == NoRecommendation("shop/web", "requests", "its requests fit what it needs")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (
            {"cpu_request": None},
            "its requests are not known: neither the samples nor an inventory says them",
        ),
        ({"paid": None}, "no cost of it is known: a saving cannot be told"),
        ({"parts": Parts(Decimal(0), Decimal(0))}, "it requests nothing: there is nothing to price"),
        (
            {"paid": Paid("USD", (Decimal(0),) * 7)},
            "it cost nothing in these days: there is no price to save at",
        ),
        ({"reason": "it leaks"}, "it leaks"),
    ],
)
def test_what_cannot_be_priced_says_why(more: dict[str, object], reason: str) -> None:
    """No saving is booked where the price or the request is missing or zero."""
    assert _asked(replace(POD, **more), cpu=CPU) == NoRecommendation("shop/web", "requests", reason)


def test_no_size_at_all_gives_all_reasons() -> None:
    """Both kinds are silent: both reasons are told; a workload that nobody watched is said to be one."""
    cpu, memory = Size("a", "throttled", reason="at capacity"), Size("a", "at_ceiling", reason="flat")
    assert _asked(POD, cpu=cpu, memory=memory).reason == "cpu: at capacity; memory: flat"
    assert _asked(POD).reason == "its use was not measured"


@given(st.floats(0.001, 64.0), st.floats(1.0, 256 * GIB))
def test_nothing_is_rounded_below_its_need(cores: float, memory: float) -> None:
    """Whatever the need, the request reaches it, to a millionth, and the limit reaches the request."""
    need = {"cpu": replace(CPU, amount=cores), "memory": replace(MEMORY, amount=memory, limit=None)}
    found = _asked(POD, **need)
    if isinstance(found, Recommendation):
        assert float(found.to["cpu_request"][:-1]) / 1000 >= cores * (1 - 1e-5)
        assert float(found.to["memory_request"][:-2]) * MIB >= memory * (1 - 1e-5)
        assert found.to["memory_limit"] == found.to["memory_request"]


def test_a_gpu_without_a_price_prices_nothing() -> None:
    """Cores and memory would else be taken for all of the cost, and a saving be booked that is none."""
    found = _asked(replace(POD, gpus=1.0), cpu=CPU, memory=MEMORY)
    assert found.reason == (
        "the catalogue does not tell what a GPU costs against a core: what is saved cannot be told"
    )

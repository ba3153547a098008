"""A machine gets the cheapest type of its region that holds, or the reason why it stays."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.prices import COLUMNS, catalogue, normal_key
from finops_lib.optimize.rightsize.machines import GIB, Machine, Use, instance_types
from finops_lib.optimize.rightsize.paid import Paid
from finops_lib.optimize.sizing import Size
from finops_lib.records import NoRecommendation, Recommendation

PAID = Paid("USD", (Decimal(24),) * 10)  # 730 a month
ROWS = [
    ("m.large", 2, 8, 0, "amd64", "0.10"),
    ("m.xlarge", 4, 16, 0, "amd64", "0.20"),
    ("m.2xlarge", 8, 32, 0, "amd64", "0.40"),
    ("c.xlarge", 4, 8, 0, "amd64", "0.17"),
    ("t3.large", 2, 8, 0, "amd64", "0.08"),
    ("g.large", 2, 8, 0, "arm64", "0.05"),
    ("n.xlarge", 4, 16, 1, "amd64", "0.15"),
    ("db.m.large", 2, 8, 0, "amd64", "0.09"),
    ("db.m.xlarge", 4, 16, 0, "amd64", "0.30"),
]


def _catalogue(rows: list[tuple[str, int, int, int, str, str | None]], *, zero: str = "") -> pd.DataFrame:
    lines = [
        ("aws", "r1", name, Decimal(cpu), Decimal(gib), Decimal(gpu), kind, price and Decimal(price), None)
        for name, cpu, gib, gpu, kind, price in rows
    ]
    index = pd.MultiIndex.from_tuples([normal_key(*line[:3]) for line in lines])
    frame = pd.DataFrame(lines, columns=[*COLUMNS], index=index, dtype=object)
    return frame.assign(zero_price=[line[2] == zero for line in lines]).sort_index()


FRAME = _catalogue(ROWS)


def _use(cpu: float | None, gib: float | None, **peaks: float) -> Use:
    sizes = {
        "cpu": Size("i-1", "plain", cpu, breach=0.005, strategy="krr", reason="" if cpu else "throttled"),
        "memory": Size(
            "i-1", "plain", gib and gib * GIB, gib and gib * GIB, 0.0, reason="" if gib else "a heap"
        ),
    }
    return Use(sizes, peaks)


def _asked(
    size: str, used: Use | None, frame: pd.DataFrame = FRAME, **more: object
) -> Recommendation | NoRecommendation:
    machine = replace(Machine("i-1", "aws", "r1", size, PAID), **more)
    [found] = instance_types([machine], {} if used is None else {"i-1": used}, catalogue=frame)
    return found


def test_the_cheapest_that_holds_is_taken() -> None:
    """1.5 vCPU and 6 GiB fit m.large at half the price: 365 of 730 a month are saved."""
    found = _asked("m.xlarge", _use(1.5, 6.0))
    assert isinstance(found, Recommendation)
    assert found.to == {"instance_type": "m.large", "vcpu": "2", "memory": "8 GiB"}
    assert (found.from_["instance_type"], found.saving_month.mid) == ("m.xlarge", Decimal("365.00"))
    assert (found.breach_probability, found.effort) == (0.005, "low")


def test_memory_keeps_a_machine_from_another_family() -> None:
    """Three vCPU and 7 GiB fit the other family, 9 GiB do not: then nothing is cheaper."""
    found = _asked("m.xlarge", _use(3.0, 7.0))
    assert isinstance(found, Recommendation)
    assert (found.to["instance_type"], found.effort) == ("c.xlarge", "medium")
    assert _asked("m.xlarge", _use(3.0, 9.0)) == NoRecommendation(
        "i-1", "instance_type", "no type that holds what it needs is cheaper"
    )


def test_a_heap_keeps_its_memory() -> None:
    """What memory a heap needs is not known: 16 GiB stay, although 1 vCPU would do."""
    found = _asked("m.2xlarge", _use(1.0, None))
    assert isinstance(found, NoRecommendation)
    cheaper = _asked(
        "m.2xlarge", _use(1.0, None), _catalogue([*ROWS, ("r.large", 2, 32, 0, "amd64", "0.15")])
    )
    assert isinstance(cheaper, Recommendation)
    assert cheaper.to["instance_type"] == "r.large"
    assert "memory is kept: a heap" in cheaper.reason


def test_memory_that_nobody_measured_is_kept() -> None:
    """A cloud that sees no memory from outside: the type keeps at least what there is."""
    used = Use({"cpu": Size("i-1", "plain", 1.0, breach=0.0)})
    found = _asked("m.xlarge", used)
    assert isinstance(found, NoRecommendation)
    assert found.reason == "no type that holds what it needs is cheaper"


def test_a_machine_that_is_too_small_costs_more() -> None:
    """Five vCPU need m.2xlarge: twice the price, a saving of minus 730."""
    found = _asked("m.xlarge", _use(5.0, 12.0))
    assert isinstance(found, Recommendation)
    assert (found.to["instance_type"], found.saving_month.mid) == ("m.2xlarge", Decimal("-730.00"))


@pytest.mark.parametrize("peak", ["network", "disk"])
def test_much_traffic_keeps_the_vcpu(peak: str) -> None:
    """No catalogue tells the limits of network and disk: at 41 MB/s the vCPU stay, at 39 they do not."""
    assert isinstance(_asked("m.xlarge", _use(1.0, 7.0, **{peak: 39e6})), Recommendation)
    found = _asked("m.xlarge", _use(1.0, 7.0, **{peak: 41e6}))
    assert isinstance(found, Recommendation)
    assert found.to["instance_type"] == "c.xlarge"
    assert f"the limit of {peak} goes with them" in found.reason


def test_licence_and_cores_are_priced_together() -> None:
    """At .1 a vCPU the licence takes m.xlarge from .6 to .3 with m.large: half of the cost, as before."""
    more = {"licence": "Windows", "licence_vcpu_hour": Decimal("0.1")}
    found = _asked("m.xlarge", _use(3.0, 7.0), **more)
    assert isinstance(found, Recommendation)
    assert found.saving_month.mid == Decimal("36.50")  # (.60 - .57) / .60 of 730


@pytest.mark.parametrize(
    ("size", "more", "reason"),
    [
        ("m.tiny", {}, "'m.tiny' of 'aws' in 'r1': the catalogue has no price for it"),
        ("m.xlarge", {"region": "r2"}, "'m.xlarge' of 'aws' in 'r2': the catalogue has no price for it"),
        ("", {}, "its instance type is not known: neither the bill nor an inventory says it"),
        ("m.xlarge", {"paid": None}, "the bill has no cost of it: a saving cannot be told"),
        (
            "m.xlarge",
            {"paid": Paid("USD", (Decimal(0),) * 9)},
            "it cost nothing in these days: there is no price to save at",
        ),
        (
            "m.xlarge",
            {"licence": "Windows"},
            "its price holds a licence (Windows) whose own price is not known",
        ),
        ("m.xlarge", {"reason": "it leaks"}, "it leaks"),
    ],
)
def test_what_is_not_known_is_no_saving(size: str, more: dict[str, object], reason: str) -> None:
    """Each thing that is missing is named, and nothing is booked."""
    assert _asked(size, _use(1.0, 4.0), **more) == NoRecommendation("i-1", "instance_type", reason)


def test_throttled_and_unmeasured_machines_have_no_size() -> None:
    """A need that lies above what can be seen is not guessed."""
    assert _asked("m.xlarge", _use(None, 4.0)) == NoRecommendation("i-1", "instance_type", "throttled")
    assert _asked("m.xlarge", None) == NoRecommendation("i-1", "instance_type", "its CPU was not measured")


@pytest.mark.parametrize(("zero", "said"), [("m.xlarge", "is zero"), ("", "is missing")])
def test_a_price_of_zero_or_none_is_no_price(zero: str, said: str) -> None:
    """A machine whose type has no price saves nothing that can be told."""
    rows = [(*row[:5], None) if row[0] == "m.xlarge" else row for row in ROWS]
    found = _asked("m.xlarge", _use(1.0, 4.0), _catalogue(rows, zero=zero))
    assert found.reason == f"the catalogue's price of 'm.xlarge' {said}: a saving cannot be told"


def test_a_type_of_unknown_size_is_no_start() -> None:
    """Without its own size it cannot be told what is kept."""
    frame = FRAME.copy()
    frame.loc[[normal_key("aws", "r1", "m.xlarge")], "memory_gib"] = None
    found = _asked("m.xlarge", _use(1.0, 4.0), frame)
    assert found.reason == "the catalogue does not say how large 'm.xlarge' is, or of which architecture"


def test_what_no_type_holds_is_said() -> None:
    """Nine vCPU are more than any type of the region has."""
    assert (
        _asked("m.xlarge", _use(9.0, 4.0)).reason == "no type of its region and kind holds 9 vCPU and 4 GiB"
    )


def test_commitments_are_named() -> None:
    """Where commitments pay, the reason says how much of it, and the low end is less."""
    paid = Paid("USD", (Decimal(24),) * 10, committed=Decimal(60))
    found = _asked("m.xlarge", _use(1.5, 6.0), paid=paid)
    assert isinstance(found, Recommendation)
    assert "commitments pay for 25%" in found.reason
    assert found.saving_month.low < found.saving_month.mid


@given(
    st.sampled_from([row[0] for row in ROWS]), st.integers(0, 8), st.sampled_from([0.5, 3.5, 7.5, 15.5, 40.0])
)
def test_a_naive_search_finds_the_same(size: str, cores: int, gib: float) -> None:
    """Looking at every type by hand gives the same price: it holds, and is of the same kind in all else."""
    now = next(row for row in ROWS if row[0] == size)
    fit = [
        Decimal(row[5])
        for row in ROWS
        if row[1] > cores and row[2] > gib and row[3:5] == now[3:5]
        and row[0].startswith("db.") == size.startswith("db.")
        and (size == "t3.large" or row[0] != "t3.large")
    ]  # fmt: skip
    found = _asked(size, _use(cores + 0.5, gib))
    if isinstance(found, Recommendation):
        assert min(fit) == _price(found.to["instance_type"])
    else:
        assert not fit or min(fit) >= Decimal(now[5]) * Decimal("0.98")


def _price(name: str) -> Decimal:
    return next(Decimal(row[5]) for row in ROWS if row[0] == name)


def test_the_shipped_catalogue_works() -> None:
    """A c6i.2xlarge of us-east-1 that needs 1.5 vCPU and 3 GiB may be a c6i.large at a quarter."""
    machine = Machine("i-1", "AWS", "us-east-1", "c6i.2xlarge", PAID)
    [found] = instance_types([machine], {"i-1": _use(1.5, 3.0)}, catalogue=catalogue())
    assert isinstance(found, Recommendation)
    assert found.saving_month.mid == Decimal("547.50")


def test_a_machine_does_not_become_a_task() -> None:
    """What a container service sells is no machine, however cheap; a task may become another task."""
    tasks = [("1 vCPU 2 GiB", 1, 2, 0, "amd64", "0.01"), ("4 vCPU 8 GiB", 4, 8, 0, "amd64", "0.04")]
    frame = _catalogue([*ROWS, *tasks])
    machine, task = _asked("m.xlarge", _use(0.5, 1.0), frame), _asked("4 vCPU 8 GiB", _use(0.5, 1.0), frame)
    assert isinstance(machine, Recommendation)
    assert isinstance(task, Recommendation)
    assert (machine.to["instance_type"], task.to["instance_type"]) == ("m.large", "1 vCPU 2 GiB")

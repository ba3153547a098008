"""What rows of a report cost: worked by hand, and a node that always adds up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.cells import EXACT
from finops_lib.billing.formats.openshift.costs import Costs, Ledger
from finops_lib.billing.formats.openshift.model import CostModel, Price
from finops_lib.billing.formats.rows import Rows
from finops_lib.errors import SettingsError

GIB = 2**30
POD = {
    "span.start": "2026-04-01T00:00:00Z",
    "span.end": "2026-04-01T01:00:00Z",
    "node": "n1",
    "namespace": "web",
    "pod": "a",
    "pod_usage_cpu_core_seconds": "1800",
    "pod_request_cpu_core_seconds": "3600",
    "pod_usage_memory_byte_seconds": str(3600 * 2 * GIB),
    "pod_request_memory_byte_seconds": str(3600 * GIB),
    "node_capacity_cpu_cores": "4",
    "node_capacity_cpu_core_seconds": "14400",
    "node_capacity_memory_byte_seconds": str(3600 * 8 * GIB),
}
VOLUME = {
    **{name: POD[name] for name in ("span.start", "span.end", "namespace", "pod")},
    "persistentvolumeclaim": "data",
    "storageclass": "gold",
    "persistentvolumeclaim_usage_byte_seconds": str(3600 * 10 * GIB),
    "volume_request_storage_byte_seconds": str(3600 * 20 * GIB),
}
Row = dict[str, str | None]


def rows(*lines: Row) -> Rows:
    """Make a batch."""
    names = list(dict.fromkeys(name for line in lines for name in line))
    return Rows(pa.table({name: pa.array([line.get(name) for line in lines], pa.string()) for name in names}))


def ledger(prices: dict[str, int | str], distribution: str = "cpu") -> Ledger:
    """Make a ledger of flat prices."""
    flat = tuple(Price(metric, Decimal(price)) for metric, price in prices.items())
    return Ledger(CostModel("m", "EUR", distribution, flat))


def part(costs: Costs, name: str) -> list[Decimal | None]:
    """Give one part, by row."""
    found: list[Decimal | None] = costs.parts[name].to_pylist()
    return found


@pytest.mark.parametrize(
    ("metric", "name", "expected"),
    [
        ("cpu_core_usage_per_hour", "x_CpuCost", "1.5"),  # half a core for an hour at 3
        ("cpu_core_request_per_hour", "x_CpuCost", "3"),
        ("cpu_core_effective_usage_per_hour", "x_CpuCost", "3"),  # the larger one
        ("memory_gb_usage_per_hour", "x_RamCost", "6"),  # 2 GiB
        ("memory_gb_request_per_hour", "x_RamCost", "3"),
        ("memory_gb_effective_usage_per_hour", "x_RamCost", "6"),
    ],
)
def test_use_by_the_hour(metric: str, name: str, expected: str) -> None:
    """Seconds become hours, bytes become GiB; other parts are not touched."""
    found = ledger({metric: 3}).pods(rows(POD))
    assert part(found, name) == [Decimal(expected)]
    other = {"x_CpuCost": "x_RamCost", "x_RamCost": "x_CpuCost"}[name]
    assert part(found, other) == [None]


def test_metrics_of_one_part_add_up() -> None:
    """1.5 for use and 3 for the request."""
    found = ledger({"cpu_core_usage_per_hour": 3, "cpu_core_request_per_hour": 3}).pods(rows(POD))
    assert part(found, "x_CpuCost") == [Decimal("4.5")]


def test_the_reports_own_effective_use_goes_first() -> None:
    """2 hours of a core, though only one was requested."""
    line = {**POD, "pod_effective_usage_cpu_core_seconds": "7200"}
    found = ledger({"cpu_core_effective_usage_per_hour": 3}).pods(rows(line, POD))
    assert part(found, "x_CpuCost") == [Decimal(6), Decimal(3)]
    assert part(found, "x_CpuCoreHours") == [Decimal(2), Decimal(1)]
    assert part(found, "x_RamGibHours") == [Decimal(2), Decimal(2)]


def test_a_price_by_label() -> None:
    """Web costs 5 an hour, other applications 1, pods without the label nothing."""
    price = Price("cpu_core_request_per_hour", key="app", by_value={"web": Decimal(5)}, default=Decimal(1))
    labels = ("label_app:web|label_x:y", '{"app": "api"}', "label_x:y", None)
    lines: list[Row] = [{**POD, "pod_labels": text} for text in labels]
    found = Ledger(CostModel("m", "EUR", "cpu", (price,))).pods(rows(*lines))
    assert part(found, "x_CpuCost") == [Decimal(5), Decimal(1), Decimal(0), Decimal(0)]


@pytest.mark.parametrize(("distribution", "share"), [("cpu", "0.25"), ("memory", "0.25")])
def test_a_pod_bears_its_part_of_its_node(distribution: str, share: str) -> None:
    """April has 720 hours: 720 a month is 1 an hour; 1 of 4 cores, or 2 of 8 GiB, is a quarter."""
    found = ledger({"node_cost_per_month": 720}, distribution).pods(rows(POD))
    assert part(found, "x_SharedCost") == [Decimal(share)]
    key = (None, POD["span.start"], POD["span.end"], "n1", "1")
    assert found.idle == {key: Decimal("0.75")}


@pytest.mark.parametrize(
    ("metric", "price", "hour"),
    [
        ("node_core_cost_per_month", 720, "4"),
        ("node_core_cost_per_hour", 1, "4"),
        ("cluster_core_cost_per_hour", "0.5", "2"),
    ],
)
def test_a_node_priced_by_core(metric: str, price: int | str, hour: str) -> None:
    """It has four; whatever the pod bears, the hour is whole."""
    found = ledger({metric: price}).pods(rows(POD))
    assert part(found, "x_SharedCost") == [Decimal(hour) / 4]
    assert list(found.idle.values()) == [Decimal(hour) * 3 / 4]


def test_a_node_priced_by_its_own_label() -> None:
    """A large one costs 1440 a month: 2 an hour; a label of the pod is none of the node."""
    price = Price("node_cost_per_month", key="instance-type", by_value={"large": Decimal(1440)})
    own, other = ({**POD, column: "label_instance_type:large"} for column in ("node_labels", "pod_labels"))
    found = Ledger(CostModel("m", "EUR", "cpu", (price,))).pods(rows(own, {**other, "node": "n2"}))
    assert part(found, "x_SharedCost") == [Decimal("0.5"), Decimal(0)]


def test_pods_that_use_more_than_the_node_leave_less_than_nothing() -> None:
    """Five cores of four: the hour still costs 1."""
    lines: list[Row] = [{**POD, "pod": name} for name in "abcde"]
    found = ledger({"node_cost_per_month": 720}).pods(rows(*lines))
    assert list(found.idle.values()) == [Decimal("-0.25")]


def test_a_later_batch_takes_back_what_its_pods_took() -> None:
    """Of 1 an hour the first batch leaves 0.75, the second takes 0.25 of it."""
    held = ledger({"node_cost_per_month": 720})
    first, second = held.pods(rows(POD)), held.pods(rows({**POD, "pod": "b"}))
    assert [(key[-1], left) for key, left in (*first.idle.items(), *second.idle.items())] == [
        ("1", Decimal("0.75")),
        ("2", Decimal("-0.25")),
    ]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"pod_usage_cpu_core_seconds": "many"}, "pod_usage_cpu_core_seconds many"),
        ({"pod_request_cpu_core_seconds": "-1"}, "pod_request_cpu_core_seconds -1"),
        ({"pod_request_cpu_core_seconds": "9E17"}, "225000000000000000000.00000000000000000000"),
    ],
)
def test_a_row_that_is_set_aside_takes_nothing_from_its_node(change: Row, wrong: str) -> None:
    """The node's hour stays whole without it."""
    found = ledger({"node_cost_per_month": 2592000000, "cpu_core_usage_per_hour": 1}).pods(
        rows({**POD, **change, "node_capacity_cpu_core_seconds": "14400"})
    )
    assert found.wrong.to_pylist() == [wrong]
    assert part(found, "x_SharedCost") == [None]
    assert list(found.idle.values()) == [Decimal(3600000)]


def test_a_node_whose_cores_are_unknown_cannot_be_priced_by_core() -> None:
    """The row says why."""
    found = ledger({"node_core_cost_per_hour": 1}).pods(rows({**POD, "node_capacity_cpu_cores": "x"}, POD))
    assert found.wrong.to_pylist() == ["node_capacity_cpu_cores x", None]


@pytest.mark.parametrize("capacity", [None, "0", "x"])
def test_without_a_capacity_all_of_the_node_is_left(capacity: str | None) -> None:
    """The share of a pod is unknown."""
    found = ledger({"node_cost_per_month": 720}).pods(
        rows({**POD, "node_capacity_cpu_core_seconds": capacity})
    )
    assert list(found.idle.values()) == [Decimal(1)]
    assert found.wrong.to_pylist() == [None]


def test_a_cluster_costs_once_an_hour() -> None:
    """720 a month and 2 an hour are 3, in the first batch that has the hour."""
    held = ledger({"cluster_cost_per_month": 720, "cluster_cost_per_hour": 2})
    lines = rows(POD, {**POD, "pod": "b", "cluster_id": "c2"})
    shared = held.pods(lines).shared
    assert {key[0]: cost for key, cost in shared.items()} == {None: Decimal(3), "c2": Decimal(3)}
    assert held.pods(lines).shared == {}


def test_a_pod_without_a_node_or_an_interval_bears_nothing() -> None:
    """It waits to be placed; nothing is priced by the hour."""
    lines: list[Row] = [{**POD, "node": None}, {**POD, "span.start": None, "span.end": None}]
    found = ledger({"node_cost_per_month": 720}).pods(rows(*lines))
    assert found.idle == {}
    assert part(found, "x_SharedCost") == [Decimal(0), Decimal(0)]


@given(
    st.lists(
        st.tuples(st.sampled_from(["n1", "n2"]), st.integers(0, 23), st.integers(0, 20_000_000_000)),
        min_size=1,
    ),
    st.integers(1, 5),
    st.integers(0, 10**6),
)
def test_every_hour_of_a_node_adds_up(uses: list[tuple[str, int, int]], batch: int, price: int) -> None:
    """Shares and what is left of all batches are the hours' cost, exactly, however rows are cut."""
    held = ledger({"node_core_cost_per_hour": price})
    lines: list[Row] = [
        {**POD, "node": node, "pod_request_cpu_core_seconds": str(Decimal(use).scaleb(-6)),
         "span.start": f"2026-04-01T{hour:02d}:00:00Z", "span.end": f"2026-04-01T{hour:02d}:59:59Z"}
        for node, hour, use in uses
    ]  # fmt: skip
    parts = [held.pods(rows(*lines[at : at + batch])) for at in range(0, len(lines), batch)]
    money = [cost for found in parts for cost in (*part(found, "x_SharedCost"), *found.idle.values())]
    hours = {(node, hour) for node, hour, _ in uses}
    one = EXACT.divide(Decimal(4 * price * 3599), Decimal(3600))
    assert sum(Fraction(cost or 0) for cost in money) == len(hours) * Fraction(one.quantize(Decimal("1E-20")))


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ({"storage_gb_usage_per_month": 720}, "10"),  # 10 GiB for one of 720 hours
        ({"storage_gb_request_per_month": 720}, "20"),
        ({"pvc_cost_per_month": 36}, "0.05"),
        ({"storage_gb_usage_per_month": 720, "pvc_cost_per_month": 36}, "10.05"),
    ],
)
def test_volumes_by_the_month(prices: dict[str, int | str], expected: str) -> None:
    """An hour is a 720th of April."""
    assert part(ledger(prices).volumes(rows(VOLUME)), "x_PersistentVolumeCost") == [Decimal(expected)]


def test_a_volume_by_its_class() -> None:
    """The storage class is a label; one that is called so goes before it."""
    price = Price(
        "pvc_cost_per_month", key="storageclass", by_value={"gold": Decimal(720), "tin": Decimal(72)}
    )
    lines: list[Row] = [
        {**VOLUME, "persistentvolumeclaim": "a"},
        {**VOLUME, "persistentvolumeclaim": "b", "persistentvolume_labels": "label_storageclass:tin"},
        {**VOLUME, "persistentvolumeclaim": "c", "storageclass": None},
    ]
    found = Ledger(CostModel("m", "EUR", "cpu", (price,))).volumes(rows(*lines))
    assert part(found, "x_PersistentVolumeCost") == [Decimal(1), Decimal("0.1"), Decimal(0)]


def test_a_claim_that_many_pods_mount_costs_once_an_hour() -> None:
    """The first row carries it, in this batch or an earlier one; another hour is another cost."""
    held = ledger({"pvc_cost_per_month": 720})
    later = {**VOLUME, "span.start": "2026-04-01T01:00:00Z", "span.end": "2026-04-01T02:00:00Z"}
    first = held.volumes(rows(VOLUME, {**VOLUME, "pod": "b"}, later))
    second = held.volumes(rows({**VOLUME, "pod": "c"}))
    costs = [*part(first, "x_PersistentVolumeCost"), *part(second, "x_PersistentVolumeCost")]
    assert costs == [Decimal(1), Decimal(0), Decimal(1), Decimal(0)]


def test_a_volume_whose_use_cannot_be_read_is_named() -> None:
    """An empty cell is no fault: no use of it is known."""
    name = "persistentvolumeclaim_usage_byte_seconds"
    lines: list[Row] = [{**VOLUME, name: "x"}, {**VOLUME, name: None, "persistentvolumeclaim": "b"}]
    found = ledger({"storage_gb_usage_per_month": 1}).volumes(rows(*lines))
    assert found.wrong.to_pylist() == [f"{name} x", None]
    assert part(found, "x_PersistentVolumeCost") == [None, None]


def test_a_model_that_prices_nothing_here_is_refused() -> None:
    """A report of pods cannot be priced by storage, nor one of volumes by cores."""
    with pytest.raises(SettingsError, match="it prices nothing that a report of pods holds"):
        ledger({"pvc_cost_per_month": 1}).pods(rows(POD))
    with pytest.raises(SettingsError) as told:
        ledger({"cpu_core_usage_per_hour": 1}).volumes(rows(VOLUME))
    assert str(told.value) == (
        "cost model m: it prices nothing that a report of volumes holds. Remedy: add one of "
        "storage_gb_usage_per_month, storage_gb_request_per_month, pvc_cost_per_month."
    )

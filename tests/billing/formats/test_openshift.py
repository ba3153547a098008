"""An OpenShift report in FOCUS words."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from finops_lib.billing.conform import Conformer
from finops_lib.billing.formats.openshift import OPENSHIFT
from finops_lib.errors import UnreadableBillError
from finops_lib.privacy import People

POD = {
    "report_period_start": "2026-04-01 00:00:00 +0000 UTC",
    "interval_start": "2026-04-07 17:00:00 +0000 UTC",
    "interval_end": "2026-04-07 17:59:59 +0000 UTC",
    "node": "n1",
    "namespace": "web",
    "pod": "a",
    "pod_usage_cpu_core_seconds": "3600",
    "pod_usage_memory_byte_seconds": "0",
    "node_capacity_cpu_core_seconds": "14400",
    "node_role": "worker",
    "pod_labels": "label_app:shop|label_team:blue",
}
VOLUME = {
    **{name: POD[name] for name in ("interval_start", "interval_end", "namespace", "pod")},
    "persistentvolumeclaim": "data",
    "persistentvolume": "pv-1",
    "storageclass": "gold",
    "persistentvolumeclaim_usage_byte_seconds": "1",
    "persistentvolume_labels": "label_app:old|label_disk:ssd",
    "persistentvolumeclaim_labels": "label_app:shop",
}
PRICES = {"cpu_core_usage_per_hour": 0.2, "node_cost_per_month": 720, "pvc_cost_per_month": 72}
Row = dict[str, str | None]


def rate(metric: str, price: float) -> dict[str, Any]:
    """Write a flat rate."""
    return {"metric": {"name": metric}, "tiered_rates": [{"unit": "USD", "value": price}]}


def table(lines: list[Row]) -> pa.Table:
    """Make a batch of text."""
    names = list(dict.fromkeys(name for line in lines for name in line))
    return pa.table({name: pa.array([line.get(name) for line in lines], pa.string()) for name in names})


def translate(folder: Path, *lines: Row, more: tuple[dict[str, Any], ...] = ()) -> pa.Table:
    """Price a batch by a model."""
    path = folder / "model.json"
    path.write_text(json.dumps({"rates": [*(rate(*item) for item in PRICES.items()), *more]}))
    assert OPENSHIFT.priced is not None
    return OPENSHIFT.priced(path)(table(list(lines)))


def test_a_pod_in_focus_words(tmp_path: Path) -> None:
    """One core-hour at 0.2 and a quarter of a node at 1 an hour; the hour is half-open."""
    row = translate(tmp_path, POD).to_pylist()[0]
    said = {
        "BillingCurrency": "USD",
        "BillingPeriodStart": "2026-04-01T00:00:00Z",
        "BillingPeriodEnd": "2026-05-01T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargePeriodStart": "2026-04-07T17:00:00Z",
        "ChargePeriodEnd": "2026-04-07T18:00:00Z",
        "HostProviderName": "On-premises",
        "ResourceId": "n1",
        "ResourceName": "a",
        "ResourceType": "Pod",
        "ServiceCategory": "Compute",
        "SubAccountId": "web",
        "x_AllocationKind": "workload",
        "x_NodeRole": "worker",
        "x_ProviderName": "OpenShift",
        "x_UsageRow": "pod//2026-04-07 17:00:00 +0000 UTC/n1/web/a/",
        "x_pod_usage_cpu_core_seconds": "3600",
        "x_report_period_start": "2026-04-01 00:00:00 +0000 UTC",
    }
    assert {name: row[name] for name in said} == said
    assert json.loads(row["Tags"]) == {"app": "shop", "team": "blue"}
    money = [row[name] for name in ("BilledCost", "EffectiveCost", "x_CpuCost", "x_SharedCost")]
    assert [Decimal(text) for text in money] == [Decimal(text) for text in ("0.45", "0.45", "0.2", "0.25")]


def test_what_is_left_of_a_node_is_a_row(tmp_path: Path) -> None:
    """Below the pods, with the node as resource and no namespace."""
    found = translate(tmp_path, POD, {**POD, "pod": "b"}).to_pylist()
    assert len(found) == 3
    row = found[-1]
    said = {
        "ChargePeriodStart": "2026-04-07T17:00:00Z",
        "ChargePeriodEnd": "2026-04-07T18:00:00Z",
        "ResourceId": "n1",
        "ResourceType": "Node",
        "SubAccountId": None,
        "x_AllocationKind": "idle",
        "x_CpuCost": None,
        "x_UsageRow": "node//2026-04-07T17:00:00Z/2026-04-07T18:00:00Z/n1/1",
    }
    assert {name: row[name] for name in said} == said
    assert Decimal(row["BilledCost"]) == Decimal(row["x_SharedCost"]) == Decimal("0.5")


def test_the_cluster_is_a_row_of_its_own(tmp_path: Path) -> None:
    """3 an hour, shared by all."""
    row = translate(tmp_path, POD, more=(rate("cluster_cost_per_hour", 3),)).to_pylist()[-1]
    assert (row["ResourceType"], row["x_AllocationKind"], Decimal(row["BilledCost"])) == (
        "Cluster",
        "shared",
        3,
    )
    assert row["x_UsageRow"] == "cluster//2026-04-07T17:00:00Z/2026-04-07T18:00:00Z"


def test_a_volume_in_focus_words(tmp_path: Path) -> None:
    """72 a month is 0.1 an hour of April; labels of the claim go before those of its volume."""
    [row] = translate(tmp_path, VOLUME).to_pylist()
    told = [row[name] for name in ("ResourceId", "ResourceName", "ServiceCategory", "x_StorageClass")]
    assert told == ["pv-1", "data", "Storage", "gold"]
    assert json.loads(row["Tags"]) == {"app": "shop", "disk": "ssd"}
    assert Decimal(row["BilledCost"]) == Decimal(row["x_PersistentVolumeCost"]) == Decimal("0.1")


def test_what_the_model_cannot_price_here_is_said(tmp_path: Path) -> None:
    """GPUs and labels of nodes are in no report of pods; without such rates there is no note."""
    by_tag = {"tag_key": "size", "tag_values": [{"unit": "USD", "value": 1, "tag_value": "s"}]}
    more = (rate("gpu_cost_per_month", 9), {"metric": {"name": "node_cost_per_month"}, "tag_rates": by_tag})
    found = translate(tmp_path, POD, more=more).to_pylist()[0]
    assert found["x_NotPriced"] == "gpu_cost_per_month, node_cost_per_month by size"
    known = translate(tmp_path, {**POD, "node_labels": "label_size:s"}, more=more[1:])
    assert "x_NotPriced" not in known.column_names


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, None),
        ({"interval_end": "2026-04-07 18:00:00 +0000 UTC"}, None),
        ({"interval_start": "yesterday"}, "date_unreadable"),
        ({"interval_start": None}, "date_missing"),
        ({"interval_end": None}, "date_unreadable"),
        ({"interval_end": "2026-04-07 17:00:00 +0000 UTC"}, "date_unreadable"),
        ({"interval_end": "2026-06-07 17:00:00 +0000 UTC"}, "date_unreadable"),
        ({"pod_usage_cpu_core_seconds": "x"}, "cost_not_a_number"),
        ({"pod_usage_cpu_core_seconds": "9E17"}, "cost_out_of_range"),
        ({"pod_usage_cpu_core_seconds": None, "node": None}, "cost_missing"),
    ],
)
def test_a_row_that_cannot_be_priced_is_set_aside(tmp_path: Path, change: Row, rule: str | None) -> None:
    """With the rule it breaks; the other row, and the node, stay."""
    more = (rate("cpu_core_request_per_hour", 10**11),) if rule == "cost_out_of_range" else ()
    line = {**POD, **change, "pod_request_cpu_core_seconds": "9E17" if more else None}
    found = translate(tmp_path, line, {**POD, "node": "n2"}, more=more)
    batch = Conformer(People.open(tmp_path / "lake", {})).conform(found)
    rules = [None] * found.num_rows if batch.rule is None else batch.rule.to_pylist()
    assert rules == [rule, *[None] * (found.num_rows - 1)]


def test_labels_that_cannot_be_read_stay(tmp_path: Path) -> None:
    """So that they are counted as unreadable tags."""
    assert translate(tmp_path, {**POD, "pod_labels": "what"}).to_pylist()[0]["Tags"] == "what"


def test_a_column_of_an_inner_name_does_no_harm(tmp_path: Path) -> None:
    """Anything may stand in a header."""
    row = translate(tmp_path, {**POD, "span.start": "x", "x_CpuCost": "1"}).to_pylist()[0]
    assert (Decimal(row["BilledCost"]), row["ChargePeriodStart"]) == (Decimal("0.45"), "2026-04-07T17:00:00Z")


def test_without_a_cost_model_nothing_is_priced() -> None:
    """The remedy names the option."""
    with pytest.raises(UnreadableBillError) as told:
        OPENSHIFT.to_focus(table([POD]))
    assert str(told.value) == (
        "an OpenShift report of 1 rows: usage has no prices. Remedy: give the cost model with --rates FILE."
    )


def test_either_report_is_told_by_its_columns() -> None:
    """The nearer one says what is missing."""
    assert OPENSHIFT.fit(list(POD)).share == OPENSHIFT.fit(list(VOLUME)).share == 1
    assert OPENSHIFT.fit([name for name in POD if name != "node"]).missing == ("node",)
    assert OPENSHIFT.fit(["interval_start", "interval_end", "node", "node_labels"]).share < 1
    assert OPENSHIFT.numeric("node_capacity_memory_bytes")
    assert not OPENSHIFT.numeric("pod_labels")

"""OpenCost allocation in FOCUS words: golden cases worked by hand for cost, time and names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.formats.opencost import OPENCOST, allocation_kind, total

BASE: Mapping[str, str | None] = {
    "name": "web",
    "properties.cluster": "one",
    "properties.namespace": "web",
    "properties.node": "n1",
    "properties.providerID": "i-1",
    "properties.labels": None,
    "properties.namespaceLabels": None,
    "window.start": "2026-07-01T00:00:00Z",
    "window.end": "2026-07-02T00:00:00Z",
    "start": "2026-07-01T06:00:00Z",
    "end": "2026-07-01T18:00:00Z",
    "minutes": "720",
    "cpuCost": "1.1",
    "cpuCostAdjustment": "0.01",
    "gpuCost": "0",
    "gpuCostAdjustment": "0",
    "ramCost": "0.5",
    "ramCostAdjustment": "-0.02",
    "pvCost": "0.2",
    "networkCost": "0.3",
    "networkInternetCost": "0.3",
    "loadBalancerCost": "0.4",
    "sharedCost": "0.05",
    "externalCost": "0.06",
    "cpuCostIdle": "0.7",
    "totalCost": "2.6",
    "ramByteHours": "1610612736",
    "cpuCoreHours": "24",
}
DAY_COLUMNS = ("window.start", "window.end")
DAY = ("2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z")


def table(*changes: Mapping[str, str | None]) -> pa.Table:
    """Translate one row for each set of changes."""
    rows = [{**BASE, **change} for change in changes]
    names = dict.fromkeys(name for row in rows for name in row)
    raw = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})
    return OPENCOST.to_focus(raw)


def focus(change: Mapping[str, str | None] = BASE) -> dict[str, str | None]:
    """Translate one row."""
    return {name: column[0] for name, column in table(change).to_pydict().items()}


def test_a_workload() -> None:
    """1610612736 byte hours are 1.5 GiB hours; the total is the cost; currency and host are unsaid."""
    found = focus()
    wanted = {
        "BilledCost": "2.6",
        "EffectiveCost": "2.6",
        "BillingPeriodStart": "2026-07-01T00:00:00Z",
        "BillingPeriodEnd": "2026-08-01T00:00:00Z",
        "BillingAccountId": "one",
        "SubAccountId": "web",
        "ResourceId": "i-1",
        "ResourceName": "web",
        "InvoiceIssuerName": "OpenCost",
        "x_ProviderName": "Kubernetes",
        "x_AllocationKind": "workload",
        "x_CpuCost": "1.1",
        "x_CostAdjustment": "-0.01",
        "x_PersistentVolumeCost": "0.2",
        "x_CpuCoreHours": "24",
        "x_RamGibHours": "1.50000000000000000000",
        "x_Slice": "/".join(DAY),
        "x_WindowStart": DAY[0],
        "x_cpuCostIdle": "0.7",
    }
    assert {name: found[name] for name in wanted} == wanted
    assert not {"BillingCurrency", "HostProviderName", "ListCost", "x_SourceCost"} & found.keys()


def test_without_a_total_the_parts_are_summed() -> None:
    """1.1 + 0.01 + 0.5 - 0.02 + 0.2 + 0.3 + 0.4 + 0.05 + 0.06 = 2.6; idle and internet lie within."""
    assert table({"totalCost": None}, {}).column("BilledCost").to_pylist() == ["2.60", "2.6"]


def test_without_a_part_the_sum_is_unknown() -> None:
    """OpenCost writes null for what is no number: nothing less may be summed in its place."""
    assert focus({"totalCost": None, "pvCost": None})["BilledCost"] is None


def test_the_report_s_total_counts_although_a_part_is_unknown() -> None:
    """It is the report's own cost."""
    assert focus({"pvCost": None})["BilledCost"] == "2.6"


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-inf", "1e999999", "lots", "1_0", "9" * 500])
def test_a_sum_over_what_is_no_number_is_none(text: str) -> None:
    """It cannot be read as an amount, so the row is set aside, and its text is kept."""
    found = total(["0.1", text])
    assert found == f"0.1 and {text}"
    assert focus({"totalCost": text})["BilledCost"] == text


def test_a_negative_part_is_subtracted() -> None:
    """External credit may exceed the cost."""
    assert total(["0.1", "-0.3"]) == "-0.2"


@given(st.lists(st.decimals(-(10**9), 10**9, places=5), min_size=1, max_size=14))
def test_a_sum_is_exact(amounts: list[Decimal]) -> None:
    """In hundred-thousandths, integers give the same."""
    units = sum(int(amount * 100_000) for amount in amounts)
    assert Decimal(total([str(amount) for amount in amounts]) or "") == Decimal(units) / 100_000


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-07-01T06:00:00Z", "2026-07-01T18:00:00Z", ("2026-07-01T06:00:00Z", "2026-07-01T18:00:00Z")),
        # It ran longer than was asked for: only the day is charged.
        ("2026-06-30T06:00:00Z", "2026-07-03T00:00:00Z", DAY),
        # Two in the morning in Berlin is the start of the day in UTC.
        ("2026-07-01T02:00:00+02:00", "2026-07-01T18:00:00Z", (DAY[0], "2026-07-01T18:00:00Z")),
        (None, None, DAY),
        # No time at all, turned round, and outside: the window is what is left.
        ("2026-07-01T06:00:00Z", "2026-07-01T06:00:00Z", DAY),
        ("2026-07-01T07:00:00Z", "2026-07-01T06:00:00Z", DAY),
        ("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z", DAY),
        # What cannot be read stays for the row to be set aside.
        ("soon", "2026-07-01T18:00:00Z", ("soon", "2026-07-01T18:00:00Z")),
    ],
)
def test_the_charge_period_is_cut_to_the_window(
    start: str | None, end: str | None, expected: tuple[str, str]
) -> None:
    """Start and end say when it ran, the window what was asked for."""
    found = focus({"start": start, "end": end})
    assert (found["ChargePeriodStart"], found["ChargePeriodEnd"]) == expected


def test_a_window_over_two_months_belongs_to_the_first() -> None:
    """Its slice is one, so its billing period is one."""
    found = focus({"window.start": "2026-07-28T00:00:00Z", "window.end": "2026-08-04T00:00:00Z"})
    assert found["BillingPeriodStart"] == "2026-07-01T00:00:00Z"


def test_a_window_is_the_same_slice_however_it_is_spelled() -> None:
    """Zone and parts of a second do not make another window; another end does."""
    found = table(
        {},
        {"window.start": "2026-07-01T02:00:00.000+02:00"},
        {"window.end": "2026-07-03T00:00:00Z"},
    ).column("x_Slice")
    assert found.to_pylist() == ["/".join(DAY), "/".join(DAY), f"{DAY[0]}/2026-07-03T00:00:00Z"]


def test_a_window_that_cannot_be_read_stays() -> None:
    """Its rows are set aside and not put into some month."""
    found = focus({"window.start": "lastweek"})
    assert found["BillingPeriodStart"] == found["ChargePeriodStart"] == "lastweek"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("web", "workload"),
        ("one/n1/web/api", "workload"),
        ("__idle__", "idle"),
        ("one/__idle__", "idle"),
        ("__unallocated__", "unallocated"),
        ("web/__unallocated__", "unallocated"),
        ("one/__unmounted__/__unmounted__", "unmounted"),
        ("__shared__", "shared"),
        ("__external__", "external"),
        ("my__idle__app", "workload"),
        ("", "workload"),
    ],
)
def test_the_name_says_what_an_allocation_stands_for(name: str, kind: str) -> None:
    """A whole part of the name, and not letters within it."""
    assert allocation_kind(name) == kind


@pytest.mark.parametrize(
    ("own", "namespace", "expected"),
    [
        ('{"team":"web"}', '{"team":"all","env":"test"}', {"team": "web", "env": "test"}),
        ('{"team":"web"}', None, {"team": "web"}),
        (None, '{"env":"test"}', {"env": "test"}),
        ('{"size":3,"on":true}', "no object", {"size": "3", "on": "true"}),
        (None, None, None),
        ("{}", "[]", None),
    ],
)
def test_labels_are_tags(own: str | None, namespace: str | None, expected: dict[str, str] | None) -> None:
    """The workload's own label counts before that of its namespace; values are text."""
    found = focus({"properties.labels": own, "properties.namespaceLabels": namespace})["Tags"]
    assert (found and json.loads(found)) == expected


def test_labels_that_cannot_be_read_stay() -> None:
    """They are found unreadable later, and not lost here."""
    assert focus({"properties.labels": "{team"})["Tags"] == "{team"


def test_details_for_each_volume_make_no_columns() -> None:
    """A column for each key would be as many columns as volumes; what has one column is kept."""
    found = focus({"pvs.cluster=one:name=pv-1": '{"cost":1}', "lbAllocations": '{"a":1}'})
    assert found["x_lbAllocations"] == '{"a":1}'
    assert not [name for name in found if "pv-1" in name]


def test_what_is_no_allocation_does_not_fit() -> None:
    """Summaries of cloud bills, assets and summaries of allocations each lack something."""
    cloud = ["properties.provider", *DAY_COLUMNS, "listCost.cost", "invoicedCost.cost"]
    assets = ["type", "properties.name", *DAY_COLUMNS, "cpuCost", "ramCost", "totalCost"]
    assert OPENCOST.fit(cloud).missing == ("name", "cpuCost", "ramCost")
    assert OPENCOST.fit(assets).missing == ("name",)
    assert OPENCOST.fit(["name", "start", "end", "cpuCost", "ramCost"]).missing == DAY_COLUMNS
    assert OPENCOST.fit(list(BASE)).share == 1


def test_allocation_stands_in_no_total() -> None:
    """It explains charges that the cloud's bill holds already, and each window is added once."""
    assert (OPENCOST.kind, OPENCOST.delivery) == ("allocation", "appends")


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from([*BASE, "new", "SourceCost"]), st.none() | st.text() | st.from_regex("[0-9.eE-]+")
        ),
        min_size=1,
        max_size=4,
    )
)
def test_no_cell_breaks_a_batch(changes: list[dict[str, str | None]]) -> None:
    """Whatever stands in the cells, a total that is said stays, row by row."""
    found = table(*changes).column("BilledCost").to_pylist()
    said = [{**BASE, **change}["totalCost"] for change in changes]
    assert [cost for cost, text in zip(found, said, strict=True) if text is not None] == [
        text for text in said if text is not None
    ]


@given(st.lists(st.sampled_from([*BASE, "BilledCost", "CpuCost", "Slice"]), unique=True))
def test_no_header_breaks_a_batch(names: list[str]) -> None:
    """Whatever columns are absent or look like others, names stay unique and rows stay."""
    found = OPENCOST.to_focus(pa.table({name: pa.array(["1"]) for name in ["one", *names]}))
    assert len({name.lower() for name in found.column_names}) == len(found.column_names)
    assert found.num_rows == 1

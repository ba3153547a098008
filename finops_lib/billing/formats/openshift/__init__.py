"""Use of one's own OpenShift cluster, priced by a cost model: reports of the cost management operator.

The pod report and the volume report say what was used in each hour and no price; the cost model is given
beside them (``--rates``). The result explains the cost of machines and stands in no total. Use is priced by
the hour (CPU, memory) or by the share of its month (storage); a gigabyte is 2^30 bytes. Effective use is the
report's own, or the larger of use and request. A cell without a number counts as no use, a row of which no
priced use is known is set aside.

Cost of a node (by month, by core) falls on the hour by its share of the month, and on a pod by its effective
use over the node's capacity (of CPU or memory, as the model's distribution says). What no pod took is a row
of its own for each node and hour, of the kind ``idle``, so that the hour adds up to the node's cost exactly;
it is negative where pods used more than the node's capacity. Where pods of one hour come in several batches
or files of one call, a later idle row takes back what they took. Pods of one hour that come in two calls
cannot be known to belong together: the second idle row then repeats the key of the first (``x_UsageRow``).
Cost of the cluster is a row for each hour, of the kind ``shared``: no report says how large the cluster is.

A claim that several pods mount stands in several rows with the same use: the first one of the hour carries
its cost, the others are zero. Metrics of the model that these reports cannot price (virtual machines, GPUs,
projects; nodes by tag where the column ``node_labels`` is missing) are named in ``x_NotPriced``.

Source: koku-metrics-operator, ``docs/report-fields-description.md``; Koku, ``docs/architecture``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.formats.base import Fit, Format, fit_needed
from finops_lib.billing.formats.openshift.costs import (
    CLAIM,
    CLUSTER,
    NODE,
    PRICED,
    SPAN,
    USE_CPU,
    USE_RAM,
    Costs,
    Ledger,
)
from finops_lib.billing.formats.openshift.labels import pairs
from finops_lib.billing.formats.openshift.model import CostModel
from finops_lib.billing.formats.openshift.sums import WIDE, total
from finops_lib.billing.formats.rows import Rows
from finops_lib.billing.formats.translate import billing_month, combined, iso, kept, times
from finops_lib.errors import UnreadableBillError

_START, _END = "interval_start", "interval_end"
_POD_NEEDED = (_START, _END, "namespace", "pod", NODE, USE_CPU.format("usage"), USE_RAM.format("usage"))
_CLAIM_NEEDED = (_START, _END, "namespace", CLAIM, "persistentvolumeclaim_usage_byte_seconds")
_RENAMED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "BillingAccountId": (CLUSTER,),
        "BillingAccountName": ("cluster_alias",),
        "SubAccountId": ("namespace",),
        "x_Node": (NODE,),
        "x_NodeRole": ("node_role",),
        "x_Pod": ("pod",),
        "x_StorageClass": ("storageclass",),
    }
)
_LABELS = ("pod_labels", "persistentvolumeclaim_labels", "persistentvolume_labels")
_SECONDS = ("_seconds", "_cores", "_bytes")
_NODE_COST = "node_cost_per_month"
_LONGEST = pa.scalar(timedelta(days=32), pa.duration("us"))
_SECOND = pa.scalar(timedelta(seconds=1), pa.duration("us"))
_MONEY = ("x_CpuCost", "x_RamCost", "x_PersistentVolumeCost", "x_SharedCost")


def _fit(header: Sequence[str]) -> Fit:
    return max(
        (fit_needed(header, needed) for needed in (_POD_NEEDED, _CLAIM_NEEDED)), key=lambda fit: fit.share
    )


def _without_prices(raw: pa.Table) -> pa.Table:
    raise UnreadableBillError(
        f"an OpenShift report of {raw.num_rows} rows",
        "usage has no prices",
        "give the cost model with --rates FILE",
    )


def _priced(path: Path) -> Callable[[pa.Table], pa.Table]:
    """Read the cost model; the function that comes back remembers nodes and claims of one ingest."""
    model = CostModel.load(path)
    ledger = Ledger(model)

    def to_focus(raw: pa.Table) -> pa.Table:
        rows = Rows(_with_spans(raw))
        volumes = CLAIM in raw.column_names
        costs = ledger.volumes(rows) if volumes else ledger.pods(rows)
        columns = _named(rows, volumes) | _periods(rows) | _money(costs, model)
        note = _note(model, raw.column_names)
        columns |= {"x_NotPriced": rows.constant(note)} if note else {}
        used = {_START, _END, *_LABELS, "resource_id", CLAIM, "persistentvolume"}
        used |= {name for names in _RENAMED.values() for name in names}
        main = pa.table(columns | kept(raw, used=used, taken=columns))
        return _joined(main, _rest(costs, model))

    return to_focus


def _with_spans(raw: pa.Table) -> pa.Table:
    """Add the interval, half-open; an end at second 59 is the last second and belongs to it."""
    rows = Rows(raw)
    start, end = times(rows, _START), times(rows, _END)
    end = pc.if_else(pc.equal(pc.second(end), 59), pc.add(end, _SECOND), end)
    sound = pc.and_(pc.greater(end, start), pc.less_equal(pc.subtract(end, start), _LONGEST))
    sound = pc.fill_null(sound, fill_value=False)
    raw = raw.drop_columns([name for name in SPAN if name in raw.column_names])
    for name, moments in zip(SPAN, (start, end), strict=True):
        raw = raw.append_column(name, pc.if_else(sound, iso(moments), pa.scalar(None, pa.string())))
    return raw


def _periods(rows: Rows) -> dict[str, pa.Array]:
    """Billing and charge periods; what is no interval stays as text, so that the row is set aside."""
    start, end = (rows.text(name) for name in SPAN)
    told = pc.binary_join_element_wise(
        pc.fill_null(rows.text(_END), "nothing"),
        pa.scalar("does not end an interval of a month or less"),
        " ",
    )
    return {
        **billing_month(rows, _START),
        "ChargePeriodStart": pc.coalesce(start, rows.text(_START)).dictionary_encode(),
        "ChargePeriodEnd": pc.coalesce(end, told).dictionary_encode(),
    }


def _named(rows: Rows, volumes: bool) -> dict[str, pa.Array]:
    found = {name: column for name, names in _RENAMED.items() if (column := rows.first(names)) is not None}
    resource = ("persistentvolume", CLAIM) if volumes else ("resource_id", NODE)
    key = (CLUSTER, _START, NODE, "namespace", "pod", CLAIM)
    kind = "volume" if volumes else "pod"
    names = [pa.scalar(kind), *(pc.fill_null(rows.text(name), "") for name in key)]
    return {
        **found,
        **{name: rows.constant(text) for name, text in _said(volumes).items()},
        "ResourceId": rows.first(resource),
        "ResourceName": rows.first((CLAIM,) if volumes else ("pod",)),
        "Tags": combined(rows, _LABELS, _tags),
        "x_AllocationKind": rows.constant("workload"),
        "x_UsageRow": pc.binary_join_element_wise(*names, "/").dictionary_encode(),
    }


def _said(volumes: bool) -> dict[str, str]:
    return {
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        "HostProviderName": "On-premises",
        "InvoiceIssuerName": "On-premises",
        "PricingCategory": "Standard",
        "ResourceType": "Volume" if volumes else "Pod",
        "ServiceCategory": "Storage" if volumes else "Compute",
        "ServiceName": "OpenShift",
        "ServiceProviderName": "OpenShift",
        "x_ProviderName": "OpenShift",
    }


def _tags(cells: Sequence[str | None]) -> str | None:
    """Join labels; one that cannot be read stays as it came."""
    found: dict[str, str] = {}
    for text in reversed(cells):
        read = pairs(text)
        if read is None:
            return text
        found |= read
    return orjson.dumps(found).decode() if found else None


def _money(costs: Costs, model: CostModel) -> dict[str, pa.Array]:
    parts = [costs.parts[name] for name in _MONEY if name in costs.parts]
    cost = total(parts, len(costs.wrong)).cast(pa.string())
    billed = pc.coalesce(costs.wrong, cost)
    text = {name: column.cast(pa.string()) for name, column in costs.parts.items()}
    currency = pa.repeat(pa.scalar(model.currency), len(billed)).dictionary_encode()
    return {**text, "BilledCost": billed, "EffectiveCost": billed, "BillingCurrency": currency}


def _note(model: CostModel, header: Sequence[str]) -> str:
    """What of the model has no price in this report nor in the other one."""
    tagged = [price.key for price in model.prices if price.metric == _NODE_COST and price.key]
    by_tag = (
        [] if "node_labels" in header or CLAIM in header else [f"{_NODE_COST} by {key}" for key in tagged]
    )
    return ", ".join(sorted([*model.unpriced(PRICED), *by_tag]))


def _rest(costs: Costs, model: CostModel) -> pa.Table | None:
    """Rows for what no pod took of its node, and for the cluster."""
    lines = [
        (cells[:3], cells[3], amount, "idle", "/".join(cell or "" for cell in ("node", *cells)))
        for cells, amount in costs.idle.items()
    ]
    lines += [
        (cells, None, amount, "shared", "/".join(cell or "" for cell in ("cluster", *cells)))
        for cells, amount in costs.shared.items()
    ]
    if not lines:
        return None
    spans, nodes, amounts, kinds, keys = zip(*lines, strict=True)
    clusters, starts, ends = zip(*spans, strict=True)
    names = {CLUSTER: clusters, NODE: nodes, _START: starts, _END: ends, SPAN[0]: starts, SPAN[1]: ends}
    rows = Rows(pa.table({name: pa.array(texts, pa.string()) for name, texts in names.items()}))
    money = pa.array(amounts, WIDE).cast(pa.string())
    own = Costs({"x_SharedCost": pa.array(amounts, WIDE)}, pa.nulls(len(lines), pa.string()))
    return pa.table(
        _named(rows, False)
        | _periods(rows)
        | _money(own, model)
        | {
            "BilledCost": money,
            "ResourceName": rows.text(NODE),
            "ResourceType": pa.array(["Node" if node else "Cluster" for node in nodes]),
            "x_AllocationKind": pa.array(kinds),
            "x_UsageRow": pa.array(keys),
        }
    )


def _joined(main: pa.Table, rest: pa.Table | None) -> pa.Table:
    if rest is None:
        return main
    like = pa.table({name: _like(rest.column(name), name, main) for name in rest.column_names})
    return pa.concat_tables([main, like], promote_options="default").unify_dictionaries().combine_chunks()


def _like(column: pa.ChunkedArray, name: str, main: pa.Table) -> pa.ChunkedArray:
    """Make a column plain or a dictionary, as the one it goes below is."""
    plain = column.cast(pa.string())
    held = main.schema.field(name).type if name in main.column_names else pa.string()
    return plain.dictionary_encode() if pa.types.is_dictionary(held) else plain


OPENSHIFT = Format(
    name="OpenShift usage report",
    delivery="appends",
    needed=_POD_NEEDED,
    fit=_fit,
    numeric=lambda name: name.endswith(_SECONDS),
    version=lambda _: "",
    to_focus=_without_prices,
    kind="allocation",
    row_key="x_UsageRow",
    priced=_priced,
)

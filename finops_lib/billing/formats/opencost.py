"""OpenCost and Kubecost allocation: what a cluster's workloads cost. Each window is a slice, added once.

An allocation explains the charge for a node, a disk or a load balancer that stands in the cloud's bill: it
is in no total. The report names no currency, and no provider of the machines.

Cost. ``totalCost`` is the report's own cost: CPU, GPU, RAM, volumes, network, load balancer, each with its
adjustment, and shared and external cost. Where a row has none, it is the exact sum of these. OpenCost
writes null for an amount that is no number, so a part that is null makes the sum unknown, not less.
``x_CostAdjustment`` is the sum of the adjustments, and the other parts are before adjustment. Costs of
idle time (``cpuCostIdle``) and of network zones (``networkInternetCost``) lie within their part.

Time. The charge period is when the allocation ran (``start`` to ``end``), cut to the window that was asked
for; where nothing of it is left, the window. The billing period is the month in which the window starts.

Account, sub-account and resource are cluster, namespace and the provider's id of the node. Labels are
tags; a label of the namespace counts where the workload has no label of that name. Details of single
volumes, load balancers and shares (``pvs``, ``lbAllocations`` ...) that come as columns for each key are
left out.

Source: OpenCost, ``core/pkg/opencost/allocation.go`` (TotalCost) and ``allocation_json.go``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.cells import EXACT, rounded
from finops_lib.billing.formats.base import Fit, Format, fit_needed
from finops_lib.billing.formats.rows import Rows
from finops_lib.billing.formats.translate import billing_month, combined, iso, kept, times

NEEDED = ("name", "window.start", "window.end", "cpuCost", "ramCost")
_LOW, _HIGH, _START, _END = "window.start", "window.end", "start", "end"
_TOTAL = "totalCost"
_RENAMED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "BillingAccountId": ("properties.cluster",),
        "ResourceId": ("properties.providerID",),
        "ResourceName": ("name",),
        "SubAccountId": ("properties.namespace",),
        "x_AllocationEnd": (_END,),
        "x_AllocationStart": (_START,),
        "x_Container": ("properties.container",),
        "x_Controller": ("properties.controller",),
        "x_ControllerKind": ("properties.controllerKind",),
        "x_CpuCoreHours": ("cpuCoreHours",),
        "x_CpuCost": ("cpuCost",),
        "x_ExternalCost": ("externalCost",),
        "x_GpuCost": ("gpuCost",),
        "x_GpuHours": ("gpuHours",),
        "x_LoadBalancerCost": ("loadBalancerCost",),
        "x_Minutes": ("minutes",),
        "x_NetworkCost": ("networkCost",),
        "x_Node": ("properties.node",),
        "x_PersistentVolumeCost": ("pvCost",),
        "x_Pod": ("properties.pod",),
        "x_RamCost": ("ramCost",),
        "x_SharedCost": ("sharedCost",),
        "x_WindowEnd": (_HIGH,),
        "x_WindowStart": (_LOW,),
    }
)
_PARTS = (
    "cpuCost",
    "gpuCost",
    "ramCost",
    "pvCost",
    "networkCost",
    "loadBalancerCost",
    "sharedCost",
    "externalCost",
)
_ADJUSTMENTS = tuple(f"{part}Adjustment" for part in _PARTS[:6])
_LABELS = ("properties.labels", "properties.namespaceLabels")
_USED = frozenset(name for names in _RENAMED.values() for name in names) | {
    *_PARTS,
    *_ADJUSTMENTS,
    *_LABELS,
    _TOTAL,
    "ramByteHours",
}
_NUMBERS = frozenset({*_PARTS, *_ADJUSTMENTS, _TOTAL, "minutes", "cpuCoreHours", "gpuHours", "ramByteHours"})
_BY_KEY = ("pvs.", "lbAllocations.", "proportionalAssetResourceCosts.", "sharedCostBreakdown.")
_KINDS = ("idle", "unmounted", "shared", "external", "unallocated")
_WORKLOAD = "workload"
_GIB = Decimal(2**30)
_LONGEST = 400


def allocation_kind(name: str) -> str:
    """What does an allocation of this name stand for: a workload, or what no workload took.

    Parameters
    ----------
    name : str
        For example ``web/api``, ``cluster-one/__idle__``.

    Returns
    -------
    str
        ``workload``, ``idle`` (paid and unused), ``unmounted`` (a volume or load balancer in no pod's
        use), ``shared``, ``external``, or ``unallocated`` (it lacks what the report is grouped by).

    Examples
    --------
    >>> allocation_kind("kube-system"), allocation_kind("cluster-one/__idle__")
    ('workload', 'idle')
    """
    parts = set(name.split("/"))
    return next((kind for kind in _KINDS if f"__{kind}__" in parts), _WORKLOAD)


def total(amounts: Sequence[str | None]) -> str | None:
    """How much are these amounts in all, exactly; one that is unknown makes the sum unknown.

    Parameters
    ----------
    amounts : sequence of str or None
        Text.

    Returns
    -------
    str or None
        Text that no one can read as a number where one of the amounts is none.

    Examples
    --------
    >>> total(["0.1", "0.2"]), total(["0.1", None]), total(["0.1", "NaN"])
    ('0.3', None, '0.1 and NaN')
    """
    known = [amount for amount in amounts if amount is not None]
    if len(known) < len(amounts) or not known:
        return None
    found = [number for amount in known if (number := _number(amount)) is not None]
    if len(found) < len(known):
        return " and ".join(known)
    whole = Decimal(0)
    for number in found:
        whole = EXACT.add(whole, number)
    return str(whole)


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text.replace("_", "x"))
    except InvalidOperation:
        return None
    readable = found.is_finite() and abs(found.adjusted()) <= _LONGEST and len(text) <= _LONGEST
    return found if readable else None


def _gib_hours(text: str) -> str:
    number = _number(text)
    return text if number is None else f"{rounded(EXACT.divide(number, _GIB)):f}"


def _tags(cells: Sequence[str | None]) -> str | None:
    """Join labels of workload and namespace; labels that are no object stay as they came."""
    own, namespace = cells
    if own is not None and _mapped(own) is None:
        return own
    labels = {**(_mapped(namespace) or {}), **(_mapped(own) or {})}
    return orjson.dumps(labels).decode() if labels else None


def _mapped(text: str | None) -> dict[str, str] | None:
    try:
        found = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        return None
    if not isinstance(found, dict):
        return None
    return {
        key: value if isinstance(value, str) else orjson.dumps(value).decode() for key, value in found.items()
    }


def _fit(header: Sequence[str]) -> Fit:
    return fit_needed(header, NEEDED)


def _to_focus(raw: pa.Table) -> pa.Table:
    rows = Rows(raw)
    columns = {
        name: found for name, sources in _RENAMED.items() if (found := rows.first(sources)) is not None
    }
    columns |= _constants(rows) | _times(rows) | _costs(rows, raw.column_names)
    columns["Tags"] = combined(rows, _LABELS, _tags)
    columns["x_AllocationKind"] = rows.looked_up("name", allocation_kind)
    by_key = {name for name in raw.column_names if name.startswith(_BY_KEY)}
    return pa.table(columns | kept(raw, used=_USED | by_key, taken=columns))


def _constants(rows: Rows) -> dict[str, pa.Array]:
    said = {
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        "InvoiceIssuerName": "OpenCost",
        "ServiceCategory": "Compute",
        "ServiceName": "Kubernetes",
        "ServiceProviderName": "Kubernetes",
        "x_ProviderName": "Kubernetes",
    }
    return {name: rows.constant(text) for name, text in said.items()}


def _times(rows: Rows) -> dict[str, pa.Array]:
    """Cut start and end to the window; what cannot be read stays, so that the row is set aside."""
    start, end, opens, closes = (times(rows, name) for name in (_START, _END, _LOW, _HIGH))
    first = pc.if_else(_true(pc.less(start, opens)), opens, pc.coalesce(start, opens))
    last = pc.if_else(_true(pc.greater(end, closes)), closes, pc.coalesce(end, closes))
    nothing = _true(pc.less_equal(last, first))
    first, last = pc.if_else(nothing, opens, first), pc.if_else(nothing, closes, last)
    low, high = (_strange(rows, name, found) for name, found in ((_LOW, opens), (_HIGH, closes)))
    window = (pc.coalesce(iso(opens), low, ""), pc.coalesce(iso(closes), high, ""))
    return {
        **billing_month(rows, _LOW),
        "ChargePeriodStart": pc.coalesce(low, _strange(rows, _START, start), iso(first)).dictionary_encode(),
        "ChargePeriodEnd": pc.coalesce(high, _strange(rows, _END, end), iso(last)).dictionary_encode(),
        "x_Slice": pc.binary_join_element_wise(*window, "/").dictionary_encode(),
    }


def _true(found: pa.Array) -> pa.Array:
    return pc.fill_null(found, fill_value=False)


def _strange(rows: Rows, name: str, found: pa.Array) -> pa.Array:
    """Text that names no moment; null where it does, or is null."""
    return pc.if_else(pc.is_null(found), rows.text(name), pa.scalar(None, pa.string()))


def _costs(rows: Rows, present: Sequence[str]) -> dict[str, pa.Array]:
    cost = rows.text(_TOTAL)
    if cost.null_count:
        parts = [name for name in (*_PARTS, *_ADJUSTMENTS) if name in present]
        cost = pc.coalesce(cost, combined(rows, parts, total).dictionary_decode())
    adjustments = [name for name in _ADJUSTMENTS if name in present]
    return {
        "BilledCost": cost,
        "EffectiveCost": cost,
        "x_CostAdjustment": combined(rows, adjustments, total),
        "x_RamGibHours": rows.looked_up("ramByteHours", _gib_hours),
    }


OPENCOST = Format(
    name="OpenCost allocation",
    delivery="appends",
    needed=NEEDED,
    fit=_fit,
    numeric=lambda name: name in _NUMBERS,
    version=lambda _: "",
    to_focus=_to_focus,
    kind="allocation",
)

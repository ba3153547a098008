"""Machines of one's own: an inventory priced month by month with a rate card. Overwrites its months.

The inventory is CSV with one row a machine:

- ``MachineId``, ``AcquisitionCost`` in ``Currency`` (ISO 4217), ``AcquisitionDate`` (YYYY-MM-DD), and
  ``LifeMonths``, the months over which the machine is written off;
- where they apply ``ResidualValue`` (none is zero), ``PowerWatts`` (average draw), ``RackUnits``,
  ``Licences`` (``windows:16|vsphere:2``, a count each), ``StaffHoursMonth`` and ``DecommissionDate``, the
  first day on which the machine does not run. An empty cell makes no charge, a zero one of nothing;
- ``Name``, ``Kind`` (as in ``server``), ``Site``, ``SiteOwner`` (the provider; else ``On-premises``), and
  tags as ``tag:KEY`` columns or a JSON object in ``Tags``. Other columns are kept.

The rate card (``--rates``) is described in ``finops_lib.billing.rates_onprem``. Every machine has one charge
a component in every month that the card covers and the machine runs in; a month without the rate of one that
it needs refuses the file. With ``share`` for the days in service over the days of the month:

- depreciation, straight-line, from the acquisition to the end of life: (cost - residual) / life for a month,
  by the day in the first and last one. Each month is the difference of what is written off at its end and
  at its start, both to the cent, so that a life adds up to cost - residual exactly;
- write-off: what is left when a machine is decommissioned before the end of its life;
- power: watts / 1000 x 24 h x days in service x ``pue`` x ``power_kwh``;
- space: rack units x ``space_rack_unit_month`` x share; staff: hours x ``staff_hour`` x share;
- licences: count x ``licence:NAME``, a whole month also where the machine ran for a part of it.

By FOCUS, what a machine takes while it runs is Usage, a licence bought by the month a recurring Purchase and
a write-off an Adjustment. Billed, effective and contracted cost are the month's cost; own machines have no
list price, so that list cost is unknown. Days are those of UTC. A site is a billing account, a component
what is priced (``SkuId``). A machine whose
row cannot be read is set aside whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from finops_lib.billing.formats.base import Fit, Format, fit_needed
from finops_lib.billing.formats.rate_card.machines import Charge, Machine, OddCellError, charges
from finops_lib.billing.formats.rows import Rows
from finops_lib.billing.formats.translate import kept, tags_in_columns
from finops_lib.billing.rates_onprem import RateCard
from finops_lib.errors import RefusedDeliveryError, UnreadableBillError

NEEDED = ("MachineId", "AcquisitionCost", "AcquisitionDate", "LifeMonths", "Currency")
_NUMBERS = frozenset(
    {"AcquisitionCost", "LifeMonths", "ResidualValue", "PowerWatts", "RackUnits", "StaffHoursMonth"}
)
_TEXTS = ("MachineId", "Name", "Kind", "Site", "SiteOwner", "Tags")
_COSTS = ("BilledCost", "EffectiveCost", "ContractedCost", "PricingCurrencyEffectiveCost")
_OWN = "On-premises"
_TAG = "tag:"
_CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("storage", "array", "nas", "san", "tape"), "Storage"),
        **dict.fromkeys(("switch", "router", "firewall", "network", "load balancer"), "Networking"),
    }
)


def _without_prices(raw: pa.Table) -> pa.Table:
    raise UnreadableBillError(
        f"an inventory of {raw.num_rows} machines",
        "an inventory has no prices",
        "give the rate card with --rates FILE",
    )


def _priced(path: Path) -> Callable[[pa.Table], pa.Table]:
    """Read the rate card; the function that comes back remembers the machines of one ingest."""
    card = RateCard.load(path)
    seen: set[str] = set()

    def to_focus(raw: pa.Table) -> pa.Table:
        tags = {name: name.removeprefix(_TAG) for name in raw.column_names if name.startswith(_TAG)}
        rows = Rows(raw)
        tagged = tags_in_columns(rows, tags)
        lines = raw.to_pylist()
        if tagged is not None:
            both = zip(lines, tagged.to_pylist(), strict=True)
            lines = [{**line, "Tags": line.get("Tags") or told} for line, told in both]
        made: list[dict[str, str | None]] = []
        origin: list[int] = []
        for place, line in enumerate(lines):
            for charge in _of_machine(line, card, seen):
                made.append(charge)
                origin.append(place)
        if lines and not made:
            raise RefusedDeliveryError(
                f"an inventory of {len(lines)} machines",
                f"none is in service from {card.months[0]} to {card.months[-1]}, which the rate card covers",
                "give a rate card for the months in which they run",
            )
        return _table(made, _kept(raw, tags).take(pa.array(origin, pa.int64())))

    return to_focus


def _refuse_again(machine: str, seen: set[str]) -> None:
    if machine in seen:
        raise RefusedDeliveryError(
            f"machine {machine!r}", "an inventory has one row a machine", "take one of its rows out"
        )
    seen.add(machine)


def _of_machine(
    line: Mapping[str, str | None], card: RateCard, seen: set[str]
) -> Iterator[dict[str, str | None]]:
    said = _said(line)
    try:
        machine = Machine.read(line)
    except OddCellError as error:
        yield {**said, "BilledCost": str(error), "BillingCurrency": line.get("Currency")}
        return
    _refuse_again(machine.id, seen)
    for month in card.months:
        for charge in charges(machine, card, month=month):
            yield {**said, **_charged(charge, line.get("Kind"))}


def _said(line: Mapping[str, str | None]) -> dict[str, str | None]:
    """What every charge of a machine says."""
    owner, site = line.get("SiteOwner") or _OWN, line.get("Site")
    kind = line.get("Kind") or "server"
    category = _CATEGORIES.get(kind.lower(), "Compute")
    return {
        **dict.fromkeys(
            ("ServiceProviderName", "HostProviderName", "InvoiceIssuerName", "x_ProviderName"), owner
        ),
        "BillingAccountId": site or _OWN,
        "BillingAccountName": site,
        "BillingAccountType": "Site",
        "PricingCategory": "Standard",
        "RegionId": site,
        "RegionName": site,
        "ResourceId": line.get("MachineId"),
        "ResourceName": line.get("Name"),
        "ResourceType": kind,
        "ServiceCategory": category,
        "ServiceSubcategory": f"Other ({category})",
        "Tags": line.get("Tags"),
    }


def _charged(charge: Charge, kind: str | None) -> dict[str, str | None]:
    cost = f"{charge.cost:f}"
    quantity, price = (None if item is None else f"{item:f}" for item in (charge.quantity, charge.unit_price))
    used = charge.category == "Usage"
    word = charge.component.partition(":")[0]
    return {
        **dict.fromkeys(_COSTS, cost),
        **dict.fromkeys(("BillingCurrency", "PricingCurrency"), charge.currency),
        "BillingPeriodEnd": _iso(charge.month.end),
        "BillingPeriodStart": _iso(charge.month.start),
        "ChargeCategory": charge.category,
        "ChargeDescription": f"{kind or 'server'} {charge.component}",
        "ChargeFrequency": charge.frequency,
        "ChargePeriodEnd": _iso(charge.end),
        "ChargePeriodStart": _iso(charge.start),
        "ConsumedQuantity": quantity if used else None,
        "ConsumedUnit": charge.unit if used else None,
        "ContractedUnitPrice": price,
        "PricingQuantity": quantity,
        "PricingUnit": charge.unit,
        "ServiceName": f"{(kind or 'server').capitalize()} {word}",
        **dict.fromkeys(("SkuId", "SkuMeter"), charge.component),
    }


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _kept(raw: pa.Table, tags: Collection[str]) -> pa.Table:
    """Columns of the inventory that no charge says in FOCUS words, under ``x_`` and their name."""
    found = kept(raw, used={*_TEXTS, "Currency", *tags}, taken={"x_ProviderName"})
    return pa.table(found) if found else raw.select([])


def _table(made: Sequence[Mapping[str, str | None]], beside: pa.Table) -> pa.Table:
    names = dict.fromkeys(name for line in made for name in line)
    columns = {
        name: pa.array([line.get(name) for line in made], pa.string()).dictionary_encode() for name in names
    }
    return pa.table({**columns, **{name: beside.column(name) for name in beside.column_names}})


def _fit(header: Sequence[str]) -> Fit:
    return fit_needed(header, NEEDED)


RATE_CARD = Format(
    name="machine inventory",
    delivery="overwrites",
    needed=NEEDED,
    fit=_fit,
    numeric=lambda name: name in _NUMBERS,
    version=lambda _: "",
    to_focus=_without_prices,
    priced=_priced,
    several=True,
)

"""The company's Azure bill: a Microsoft Customer Agreement's cost details, actual and amortised.

Columns and their order are those of schema version 2021-10-01, with ``provider`` at the end. The actual view
has the monthly purchase of the reservation and its usage at no cost; the amortised one has no purchase,
usage at the reservation's rate, and rows for what was not used.

Source: Microsoft, cost and usage details file schema of the Microsoft Customer Agreement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from finops_lib.estate.calendar import Month, day_number
from finops_lib.estate.catalogue import price_micro
from finops_lib.estate.company import NAME, Slot
from finops_lib.estate.fees import CENT
from finops_lib.estate.others import ledger, meters
from finops_lib.estate.others.files import american, csv_text, json_text, number, write_gzip
from finops_lib.estate.others.fleet import Fleet, Use, anomaly, month_before, note, uses
from finops_lib.estate.others.ledger import Ledger
from finops_lib.estate.others.ranges import Ranges, drawn
from finops_lib.estate.truth import dollars
from finops_lib.records import Period

ACTUAL, AMORTIZED = "azure", "azure-amortized"
COST = "costInBillingCurrency"
COLUMNS = tuple(
    "invoiceId previousInvoiceId billingAccountId billingAccountName billingProfileId billingProfileName "
    "invoiceSectionId invoiceSectionName resellerName resellerMpnId costCenter billingPeriodEndDate "
    "billingPeriodStartDate servicePeriodEndDate servicePeriodStartDate date serviceFamily productOrderId "
    "productOrderName consumedService meterId meterName meterCategory meterSubCategory meterRegion ProductId "
    "ProductName SubscriptionId subscriptionName publisherType publisherId publisherName resourceGroupName "
    "ResourceId resourceLocation location effectivePrice quantity unitOfMeasure chargeType billingCurrency "
    "pricingCurrency costInBillingCurrency costInPricingCurrency costInUsd paygCostInBillingCurrency "
    "paygCostInUsd exchangeRatePricingToBilling exchangeRateDate isAzureCreditEligible serviceInfo1 "
    "serviceInfo2 additionalInfo tags PayGPrice frequency term reservationId reservationName pricingModel "
    "unitPrice costAllocationRuleName benefitId benefitName provider".split()
)
AMORTIZED_MONTHS_AGO = 2
_RESERVED = "d4s"
_HOURS_BILLED = 730  # a twelfth of a year, whatever the month
_DAY_HOURS = 24 * 10_000
Row = dict[str, str]


@dataclass(frozen=True)
class Reservation:
    """A reservation of virtual machines for one year, paid monthly; the rate is micro-dollars an hour."""

    start: Period
    count: int
    rate_micro: int
    id: str
    order: str
    name: str

    def holds(self, month: Month) -> bool:
        """Say whether the year covers this month.

        Parameters
        ----------
        month : Month
            The month.

        Returns
        -------
        bool
        """
        return self.start.start <= month.period.start

    @property
    def monthly(self) -> int:
        """Price of a month, 1e-10 dollars."""
        return self.count * self.rate_micro * _HOURS_BILLED * 10_000


@dataclass
class _Bill:
    """A view while it is written."""

    who: Fleet
    reservation: Reservation
    ranges: Ranges
    amortized: bool = False
    ledger: Ledger = field(default_factory=Ledger)


def write_azure(folder: Path, who: Fleet, *, span: tuple[Month, ...], ranges: Ranges) -> dict[str, Any]:
    """Write ``azure/<YYYY-MM>/`` for all months and ``azure-amortized/<YYYY-MM>/`` for one of them.

    Parameters
    ----------
    folder : Path
        Where to.
    who : Fleet
        The resources.
    span : tuple of Month
        Oldest first.
    ranges : Ranges
        Bounds of what is planted.

    Returns
    -------
    dict
        The truth of both views.
    """
    bought = reservation(who, ranges)
    actual, amortized = _Bill(who, bought, ranges), _Bill(who, bought, ranges, amortized=True)
    label = month_before(AMORTIZED_MONTHS_AGO).label
    for month in span:
        _write(folder, ACTUAL, month, actual)
        if month.label == label:
            _write(folder, AMORTIZED, month, amortized)
    return _told(actual, amortized, span)


def reservation(who: Fleet, ranges: Ranges) -> Reservation:
    """Which reservation was bought: the machines that are always there, and some too many.

    Parameters
    ----------
    who : Fleet
        The resources.
    ranges : Ranges
        Its bounds.

    Returns
    -------
    Reservation
    """
    rng = who.rng(3)
    start, spare = month_before(drawn(rng, ranges.commitment_ago_months)), drawn(rng, ranges.commitment_spare)
    day = day_number(start.start.date())
    machines = [slot for slot in who.slots if slot.product.key == _RESERVED and slot.first_day <= day]
    item, region = machines[0].product, machines[0].region
    rate = price_micro(item, region) * item.plan_percent // 100
    ids = (meters.guid(f"reservation/{who.seed}"), meters.guid(f"order/{who.seed}"))
    return Reservation(start, len(machines) + spare, rate, *ids, f"VM_RI_{start.start:%m-%d-%Y}_09-14")


def _write(folder: Path, name: str, month: Month, bill: _Bill) -> None:
    file = f"{name}/{month.label}/part_0_0001.csv.gz"
    rows = []
    total = 0
    for row, kind, cost in _rows(month, bill):
        total += cost
        _keep(bill, month, file, (row, kind, cost))
        rows.append(row)
    if not month.open:
        rounding = round(total, -8) - total
        row = _charge(month, bill, rounding) | {"chargeType": "RoundingAdjustment", "frequency": "OneTime"}
        _keep(bill, month, file, (row, ledger.ROUNDING, rounding))
        rows.append(row)
    write_gzip(folder / file, csv_text(COLUMNS, rows))


def _keep(bill: _Bill, month: Month, file: str, what: tuple[Row, str, int]) -> None:
    row, kind, cost = what
    bill.ledger.add(month.label, file, cost, service=row.get("meterCategory", ""), kind=kind)


def _rows(month: Month, bill: _Bill) -> Iterator[tuple[Row, str, int]]:
    bought = bill.reservation
    if bought.holds(month) and not bill.amortized:
        yield _purchase(month, bill), ledger.PURCHASE, bought.monthly
    for day, group in groupby(uses(bill.who, month), key=lambda use: use.day):
        left = bought.count * _DAY_HOURS if bought.holds(month) else 0
        for use in group:
            covered = min(left, use.quantity) if use.slot.product.key == _RESERVED else 0
            left -= covered
            yield from _usage(month, bill, use, covered)
            note(bill.ledger, month.label, use, who=bill.who)
        if left and bill.amortized:
            yield _unused(month, bill, day, left), ledger.UNUSED, left * bought.rate_micro
    yield from _refund(month, bill)


def _usage(month: Month, bill: _Bill, use: Use, covered: int) -> Iterator[tuple[Row, str, int]]:
    listed = price_micro(use.slot.product, use.slot.region)
    contract = listed * use.slot.product.contract_percent // 100
    row = _resource(month, bill, use)
    if use.quantity > covered:
        rest = use.quantity - covered
        yield row | _money(rest * contract, contract, rest, listed), ledger.USAGE, rest * contract
    if covered:
        rate = bill.reservation.rate_micro if bill.amortized else 0
        held = _money(covered * rate, rate, covered, listed) | _reserved(bill.reservation)
        yield row | held | {"unitPrice": number(contract, 6)}, ledger.USAGE, covered * rate


def _money(cost: int, price: int, quantity: int, listed: int) -> Row:
    """Say what a quantity costs: at the price in force and at the market price, micro-dollars a unit."""
    paid, market = number(cost), number(quantity * listed)
    return {
        "quantity": number(quantity, 4), "effectivePrice": number(price, 6), "unitPrice": number(price, 6),
        "PayGPrice": number(listed, 6), COST: paid, "costInPricingCurrency": paid, "costInUsd": paid,
        "paygCostInBillingCurrency": market, "paygCostInUsd": market,
    }  # fmt: skip


def _charge(month: Month, bill: _Bill, cost: int) -> Row:
    """Say what all rows of a month have in common."""
    first = day_number(month.period.start.date())
    start, end = american(first), american(first + month.period.days - 1)
    payer = f"{meters.guid('billing')}:{meters.guid('agreement')}_2019-05-31"
    row = {
        "invoiceId": invoice(bill.who.seed, month), "billingAccountId": payer, "billingAccountName": NAME,
        "billingProfileId": "LF7K-2QXD-BG7-PGB", "billingProfileName": NAME,
        "invoiceSectionId": "H3PV-LFIS-PJA-PGB", "invoiceSectionName": "Logistics",
        "billingPeriodEndDate": end, "billingPeriodStartDate": start, "servicePeriodEndDate": end,
        "servicePeriodStartDate": start, "date": end, "exchangeRateDate": start,
        "exchangeRatePricingToBilling": "1", "billingCurrency": "USD", "pricingCurrency": "USD",
        "publisherType": "Microsoft", "publisherName": "Microsoft", "isAzureCreditEligible": "True",
        "provider": "Azure", "frequency": "UsageBased", "pricingModel": "OnDemand",
    }  # fmt: skip
    return row | _money(cost, 0, 0, 0) | {"effectivePrice": "", "unitPrice": "", "PayGPrice": ""}


def invoice(seed: int, month: Month) -> str:
    """Which number does the invoice of a month have; none while the month is open.

    Parameters
    ----------
    seed : int
        The company's seed.
    month : Month
        The month.

    Returns
    -------
    str
    """
    return "" if month.open else f"E{7_000_000_000 + 7919 * month.ordinal + seed % 1000:010d}"[:11]


def _resource(month: Month, bill: _Bill, use: Use) -> Row:
    slot, item = use.slot, use.slot.product
    name = bill.who.resource(slot)
    group = f"rg-{slot.account.key}-{item.service.code.rpartition('.')[2].lower()}"
    # The same group is written in either case, as resource providers do.
    group = group.upper() if (slot.number + use.day) % 4 == 0 else group
    path = f"/subscriptions/{slot.account.id}/resourceGroups/{group}/providers/{item.service.code}"
    vm = {"UsageType": "ComputeHR", "ServiceType": item.instance, "VMName": name}
    return _charge(month, bill, 0) | _meter(slot) | {
        "date": american(use.day), "resourceGroupName": group, "ResourceId": f"{path}/{item.family}/{name}",
        "chargeType": "Usage", "tags": _tags(slot), "additionalInfo": json_text(vm) if item.instance else "",
    }  # fmt: skip


def _meter(slot: Slot) -> Row:
    item, region = slot.product, slot.region
    return {
        "SubscriptionId": slot.account.id, "subscriptionName": slot.account.name,
        "serviceFamily": item.service.category, "consumedService": item.service.code,
        "meterId": meters.guid(f"{item.key}/{region.id}"), "meterName": item.usage_type,
        "meterCategory": item.service.name, "meterSubCategory": item.service.subcategory,
        "meterRegion": region.name, "ProductId": f"DZH318Z0{meters.digits(item.key, 8).upper()}",
        "ProductName": f"{item.operation} - {region.name}", "productOrderName": "Azure plan",
        "productOrderId": meters.guid("plan"), "resourceLocation": region.id, "location": region.name,
        "unitOfMeasure": item.unit,
    }  # fmt: skip


def _tags(slot: Slot) -> str:
    """Write the tags as JSON; for every third resource without the outer braces."""
    if not slot.tags:
        return ""
    text = json_text(dict(slot.tags))
    return text[1:-1] if slot.number % 3 == 0 else text


def _reserved(bought: Reservation) -> Row:
    return {
        "reservationId": bought.id, "reservationName": bought.name, "pricingModel": "Reservation",
        "term": "12",
    }  # fmt: skip


def _order(month: Month, bill: _Bill, cost: int) -> Row:
    slot = next(slot for slot in bill.who.slots if slot.product.key == _RESERVED)
    bought = bill.reservation
    name = f"Reserved VM Instance, {slot.product.instance}, {slot.region.name}, 1 Year"
    return _charge(month, bill, cost) | _meter(slot) | _reserved(bought) | {
        "consumedService": "Microsoft.Capacity", "productOrderId": bought.order, "productOrderName": name,
        "ProductName": name, "ResourceId":
        f"/providers/Microsoft.Capacity/reservationOrders/{bought.order}/reservations/{bought.id}",
    }  # fmt: skip


def _purchase(month: Month, bill: _Bill) -> Row:
    bought = bill.reservation
    each = number(bought.monthly // bought.count)
    return _order(month, bill, bought.monthly) | {
        "chargeType": "Purchase", "frequency": "Recurring", "quantity": str(bought.count), "unitPrice": each,
        "effectivePrice": each, "unitOfMeasure": "1", "isAzureCreditEligible": "False",
        "date": american(day_number(month.period.start.date())),
    }  # fmt: skip


def _unused(month: Month, bill: _Bill, day: int, left: int) -> Row:
    rate = bill.reservation.rate_micro
    row = _order(month, bill, 0) | _money(left * rate, rate, left, 0)
    return row | {"chargeType": "UnusedReservation", "date": american(day), "PayGPrice": ""}


def _refund(month: Month, bill: _Bill) -> Iterator[tuple[Row, str, int]]:
    rng = bill.who.rng(4)
    cents, billed_in = drawn(rng, bill.ranges.refund_cents), drawn(rng, bill.ranges.refund_ago_months)
    if month.label != month_before(billed_in).label:
        return
    earlier = Month(month_before(billed_in + 2), month.period.start, month.step_hours)
    use = Use(bill.who.core, day_number(earlier.period.start.date()) + 9, 0, 0)
    row = _resource(month, bill, use) | _money(-cents * CENT, 0, 0, 0) | {
        "chargeType": "Refund", "frequency": "OneTime", "previousInvoiceId": invoice(bill.who.seed, earlier),
        "date": american(day_number(month.period.start.date()) + 4),
    }  # fmt: skip
    yield row, ledger.CORRECTION, -cents * CENT


def _told(actual: _Bill, amortized: _Bill, span: tuple[Month, ...]) -> dict[str, Any]:
    bought, who = actual.reservation, actual.who
    found = actual.ledger
    bought_in = [month.label for month in span if bought.holds(month)]
    return {
        "folder": ACTUAL, "cost_column": COST, "currency": "USD", **found.told(),
        "accounts": {item.id: item.name for item in meters.accounts("azure")},
        "anomaly": anomaly(who, found.extra), "waste": {"resource": who.resource(who.waste)},
        "commitment": {
            "id": bought.id, "count": bought.count, "months": bought_in, "monthly": dollars(bought.monthly),
            "hourly_rate": number(bought.rate_micro, 6),
        },
        "amortized": {"folder": AMORTIZED, **amortized.ledger.told()},
    }  # fmt: skip

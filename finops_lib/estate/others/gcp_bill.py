"""The company's Google Cloud bill: rows of the detailed usage cost export to BigQuery, as JSON lines.

A row is a day of a resource. Its month of invoice is not always the month of use, its credits stand beside
its cost, and it is ready the next day, or two days later. A file has what was exported on one day: all that
became ready since the export before.

Source: Google Cloud Billing, schema of the detailed usage cost data export.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finops_lib.estate.calendar import UNTIL, Month, day_number, day_of
from finops_lib.estate.catalogue import price_micro
from finops_lib.estate.company import Slot
from finops_lib.estate.fees import CENT
from finops_lib.estate.others import ledger, meters
from finops_lib.estate.others.files import json_number, json_text, moment, write_gzip
from finops_lib.estate.others.fleet import Fleet, Use, anomaly, month_before, note, uses
from finops_lib.estate.others.ledger import Ledger
from finops_lib.estate.others.ranges import Ranges, drawn
from finops_lib.estate.truth import dollars
from finops_lib.records import Period

FOLDER, COST = "gcp", "cost"
ACCOUNT = "01F4A7-3C90D2-5BE118"
_COMMITTED = "n2"
_DAY_HOURS = 24 * 10_000
_UNITS = {"hour": 3600, "gibibyte month": 2**30 * 2_628_000, "gibibyte": 2**30, "tebibyte": 2**40}
_SUSTAINED = ("Sustained Usage Discount", "SUSTAINED_USAGE_DISCOUNT")
_COVERED = ("Committed Usage Discount: CPU", "COMMITTED_USAGE_DISCOUNT")
_PROMOTION = ("Promotional credit: freight start", "PROMOTION")
Row = dict[str, Any]


@dataclass(frozen=True)
class Commitment:
    """A commitment of cores for one year; the rate is micro-dollars for an hour of one core."""

    start: Period
    cores: int
    rate_micro: int
    id: str

    @property
    def daily(self) -> int:
        """Fee of a day, 1e-10 dollars."""
        return self.cores * self.rate_micro * _DAY_HOURS


@dataclass
class _Bill:
    """The rows while they are gathered: by day of export, each with its month of invoice and its sums."""

    who: Fleet
    commitment: Commitment
    ranges: Ranges
    rows: dict[int, list[tuple[Row, str, int]]] = field(default_factory=lambda: defaultdict(list))
    net: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    pools: dict[str, int] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)

    def put(self, ready: int, row: Row, kind: str, cost: int) -> bool:
        """Keep a row that is ready on this day; say whether it was exported before the end."""
        last = day_number(UNTIL.date()) - 1
        if ready > last:
            return False
        day = last - (last - ready) // self.ranges.export_days * self.ranges.export_days
        stamp = moment(day, 15_000 + 60 * (len(self.rows[day]) // 500))
        row["export_time"] = f"{stamp:%Y-%m-%d %H:%M:%S} UTC"
        given = sum(credit["units"] for credit in row["credits"])
        self.net[row["invoice"]["month"]] += cost + given
        self.rows[day].append((row, kind, cost))
        return True


def write_gcp(folder: Path, who: Fleet, *, span: tuple[Month, ...], ranges: Ranges) -> dict[str, Any]:
    """Write ``gcp/export-<YYYY-MM-DD>.json.gz``, one file for each day of export.

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
        The truth; months are months of invoice.
    """
    bill = _Bill(who, commitment(who, ranges), ranges)
    cents = drawn(who.rng(5), ranges.promotion_cents)
    bill.pools = {month.label: cents * CENT for month in span[: ranges.promotion_months]}
    for month in span:
        _month(bill, month)
    for month in span:
        _close(bill, month)
    _write(folder, bill)
    return _told(bill, span)


def commitment(who: Fleet, ranges: Ranges) -> Commitment:
    """Which commitment was bought: the cores that are always there, and those of some machines too many.

    Parameters
    ----------
    who : Fleet
        The resources.
    ranges : Ranges
        Its bounds.

    Returns
    -------
    Commitment
    """
    rng = who.rng(3)
    start, spare = month_before(drawn(rng, ranges.commitment_ago_months)), drawn(rng, ranges.commitment_spare)
    day = day_number(start.start.date())
    machines = [slot for slot in who.slots if slot.product.key == _COMMITTED and slot.first_day <= day]
    item = machines[0].product
    rate = price_micro(item, machines[0].region) * item.plan_percent // 100
    cores = (len(machines) + spare) * item.volume // 10_000
    return Commitment(start, cores, rate, meters.guid(f"cud/{who.seed}"))


def _month(bill: _Bill, month: Month) -> None:
    day, left = -1, 0
    held = bill.commitment.start.start <= month.period.start
    late = bill.who.rng(6, month.ordinal)
    last, after = day_number(month.period.end.date()) - 1, Period.month(f"{month.period.end:%Y-%m}")
    for use in uses(bill.who, month, thin=False):
        if use.day != day:
            day, left = use.day, bill.commitment.cores * _DAY_HOURS if held else 0
            if held:
                bill.put(day + 1, _fee(bill, month, day), ledger.PURCHASE, bill.commitment.daily)
        covered = min(left, use.quantity) if use.slot.product.key == _COMMITTED else 0
        left -= covered
        # Some use of a month's last day comes on the next invoice.
        period = after if use.day == last and use.slot.number % 3 == 0 else month.period
        row = _usage(bill, use, covered, period)
        days = 3 if int(late.integers(0, 100)) < bill.ranges.late_percent else 1
        if bill.put(day + days, row, ledger.USAGE, use.cost):
            note(bill.ledger, month.label, use, who=bill.who)
    _adjust(bill, month)


def _usage(bill: _Bill, use: Use, covered: int, period: Period) -> Row:
    slot, item = use.slot, use.slot.product
    price = price_micro(item, slot.region)
    row = _row(use.day, period) | _place(slot) | {
        "sku": {"id": item.operation, "description": item.usage_type},
        "labels": _labels(slot), "system_labels": _machine(slot), COST: json_number(use.cost),
        "usage": _amount(slot, use.quantity), "resource": _resource(bill.who, slot),
        "price": {"effective_price": json_number(price, 6), "tier_start_amount": 0, "unit": item.unit,
                  "pricing_unit_quantity": 1},
        "cost_at_list": json_number(use.cost),
    }  # fmt: skip
    row["credits"] = list(_credits(bill, use, covered, period))
    return row


def _credits(bill: _Bill, use: Use, covered: int, period: Period) -> Iterator[Row]:
    price = price_micro(use.slot.product, use.slot.region)
    left = use.cost
    if covered:
        yield _credit(_COVERED, covered * price, bill.commitment.id)
        left -= covered * price
    rest = (use.quantity - covered) * price * bill.ranges.sustained_percent // 100
    if use.slot.product.key == _COMMITTED and rest:
        yield _credit(_SUSTAINED, rest, "")
        left -= rest
    given = min(left, bill.pools.get(period.label, 0))
    if given:
        bill.pools[period.label] -= given
        yield _credit(_PROMOTION, given, f"LF-{period.label}")


def _credit(words: tuple[str, str], amount: int, key: str) -> Row:
    name, kind = words
    return {
        "name": name, "amount": json_number(-amount), "full_name": name, "id": key or name, "type": kind,
        "units": -amount,
    }  # fmt: skip


def _row(day: int, period: Period) -> Row:
    return {
        "billing_account_id": ACCOUNT, "service": {}, "sku": {},
        "usage_start_time": f"{day_of(day)} 00:00:00 UTC",
        "usage_end_time": f"{day_of(day + 1)} 00:00:00 UTC",
        "project": {}, "labels": [], "system_labels": [], "location": {}, "tags": [],
        "transaction_type": "GOOGLE", "seller_name": "Google", "export_time": "", COST: 0, "currency": "USD",
        "currency_conversion_rate": 1, "usage": {}, "credits": [],
        "invoice": {"month": period.label.replace("-", ""), "publisher_type": "GOOGLE"},
        "cost_type": "regular",
    }  # fmt: skip


def _place(slot: Slot) -> Row:
    owner, region = slot.account, slot.region
    number = str(int(meters.digits(owner.id, 9), 16) + 10**10)
    return {
        "service": {"id": slot.product.service.code, "description": slot.product.service.name},
        "project": {
            "id": owner.id, "number": number, "name": owner.name,
            "labels": [{"key": "environment", "value": owner.environment}],
            "ancestry_numbers": "/481516234/108152342/",
            "ancestors": [{"resource_name": f"projects/{number}", "display_name": owner.name}],
        },
        "location": {"location": region.id, "country": "BE" if region.name == "Belgium" else "NL",
                     "region": region.id, "zone": f"{region.id}-b"},
    }  # fmt: skip


def _labels(slot: Slot) -> list[Row]:
    """Write tags as Google lets them be: lower case, letters, digits, dashes and underscores."""
    found = {_label(key): _label(value)[:63] for key, value in slot.tags.items()}
    return [{"key": key, "value": found[key]} for key in sorted(found)]


def _label(text: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in text.strip().lower())


def _machine(slot: Slot) -> list[Row]:
    if not slot.product.instance:
        return []
    cores = slot.product.instance.rpartition("-")[2]
    return [
        {"key": "compute.googleapis.com/cores", "value": cores},
        {"key": "compute.googleapis.com/machine_spec", "value": slot.product.instance},
    ]


def _amount(slot: Slot, quantity: int) -> Row:
    """Say how much was used, in units of use and in units of the price."""
    item = slot.product
    return {
        "amount": quantity * _UNITS.get(item.unit, 1) // 10_000, "unit": item.family,
        "amount_in_pricing_units": json_number(quantity, 4), "pricing_unit": item.unit,
    }  # fmt: skip


def _resource(who: Fleet, slot: Slot) -> Row:
    name = who.resource(slot)
    host = slot.product.service.name.split()[-1].lower() if slot.product.key != _COMMITTED else "compute"
    path = f"projects/{slot.account.id}/zones/{slot.region.id}-b/instances/{name}"
    return {"name": name, "global_name": f"//{host}.googleapis.com/{path}"}


def _fee(bill: _Bill, month: Month, day: int) -> Row:
    slot = next(slot for slot in bill.who.slots if slot.product.key == _COMMITTED)
    cores = bill.commitment.cores * _DAY_HOURS
    return _row(day, month.period) | _place(slot) | {
        "sku": {"id": "DD92-4D63-3B07", "description": "Commitment v1: N2 Cpu in Belgium for 1 Year"},
        COST: json_number(bill.commitment.daily), "cost_at_list": json_number(bill.commitment.daily),
        "usage": _amount(slot, cores), "subscription": {"instance_id": bill.commitment.id},
    }  # fmt: skip


def _adjust(bill: _Bill, month: Month) -> None:
    """Give money back for use of two months earlier, on the invoice of this month."""
    rng = bill.who.rng(4)
    cents, billed_in = drawn(rng, bill.ranges.refund_cents), drawn(rng, bill.ranges.refund_ago_months)
    if month.label != month_before(billed_in).label:
        return
    slot, cost = bill.who.core, -cents * CENT
    day = day_number(month_before(billed_in + 2).start.date()) + 11
    row = _row(day, month.period) | _place(slot) | {
        "sku": {"id": slot.product.operation, "description": slot.product.usage_type},
        COST: json_number(cost), "cost_type": "adjustment",
        "adjustment_info": {"id": meters.guid(f"adjustment/{bill.who.seed}"), "mode": "PARTIAL_CORRECTION",
                            "description": "Correction of overstated use", "type": "USAGE_CORRECTION"},
    }  # fmt: skip
    bill.put(day_number(month.period.start.date()) + 6, row, ledger.CORRECTION, cost)


def _close(bill: _Bill, month: Month) -> None:
    """Put tax and what rounds the invoice to cents on a month that is over."""
    if month.open:
        return
    net = bill.net[month.label.replace("-", "")]
    tax = net * bill.ranges.tax_percent // 100 // CENT * CENT
    rounding = round(net, -8) - net
    for name, kind, cost in (("tax", ledger.TAX, tax), ("rounding_error", ledger.ROUNDING, rounding)):
        words = "Tax" if name == "tax" else "Rounding error"
        row = _row(day_number(month.period.end.date()) - 1, month.period) | {
            "service": {"id": "0000-0000-0000", "description": "Invoice"}, "cost_type": name,
            "sku": {"id": f"0000-0000-{name[:4].upper()}", "description": words}, COST: json_number(cost),
        }  # fmt: skip
        del row["project"], row["location"], row["usage"]
        bill.put(day_number(month.period.end.date()) + 3, row, kind, cost)


def _write(folder: Path, bill: _Bill) -> None:
    for day in sorted(bill.rows):
        file, lines = f"{FOLDER}/export-{day_of(day)}.json.gz", []
        for row, kind, cost in bill.rows[day]:
            given = sum(credit.pop("units") for credit in row["credits"])
            month = f"{row['invoice']['month'][:4]}-{row['invoice']['month'][4:]}"
            service = row["service"]["description"]
            bill.ledger.add(month, file, cost, service=service, kind=kind, credit=given)
            lines.append(json_text(row) + "\n")
        write_gzip(folder / file, "".join(lines))


def _told(bill: _Bill, span: tuple[Month, ...]) -> dict[str, Any]:
    bought, who, found = bill.commitment, bill.who, bill.ledger
    held = [month.label for month in span if bought.start.start <= month.period.start]
    return {
        "folder": FOLDER, "cost_column": COST, "currency": "USD", **found.told(),
        "accounts": {item.id: item.name for item in meters.accounts("gcp")},
        "anomaly": anomaly(who, found.extra), "waste": {"resource": who.resource(who.waste)},
        "commitment": {
            "id": bought.id, "cores": bought.cores, "months": held, "daily": dollars(bought.daily),
        },
    }  # fmt: skip

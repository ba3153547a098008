"""The company's Oracle Cloud bill: cost reports, several a month, each with the days since the one before.

A row is a day of a resource. One row was billed too high; a row in a report of the next month takes the
difference back and names it. Tags have columns of their own, lines end as on Windows, the interval starts
without seconds and ends with them, and small amounts come with an exponent, as Java writes them.

Source: Oracle Cloud Infrastructure, cost and usage reports, proprietary schema.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from finops_lib.estate.calendar import LAST_MONTH, Month, day_number, day_of
from finops_lib.estate.catalogue import price_micro
from finops_lib.estate.others import ledger, meters
from finops_lib.estate.others.files import MONEY_SCALE, csv_text, write_gzip
from finops_lib.estate.others.fleet import Fleet, Use, anomaly, month_before, note, uses
from finops_lib.estate.others.ledger import Ledger
from finops_lib.estate.others.ranges import Ranges, drawn
from finops_lib.estate.truth import dollars

FOLDER, COST = "oci", "cost/myCost"
COLUMNS = tuple(
    "lineItem/referenceNo lineItem/tenantId lineItem/intervalUsageStart lineItem/intervalUsageEnd "
    "product/service product/compartmentId product/compartmentName product/region product/availabilityDomain "
    "product/resourceId usage/billedQuantity usage/billedQuantityOverage cost/subscriptionId cost/productSku "
    "product/Description cost/unitPrice cost/unitPriceOverage cost/myCost cost/myCostOverage "
    "cost/currencyCode cost/billingUnitReadable cost/skuUnitDescription cost/overageFlag "
    "lineItem/isCorrection lineItem/backreferenceNo".split()
)
_TAGS = {"team": "Lantern.Team", "environment": "Lantern.Environment", "cost-center": "Lantern.CostCenter",
         "kostenstelle": "Kostenstelle", "application": "application", "owner": "owner", "note": "note",
         "comment": "comment"}  # fmt: skip
_CREATOR = "Oracle-Tags.CreatedBy"
_FIRST_REPORT = 30_000_269
_SCALE = 18  # decimals of quantities and prices
_MISTAKE_METER, _MISTAKE_DAY = "autonomous", 16
Row = dict[str, str]


@dataclass
class _Bill:
    """The reports while they are written; ``owed`` is what the next month's first report takes back."""

    who: Fleet
    ranges: Ranges
    mistake_percent: int
    mistake_month: str
    owed: list[tuple[Use, str]] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    told: dict[str, str] = field(default_factory=dict)


def tag_columns() -> tuple[str, ...]:
    """Which columns hold tags: of the company's own name space, free ones, and who made the resource.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> tag_columns()[:2]
    ('tags/Kostenstelle', 'tags/Lantern.CostCenter')
    """
    return tuple(f"tags/{name}" for name in sorted({*_TAGS.values(), _CREATOR}))


def write_oci(folder: Path, who: Fleet, *, span: tuple[Month, ...], ranges: Ranges) -> dict[str, Any]:
    """Write ``oci/<YYYY-MM>/reports_cost-csv_<number>.csv.gz`` for all months.

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
        The truth; months are those of use, which a correction shares with what it corrects.
    """
    rng = who.rng(4)
    percent, ago = drawn(rng, ranges.mistake_percent), drawn(rng, ranges.mistake_ago_months)
    bill = _Bill(who, ranges, percent, month_before(ago).label)
    for month in span:
        _month(folder, bill, month)
    return {
        "folder": FOLDER, "cost_column": COST, "currency": "USD", **bill.ledger.told(),
        "accounts": {item.id: item.name for item in meters.accounts("oci")},
        "anomaly": anomaly(who, bill.ledger.extra), "waste": {"resource": resource_id(who, who.waste.number)},
        "correction": bill.told,
    }  # fmt: skip


def resource_id(who: Fleet, place: int) -> str:
    """Which OCID has the resource in this place.

    Parameters
    ----------
    who : Fleet
        The resources.
    place : int
        Number of the place.

    Returns
    -------
    str
    """
    slot = who.slots[place]
    unique = meters.digits(f"oci/{who.seed}/{slot.number}", 44)
    return f"ocid1.{slot.product.resource}.oc1.{slot.region.id}.antheljr{unique}"


def _month(folder: Path, bill: _Bill, month: Month) -> None:
    reports: dict[str, list[Row]] = defaultdict(list)
    first = day_number(month.period.start.date())
    for use, kind, reference in _lines(bill, month):
        step = max(0, min(use.day - first, month.period.days - 1)) // bill.ranges.report_days
        file = f"{FOLDER}/{month.label}/{_name(month, step)}"
        row, cost = _row(bill.who, use), use.quantity * price_micro(use.slot.product, use.slot.region)
        if kind == ledger.CORRECTION:
            row = _correcting(row, reference)
            bill.told |= {"report": file, "reference": row["lineItem/referenceNo"], "cost": dollars(cost)}
        else:
            note(bill.ledger, month.label, use, who=bill.who)
        bill.ledger.add(f"{day_of(use.day):%Y-%m}", file, cost, service=row["product/service"], kind=kind)
        reports[file].append(row)
    for file, rows in reports.items():
        write_gzip(folder / file, csv_text((*COLUMNS, *tag_columns()), rows, end="\r\n"))


def _name(month: Month, step: int) -> str:
    months = month.ordinal - (LAST_MONTH.start.year * 12 + LAST_MONTH.start.month - 1)
    return f"reports_cost-csv_{_FIRST_REPORT + 40 * (months + 1000) + step:016d}.csv.gz"


def _lines(bill: _Bill, month: Month) -> list[tuple[Use, str, str]]:
    """Give the uses of a month, with the one that is billed too high and the one that takes it back."""
    found = [(use, ledger.CORRECTION, reference) for use, reference in bill.owed]
    bill.owed = []
    day = day_number(month.period.start.date()) + _MISTAKE_DAY
    done = month.label != bill.mistake_month
    for use in uses(bill.who, month):
        if not done and use.day == day and use.slot.product.key == _MISTAKE_METER:
            done = True
            billed = replace(use, quantity=use.quantity * bill.mistake_percent // 100)
            reference = _reference(bill.who, billed)
            bill.owed.append((replace(use, quantity=use.quantity - billed.quantity, extra=0), reference))
            bill.told |= {"corrects": reference, "usage_day": str(day_of(day)), "month": month.label}
            found.append((billed, ledger.USAGE, ""))
        else:
            found.append((use, ledger.USAGE, ""))
    return found


def _reference(who: Fleet, use: Use) -> str:
    return meters.digits(f"oci/{who.seed}/{use.slot.number}/{use.day}", 32)


def _row(who: Fleet, use: Use) -> Row:
    slot, item = use.slot, use.slot.product
    price = price_micro(item, slot.region)
    return {
        "lineItem/referenceNo": _reference(who, use),
        "lineItem/tenantId": f"ocid1.tenancy.oc1..aaaaaaaa{meters.digits('tenancy', 52)}",
        "lineItem/intervalUsageStart": f"{day_of(use.day)}T00:00Z",
        "lineItem/intervalUsageEnd": f"{day_of(use.day + 1)}T00:00:00Z",
        "product/service": item.service.code, "product/compartmentId": slot.account.id,
        "product/compartmentName": slot.account.name, "product/region": slot.region.id,
        "product/availabilityDomain": f"{slot.region.name}-AD-{1 + slot.number % 3}",
        "product/resourceId": resource_id(who, slot.number),
        "usage/billedQuantity": exact(use.quantity, 4, _SCALE),
        "cost/subscriptionId": "8841207", "cost/productSku": item.operation,
        "product/Description": item.usage_type, "cost/unitPrice": exact(price, 6, _SCALE),
        COST: exact(use.quantity * price, MONEY_SCALE, MONEY_SCALE), "cost/currencyCode": "USD",
        "cost/billingUnitReadable": item.family, "cost/skuUnitDescription": item.unit,
        "cost/overageFlag": "false", "lineItem/isCorrection": "false", **_tags(slot.tags),
    }  # fmt: skip


def _correcting(row: Row, reference: str) -> Row:
    own = meters.digits(f"correction/{reference}", 32)
    return row | {
        "lineItem/referenceNo": own, "lineItem/isCorrection": "true", "lineItem/backreferenceNo": reference,
    }  # fmt: skip


def _tags(tags: Mapping[str, str]) -> Row:
    found = {}
    for key, value in tags.items():
        if key == "aws:createdBy":
            found[f"tags/{_CREATOR}"] = f"default/{value.rpartition(':')[2]}@lanternfreight.example"
        else:
            found[f"tags/{_TAGS[key.strip().lower()]}"] = value
    return found


def exact(value: int, scale: int, places: int) -> str:
    """Write a number with so many decimals as Java does: with an exponent where it is below a millionth.

    Parameters
    ----------
    value : int
        Of the last decimal place.
    scale : int
        Its decimal places.
    places : int
        Decimal places written.

    Returns
    -------
    str

    Examples
    --------
    >>> exact(30_000, 6, 8), exact(1_500, 10, 10), exact(15_000, 10, 10)
    ('0.03000000', '1.500E-7', '0.0000015000')
    """
    return str(Decimal(value * 10 ** (places - scale)).scaleb(-places))

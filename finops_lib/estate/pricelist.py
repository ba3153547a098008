"""What do the sizes cost that the company could buy: a price file, as anybody may get one from a provider."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

from finops_lib.estate.catalogue import PRODUCTS, Product, Region, price_micro
from finops_lib.estate.company import Company
from finops_lib.estate.machines import LADDERS, UNITS, Size
from finops_lib.records import plain

HEADER = "provider,region,instance_type,vcpu,memory_gib,gpu,architecture,usd_per_hour_on_demand"
_ARM = ("r6g", "m6g")


def pricelist(who: Company) -> str:
    """Which sizes are there in each region that the company uses, and what do they cost at list price.

    Parameters
    ----------
    who : Company
        The company.

    Returns
    -------
    str
        CSV with a header, as `finops_lib.billing.prices` reads it, by region and name.

    Examples
    --------
    >>> from finops_lib.estate.company import company
    >>> pricelist(company(7, slots=1)).splitlines()[0] == HEADER
    True
    """
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(HEADER.split(","))
    regions = {slot.region.id: slot.region for slot in who.slots}
    products = [item for item in PRODUCTS if item.key in LADDERS]
    rows = {
        row[:3]: row
        for _, region in sorted(regions.items())
        for item in products
        for size in LADDERS[item.key]
        for row in [_row(item, region, size)]
    }
    lines.writerows(rows[key] for key in sorted(rows))
    return text.getvalue()


def _row(item: Product, region: Region, size: Size) -> tuple[str, ...]:
    hour = Decimal(price_micro(item, region) * UNITS.get(item.key, 1) * size.price).scaleb(-9)
    architecture = "arm64" if any(name in size.name for name in _ARM) else "amd64"
    cores, gib = Decimal(size.cpu_milli) / 1000, Decimal(size.store_mib) / 1024
    return "aws", region.id, size.name, plain(cores), plain(gib), "0", architecture, plain(hour)

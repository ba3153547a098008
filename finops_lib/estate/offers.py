"""Which commitments could the sample company buy, and until when do those run whose end its bills leave out.

Terms are like public ones: a year or three, nothing, half or all of the price at once, and discounts close to
those of the providers' price lists. They are offered for what the company uses, where it uses it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finops_lib.estate import catalogue
from finops_lib.estate.company import Company
from finops_lib.records import Period

OFFERS_FILE, HELD_FILE = "offers.csv", "held.csv"
_OFFERS = ("offer", "scope", "months", "payment", "discount")
_YEAR, _THREE = 12, 36
_NONE, _PARTIAL, _ALL = "none", "partial", "all"
Terms = Mapping[tuple[int, str], int]  # months and payment to discount, percent


@dataclass(frozen=True)
class Family:
    """One kind of commitment: what it saves on each service; ``regional`` ones are bought for one region."""

    name: str
    provider: str
    regional: bool
    services: Mapping[str, Terms]


def _terms(year: tuple[int, int, int], three: tuple[int, int, int]) -> Terms:
    payments = (_NONE, _PARTIAL, _ALL)
    return {(months, payment): percent for months, percents in ((_YEAR, year), (_THREE, three))
            for payment, percent in zip(payments, percents, strict=True) if percent}  # fmt: skip


def _monthly(year: int, three: int) -> Terms:
    return _terms((year, 0, 0), (three, 0, 0))


_INSTANCES = _terms((34, 36, 37), (54, 57, 58))
_DATABASES = _terms((32, 36, 37), (0, 55, 57))
_CACHES = _terms((32, 35, 36), (48, 53, 55))

FAMILIES = (
    Family("Compute Savings Plan", "AWS", False, {
        catalogue.EC2.name: _terms((28, 29, 31), (46, 49, 50)),
        catalogue.ECS.name: _terms((20, 21, 22), (45, 46, 47)),
        catalogue.LAMBDA.name: _terms((12, 13, 14), (15, 16, 17)),
    }),
    Family("EC2 Instance Savings Plan", "AWS", True, {catalogue.EC2.name: _INSTANCES}),
    Family("RDS reservation", "AWS", True, {catalogue.RDS.name: _DATABASES}),
    Family("ElastiCache node", "AWS", True, {catalogue.ELASTICACHE.name: _CACHES}),
    Family("Azure savings plan", "Microsoft", False, {
        "Virtual Machines": _monthly(22, 42), "Functions": _monthly(15, 17),
        "Azure App Service": _monthly(24, 40),
    }),
    Family("Azure VM reservation", "Microsoft", True, {"Virtual Machines": _monthly(36, 57)}),
    Family("Azure SQL reservation", "Microsoft", True, {"SQL Database": _monthly(21, 33)}),
    Family("Flexible commitment", "Google Cloud", False, {
        "Compute Engine": _monthly(28, 46), "Cloud Run": _monthly(28, 46),
    }),
    Family("Compute Engine commitment", "Google Cloud", True, {"Compute Engine": _monthly(37, 55)}),
    Family("Cloud SQL commitment", "Google Cloud", True, {"Cloud SQL": _monthly(25, 52)}),
)  # fmt: skip
_REGIONS: Mapping[str, tuple[str, ...]] = {
    "Microsoft": ("westeurope",), "Google Cloud": ("europe-west1", "europe-west4"),
}  # fmt: skip
_NOWHERE = {("Cloud Run", "europe-west4")}


def write_offers(folder: Path, who: Company, others: Mapping[str, Any]) -> int:
    """Write ``offers.csv``, and ``held.csv`` with the ends of what Azure and Google sold.

    Parameters
    ----------
    folder : Path
        Where to.
    who : Company
        The company.
    others : mapping
        Truths of the other bills, by part.

    Returns
    -------
    int
        Offers, a count.
    """
    rows = list(_rows(who))
    _write(folder / OFFERS_FILE, _OFFERS, rows)
    _write(folder / HELD_FILE, ("commitment", "ends", "months"), _held(others))
    return len({row[0] for row in rows})


def _rows(who: Company) -> Iterator[tuple[str, ...]]:
    for family in FAMILIES:
        places = _places(who, family)
        regions = sorted({region for _, region in places}) if family.regional else [""]
        for region in regions:
            mine = [place for place in places if region in {"", place[1]}]
            terms = next(iter(family.services.values()))
            for months, payment in terms:
                name = " ".join(filter(None, (family.name, region, f"{months // _YEAR}y", payment)))
                for service, where in mine:
                    percent = family.services[service][months, payment]
                    scope = f"{family.provider} / {service} / {where}"
                    yield name, scope, str(months), payment, f"0.{percent:02d}"


def _places(who: Company, family: Family) -> list[tuple[str, str]]:
    """List each service of the family where the company uses it."""
    if family.provider != "AWS":
        every = [(service, region) for service in family.services for region in _REGIONS[family.provider]]
        return [place for place in every if place not in _NOWHERE]
    used = {(slot.product.service.name, slot.region.id) for slot in who.slots}
    return sorted(place for place in used if place[0] in family.services)


def _held(others: Mapping[str, Any]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for part in ("azure", "gcp"):
        told = others[part]["commitment"]
        if told["months"]:
            start = Period.month(told["months"][0]).start
            found.append((told["id"], f"{start.replace(year=start.year + 1):%Y-%m-%d}", str(_YEAR)))
    return found


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerows([header, *rows])
    path.write_text(text.getvalue(), encoding="utf-8", newline="\n")

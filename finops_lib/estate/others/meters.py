"""What does the company buy elsewhere: meters of each provider, its accounts and regions there."""

from __future__ import annotations

import csv
import hashlib
import importlib.resources
from collections.abc import Mapping
from types import MappingProxyType

from finops_lib.estate.catalogue import Product, Region, Service
from finops_lib.estate.company import Account

CLOUDS = ("azure", "gcp", "oci")
_OWNERS = (
    ("prod", "prod", "checkout"),
    ("data", "prod", "data"),
    ("dev", "dev", "tracking"),
    ("sandbox", "sandbox", "mobile"),
)
REGIONS: Mapping[str, tuple[Region, Region]] = MappingProxyType(
    {
        "azure": (Region("westeurope", "EU West", ""), Region("northeurope", "EU North", "", 94)),
        "gcp": (Region("europe-west1", "Belgium", ""), Region("europe-west4", "Netherlands", "", 106)),
        "oci": (Region("eu-frankfurt-1", "FRA", ""), Region("eu-amsterdam-1", "AMS", "", 100)),
    }
)
ANOMALIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"azure": ("data", "bandwidth"), "gcp": ("data", "bigquery"), "oci": ("prod", "egress")}
)
"""Account and meter of the planted anomaly."""
WASTE = "orphan"
"""Key of the meter that nobody needs any more, in each cloud."""
_WHOLE = ("price_micro", "volume", "frequency", "contract_percent", "plan_percent")
_TEXT = ("key", "usage_type", "operation", "family", "unit", "shape", "resource", "instance")


def digits(text: str, length: int) -> str:
    """Which hexadecimal digits stand for this text: the first ones of its sha256.

    Parameters
    ----------
    text : str
        Anything.
    length : int
        How many, at most 64.

    Returns
    -------
    str

    Examples
    --------
    >>> digits("a", 6)
    'ca9781'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def guid(text: str) -> str:
    """Which GUID stands for this text.

    Parameters
    ----------
    text : str
        Anything.

    Returns
    -------
    str

    Examples
    --------
    >>> guid("a")
    'ca978112-ca1b-bdca-fac2-31b39a23dc4d'
    """
    whole = digits(text, 32)
    return "-".join((whole[:8], whole[8:12], whole[12:16], whole[16:20], whole[20:]))


def account(cloud: str, key: str) -> Account:
    """Which account does the company have there: subscription, project or compartment.

    Parameters
    ----------
    cloud : str
        Of ``CLOUDS``.
    key : str
        ``prod``, ``data``, ``dev`` or ``sandbox``.

    Returns
    -------
    Account

    Examples
    --------
    >>> account("gcp", "data").id
    'lantern-data-ecea'
    """
    environment, team = next((place, team) for owner, place, team in _OWNERS if owner == key)
    name = f"lantern-{key}"
    ids = {
        "azure": guid(f"azure/{key}"),
        "gcp": f"{name}-{digits(f'gcp/{key}', 4)}",
        "oci": f"ocid1.compartment.oc1..aaaaaaaa{digits(f'oci/{key}', 52)}",
    }
    return Account(ids[cloud], key, name, environment, team)


def accounts(cloud: str) -> tuple[Account, ...]:
    """Which accounts does the company have there.

    Parameters
    ----------
    cloud : str
        Of ``CLOUDS``.

    Returns
    -------
    tuple of Account

    Examples
    --------
    >>> [item.name for item in accounts("oci")]
    ['lantern-prod', 'lantern-data', 'lantern-dev', 'lantern-sandbox']
    """
    return tuple(account(cloud, key) for key, _, _ in _OWNERS)


def meters(cloud: str) -> Mapping[Product, tuple[str, ...]]:
    """What can be bought there, and which accounts always have it.

    Prices are close to public list prices of mid 2026, rounded, in whole micro-dollars for one unit.

    Parameters
    ----------
    cloud : str
        Of ``CLOUDS``.

    Returns
    -------
    mapping
        Product to account keys, one for each resource that is always there.

    Examples
    --------
    >>> {item.key: keys for item, keys in meters("oci").items()}["e5"]
    ('prod', 'prod')
    """
    text = importlib.resources.files(__package__).joinpath("meters.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["provider"] == cloud]
    return {_product(row): tuple(row["core"].split()) for row in rows}


def _product(row: Mapping[str, str]) -> Product:
    service = Service(row["code"], row["service"], row["category"], row["subcategory"])
    words = {name: row[name] for name in _TEXT}
    numbers = {name: int(row[name]) for name in _WHOLE}
    return Product(**words, **numbers, service=service, renewed=False)  # type: ignore[arg-type]  # text and numbers, as the class has them

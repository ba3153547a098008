"""What does a declared resource cost in a month: hours of its machines, or what its pods request.

Prices are list prices for Linux on demand, from a catalogue of `finops_lib.billing.prices`; a month has
730 hours and every hour is paid. Disks, traffic, licences and discounts are not in it. What has no price
says why, and is never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from finops_lib.billing.prices import instance
from finops_lib.errors import QueryError
from finops_lib.policy.check.pods import requested
from finops_lib.policy.check.words import clean
from finops_lib.records import Record, Resource, plain

HOURS_MONTH = Decimal(730)
_CURRENCY = "USD"
_MOST = 100_000  # members of a group

# Where each type of machine says its size and its place, in that order.
_MACHINES = {
    "aws_instance": ("instance_type", ""),
    "AWS::EC2::Instance": ("InstanceType", ""),
    "aws_db_instance": ("instance_class", ""),
    "azurerm_linux_virtual_machine": ("size", "location"),
    "google_compute_instance": ("machine_type", "zone"),
}
# A price from the catalogue would be wrong where one of these is set to anything but the value beside it.
_OTHER_PRICE: Mapping[str, tuple[object, ...]] = {
    "instance_market_options": (None, [], {}),
    "spot_price": (None, ""),
    "tenancy": (None, "default"),
    "priority": (None, "Regular"),
    "mixed_instances_policy": (None, [], {}),
    "guest_accelerator": (None, []),
    "InstanceMarketOptions": (None, {}),
    "Tenancy": (None, "default"),
}
_FREE = frozenset(
    "aws_launch_template aws_security_group aws_s3_bucket_public_access_block aws_s3_bucket_policy "
    "aws_s3_bucket_server_side_encryption_configuration aws_iam_role aws_iam_policy azurerm_resource_group "
    "google_compute_firewall AWS::EC2::LaunchTemplate AWS::EC2::SecurityGroup AWS::IAM::Role "
    "ConfigMap Namespace ServiceAccount Role RoleBinding NetworkPolicy PodDisruptionBudget".split()
)


@dataclass(frozen=True)
class Monthly(Record):
    """Money of a month, with the fewest, the planned and the most members; ``basis`` says how it was counted.

    Raises
    ------
    ValueError
        The three do not rise.

    Examples
    --------
    >>> Monthly(Decimal(70), Decimal(70), Decimal(140), "USD", "1 to 2 x m5.large").to_json()["high"]
    '140'
    """

    low: Decimal
    mid: Decimal
    high: Decimal
    currency: str
    basis: str

    def __post_init__(self) -> None:
        if not self.low <= self.mid <= self.high:
            raise ValueError(f"a month of {self.low}, {self.mid}, {self.high}: mid lies between low and high")


@dataclass(frozen=True)
class NoPrice(Record):
    """A resource has no price here, and why."""

    reason: str


Price = Monthly | NoPrice
Pricer = Callable[[Resource], Price]


class _UnknownError(Exception):
    """What the price needs is not known; the text is the reason."""


@dataclass(frozen=True)
class Unit:
    """What a core and a GiB of memory cost in an hour on a cluster, in one currency."""

    core_hour: Decimal
    gib_hour: Decimal
    currency: str = _CURRENCY


def pricer(inventory: Iterable[Resource], *, catalogue: pd.DataFrame, cluster: Unit | None = None) -> Pricer:
    """How is a resource of this inventory priced.

    Parameters
    ----------
    inventory : iterable of Resource
        All resources of one state of the repository: a group is priced through the template it links to.
    catalogue : pandas.DataFrame
        From `finops_lib.billing.prices.catalogue`; USD an hour.
    cluster : Unit, optional
        Price of what pods request; without it they have none.

    Returns
    -------
    callable
        Resource to `Monthly`, or to `NoPrice` with the reason.

    Examples
    --------
    >>> from finops_lib.billing.prices import catalogue
    >>> web = Resource("a:aws_instance.web", "terraform", "aws", "aws_instance", "web", "a/main.tf", 1,
    ...                region="us-east-1", properties={"instance_type": "m5.large"})
    >>> pricer([web], catalogue=catalogue())(web).mid  # 730 hours at .096
    Decimal('70.080')
    """
    known = {resource.address: resource for resource in inventory}

    def price(resource: Resource) -> Price:
        try:
            return _price(resource, known, catalogue, cluster)
        except _UnknownError as unknown:
            return NoPrice(str(unknown))

    return price


def _price(
    resource: Resource, known: Mapping[str, Resource], catalogue: pd.DataFrame, cluster: Unit | None
) -> Price:
    if resource.type in _FREE:
        nothing = Decimal(0)
        return Monthly(nothing, nothing, nothing, _CURRENCY, f"{resource.type} has no charge of its own")
    if resource.type in _MACHINES:
        hour, size = _hour(resource, catalogue)
        return _month((_members(resource),) * 3, hour, size)
    if resource.type == "aws_autoscaling_group":
        hour, size = _hour(_template(resource, known), catalogue, region=resource.region)
        _refuse_other_prices(resource)
        return _month(_sizes(resource), hour, size)
    if resource.provider == "kubernetes":
        return _pods(resource, cluster)
    raise _UnknownError(f"no price is known for the type {clean(resource.type, longest=80)}")


def _hour(resource: Resource, catalogue: pd.DataFrame, *, region: str = "") -> tuple[Decimal, str]:
    """USD an hour of one machine, and its size."""
    size_key, place_key = _MACHINES.get(resource.type, ("instance_type", ""))
    _refuse_other_prices(resource)
    size = _text(resource, size_key)
    place = region or resource.region or (_text(resource, place_key) if place_key else "")
    if not place:
        raise _UnknownError("its region is not known from the files")
    if place_key == "zone" and not resource.region:
        place = place.rpartition("-")[0]
    try:
        found = instance(catalogue, provider=resource.provider, region=place, instance_type=size)
    except QueryError as error:
        raise _UnknownError(f"the catalogue has no price for {clean(size)} in {clean(place)}") from error
    if found.usd_per_hour_on_demand is None:
        raise _UnknownError(f"the catalogue has no on-demand price for {clean(size)} in {clean(place)}")
    return found.usd_per_hour_on_demand * _standby(resource), size


def _standby(resource: Resource) -> int:
    """Machines of one database: a standby in a second zone is paid as well."""
    if resource.type != "aws_db_instance":
        return 1
    if "multi_az" in resource.unknown:
        raise _UnknownError("multi_az is not known from the files")
    return 2 if resource.properties.get("multi_az") in (True, "true") else 1


def _refuse_other_prices(resource: Resource) -> None:
    scheduling = _block(resource.properties.get("scheduling"))
    spot = scheduling.get("preemptible") in (True, "true") or scheduling.get("provisioning_model") == "SPOT"
    stated = resource.properties
    other = [name for name, listed in _OTHER_PRICE.items() if stated.get(name) not in listed]
    other += ["scheduling"] if spot else []
    if other:
        raise _UnknownError(f"{other[0]} gives it a price that is not the list price")


def _template(group: Resource, known: Mapping[str, Resource]) -> Resource:
    found = [known[link] for link in group.links if link in known]
    templates = [resource for resource in found if resource.type == "aws_launch_template"]
    if len(templates) != 1:
        raise _UnknownError("its launch template is not in the files")
    return templates[0]


def _sizes(group: Resource) -> tuple[Decimal, Decimal, Decimal]:
    """Fewest, planned and most members; a group that plans none starts with the fewest."""
    low, high = _count(group, "min_size"), _count(group, "max_size")
    planned = low
    if "desired_capacity" in group.unknown or group.properties.get("desired_capacity") is not None:
        planned = _count(group, "desired_capacity")
    if not low <= planned <= high:
        raise _UnknownError(f"its sizes contradict each other: {low} to {high}, {planned} planned")
    return low, planned, high


def _members(resource: Resource) -> Decimal:
    """How many of it there are, by ``count`` or ``for_each``."""
    if any(path.split(".")[0] in {"count", "for_each"} for path in resource.unknown):
        raise _UnknownError("how many there are is not known from the files")
    each = resource.properties.get("for_each")
    if isinstance(each, list | tuple | Mapping):
        return Decimal(len(each))
    return _count(resource, "count") if resource.properties.get("count") is not None else Decimal(1)


def _count(resource: Resource, key: str) -> Decimal:
    value = resource.properties.get(key)
    if key in resource.unknown or value is None:
        raise _UnknownError(f"{key} is not known from the files")
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_MOST)) and int(text) <= _MOST):
        raise _UnknownError(f"{key} is no count from 0 to {_MOST}")
    return Decimal(text)


def _text(resource: Resource, key: str) -> str:
    value = resource.properties.get(key)
    if any(path == key or path.startswith(f"{key}.") for path in resource.unknown):
        raise _UnknownError(f"{key} is not known from the files")
    if not isinstance(value, str) or not value or "${" in value:
        raise _UnknownError(f"{key} is not known from the files")
    return value.rpartition("/")[2]  # Google also writes the whole path of a type or zone


def _block(value: Any) -> Mapping[str, Any]:
    """Return a nested block, whether it was read as a mapping or as a list of one."""
    first = value[0] if isinstance(value, list | tuple) and value else value
    return first if isinstance(first, Mapping) else {}


def _month(members: tuple[Decimal, Decimal, Decimal], hour: Decimal, size: str) -> Monthly:
    low, mid, high = (count * hour * HOURS_MONTH for count in members)
    few, many = plain(members[0]), plain(members[2])
    count = few if few == many else f"{few} to {many}"
    return Monthly(low, mid, high, _CURRENCY, f"{count} x {clean(size, longest=80)}, {plain(hour)} an hour")


def _pods(resource: Resource, cluster: Unit | None) -> Price:
    if cluster is None:
        raise _UnknownError("no price of a core and of a GiB is given for the cluster")
    try:
        asked = requested(resource.type, resource.properties)
    except ValueError as error:
        raise _UnknownError(str(error)) from error
    sizes = [path for path in resource.unknown if {"replicas", "resources"} & set(path.split("."))]
    if sizes:
        raise _UnknownError(f"{clean(sizes[0])} is not known from the files")
    hour = asked.cores * cluster.core_hour + asked.memory_gib * cluster.gib_hour
    month = hour * HOURS_MONTH
    basis = f"{plain(asked.cores)} cores and {plain(asked.memory_gib)} GiB requested"
    return Monthly(month, month, month, cluster.currency, basis)

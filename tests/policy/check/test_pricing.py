"""Prices of a month, multiplied by hand from a small price file."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from finops_lib.billing.prices import catalogue
from finops_lib.policy.check.pricing import Monthly, NoPrice, Unit, pricer
from finops_lib.records import Resource

ROWS = """provider,region,instance_type,usd_per_hour_on_demand
aws,us-east-1,m5.large,0.10
aws,us-east-1,db.r6g.large,0.20
aws,us-east-1,x1.free,0
azure,westeurope,Standard_D2s_v3,0.12
gcp,europe-west1,e2-standard-2,0.08
"""


@pytest.fixture
def prices(tmp_path: Path) -> pd.DataFrame:
    """Write and read the price file."""
    path = tmp_path / "prices.csv"
    path.write_text(ROWS)
    return catalogue(path)


def thing(kind: str, *, provider: str = "aws", region: str = "us-east-1", **more: Any) -> Resource:
    """Make a resource; ``unknown`` and ``links`` are its own, the rest are properties."""
    own = {name: more.pop(name) for name in ("unknown", "links") if name in more}
    address = f"a:{kind}.x"
    return Resource(
        address, "terraform", provider, kind, "x", "a/main.tf", 1, region=region, properties=more, **own
    )


TEMPLATE = thing("aws_launch_template", instance_type="m5.large")


def group(**more: Any) -> Resource:
    """Make an autoscaling group on the template."""
    return thing("aws_autoscaling_group", links=(TEMPLATE.address,), **{"min_size": 1, "max_size": 4, **more})


@pytest.mark.parametrize(
    ("resource", "month"),
    [
        (thing("aws_instance", instance_type="m5.large"), "73"),
        (thing("aws_instance", instance_type="m5.large", count=3), "219"),
        (thing("aws_instance", instance_type="m5.large", count=0), "0"),
        (thing("aws_instance", instance_type="m5.large", for_each={"a": 1, "b": 2}), "146"),
        (thing("AWS::EC2::Instance", InstanceType="m5.large", Tenancy="default"), "73"),
        (thing("aws_db_instance", instance_class="db.r6g.large"), "146"),
        (thing("aws_db_instance", instance_class="db.r6g.large", multi_az=True), "292"),
        (
            thing(
                "azurerm_linux_virtual_machine",
                provider="azure",
                region="",
                size="Standard_D2s_v3",
                location="West Europe",
                priority="Regular",
            ),
            "87.6",
        ),
        (
            thing(
                "google_compute_instance",
                provider="gcp",
                region="",
                machine_type="e2-standard-2",
                zone="europe-west1-b",
                scheduling=[{"preemptible": False}],
            ),
            "58.4",
        ),
        (TEMPLATE, "0"),
        (thing("aws_security_group"), "0"),
    ],
)
def test_a_month_is_730_hours_of_each_machine(prices: pd.DataFrame, resource: Resource, month: str) -> None:
    """Ten cents an hour are 73 USD a month; a standby doubles, a count multiplies."""
    found = pricer([resource], catalogue=prices)(resource)
    assert isinstance(found, Monthly)
    assert (found.low, found.mid, found.high, found.currency) == (Decimal(month),) * 3 + ("USD",)


def test_a_group_costs_its_fewest_planned_and_most_members(prices: pd.DataFrame) -> None:
    """One to four members of 73 USD; where none are planned, it starts with the fewest."""
    price = pricer([TEMPLATE, group()], catalogue=prices)
    planned, unplanned = price(group(desired_capacity="2")), price(group())
    assert planned == Monthly(
        Decimal(73), Decimal(146), Decimal(292), "USD", "1 to 4 x m5.large, 0.1 an hour"
    )
    assert isinstance(unplanned, Monthly)
    assert unplanned.mid == 73


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (thing("aws_s3_bucket"), "no price is known for the type aws_s3_bucket"),
        (thing("aws_instance"), "instance_type is not known from the files"),
        (thing("aws_instance", instance_type=7), "instance_type is not known from the files"),
        (thing("aws_instance", instance_type="${var.x}"), "instance_type is not known from the files"),
        (
            thing("aws_instance", instance_type="m5.large", unknown=("instance_type",)),
            "instance_type is not known from the files",
        ),
        (
            thing("aws_instance", instance_type="m9.huge"),
            "the catalogue has no price for m9.huge in us-east-1",
        ),
        (
            thing("aws_instance", instance_type="x1.free"),
            "the catalogue has no on-demand price for x1.free in us-east-1",
        ),
        (
            thing("aws_instance", region="", instance_type="m5.large"),
            "its region is not known from the files",
        ),
        (
            thing("aws_instance", instance_type="m5.large", unknown=("count",)),
            "how many there are is not known from the files",
        ),
        (thing("aws_instance", instance_type="m5.large", count=-1), "count is no count from 0 to 100000"),
        (thing("aws_instance", instance_type="m5.large", count=10**7), "count is no count from 0 to 100000"),
        (
            thing("aws_instance", instance_type="m5.large", tenancy="dedicated"),
            "tenancy gives it a price that is not the list price",
        ),
        (
            thing(
                "aws_instance", instance_type="m5.large", instance_market_options=[{"market_type": "spot"}]
            ),
            "instance_market_options gives it a price that is not the list price",
        ),
        (
            thing("google_compute_instance", machine_type="e2", scheduling={"preemptible": True}),
            "scheduling gives it a price that is not the list price",
        ),
        (
            thing("aws_db_instance", instance_class="db.r6g.large", unknown=("multi_az",)),
            "multi_az is not known from the files",
        ),
        (group(desired_capacity=9), "its sizes contradict each other: 1 to 4, 9 planned"),
        (group(unknown=("max_size",)), "max_size is not known from the files"),
        (group(unknown=("desired_capacity",)), "desired_capacity is not known from the files"),
        (thing("aws_autoscaling_group", min_size=1, max_size=2), "its launch template is not in the files"),
        (
            thing("Deployment", provider="kubernetes"),
            "no price of a core and of a GiB is given for the cluster",
        ),
    ],
)
def test_what_has_no_price_says_why(prices: pd.DataFrame, resource: Resource, reason: str) -> None:
    """Never zero, never a guess: each missing part has its own reason."""
    assert pricer([TEMPLATE, resource], catalogue=prices)(resource) == NoPrice(reason)


def pods(**more: Any) -> Resource:
    """Make a Deployment of two pods with half a core and a GiB each."""
    container = {"resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}
    spec = {"replicas": 2, "template": {"spec": {"containers": [container]}}}
    return thing("Deployment", provider="kubernetes", spec=spec, **more)


def test_pods_cost_what_they_request(prices: pd.DataFrame) -> None:
    """One core at 3 cents and two GiB at half a cent: 4 cents an hour, 29.20 a month."""
    unit = Unit(Decimal("0.03"), Decimal("0.005"), "EUR")
    price = pricer([], catalogue=prices, cluster=unit)
    month = Decimal("29.2")
    assert price(pods()) == Monthly(month, month, month, "EUR", "1 cores and 2 GiB requested")
    assert price(pods(unknown=("spec.template.spec.containers.0.image",))) == price(pods())
    assert price(pods(unknown=("spec.replicas",))) == NoPrice("spec.replicas is not known from the files")
    assert price(thing("Job", provider="kubernetes")) == NoPrice("a Job has no pods whose number is declared")


def test_a_month_that_falls_is_refused() -> None:
    """Low, mid and high rise."""
    with pytest.raises(ValueError, match="mid lies between low and high"):
        Monthly(Decimal(2), Decimal(1), Decimal(3), "USD", "")

"""Security-like signals: each planted one found with its evidence, usual business left alone."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from finops_lib.anomaly.signals import EGRESS, GPU, signals
from finops_lib.errors import CurrencyError, QueryError

DAYS = pd.date_range("2026-01-01", periods=60)


def rows(days: slice = slice(None), value: float = 20.0, **named: str) -> pd.DataFrame:
    """Make one cell over some days."""
    told = {"SubAccountId": "1", "RegionId": "eu-1", "ServiceName": "VM", "ChargeDescription": "m5.large"}
    return pd.DataFrame({"time": DAYS[days], "value": value, "BillingCurrency": "USD", **told, **named})


HOME = pd.concat(
    [
        rows(),
        rows(ServiceName="Store"),
        rows(SubAccountId="2", value=9.0),
        rows(value=3.0, ChargeDescription="DataTransfer-Out-Bytes"),
    ]
)


def kinds(*more: pd.DataFrame) -> list[tuple[str, tuple[str, ...]]]:
    """Ask for signals of the usual business with something added."""
    return [(one.kind, one.series) for one in signals(pd.concat([HOME, *more]))]


def test_usual_business_is_no_signal() -> None:
    """Sixty equal days of four cells say nothing."""
    assert kinds() == []


def test_a_first_seen_account() -> None:
    """A new account is one signal, not one a region and service of it."""
    assert kinds(rows(slice(40, 50), SubAccountId="3")) == [("new_account", ("3",))]


def test_a_first_seen_region_with_its_money() -> None:
    """Seven days of 20 in a region never used, with the day and how long it was not there."""
    [one] = signals(pd.concat([HOME, rows(slice(40, 50), RegionId="ap-9")]))
    assert (one.kind, one.series, one.labels) == (
        "new_region",
        ("1", "ap-9"),
        {"SubAccountId": "1", "RegionId": "ap-9"},
    )
    assert one.cost_impact.mid == Decimal("140.00")
    assert one.evidence == ("first charged on 2026-02-10 after 40 days without it",)
    assert one.p_value == pytest.approx(1 / 41)


def test_a_first_seen_service() -> None:
    """A service new to its account is told, though another account has it."""
    assert kinds(rows(slice(40, 41), SubAccountId="2", ServiceName="Store")) == [
        ("new_service", ("2", "Store"))
    ]


def test_a_gpu_burst() -> None:
    """GPU machines at ten times their most are a burst, told once within a week."""
    usual = rows(value=5.0, ChargeDescription="p3.2xlarge")
    [one] = signals(
        pd.concat([HOME, usual, rows(slice(50, 53), value=60.0, ChargeDescription="p4d.24xlarge")])
    )
    assert (one.kind, one.series) == ("gpu_burst", ("1",))
    assert one.evidence[0] == "65.00 on 2026-02-20, at most 5.00 on the 50 days before"


def test_gpus_never_used_before_are_a_burst() -> None:
    """The first GPU is more than any before."""
    assert kinds(rows(slice(50, 51), value=60.0, ChargeDescription="g5.xlarge")) == [("gpu_burst", ("1",))]


def test_an_egress_burst() -> None:
    """Traffic out at ten times its most."""
    assert kinds(rows(slice(50, 51), value=30.0, ChargeDescription="DataTransfer-Out-Bytes")) == [
        ("egress_burst", ("1",))
    ]


def test_many_new_places_at_once_are_a_fan_out() -> None:
    """Six pairs of region and service on one day in one account, beside the signals of each region."""
    more = [
        rows(slice(45, 47), RegionId=f"r{number % 3}", ServiceName=name)
        for number, name in enumerate(["VM", "VM", "VM", "Store", "Store", "Store"])
    ]
    found = signals(pd.concat([HOME, *more]))
    [one] = [one for one in found if one.kind == "fan_out"]
    assert one.evidence[0] == "6 new pairs of region and service in 3 regions on 2026-02-15"
    assert one.cost_impact.mid == Decimal("240.00")
    assert one.p_value == pytest.approx(1 / 45)


def test_small_money_is_no_signal() -> None:
    """Below the floor a new region is not told."""
    assert kinds(rows(slice(40, 41), value=0.5, RegionId="ap-9")) == []


def test_the_first_fourteen_days_learn() -> None:
    """What begins within them is not new."""
    assert kinds(rows(slice(10, None), RegionId="ap-9")) == []


def test_unknown_and_negative_amounts_are_left_out() -> None:
    """A credit in a region is no use of it, and an unknown cost says nothing."""
    assert (
        kinds(
            rows(slice(40, 41), value=-50.0, RegionId="ap-9"),
            rows(slice(41, 42), value=np.nan, RegionId="ap-8"),
        )
        == []
    )
    assert signals(rows(value=np.nan)) == ()


def test_hostile_names_are_carried_as_they_are() -> None:
    """A region named like a script is a region."""
    assert kinds(rows(slice(40, 41), RegionId="<script>")) == [("new_region", ("1", "<script>"))]


def test_what_cannot_be_read_is_refused() -> None:
    """A lost column and two currencies are named."""
    with pytest.raises(QueryError, match="'RegionId'"):
        signals(HOME.drop(columns="RegionId"))
    with pytest.raises(CurrencyError, match="EUR, USD"):
        signals(pd.concat([HOME, rows(BillingCurrency="EUR")]))


@pytest.mark.parametrize(
    "text",
    [
        "Nvidia Tesla T4 GPU",
        "p4d.24xlarge",
        "USE1-BoxUsage:g5.xlarge",
        "Standard_NC6s_v3",
        "a2-highgpu-1g",
        "H100 80GB",
    ],
)
def test_gpu_meters_are_known(text: str) -> None:
    """Names of GPU machines of several providers."""
    assert GPU.search(text)


@pytest.mark.parametrize(
    "text", ["m5.large", "gp3 storage", "Standard_D2s_v3", "n2-standard-4", "pg4.x database"]
)
def test_other_meters_are_not(text: str) -> None:
    """Machines without, and a disk whose name is near."""
    assert not GPU.search(text)


def test_egress_meters_are_known() -> None:
    """Traffic out, and not traffic in."""
    assert EGRESS.search("USE1-DataTransfer-Out-Bytes")
    assert EGRESS.search("Network Internet Egress from EU")
    assert not EGRESS.search("DataTransfer-In-Bytes")

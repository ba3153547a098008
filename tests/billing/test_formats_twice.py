"""The same charges delivered twice, in another layout, view or kind of file: they replace or are refused."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing.lake import Lake
from finops_lib.errors import RefusedDeliveryError
from tests.billing.bills import Sample, charges, take
from tests.billing.samples import AZURE, GCP, GCP_LINES, OCI, OPENCOST, OPENSHIFT

MODERN = {
    "BillingAccountId": "billingAccountId",
    "SubscriptionName": "subscriptionName",
    "Date": "date",
    "CostInBillingCurrency": "costInBillingCurrency",
    "BillingCurrency": "billingCurrency",
    "ResourceGroup": "resourceGroupName",
    "Tags": "tags",
    "ChargeType": "chargeType",
    "CostCenter": "costCenter",
}
COVERED = {"PricingModel": "Reservation", "ReservationId": "R1"}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Give an empty lake."""
    return Lake(tmp_path / "lake")


def deliver(lake: Lake, sample: Sample, content: bytes) -> None:
    """Take one file in."""
    path = lake.root.with_name("bill")
    path.write_bytes(content)
    take(lake, sample, path)


def refused(lake: Lake, sample: Sample, content: bytes) -> str:
    """Take one file in that is refused, and leaves the lake as it was."""
    before = lake.digest()
    with pytest.raises(RefusedDeliveryError) as caught:
        deliver(lake, sample, content)
    assert lake.digest() == before
    return str(caught.value)


def cost(lake: Lake) -> Decimal:
    """Add up all current rows."""
    return sum((row["BilledCost"] for row in charges(lake)), Decimal(0))


def modern(line: Mapping[str, str]) -> dict[str, str]:
    """Write a row in the layout of a Customer Agreement, its columns in another order."""
    told = {MODERN.get(name, name): text for name, text in reversed(line.items())}
    return {**told, "billingProfileId": line["BillingAccountId"], "billingProfileName": "Trey"}


def test_another_layout_of_a_month_replaces_it(lake: Lake) -> None:
    """An Enterprise export, then one in the layout of a Customer Agreement: one month of one account."""
    deliver(lake, AZURE, AZURE.of(5, 6))
    deliver(lake, AZURE, AZURE.bill(*(modern(AZURE.line(amount, amount)) for amount in (5, 6, 7))))
    assert cost(lake) == 18


def test_another_layout_that_lacks_half_the_cost_is_refused(lake: Lake) -> None:
    """A part of the month in a new layout is no reason to lose the rest."""
    deliver(lake, AZURE, AZURE.of(5, 6))
    assert refused(lake, AZURE, AZURE.bill(modern(AZURE.line(5)))) == (
        "delivery Microsoft E1 2026-07: it costs 5 USD, the one in place 11; less than half is not believed. "
        "Remedy: check that the export is complete; if the provider did withdraw charges, use --force."
    )


def test_amortized_cost_after_actual_is_refused(lake: Lake) -> None:
    """Both views hold the same usage; a purchase tells the one, the cost of covered usage the other."""
    bought = AZURE.line(100, 1, ChargeType="Purchase", **COVERED)
    deliver(lake, AZURE, AZURE.bill({**AZURE.line(5), **dict.fromkeys(COVERED, "")}, bought))
    spread = AZURE.bill({**AZURE.line(5), **dict.fromkeys(COVERED, "")}, AZURE.line(100, 2, **COVERED))
    assert refused(lake, AZURE, spread) == (
        "delivery Microsoft E1 2026-07: it shows amortized cost, the one in place actual cost of the same "
        "charges. Remedy: take in one of the two exports; with --force this one takes over."
    )
    assert cost(lake) == 105


def test_both_views_in_one_file_are_refused(lake: Lake) -> None:
    """Two exports that were put together would count twice."""
    bought = AZURE.line(100, 1, ChargeType="Purchase", **COVERED)
    assert refused(lake, AZURE, AZURE.bill(bought, AZURE.line(100, 2, **COVERED))) == (
        "delivery Microsoft E1 2026-07: it holds actual and amortized cost of the same charges. "
        "Remedy: take in one of the two exports."
    )


def test_a_day_of_google_replaces_itself_in_another_kind_of_file(lake: Lake) -> None:
    """JSON after CSV is the same day of export again; another day stands beside it."""
    deliver(lake, GCP, GCP.of(5, 6))
    deliver(lake, GCP_LINES, GCP_LINES.of(5, 6))
    assert cost(lake) == 11
    later = {"export_time": "2026-07-03 01:00:00 UTC"}
    deliver(lake, GCP, GCP.bill(GCP.line(7, **later)))
    assert cost(lake) == 18


def test_a_window_replaces_itself_and_overlaps_no_other(lake: Lake) -> None:
    """The same window again is the same money; one that reaches into it is refused."""
    deliver(lake, OPENCOST, OPENCOST.of(5, 6))
    deliver(lake, OPENCOST, OPENCOST.of(5, 7))
    assert cost(lake) == 12
    wider = OPENCOST.bill(OPENCOST.line(9, **{"window.end": "2026-07-03T00:00:00Z"}))
    assert refused(lake, OPENCOST, wider) == (
        "window 2026-07-01T00:00:00Z/2026-07-03T00:00:00Z of Kubernetes one: it overlaps the window "
        "2026-07-01T00:00:00Z/2026-07-02T00:00:00Z, and cost in both would count twice. "
        "Remedy: ask for windows that follow one another; with --force both are kept."
    )


@pytest.mark.parametrize(
    ("sample", "row"),
    [
        (OCI, "ReferenceNo n1"),
        (OPENSHIFT, "UsageRow pod/one/2026-07-01 00:00:00 +0000 UTC/n1/web/p1/"),
    ],
    ids=lambda found: found.name if isinstance(found, Sample) else "",
)
def test_a_row_that_another_file_holds_is_refused(sample: Sample, row: str, lake: Lake) -> None:
    """Files of these exports follow one another, and no row comes in two of them."""
    deliver(lake, sample, sample.of(5, 6))
    assert refused(lake, sample, sample.bill(sample.line(6, 1), sample.line(7, 2))) == (
        f"1 rows, among them {row}: another slice holds them already, and their money would count twice. "
        "Remedy: leave that file out; with --force both are kept."
    )
    assert cost(lake) == 11


def test_the_same_bill_under_another_account_is_refused(lake: Lake) -> None:
    """A layout that names the billing profile: two of three days of the subscription cost what they did."""
    days = [AZURE.line(amount, amount) | {"Date": f"07/0{amount}/2026"} for amount in (4, 5, 6)]
    deliver(lake, AZURE, AZURE.bill(*days))
    days[0] |= {"CostInBillingCurrency": "4.5"}
    renamed = [day | {"BillingAccountId": "PROFILE-1"} for day in days]
    assert refused(lake, AZURE, AZURE.bill(*renamed)) == (
        "delivery Microsoft PROFILE-1 2026-07: 2 of its 3 days of service and sub-account cost exactly what "
        "they cost in account E1: it seems to be the same bill under another name. Remedy: take in one of "
        "the two layouts; with --force both are kept."
    )


def test_an_export_of_another_subscription_does_not_take_over(lake: Lake) -> None:
    """It would lose the first one's money."""
    deliver(lake, AZURE, AZURE.of(5, 6))
    lines = [AZURE.line(amount, amount) | {"SubscriptionId": "other-sub"} for amount in (5, 6)]
    assert "it has no charge of the sub-accounts" in refused(lake, AZURE, AZURE.bill(*lines))
    assert cost(lake) == 11

"""What the sample company could buy is read by the product, and named as its bills name it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from finops_lib.estate.company import company
from finops_lib.estate.offers import HELD_FILE, OFFERS_FILE, write_offers
from finops_lib.optimize.commitments.offers import Offer
from finops_lib.optimize.commitments.offers_file import parse, parse_held

OTHERS = {
    "azure": {"commitment": {"id": "a", "months": ["2025-11", "2025-12"]}},
    "gcp": {"commitment": {"id": "g", "months": []}},
}
Written = tuple[Path, dict[str, Offer], int]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Write the offers of a company of some size."""
    folder = tmp_path_factory.mktemp("offers")
    count = write_offers(folder, company(20_260_918, slots=160), OTHERS)
    found = parse((folder / OFFERS_FILE).read_text(), name=OFFERS_FILE)
    return folder, {one.name: one for one in found}, count


def test_a_plan_covers_its_services_where_they_run(written: Written) -> None:
    """Every region at its service's discount; the reservation of one region covers that alone."""
    _, offers, count = written
    plan = offers["Compute Savings Plan 3y partial"]
    assert (plan.months, plan.upfront, len(offers)) == (36, 0.5, count)
    assert plan.discounts["AWS / Amazon Elastic Compute Cloud / eu-central-1"] == 0.49
    assert plan.discounts["AWS / AWS Lambda / us-east-1"] == 0.16
    narrow = offers["RDS reservation eu-central-1 1y all"]
    assert dict(narrow.discounts) == {"AWS / Amazon Relational Database Service / eu-central-1": 0.37}
    assert "RDS reservation eu-central-1 3y none" not in offers  # not sold


def test_longer_and_earlier_paid_saves_more(written: Written) -> None:
    """Of offers that differ in term or payment alone."""
    _, offers, _ = written
    for name, offer in offers.items():
        other = offers.get(name.replace("1y", "3y"), offer)
        early = offers.get(name.replace("none", "all"), offer)
        assert all(other.discounts[scope] >= share for scope, share in offer.discounts.items())
        assert all(early.discounts[scope] >= share for scope, share in offer.discounts.items())


def test_every_provider_has_offers(written: Written) -> None:
    """Three of them."""
    _, offers, _ = written
    providers = {scope.split(" / ")[0] for one in offers.values() for scope in one.discounts}
    assert providers == {"AWS", "Microsoft", "Google Cloud"}
    assert "Google Cloud / Cloud Run / europe-west4" not in offers["Flexible commitment 1y none"].discounts


def test_a_commitment_runs_for_a_year(written: Written) -> None:
    """From the first month that it was seen in; one that was never seen is not listed."""
    (term,) = parse_held((written[0] / HELD_FILE).read_text(), name=HELD_FILE)
    assert (term.commitment, term.ends, term.months) == ("a", datetime(2026, 11, 1, tzinfo=UTC), 12)

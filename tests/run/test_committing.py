"""What to commit to, from a bill whose numbers are worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from finops_lib.billing.lake import Lake
from finops_lib.errors import CurrencyError, ParameterError
from finops_lib.optimize.commitments.offers import Offer
from finops_lib.optimize.commitments.offers_file import Term
from finops_lib.run.commit_files import CommitFiles
from finops_lib.run.committing import Commitments, committing, prepared
from tests.run.committedlakes import OTHER, PLAN, SCOPE, bill, desk_of, lake_of

OFFERS = (Offer("year", {SCOPE: 0.6}, 12), Offer("functions", {OTHER: 0.2}, 12))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_of(tmp_path_factory.mktemp("committing") / "x")


def asked(lake: Lake, **files: object) -> Commitments:
    with desk_of(lake) as desk:
        return committing(desk, files=CommitFiles(**files))  # type: ignore[arg-type]


def test_what_is_in_place_is_read_from_the_bill(lake: Lake) -> None:
    """66 paid a day are 2.75 an hour, half the price of 5 that are covered."""
    [found] = asked(lake, offers=OFFERS).placed
    assert (found.commitment, found.kind, found.ends) == (PLAN, "Savings Plan", None)
    assert found.hourly == pytest.approx(2.75)
    assert dict(found.discounts) == {SCOPE: pytest.approx(0.5)}
    assert dict(found.covers) == {SCOPE: pytest.approx(5.0)}


def test_an_unused_part_under_another_seller_is_the_same_commitment(tmp_path: Path) -> None:
    """The bill writes what is not used under a seller whose name comes first: nothing of it is lost."""
    lines = [
        {**line, "ProviderName": "AAA"} if line.get("CommitmentDiscountStatus") == "Unused" else line
        for line in bill()
    ]
    [found] = asked(lake_of(tmp_path / "x", lines=lines), offers=OFFERS).placed
    assert (found.commitment, found.hourly) == (PLAN, pytest.approx(2.75))


def test_only_what_is_left_is_bought(lake: Lake) -> None:
    """The plan covers 5 of 10 an hour and has .5 to spare: 4.5 are left, at 60 % off 1.80; functions: 1."""
    found = asked(lake, offers=OFFERS)
    told = {item.resource: item for item in found.recommendations}
    hourly = {name: float(next(iter(item.to.values())).split()[0]) for name, item in told.items()}
    assert hourly[SCOPE] == pytest.approx(4.5 * 0.4, rel=0.02)
    assert hourly[OTHER] == pytest.approx(0.8, rel=0.02)
    assert float(told[SCOPE].saving_month.mid) == pytest.approx(4.5 * 0.6 * 730.5, rel=0.03)
    assert told[SCOPE].backtest["share_of_optimum"] == pytest.approx(1.0, abs=0.03)
    assert any("is taken to cover on and on" in sentence for sentence in found.unknown)


def test_what_other_changes_leave_is_bought_for(lake: Lake) -> None:
    """Half of compute goes: 5 are left, which the plan covers whole."""
    with desk_of(lake) as desk:
        found = committing(desk, files=CommitFiles(OFFERS), left={"USD": {SCOPE: 0.5}})
    assert [item.resource for item in found.recommendations] == [OTHER]
    reasons = {item.resource: item.reason for item in found.not_recommended}
    assert SCOPE in reasons


def test_what_ends_is_renewed(lake: Lake) -> None:
    """The plan ends on 10 July: from then on there are 10 an hour, half of it at the terms of the bill."""
    ends = (Term(PLAN, datetime(2026, 7, 10, tzinfo=UTC), 12),)
    found = asked(lake, held=ends)
    [one] = [item for item in found.recommendations if "from" in item.to]
    assert next(iter(one.to)) == "renewal of savingsplan/5d1f"
    assert one.to["from"] == "2026-07-10"
    assert one.reason.endswith("begins on 2026-07-10, when what is in place ends")


def test_without_offers_that_is_said(lake: Lake) -> None:
    """Functions have none, and compute only its renewal."""
    found = asked(lake)
    reasons = {item.resource: item.reason for item in found.not_recommended}
    assert reasons[OTHER] == "no offer for it is known: hand in a file of offers (CSV or TOML) that names it"
    assert any(sentence.startswith("No file of offers was handed in") for sentence in found.unknown)


def test_terms_for_the_plan_of_all_changes(lake: Lake) -> None:
    """What is held covers 5 an hour; the best offers of a year are the two that were handed in."""
    with desk_of(lake) as desk:
        [(currency, terms)] = prepared(desk, files=CommitFiles(OFFERS)).terms().items()
    assert (currency, dict(terms.held)) == ("USD", {SCOPE: pytest.approx(5.0)})
    assert dict(terms.discount) == {SCOPE: 0.6, OTHER: 0.2}


def test_currencies_are_asked_one_at_a_time(tmp_path: Path) -> None:
    """Two bills: each has its own commitment, and their sums are never one."""
    lines = [*bill(), *bill(currency="EUR")]
    with desk_of(lake_of(tmp_path / "x", lines=lines), currency="EUR") as desk:
        found = committing(desk, files=CommitFiles(OFFERS))
        alone = committing(desk, files=CommitFiles(OFFERS), currency="EUR")
    assert {one.currency for one in found.sold} == {"EUR", "USD"}
    assert {item.saving_month.unit for item in alone.recommendations} == {"EUR"}
    assert alone.held_use() == found.held_use(currency="EUR") == {SCOPE: pytest.approx(5.0)}
    with pytest.raises(CurrencyError, match="amounts of several currencies are not added"):
        found.held_use()
    assert found.discounts()[OTHER] == 0.2


@pytest.mark.parametrize("months", [0, 121])
def test_terms_have_bounds(lake: Lake, months: int) -> None:
    """From a month to ten years."""
    with desk_of(lake) as desk, pytest.raises(ParameterError, match="it is from 1 to 120"):
        committing(desk, files=CommitFiles(), longest_months=months)


def test_long_terms_can_be_left_out(lake: Lake) -> None:
    """Nothing longer than six months: the offers of a year are gone."""
    with desk_of(lake) as desk:
        found = committing(desk, files=CommitFiles(OFFERS), longest_months=6)
    assert found.recommendations == []

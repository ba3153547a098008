"""The tables of an allocation on a bill that can be worked by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.cost.exact import total
from finops_lib.errors import QueryError
from finops_lib.run.allocating_tables import Tables
from tests.run import shared


@pytest.fixture(scope="module")
def july(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Split July of the small bill."""
    folder = tmp_path_factory.mktemp("tables")
    return shared.opened(shared.lake(folder), folder)


def test_what_is_shown_is_charged(july: Tables) -> None:
    """The dearest first, nobody last; cents add up."""
    found = july.teams()
    assert list(found["Team"]) == ["web", "data", "(unallocated)"]
    assert list(found["Charged"]) == [Decimal("63.00"), Decimal("29.00"), Decimal("17.00")]
    assert list(found["Direct"]) == [60, 20, 0]


def test_each_rule_says_what_it_did(july: Tables) -> None:
    """The tag looked at all 109 and placed 80; what it could not place has its reason."""
    found = july.applied().set_index("Rule")
    assert list(found.index) == ["tag", "queue", "support"]
    assert list(found["LookedAt"]) == [109, 8, 4]
    assert list(found["Placed"]) == [80, 8, 4]
    assert list(found["NotPlaced"]) == ["tag:team has no value", "", ""]


def test_the_steps_lead_from_the_bill_to_the_team(july: Tables) -> None:
    """Of data: its disk by the tag, three quarters of the queue and of support, the dearest line first."""
    found = july.disputed("data")
    assert list(found["Rule"]) == ["tag", "queue", "support"]
    assert list(found["Amount"]) == [20, 6, 3]
    assert [row.split(",")[0] for row in found["Service"]] == ["Disk", "Queue", "Support"]
    assert list(found["Weight"]) == ["data", "3", "0.75"]
    assert set(found["From"]) == {"bill"}
    assert len(july.disputed("data", lines=1)) == 1


def test_the_team_that_shares_most_is_shown_unasked(july: Tables) -> None:
    """Data pays 9 for shared things, web 3; nobody is no team."""
    assert july.most_shared() == "data"
    assert july.disputed().equals(july.disputed("data"))


def test_a_team_that_has_nothing_is_refused(july: Tables) -> None:
    """It is no empty table."""
    with pytest.raises(QueryError, match="team 'nobody I know'"):
        july.disputed("nobody I know")


def test_what_is_left_stands_where_it_sits(july: Tables) -> None:
    """Account and service, most first; it is all that nobody has."""
    found = july.left()
    assert list(zip(found["SubAccountName"], found["ServiceName"], found["Cost"], strict=True)) == [
        ("Web", "VPN", 10),
        ("(none)", "Spare", 7),
    ]


def test_owners_have_their_evidence(july: Tables) -> None:
    """The account named web; nothing speaks for the rest."""
    found = july.whose().set_index("Owner")
    assert found.loc["web", "Evidence"].startswith("SubAccountId")
    assert found.loc["(nobody)", "Evidence"] == "none"
    assert found.loc["(nobody)", "Reliability"] == "unknown"
    assert total(found["Mid"]) == 17


def test_units_and_why_they_moved(july: Tables) -> None:
    """0.50 became 0.30: prices made it dearer, efficiency cheaper, and twice the requests cost 40 more."""
    (unit,) = july.units().to_dict("records")
    assert (unit["Units"], unit["UnitCost"], unit["Before"], unit["State"]) == (
        "200",
        "$0.3000",
        "$0.5000",
        "known",
    )
    (moved,) = july.effects().to_dict("records")
    assert (moved["Change"], moved["Price"], moved["Efficiency"]) == ("-$0.2000", "$0.1750", "-$0.3750")
    assert moved["VolumeInCost"] == 40


def test_a_team_has_its_own_unit_cost(july: Tables) -> None:
    """What web pays for VM, 60 of its 63, over its 200 requests; data has none and no row."""
    (found,) = july.units_by_team().to_dict("records")
    assert (found["Team"], found["Of"]) == ("web", "ServiceName VM")
    assert (found["Cost"], found["UnitCost"]) == (60, "$0.3000")


def test_a_unit_cost_of_everything_divides_all_that_a_team_pays(tmp_path: Path) -> None:
    """With what was shared out to it: 63 over 200."""
    rules = shared.RULES.partition('where = { ServiceName = "VM" }')[0]
    (found,) = shared.opened(shared.lake(tmp_path), tmp_path, rules=rules).units_by_team().to_dict("records")
    assert (found["Of"], found["Cost"], found["UnitCost"]) == ("everything", 63, "$0.3150")


def test_what_must_be_known_is_said(tmp_path: Path) -> None:
    """A rule that found nothing, a unit cost without units, a cluster rule without a report."""
    more = '[[rule]]\nname = "nodes"\nmethod = "cluster"\n[[unit_cost]]\nname = "Seat"\nmetric = "seats"\n'
    head, _, tail = shared.RULES.partition("[[unit_cost]]")
    found = shared.opened(shared.lake(tmp_path), tmp_path, rules=f"{head}{more}[[unit_cost]]{tail}").noted()
    assert found[0] == "No cluster's report is in the lake: cluster rules placed nothing."
    assert found[1].startswith("The rule 'nodes' placed nothing: no report of ResourceId ")
    assert found[2] == "The unit cost 'Seat' is not known: no units."


def test_the_bill_is_placed_in_four_ways(july: Tables) -> None:
    """80, 12, 0 and 17 of 109."""
    found = july.shares_of_bill()
    assert {name: round(share * 109) for name, share in found.items() if share is not None} == {
        "direct": 80,
        "shared": 12,
        "idle": 0,
        "unallocated": 17,
    }

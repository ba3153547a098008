"""Rules in force: which of a file hold in a month, and what its version and id say."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from finops_lib.cost.allocation.rules import Rule, RuleFile
from finops_lib.errors import QueryError
from finops_lib.records import Period

MAY, JULY = (Period.month(month) for month in ("2026-05", "2026-07"))
OLD = Rule("support", "fixed", shares={"a": Decimal(1)}, valid_until=JULY.start)
NEW = Rule("support", "fixed", shares={"b": Decimal(1)}, valid_from=JULY.start)
TAG = Rule("tag", "direct", by="tag:team")
FILE = RuleFile("7", (TAG, OLD, NEW))


@pytest.mark.parametrize(
    ("month", "held"), [("2026-05", (TAG, OLD)), ("2026-06", (TAG, OLD)), ("2026-07", (TAG, NEW))]
)
def test_a_month_has_the_rules_of_its_own_time(month: str, held: tuple[Rule, ...]) -> None:
    """The end of the old rule is the first month of the new one, and order is kept."""
    found = FILE.at(Period.month(month))
    assert found.rules == held
    assert found.version == "7"


def test_a_time_in_which_rules_change_has_no_one_answer() -> None:
    """Half a year with July in it is refused, with the rule and the month; its first part is not."""
    with pytest.raises(QueryError, match=r"rule 'support' changes in 2026-07: one set of rules holds"):
        FILE.at(Period(MAY.start, Period.month("2026-12").end))
    assert FILE.at(Period(MAY.start, JULY.start)).rules == (TAG, OLD)


def test_a_month_before_all_rules_has_none() -> None:
    """Then nothing is allocated, which is no error."""
    assert RuleFile("1", (NEW,)).at(MAY).rules == ()


def test_the_id_is_that_of_what_the_rules_do() -> None:
    """A rule that gets an end later, or another version, splits May as before; another share does not."""
    before = RuleFile("6", (TAG, replace(OLD, valid_until=None))).at(MAY)
    assert FILE.at(MAY).id == before.id
    assert FILE.at(MAY).id != FILE.at(JULY).id
    assert FILE.at(MAY).label == f"7 ({before.id})"
    assert RuleFile("6", (OLD, TAG)).id != RuleFile("6", (TAG, OLD)).id


def test_columns_and_labels_are_those_that_rules_look_at() -> None:
    """Filters and keys once each, sorted; labels are those of cluster rules alone."""
    nodes = Rule("nodes", "cluster", {"ServiceName": ("EC2",)}, by="ResourceId", level="tag:app")
    plain = Rule("plain", "cluster", by="ResourceId")
    found = RuleFile("1", (nodes, plain, TAG))
    assert found.columns == ("ResourceId", "ServiceName", "tag:team")
    assert found.levels == ("app",)

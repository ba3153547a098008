"""A new bundle over old documents: whom it hits and for how much, worked by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from finops_lib.policy.life.replay import ALLOWED, ASKED, DENIED, money_of, replayed, subject_of
from finops_lib.records import Reason, Verdict
from tests.policy.regorus_bench import RegorusJudge
from tests.policy.small_bundle import COST, DATA, document, small


def judge(**changed: str) -> RegorusJudge:
    written = small(**changed)
    return RegorusJudge(written.modules, written.data)


def thing(name: str, cost: float | None, currency: str = "USD", team: str = "checkout") -> dict[str, Any]:
    resource = {"address": name, "tags": {"team": team} if team else {}, "owner": f"@lantern/{team}"}
    return document(cost_month=cost, currency=currency, resource=resource)


THINGS = [
    thing("cheap", 40.0),
    thing("middle", 60.0),
    thing("dear", 90.0, team="data"),
    thing("euro", 70.0, "EUR"),
    thing("over", 200.0),
    thing("unknown", None),
]
LOWER = DATA.replace("100", "50")


def test_a_lower_limit_denies_what_lies_between() -> None:
    """60 and 90 USD and 70 EUR lie above 50 and not above 100; 200 was denied before."""
    found = replayed(judge(), judge(data=LOWER), THINGS)
    assert [(hit.subject, hit.money_month, hit.currency) for hit in found.of(DENIED)] == [
        ("euro", Decimal("70.00"), "EUR"),
        ("dear", Decimal("90.00"), "USD"),
        ("middle", Decimal("60.00"), "USD"),
    ]
    assert found.money(DENIED) == {"EUR": Decimal(70), "USD": Decimal(150)}
    assert found.by_team(DENIED) == {
        "checkout": {"EUR": Decimal(70), "USD": Decimal(60)},
        "data": {"USD": Decimal(90)},
    }
    assert (found.judged, found.of(ASKED), found.of(ALLOWED), found.unjudged) == (6, (), (), ())
    [dear] = [hit for hit in found.hits if hit.subject == "dear"]
    assert (dear.team, dear.owner, dear.kind, dear.rules) == (
        "data",
        "@lantern/data",
        "resource",
        ("COST-001",),
    )
    assert (dear.before, dear.after) == ("allow", "deny")


def test_a_replay_turned_round_allows_the_same() -> None:
    """What the lower limit newly denies, the way back newly allows, for the rule that had denied it."""
    there, back = (
        replayed(judge(), judge(data=LOWER), THINGS),
        replayed(judge(data=LOWER), judge(), THINGS),
    )
    assert [hit.subject for hit in back.of(ALLOWED)] == [hit.subject for hit in there.of(DENIED)]
    assert back.money(ALLOWED) == there.money(DENIED)
    assert {hit.rules for hit in back.hits} == {("COST-001",)}
    assert (there.old_sha256, there.new_sha256) == (back.new_sha256, back.old_sha256)


def test_the_same_bundle_hits_nobody() -> None:
    """Nothing changes, so there is nothing to say."""
    found = replayed(judge(), judge(), THINGS)
    assert (found.hits, found.judged, list(found.table().columns)[:2]) == ((), 6, ["effect", "subject"])


def test_a_softer_rule_asks_where_it_denied() -> None:
    """A denial that became an approval is newly needing approval; unknown money stands last."""
    softer = COST.replace("deny contains", "approve contains")
    harder = COST.replace("approve contains", "deny contains")
    found = replayed(judge(), judge(cost=softer), THINGS)
    assert [(hit.effect, hit.subject, hit.before) for hit in found.hits] == [(ASKED, "over", "deny")]
    found = replayed(judge(), judge(cost=harder, data=LOWER), THINGS)
    assert [(hit.subject, hit.money_month) for hit in found.hits][-1] == ("unknown", None)
    assert found.money(DENIED) == {"EUR": Decimal(70), "USD": Decimal(150)}
    assert found.by_team(DENIED)["checkout"]["USD"] == 60


def test_the_table_has_a_row_for_each_hit() -> None:
    """Money stays exact, rules are one text."""
    table = replayed(judge(), judge(data=LOWER), THINGS).table()
    assert table["subject"].tolist() == ["euro", "dear", "middle"]
    assert table["money_month"].tolist() == [Decimal("70.00"), Decimal("90.00"), Decimal("60.00")]
    assert table["rules"].tolist() == ["COST-001"] * 3


def test_what_an_engine_could_not_judge_is_no_hit() -> None:
    """A failure is told apart: it is neither a denial by the new policies nor silence."""
    broken = COST.replace('id := "COST-001"', 'id := "COST-001"\n\nid := "B" if input.cost_month > 80')
    found = replayed(judge(), judge(cost=broken), THINGS)
    assert found.unjudged == ("dear", "over")
    assert found.hits == ()


class Short(RegorusJudge):
    """Answers to one document only."""

    def judge_all(self, documents: Iterable[Mapping[str, Any]]) -> Iterator[Verdict]:
        for one in list(documents)[:1]:
            yield self.judge(one)


def test_a_judge_that_leaves_documents_out_is_refused() -> None:
    """A missing verdict would look like no hit."""
    written = small()
    with pytest.raises(ValueError, match="shorter"):
        replayed(judge(), Short(written.modules, written.data), THINGS)


def test_no_documents_hit_nobody() -> None:
    """Nothing was judged, and the replay says so."""
    found = replayed(judge(), judge(), [])
    assert (found.judged, found.hits, found.old_sha256) == (0, (), "")


class Fixed:
    """Says one thing of everything: a judge of changes, for which the small bundle has no policy."""

    def __init__(self, outcome: str) -> None:
        self.outcome = outcome

    def judge(self, document: Mapping[str, Any]) -> Verdict:
        reasons = () if self.outcome == "allow" else (Reason("ENV-001", "too much", subject_of(document)),)
        return Verdict(self.outcome, reasons, ("ENV-001",), (), (), self.outcome, "", "fixed", "")

    def judge_all(self, documents: Iterable[Mapping[str, Any]]) -> Iterator[Verdict]:
        return map(self.judge, documents)


def test_a_change_counts_with_its_saving() -> None:
    """Team and author come from the change, money is the middle of its saving."""
    change = {"id": "c1", "team": "data", "author": "ana", "saving_month": {"mid": 80.5, "currency": "EUR"}}
    [hit] = replayed(Fixed("allow"), Fixed("needs_approval"), [{"kind": "change", "change": change}]).hits
    assert (hit.effect, hit.subject, hit.team, hit.owner) == (ASKED, "c1", "data", "ana")
    assert (hit.money_month, hit.currency, hit.rules) == (Decimal("80.50"), "EUR", ("ENV-001",))


@pytest.mark.parametrize(
    ("found", "money"),
    [
        ({}, (None, "")),
        ({"cost_month": True}, (None, "")),
        ({"cost_month": "12"}, (None, "")),
        ({"cost_month": 1e300, "currency": "USD"}, (None, "")),
        ({"cost_month": 12, "currency": "EUR"}, (Decimal("12.00"), "EUR")),
        ({"change": {"cost_delta_month": -7.25}}, (Decimal("7.25"), "USD")),
        ({"change": {"saving_month": None, "cost_delta_month": 3.0}, "currency": "EUR"}, (Decimal(3), "EUR")),
        ({"change": "c"}, (None, "")),
    ],
)
def test_money_of_a_document(found: dict[str, Any], money: tuple[Decimal | None, str]) -> None:
    """What is no number, or no money that there can be, is unknown."""
    assert money_of(found) == money

"""Who gets which share by one rule: each method by hand, and each reason for no answer."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from finops_lib.cost.allocation.rules import Rule
from finops_lib.cost.allocation.weights import Grounds, Split, split_of
from finops_lib.cost.split import ONE
from finops_lib.errors import QueryError

COLUMNS = ["consumer", "metric", "value", "time"]
USAGE = pd.DataFrame(
    [
        ("web", "requests", 3, "01"),
        ("web", "requests", "1", "02"),
        ("data", "requests", Decimal(0), "01"),
        ("data", "requests", 2.0, "02"),
        (None, "requests", 2, "01"),
        ("web", "odd", -1, "01"),
        ("web", "word", "x", "01"),
        ("web", "gap", None, "01"),
        ("web", "huge", 10**400, "01"),
        ("web", "none", 0, "01"),
    ],
    columns=COLUMNS,
    dtype=object,
)
GROUNDS = Grounds(
    {"web": 30, "data": 10, "credits": -5, "platform": 60},
    USAGE,
    {"n1": {"web": (Fraction(1), Fraction(1)), None: (Fraction(1), Fraction(1))}, "n2": {}},
)


def shares_of(method: str, key: str = "", **fields: Any) -> dict[str | None, Decimal]:
    """Give the shares by team."""
    split = split_of(Rule("r", method, **fields), key, GROUNDS)
    return {team: Decimal(part) / ONE for team, part in zip(split.teams, split.parts, strict=True)}


def reason_of(method: str, key: str = "", **fields: Any) -> str:
    """Say why there is no answer."""
    split = split_of(Rule("r", method, **fields), key, GROUNDS)
    assert (split.teams, split.parts) == ((), ())
    return split.reason


def test_direct_takes_the_value_or_its_team() -> None:
    """Without a map the value is the team; with one, only its values count."""
    assert shares_of("direct", "Web", by="tag:team") == {"Web": 1}
    assert shares_of("direct", "Web", by="tag:team", teams={"Web": "web"}) == {"web": 1}
    assert reason_of("direct", "X", by="tag:team", teams={"Web": "web"}) == "tag:team X is not in the map"


@pytest.mark.parametrize(
    ("by", "key"), [("tag:team", "(untagged)"), ("A", "(none)"), ("tag:team", "(empty)")]
)
def test_no_value_is_no_team(by: str, key: str) -> None:
    """Also where a map would name it; a value that only spells like the mark is one."""
    assert reason_of("direct", key, by=by, teams={key: "web"}) == f"{by} has no value"
    assert shares_of("direct", f'"{key}"', by=by) == {f'"{key}"': 1}


def test_proportional_goes_by_what_teams_hold() -> None:
    """30 to 10 without the source's 60; what is below zero weighs nothing."""
    assert shares_of("proportional", source="platform") == {"web": Decimal("0.75"), "data": Decimal("0.25")}
    assert shares_of("proportional", to=("data", "credits", "new")) == {"data": 1}
    assert reason_of("proportional", to=("credits", "new")) == "no money by earlier rules"


def test_even_is_even() -> None:
    """Those named, or all that hold anything but the source."""
    assert shares_of("even", to=("a", "b")) == {"a": Decimal("0.5"), "b": Decimal("0.5")}
    assert set(shares_of("even", source="platform")) == {"web", "data", "credits"}
    nobody = Grounds({}, USAGE, {})
    assert split_of(Rule("r", "even"), "", nobody).reason == "no teams"


def test_fixed_shares_are_those_of_the_rule() -> None:
    """To the digit; a share of zero names nobody."""
    agreed = {"a": Decimal("0.7"), "b": Decimal("0.3"), "c": Decimal(0)}
    assert shares_of("fixed", shares=agreed) == {"a": Decimal("0.7"), "b": Decimal("0.3")}


def test_usage_is_added_up_and_what_nobody_used_stays() -> None:
    """4, 2 and 2 by nobody known: a half, a quarter, and a quarter unallocated."""
    quarter = Decimal("0.25")
    assert shares_of("usage", metric="requests") == {"web": 2 * quarter, "data": quarter, None: quarter}
    assert shares_of("usage", metric="requests", to=("data",)) == {"data": 1}


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        ("odd", "usage of odd by web is -1"),
        ("word", "usage of word by web is x"),
        ("gap", "usage of gap by web is None"),
        ("huge", f"usage of huge by web is 1{'0' * 39}"),
        ("none", "no usage of none"),
        ("other", "no usage of other"),
    ],
)
@pytest.mark.parametrize("method", ["usage", "shapley"])
def test_usage_that_cannot_be_shared_says_why(method: str, metric: str, reason: str) -> None:
    """A value that is none splits nothing, and is never taken for zero."""
    expected = f"no fair part of {metric}" if (method, metric) == ("shapley", "none") else reason
    assert reason_of(method, metric=metric) == expected


def test_a_team_without_a_reading_is_unknown() -> None:
    """A rule that names it does not take its use for zero."""
    assert reason_of("usage", metric="requests", to=("web", "ml")) == "no usage of requests by ml"


def test_usage_without_its_columns_is_refused() -> None:
    """The lost column is named."""
    grounds = Grounds({}, USAGE.drop(columns="value"), {})
    with pytest.raises(QueryError, match="usage without value"):
        split_of(Rule("r", "usage", metric="requests"), "", grounds)


def test_shapley_shares_the_peak() -> None:
    """Alone 3 and 2, together 3 (hour 2): web 2, data 1, as each order saves 2."""
    assert shares_of("shapley", metric="requests", to=("web", "data")) == {
        "web": Decimal("0.666666666666666667"),
        "data": Decimal("0.333333333333333333"),
    }


def test_shapley_without_times_adds_up() -> None:
    """One moment: 4 and 2 as they are; in blocks of 3, needs of 6, 3 and 6 together give 4.5 to 1.5."""
    grounds = Grounds({}, USAGE.drop(columns="time"), {})
    for block, share in (("0", "0.666666666666666667"), ("3", "0.75")):
        rule = Rule("r", "shapley", metric="requests", to=("web", "data"), block=Decimal(block))
        split = split_of(rule, "", grounds)
        assert dict(zip(split.teams, split.parts, strict=True))["web"] == Decimal(share) * ONE
        assert split.bound == 0


def test_many_consumers_are_sampled_with_a_bound() -> None:
    """13 alike that peak together: the shares are equal, and the bound says they are sampled."""
    usage = pd.DataFrame([(f"t{n}", "m", 1, "") for n in range(13)], columns=COLUMNS)
    split = split_of(Rule("r", "shapley", metric="m"), "", Grounds({}, usage, {}))
    assert max(split.parts) - min(split.parts) <= 1
    assert 0 < split.bound < 0.1


def test_a_node_is_found_by_its_full_or_short_name() -> None:
    """The report's own name, or the end of the bill's; what has no namespace stays unallocated."""
    half = Decimal("0.5")
    for key in ("n1", "arn:aws:ec2:eu:1:instance/n1"):
        assert shares_of("cluster", key, by="ResourceId") == {"web": half, None: half}
    assert reason_of("cluster", "n3", by="ResourceId") == "no report of ResourceId n3"
    assert reason_of("cluster", "n2", by="ResourceId") == "no cost in the cluster's report"
    assert reason_of("cluster", "(none)", by="ResourceId") == "no report of ResourceId (none)"


def test_shares_come_with_what_they_come_from() -> None:
    """Weights and their unit, for a dispute."""
    split = split_of(Rule("r", "usage", metric="requests"), "", GROUNDS)
    assert split == Split(split.teams, split.parts, ("4", "2", "2"), "usage of requests")


@pytest.mark.parametrize("method", ["proportional", "even"])
def test_idle_money_is_no_team_that_pays(method: str) -> None:
    """It gets no part of what all teams share, unless the rule names it."""
    grounds = Grounds(
        {"web": 6, "data": 6, "(idle)": 12}, pd.DataFrame(columns=["consumer", "metric", "value"]), {}
    )
    assert split_of(Rule("r", method), "", grounds).teams == ("data", "web")
    named = split_of(Rule("r", method, to=("web", "(idle)")), "", grounds)
    assert named.teams == ("web", "(idle)")

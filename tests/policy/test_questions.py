"""What policies are asked: documents that are well formed, in which what is not known is null."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from finops_lib.policy.bundle import shipped
from finops_lib.policy.diff import moved
from finops_lib.policy.engine.trusted import trusted
from finops_lib.policy.questions import (
    Actor,
    Asked,
    Change,
    Directory,
    about_change,
    about_resources,
    team_of,
)
from finops_lib.records import Resource

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
BUCKET = Resource(
    "a:b.logs", "terraform", "aws", "aws_s3_bucket", "logs", "a/main.tf", 3, tags={"Team": "shop"}
)
KEY = Resource(
    "a:k.key", "terraform", "aws", "aws_kms_key", "key", "a/main.tf", 9, links=("a:b.logs", "a:gone")
)
OTHER = replace(BUCKET, address="a:b.other", links=("a:k.key",))


def test_a_resource_comes_with_those_it_links_to_and_that_link_to_it() -> None:
    """Each once; a link to what is not there is none; costs are cents, what is not known is null."""
    asked = Asked(NOON, Directory(("shop",), ("@o/shop",)), {"a:k.key": Decimal("1.005")}, "EUR")
    found = {one["resource"]["address"]: one for one in about_resources([BUCKET, KEY, OTHER], asked=asked)}
    related = {
        address: [one["address"] for one in document["related"]] for address, document in found.items()
    }
    assert related == {
        "a:b.logs": ["a:k.key"],
        "a:k.key": ["a:b.logs", "a:b.other"],
        "a:b.other": ["a:k.key"],
    }
    assert [found[one]["cost_month"] for one in ("a:b.logs", "a:k.key")] == [None, 1.0]
    assert (found["a:b.logs"]["currency"], found["a:b.logs"]["directory"]["teams"]) == ("EUR", ["shop"])


def test_only_those_named_are_asked_about_and_all_are_related() -> None:
    """In the order of the resources; the moment is in UTC whatever its zone."""
    asked = Asked(NOON.astimezone(timezone(timedelta(hours=2))))
    [found] = about_resources([BUCKET, KEY], asked=asked, only=["a:k.key", "a:no"])
    assert found["resource"]["address"] == "a:k.key"
    assert [one["address"] for one in found["related"]] == ["a:b.logs"]
    assert found["time"] == "2026-11-26T12:00:00Z"


def test_a_change_tells_all_that_differs_and_has_a_digest_of_it() -> None:
    """Another value, another digest; the environment is that of most."""
    prod, dev = (replace(BUCKET, address=name, environment=name[2:]) for name in ("a:prod", "b:dev"))
    after = [
        replace(one, properties={"acl": "private"}) for one in (prod, dev, replace(dev, address="c:dev"))
    ]
    change = Change(
        moved([prod, dev, replace(dev, address="c:dev")], after), "ana", "shop", Decimal("-1.234"), 12.5
    )
    document = about_change(change, asked=Asked(NOON), actor=Actor("ana", ("engineer",), "shop"))
    told = document["change"]
    assert (told["blast_radius"], told["environment"], told["kind"], told["percent"]) == (
        3,
        "dev",
        "edit",
        12.5,
    )
    assert (told["cost_delta_month"], told["confidence"], told["budget"]) == (-1.23, None, None)
    assert told["resources"][0]["to"] == {"acl": "private"}
    assert (told["id"], len(told["digest"])) == (told["digest"][:16], 64)
    other = replace(change, moves=moved([prod], [replace(prod, properties={"acl": "public"})]))
    assert other.digest != change.digest


def test_the_shipped_policies_take_both_for_well_formed() -> None:
    """No reason is of the rule that denies what is not understood."""
    moves = moved([BUCKET], [replace(BUCKET, properties={"acl": "private"})])
    change = about_change(
        Change(moves, "ana", "shop"), asked=Asked(NOON), actor=Actor("ana", ("engineer",), "shop")
    )
    with trusted(shipped()) as engine:
        verdicts = list(engine.judge_all([change, *about_resources([BUCKET, KEY], asked=Asked(NOON))]))
    assert not {reason.rule for verdict in verdicts for reason in verdict.reasons} & {"INPUT", "ENGINE"}
    assert all(verdict.evaluated for verdict in verdicts)


def test_the_team_is_that_of_most_tags_else_of_the_owners() -> None:
    """Whatever the case of the key; nobody where nothing says it."""
    moves = moved([], [BUCKET, KEY, OTHER])
    assert team_of(moves) == "shop"
    owned = moved([], [replace(KEY, owner="@lantern/platform @lantern/finops")])
    assert (team_of(owned), team_of(moved([], [KEY]))) == ("platform", "")

"""Whom would a new bundle hit: past decisions and declared resources, judged by the old one and by it."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.bundle import SHIPPED
from finops_lib.run.check_asked import Prices
from finops_lib.run.demo import sample_folder
from finops_lib.run.policy_replaying import Sources, content, lines, replay

PRICES = Prices.read()


@pytest.fixture
def stricter(tmp_path: Path) -> str:
    """The shipped policies, with a cut of at most a tenth and a tag more."""
    folder = tmp_path / "new"
    shutil.copytree(SHIPPED, folder)
    data = folder / "data.yaml"
    text = data.read_text(encoding="utf-8")
    changed = text.replace(
        "percent: {prod: 60, staging: 80, otherwise: 90}", "percent: {prod: 10, staging: 10, otherwise: 10}"
    )
    assert changed != text
    data.write_text(changed, encoding="utf-8")
    return str(folder)


def samples() -> Sources:
    folder = sample_folder()
    return Sources(tuple(sorted((folder / "decisions").glob("*.jsonl"))), folder / "repository")


def test_the_same_bundle_hits_nobody() -> None:
    """Of the newest 90 days of decisions and all resources."""
    found = content(replay(str(SHIPPED), sources=samples(), prices=PRICES))
    assert found["hits"] == []
    assert found["unjudged"] == []
    assert found["changes"] > 50
    assert found["resources"] > 150
    assert found["judged"] == found["changes"] + found["resources"]
    assert found["in_force"]["sha256"] == found["new"]["sha256"]


def test_a_stricter_bundle_hits_those_that_cut_deeper(stricter: str) -> None:
    """Who, and for how much money a month, by currency; the lines tell the same count."""
    told = replay(stricter, sources=samples(), prices=PRICES)
    found = json.loads(json.dumps(content(told)))
    denied = [one for one in found["hits"] if one["effect"] == "newly denied"]
    assert len(denied) == found["counts"]["newly denied"] > 10
    assert {tuple(one["rules"]) for one in denied} == {("OPS-005",)}
    assert all(one["team"] and one["kind"] == "change" for one in denied)
    known = sum(Decimal(one["money_month"]) for one in denied if one["money_month"] is not None)
    assert Decimal(found["money_month"]["newly denied"]["USD"]) == known > 0
    by_team = sum(Decimal(money["USD"]) for money in found["teams"]["newly denied"].values())
    assert by_team == known
    assert any(line.startswith(f"newly denied: {len(denied)}, ") for line in lines(told))


def test_the_days_bound_what_is_judged(stricter: str) -> None:
    """One day has fewer decisions than ninety; none at all, and no resource, is an error."""
    decisions = Sources(samples().decisions)
    ninety, one = (replay(stricter, sources=decisions, prices=PRICES, days=days).changes for days in (90, 7))
    assert 0 < one < ninety
    with pytest.raises(
        PolicyError, match="there is a decision of the 90 days before 2001-01-01, or a resource"
    ):
        replay(stricter, sources=decisions, prices=PRICES, at=datetime(2001, 1, 1, tzinfo=UTC))

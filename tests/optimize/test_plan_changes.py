"""Changes that were priced alone add up to no more than what the bill can lose."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.optimize.plan_changes import Row, Scopes, joint, valued
from finops_lib.records import Estimate, Recommendation

HOURS = 168


def change(resource: str, kind: str, mid: str, *, effort: str = "low", owner: str = "") -> Recommendation:
    amount = Decimal(mid)
    ends = Estimate(amount - abs(amount) / 10, amount, amount + abs(amount) / 10, 0.8, "USD")
    return Recommendation(
        resource, kind, {"size": "8"}, {kind: "4"}, ends, 0.01, {"cpu_windows": 4.0}, "seen",
        ("usage:web",), effort, owner, "web.tf",
    )  # fmt: skip


def row(hourly: float, scope: str = "", *, month: float | None = None) -> Row:
    return Row(np.full(HOURS, hourly), scope, hourly * 730 if month is None else month)


def savings(found: object) -> dict[tuple[str, str], Decimal]:
    return {
        (one.recommendation.resource, one.recommendation.kind): one.recommendation.saving_month.mid
        for one in found.ranked  # type: ignore[attr-defined]
    }


def test_a_schedule_saves_less_on_a_smaller_machine() -> None:
    """1 an hour is 730: half its size saves 365, and half of its hours then half of the other 365."""
    found = joint(
        [change("web", "instance_type", "365"), change("web", "schedule", "365")], {"web": row(1.0)}
    )
    assert savings(found) == {
        ("web", "instance_type"): Decimal("365.00"),
        ("web", "schedule"): Decimal("182.50"),
    }
    [later] = [one.recommendation for one in found.ranked if one.recommendation.kind == "schedule"]
    assert later.reason == "seen; 182.50 USD a month less than alone, after the steps before it"
    assert (later.saving_month.low, later.saving_month.high) == (Decimal("164.25"), Decimal("200.75"))


def test_all_else_that_a_change_says_is_kept() -> None:
    """Evidence, back-test, chance, effort, owner and file come through, and the key is the same."""
    asked = change("web", "instance_type", "365", effort="medium", owner="shop")
    [one] = joint([asked], {"web": row(1.0)}).ranked
    found = one.recommendation
    assert found.key == asked.key
    assert (found.evidence, found.backtest, found.breach_probability) == (
        ("usage:web",),
        {"cpu_windows": 4.0},
        0.01,
    )
    assert (found.effort, found.owner, found.file) == ("medium", "shop", "web.tf")
    assert one.net_month == pytest.approx(365 - 400 / 12)


def test_a_machine_within_a_commitment_saves_what_the_others_leave_over() -> None:
    """Two of 1 an hour under a commitment of 1.5: the first off saves .5 an hour, the second nothing."""
    asked = [change("a", "idle", "730"), change("b", "idle", "730")]
    rows = {"a": row(1.0, "vm"), "b": row(1.0, "vm")}
    found = joint(asked, rows, scopes=Scopes({"vm": np.zeros(HOURS)}, {"vm": 1.5}, {}))
    assert sum(savings(found).values()) == Decimal("365.00")
    [left] = found.silent
    assert (
        left.reason
        == "beside commitments in place and all else in the plan it saves no more than it costs to do"
    )


def test_other_use_takes_over_the_commitment() -> None:
    """The same two, with 2 an hour beside them that no commitment covers: both save in full."""
    asked = [change("a", "idle", "730"), change("b", "idle", "730")]
    rows = {"a": row(1.0, "vm"), "b": row(1.0, "vm")}
    found = joint(asked, rows, scopes=Scopes({"vm": np.full(HOURS, 2.0)}, {"vm": 1.5}, {}))
    assert sum(savings(found).values()) == Decimal("1460.00")
    assert found.left == {"vm": 0.5}


def test_what_costs_is_done_and_keeps_its_price() -> None:
    """A machine of 1 an hour grows by half: -365, and a schedule of half its hours saves half of 1,095."""
    grown = change("web", "instance_type", "-365")
    found = joint([grown, change("web", "schedule", "365")], {"web": row(1.0)})
    assert savings(found)["web", "instance_type"] == Decimal("-365")
    assert savings(found)["web", "schedule"] == Decimal("547.50")


def test_a_machine_that_only_grows_fills_the_commitment() -> None:
    """Of 1 and 1 an hour one grows to 1.5 under a commitment of 1.5: the other off saves all of its 1."""
    asked = [change("a", "instance_type", "-365"), change("b", "idle", "730")]
    rows = {"a": row(1.0, "vm"), "b": row(1.0, "vm")}
    found = joint(asked, rows, scopes=Scopes({"vm": np.zeros(HOURS)}, {"vm": 1.5}, {}))
    assert savings(found) == {("a", "instance_type"): Decimal("-365"), ("b", "idle"): Decimal("730.00")}
    assert found.left == {"vm": 0.75}


def test_what_grows_is_left_to_commit_to() -> None:
    """1 an hour becomes 1.5, with .5 beside it: 2 of 1.5, whether or not anything else changes."""
    found = joint(
        [change("a", "instance_type", "-365")],
        {"a": row(1.0, "vm")},
        scopes=Scopes({"vm": np.full(HOURS, 0.5)}, {}, {"vm": 0.3}),
    )
    assert found.left == {"vm": pytest.approx(4 / 3)}
    assert savings(found) == {("a", "instance_type"): Decimal("-365")}


def scheduled(mid: str) -> Recommendation:
    return replace(
        change("a", "schedule", mid), to={"on": "working days 08:00 to 20:00, weekend 08:00 to 20:00 UTC"}
    )


@pytest.mark.parametrize("first", [0, 100])
def test_a_schedule_saves_nothing_of_a_commitment_in_hours_on(first: int) -> None:
    """On in half of the hours, at 1 an hour of which .5 are held: .5 less in the other half, not in all."""
    found = joint(
        [scheduled("365")],
        {"a": row(1.0, "vm")},
        scopes=Scopes({"vm": np.zeros(HOURS)}, {"vm": 0.5}, {}, first),
    )
    assert savings(found) == {("a", "schedule"): Decimal("182.50")}
    assert found.left == {"vm": 0.5}


def test_a_schedule_saves_what_it_was_priced_at() -> None:
    """More or less than its hours off cost, as where it does not run in all of them, or its disks stay."""
    for mid in ("200.00", "365.00", "600.00", "730.00"):
        assert savings(joint([scheduled(mid)], {"a": row(1.0)})) == {("a", "schedule"): Decimal(mid)}


def test_resources_may_be_named_like_scopes() -> None:
    """One is named as its scope, one as the rest of it: each saves its 365, and what to buy is not told."""
    names = ("vm", "vm (no change)", "vm ((no change))")
    asked = [change(name, "instance_type", "365") for name in names]
    rows = {name: row(1.0, "vm") for name in names}
    found = joint(asked, rows, scopes=Scopes({"vm": np.full(HOURS, 2.0)}, {}, {"vm": 0.3}))
    assert savings(found) == {(name, "instance_type"): Decimal("365.00") for name in names}
    assert found.left == {"vm": 0.7}


def test_gpus_and_requests_of_a_workload_go_together() -> None:
    """Both are sizes of one pod, of different parts of it."""
    found = joint([change("pod", "requests", "73"), change("pod", "gpus", "365")], {"pod": row(1.0)})
    assert savings(found) == {("pod", "requests"): Decimal("73.00"), ("pod", "gpus"): Decimal("328.50")}


def test_switching_off_leaves_no_size_to_change() -> None:
    """The plan does one of the two, and says so of the other."""
    found = joint([change("a", "idle", "730"), change("a", "instance_type", "365")], {"a": row(1.0)})
    assert savings(found) == {("a", "idle"): Decimal("730.00")}
    assert [item.reason for item in found.silent] == [
        "not worth it beside idle, which the plan does on this resource"
    ]


def test_own_rate_and_price_without_commitments_differ() -> None:
    """It costs 438 a month at its own rate, 730 on demand: half saves 365, as other use is on demand."""
    found = joint(
        [change("a", "instance_type", "219")],
        {"a": row(1.0, "vm", month=438.0)},
        scopes=Scopes({"vm": np.full(HOURS, 3.0)}, {"vm": 1.0}, {}),
    )
    assert savings(found) == {("a", "instance_type"): Decimal("365.00")}


def test_nothing_to_change_is_an_empty_plan() -> None:
    """With and without scopes."""
    assert joint([], {}).ranked == ()
    assert joint([], {}, scopes=Scopes({"vm": np.ones(HOURS)}, {}, {"vm": 0.3})).left == {}


def test_worth_takes_effort_off() -> None:
    """2,000 once for a high effort are 166.67 a month."""
    assert valued(change("a", "idle", "200", effort="high")).net_month == pytest.approx(200 - 2000 / 12)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_parts_are_what_the_bill_loses(data: st.DataObject) -> None:
    """Priced plainly, hour by hour: cost before less cost after is the sum of savings, to the cent."""
    count = data.draw(st.integers(1, 4))
    held = data.draw(st.floats(0, 3))
    names = [f"r{number}" for number in range(count)]
    use = {name: data.draw(st.floats(0.1, 5)) for name in names}
    rest = data.draw(st.floats(0, 3))
    kinds = ("instance_type", "idle", "schedule", "gpus")
    asked = [
        change(name, kind, f"{use[name] * 730 * data.draw(st.floats(0.05, 1.0)):.2f}")
        for name in names
        for kind in data.draw(st.sets(st.sampled_from(kinds), min_size=1))
    ]
    rows = {name: row(use[name], "vm") for name in names}
    found = joint(asked, rows, scopes=Scopes({"vm": np.full(HOURS, rest)}, {"vm": held}, {}))
    shares = {one.key: float(one.saving_month.mid) / (use[one.resource] * 730) for one in asked}
    after = dict(use)
    for one in found.ranked:
        after[one.recommendation.resource] *= max(1 - shares[one.recommendation.key], 0.0)
    paid = [max(sum(part.values()) + rest - held, 0.0) * 730 for part in (use, after)]
    assert float(sum(savings(found).values())) == pytest.approx(paid[0] - paid[1], abs=0.02)
    assert len(found.ranked) + len(found.silent) == len(asked)

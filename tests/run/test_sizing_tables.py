"""The tables of a report of sizes on a small lake whose numbers are worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pandas as pd
import pytest

from finops_lib.optimize.feedback import Review
from finops_lib.records import Estimate
from finops_lib.run.desk import Desk
from finops_lib.run.recommending import DAYS, Advice, Files, advise
from finops_lib.run.sizing_tables import IDLE, QUEUE, Tables
from tests.run.sizedlakes import ARN, BLIND, BUSY, FUNCTION, GONE, NEW, desk_of, lake_of
from tests.run.sizedlakes import IDLE as UNUSED


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Ask about the small lake, with no file beside it."""
    desk = desk_of(lake_of(tmp_path_factory.mktemp("tables") / "x"))
    return Tables(desk, Files(), DAYS, advise(desk, files=Files(), days=DAYS))


def told(tables: Tables) -> Advice:
    """Name the advice that is there."""
    assert tables.advice is not None
    return tables.advice


def test_the_queue_has_each_change_once_with_all_that_a_review_needs(tables: Tables) -> None:
    """70.08 saved of 140.16, less 50 of effort over 12 months, times two in three: 43.94."""
    queue = tables.queue().set_index("ResourceId")
    assert set(queue.index) == {f"{ARN}{name}" for name in (BUSY, UNUSED, NEW)} | {FUNCTION}
    busy = queue.loc[f"{ARN}{BUSY}"]
    assert (busy["Mid"], busy["BillingCurrency"], busy["Worth"]) == (
        Decimal("70.08"),
        "USD",
        Decimal("43.94"),
    )
    assert (busy["From"], busy["To"]) == ("m5.xlarge (4 vCPU, 16 GiB)", "m5.large (2 vCPU, 8 GiB)")
    assert (busy["Resource"], busy["Kind"]) == (f"instance/{BUSY}", "instance type")
    assert busy["Owner"].startswith("person-")
    assert queue.loc[f"{ARN}{NEW}", "Owner"] == "ml"
    assert (busy["File"], busy["Accepted"]) == ("unknown", False)
    assert "cpu above" in busy["Past"]
    assert busy["Breach"] is not None
    assert busy["Low"] <= busy["Mid"] <= busy["High"]


def test_a_review_of_a_day_to_come_is_listed_as_such(tables: Tables) -> None:
    """It does not replace what was said before, and says nothing of its kind yet."""
    key, now = str(tables.queue()["Key"][0]), tables.desk.now
    yes = Review(key, "idle", "accept", now - timedelta(days=3), by="web")
    no = Review(key, "idle", "reject", now + timedelta(days=300), "used", by="web")
    found = replace(tables, files=Files(reviews=(yes, no)))
    assert list(found.reviews()["Resource"]) == [f"instance/{UNUSED}", "its day is yet to come"]
    assert list(found.accepted_shares()["Share"]) == [Decimal("0.75")]


def test_the_queue_is_in_the_order_of_worth(tables: Tables) -> None:
    """The idle machine saves most, and each key is that of its change."""
    queue = tables.queue()
    assert queue["Resource"][0] == f"instance/{UNUSED}"
    assert list(queue["Worth"]) == sorted(queue["Worth"], reverse=True)
    assert set(queue["Key"]) == {one.key for one in tables.changes}


def test_the_parts_of_what_is_saved_add_up_to_the_whole(tables: Tables) -> None:
    """By kind, the largest first, and together what the advice says."""
    saved = tables.saved()
    parts, whole = saved.iloc[:-1], saved.iloc[-1]
    assert (whole["Kind"], whole["Changes"]) == ("Together", len(tables.changes))
    for end in ("Low", "Mid", "High"):
        assert sum(parts[end], Decimal(0)) == whole[end]
    assert whole["Mid"] == told(tables).saved()["USD"]
    assert list(parts["Mid"]) == sorted(parts["Mid"], reverse=True)


def test_money_of_two_currencies_stays_apart(tables: Tables) -> None:
    """One change in EUR: a line of its own and a sum of its own, and the currency of the desk first."""
    advice = told(tables)
    first, *rest = advice.ranked
    euros = Estimate(Decimal(1), Decimal(2), Decimal(3), 0.8, "EUR")
    other = replace(first, recommendation=replace(first.recommendation, saving_month=euros))
    both = replace(tables, advice=replace(advice, ranked=(other, *rest)))
    assert both.currencies == ["USD", "EUR"]
    together = both.saved().query("Kind == 'Together'").set_index("BillingCurrency")["Mid"]
    assert together["EUR"] == Decimal(2)
    assert together["USD"] == advice.saved()["USD"] - first.recommendation.saving_month.mid


def test_every_rule_stands_beside_the_one_that_is_used(tables: Tables) -> None:
    """Eight rules for each kind of use, one of them used and with its promise kept."""
    rules = tables.rules()
    for use in ("cpu", "memory"):
        mine = rules[rules["Use"] == use]
        assert {"krr", "vpa", "autopilot", "compute optimizer like", "azure like"} <= set(mine["Rule"])
        assert list(mine.loc[mine["Used"] == "used", "Promise"]) == ["kept"]
    assert set(tables.rules_by_group()["Group"]) == {"machine", "workload"}
    parts = tables.rules_by_group().groupby(["Use", "Rule"])["Windows"].sum()
    assert parts.to_dict() == rules.set_index(["Use", "Rule"])["Windows"].to_dict()


def test_idle_says_what_becomes_of_it(tables: Tables) -> None:
    """All of 140.16 is saved; it is stopped before it is deleted."""
    [row] = tables.idle().to_dict("records")
    assert (row["Resource"], row["Mid"]) == (f"instance/{UNUSED}", Decimal("140.16"))
    assert row["Quarantine"] == "stopped, with a snapshot for 30 days, then deleted if nobody missed it"


def test_reasons_are_counted_and_each_resource_is_listed(tables: Tables) -> None:
    """The counts add up to the list; the unwatched and the gone are in it."""
    reasons, listing = tables.reasons(), tables.listing()
    assert sum(reasons["Resources"]) == len(listing) == len(told(tables).not_recommended)
    assert list(reasons["Resources"]) == sorted(reasons["Resources"], reverse=True)
    by_id = listing.set_index("ResourceId")["Reason"]
    assert by_id[f"{ARN}{GONE}"] == "it is gone since 2026-07-04"
    assert by_id[f"{ARN}{BLIND}"].startswith("nothing was measured of it")


def test_without_advice_every_table_has_its_columns_and_no_row(tables: Tables) -> None:
    """A lake without samples is shown, not crashed on."""
    empty = replace(tables, advice=None, reason="the lake: it has no sample")
    assert list(empty.queue().columns) == list(QUEUE)
    assert list(empty.idle().columns) == list(IDLE)
    frames: list[pd.DataFrame] = [
        empty.saved(), empty.queue(), empty.rules(), empty.rules_by_group(), empty.idle(), empty.schedules(),
        empty.gpus(), empty.reasons(), empty.listing(), empty.reviews(), empty.accepted_shares(),
    ]  # fmt: skip
    assert [len(frame) for frame in frames] == [0] * len(frames)
    assert isinstance(empty.desk, Desk)

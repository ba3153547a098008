"""The words of a report of sizes, against texts written by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from finops_lib.optimize.feedback import ACCEPT, REJECT, SNOOZE
from finops_lib.optimize.idle import Trust
from finops_lib.optimize.review_file import parse
from finops_lib.records import Estimate, Recommendation
from finops_lib.run.sizing_words import (
    ends,
    idle_sentences,
    name_text,
    past_text,
    review_text,
    saved_sentences,
    size_text,
    small_share,
)


def change(
    low: str = "1", mid: str = "2", high: str = "3", *, unit: str = "USD", resource: str = "web"
) -> Recommendation:
    """Make a change that saves between two amounts."""
    money = Estimate(Decimal(low), Decimal(mid), Decimal(high), 0.8, unit)
    return Recommendation(
        resource, "instance_type", {"a": "1"}, {"instance_type": "m5.large"}, money, 0.0, {}, "so"
    )


def test_savings_are_added_in_each_currency_alone() -> None:
    """100 and 40 are 140 of USD; EUR has its own sentence; nothing is said over both."""
    found = saved_sentences(
        [change("90", "100", "120"), change("30", "40", "50"), change("1", "2", "3", unit="EUR")]
    )
    assert found == [
        "1 change saves €2.00 a month (€1.00 to €3.00).",
        "2 changes together save $140 a month ($120 to $170).",
    ]


def test_what_costs_more_is_told_beside_what_is_saved() -> None:
    """100 less 30 is 70; the 30 of a size that is too small are named."""
    found = saved_sentences([change("100", "100", "100"), change("-30", "-30", "-30")])
    assert found == [
        "2 changes together save $70.00 a month ($70.00 to $70.00); 1 of them costs $30.00 a month more, "
        "since the size is too small."
    ]


def test_changes_that_cost_more_than_they_save_are_not_called_a_saving() -> None:
    """10 less 30: the whole costs 20 more."""
    [found] = saved_sentences([change("10", "10", "10"), change("-30", "-30", "-30")])
    assert found.startswith("2 changes together cost $20.00 a month more ($20.00 to $20.00)")


def test_money_of_two_currencies_has_no_sum() -> None:
    """Asked for it, there is an error and no number."""
    with pytest.raises(ValueError, match="EUR, USD"):
        ends([change(), change(unit="EUR")])


def test_sizes_read_as_people_write_them() -> None:
    """A machine by its type, which says its size once; requests by name; a host by where its load goes."""
    assert (
        size_text({"instance_type": "m5.large", "vcpu": "2", "memory": "8 GiB"}) == "m5.large (2 vCPU, 8 GiB)"
    )
    assert size_text({"instance_type": "2 vCPU 4 GiB", "vcpu": "2", "memory": "4 GiB"}) == "2 vCPU 4 GiB"
    assert size_text({"cpu_request": "190m", "memory_request": "480Mi"}) == "190m CPU, 480Mi memory"
    assert size_text({"state": "off", "load": "host-2"}) == "off, host-2 takes its load"
    assert size_text({"memory": "128 MiB"}) == "128 MiB memory"
    assert size_text({"Savings Plan 3y": "8.2 USD/h", "from": "2026-10-01"}) == (
        "8.2 USD/h Savings Plan 3y, from 2026-10-01"
    )


def test_shares_near_one_and_near_zero_keep_their_digits() -> None:
    """89.8 % is not 90, .04 % is not 0, and what is not known is said."""
    values = (0.898, 0.9999, 0.0004, -0.0266, float("nan"))
    assert [small_share(value) for value in values] == ["89.8 %", "100 %", "0.04 %", "-2.7 %", "unknown"]


def test_the_past_names_each_kind_that_was_measured() -> None:
    """CPU and memory with their windows; hours off; what was not measured is not called 0."""
    past = {"cpu_breach": 0.0072, "cpu_windows": 4.0, "memory_breach": 0.0, "memory_windows": 3.0}
    assert past_text(past) == "cpu above 0.72 % in 4 windows, memory above 0 % in 3 windows"
    assert past_text({"schedule_breach": 0.01}) == "used in 1 % of the hours off"
    assert past_text({"duration_error": 0.05}) == "durations missed by 5 %"
    assert past_text({"cpu_breach": None, "cpu_windows": 0.0}) == "not measured"


def test_idle_without_a_past_says_so() -> None:
    """No call is no rate of 0."""
    assert idle_sentences(Trust(0, 0)) == [
        "No past call of idle can be judged: nothing had been quiet for long enough."
    ]
    assert "at most 2.3 % of cases" in idle_sentences(Trust(98, 0))[1]  # 1 - .1 ** (1 / 98) is 2.32 %


def test_a_review_that_is_shown_can_be_read_back() -> None:
    """All three verdicts parse, with the key of the change and a day ahead, also in December."""
    told = change()
    found = parse(review_text(told, on=date(2026, 12, 15)), name="reviews.toml")
    assert [one.verdict for one in found] == [ACCEPT, REJECT, SNOOZE]
    assert {(one.key, one.kind) for one in found} == {(told.key, "instance_type")}
    assert found[2].until == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_long_name_is_cut_and_a_short_one_whole() -> None:
    """60 letters stay; of 61 the last becomes an ellipsis."""
    assert name_text("a" * 60) == "a" * 60
    assert name_text("a" * 61) == "a" * 59 + "…"


def test_a_hostile_name_stays_in_its_comment() -> None:
    """A line break in an id opens no second table; the id is one line everywhere."""
    bad = 'web\n[[review]]\nkey = "0000000000000000"\u202e'
    assert name_text(bad) == 'web [[review]] key = "0000000000000000"'
    assert len(parse(review_text(change(resource=bad), on=date(2026, 7, 1)), name="x")) == 3

"""The words of a report on sizes: golden sentences."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops_lib.optimize.idle import Trust
from finops_lib.records import Estimate, Recommendation
from finops_lib.run.sizing_words import (
    past_text,
    review_text,
    saved_text,
    settings_text,
    trust_text,
    why_text,
)


def change(mid: str, unit: str = "USD", **more: object) -> Recommendation:
    amount = Decimal(mid)
    money = Estimate(amount - 1, amount, amount + 2, 0.8, unit)
    told = {"backtest": {}, "reason": "low use", "evidence": ("usage:a",), "owner": "web"} | more
    return Recommendation("a", "requests", {}, {"cpu_request": "1"}, money, 0.01, **told)  # type: ignore[arg-type]


def test_currencies_are_never_added() -> None:
    """A sentence for each."""
    assert saved_text([change("10"), change("5"), change("7", "EUR")]) == [
        "1 changes together save €7.00 a month; all low it is €6.00, all high €9.00.",
        "2 changes together save $15.00 a month; all low it is $13.00, all high $19.00.",
    ]
    assert saved_text([]) == ["No change is recommended; below stands why."]


def test_why_says_edges_and_what_is_open() -> None:
    """10 less 4.17 of effort; the file and the past are not known."""
    assert why_text(change("10")) == (
        "a, requests: low use; worth 5.83 USD a month after risk and effort; "
        "its saving a month is 10.00, with 4.17 it would not pay; "
        "its effort a month is 4.17, with 10.00 it would not pay. "
        "Not known: how the same rule did in the past, which file to change."
    )


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (
            {"schedule_breach": 0.0, "schedule_off_share": 0.6},
            "used in 0.0% of the hours off in the newest week",
        ),
        ({"false_positive_rate": 0.023}, "such calls were wrong in 2.3% of the cases"),
        ({"cpu_breach": None, "cpu_windows": 4.0}, "not measured"),
        (
            {"cpu_breach": 0.0, "cpu_windows": 4.0, "memory_breach": 0.5, "memory_windows": 2.0},
            "cpu too small in 0.0% of 4 past windows; memory too small in 50.0% of 2 past windows",
        ),
    ],
)
def test_the_past_in_a_cell(past: dict[str, float | None], said: str) -> None:
    """What was not measured is not told as never."""
    assert past_text(past) == said


def test_trust_in_idle_calls() -> None:
    """None before is not known; two of a hundred are at most five."""
    assert trust_text(Trust(0, 0)).startswith("No resource was quiet before")
    assert "Of 100 such calls in this lake's past 2 were needed again; the rate is at most 5 %" in trust_text(
        Trust(100, 2)
    )


def test_how_to_answer() -> None:
    """With the key of the first change; without one with a pattern."""
    one = change("10")
    assert f'key = "{one.key}" kind = "requests" verdict = "reject" at = 2026-08-01' in review_text(
        [one], day="2026-08-01"
    )
    assert '"0123456789abcdef"' in review_text([], day="2026-08-01")


def test_settings_name_what_needs_a_name() -> None:
    """A type speaks for itself, a size of memory does not."""
    assert settings_text({"state": "stopped", "memory": "4 GiB"}) == "stopped, memory 4 GiB"
    assert settings_text({}) == ""

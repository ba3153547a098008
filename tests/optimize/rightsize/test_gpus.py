"""Duty cycles and used hours of GPUs are what a hand would count."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from finops_lib.optimize.rightsize.gpus import Gpus, duty, fewer
from finops_lib.optimize.rightsize.paid import Paid
from finops_lib.optimize.sizing import Size
from finops_lib.records import NoRecommendation, Recommendation

PAID = Paid("USD", (Decimal(96),) * 7)  # 2,920 a month
FOUR = Gpus("train", 4, np.full(200, 1.5), PAID)


def test_used_hours_and_their_price() -> None:
    """Of two GPUs one is busy in a quarter of the steps: 1/8, 182.5 of 1,460 hours; 292 of 2,920 buy them."""
    busy = np.array([1.0, 0.0, 0.0, 0.0, np.nan])
    found = duty([Gpus("a", 2, busy, PAID, part=Decimal("0.1"))]).iloc[0]
    assert (found["duty_cycle"], found["on_share"]) == (0.125, 0.25)
    assert (found["used_hours_month"], found["cost_month"]) == (Decimal("182.50"), Decimal("292.00"))
    assert found["cost_used_hour"] == Decimal("1.60")


def test_unknown_is_not_zero() -> None:
    """GPUs that nobody watched have no duty cycle, and those that never worked no price of an hour."""
    found = duty([replace(FOUR, busy=np.full(3, np.nan)), Gpus("b", 1, np.zeros(3), PAID)])
    assert found["resource"].tolist() == ["b", "train"]
    assert found["duty_cycle"].tolist() == [0.0, None]
    assert found["cost_used_hour"].tolist() == [None, None]


def test_a_whole_gpu_is_given_back() -> None:
    """1.8 of four are needed: two stay and half of 2,920 is saved."""
    size = Size("train", "plain", 1.8, breach=0.01, strategy="krr", backtest={"breach": 0.0})
    [found] = fewer([FOUR], {"train": size})
    assert isinstance(found, Recommendation)
    assert (found.to, found.saving_month.mid) == ({"gpus": "2"}, Decimal("1460.00"))
    assert (found.breach_probability, found.backtest) == (0.01, {"gpu_breach": 0.0})


def test_a_gpu_that_works_at_night_is_not_cut() -> None:
    """One GPU on for a tenth of the time is needed then: the hours are told instead."""
    busy = np.where(np.arange(200) % 10 == 0, 0.9, 0.0)
    [found] = fewer([Gpus("t", 1, busy, PAID)], {"t": Size("t", "batch", 0.95)})
    assert found.reason == (
        "duty cycle 9%, on for 10% of the time: a whole GPU is needed then; share it or run it as a job"
    )


@pytest.mark.parametrize(
    ("item", "size", "reason"),
    [
        (
            replace(FOUR, busy=np.empty(0)),
            None,
            "GPUs are paid for, and how busy they are was not measured",
        ),
        (FOUR, None, "how many GPUs it needs was not told"),
        (FOUR, Size("train", "throttled", reason="at capacity"), "at capacity"),
        (
            replace(FOUR, paid=None),
            Size("train", "plain", 1.0),
            "its cost is not known: a saving cannot be told",
        ),
    ],
)
def test_what_is_not_known_is_said(item: Gpus, size: Size | None, reason: str) -> None:
    """Each reason is told, and nothing is booked."""
    assert fewer([item], {} if size is None else {"train": size}) == [
        NoRecommendation("train", "gpus", reason)
    ]

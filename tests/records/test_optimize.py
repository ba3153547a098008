"""Recommendations: both ways through JSON, the same key for the same change, no impossible numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from finops_lib.records.estimates import Estimate
from finops_lib.records.optimize import NoRecommendation, Recommendation

SAVING = Estimate(Decimal("-2.50"), Decimal("25.10"), Decimal(30), 0.8, "USD")
CHANGE = Recommendation(
    "web",
    "cpu_request",
    {"cpu": "4"},
    {"cpu": "2"},
    SAVING,
    0.01,
    {"breach": 0.004, "regret": None},
    "use is low",
    ("snapshot 12", "series 34"),
    "medium",
    "team web",
    "k8s/web.yaml",
)


def test_it_comes_back_from_json_as_it_was() -> None:
    """Through text, with the names that readers of JSON expect."""
    text = json.loads(json.dumps(CHANGE.to_json()))
    assert Recommendation.from_json(text) == CHANGE
    assert {"from", "to", "saving_month", "breach_probability", "backtest", "reason"} <= set(text)
    assert "from_" not in text
    assert text["saving_month"]["low"] == "-2.5"


def test_none_recommended_comes_back_with_its_reason() -> None:
    """Through text."""
    nothing = NoRecommendation("db", "memory_request", "memory stands high and flat")
    assert NoRecommendation.from_json(json.loads(json.dumps(nothing.to_json()))) == nothing


def test_the_key_names_the_change_and_not_its_numbers() -> None:
    """Another saving is the same change; another size is not."""
    assert replace(CHANGE, saving_month=replace(SAVING, high=Decimal(99)), reason="lower").key == CHANGE.key
    assert replace(CHANGE, to={"cpu": "1"}).key != CHANGE.key


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"breach_probability": 1.2}, "breach probability 1.2"),
        ({"breach_probability": float("nan")}, "breach probability nan"),
        ({"backtest": {"breach": float("nan")}}, "what was not measured is None"),
        ({"effort": "none"}, "effort 'none'"),
    ],
)
def test_impossible_numbers_are_refused(changed: dict[str, object], words: str) -> None:
    """Naming the value."""
    with pytest.raises(ValueError, match=words):
        replace(CHANGE, **changed)


def test_an_unknown_breach_is_said_to_be_unknown() -> None:
    """None, not zero."""
    assert replace(CHANGE, breach_probability=None).to_json()["breach_probability"] is None

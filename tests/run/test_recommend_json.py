"""Advice reads as JSON and as words: the same facts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from finops_lib.run.recommend_json import content, lines, recommendation_json
from finops_lib.run.recommending import DAYS, Advice, Files, advise
from tests.run.sizedlakes import ARN, BUSY, IDLE, desk_of, lake_of


@pytest.fixture(scope="module")
def advice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Advice]:
    with desk_of(lake_of(tmp_path_factory.mktemp("json") / "x")) as desk:
        yield advise(desk, files=Files(), days=DAYS)


def test_a_change_has_money_with_its_currency(advice: Advice) -> None:
    """From, to, low, mid, high, level and currency, chance, past, reason and key."""
    found = next(item for item in advice.recommendations if item.resource == f"{ARN}{BUSY}")
    told = recommendation_json(found)
    money = {"low": "70.08", "mid": "70.08", "high": "70.08", "level": 0.8, "currency": "USD"}
    assert told["saving_month"] == money
    assert (told["from"]["instance_type"], told["to"]["instance_type"]) == ("m5.xlarge", "m5.large")
    assert (told["key"], told["breach_probability"]) == (found.key, 0.004)
    assert told["backtest"]["cpu_windows"] == 4.0


def test_all_of_it_is_json(advice: Advice) -> None:
    """Sums by currency, changes marked as accepted or not, reasons, GPUs and the past of idle calls."""
    told = json.loads(json.dumps(content(advice)))
    assert told["period"] == {"start": "2026-07-01T00:00:00Z", "end": "2026-07-22T00:00:00Z"}
    assert told["idle"] == {"called": 4, "woke": 0, "false_positive_rate": 0.4377}
    assert {item["accepted"] for item in told["recommendations"]} == {False}
    assert all(item["reason"] for item in told["not_recommended"])
    assert (told["gpus"], list(told["saving_month"])) == ([], ["USD"])


def test_words_say_the_sum_the_changes_and_why_others_stay(advice: Advice) -> None:
    """The first line is the sum; a change names money and resource; reasons are counted."""
    told = lines(advice)
    assert told[0].endswith("a month from 4 changes, overlapping ones counted once")
    assert any(
        f"{ARN}{IDLE}: idle: state stopped" in line and line.startswith("$140.16 a month") for line in told
    )
    assert "1 left as they are: it is gone since 2026-07-04" in told

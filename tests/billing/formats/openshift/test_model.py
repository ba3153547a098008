"""The cost model: what a metric costs by label, and what is no cost model."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.formats.openshift.model import METRICS, CostModel, Price, cost_of_span
from finops_lib.errors import SettingsError

CPU = "cpu_core_usage_per_hour"


def flat(value: object, metric: str = CPU, unit: str = "EUR", **tier: object) -> dict[str, Any]:
    """Write a rate with one price."""
    return {"metric": {"name": metric}, "tiered_rates": [{"unit": unit, "value": value, **tier}]}


def tagged(*values: dict[str, object], key: str = "app") -> dict[str, Any]:
    """Write a rate by tag."""
    return {"metric": {"name": CPU}, "tag_rates": {"tag_key": key, "tag_values": list(values)}}


def value(name: str, price: object, **more: object) -> dict[str, object]:
    """Write the price of one tag value."""
    return {"unit": "EUR", "value": price, "tag_value": name, **more}


def load(folder: Path, content: object) -> CostModel:
    """Write and load a model; a list is its rates."""
    path = folder / "model.json"
    path.write_text(json.dumps({"rates": content} if isinstance(content, list) else content))
    return CostModel.load(path)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({}, "0.1"),
        ({"app_name": "web"}, "3.1"),
        ({"app_name": "other"}, "1.1"),
        ({"app": "web"}, "0.1"),
    ],
)
def test_prices_of_one_metric_add_up(tmp_path: Path, labels: dict[str, str], expected: str) -> None:
    """The default is for other values of the same tag, not for what has no such tag."""
    by_tag = tagged(value("web", 3), value("api", 1, default=True), key="App-Name")
    model = load(tmp_path, [flat(0.1), by_tag, flat(9, "node_cost_per_month")])
    assert model.price(CPU, labels) == Decimal(expected)
    assert model.currency == "EUR"


def test_a_value_without_a_default_has_no_price(tmp_path: Path) -> None:
    """Only what is listed costs."""
    model = load(tmp_path, [tagged(value("web", 3))])
    assert [model.price(CPU, {"app": name}) for name in ("web", "api")] == [3, 0]


def test_what_cannot_be_priced_is_listed(tmp_path: Path) -> None:
    """Each metric once, by name."""
    names = ("vm_cost_per_hour", CPU, "gpu_cost_per_month", "vm_cost_per_hour")
    model = load(tmp_path, [flat(1, name) for name in names])
    assert model.unpriced([CPU]) == ["gpu_cost_per_month", "vm_cost_per_hour"]
    assert model.has("node_cost_per_month", CPU)
    assert not model.has("node_cost_per_month")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, "cpu"),
        ({"distribution": "memory"}, "memory"),
        ({"distribution_info": {"distribution_type": "memory"}}, "memory"),
    ],
)
def test_the_distribution_is_cpu_where_none_is_said(
    tmp_path: Path, said: dict[str, object], expected: str
) -> None:
    """It may stand in either place."""
    assert load(tmp_path, {"rates": [flat(1)], **said}).distribution == expected


TIERS = (
    "a rate has one price without limits, or prices by tag: tiers need the use of a whole month. "
    "Remedy: write one price."
)
TAGS = (
    "a price by tag has a tag_key and tag_values, each value once, one of them the default. "
    "Remedy: correct the rate."
)
AMOUNT = "a rate is a number from zero, below 1E12, with at most 12 decimals. Remedy: correct the number."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "a cost model has a list of rates. Remedy: export the cost model as JSON."),
        ({"rates": {}}, "a cost model has a list of rates. Remedy: export the cost model as JSON."),
        ([1], f"rate 1: metric 'None': a metric is one of {', '.join(METRICS)}. Remedy: correct its name."),
        ([flat(1), flat(1, "cpu")], f"rate 2: metric 'cpu': a metric is one of {', '.join(METRICS)}. "
         "Remedy: correct its name."),
        ([flat(-1)], f"rate 1: '-1': {AMOUNT}"),
        ([flat(None)], f"rate 1: 'None': {AMOUNT}"),
        ([flat(1, unit="GB")], "rate 1: unit 'GB': a price has an ISO 4217 currency. Remedy: name it."),
        ([flat(1), flat(1, unit="USD")], "EUR and USD: its prices are in one currency. "
         "Remedy: split the model."),
        ([flat(1, usage_end=100)], f"rate 1: {CPU}, 1 tiers: {TIERS}"),
        ([flat(1, usage={"usage_start": 5})], f"rate 1: {CPU}, 1 tiers: {TIERS}"),
        ([{"metric": {"name": CPU}, "tiered_rates": []}], f"rate 1: {CPU}, 0 tiers: {TIERS}"),
        ([tagged()], f"rate 1: {CPU} by tag 'app': {TAGS}"),
        ([tagged(value("a", 1), value("a", 2))], f"rate 1: {CPU} by tag 'app': {TAGS}"),
        ([tagged(value("a", 1, default=True), value("b", 2, default=True))],
         f"rate 1: {CPU} by tag 'app': {TAGS}"),
        ({"rates": [flat(1)], "distribution": "disk"}, "distribution 'disk': it is cpu or memory. "
         "Remedy: correct the model."),
    ],
)  # fmt: skip
def test_what_is_no_cost_model_is_refused(tmp_path: Path, content: object, message: str) -> None:
    """The file and the rate are named; a price is never guessed."""
    with pytest.raises(SettingsError) as told:
        load(tmp_path, content)
    assert str(told.value).removeprefix("cost model model.json").lstrip(":, ") == message


def test_a_tag_without_its_key_costs_nothing() -> None:
    """A default alone is no flat price."""
    assert Price(CPU, key="app", by_value={}, default=Decimal(5)).of({"team": "web"}) == 0


START = datetime(2026, 2, 27, tzinfo=UTC)


def test_a_span_over_the_end_of_a_month() -> None:
    """Two of 28 days of February and one of 31 of March, at 868 a month: 62 and 28."""
    assert cost_of_span(Decimal(868), start=START, end=START + timedelta(days=3)) == 90


@given(
    rate=st.decimals(0, 10**11, places=12),
    cuts=st.lists(st.integers(1, 28 * 86_400 - 1), unique=True, max_size=20),
)
def test_spans_add_up_to_the_month(rate: Decimal, cuts: list[int]) -> None:
    """However February is cut, its pieces are the whole price, to the last decimal."""
    first = datetime(2026, 2, 1, tzinfo=UTC)
    ends = [first + timedelta(seconds=cut) for cut in (0, *sorted(cuts), 28 * 86_400)]
    pieces = [cost_of_span(rate, start=start, end=end) for start, end in pairwise(ends)]
    assert sum(map(Fraction, pieces)) == Fraction(rate)

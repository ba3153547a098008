"""The JSON of a forecast: rounded measures, exact money, and null with a reason where nothing is known."""

from __future__ import annotations

from finops_lib.records import NoForecast
from finops_lib.run.outlook_json import burn_json, limit_json, node_json
from tests.run.test_outlook_words import WHOLE, burn_of, saturation_of


def test_a_budget_reads_as_json_with_its_days() -> None:
    """Chance and dates under their names; a budget without an answer has them, too, as null."""
    content = burn_json(burn_of())
    assert (content["breach_probability"], content["expected_date"]) == (0.2568, "2026-07-24")
    assert content["expected_dates"]["high"] == "2026-07-29T00:00:00Z"
    assert content["landing"] == {
        "low": "900.1",
        "mid": "1000.2",
        "high": "1200.3",
        "level": 0.8,
        "currency": "EUR",
    }
    assert burn_json(burn_of(expected_date=None))["expected_dates"] is None
    lost = burn_json(NoForecast(("Web",), "too short"))
    assert lost == {"budget": "Web", "breach_probability": None, "expected_date": None, "reason": "too short"}


def test_a_node_reads_as_json() -> None:
    """Rounded measures, exact amounts; without a forecast its reason and no number."""
    content = node_json("web", WHOLE, budget=None)
    assert (content["mase"], content["forecast"]["mid"], content["budget"]) == (1.2346, "1000.2", None)
    lost = node_json("web", NoForecast(("web",), "too new"))
    assert (lost["forecast"], lost["reason"], lost["mase"]) == (None, "too new", None)


def test_a_limit_reads_as_json() -> None:
    """Its chances by day, rounded; a limit without an answer says why."""
    assert limit_json(saturation_of())["chances"] == [0.1, 0.3333, 0.6]
    assert limit_json(NoForecast(("Disk",), "no use")) == {"name": "Disk", "reason": "no use"}

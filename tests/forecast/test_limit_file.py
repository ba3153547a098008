"""Limits of capacity: what a file can state, and what it cannot."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from finops_lib.errors import SettingsError
from finops_lib.forecast.limit_file import parse

RACK = """
[[limit]]
name = "Rack"
owner = "ann"
kind = "hardware"
amount = 96
unit = "Cores"
scope = { Site = "FRA1" }
then = [{ from = 2026-10-02, amount = 128 }, { from = "2026-10-04", amount = 160.5 }]
"""
SPEND = '[[limit]]\nname = "Plan"\nowner = "ann"\nkind = "commitment"\namount = 12.5\ncurrency = "EUR"\n'


def test_a_limit_can_grow_from_days_on() -> None:
    """96 cores, 128 from October 2 on, 160.5 from October 4 on."""
    (limit,) = parse(RACK, name="limits.toml")
    assert limit.by_day(pd.date_range("2026-10-01", periods=5)).tolist() == [96.0, 128.0, 128.0, 160.5, 160.5]
    assert (limit.unit, limit.is_cost, dict(limit.scope)) == ("Cores", False, {"Site": ("FRA1",)})


def test_a_limit_in_a_currency_is_on_the_cost() -> None:
    """Its unit is the code; without a scope everything counts."""
    (limit,) = parse(SPEND, name="limits.toml")
    assert (limit.amount, limit.unit, limit.is_cost, dict(limit.scope)) == (Decimal("12.5"), "EUR", True, {})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("unit", "units"), "'units'"),
        (('unit = "Cores"', ""), "give one of the two"),
        (('unit = "Cores"', 'unit = "Cores"\ncurrency = "EUR"'), "give one of the two"),
        (("96", "0"), "amount '0': it is a number above 0"),
        (("hardware", "rack"), "kind 'rack'"),
        (("amount = 128", "amount = -1"), "then amount '-1'"),
        (('"2026-10-04"', '"2026-10-02"'), "its days ascend"),
        (("{ from = 2026-10-02, amount = 128 }", "5"), "no from, amount"),
        (("[{ from", "{ from"), "limits file limits.toml"),
    ],
)
def test_what_is_no_limit_is_named(change: tuple[str, str], said: str) -> None:
    """Unknown keys, neither or both of unit and currency, amounts, kinds and days out of order."""
    with pytest.raises(SettingsError, match=said):
        parse(RACK.replace(*change, 1), name="limits.toml")


def test_two_limits_of_one_name_are_refused() -> None:
    """Nobody could tell which of the two a report is about."""
    with pytest.raises(SettingsError, match="'Plan' twice"):
        parse(SPEND * 2, name="limits.toml")

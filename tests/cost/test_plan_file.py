"""A plan by month: of a CSV with columns of the bill, or of what a forecast said."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from finops_lib.cost.plan_file import parse
from finops_lib.errors import QueryError, SettingsError
from finops_lib.records import Period

TEXT = """month,ServiceName,amount,currency,quantity
2026-07,S3,10.50,EUR,3
2026-08,S3,20,EUR,4
2026-08,EC2,-1,EUR,0
"""
JULY, AUGUST = Period.month("2026-07"), Period.month("2026-08")


def test_a_period_takes_the_rows_of_its_months() -> None:
    """July has one row, both months three; the quantity is there where the file has one."""
    plan = parse(TEXT, name="p.csv")
    assert (plan.by, plan.quantity) == (("ServiceName",), "Quantity")
    assert plan.within(JULY)["Amount"].tolist() == [Decimal("10.50")]
    assert sum(plan.within(Period(JULY.start, AUGUST.end))["Amount"]) == Decimal("29.50")
    assert plan.within(AUGUST)["Quantity"].tolist() == [Decimal(4), Decimal(0)]


def test_a_month_that_is_not_planned_is_not_zero() -> None:
    """September has no row, and half a month no plan."""
    plan = parse(TEXT, name="p.csv")
    with pytest.raises(QueryError, match="plan of 2026-09"):
        plan.within(Period(AUGUST.start, Period.month("2026-09").end))
    with pytest.raises(QueryError, match="a plan is by month"):
        plan.within(Period(JULY.start, JULY.end.replace(day=2)))


def test_the_summary_of_a_forecast_is_a_plan_of_the_whole() -> None:
    """The middle of each month that it could tell; others are left out."""
    whole = {"low": "1", "mid": "12.34", "high": "20", "currency": "EUR"}
    months = [{"month": "2026-07", "whole": whole}, {"month": "2026-08", "whole": None}]
    plan = parse(json.dumps({"months": months}), name="summary.json")
    assert (plan.by, plan.quantity) == (("BillingCurrency",), "")
    assert plan.within(JULY)["Amount"].tolist() == [Decimal("12.34")]
    with pytest.raises(QueryError, match="plan of 2026-08"):
        plan.within(AUGUST)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("month,amount,currency\n2026-7,1,EUR\n", "p.csv"),
        ("month,amount,currency\n2026-07,x,EUR\n", "p.csv"),
        ("month,amount,currency\n2026-07,,EUR\n", "p.csv"),
        ("month,amount,currency\n2026-07,1,euro\n", "p.csv"),
        ("month,amount,currency\n2026-07,1,EUR\n2026-07,2,EUR\n", "p.csv"),
        ("month,amount,currency,tag:team\n2026-07,1,EUR,\n", "p.csv"),
        ("month,amount,currency,quantity\n2026-07,1,EUR,-1\n", "p.csv"),
        ("{}", "p.json"),
        ("[1]", "p.json"),
        ("{", "p.json"),
        ('{"months": []}', "p.json"),
        ('{"months": [{"month": "2026-07", "whole": {"mid": "x", "currency": "EUR"}}]}', "p.json"),
    ],
)
def test_what_is_no_plan_is_refused(text: str, name: str) -> None:
    """With the file, and the line where there is one."""
    with pytest.raises(SettingsError, match=r"plan file p\."):
        parse(text, name=name)

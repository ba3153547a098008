"""The SQL texts: quoting, parameters, and names checked before anything runs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from finops_lib.cost.sql import SPEND, Question, column, quoted, statement
from finops_lib.errors import QueryError
from finops_lib.records import Period

TABLE: Any = SimpleNamespace(
    columns=("ServiceName", "BillingCurrency", 'odd"name', "tag_team"), tag_keys=("team",)
)
JULY = Period.month("2026-07")


def test_an_identifier_is_quoted() -> None:
    """A quote inside a name cannot end it."""
    assert quoted('a"b') == '"a""b"'
    assert column(TABLE, 'odd"name') == '"odd""name"'


def test_a_tag_is_its_column() -> None:
    """The key's case and spaces do not matter."""
    assert column(TABLE, "tag:team") == column(TABLE, "tag: Team ") == '"tag_team"'


@pytest.mark.parametrize(("name", "near"), [("Service", "ServiceName"), ("tag:tema", "tag:team")])
def test_an_unknown_name_is_refused(name: str, near: str) -> None:
    """The nearest name is given."""
    with pytest.raises(QueryError, match=near):
        column(TABLE, name)


def test_values_are_parameters_only() -> None:
    """Hostile text stands in the parameters, never in the text of the query."""
    evil = "'; DROP TABLE charges; --"
    asked = Question(where={"ServiceName": [evil, "(none)"]}, currency=evil, period=JULY)
    text, parameters = statement(TABLE, template=SPEND, question=asked, cost='"BilledCost"')
    assert "DROP" not in text
    assert list(parameters.values()).count(evil) == 2
    assert '"ServiceName" IS NULL OR "ServiceName" IN ($w0_0)' in text


def test_the_cube_is_asked_by_its_own_dates() -> None:
    """The same question names the cube's day there and the charge's start elsewhere."""
    asked = Question(by=("ServiceName",), grain="day", period=JULY)
    cube, days = statement(TABLE, template=SPEND, question=asked, cube=True, cost='"BilledCost"')
    rows, moments = statement(TABLE, template=SPEND, question=asked, cost='"BilledCost"')
    assert ("FROM daily" in cube, '"ChargeDate" >= $period_start' in cube) == (True, True)
    assert ("FROM charges" in rows, '"ChargePeriodStart" >= $period_start' in rows) == (True, True)
    assert days["period_start"] == JULY.start.date()
    assert moments["period_start"] == JULY.start

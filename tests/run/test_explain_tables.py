"""The tables of a move: whole cents that add up along rows and columns, with nothing left out."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.records import Period
from finops_lib.run.explain_tables import Tables, rounded_to, squared
from finops_lib.run.explaining import Asked
from tests.cost.conftest import write_line
from tests.run.lakes import desk_of, lake_of
from tests.run.moves import ENDED, JULY, JUNE, NEW, moved

CENT = Decimal("0.01")


def tables(
    lake: str,
    *,
    before: str = "2026-06",
    after: str = "2026-07",
    cost: str = "EffectiveCost",
    by: tuple[str, ...] = ("ServiceName", "SubAccountName"),
) -> Tables:
    """Compare July with June by these columns, which are the dimensions of cells too."""
    asked = Asked(Period.month(before), Period.month(after), by, by, depth=3, cells=8)
    return Tables(desk_of(lake, cost=cost), asked)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Take the small bill in."""
    lake = lake_of(tmp_path_factory.mktemp("tables") / "bill", moved())
    return tables(lake, by=("ServiceName", "tag:team"))


def adds_up(frame: pd.DataFrame, parts: list[str]) -> None:
    """Check rows and columns of a table whose last row is the total."""
    for _, row in frame.iterrows():
        assert sum(row[name] for name in parts) == row["Change"]
    for name in ["Change", *parts]:
        assert sum(frame[name][:-1]) == frame[name].iloc[-1]


def test_lines_that_moved_most_come_first_and_the_others_are_one(found: Tables) -> None:
    """16 lines: twelve are shown, four counted together, the total below; parts of zero have no column."""
    frame = found.bridge()
    assert list(frame.columns) == [
        "ServiceName", "tag:team", "Previous", "Current", "Change", "New", "Ended", "Volume", "Credits",
    ]  # fmt: skip
    assert frame.iloc[0, :2].tolist() == ["S3", "c"]
    assert frame.iloc[-2, :2].tolist() == ["(4 more)", "(4 more)"]
    assert frame.iloc[-1, :5].tolist() == ["Total", "", 165, 214, 49]
    adds_up(frame, list(frame.columns[5:]))
    assert list(frame.iloc[-1, 5:7]) == [NEW, ENDED]


def test_rises_and_falls_that_cancel_keep_their_column(tmp_path: Path) -> None:
    """Two credits of opposite sign come to nothing in the whole, and stand in their rows."""
    rows = [write_line(day=day, ServiceName=name) for day in (JUNE, JULY) for name in ("a", "b")]
    rows += [write_line(day=JULY, ServiceName=name, ChargeCategory="Credit", cost=cost)
             for name, cost in (("a", "3"), ("b", "-3"))]  # fmt: skip
    frame = tables(lake_of(tmp_path / "bill", rows)).bridge()
    assert list(frame["Credits"]) == [3, -3, 0]
    adds_up(frame, ["Credits"])


def test_thirds_of_a_cent_add_up_to_the_cent(tmp_path: Path) -> None:
    """Seven services that rose by a third of a cent each: 0.02 together, in every direction."""
    rows = [write_line(day=day, ServiceName=f"s{n}", cost=cost, ResourceId=f"r{n}", PricingQuantity=cost)
            for n in range(7) for day, cost in ((JUNE, "1"), (JULY, "1.00333333"))]  # fmt: skip
    frame = tables(lake_of(tmp_path / "bill", rows)).bridge()
    adds_up(frame, list(frame.columns[5:]))
    assert frame["Change"].iloc[-1] == Decimal("0.02")
    assert all(amount == amount.quantize(CENT) for amount in frame["Change"])


def test_cells_rest_and_total_add_up(found: Tables) -> None:
    """The planted cell first with its part, then the rest, then 49.00 of all sixteen lines."""
    frame = found.cells()
    assert frame["Cell"].iloc[0] == "ServiceName S3, tag:team c"
    assert (frame["Mostly"].iloc[0], frame["Change"].iloc[0]) == ("volume", 40)
    assert list(frame["Cell"])[-2:] == ["(rest)", "Total"]
    assert sum(frame["Change"][:-1]) == frame["Change"].iloc[-1] == 49
    assert sum(frame["Lines"][:-1]) == frame["Lines"].iloc[-1] == 16


def test_resources_that_came_and_went_are_listed(found: Tables) -> None:
    """New ones first; each state adds up to its part."""
    frame = found.came_and_went()
    assert list(frame["ResourceId"]) == ["new6", "new5", "new4", "old"]
    assert list(frame["State"]) == ["new", "new", "new", "ended"]
    assert sum(frame["Change"][:3]) == NEW


def test_many_resources_are_counted_together(tmp_path: Path) -> None:
    """A charge without one and the seven largest of eleven are named, four in one line: 116.00 in all."""
    rows = [write_line(day=JUNE)]
    rows += [write_line(day=JULY, ResourceId=f"n{n}", cost=str(n), ServiceName="x") for n in range(1, 12)]
    rows += [write_line(day=JULY, ResourceId="", cost="50", ServiceName="fee")]
    frame = tables(lake_of(tmp_path / "bill", rows)).came_and_went()
    new = frame[frame["State"] == "new"]
    assert new["ResourceId"].iloc[0] == "(counted by SKU)"
    assert new["ResourceId"].iloc[-1] == "(4 more)"
    assert list(new["Change"])[-1] == 1 + 2 + 3 + 4
    assert sum(new["Change"]) == 66 + 50


def test_without_a_period_the_tables_are_empty(found: Tables) -> None:
    """They keep their columns; nothing is taken for zero."""
    lake = str(found.desk.lake.root)
    empty = tables(lake, before="2026-04", after="2026-06")
    assert [len(frame) for frame in (empty.bridge(), empty.cells(), empty.came_and_went())] == [0, 0, 0]
    assert "Change" in empty.bridge()


def test_bills_where_nothing_moved_have_tables(tmp_path: Path) -> None:
    """All equal: no part has a column, no cell a name, the total is zero."""
    lake = lake_of(tmp_path / "bill", [write_line(day=day) for day in (JUNE, JULY)])
    same = tables(lake)
    assert same.bridge().to_numpy().tolist() == [
        ["Compute Engine", "Web", 1, 1, 0], ["Total", "", 1, 1, 0],
    ]  # fmt: skip
    assert list(same.cells()["Cell"]) == ["(rest)", "Total"]
    assert same.came_and_went().empty


def test_notes_say_what_must_be_known(found: Tables, tmp_path: Path) -> None:
    """A day more in July; rows without the cost are counted once, and days that fill up named."""
    assert found.noted()[0].startswith("2026-06 has 30 days, 2026-07 has 31 days")
    rows = [write_line(day="2026-08-18"), {**write_line(day="2026-08-18"), "ListCost": ""}]
    rows += [write_line(day=JULY)]
    noted = tables(
        lake_of(tmp_path / "bill", rows), before="2026-07", after="2026-08", cost="ListCost"
    ).noted()
    assert "Rows of both periods that do not say their ListCost, and add nothing: 1." in noted
    assert sum("ListCost" in sentence for sentence in noted) == 1
    assert any(sentence.startswith("Still filling up, so too low: 2026-08-") for sentence in noted)


AMOUNTS = st.decimals(min_value=-1000, max_value=1000, places=5)


@given(st.lists(st.lists(AMOUNTS, min_size=3, max_size=3), min_size=1, max_size=8))
def test_any_table_is_squared(rows: list[list[Decimal]]) -> None:
    """Rows and columns add up in cents, rows lie within a cent, and a column's end is what was asked for."""
    exact = [sum(column, Decimal(0)) for column in zip(*rows, strict=True)]
    whole = rounded_to(exact, currency="USD")
    told = squared(rows, whole, currency="USD")
    assert [sum(column) for column in zip(*told, strict=True)] == whole
    for line, row in zip(told, rows, strict=True):
        assert all(cell == cell.quantize(CENT) for cell in line)
        assert abs(sum(line) - sum(row)) < CENT


def test_a_table_without_rows_is_none() -> None:
    """Nothing to round."""
    assert squared([], [], currency="USD") == []

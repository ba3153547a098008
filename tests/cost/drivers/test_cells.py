"""The cells that explain a move: exact amounts, a rest, and words when there is nothing to say."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.cost.drivers.bridge import drivers
from finops_lib.cost.drivers.cells import Cells, cells
from finops_lib.cost.drivers.effects import PARTS
from finops_lib.cost.exact import total
from finops_lib.cost.movement import month_over_month
from finops_lib.cost.spend import spend
from finops_lib.errors import CurrencyError, QueryError
from finops_lib.records import Period

BY = ["Service", "Team"]


def table(amounts: dict[tuple[str, str], tuple[str | None, str | None]]) -> pd.DataFrame:
    """Make a table of moves from (service, team): (previous, current)."""
    money = [[None if amount is None else Decimal(amount) for amount in pair] for pair in amounts.values()]
    frame = pd.DataFrame(list(amounts), columns=BY)
    for place, name in enumerate(("Previous", "Current")):
        frame[name] = pd.Series([pair[place] for pair in money], dtype=object)
    return frame.assign(BillingCurrency="USD")


def grid(**moved: str) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """Give six services of four teams 10.00 each; ``moved`` names other amounts as service_team."""
    return {
        (service, team): ("10.00", moved.get(f"{service}_{team}", "10.00"))
        for service in ("s1", "s2", "s3", "s4", "s5", "s6")
        for team in ("a", "b", "c", "d")
    }


def changes(found: Cells) -> dict[tuple[tuple[str, str], ...], Decimal]:
    """Show the values and the change of each cell."""
    return {tuple(cell.where.items()): cell.change for cell in found.cells}


def test_a_service_that_rose_is_one_cell() -> None:
    """20.01 in each of four teams: 40.04, and nothing is left."""
    found = cells(table(grid(**{f"s2_{team}": "20.01" for team in "abcd"})), by=BY)
    assert changes(found) == {(("Service", "s2"),): Decimal("40.04")}
    assert (found.rest.change, found.rest.leaves, found.change) == (Decimal(0), 20, Decimal("40.04"))


def test_cells_come_by_size_and_the_rest_holds_what_is_not_named() -> None:
    """A fall of 9 before a rise of 8; with one cell asked for, the rise goes to the rest."""
    moves = table(grid(s1_a="18.00", s3_c="1.00"))
    found = cells(moves, by=BY)
    assert list(changes(found).values()) == [Decimal(-9), Decimal(8)]
    first = cells(moves, by=BY, most=1)
    assert [list(changes(first).values()), first.rest.change] == [[Decimal(-9)], Decimal(8)]


def test_lines_of_the_same_values_are_added_first() -> None:
    """Each line in two halves by region, which is no dimension asked for: the same cells."""
    moves = table(grid(s1_a="18.00"))
    half = moves.assign(**{name: [amount / 2 for amount in moves[name]] for name in ("Previous", "Current")})
    twice = pd.concat([half.assign(Region="x"), half.assign(Region="y")])
    assert cells(twice, by=BY) == cells(moves, by=BY)


def test_a_small_cell_goes_to_the_rest_and_is_not_called_a_coarser_one() -> None:
    """Of 103 that moved, a team's 3 are less than 5 %: left in the rest, and its service is not blamed."""
    moves = table(grid(s1_a="110.00", s3_c="13.00"))
    assert len(cells(moves, by=BY, least_share=0.02).cells) == 2
    found = cells(moves, by=BY, least_share=0.05)
    assert [list(changes(found).values()), found.rest.change] == [[Decimal(100)], Decimal(3)]


def test_unknown_amounts_are_counted_and_never_zero() -> None:
    """A line without a previous amount is no rise."""
    amounts = grid(s1_a="18.00") | {("s7", "a"): (None, "500")}
    found = cells(table(amounts), by=BY)
    assert (found.change, found.unknown) == (Decimal(8), 1)


@pytest.mark.parametrize(
    ("amounts", "reason"),
    [
        ({}, "no line has an amount"),
        ({("s", "a"): (None, "1")}, "no line has an amount"),
        ({("s", "a"): ("1", "9")}, "one line only"),
        (grid(), "no line moved"),
        (dict.fromkeys(grid(), ("10", "11")), "moved apart"),
    ],
)
def test_no_cells_is_an_answer_with_its_reason(amounts: Any, reason: str) -> None:
    """Nothing known, one line, nothing moved, everything moved alike."""
    found = cells(table(amounts), by=BY)
    assert found.cells == ()
    assert reason in found.reason
    assert found.rest.change == found.change


def test_a_column_that_is_not_there_is_refused() -> None:
    """The missing column is named, with those that there are."""
    with pytest.raises(QueryError, match=r"'Region'.*Service, Team"):
        cells(table(grid()), by=["Region"])


def test_currencies_are_not_added() -> None:
    """Dollars and euros in one table."""
    moves = table(grid())
    moves.loc[0, "BillingCurrency"] = "EUR"
    with pytest.raises(CurrencyError):
        cells(moves, by=BY)


def test_no_cell_asked_for_is_a_wrong_argument() -> None:
    """Zero cells cannot be named."""
    with pytest.raises(ValueError, match="at least one"):
        cells(table(grid()), by=BY, most=0)


def test_cells_are_shown_in_words_and_as_json() -> None:
    """A line each, the rest last; amounts as text."""
    found = cells(table(grid(s1_a="18.00")), by=BY)
    shown = found.table()
    assert list(shown["Cell"]) == ["Service s1, Team a", "(rest)"]
    assert total(shown["Change"]) == Decimal(8)
    told = json.loads(json.dumps(found.to_json()))
    assert told["cells"][0]["where"] == {"Service": "s1", "Team": "a"}
    assert [told["cells"][0]["change"], told["rest"]["change"]] == ["8", "0"]


def test_a_dimension_of_one_value_names_no_cell() -> None:
    """With one region in all lines the cell is still the service and the team."""
    found = cells(table(grid(s1_a="18.00")).assign(Region="x"), by=["Region", *BY])
    assert changes(found) == {(("Service", "s1"), ("Team", "a")): Decimal(8)}
    lone = cells(table({("s1", "a"): ("1", "2")}), by=BY)
    assert (lone.cells, lone.change) == ((), Decimal(1))


def test_parts_are_added_up_with_the_lines_of_a_cell() -> None:
    """Each of four lines rose by 10, of which 4 is price: 16 in the cell, and none in the rest."""
    moves = table(grid(**{f"s2_{team}": "20.00" for team in "abcd"}))
    rose = moves["Current"] > moves["Previous"]
    moves["Price"] = [Decimal(4 if up else 0) for up in rose]
    moves["Volume"] = [Decimal(6 if up else 0) for up in rose]
    found = cells(moves, by=BY)
    assert dict(found.cells[0].parts) == {"Price": Decimal(16), "Volume": Decimal(24)}
    assert dict(found.rest.parts) == {"Price": Decimal(0), "Volume": Decimal(0)}


def test_a_cell_that_shares_lines_says_so() -> None:
    """A service rose in all teams and a team fell in all services: their common lines are counted once."""
    moved = {f"s2_{team}": "30.00" for team in "abcd"} | {f"s{n}_b": "2.00" for n in (1, 3, 4, 5, 6)}
    found = cells(table(grid(**moved)), by=BY)
    assert changes(found) == {(("Service", "s2"),): Decimal(80), (("Team", "b"),): Decimal(-40)}
    assert [cell.whole for cell in found.cells] == [True, False]
    assert list(found.table()["Cell"])[1] == "Team b (without lines of other cells)"


def test_a_cell_is_a_filter_that_finds_its_money(lake_of: Any, line: Any) -> None:
    """What moved by month, or between two periods, is found; `spend` gives its amount for its ``where``."""
    rows = [
        line(day=f"2026-0{month}-05", cost="9" if (month, service, team) == (7, "S3", "a") else "4",
             ServiceName=service, tags={"team": team} if team else {})
        for month in (6, 7) for service in ("S1", "S2", "S3", "S4") for team in ("a", "b", "")
    ]  # fmt: skip
    engine, by, july = lake_of(rows), ["ServiceName", "tag:team"], Period.month("2026-07")
    found = cells(month_over_month(engine, month=july, by=by), by=by)
    moved = drivers(engine, before=july.previous_month(), after=july, by=by)
    assert found == cells(moved.drop(columns=list(PARTS)), by=by)
    assert [dict(cell.where) for cell in found.cells] == [{"ServiceName": "S3", "tag:team": "a"}]
    assert list(spend(engine, period=july, where=found.cells[0].where)["cost"]) == [found.cells[0].current]


AMOUNT = st.one_of(st.just(Decimal(0)), st.decimals(min_value=-(10**15), max_value=10**15, places=20))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("pqr"), AMOUNT, AMOUNT), max_size=25))
def test_cells_and_rest_add_up_exactly(lines: list[tuple[str, str, Decimal, Decimal]]) -> None:
    """Whatever the numbers, the parts are the whole to the last of 35 digits, and no line is lost."""
    moves = pd.DataFrame(lines, columns=[*BY, "Previous", "Current"]).astype(object)
    found = cells(moves, by=BY)
    whole = (total(moves["Current"]) or Decimal(0)) + (-(total(moves["Previous"]) or Decimal(0)))
    assert total([*(cell.change for cell in found.cells), found.rest.change]) == found.change
    assert abs(found.change - whole) < Decimal("1e-9")
    assert sum(cell.leaves for cell in found.cells) + found.rest.leaves == len({line[:2] for line in lines})
    assert all(cell.current - cell.previous - cell.change < Decimal("1e-9") for cell in found.cells)


def test_many_lines_are_searched_at_once() -> None:
    """Twenty thousand lines with one team of a region 40 % up: found, with the exact amount."""
    rng = np.random.default_rng(9)
    codes = np.array(list(np.ndindex(50, 20, 20))).T
    moves = pd.DataFrame({name: code.astype(str) for name, code in zip("abc", codes, strict=True)})
    previous = rng.lognormal(2, 1, len(moves))
    moves["Previous"] = [Decimal(f"{amount:.2f}") for amount in previous]
    planted = ((codes[1] == 3) & (codes[2] == 4)).tolist()
    moves["Current"] = [
        amount * Decimal("1.4") if hit else amount * Decimal(f"{factor:.4f}")
        for amount, hit, factor in zip(
            moves["Previous"], planted, rng.normal(1, 0.03, len(moves)), strict=True
        )
    ]
    found = cells(moves, by=["a", "b", "c"])
    assert changes(found) == {(("b", "3"), ("c", "4")): total(moves["Previous"][planted]) * Decimal("0.4")}

"""Why did it move: golden months, and tables that add up to the whole change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.cost.movement import REMAINDER, change_of, month_over_month, top_movers
from finops_lib.records import Period

JULY = Period.month("2026-07")


def moves_of(pairs: list[tuple[str, Decimal, Decimal]]) -> pd.DataFrame:
    """Make the frame that `month_over_month` returns from (name, previous, current)."""
    lines = [(name, "USD", before, after, after - before, None, "stayed") for name, before, after in pairs]
    names = ["ServiceName", "BillingCurrency", "Previous", "Current", "Change", "ChangeShare", "State"]
    return pd.DataFrame(lines, columns=names).astype({"ChangeShare": object})


@pytest.fixture
def engine(lake_of: Any, line: Any) -> Any:
    """June: A 10, B 4. July: A 12, C 1."""
    return lake_of(
        [
            line(day="2026-06-10", cost="10", ServiceName="A"),
            line(day="2026-06-30", cost="4", ServiceName="B"),
            line(day="2026-07-01", cost="12", ServiceName="A"),
            line(day="2026-07-31", cost="1", ServiceName="C"),
        ]
    )


def test_two_months_are_compared_line_by_line(engine: Any) -> None:
    """A rose by 2 of 10, B ended, C is new; the whole went from 14 to 13."""
    moves = month_over_month(engine, month=JULY, by="ServiceName")
    columns = ["ServiceName", "Previous", "Current", "Change", "ChangeShare", "State"]
    assert moves[columns].to_numpy().tolist() == [
        ["A", Decimal(10), Decimal(12), Decimal(2), Decimal("0.2"), "stayed"],
        ["B", Decimal(4), Decimal(0), Decimal(-4), Decimal(-1), "ended"],
        ["C", Decimal(0), Decimal(1), Decimal(1), None, "new"],
    ]
    said = change_of(moves)
    assert (said["previous"], said["current"], said["change"]) == (Decimal(14), Decimal(13), Decimal(-1))


@pytest.mark.parametrize("month", ["2026-06", "2026-08"])
def test_a_month_without_charges_is_unknown_not_zero(engine: Any, month: str) -> None:
    """Before the first and after the last delivery no change is said."""
    moves = month_over_month(engine, month=Period.month(month), by="ServiceName")
    assert set(moves["State"]) == {"unknown"}
    assert set(moves["Change"]) == {None}
    assert change_of(moves)["change"] is None
    assert top_movers(moves).empty


def test_a_line_whose_cost_is_not_stated_has_no_change(lake_of: Any, line: Any) -> None:
    """List cost known in June and missing in July: unknown, and no mover."""
    june, july = line(day="2026-06-01", ListCost="5"), line(ListCost="")
    moves = month_over_month(lake_of([june, july]), month=JULY, by="ServiceName", cost="ListCost")
    assert list(moves["Change"]) == [None]


def test_without_groups_the_whole_is_one_line(engine: Any) -> None:
    """No ``by``: 14 against 13."""
    moves = month_over_month(engine, month=JULY)
    assert list(moves["Change"]) == [Decimal(-1)]


AMOUNT = st.decimals(min_value=-(10**15), max_value=10**15, places=20)


@given(st.lists(st.tuples(AMOUNT, AMOUNT), min_size=1, max_size=15), st.integers(1, 16))
def test_movers_add_up_to_the_whole_change_exactly(pairs: list[tuple[Decimal, Decimal]], n: int) -> None:
    """However many lines are named, the last holds the rest to the last of 35 digits."""
    whole = [(before, after) for before, after in pairs]
    moves = moves_of(
        [(f"s{place}", Decimal(0), after - before) for place, (before, after) in enumerate(whole)]
    )
    top = top_movers(moves, n=n)
    assert change_of(top)["change"] == change_of(moves)["change"]
    assert len(top) <= n + 1
    sizes = [abs(change) for change in top.loc[top["State"] != REMAINDER, "Change"]]
    assert sizes == sorted(sizes, reverse=True)


def test_the_remainder_names_how_many_it_holds() -> None:
    """Three lines, one named: two more."""
    moves = moves_of([(name, Decimal(0), Decimal(size)) for name, size in (("a", 1), ("b", 3), ("c", 2))])
    top = top_movers(moves, n=1)
    assert list(top["ServiceName"]) == ["b", "(2 more)"]
    assert list(top["State"]) == ["stayed", REMAINDER]


def test_no_movers_asked_for_is_a_wrong_argument() -> None:
    """Zero lines cannot be named."""
    with pytest.raises(ValueError, match="at least one"):
        top_movers(moves_of([]), n=0)

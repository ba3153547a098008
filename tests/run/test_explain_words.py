"""The sentences of a move: signs, what is large enough to be said, and what is unknown."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops_lib.cost.drivers.cells import Cell, Cells
from finops_lib.cost.drivers.effects import PARTS
from finops_lib.records import Period
from finops_lib.run.explain_words import (
    lengths,
    made_of,
    mostly,
    moved,
    part_text,
    pooled_note,
    spread_note,
    where_it_moved,
)

NAMES = ("2026-06", "2026-07")


def cell(change: int, name: str = "", **parts: int) -> Cell:
    """Make a cell of one service that moved so much."""
    where = {"ServiceName": name} if name else {}
    told = {part: Decimal(amount) for part, amount in parts.items()}
    return Cell(where, Decimal(0), Decimal(change), Decimal(change), leaves=1, parts=told)


def found(*changes: int, rest: int = 0, reason: str = "") -> Cells:
    """Make cells of these changes."""
    made = tuple(cell(change, f"S{number}", New=change) for number, change in enumerate(changes))
    return Cells(made, cell(rest), Decimal(sum(changes) + rest), reason=reason)


@pytest.mark.parametrize(
    ("previous", "current", "said"),
    [
        ("10", "8", "2026-07 cost €8.00 (BilledCost), €2.00 less than 2026-06 (-20.0 %)."),
        ("0", "8", "2026-07 cost €8.00 (BilledCost), €8.00 more than 2026-06."),
        ("8", "8", "2026-07 cost €8.00 (BilledCost), as much as 2026-06."),
        (None, "8", "The change is unknown: no charge of 2026-06 is in the lake."),
        ("8", None, "The change is unknown: no charge of 2026-07 is in the lake."),
        (None, None, "The change is unknown: no charge of 2026-06 and of 2026-07 is in the lake."),
    ],
)
def test_the_move_in_one_sentence(previous: str | None, current: str | None, said: str) -> None:
    """More, less, equal, out of nothing, unknown."""
    sides = [None if side is None else Decimal(side) for side in (previous, current)]
    change = None if None in sides else sides[1] - sides[0]  # type: ignore[operator]  # both are known
    whole = {"Previous": sides[0], "Current": sides[1], "Change": change}
    assert moved(whole, NAMES, cost="BilledCost", currency="EUR") == said


def test_parts_that_are_small_are_told_together() -> None:
    """Of 201 that moved 2 % is 4.02: 5 is said, 3 and -1 are not, and zero never."""
    parts = {"New": 100, "Ended": -92, "Price": 5, "Volume": 3, "Mix": -1, "Credits": 0}
    (said,) = made_of({name: Decimal(amount) for name, amount in parts.items()}, currency="EUR")
    assert said == (
        "What made it: new resources +€100.00, ended resources -€92.00, price +€5.00; all else +€2.00."
    )
    assert made_of({"New": Decimal(0)}, currency="EUR") == []
    assert made_of({}, currency="EUR") == []


def test_every_part_has_words() -> None:
    """No two are the same."""
    assert len({part_text(name) for name in PARTS}) == len(PARTS)


def test_three_cells_are_said_and_the_others_counted() -> None:
    """The rest closes the list, so that the sentences add up to 80."""
    said = where_it_moved(found(50, 20, -10, 8, 7, rest=5), currency="EUR")
    assert said == [
        "ServiceName S0: +€50.00, mostly new resources.",
        "ServiceName S1: +€20.00, mostly new resources.",
        "ServiceName S2: -€10.00, mostly new resources.",
        "2 more cells: +€15.00.",
        "All else: +€5.00.",
    ]
    assert where_it_moved(found(50, 20, -10, 8), currency="EUR")[3] == "1 more cell: +€8.00."


def test_no_cell_has_its_reason() -> None:
    """It is said and nothing is made up."""
    assert where_it_moved(found(rest=5, reason="no line moved"), currency="EUR") == [
        "No cell is named: no line moved."
    ]


def test_the_largest_part_of_a_cell_is_by_size() -> None:
    """A fall of 9 is more than a rise of 4; nothing known is nothing said."""
    assert mostly(cell(-5, "S", Volume=-9, Price=4)) == "volume"
    assert mostly(cell(5, "S")) == ""
    assert mostly(cell(0, "S", Price=0)) == ""


def test_periods_of_other_lengths_are_said() -> None:
    """June to July is a day more; July and August are equal; one day is one day."""
    june, july, august = (Period.month(f"2026-0{number}") for number in (6, 7, 8))
    assert lengths(july, august, ("2026-07", "2026-08")) == []
    assert lengths(july, june, ("a", "b")) == [
        "a has 31 days, b has 30 days: that alone moves what is paid by use by -3.2 %."
    ]
    day = Period(june.start, june.start.replace(day=2))
    assert "a has 1 day, b has 31 days" in lengths(day, july, ("a", "b"))[0]


def test_charges_that_begin_elsewhere_are_said_from_a_twentieth_on() -> None:
    """105 of 100 is not said, 106 or nothing of 100 is; refunds are measured by their size."""
    quiet = spread_note([Decimal(105), Decimal(-95)], [100.0, -100.0], NAMES, currency="EUR")
    assert quiet == []
    for charged in ([Decimal(106), Decimal(100)], [Decimal(100), Decimal(0)]):
        (said,) = spread_note(charged, [100.0, 100.0], NAMES, currency="EUR")
        assert said.endswith("spread over their days 2026-06 cost €100.00, 2026-07 €100.00.")


def test_many_services_that_replace_their_resources_are_counted() -> None:
    """Three are named."""
    assert pooled_note([]) == []
    assert "of a, b, c and 2 more services replace" in pooled_note(list("abcde"))[0]

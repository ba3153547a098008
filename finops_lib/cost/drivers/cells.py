"""Where did it move: the few cells, combinations of dimension values, that explain a change, and the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np
import pandas as pd

from finops_lib.cost.drivers.cube import Mask
from finops_lib.cost.drivers.effects import PARTS
from finops_lib.cost.drivers.search import Found, search
from finops_lib.cost.exact import difference, label, total
from finops_lib.cost.spend import refuse_mixture
from finops_lib.errors import QueryError
from finops_lib.records import Record

_ZERO = Decimal(0)
_AMOUNTS = ("Previous", "Current", "Change")
_PAIR = 2


@dataclass(frozen=True)
class Cell(Record):
    """One combination of dimension values with its exact amounts.

    ``where`` maps a dimension to its value, as `spend` takes it; a dimension that it does not name may have
    any value. ``leaves`` counts the lines added up. ``whole`` is false when lines that the name covers are
    counted in another cell, so that ``where`` alone would find more money. ``parts`` says what made the
    change, as `bridge` names it, where the lines say so.
    """

    where: Mapping[str, str]
    previous: Decimal
    current: Decimal
    change: Decimal
    leaves: int
    whole: bool = True
    parts: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Cells(Record):
    """The cells that explain a change, largest first, and all other lines as ``rest``.

    No line is in two cells, and the changes of ``cells`` and ``rest`` add up to ``change`` exactly.
    ``unknown`` counts lines left out because an amount is not known. ``reason`` says why there are no cells.
    """

    cells: tuple[Cell, ...]
    rest: Cell
    change: Decimal
    unknown: int = 0
    reason: str = ""

    def table(self) -> pd.DataFrame:
        """How does a reader see the cells: one line each, the rest last.

        Returns
        -------
        DataFrame
            ``Cell`` (its values in words), ``Previous``, ``Current``, ``Change`` (exact Decimal) and
            ``Lines``, a count.
        """
        lines = [
            (words(cell), cell.previous, cell.current, cell.change, cell.leaves)
            for cell in (*self.cells, self.rest)
        ]
        return pd.DataFrame(lines, columns=["Cell", *_AMOUNTS, "Lines"])


def cells(
    moves: pd.DataFrame,
    *,
    by: Sequence[str],
    most: int = 10,
    most_dimensions: int = 4,
    least_share: float = 0.005,
) -> Cells:
    """Which few combinations of values explain the change, in exact money, and what is left.

    A cell is named when its lines moved alike and apart from the drift of all others, further than the noise
    of the lines lets expect, and when it is worth naming in money. Rises and falls are found side by side, so
    that those which cancel in the total are seen.

    Parameters
    ----------
    moves : DataFrame
        From `month_over_month` or `bridge` by at least the columns ``by``, or any table with them,
        ``Previous`` and ``Current`` (exact Decimal or None) and one ``BillingCurrency``; a forecast may be
        ``Previous``. Columns named in `effects.PARTS` are added up for each cell.
    by : sequence of str
        The dimensions that may name a cell. Lines of the same values are added up first.
    most : int
        At most so many cells, a count; those with less change go to the rest.
    most_dimensions : int
        How many dimensions may name one cell, a count.
    least_share : float
        A cell is named when it moved at least this share (0 to 1) of all money that moved, rises and falls
        added. Cells of half of that are searched for too, so that none of them is taken for a coarser one.

    Returns
    -------
    Cells

    Raises
    ------
    QueryError
        A column is missing.
    CurrencyError
        The table has more than one currency.

    Source: `search.search`, after arXiv 2205.10004.

    Examples
    --------
    >>> names = [(team, region) for team in "abc" for region in ("east", "west", "north")]
    >>> moves = pd.DataFrame(names, columns=["Team", "Region"])
    >>> moves["Previous"] = Decimal(10)
    >>> moves["Current"] = [Decimal(20 if team == "b" else 10) for team in moves["Team"]]
    >>> found = cells(moves, by=["Team", "Region"])
    >>> [(dict(cell.where), cell.change) for cell in found.cells], found.rest.change
    ([({'Team': 'b'}, Decimal('30'))], Decimal('0'))
    """
    if most < 1:
        raise ValueError(f"most {most}: name at least one cell")
    leaves, unknown = _leaves(moves, by=by)
    found = _found(leaves, by=by, most_dimensions=most_dimensions, least_share=least_share)
    told = [(_cell(leaves, item.leaves, where=_where(leaves, item, by=by)), item) for item in found]
    least = _gross(leaves) * Decimal(str(least_share))
    worth = (pair for pair in told if abs(pair[0].change) >= least)
    kept = sorted(worth, key=lambda pair: -abs(pair[0].change))[:most]
    every = np.ones(len(leaves), dtype=np.bool_)
    free = every.copy()
    for _, item in kept:
        free &= ~item.leaves
    return Cells(
        cells=tuple(cell for cell, _ in kept),
        rest=_cell(leaves, free, where={}),
        change=_cell(leaves, every, where={}).change,
        unknown=unknown,
        reason="" if kept else _reason(leaves),
    )


def _leaves(moves: pd.DataFrame, *, by: Sequence[str]) -> tuple[pd.DataFrame, int]:
    """Add up the lines of the same values; count those whose amounts are not known."""
    for name in (*by, "Previous", "Current"):
        if name not in moves:
            raise QueryError(
                f"column {name!r}",
                "cells are looked for in a table of moves with its dimensions, Previous and Current",
                f"its columns are {', '.join(map(str, moves.columns))}",
            )
    if "BillingCurrency" in moves:
        refuse_mixture(moves)
    known = moves[moves["Previous"].notna() & moves["Current"].notna()]
    amounts = ["Previous", "Current", *(name for name in PARTS if name in moves)]
    named = pd.DataFrame({name: _labels(known[name]) for name in by}, index=known.index)
    keys = list(zip(*(named[name] for name in by), strict=True)) if by else [()] * len(known)
    sums: dict[tuple[str, ...], list[Decimal]] = {}
    for key, *line in zip(keys, *(known[name] for name in amounts), strict=True):
        held = sums.setdefault(key, [_ZERO] * len(amounts))
        held[:] = [total(pair) or _ZERO for pair in zip(held, line, strict=True)]
    lines = [(*key, *held) for key, held in sums.items()]
    leaves = pd.DataFrame(lines, columns=[*by, *amounts], dtype=object)
    return leaves, len(moves) - len(known)


def _found(
    leaves: pd.DataFrame, *, by: Sequence[str], most_dimensions: int, least_share: float
) -> list[Found]:
    if len(leaves) < _PAIR or not by:
        return []
    codes = [pd.factorize(leaves[name])[0].astype(np.int64) for name in by]
    telling = [number for number, code in enumerate(codes) if code.any()]  # of more than one value
    before, after = (leaves[name].to_numpy(dtype=np.float64) for name in ("Previous", "Current"))
    found = search(
        [codes[number] for number in telling], before, after,
        most_dimensions=most_dimensions, least_share=least_share / 2,
    )  # fmt: skip
    return [replace(item, dimensions=tuple(telling[place] for place in item.dimensions)) for item in found]


def _gross(leaves: pd.DataFrame) -> Decimal:
    moves = (difference(end, start) for start, end in zip(leaves["Previous"], leaves["Current"], strict=True))
    return total(abs(move) for move in moves if move is not None) or _ZERO


def _labels(values: pd.Series) -> list[str]:
    name = str(values.name)
    return [value if isinstance(value, str) else label(value, name=name) for value in values]


def _where(leaves: pd.DataFrame, found: Found, *, by: Sequence[str]) -> dict[str, str]:
    first = int(np.argmax(found.leaves))
    return {by[number]: str(leaves[by[number]].iloc[first]) for number in found.dimensions}


def _cell(leaves: pd.DataFrame, members: Mask, *, where: Mapping[str, str]) -> Cell:
    lines = leaves[members]
    previous, current = total(lines["Previous"]) or _ZERO, total(lines["Current"]) or _ZERO
    covered = np.ones(len(leaves), dtype=np.bool_)
    for name, value in where.items():
        covered &= (leaves[name] == value).to_numpy(dtype=np.bool_)
    return Cell(
        where=where,
        previous=previous,
        current=current,
        change=difference(current, previous) or _ZERO,
        leaves=len(lines),
        whole=not where or int(covered.sum()) == len(lines),
        parts={name: total(lines[name]) or _ZERO for name in PARTS if name in lines},
    )


def words(cell: Cell) -> str:
    """How is a cell named before a reader.

    Parameters
    ----------
    cell : Cell
        Of any dimensions; one without any is the rest.

    Examples
    --------
    >>> words(Cell({"Team": "a", "Region": "x"}, _ZERO, _ZERO, _ZERO, leaves=2, whole=False))
    'Team a, Region x (without lines of other cells)'
    """
    if not cell.where:
        return "(rest)"
    return ", ".join(f"{name} {value}" for name, value in cell.where.items()) + (
        "" if cell.whole else " (without lines of other cells)"
    )


def _reason(leaves: pd.DataFrame) -> str:
    if leaves.empty:
        return "no line has an amount in both periods"
    if len(leaves) < _PAIR:
        return "there is one line only, and nothing to tell it from"
    if (leaves["Previous"] == leaves["Current"]).all():
        return "no line moved"
    return "no combination of values moved apart from the rest"

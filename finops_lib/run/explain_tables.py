"""The tables of a move, in whole cents that add up: by column, by cell, and resources that came or went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from finops_lib.cost import completeness
from finops_lib.cost.drivers.cells import Cell, Cells, words
from finops_lib.cost.drivers.leaves import DAYS
from finops_lib.cost.exact import NONE, difference, total
from finops_lib.cost.split import cut
from finops_lib.cost.words import scope_text
from finops_lib.run.explain_words import lengths, mostly, pooled_note, spread_note
from finops_lib.run.explaining import Numbers
from finops_lib.run.odd_words import cell_text
from finops_lib.units import cents, minor_digits

_MOST_LINES = 12
_MOST_RESOURCES = 8
_TOTAL = "Total"
_NO_CELL = "(none of its own)"
_BY_DAYS = "A charge of many days, such as a fee of a month, counts with those of its days in a period."
_ZERO = Decimal(0)


@dataclass(frozen=True)
class Tables(Numbers):
    """A move as frames that a notebook shows."""

    def bridge(self) -> pd.DataFrame:
        """What made each line's change, that which moved most first, then all others and the total.

        Every row's parts add up to its change, and every column to the last row, to the cent; a part that is
        zero everywhere has no column.
        """
        names = list(self.asked.by)
        if self.change is None:
            return pd.DataFrame(columns=[*names, "Previous", "Current", "Change"])
        found = self.by(*names)
        amounts = ["Previous", "Current", *(part for part in self.parts if any(found[part]))]
        shown = found.head(_MOST_LINES)
        rows = [
            [*(row[name] for name in names), *(row[name] for name in amounts)] for _, row in shown.iterrows()
        ]
        rest = found.iloc[_MOST_LINES:]
        if len(rest):
            sums = [total(rest[name]) or _ZERO for name in amounts]
            rows.append([*[f"({len(rest)} more)"] * len(names), *sums])
        frame = pd.DataFrame(rows, columns=[*names, *amounts], dtype=object)
        return self._rounded(frame, names=names, parts=amounts[2:])

    def _rounded(self, frame: pd.DataFrame, *, names: list[str], parts: list[str]) -> pd.DataFrame:
        """Round changes and parts so that they add up both ways, and put the sums below."""
        exact = [list(line) for line in frame[parts].to_numpy()]
        whole = rounded_to([self.parts[name] for name in parts], currency=self.currency)
        money = squared(exact, whole, currency=self.currency)
        sides = [
            [cents(amount, currency=self.currency) for amount in line]
            for line in frame[["Previous", "Current"]].to_numpy()
        ]
        sides.append([cents(self.whole[name], currency=self.currency) for name in ("Previous", "Current")])
        rows = [
            [*pair, total(line) or _ZERO, *line] for pair, line in zip(sides, [*money, whole], strict=True)
        ]
        labels = [*frame[names].to_numpy().tolist(), [_TOTAL, *[""] * (len(names) - 1)]]
        columns = [*names, "Previous", "Current", "Change", *parts]
        lines = [[*label, *row] for label, row in zip(labels, rows, strict=True)]
        return pd.DataFrame(lines, columns=columns, dtype=object)

    @cached_property
    def in_cents(self) -> Cells:
        """The cells and the rest with changes in whole cents that add up."""
        every = [*self.found.cells, self.found.rest]
        changes = self._cents([cell.change for cell in every])
        *named, rest = [replace(cell, change=change) for cell, change in zip(every, changes, strict=True)]
        return replace(self.found, cells=tuple(named), rest=rest)

    def cells(self) -> pd.DataFrame:
        """Which cells explain the change, largest first, and what made most of each; then rest and total."""
        columns = ["Cell", "Previous", "Current", "Change", "Mostly", "Lines"]
        if self.change is None:
            return pd.DataFrame(columns=columns)
        every = [*self.in_cents.cells, self.in_cents.rest]
        rows: list[tuple[Any, ...]] = [
            (words(cell), cell.previous, cell.current, cell.change, self._mostly(cell), cell.leaves)
            for cell in every
        ]
        lines = sum(cell.leaves for cell in every)
        rows.append(
            (
                _TOTAL,
                self.whole["Previous"],
                self.whole["Current"],
                total(cell.change for cell in every),
                "",
                lines,
            )
        )
        return pd.DataFrame(rows, columns=columns, dtype=object)

    def came_and_went(self) -> pd.DataFrame:
        """Which resources are new and which ended, with their money, most first; all others in one line."""
        columns = ["State", "ResourceId", "ServiceName", "Change"]
        rows: list[tuple[Any, ...]] = []
        for state in ("New", "Ended") if self.change is not None else ():
            frame = self.resources(state)
            changes = self._cents(list(frame["Amount"]))
            named = list(zip(frame["ResourceId"], frame["ServiceName"], changes, strict=True))
            rows += [(state.lower(), *line) for line in named[:_MOST_RESOURCES]]
            rest = named[_MOST_RESOURCES:]
            if rest:
                rows.append((state.lower(), f"({len(rest)} more)", "", total(line[2] for line in rest)))
        found = pd.DataFrame(rows, columns=columns, dtype=object)
        return found.assign(ResourceId=found["ResourceId"].replace(NONE, "(counted by SKU)"))

    def _mostly(self, cell: Cell) -> str:
        return mostly(cell, planned=self.asked.plan is not None)

    def change_table(self) -> pd.DataFrame:
        """Which known changes lie in the two periods, and with which cell each may have to do."""
        rows = [
            (one.at, one.name, scope_text(one.scope), cell_text(cell) if cell else _NO_CELL)
            for one, cell in self.known_changes
        ]
        return pd.DataFrame(rows, columns=["Time", "What", "Scope", "Cell"], dtype=object)

    def _cents(self, amounts: Sequence[Decimal]) -> list[Decimal]:
        return rounded_to(amounts, currency=self.currency)

    def begun_elsewhere(self) -> list[str]:
        """Say what must be known where charges for a longer time begin in one of the periods."""
        if self.change is None or self.asked.plan is not None:
            return []
        spread = [self.spread(period) for period in (self.asked.before, self.asked.after)]
        charged = [self.whole["Previous"], self.whole["Current"]]
        return spread_note(charged, spread, self.asked.names, currency=self.currency)

    def noted(self) -> list[str]:
        """What must a reader know of the two periods, as sentences."""
        asked, desk = self.asked, self.desk
        filling = [
            f"Still filling up, so too low: {day}."
            for day in desk.incomplete
            if any(span.start.date() <= day < span.end.date() for span in (asked.before, asked.after))
        ]
        rows = int(self.whole["RowsUnknown"])
        unknown = (
            [f"Rows of both periods that do not say their {desk.cost}, and add nothing: {rows:,}."]
            if rows
            else []
        )
        told = completeness.notes(desk.engine, period=asked.after)
        return [
            *lengths(asked.before, asked.after, asked.names),
            *self.begun_elsewhere(),
            *([_BY_DAYS] if asked.axis == DAYS else []),
            *pooled_note(self.replaced),
            *filling,
            *unknown,
            *(sentence for sentence in told if desk.cost not in sentence or not rows),
        ]


def rounded_to(amounts: Sequence[Decimal], *, currency: str) -> list[Decimal]:
    """How do amounts become whole cents that add up to their rounded sum.

    Parameters
    ----------
    amounts : sequence of Decimal
        In one currency.
    currency : str
        ISO 4217 code.

    Examples
    --------
    >>> [str(part) for part in rounded_to([Decimal("0.004"), Decimal("0.004")], currency="EUR")]
    ['0.01', '0.00']
    """
    whole = cents(total(amounts) or _ZERO, currency=currency)
    return cut(whole, amounts, unit=Decimal(1).scaleb(-minor_digits(currency)))


def squared(
    rows: Sequence[Sequence[Decimal]], whole: Sequence[Decimal], *, currency: str
) -> list[list[Decimal]]:
    """How do the rows of a table become whole cents that add up along rows and columns.

    Parameters
    ----------
    rows : sequence of sequence of Decimal
        Exact amounts, a column for each part.
    whole : sequence of Decimal
        The sums of the columns, in whole cents that add up to the rounded sum of all.
    currency : str
        ISO 4217 code.

    Returns
    -------
    list of list of Decimal
        Each row's sum is less than a cent from its exact sum. What rounding leaves over in a column stands in
        the row with the most parts, where a cent makes nothing of zero.

    Examples
    --------
    >>> half = Decimal("0.005")
    >>> rows = [[half, half], [half, half]]
    >>> [[str(cell) for cell in row] for row in squared(rows, [Decimal("0.01")] * 2, currency="EUR")]
    [['0.01', '0.00'], ['0.00', '0.01']]
    """
    if not rows:
        return []
    unit = Decimal(1).scaleb(-minor_digits(currency))
    sums = rounded_to([total(row) or _ZERO for row in rows], currency=currency)
    told = [cut(change, row, unit=unit) for change, row in zip(sums, rows, strict=True)]
    place = max(range(len(rows)), key=lambda row: (sum(map(bool, rows[row])), row))
    left = [
        difference(end, total(column)) for end, column in zip(whole, zip(*told, strict=True), strict=True)
    ]
    told[place] = [cell + (more or _ZERO) for cell, more in zip(told[place], left, strict=True)]
    return told

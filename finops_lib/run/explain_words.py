"""The words of a move: what the parts are called, and the sentences that answer why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from finops_lib.cost.drivers.cells import Cell, Cells, words
from finops_lib.cost.exact import share, total
from finops_lib.records import Period
from finops_lib.run.explaining import gross
from finops_lib.units import money_text, share_text

_PARTS = {
    "New": "new resources",
    "Ended": "ended resources",
    "Price": "price",
    "Volume": "volume",
    "Mix": "mix of SKUs",
    "Unmeasured": "usage without a quantity",
    "Commitments": "commitments",
    "Credits": "credits",
    "Currency": "exchange rates",
    "Other": "tax, fees and other",
}
_PLANNED = {
    "New": "what was not planned",
    "Ended": "what was planned and did not come",
    "Unmeasured": "money above or below the plan",
}
_SMALL = Decimal("0.02")  # of the money that moved: what is less is not said
_MOST = 3
_APART = 0.05  # share by which charges may lie outside the days that they are for, unsaid


def part_text(name: str, *, planned: bool = False) -> str:
    """How is a part called in a sentence.

    Parameters
    ----------
    name : str
        One of `effects.PARTS`.
    planned : bool
        It is held against a plan, which knows no resources.

    Examples
    --------
    >>> part_text("New")
    'new resources'
    """
    return (_PLANNED if planned else {}).get(name, _PARTS[name])


def signed(amount: Decimal | None, currency: str) -> str:
    """How is a change written: with its sign.

    Parameters
    ----------
    amount : Decimal or None
        Money.
    currency : str
        ISO 4217 code.

    Examples
    --------
    >>> signed(Decimal("1.5"), "EUR"), signed(Decimal(-2), "EUR"), signed(None, "EUR")
    ('+€1.50', '-€2.00', 'unknown')
    """
    return ("+" if amount is not None and amount > 0 else "") + money_text(amount, currency=currency)


def moved(whole: Mapping[str, Any], names: tuple[str, str], *, cost: str, currency: str) -> str:
    """How much did it move, in one sentence.

    Parameters
    ----------
    whole : mapping
        ``Previous``, ``Current`` and ``Change``.
    names : tuple of str
        Of the two periods.
    cost, currency : str
        Kind of cost and ISO 4217 code.

    Examples
    --------
    >>> whole = {"Previous": Decimal(10), "Current": Decimal(12), "Change": Decimal(2)}
    >>> moved(whole, ("2026-06", "2026-07"), cost="BilledCost", currency="EUR")
    '2026-07 cost €12.00 (BilledCost), €2.00 more than 2026-06 (+20.0 %).'
    """
    before, after = names
    if whole["Change"] is None:
        empty = [
            name for name, side in zip(names, ("Previous", "Current"), strict=True) if whole[side] is None
        ]
        return f"The change is unknown: no charge of {' and of '.join(empty)} is in the lake."
    now = money_text(whole["Current"], currency=currency)
    if whole["Change"] == 0:
        return f"{after} cost {now} ({cost}), as much as {before}."
    size = money_text(abs(whole["Change"]), currency=currency)
    word = "more" if whole["Change"] > 0 else "less"
    part = share(whole["Change"], whole["Previous"])
    said = "" if part is None else f" ({share_text(part, signed=True)})"
    return f"{after} cost {now} ({cost}), {size} {word} than {before}{said}."


def made_of(parts: Mapping[str, Decimal], *, currency: str, planned: bool = False) -> list[str]:
    """Which parts made the change, in one sentence, the largest first; none where nothing moved.

    Parameters
    ----------
    parts : mapping of str to Decimal
        As in `effects.PARTS`.
    currency : str
        ISO 4217 code.
    planned : bool
        As in `part_text`.

    Examples
    --------
    >>> made_of({"New": Decimal(90), "Price": Decimal(-20), "Mix": Decimal(1)}, currency="EUR")
    ['What made it: new resources +€90.00, price -€20.00; all else +€1.00.']
    """
    moved_in_all = gross(dict(parts))
    large = {
        name: amount for name, amount in parts.items() if amount and abs(amount) >= _SMALL * moved_in_all
    }
    if not large:
        return []
    order = sorted(large, key=lambda name: -abs(large[name]))
    told = ", ".join(f"{part_text(name, planned=planned)} {signed(large[name], currency)}" for name in order)
    rest = total(amount for name, amount in parts.items() if name not in large)
    more = f"; all else {signed(rest, currency)}" if rest else ""
    return [f"What made it: {told}{more}."]


def where_it_moved(found: Cells, *, currency: str) -> list[str]:
    """Where did it move, one sentence a cell, and what is left; the reason where no cell stands out.

    Parameters
    ----------
    found : Cells
        From `cells.cells`.
    currency : str
        ISO 4217 code.

    Returns
    -------
    list of str
    """
    if not found.cells:
        return [f"No cell is named: {found.reason}."]
    said = [f"{words(cell)}: {signed(cell.change, currency)}{_mostly(cell)}." for cell in found.cells[:_MOST]]
    others = len(found.cells) - len(said)
    if others:
        left = total(cell.change for cell in found.cells[_MOST:])
        said.append(f"{others} more cell{'s' * (others > 1)}: {signed(left, currency)}.")
    return [*said, f"All else: {signed(found.rest.change, currency)}."]


def mostly(cell: Cell, *, planned: bool = False) -> str:
    """Which part made most of a cell's change; empty where that is not known.

    Parameters
    ----------
    cell : Cell
        With its parts.
    planned : bool
        As in `part_text`.
    """
    if not any(cell.parts.values()):
        return ""
    return part_text(max(cell.parts, key=lambda name: abs(cell.parts[name])), planned=planned)


def _mostly(cell: Cell) -> str:
    name = mostly(cell)
    return f", mostly {name}" if name else ""


def lengths(before: Period, after: Period, names: tuple[str, str]) -> list[str]:
    """What must be known where the periods have not as many days.

    Parameters
    ----------
    before, after : Period
        Of whole days.
    names : tuple of str
        How they are written.

    Examples
    --------
    >>> lengths(Period.month("2026-06"), Period.month("2026-07"), ("2026-06", "2026-07"))
    ['2026-06 has 30 days, 2026-07 has 31 days: that alone moves what is paid by use by +3.3 %.']
    """
    if before.days == after.days:
        return []
    part = share(Decimal(after.days - before.days), Decimal(before.days))
    days = [
        f"{name} has {count} day{'s' * (count > 1)}"
        for name, count in zip(names, (before.days, after.days), strict=True)
    ]
    return [f"{', '.join(days)}: that alone moves what is paid by use by {share_text(part, signed=True)}."]


def pooled_note(services: Sequence[str]) -> list[str]:
    """What must be known of services whose resources replace themselves.

    Parameters
    ----------
    services : sequence of str
        From `turnover.replaced`.

    Examples
    --------
    >>> print(*pooled_note(["Compute"]))
    The resources of Compute replace themselves and are counted by SKU: there a SKU is new, not a machine.
    """
    if not services:
        return []
    shown = ", ".join(services[:_MOST])
    more = f" and {len(services) - _MOST} more services" if len(services) > _MOST else ""
    counted = "and are counted by SKU: there a SKU is new, not a machine"
    return [f"The resources of {shown}{more} replace themselves {counted}."]


def spread_note(
    charged: Sequence[Decimal], spread: Sequence[float], names: tuple[str, str], *, currency: str
) -> list[str]:
    """What must be known where charges for a longer time, such as a month, begin in one of the periods.

    Parameters
    ----------
    charged : sequence of Decimal
        What was charged in each period, by the day on which charges begin.
    spread : sequence of float
        The same with charges spread over the days that they are for.
    names : tuple of str
        How the periods are written.
    currency : str
        ISO 4217 code.

    Returns
    -------
    list of str
        Empty where the two differ by less than 5 % in both periods.

    Examples
    --------
    >>> spread_note([Decimal(310), Decimal(70)], [70.0, 70.0], ("first week", "second week"), currency="EUR")
    ['Charges count where they begin; spread over their days first week cost €70.00, second week €70.00.']
    """
    apart = [
        abs(float(amount) - days) > _APART * abs(days) for amount, days in zip(charged, spread, strict=True)
    ]
    if not any(apart):
        return []
    told = [money_text(Decimal(repr(round(days, 4))), currency=currency) for days in spread]
    first, second = names
    return [
        f"Charges count where they begin; spread over their days {first} cost {told[0]}, {second} {told[1]}."
    ]

"""What was the company charged: the truth of a month, in blocks of rows, from which every bill is derived.

Amounts are whole numbers: money in 1e-10 dollars, quantities in ten-thousandths of a pricing unit, prices in
micro-dollars. Their sums and products are exact.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from finops_lib.estate import catalogue
from finops_lib.estate.calendar import INCOMPLETE_DAYS, Ints, Month
from finops_lib.estate.catalogue import Product, Region, Service
from finops_lib.estate.commitments import Balance
from finops_lib.estate.company import Account, Commitment, Company, Slot, is_reserved
from finops_lib.estate.usage import quantities

CHUNK_ROWS = 100_000
_MISSING_PERCENT = 45  # of the rows of the last days of an open month


class Kind(enum.Enum):
    """What sort of charge a row is."""

    USAGE = "usage"
    PLAN_COVERED = "usage covered by the savings plan"
    RESERVED = "usage covered by the reservation"
    PLAN_FEE = "fee of the savings plan"
    RESERVATION_FEE = "recurring fee of the reservation"
    UPFRONT = "upfront fee of the reservation"
    UNUSED = "unused part of a commitment"
    SUPPORT = "support fee"
    DISCOUNT = "enterprise discount"
    CREDIT = "promotional credit"
    REFUND = "refund for an earlier month"
    TAX = "tax"
    NEGATION = "counter-entry of usage covered by the savings plan"


@dataclass(frozen=True)
class Line:
    """What all rows of one resource, or of one fee, have in common.

    ``list_micro``, ``contract_micro`` and ``effective_micro`` are micro-dollars for one unit, 0 where a
    row has no unit price. ``corrects`` says that an earlier, closed month is corrected.
    """

    kind: Kind
    account: Account
    service: Service
    region: Region
    month: Month
    description: str
    product: Product | None = None
    slot: Slot | None = None
    resource: str = ""
    commitment: Commitment | None = None
    list_micro: int = 0
    contract_micro: int = 0
    effective_micro: int = 0
    corrects: bool = False

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags of the resource; none where there is no resource."""
        return self.slot.tags if self.slot else {}

    @property
    def invoice(self) -> str:
        """Number of the invoice; empty while the month is open. An upfront fee has an invoice of its own."""
        number = 2_000_000_000 + 1009 * self.month.ordinal + (self.kind is Kind.UPFRONT)
        return "" if self.month.open else str(number)


@dataclass(frozen=True)
class Block:
    """Rows of a month: ``line`` gives each row's place in ``lines``; times are seconds since 1970 UTC."""

    lines: tuple[Line, ...]
    line: Ints
    start: Ints
    end: Ints
    amounts: Mapping[str, Ints]

    @property
    def rows(self) -> int:
        """Rows, a count."""
        return len(self.line)

    def take(self, rows: Ints | slice) -> Block:
        """Keep these rows.

        Parameters
        ----------
        rows : array or slice
            Positions or a mask.

        Returns
        -------
        Block
        """
        amounts = {name: values[rows] for name, values in self.amounts.items()}
        return Block(self.lines, self.line[rows], self.start[rows], self.end[rows], amounts)

    def compact(self) -> Block:
        """Leave out lines that have no row.

        Returns
        -------
        Block
            The same rows.
        """
        used = np.zeros(len(self.lines), dtype=bool)
        used[self.line] = True
        lines = tuple(line for line, has_rows in zip(self.lines, used.tolist(), strict=True) if has_rows)
        return replace(self, lines=lines, line=(np.cumsum(used) - 1)[self.line])


@dataclass
class Balances:
    """The two commitments while a month is gone through."""

    plan: Balance
    reservation: Balance

    @classmethod
    def of(cls, company: Company, month: Month) -> Balances:
        """What do both offer in this month.

        Parameters
        ----------
        company : Company
            The company.
        month : Month
            The month.

        Returns
        -------
        Balances
        """
        return cls(Balance.of(company.plan, month), Balance.of(company.reservation, month))


def usage_blocks(
    company: Company, month: Month, *, balances: Balances, first_delivery: bool = False
) -> Iterator[Block]:
    """What was used in this month, some resources at a time, so that memory does not grow with the bill.

    Parameters
    ----------
    company : Company
        The company.
    month : Month
        The month.
    balances : Balances
        What the commitments still cover; taken from as resources are gone through.
    first_delivery : bool
        The month as first delivered, before it was restated.

    Yields
    ------
    Block
        At most about ``CHUNK_ROWS`` rows.
    """
    steps = len(month.starts)
    size = max(1, CHUNK_ROWS // steps)
    for first in range(0, len(company.slots), size):
        slots = company.slots[first : first + size]
        rng = np.random.default_rng([company.seed, month.ordinal, slots[0].number])
        quantity = quantities(slots, month, rng=rng, first_delivery=first_delivery)
        if month.open:
            missing = rng.integers(0, 100, size=quantity.shape) < _MISSING_PERCENT
            quantity[missing & (month.days >= month.days[-1] - INCOMPLETE_DAYS + 1)] = 0
        yield _block(company, month, slots, quantity, balances)


def _block(
    company: Company, month: Month, slots: tuple[Slot, ...], quantity: Ints, balances: Balances
) -> Block:
    lines = tuple(line for slot in slots for line in _lines(company, month, slot))
    plan_rates = [line.effective_micro if line.kind is Kind.PLAN_COVERED else 0 for line in lines[1::2]]
    reserved = np.array([int(is_reserved(slot)) for slot in slots])
    covered, beyond = balances.plan.cover(quantity, rate=np.array(plan_rates))
    covered += balances.reservation.cover(quantity, rate=reserved)[0]
    slot, step, state = np.nonzero(np.stack([quantity - covered, covered], axis=-1))
    amount = np.where(state == 1, covered[slot, step], (quantity - covered)[slot, step])
    start = month.starts[step]
    block = priced(lines, 2 * slot + state, amount, start=start, end=start + month.step_hours * 3600)
    block.amounts["effective"][:] += state * beyond[slot, step]
    return block


def priced(lines: tuple[Line, ...], line: Ints, quantity: Ints, *, start: Ints, end: Ints) -> Block:
    """What do these quantities cost at the prices of their lines.

    Parameters
    ----------
    lines : tuple of Line
        With prices in micro-dollars a unit.
    line : array of int
        Place of each row's line.
    quantity : array of int
        Ten-thousandths of a unit.
    start, end : array of int
        Charge period, seconds since 1970.

    Returns
    -------
    Block
        With the amounts ``quantity``, ``list``, ``contracted``, ``billed``, ``effective``, ``unused``.
    """
    prices = np.array([(item.list_micro, item.contract_micro, item.effective_micro) for item in lines])
    listed, contract, effective = prices[line].T * quantity
    on_demand = np.array([item.kind is Kind.USAGE for item in lines])[line]
    amounts = {
        "quantity": quantity, "list": listed, "contracted": contract,
        "billed": np.where(on_demand, contract, 0), "effective": effective, "unused": np.zeros_like(quantity),
    }  # fmt: skip
    return Block(lines, line, start, end, amounts)


def _lines(company: Company, month: Month, slot: Slot) -> tuple[Line, Line]:
    """Build both lines of a resource: used on demand, and covered by the commitment that fits, if any."""
    open_line = usage_line(company, month, slot)
    listed = open_line.list_micro
    if slot.product.plan_percent:
        kind, commitment = Kind.PLAN_COVERED, company.plan
        rate = listed * slot.product.plan_percent // 100
    else:
        kind, commitment = Kind.RESERVED, company.reservation
        rate = commitment.upfront_micro + commitment.recurring_micro
    covered = Line(
        kind, slot.account, slot.product.service, slot.region, month, open_line.description, slot.product,
        slot, open_line.resource, commitment, listed, open_line.contract_micro, rate,
    )  # fmt: skip
    return open_line, covered


def usage_line(company: Company, month: Month, slot: Slot, *, corrects: bool = False) -> Line:
    """What do rows of on-demand use of this resource have in common.

    Parameters
    ----------
    company : Company
        The company.
    month : Month
        The billing month.
    slot : Slot
        The resource's place.
    corrects : bool
        The rows belong to an earlier month.

    Returns
    -------
    Line
    """
    item = slot.product
    listed = catalogue.price_micro(item, slot.region)
    contracted = listed * item.contract_percent // 100
    dollars = f"{listed // 10**6}.{listed % 10**6:06d}".rstrip("0")
    text = f"${dollars} per {item.unit} {item.instance or item.operation} in {slot.region.name}"
    return Line(
        Kind.USAGE, slot.account, item.service, slot.region, month, text, item, slot,
        slot.resource_id(company.seed, month.ordinal), None, listed, contracted, contracted, corrects,
    )  # fmt: skip

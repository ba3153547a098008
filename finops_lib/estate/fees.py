"""What else is on the bill: commitment fees, support, discount, credits, refund, tax and late usage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import numpy as np

from finops_lib.estate import catalogue, story
from finops_lib.estate.calendar import DAY_SECONDS, Ints, Month, day_number
from finops_lib.estate.catalogue import Service
from finops_lib.estate.charges import Balances, Block, Kind, Line, priced, usage_line
from finops_lib.estate.commitments import Balance
from finops_lib.estate.company import Account, Commitment, Company, account
from finops_lib.estate.usage import without_events

CENT = 10**8
Sums = Mapping[tuple[Account, Service], int]


@dataclass(frozen=True)
class _Fee:
    """A row in the making: charge period in seconds, money in 1e-10 dollars, quantity in ten-thousandths."""

    line: Line
    start: int
    end: int
    billed: int
    effective: int
    quantity: int = 10_000
    unused: int = 0


def fee_block(company: Company, month: Month, *, balances: Balances, on_demand: Sums) -> Block:
    """Which rows close the bill of a month.

    Parameters
    ----------
    company : Company
        The company.
    month : Month
        The month.
    balances : Balances
        The commitments after all usage.
    on_demand : mapping
        Billed usage by account and service, 1e-10 dollars.

    Returns
    -------
    Block
    """
    fees = [
        *_plan(company.plan, month, balances.plan),
        *_reservation(company.reservation, month, balances.reservation),
        *_discounts(month, on_demand),
        *_credits(month),
        *_refunds(month),
        *_support(month, sum(on_demand.values())),
        *_taxes(month, on_demand),
    ]
    kinds = {line: number for number, line in enumerate(dict.fromkeys(fee.line for fee in fees))}
    billed = _ints(fee.billed for fee in fees)
    amounts = {
        "quantity": _ints(fee.quantity for fee in fees), "list": billed, "contracted": billed,
        "billed": billed, "effective": _ints(fee.effective for fee in fees),
        "unused": _ints(fee.unused for fee in fees),
    }  # fmt: skip
    places = _ints(kinds[fee.line] for fee in fees)
    start, end = _ints(fee.start for fee in fees), _ints(fee.end for fee in fees)
    return Block(tuple(kinds), places, start, end, amounts)


def late_block(company: Company, month: Month) -> Block | None:
    """Which usage of an earlier month arrives in this bill.

    Parameters
    ----------
    company : Company
        The company.
    month : Month
        The billing month.

    Returns
    -------
    Block or None
        None in every month but one.
    """
    if month.label != story.LATE.billed_in:
        return None
    owner = (story.LATE.account, story.LATE.product)
    slots = [slot for slot in company.slots if (slot.account.key, slot.product.key) == owner]
    earlier = Month(month.period.previous_month(), month.period.start, month.step_hours)
    rng = np.random.default_rng([company.seed, month.ordinal, len(company.slots), 1])
    quantity = without_events(slots, earlier, rng=rng)
    quantity[:, earlier.days < day_number(story.LATE.start)] = 0
    lines = tuple(usage_line(company, month, slot, corrects=True) for slot in slots)
    slot, step = np.nonzero(quantity)
    start = earlier.starts[step]
    return priced(lines, slot, quantity[slot, step], start=start, end=start + month.step_hours * 3600)


def _ints(values: Iterator[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _whole(month: Month) -> tuple[int, int]:
    return int(month.period.start.timestamp()), int(month.period.end.timestamp())


def _commitment_line(kind: Kind, commitment: Commitment, month: Month, text: str) -> Line:
    item = commitment.product
    service = item.service if item else catalogue.PLANS
    return Line(
        kind, commitment.account, service, commitment.region, month, text, item, commitment=commitment
    )  # fmt: skip


def _plan(plan: Commitment, month: Month, balance: Balance) -> Iterator[_Fee]:
    text = f"1 year No Upfront Compute Savings Plan {plan.name}"
    fee = _commitment_line(Kind.PLAN_FEE, plan, month, text)
    rest = _commitment_line(Kind.UNUSED, plan, month, f"unused: {text}")
    seconds, hours = month.step_hours * 3600, month.step_hours * 10_000
    for start, committed, unused in zip(*_steps(month, balance), strict=True):
        if committed:
            yield _Fee(fee, start, start + seconds, committed, 0, hours, unused)
        if unused:
            yield _Fee(rest, start, start + seconds, 0, unused, hours)


def _steps(month: Month, balance: Balance) -> tuple[list[int], list[int], list[int]]:
    return month.starts.tolist(), balance.committed.tolist(), balance.unused.tolist()


def _reservation(item: Commitment, month: Month, balance: Balance) -> Iterator[_Fee]:
    text = f"1 year Partial Upfront {item.name}"
    start, end = _whole(month)
    hours, unused = int(balance.committed.sum()), int(balance.unused.sum())
    rate = item.upfront_micro + item.recurring_micro
    if hours:
        fee = _commitment_line(Kind.RESERVATION_FEE, item, month, f"recurring fee: {text}")
        yield _Fee(fee, start, end, hours * item.recurring_micro, 0, hours, unused * rate)
    if month.period.start == item.start:
        paid = item.upfront_micro * item.hourly * _hours(item)
        line = _commitment_line(Kind.UPFRONT, item, month, f"upfront fee: {text}")
        yield _Fee(line, start, start + DAY_SECONDS, paid, 0, item.hourly)
    rest = _commitment_line(Kind.UNUSED, item, month, f"unused: {text}")
    for moment, _, left in zip(*_steps(month, balance), strict=True):
        if left:
            yield _Fee(rest, moment, moment + month.step_hours * 3600, 0, left * rate, left)


def _hours(item: Commitment) -> int:
    return int((item.end - item.start).total_seconds()) // 3600


def _line(kind: Kind, owner: Account, service: Service, month: Month, text: str) -> Line:
    return Line(kind, owner, service, catalogue.VIRGINIA, month, text, corrects=kind is Kind.REFUND)


def _discounts(month: Month, on_demand: Sums) -> Iterator[_Fee]:
    for (owner, service), amount in on_demand.items():
        off = -(amount * story.EDP_PERCENT // 100)
        if off:
            line = _line(Kind.DISCOUNT, owner, service, month, f"EDP discount {service.name}")
            yield _Fee(line, *_whole(month), off, off)


def _credits(month: Month) -> Iterator[_Fee]:
    cents = story.CREDITS.get(month.label)
    if cents:
        line = _line(Kind.CREDIT, account("prod-core"), catalogue.EC2, month, "Migration programme credit")
        yield _Fee(line, *_whole(month), -cents * CENT, -cents * CENT)


def _refunds(month: Month) -> Iterator[_Fee]:
    refund = story.REFUND
    if month.label == refund.billed_in:
        service = catalogue.product(refund.product).service
        text = f"Refund for {service.name} charged twice in {refund.start:%Y-%m}"
        line = _line(Kind.REFUND, account(refund.account), service, month, text)
        back = -refund.cents * CENT
        yield _Fee(line, _seconds(refund.start), _seconds(refund.end), back, back)


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _support(month: Month, amount: int) -> Iterator[_Fee]:
    fee = amount * story.SUPPORT_PERCENT // 100 // CENT * CENT
    if fee:
        text = "AWS Support (Business), monthly"
        line = _line(Kind.SUPPORT, account("payer"), catalogue.SUPPORT, month, text)
        yield _Fee(line, *_whole(month), fee, fee)


def _taxes(month: Month, on_demand: Sums) -> Iterator[_Fee]:
    for (owner, service), amount in on_demand.items():
        tax = amount * (100 - story.EDP_PERCENT) * story.TAX_PERCENT // 10_000 // CENT * CENT
        if tax:
            line = _line(Kind.TAX, owner, service, month, f"Tax for product code {service.code}")
            yield _Fee(line, *_whole(month), tax, tax)

from __future__ import annotations

from finops_lib.estate import catalogue
from finops_lib.estate.calendar import Month, months
from finops_lib.estate.charges import Balances, Block, Kind, usage_blocks
from finops_lib.estate.company import Company, account, company
from finops_lib.estate.fees import fee_block, late_block

SPAN = {month.label: month for month in months(14, step_hours=24)}
DOLLAR = 10**10


def closed(who: Company, month: Month, **on_demand: int) -> Block:
    sums = {(account("prod-core"), getattr(catalogue, name)): amount for name, amount in on_demand.items()}
    return fee_block(who, month, balances=Balances.of(who, month), on_demand=sums)


def billed(block: Block, kind: Kind) -> list[int]:
    rows = zip(block.line.tolist(), block.amounts["billed"].tolist(), strict=True)
    return [amount for place, amount in rows if block.lines[place].kind is kind]


def test_discount_tax_and_support_follow_from_usage() -> None:
    """Of 1000 dollars 5 % come off, 7 % tax is due on the 950 left, and support is 3 %."""
    block = closed(company(1, slots=1), SPAN["2025-08"], S3=1000 * DOLLAR)
    assert billed(block, Kind.DISCOUNT) == [-50 * DOLLAR]
    assert billed(block, Kind.TAX) == [665 * DOLLAR // 10]
    assert billed(block, Kind.SUPPORT) == [30 * DOLLAR]


def test_tax_and_support_are_rounded_down_to_the_cent() -> None:
    """7 % of 0.95 dollars are 0.0665, of which 0.06 are charged."""
    block = closed(company(1, slots=1), SPAN["2025-08"], S3=DOLLAR)
    assert billed(block, Kind.TAX) == [6 * DOLLAR // 100]
    assert billed(block, Kind.SUPPORT) == [3 * DOLLAR // 100]


def test_the_upfront_fee_is_paid_once_and_amortised_over_the_year() -> None:
    """It comes in December 2025 and is the hourly part times 8760 hours and the instances."""
    who = company(1, slots=30)
    paid = {label: billed(closed(who, month), Kind.UPFRONT) for label, month in SPAN.items()}
    assert [label for label, fees in paid.items() if fees] == ["2025-12"]
    assert paid["2025-12"] == [who.reservation.upfront_micro * who.reservation.hourly * 8760]


def test_credits_and_the_refund_come_in_their_months() -> None:
    """Money back is negative; the refund corrects an earlier month."""
    who = company(1, slots=1)
    blocks = {label: closed(who, month) for label, month in SPAN.items()}
    refunds = {label: billed(block, Kind.REFUND) for label, block in blocks.items()}
    assert billed(blocks["2026-07"], Kind.CREDIT) == [-250 * DOLLAR]
    assert {label: fees for label, fees in refunds.items() if fees} == {"2026-06": [-1_845_000_000_000]}
    june = blocks["2026-06"]
    assert [line.corrects for line in june.lines if line.kind is Kind.REFUND] == [True]
    assert min(june.start.tolist()) < SPAN["2026-06"].period.start.timestamp()


def test_late_usage_keeps_its_days() -> None:
    """The rows billed in April are of 30 and 31 March, of the resources that miss them in March."""
    who = company(1, slots=60)
    late = late_block(who, SPAN["2026-04"])
    assert late is not None
    march = next(usage_blocks(who, SPAN["2026-03"], balances=Balances.of(who, SPAN["2026-03"])))
    seen = {
        (march.lines[place].slot, start)
        for place, start in zip(march.line.tolist(), march.start.tolist(), strict=True)
    }
    own = {
        (late.lines[place].slot, start)
        for place, start in zip(late.line.tolist(), late.start.tolist(), strict=True)
    }
    assert {start for _, start in own} == {1_774_828_800, 1_774_915_200}
    assert not own & seen
    assert all(line.corrects for line in late.lines)


def test_no_other_month_has_late_usage() -> None:
    """One month in fourteen."""
    who = company(1, slots=1)
    assert [label for label, month in SPAN.items() if late_block(who, month)] == ["2026-04"]

"""What is true of the bills: totals, invoices, planted events, people, commitments, tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from finops_lib.estate import story, tagging
from finops_lib.estate.calendar import INCOMPLETE_DAYS, Ints, Month
from finops_lib.estate.catalogue import Service, product
from finops_lib.estate.charges import Balances, Block, Kind, Line
from finops_lib.estate.company import NAME, Account, Company, account
from finops_lib.estate.focus_bill import CATEGORIES
from finops_lib.estate.table import MONEY_SCALE
from finops_lib.records import Record, plain

COSTS: Mapping[str, str] = {
    "BilledCost": "billed", "EffectiveCost": "effective", "ListCost": "list", "ContractedCost": "contracted",
}  # fmt: skip
Sums = dict[str, int]


@dataclass(frozen=True)
class Truth(Record):
    """Ground truth of a written estate; amounts are decimal strings in US dollars.

    ``totals`` is by month, account and cost; ``categories`` and ``services`` by month and name; ``invoices``
    by month and invoice; ``tag_coverage`` by tag key in lower case without outer spaces, over usage at
    effective cost; ``source_cost`` and ``rows`` by format and month.
    """

    seed: int
    months: tuple[str, ...]
    company: Mapping[str, Any]
    totals: Mapping[str, Mapping[str, Mapping[str, str]]]
    categories: Mapping[str, Mapping[str, Mapping[str, str]]]
    services: Mapping[str, Mapping[str, Mapping[str, str]]]
    invoices: Mapping[str, Mapping[str, str]]
    source_cost: Mapping[str, Mapping[str, str]]
    rows: Mapping[str, Mapping[str, int]]
    anomalies: tuple[Mapping[str, str], ...]
    restated: Mapping[str, Any]
    late: Mapping[str, Any]
    refund: Mapping[str, str]
    credits: Mapping[str, str]
    partial: Mapping[str, Any]
    commitments: tuple[Mapping[str, Any], ...]
    tag_coverage: Mapping[str, Mapping[str, str]]
    tag_spellings: Mapping[str, tuple[str, ...]]
    people: Mapping[str, tuple[str, ...]]


def dollars(amount: int) -> str:
    """Write 1e-10 dollars as dollars.

    Parameters
    ----------
    amount : int
        1e-10 dollars.

    Returns
    -------
    str

    Examples
    --------
    >>> dollars(-15_000_000_000)
    '-1.5'
    """
    return plain(Decimal(amount).scaleb(-MONEY_SCALE))


@dataclass
class Tally:
    """Exact sums of one month while its rows go by."""

    by_account: dict[str, Sums] = field(default_factory=lambda: defaultdict(lambda: dict.fromkeys(COSTS, 0)))
    by_category: dict[str, Sums] = field(default_factory=lambda: defaultdict(lambda: dict.fromkeys(COSTS, 0)))
    by_service: dict[str, Sums] = field(default_factory=lambda: defaultdict(lambda: dict.fromkeys(COSTS, 0)))
    invoices: Sums = field(default_factory=lambda: defaultdict(int))
    tagged: Sums = field(default_factory=lambda: defaultdict(int))
    taggable: int = 0
    on_demand: dict[tuple[Account, Service], int] = field(default_factory=lambda: defaultdict(int))
    corrections: int = 0
    corrected: int = 0

    def add(self, block: Block) -> None:
        """Count these rows.

        Parameters
        ----------
        block : Block
            The truth, not yet a bill.
        """
        sums = {name: line_sums(block, amount) for name, amount in COSTS.items()}
        counts = np.bincount(block.line, minlength=len(block.lines))
        for place in np.flatnonzero(counts).tolist():
            line, costs = block.lines[place], {name: int(values[place]) for name, values in sums.items()}
            for group, key in _groups(self, line):
                for name, amount in costs.items():
                    group[key][name] += amount
            self._note(line, costs, int(counts[place]))

    def _note(self, line: Line, costs: Sums, rows: int) -> None:
        self.invoices[line.invoice] += costs["BilledCost"]
        if line.kind is Kind.USAGE:
            self.on_demand[line.account, line.service] += costs["BilledCost"]
            if line.corrects:
                self.corrections += rows
                self.corrected += costs["BilledCost"]
        if CATEGORIES[line.kind] == "Usage":
            self.taggable += costs["EffectiveCost"]
            for key in {key.strip().lower() for key, value in line.tags.items() if value.strip()}:
                self.tagged[key] += costs["EffectiveCost"]


def line_sums(block: Block, amount: str) -> Ints:
    """How much comes together on each line of a block.

    Parameters
    ----------
    block : Block
        The rows.
    amount : str
        One of its amounts.

    Returns
    -------
    array of int
        One exact sum a line.
    """
    sums = np.zeros(len(block.lines), dtype=np.int64)
    np.add.at(sums, block.line, block.amounts[amount])
    return sums


def _groups(tally: Tally, line: Line) -> Iterator[tuple[dict[str, Sums], str]]:
    yield tally.by_account, line.account.id
    yield tally.by_category, CATEGORIES[line.kind]
    yield tally.by_service, line.service.name


def written(groups: Mapping[str, Sums]) -> dict[str, dict[str, str]]:
    """Write sums as dollars, sorted by name.

    Parameters
    ----------
    groups : mapping
        Name to cost to 1e-10 dollars.

    Returns
    -------
    dict
    """
    return {key: {name: dollars(amount) for name, amount in groups[key].items()} for key in sorted(groups)}


def commitment_month(month: Month, balances: Balances, company: Company) -> Iterator[dict[str, str]]:
    """How were the commitments used in this month.

    Parameters
    ----------
    month : Month
        The month.
    balances : Balances
        After all usage.
    company : Company
        The company.

    Yields
    ------
    dict
        Committed, used and unused in dollars, and the utilisation, a share of 4 decimals.
    """
    reserved = company.reservation
    rates = (1, reserved.upfront_micro + reserved.recurring_micro)
    for item, balance, rate in zip(
        (company.plan, reserved), (balances.plan, balances.reservation), rates, strict=True
    ):
        committed, used = int(balance.committed.sum()) * rate, int(balance.used.sum()) * rate
        if committed:
            share = (Decimal(used) / committed).quantize(Decimal("0.0001"))
            yield {
                "id": item.id, "type": item.kind, "month": month.label, "committed": dollars(committed),
                "used": dollars(used), "unused": dollars(committed - used), "utilisation": str(share),
            }  # fmt: skip


def told(company: Company) -> dict[str, Any]:
    """Tell what was planted, before any row is written.

    Parameters
    ----------
    company : Company
        The company.

    Returns
    -------
    dict
        The fields of `Truth` that do not depend on rows.
    """
    spellings: dict[str, tuple[str, ...]] = {}
    for key in company.tag_keys:
        spellings[key.strip().lower()] = (*spellings.get(key.strip().lower(), ()), key)
    refund = story.REFUND
    return {
        "company": {
            "name": NAME,
            "payer": company.payer.id,
            "accounts": [{"id": item.id, "name": item.name} for item in company.accounts],
        },
        "refund": {
            "billed_in": refund.billed_in, "account": account(refund.account).id, "start": str(refund.start),
            "end": str(refund.end), "cost": plain(Decimal(-refund.cents).scaleb(-2)),
        },
        "credits": {month: plain(Decimal(-cents).scaleb(-2)) for month, cents in story.CREDITS.items()},
        "tag_spellings": spellings,
        "people": {"names": tuple(tagging.PEOPLE), "addresses": tuple(tagging.PEOPLE.values())},
    }  # fmt: skip


def partial_month(month: Month) -> dict[str, Any]:
    """Tell how far the last month goes.

    Parameters
    ----------
    month : Month
        The last one.

    Returns
    -------
    dict
    """
    return {
        "month": month.label, "until": f"{month.until:%Y-%m-%d}", "incomplete_days": INCOMPLETE_DAYS,
        "end": f"{month.period.end:%Y-%m-%d}",
    }  # fmt: skip


def anomaly(event: story.Event, extra: int) -> dict[str, str]:
    """Tell of one planted anomaly and its size.

    Parameters
    ----------
    event : Event
        The anomaly.
    extra : int
        List cost that it added, 1e-10 dollars.

    Returns
    -------
    dict
    """
    item = product(event.product)
    return {
        "kind": event.kind, "account": account(event.account).id, "service": item.service.name,
        "meter": item.usage_type, "start": str(event.start), "end": str(event.end),
        "extra_list_cost": dollars(extra),
    }  # fmt: skip


def restated(tallies: Mapping[str, Tally]) -> dict[str, Any]:
    """Tell which month was restated, with both totals.

    Parameters
    ----------
    tallies : mapping
        Delivery to its sums; the first delivery is called ``<YYYY-MM>-first``.

    Returns
    -------
    dict
        Empty when the month is not among them.
    """
    plan = story.RESTATEMENT
    if plan.month not in tallies:
        return {}
    return {
        "month": plan.month, "account": account(plan.account).id,
        "service": product(plan.product).service.name, "start": str(plan.start), "end": str(plan.end),
        "first": _total(tallies[f"{plan.month}-first"]), "restated": _total(tallies[plan.month]),
    }  # fmt: skip


def late(tallies: Mapping[str, Tally]) -> dict[str, Any]:
    """Tell which usage came in a later bill, in rows and dollars.

    Parameters
    ----------
    tallies : mapping
        Month to its sums.

    Returns
    -------
    dict
        Empty when the month is not among them.
    """
    plan = story.LATE
    if plan.billed_in not in tallies:
        return {}
    tally = tallies[plan.billed_in]
    return {
        "billed_in": plan.billed_in, "account": account(plan.account).id,
        "service": product(plan.product).service.name, "start": str(plan.start), "end": str(plan.end),
        "rows": tally.corrections, "cost": dollars(tally.corrected),
    }  # fmt: skip


def coverage(tallies: list[Tally]) -> dict[str, dict[str, str]]:
    """Which share of the usage's effective cost carries each tag.

    Parameters
    ----------
    tallies : list of Tally
        All months.

    Returns
    -------
    dict
        Tag key to ``tagged`` and ``total``, dollars.
    """
    whole = dollars(sum(tally.taggable for tally in tallies))
    keys = sorted({key for tally in tallies for key in tally.tagged})
    return {
        key: {"tagged": dollars(sum(tally.tagged.get(key, 0) for tally in tallies)), "total": whole}
        for key in keys
    }


def _total(tally: Tally) -> dict[str, str]:
    return {name: dollars(sum(costs[name] for costs in tally.by_account.values())) for name in COSTS}

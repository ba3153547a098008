"""Is money lost when a bill is split: random bills and rules, ours against splitting as it is often done.

``python -m tests.benchmarks.allocation [--data DIR] [--seed N] [--quick] --json``. The set ``bills`` has
10,000 random bills (1,000 with ``--quick``): amounts of any sign and size, unknown ones, one to six rules of
any method, usage with gaps. DIR may hold bills (group, series, date, value; ``*_daily_cost_*.csv``, itself
or in ``forecast/``), each a set of its own whose months are split by group, with the rest shared out.
``max_residual`` is the largest difference, in money, between what all teams are charged in whole cents and
the bill in whole cents; ``exact_residual`` the same before rounding. ``rounded_parts`` charges each team its
exact cost rounded by itself, ``float_shares`` splits by floating point.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from finops_lib.cost.allocation.allocate import Allocation, allocate
from finops_lib.cost.allocation.rules import Rule, RuleFile
from finops_lib.cost.allocation.tables import chargeback
from finops_lib.cost.exact import difference, total
from finops_lib.units import cents
from tests.benchmarks.allocation_bills import Case, case
from tests.benchmarks.told import tell

BILLS, QUICK_BILLS = 10_000, 1_000
NOTHING = pd.DataFrame(columns=["consumer", "metric", "value"])
Rows = list[dict[str, Any]]


def ours(allocation: Allocation) -> Decimal:
    """Add up what teams are charged."""
    return total(chargeback(allocation)["Amount"]) or Decimal(0)


def rounded_parts(allocation: Allocation) -> Decimal:
    """Add up exact costs, each rounded by itself."""
    return total(
        cents(cost, currency=allocation.currency) for cost in allocation.costs().values()
    ) or Decimal(0)


def float_shares(allocation: Allocation) -> Decimal:
    """Add up costs from shares of the whole in floating point, each rounded by itself."""
    whole = float(bill_of(allocation))
    parts = [float(cost) / whole * whole if whole else 0.0 for cost in allocation.costs().values()]
    return total(cents(Decimal(part), currency=allocation.currency) for part in parts) or Decimal(0)


METHODS = {"ours": ours, "rounded_parts": rounded_parts, "float_shares": float_shares}


def bill_of(allocation: Allocation) -> Decimal:
    """Add up the bill, independently of how it was split."""
    costs = [cost for cost in allocation.lines["cost"] if isinstance(cost, Decimal) and cost.is_finite()]
    return total(costs) or Decimal(0)


def random_bills(count: int, *, seed: int) -> Iterator[Case]:
    """Draw bills."""
    return (case(seed * BILLS + number) for number in range(count))


def given_bills(data: Path) -> dict[str, list[Case]]:
    """Read the bills of a folder: one case a month, the last group shared out to the others."""
    found = sorted([*data.glob("*_daily_cost_*.csv"), *data.glob("forecast/*_daily_cost_*.csv")])
    return {path.stem: list(months(pd.read_csv(path, dtype=str))) for path in found}


def months(bill: pd.DataFrame) -> Iterator[Case]:
    """Cut a bill by month; series that no group owns alone go by shares, evenly and in proportion."""
    groups = sorted(bill["group"].unique())
    series = sorted(bill["series"].unique())
    rules = RuleFile(
        "1",
        (
            Rule("own", "direct", {"series": tuple(series[1:])}, by="group"),
            Rule("shared", "proportional", {"series": (series[0],)}),
            Rule("again", "even", source=groups[0], to=("a", "b", "c")),
        ),
    )
    for _, lines in bill.groupby(bill["date"].str[:7]):
        costs = [Decimal(value) for value in lines["value"]]
        told = lines[["group", "series"]].assign(
            BillingCurrency="USD", cost=pd.Series(costs, index=lines.index)
        )
        yield Case(told.reset_index(drop=True), rules, NOTHING, NOTHING)


def measured(name: str, cases: Iterable[Case]) -> Rows:
    """Split each bill once and charge it by every method."""
    worst = dict.fromkeys(METHODS, Decimal(0))
    exact, count, seconds = Decimal(0), 0, 0.0
    for one in cases:
        start = time.perf_counter()
        allocation = allocate(one.lines, rules=one.rules, usage=one.usage, clusters=one.clusters)
        seconds += time.perf_counter() - start
        count += 1
        whole = bill_of(allocation)
        exact = max(exact, gap(total(allocation.costs().values()), whole))
        charged = cents(whole, currency=allocation.currency)
        for method, charge in METHODS.items():
            worst[method] = max(worst[method], gap(charge(allocation), charged))
    told: Rows = []
    for method, value in worst.items():
        found = {"bills": float(count), "max_residual": float(value)}
        if method == "ours":
            found |= {"exact_residual": float(exact), "ms_per_bill": 1000 * seconds / max(count, 1)}
        told += said(name, method, found)
    return told


def gap(one: Decimal | None, other: Decimal) -> Decimal:
    """Say how far two amounts are apart, exactly."""
    return abs(difference(one or Decimal(0), other) or Decimal(0))


def said(name: str, method: str, found: dict[str, float]) -> Rows:
    """Write numbers as result lines, and say them."""
    sys.stderr.write(f"{name} {method} {found}\n")
    return [{"set": name, "method": method, "metric": key, "value": value} for key, value in found.items()]


def results(data: Path | None, *, seed: int, quick: bool) -> Rows:
    """Measure on random bills, and on those given."""
    told = measured("bills", random_bills(QUICK_BILLS if quick else BILLS, seed=seed))
    for name, cases in (given_bills(data) if data else {}).items():
        told += measured(name, cases)
    return told


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one JSON object as the last line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.allocation", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with bills, split besides the random ones")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="1,000 random bills")
    parser.add_argument("--json", action="store_true", help="what is printed is JSON in any case")
    given = parser.parse_args(arguments)
    found = results(given.data, seed=given.seed, quick=given.quick)
    tell("allocation", found, packages=("finops-workbench", "numpy", "pandas"))


if __name__ == "__main__":
    main()

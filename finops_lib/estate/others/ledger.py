"""What is true of another provider's bill: sums by month, service, kind and file, added up as rows go by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from finops_lib.estate.truth import dollars

USAGE, PURCHASE, CORRECTION, TAX, ROUNDING = "usage", "purchase", "correction", "tax", "rounding"
UNUSED, IDLE = "unused", "idle"
Sums = dict[str, int]


def _sums() -> Sums:
    return defaultdict(int)


@dataclass
class Month:
    """Exact sums of a month, 1e-10 dollars, and its rows."""

    rows: int = 0
    cost: int = 0
    credits: int = 0
    services: Sums = field(default_factory=_sums)
    kinds: Sums = field(default_factory=_sums)

    def told(self) -> dict[str, Any]:
        """Write the sums as dollars, sorted by name.

        Returns
        -------
        dict
        """
        return {
            "rows": self.rows, "cost": dollars(self.cost), "credits": dollars(self.credits),
            "services": written(self.services), "kinds": written(self.kinds),
        }  # fmt: skip


@dataclass
class Ledger:
    """Adds up what is written.

    ``months`` is by the month that the provider bills, ``files`` by path below the folder. What the anomaly
    added, what the waste cost and what carries no tag is by month of use, at list price.
    """

    months: dict[str, Month] = field(default_factory=lambda: defaultdict(Month))
    files: dict[str, Month] = field(default_factory=lambda: defaultdict(Month))
    extra: Sums = field(default_factory=_sums)
    waste: Sums = field(default_factory=_sums)
    untagged: Sums = field(default_factory=_sums)

    def add(
        self, month: str, file: str, cost: int, *, service: str = "", kind: str = USAGE, credit: int = 0
    ) -> None:  # fmt: skip
        """Count a row.

        Parameters
        ----------
        month : str
            Billed month.
        file : str
            Where the row stands.
        cost : int
            The file's own cost, 1e-10 dollars.
        service : str
            As the bill names it.
        kind : str
            One of the kinds above.
        credit : int
            What the row gives back beside its cost, 1e-10 dollars, negative.
        """
        for sums in (self.months[month], self.files[file]):
            sums.rows += 1
            sums.cost += cost
            sums.credits += credit
            sums.services[service] += cost
            sums.kinds[kind] += cost

    def told(self) -> dict[str, Any]:
        """Tell all sums.

        Returns
        -------
        dict
            JSON-able; amounts are decimal text in dollars.
        """
        return {
            "months": {label: self.months[label].told() for label in sorted(self.months)},
            "files": {
                path: {"rows": found.rows, "cost": dollars(found.cost), "credits": dollars(found.credits)}
                for path, found in sorted(self.files.items())
            },
            "waste_list_cost": written(self.waste), "untagged_list_cost": written(self.untagged),
        }  # fmt: skip


def written(sums: Mapping[str, int]) -> dict[str, str]:
    """Write sums as dollars, sorted by name.

    Parameters
    ----------
    sums : mapping
        Name to 1e-10 dollars.

    Returns
    -------
    dict

    Examples
    --------
    >>> written({"b": 5_000_000_000, "a": 0})
    {'a': '0', 'b': '0.5'}
    """
    return {name: dollars(sums[name]) for name in sorted(sums)}

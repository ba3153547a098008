"""Who pays for a month: its bill split by the rules that held then, with all that explains the split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from finops_lib.cost import commitment_quantities, commitments, metrics_file, spend
from finops_lib.cost.allocation import rule_file
from finops_lib.cost.allocation.allocate import UNALLOCATED, Allocation, allocate, bill_lines
from finops_lib.cost.allocation.cluster_bill import cluster_bill
from finops_lib.cost.allocation.clusters import cluster_costs, cluster_report
from finops_lib.cost.allocation.leftover import leftover
from finops_lib.cost.allocation.owners import EVIDENCE, ranked_owners
from finops_lib.cost.allocation.rules import Rule, RuleFile, UnitCost
from finops_lib.cost.allocation.tables import chargeback, showback
from finops_lib.cost.exact import total
from finops_lib.cost.unit_cost import unit_costs
from finops_lib.cost.unit_cost_effects import UnitCostChange, quantities, unit_cost_change
from finops_lib.records import Period
from finops_lib.run.cut import default_group
from finops_lib.run.desk import Desk
from finops_lib.run.files import parsed_or
from finops_lib.units import cents

DETAIL = ("SubAccountName", "ServiceName", "ServiceCategory", "ChargeCategory")
ROWS = ("x_SnapshotId", "x_SourceRow")
_MOST_TAGS = 20  # keys that are asked for evidence
_NO_METRICS = pd.DataFrame(columns=list(metrics_file.COLUMNS))


def rules_of(path: str, desk: Desk) -> RuleFile:
    """Which rules does this file state; without a file, the value of the usual column is the team.

    Parameters
    ----------
    path : str
        Of a TOML file, see `finops_lib.cost.allocation.rule_file`; empty is none.
    desk : Desk
        The open lake.

    Returns
    -------
    RuleFile

    Raises
    ------
    SettingsError
        The file cannot be read or breaks its own rules.
    """
    column = default_group(desk.engine)
    usual = RuleFile("none", (Rule(f"the value of {column}", "direct", by=column),))
    return parsed_or(path, "allocation rules", rule_file.parse, usual)


def metrics_of(path: str) -> pd.DataFrame:
    """Which metrics does this file state; none without a file.

    Parameters
    ----------
    path : str
        Of a CSV file, see `finops_lib.cost.metrics_file`; empty is none.

    Returns
    -------
    DataFrame

    Raises
    ------
    SettingsError
        The file cannot be read or breaks its own rules.
    """
    return parsed_or(path, "metrics", metrics_file.parse, _NO_METRICS)


@dataclass(frozen=True)
class Numbers:
    """A month's bill, who pays for it, and by which rules; see `finops_lib.run.allocated.open_allocation`.

    ``rules`` are those that hold in the month of ``desk``, ``metrics`` all of the file.
    """

    desk: Desk
    rules: RuleFile
    metrics: pd.DataFrame

    @property
    def period(self) -> Period:
        """The month."""
        return self.desk.period

    @property
    def _money(self) -> dict[str, Any]:
        return {"currency": self.desk.currency or None, "rates": self.desk.rates}

    @property
    def currency(self) -> str:
        """ISO 4217 code; empty where the month has no charge."""
        return self.allocation.currency

    @cached_property
    def evidence(self) -> tuple[tuple[str, ...], ...]:
        """What neighbours may have in common: the resource, each tag that no rule looks at, accounts."""
        used = {rule.by for rule in self.rules.rules}
        tags = [f"tag:{key}" for key in self.desk.engine.tag_keys[:_MOST_TAGS]]
        return (EVIDENCE[0], *((tag,) for tag in tags if tag not in used), *EVIDENCE[1:])

    @cached_property
    def report(self) -> pd.DataFrame | None:
        """What the clusters say of themselves in the month; None where no report is in the lake."""
        if self.desk.engine.query("SELECT count(*) AS n FROM allocations")["n"].iloc[0] == 0:
            return None
        return cluster_report(self.desk.engine, period=self.period, labels=self.rules.levels)

    @cached_property
    def allocation(self) -> Allocation:
        """Whose is each line of the month's bill."""
        named = [name for names in self.evidence for name in names]
        return self.split(detail=(*DETAIL, *named))

    def split(self, *, detail: tuple[str, ...], where: Mapping[str, str] | None = None) -> Allocation:
        """Whose is each line, told apart as finely as this; every detail splits the bill alike.

        Parameters
        ----------
        detail : tuple of str
            Columns; `ROWS` are each row of the bill.
        where : mapping of str to str, optional
            Only these charges. Rules that share by what teams hold already then see these alone.

        Returns
        -------
        Allocation
        """
        asked: Any = {"detail": detail, "cost": self.desk.cost, "period": self.period, "where": where or {}}
        lines = bill_lines(self.desk.engine, rules=self.rules, **asked, **self._money)
        usage = metrics_file.within(self.metrics, self.period)
        return allocate(lines, rules=self.rules, usage=usage, clusters=self.report)

    # What follows from it

    @cached_property
    def shown(self) -> pd.DataFrame:
        """What each team is shown, the dearest first and what nobody has last; see `showback`."""
        found = showback(self.allocation)
        nobody = found["Team"] == UNALLOCATED
        order = sorted(range(len(found)), key=lambda row: (nobody[row], -found["Cost"][row], row))
        return found.iloc[order].reset_index(drop=True)

    @cached_property
    def charged(self) -> pd.DataFrame:
        """What each team is charged in whole cents, in the order of ``shown``; see `chargeback`."""
        found = chargeback(self.allocation).set_index("Team").loc[list(self.shown["Team"])]
        return found.reset_index()

    @property
    def bill(self) -> Decimal:
        """The cost of all lines, exactly."""
        return total(self.allocation.costs().values()) or Decimal(0)

    def proof(self) -> dict[str, Decimal]:
        """Is all of the bill with somebody: exact and in cents, both differences are zero."""
        charged = total(self.charged["Amount"]) or Decimal(0)
        rounded = cents(self.bill, currency=self.currency)
        return {
            "bill": rounded,
            "charged": charged,
            "residual": cents(self.allocation.residual, currency=self.currency) + 0,
            "charged_residual": rounded - charged,
        }

    @cached_property
    def candidates(self) -> pd.DataFrame:
        """Who could own what no rule placed, line by line; see `leftover`."""
        return leftover(self.allocation, evidence=self.evidence)

    @cached_property
    def owners(self) -> pd.DataFrame:
        """Who could own how much of what no rule placed, most first; see `ranked_owners`."""
        return ranked_owners(self.candidates)

    def clusters(self, level: str) -> pd.DataFrame:
        """What does each namespace, workload or label cost on the bill, idle money included.

        Parameters
        ----------
        level : str
            ``namespace``, ``workload`` or ``tag:key``.

        Returns
        -------
        DataFrame
            As from `cluster_costs`, of clusters whose machines are on the bill; without a row where no
            report is in the lake.
        """
        columns = ["Cluster", "Name", "Own", "Idle", "Cost"]
        if self.report is None:
            return pd.DataFrame(columns=columns)
        found = cluster_costs(self.report, level=level, idle=self._idle(), billed=self.billed)
        return found[found["Cluster"].isin(list(self.billed))].reset_index(drop=True)

    @cached_property
    def billed(self) -> dict[str, Decimal]:
        """What each cluster's machines cost on the bill; see `cluster_bill`."""
        return {} if self.report is None else cluster_bill(self.allocation.lines, self.report)

    def _idle(self) -> str:
        rules = [rule.idle for rule in self.rules.rules if rule.method == "cluster"]
        return rules[0] if rules else "proportional"

    # Unit costs

    @cached_property
    def measured(self) -> tuple[UnitCost, ...]:
        """The unit costs that the rules ask for; without any, the whole bill over each metric."""
        names = [str(name) for name in dict.fromkeys(self.metrics["metric"])]
        return self.rules.unit_costs or tuple(UnitCost(name, name) for name in names)

    def unit_cost(self, asked: UnitCost, period: Period) -> dict[str, Any]:
        """What did a unit cost in a month.

        Parameters
        ----------
        asked : UnitCost
            Metric and charges.
        period : Period
            The month.

        Returns
        -------
        dict
            ``Cost``, ``Units``, ``UnitCost`` and ``State``, as from `unit_costs`.
        """
        costs = spend.spend(
            self.desk.engine, cost=self.desk.cost, period=period, where=asked.where, **self._money
        )
        told = metrics_file.within(self.metrics, period)
        found = unit_costs(costs, told, metric=asked.metric, combined=asked.combined)
        nothing = {"Cost": None, "Units": None, "UnitCost": None, "State": "no cost"}
        return {str(key): value for key, value in found.iloc[0].items()} if len(found) else nothing

    def unit_change(self, asked: UnitCost) -> UnitCostChange | None:
        """Why did the cost of a unit move against the month before; None where one is not known.

        Parameters
        ----------
        asked : UnitCost
            Metric and charges.

        Returns
        -------
        UnitCostChange or None
            None, too, where amounts are converted: prices of another currency move with its rate.
        """
        months = (self.period.previous_month(), self.period)
        ends = [self.unit_cost(asked, month) for month in months]
        if self.desk.rates is not None or any(end["State"] != "known" for end in ends):
            return None
        frames = [
            quantities(
                self.desk.engine, period=month, cost=self.desk.cost, where=asked.where,
                currency=self.desk.currency or None,
            )
            for month in months
        ]  # fmt: skip
        (one, other), (first, last) = frames, ends
        return unit_cost_change(
            one, other, units_before=first["Units"], units_after=last["Units"],
            cost_before=first["Cost"], cost_after=last["Cost"],
        )  # fmt: skip

    # Commitments

    @cached_property
    def scorecard(self) -> pd.DataFrame:
        """How do the commitments do in the month; see `finops_lib.cost.commitments.scorecard`."""
        return commitments.scorecard(self.desk.engine, period=self.period, **self._money)

    @cached_property
    def utilised(self) -> pd.DataFrame:
        """Which share of each commitment was used; see `finops_lib.cost.commitments.utilisation`."""
        return commitments.utilisation(self.desk.engine, period=self.period, **self._money)

    @cached_property
    def quantities(self) -> pd.DataFrame:
        """The same by quantity; see `finops_lib.cost.commitment_quantities`."""
        return commitment_quantities.utilisation_by_quantity(self.desk.engine, period=self.period)

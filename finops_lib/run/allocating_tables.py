"""The tables of an allocation: what stands in which row, and what must be known of the data behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from finops_lib.cost import metrics_file
from finops_lib.cost.allocation.allocate import UNALLOCATED
from finops_lib.cost.allocation.rules import UnitCost
from finops_lib.cost.allocation.tables import dispute
from finops_lib.cost.commitment_quantities import KEYS
from finops_lib.cost.exact import share, total
from finops_lib.cost.split import money
from finops_lib.cost.unit_cost import unit_costs
from finops_lib.cost.words import scope_text
from finops_lib.run.allocating import DETAIL, Numbers
from finops_lib.run.allocating_words import quantity, reasons, unit_money
from finops_lib.units import share_text

_STEPS = ["Service", "LineCost", "Step", "Rule", "From", "To", "Key", "Weight", "Unit", "Share", "Amount"]
_WHOLE_BILL = ["SubAccountName", "ServiceName"]


@dataclass(frozen=True)
class Tables(Numbers):
    """An allocation with its tables; see `finops_lib.run.allocated.open_allocation`."""

    def teams(self) -> pd.DataFrame:
        """What is each team shown and charged, the dearest first."""
        found = self.shown.drop(columns="Rules")
        return found.assign(Charged=list(self.charged["Amount"]))

    def applied(self) -> pd.DataFrame:
        """What did each rule do: money that it looked at, placed, and why it could not place the rest."""
        lines = [self._done(rule.name, rule.method) for rule in self.rules.rules]
        columns = ["Rule", "Method", "LookedAt", "Placed", "Lines", "NotPlaced"]
        return pd.DataFrame(lines, columns=columns, dtype=object)

    def _done(self, name: str, method: str) -> tuple[object, ...]:
        steps = [step for step in self.allocation.steps if step.rule.name == name]
        places = self.allocation.places
        looked = sum((sum(step.taken, 0) for step in steps), 0)
        given = [
            sum(column, 0)
            for step in steps
            for column, team in zip(step.given.T, step.split.teams, strict=True)
            if team is not None
        ]
        why = reasons([step.split.reason for step in steps if step.split.reason])
        count = sum(len(step.lines) for step in steps if step.split.teams)
        return name, method, money(looked, places=places), money(sum(given, 0), places=places), count, why

    def whose(self) -> pd.DataFrame:
        """Who could own what nobody has, most first, with the evidence that says most of it."""
        found = self.owners.copy()
        strongest = [self._strongest(owner) for owner in found["Owner"]]
        found["Evidence"] = [evidence for evidence, _ in strongest]
        found["Reliability"] = [share_text(reliability) for _, reliability in strongest]
        return found

    def _strongest(self, owner: str) -> tuple[str, Decimal | None]:
        rows = self.candidates[self.candidates["Owner"] == owner]
        sums = {name: total(part["Amount"]) or Decimal(0) for name, part in rows.groupby("Evidence")}
        best = max(sums, key=lambda name: (abs(sums[name]), str(name)))
        return str(best), rows.loc[rows["Evidence"] == best, "Reliability"].iloc[0]

    def left(self) -> pd.DataFrame:
        """Where does the money sit that nobody has: account and service, most first."""
        sums: dict[tuple[str, ...], list[int]] = {}
        keys = [self.allocation.lines[name].to_numpy(dtype=object) for name in _WHOLE_BILL]
        parts = zip(self.allocation.line, self.allocation.team, self.allocation.count, strict=True)
        for line, team, count in parts:
            if team is None:
                sums.setdefault(tuple(key[line] for key in keys), []).append(count)
        order = sorted(sums, key=lambda key: (-abs(sum(sums[key], 0)), key))
        places = self.allocation.places
        lines = [
            (*key, self.currency, money(sum(sums[key], 0), places=places), len(sums[key])) for key in order
        ]
        return pd.DataFrame(lines, columns=[*_WHOLE_BILL, "BillingCurrency", "Cost", "Lines"], dtype=object)

    def disputed(self, team: str = "", *, lines: int = 3) -> pd.DataFrame:
        """By which steps did the dearest lines of the bill become a team's cost.

        Parameters
        ----------
        team : str
            As ``teams`` writes it; empty is the one that pays most by shares of others' charges.
        lines : int
            How many lines of the bill.

        Returns
        -------
        DataFrame
            The columns of `dispute` that a page has room for, without what is the same in every row.

        Raises
        ------
        QueryError
            Nobody of this name has a part of the bill.
        """
        if not team and self.shown.empty:
            return pd.DataFrame(columns=_STEPS)
        found = dispute(self.allocation, team=team or self.most_shared())
        keys = [name for name in self.allocation.lines if name != "cost"]
        sums = found.groupby(keys, sort=False)["LineCost"].first()
        order = sorted(range(len(sums)), key=lambda row: (-abs(sums.iloc[row]), row))[:lines]
        kept = {sums.index[row]: place for place, row in enumerate(order)}
        named = list(found[keys].itertuples(index=False, name=None))
        rows = sorted((kept[key], row) for row, key in enumerate(named) if key in kept)
        told = found.iloc[[row for _, row in rows]].reset_index(drop=True)
        told["Service"] = [
            ", ".join(dict.fromkeys((service, re.split("[/:]", resource)[-1])))
            for service, resource in zip(told["ServiceName"], told["ResourceId"], strict=True)
        ]
        extra = [name for name in ("ShareBound", "Reason") if told[name].astype(bool).any()]
        return told[[*_STEPS, *extra]]

    def most_shared(self) -> str:
        """Which team pays most for what rules shared out."""
        teams = self.shown[self.shown["Team"] != UNALLOCATED]
        teams = teams if len(teams) else self.shown
        best = max(range(len(teams)), key=lambda row: (teams["Shared"].iloc[row], -row))
        return str(teams["Team"].iloc[best])

    def units(self) -> pd.DataFrame:
        """What does one unit cost, now and in the month before."""
        columns = ["Unit", "Metric", "Cost", "Units", "UnitCost", "Before", "State"]
        lines = []
        for asked in self.measured:
            now, before = (self.unit_cost(asked, at) for at in (self.period, self.period.previous_month()))
            texts = [unit_money(end["UnitCost"], currency=self.currency) for end in (now, before)]
            lines.append(
                (asked.name, asked.metric, now["Cost"], quantity(now["Units"]), *texts, now["State"])
            )
        return pd.DataFrame(lines, columns=columns, dtype=object)

    def effects(self) -> pd.DataFrame:
        """Did prices or efficiency move the cost of a unit since the month before; they add up."""
        names = ("change", "price", "efficiency", "new_and_ended", "other")
        lines = []
        for asked in self.measured:
            change = self.unit_change(asked)
            parts = [getattr(change, name, None) for name in names]
            texts = [unit_money(part, currency=self.currency) for part in parts]
            lines.append((asked.name, *texts, getattr(change, "volume", None)))
        columns = ["Unit", "Change", "Price", "Efficiency", "NewAndEnded", "Other", "VolumeInCost"]
        return pd.DataFrame(lines, columns=columns, dtype=object)

    def units_by_team(self) -> pd.DataFrame:
        """What does one unit of a metric cost each team that has some.

        Divided is what the team pays, own and shared out, for the charges that the unit cost is of; ``Of``
        says which these are.
        """
        told = metrics_file.within(self.metrics, self.period).rename(columns={"consumer": "Team"})
        lines = []
        for asked in self.measured:
            costs = self._team_costs(asked)
            mine = told[(told["metric"] == asked.metric) & told["Team"].isin(list(costs["Team"]))]
            have = costs[costs["Team"].isin(list(mine["Team"]))]
            found = unit_costs(have, mine, metric=asked.metric, by=["Team"], combined=asked.combined)
            lines += [
                (row["Team"], asked.metric, scope_text(asked.where), row["BillingCurrency"], row["Cost"],
                 quantity(row["Units"]), unit_money(row["UnitCost"], currency=self.currency))
                for row in found.to_dict("records")
            ]  # fmt: skip
        columns = ["Team", "Metric", "Of", "BillingCurrency", "Cost", "Units", "UnitCost"]
        return pd.DataFrame(lines, columns=columns, dtype=object)

    def _team_costs(self, asked: UnitCost) -> pd.DataFrame:
        """Say what each team pays for the charges that a unit cost is of, by the rules of the whole bill."""
        split = self.split(detail=(*DETAIL, *asked.where)) if asked.where else self.allocation
        paid = [(team, cost) for team, cost in split.costs(asked.where).items() if team is not None]
        found = pd.DataFrame(paid, columns=["Team", "cost"], dtype=object)
        return found.assign(BillingCurrency=self.currency)

    def commitments(self) -> pd.DataFrame:
        """Which share of each commitment was used, by money and by quantity; the most unused first."""
        both = self.utilised.merge(self.quantities, on=list(KEYS[:2]), how="left", suffixes=("", "Quantity"))
        found = both[[*KEYS[:2], "BillingCurrency", "Used", "Unused"]].copy()
        found["Utilisation"] = [share_text(_none(value)) for value in both["Utilisation"]]
        found["OfQuantity"] = [share_text(_none(value)) for value in both["UtilisationQuantity"]]
        columns = (both["UtilisationQuantity"], both["UnusedQuantity"], both[KEYS[2]])
        found["UnusedQuantity"] = [
            "unknown" if _none(used) is None else f"{quantity(_none(left) or Decimal(0))} {unit}"
            for used, left, unit in zip(*columns, strict=True)
        ]
        return found.assign(FeeNotSpread=both["FeeNotSpread"], Savings=both["Savings"])

    def card(self) -> pd.DataFrame:
        """How do the commitments do in all."""
        found = self.scorecard.copy()
        return found.assign(Utilisation=[share_text(value) for value in found["Utilisation"]],
                            SavingsRate=[share_text(value) for value in found["SavingsRate"]])  # fmt: skip

    def noted(self) -> list[str]:
        """What must be known of the rules and the data behind the split."""
        return list(self._noted())

    def _noted(self) -> Iterator[str]:
        if not self.rules.rules:
            yield f"No rule of the file holds in {self.period.label}: all of it is unallocated."
        if self.allocation.unknown:
            yield f"{self.allocation.unknown:,} lines of the bill have no known cost and are in no team's."
        if self.report is None and any(rule.method == "cluster" for rule in self.rules.rules):
            yield "No cluster's report is in the lake: cluster rules placed nothing."
        found = () if self.report is None else sorted(set(self.report["Cluster"]) - set(self.billed))
        for cluster in found:
            yield f"No machine of cluster {cluster!r} is on the bill: it is in no table of clusters."
        for line in self.applied().to_dict("records"):
            if not line["Lines"]:
                why = line["NotPlaced"] or "no money was left for it"
                yield f"The rule {line['Rule']!r} placed nothing: {why}."
        for asked in self.measured:
            state = self.unit_cost(asked, self.period)["State"]
            if state != "known":
                yield f"The unit cost {asked.name!r} is not known: {state}."

    def shares_of_bill(self) -> dict[str, Any]:
        """Which share of the bill is placed directly, shared, idle, and nobody's."""
        nobody = self.shown["Team"] == UNALLOCATED
        sums = {name: total(self.shown.loc[~nobody, name]) for name in ("Direct", "Shared", "Idle")}
        return {name.lower(): share(value, self.bill) for name, value in sums.items()} | {
            "unallocated": share(total(self.shown.loc[nobody, "Cost"]) or Decimal(0), self.bill)
        }


def _none(value: Any) -> Decimal | None:
    return value if isinstance(value, Decimal) and value.is_finite() else None

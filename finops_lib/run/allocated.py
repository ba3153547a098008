"""What a notebook shows of an allocation: pictures, sentences and the summary, over its tables."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from finops_lib.anomaly.alert_words import plain_line
from finops_lib.cost import plots, plots_allocation
from finops_lib.cost.allocation.allocate import UNALLOCATED
from finops_lib.cost.exact import share, total
from finops_lib.cost.split import cut
from finops_lib.run import show
from finops_lib.run.allocating import metrics_of, rules_of
from finops_lib.run.allocating_tables import Tables
from finops_lib.run.allocating_words import answer, carded, owned
from finops_lib.run.desk import Desk
from finops_lib.run.show import Shown
from finops_lib.units import cents, minor_digits, money_text, share_text

_LEVELS = ("namespace", "workload")


def open_allocation(desk: Desk, *, rules: str = "", metrics: str = "") -> Allocated:
    """Who pays for the month of this desk, by the rules that held in it.

    Parameters
    ----------
    desk : Desk
        The open lake.
    rules : str
        TOML file of rules; empty: the value of ``tag:team`` (or of the account) is the team.
    metrics : str
        CSV file of metrics; empty is none.

    Returns
    -------
    Allocated

    Raises
    ------
    CurrencyError
        The month has several currencies and none was named.
    QueryError
        A rule names a column or label that the lake does not have.
    SettingsError
        A file cannot be read or breaks its own rules.
    """
    held = rules_of(rules, desk).at(desk.period)
    found = Allocated(desk, held, metrics_of(metrics))
    _ = found.allocation  # what is refused is refused here, in the first cell
    return found


@dataclass(frozen=True)
class Allocated(Tables):
    """An allocation as a notebook shows it; see `open_allocation`."""

    def _table(self, frame: pd.DataFrame, caption: str, *, rows: int = 40) -> Shown:
        shown = frame.drop(columns=["Rules", "BillingCurrency"], errors="ignore")
        said = f"{caption}; rules {self.rules.label}"
        return show.table(shown, rows=rows, caption=said, currency=self.currency)

    # What is looked at

    def show_teams(self) -> Shown:
        """Show what each team is shown and charged."""
        return self._table(self.teams(), "Showback, and what is charged in whole cents")

    def show_rules(self) -> Shown:
        """Show what each rule did."""
        return self._table(self.applied(), "Each rule in its order, and what it did")

    def show_dispute(self, team: str = "") -> Shown:
        """Show the steps from the dearest lines of the bill to a team."""
        name = team or (self.most_shared() if len(self.shown) else "nobody")
        return self._table(self.disputed(team), f"From the bill to {name}, its three dearest lines")

    def show_left(self) -> Shown:
        """Show where the money sits that nobody has."""
        return self._table(self.left(), "Unallocated, by account and service", rows=15)

    def show_owners(self) -> Shown:
        """Show who could own it."""
        return self._table(self.whose(), "Who could own the unallocated money")

    def show_clusters(self, level: str) -> Shown:
        """Show what each part of each cluster costs on the bill, at a level of `cluster_costs`."""
        return self._table(self.clusters(level), f"Cluster cost on the bill by {level}", rows=25)

    def show_labels(self) -> Shown:
        """Show the same by the label to which the rules split."""
        levels = [f"tag:{key}" for key in self.rules.levels]
        return (
            self.show_clusters(levels[0]) if levels else show.notes(["No rule splits clusters by a label."])
        )

    def show_units(self) -> Shown:
        """Show what one unit costs."""
        return self._table(self.units(), "What one unit costs")

    def show_effects(self) -> Shown:
        """Show whether prices or efficiency moved what one unit costs."""
        return self._table(self.effects(), "Why one unit costs more or less than in the month before")

    def show_units_by_team(self) -> Shown:
        """Show what one unit costs each team."""
        return self._table(
            self.units_by_team(), "What one unit costs each team: its part of these charges over its units"
        )

    def show_card(self) -> Shown:
        """Show how the commitments do in all."""
        return show.table(self.card(), caption="Commitments in all", currency=self.currency)

    def show_commitments(self) -> Shown:
        """Show each commitment."""
        caption = "Each commitment, the most unused first"
        found = self.commitments().drop(columns="BillingCurrency")
        return show.table(found, caption=caption, currency=self.currency)

    def draw_teams(self) -> Shown:
        """Draw who pays; see `finops_lib.cost.plots_allocation.teams`."""
        ax = plots.axes(height=1.8 + 0.36 * min(len(self.shown), 14))
        return show.picture(plots_allocation.teams(self.shown, ax=ax, cost=self.desk.cost))

    def draw_owners(self) -> Shown:
        """Draw who could own the rest; see `finops_lib.cost.plots_allocation.owners`."""
        ax = plots.axes(height=1.8 + 0.36 * min(len(self.owners), 10))
        return show.picture(plots_allocation.owners(self.owners, ax=ax))

    # What is said

    def answer(self) -> Shown:
        """Say who pays, what is nobody's, and how the commitments do."""
        said = answer(self.shown, month=self.desk.month, currency=self.currency)
        said += owned(self.owners, currency=self.currency) + carded(self.scorecard, currency=self.currency)
        return show.notes(said)

    def show_proof(self) -> Shown:
        """Say that nothing of the bill was lost."""
        found = {name: str(value) for name, value in self.proof().items()}
        said = [
            f"The bill is {found['bill']} {self.currency}; teams and nobody are charged {found['charged']},"
            f" a difference of {found['charged_residual']}.",
            f"Before rounding, to the last digit of the lake, the difference is {found['residual']}.",
        ]
        return show.notes(said)

    def show_notes(self) -> Shown:
        """Say what must be known of rules and data."""
        return show.notes(self.noted())

    # What the next program reads

    def summary(self, **more: Any) -> Shown:
        """What does the notebook answer; see `finops_lib.run.show.summary`.

        Parameters
        ----------
        **more : Any
            Further values.
        """
        return show.summary({**self._asked(), **self._told(), **more})

    def figures(self) -> dict[str, str]:
        """What does the index show of this report, as text: the bill, what is nobody's, and the largest."""
        teams = self.shown[self.shown["Team"] != UNALLOCATED]
        nobody = self.allocation.costs().get(None, Decimal(0))
        found = {
            "bill": money_text(self.bill, currency=self.currency),
            "nobody's": self._of_bill(nobody),
            "teams": f"{len(teams):,}",
        }
        if len(teams):
            first = teams.iloc[0]
            found["largest team"] = f"{plain_line(str(first['Team']))}, {self._of_bill(first['Cost'])}"
        if len(self.owners):
            found["may own the rest"] = plain_line(str(self.owners["Owner"].iloc[0]))
        return found

    def _of_bill(self, amount: Decimal) -> str:
        part = share(amount, self.bill)
        said = "" if part is None else f" ({share_text(part)})"
        return f"{money_text(amount, currency=self.currency)}{said}"

    def _asked(self) -> dict[str, Any]:
        held = [rule.name for rule in self.rules.rules]
        rules = {"version": self.rules.version, "id": self.rules.id, "held": held}
        return {"month": self.desk.month, "currency": self.currency, "cost": self.desk.cost, "rules": rules}

    def _told(self) -> dict[str, Any]:
        return {
            "answer": " ".join(answer(self.shown, month=self.desk.month, currency=self.currency)),
            "figures": show.named(self.figures()),
            "proof": self.proof(),
            "shares": {name: _rounded(value) for name, value in self.shares_of_bill().items()},
            "teams": self._teams(),
            "unallocated": {
                "amount": self._cents(self.allocation.costs().get(None, Decimal(0))),
                "owners": self._owners(),
            },
            "clusters": {level: self._parts(level) for level in (*_LEVELS, *self._labels())},
            "unit_costs": [self._unit(asked) for asked in self.measured],
            "commitments": {
                "scorecard": show.records(self.scorecard),
                "each": show.records(self.commitments()),
            },
            "notes": self.noted(),
        }

    def _labels(self) -> list[str]:
        return [f"tag:{key}" for key in self.rules.levels]

    def _cents(self, amount: Decimal | None) -> Decimal | None:
        return None if amount is None else cents(amount, currency=self.currency)

    def _teams(self) -> list[dict[str, Any]]:
        """List teams with amounts in cents: each adds up to what it is charged, and all to the bill."""
        unit = Decimal(1).scaleb(-minor_digits(self.currency))
        found = []
        for row, charged in zip(self.shown.to_dict("records"), self.charged["Amount"], strict=True):
            parts = [row[name] for name in ("Direct", "Shared", "Idle")]
            told = _parts_of(charged, parts, unit=unit)
            names = ("direct", "shared", "idle")
            found.append({"name": row["Team"], "amount": charged, **dict(zip(names, told, strict=True)),
                          "share": _rounded(row["Share"])})  # fmt: skip
        return found

    def _owners(self) -> list[dict[str, Any]]:
        unit = Decimal(1).scaleb(-minor_digits(self.currency))
        rows = self.whose()
        whole = self._cents(total(rows["Mid"])) or Decimal(0)
        mids = cut(whole, list(rows["Mid"]), unit=unit) if len(rows) else []
        return [
            {"owner": row["Owner"], "low": self._cents(row["Low"]), "mid": mid,
             "high": self._cents(row["High"]), "evidence": row["Evidence"], "reliability": row["Reliability"]}
            for row, mid in zip(rows.to_dict("records"), mids, strict=True)
        ]  # fmt: skip

    def _parts(self, level: str) -> list[dict[str, Any]]:
        rows = self.clusters(level).to_dict("records")
        return [{str(key).lower(): value for key, value in row.items()} for row in rows]

    def _unit(self, asked: Any) -> dict[str, Any]:
        now, change = self.unit_cost(asked, self.period), self.unit_change(asked)
        told = {str(key).lower(): value for key, value in now.items() if key != "BillingCurrency"}
        return {"name": asked.name, "metric": asked.metric, **told, "change": change}


def _parts_of(whole: Decimal, parts: list[Decimal], *, unit: Decimal) -> list[Decimal]:
    """Cut an amount in cents by its exact parts; it may differ from their sum by more than one cent."""
    off = whole - (total(parts) or Decimal(0))
    largest = max(range(len(parts)), key=lambda place: abs(parts[place]))
    moved = [part + off if place == largest else part for place, part in enumerate(parts)]
    return cut(whole, moved, unit=unit)


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(value, 6)

"""What a notebook opens: the lake, the month it looks at, and each question of the cost room in one line.

The desk adds nothing to the numbers. It hands period, currency, rates and settings to the cost room, and the
answers to `finops_lib.run.show`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from finops_lib.billing import quality
from finops_lib.billing.engine import Engine
from finops_lib.billing.lake import Lake
from finops_lib.cost import completeness, movement, plots, resources, savings, spend, tags
from finops_lib.cost.exact import total
from finops_lib.cost.invoices import agreement
from finops_lib.cost.movement import change_of
from finops_lib.cost.spend import refuse_mixture
from finops_lib.records import Period
from finops_lib.run import app, show
from finops_lib.run.bills import Bills
from finops_lib.run.opening import (
    chosen_currency,
    chosen_month,
    moment,
    opened,
    settings_used,
)
from finops_lib.run.show import Shown, records
from finops_lib.units import Rates, money_text, share_text

__all__ = ["Desk", "agreement", "change_of", "open_desk", "records"]

_NO_FILTER: Mapping[str, str] = {}
_KINDS = {
    "list": "ListCost",
    "contracted": "ContractedCost",
    "effective": "EffectiveCost",
    "billed": "BilledCost",
}


def open_desk(
    lake: str,
    *,
    month: str = "",
    cost: str = "EffectiveCost",
    currency: str = "",
    rates: str = "",
    settings: str = "",
    now: str = "",
) -> Desk:
    """Which lake, month and currency is this notebook about.

    Parameters
    ----------
    lake : str
        Folder of the lake.
    month : str
        ``YYYY-MM``; empty is the newest month without a day still filling up.
    cost : str
        ``ListCost``, ``ContractedCost``, ``EffectiveCost`` or ``BilledCost``.
    currency : str
        ISO 4217 code; empty is the only one of the lake. Where there are several, a question that would
        add them is refused.
    rates : str
        Rates file to convert to ``currency``; empty converts nothing.
    settings : str
        JSON file with the settings of this run: ``values`` and the ``files`` that they come from.
    now : str
        Moment of asking, ISO 8601; empty is the clock's.

    Returns
    -------
    Desk

    Raises
    ------
    QueryError
        The lake is empty or does not have the month or currency.
    SettingsError
        A settings or rates file breaks its own rules.
    ParameterError
        ``now`` is no moment, or there are rates without a currency.
    """
    used = settings_used(settings)
    converting = None if not rates else opened(rates, currency=currency)
    asked = moment(now)
    store = Lake(Path(lake))
    engine = Engine(store)
    limits = quality.Thresholds.from_settings(used.values.get("quality", {}))
    return Desk(
        lake=store,
        engine=engine,
        month=chosen_month(engine, month, last_days=limits.incomplete_days),
        currency=chosen_currency(engine, currency, converting=converting is not None),
        cost=cost,
        now=asked,
        thresholds=limits,
        settings=used,
        rates=converting,
    )


@dataclass(frozen=True)
class Desk(Bills):
    """The open lake with the month, currency and cost that a notebook asks about.

    ``currency`` is empty where the lake has several and none was named.
    """

    month: str
    currency: str
    cost: str
    rates: Rates | None = None

    @property
    def period(self) -> Period:
        """The month looked at."""
        return Period.month(self.month)

    @property
    def snapshot_ids(self) -> list[str]:
        """The deliveries that bill the month."""
        return sorted(item.id for item in self.engine.snapshots if item.billing_period == self.month)

    @property
    def _money(self) -> dict[str, Any]:
        return {"currency": self.currency or None, "rates": self.rates}

    # Questions: a frame each

    def spend(
        self, *, by: str | Sequence[str] = (), grain: str | None = None, where: Mapping[str, str] = _NO_FILTER
    ) -> pd.DataFrame:
        """What was spent in the month; see `finops_lib.cost.spend.spend`."""
        asked: Any = {"by": by, "cost": self.cost, "grain": grain, "period": self.period, "where": where}
        return spend.spend(self.engine, **asked, **self._money)

    def history(self, *, by: str | Sequence[str] = ()) -> pd.DataFrame:
        """What was spent in each month of the lake; see `finops_lib.cost.spend.spend`."""
        return spend.spend(self.engine, by=by, cost=self.cost, grain="month", **self._money)

    def months(self) -> pd.DataFrame:
        """What are the four costs of each billing period and currency, newest first; see `four_costs`."""
        frame = spend.four_costs(self.engine, axis="billing", grain="month")
        frame.insert(0, "Month", frame.pop("time").dt.strftime("%Y-%m").astype("str"))
        newest = frame.sort_values(["Month", "BillingCurrency"], ascending=[False, True])
        return newest[["Month", "BillingCurrency", *_KINDS.values()]].reset_index(drop=True)

    def four_costs(self) -> pd.DataFrame:
        """What are the four costs of the month side by side; see `finops_lib.cost.spend.four_costs`."""
        return spend.four_costs(self.engine, period=self.period, **self._money)

    def moves(self, *, by: str | Sequence[str]) -> pd.DataFrame:
        """What changed against the month before; see `finops_lib.cost.movement.month_over_month`."""
        return movement.month_over_month(self.engine, month=self.period, by=by, cost=self.cost, **self._money)

    def movers(self, moves: pd.DataFrame, *, n: int = 10) -> pd.DataFrame:
        """Which lines moved most; see `finops_lib.cost.movement.top_movers`."""
        return movement.top_movers(moves, n=n)

    def coverage(self, *, keys: str = "") -> pd.DataFrame:
        """Which share of the month's usage cost carries each tag; ``keys`` are comma-separated."""
        wanted = [key.strip() for key in keys.split(",") if key.strip()]
        asked: Any = {"keys": wanted, "cost": self.cost, "period": self.period}
        return tags.tag_coverage(self.engine, **asked, **self._money)

    def untagged(self, *, key: str, by: str) -> pd.DataFrame:
        """Where does the month's money without this tag sit; see `finops_lib.cost.tags.untagged`."""
        return tags.untagged(self.engine, key=key, by=by, cost=self.cost, period=self.period, **self._money)

    def savings(self) -> pd.DataFrame:
        """What is the month's effective savings rate; see `finops_lib.cost.savings`."""
        return savings.effective_savings_rate(self.engine, period=self.period, **self._money)

    def resources(self) -> pd.DataFrame:
        """Which resources cost something in the month; see `finops_lib.cost.resources.resources`."""
        return resources.resources(self.engine, period=self.period, currency=self.currency or None)

    def kinds(self) -> pd.DataFrame:
        """How many resources of each kind are there; see `finops_lib.cost.resources.kinds`."""
        return resources.kinds(self.resources())

    def invoices(self, *, file: str = "") -> pd.DataFrame:
        """Does the month agree with the invoices of this CSV file, or of the lake; see `Bills.reconciled`."""
        only = None if self.rates is not None else self.currency or None
        return self.reconciled(file=file, period=self.period, currency=only)

    # What stands in the summary

    def totals(self) -> dict[str, Decimal | None]:
        """What is the month's total by each of the four costs; None is unknown."""
        frame = self.four_costs()
        refuse_mixture(frame)
        return {kind: total(frame[column]) for kind, column in _KINDS.items()}

    def unknown_rows(self) -> dict[str, int]:
        """How many of the month's rows do not say each cost."""
        frame = self.four_costs()
        return {
            kind: int(frame[column.replace("Cost", "RowsUnknown")].sum()) for kind, column in _KINDS.items()
        }

    def savings_rate(self) -> Decimal | None:
        """What is the month's savings rate; None where the bills are unfit for it."""
        unfit = completeness.unfit_for_savings(self.engine.snapshots, month=self.month)
        rated = self.savings()
        return None if unfit or rated.empty else rated["Rate"].iloc[0]

    def summary(self, **values: Any) -> Shown:
        """What does the notebook answer; see `finops_lib.run.show.summary`."""
        return show.summary(values)

    # What is looked at

    def table(self, frame: pd.DataFrame, *, rows: int = 40, caption: str = "") -> Shown:
        """Show a frame with money and shares in words; see `finops_lib.run.show.table`."""
        return show.table(frame, rows=rows, caption=caption, currency=self.currency)

    def explore(self, frame: pd.DataFrame) -> Shown:
        """Show a frame that a reader can sort and search; see `finops_lib.run.show.sortable`."""
        return show.sortable(frame)

    def draw_trend(self, frame: pd.DataFrame, *, by: str, grain: str) -> Shown:
        """Draw how cost went over time; see `finops_lib.cost.plots.trend`."""
        filling = {day if grain == "day" else day.replace(day=1) for day in self.incomplete}
        drawn = plots.trend(frame, ax=plots.axes(), by=by, cost=self.cost, grain=grain, incomplete=filling)
        return show.picture(drawn)

    def draw_breakdown(self, frame: pd.DataFrame, *, by: str) -> Shown:
        """Draw what the money is spent on; see `finops_lib.cost.plots.breakdown`."""
        return show.picture(plots.breakdown(frame, ax=plots.axes(), by=by, cost=self.cost))

    def draw_movers(self, moves: pd.DataFrame, top: pd.DataFrame, *, by: str) -> Shown:
        """Draw which lines moved most; see `finops_lib.cost.plots.movers`."""
        return show.picture(plots.movers(moves, top, ax=plots.axes(), by=by, month=self.month))

    def draw_coverage(self, covered: pd.DataFrame) -> Shown:
        """Draw which share of the cost carries each tag; see `finops_lib.cost.plots.coverage`."""
        height = 1.4 + 0.4 * max(1, len(covered))
        return show.picture(plots.coverage(covered, ax=plots.axes(height=height)))

    def explorer(self, *, by: str) -> Any:
        """Show menus above a picture and a table of the month that follow them; none in a run."""
        filtered = ("ServiceCategory", "ChargeCategory")
        choices = {name: sorted(self.spend(by=name)[name]) for name in filtered}
        return app.filters(choices, view=lambda where: self._view(by=by, where=where))

    def _view(self, *, by: str, where: Mapping[str, str]) -> list[Shown]:
        daily = self.spend(by=by, grain="day", where=where)
        whole = self.spend(by=by, where=where)
        return [self.draw_trend(daily, by=by, grain="day"), self.table(show.largest_first(whole))]

    # What is said

    def show_notes(self) -> Shown:
        """Say what a reader must know about the lake; see `finops_lib.cost.completeness.notes`."""
        days = ", ".join(day.isoformat() for day in self.incomplete)
        filling = [f"Still filling up, so too low: {days}."] if days else []
        return show.notes([*filling, *completeness.notes(self.engine)])

    def conclusion(self, moves: pd.DataFrame) -> Shown:
        """Say the month's total, its change and its savings rate in sentences, with what is unknown."""
        said = change_of(moves)
        code = self.currency or (moves["BillingCurrency"].iloc[0] if len(moves) else "")
        now, before = (money_text(said[name], currency=code) for name in ("current", "previous"))
        change = share_text(said["change_share"], signed=True)
        sentences = [
            f"{self.month} cost {now} ({self.cost}); the month before {before}, a change of {change}.",
            f"The effective savings rate is {share_text(self.savings_rate())}.",
        ]
        return show.notes([*sentences, *completeness.notes(self.engine, period=self.period)])

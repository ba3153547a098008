"""What a notebook asks about the bills themselves: deliveries, their quality, closed periods, commitments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import pandas as pd

from finops_lib.billing import quality
from finops_lib.billing.engine import Engine
from finops_lib.billing.lake import Lake
from finops_lib.cost import completeness, contracts, invoices, periods, plots
from finops_lib.records import CHARGES_KIND, Snapshot
from finops_lib.run import show
from finops_lib.run.deliveries import delivery_table, flag_table, limit_table, quarantine_table, verdict
from finops_lib.run.opening import SettingsUsed, invoice_lines
from finops_lib.run.pictures import delivered_days
from finops_lib.run.show import Shown
from finops_lib.run.sources import source_table

_MOST_ACCOUNTS = 20


@dataclass(frozen=True)
class Bills:
    """An open lake with the moment of asking and the thresholds of quality.

    Used as a context manager, or closed, it gives the engine's memory back.
    """

    lake: Lake
    engine: Engine
    now: datetime
    thresholds: quality.Thresholds
    settings: SettingsUsed = field(default_factory=SettingsUsed, kw_only=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the engine's memory back."""
        self.engine.close()

    @cached_property
    def incomplete(self) -> tuple[date, ...]:
        """Days still filling up."""
        return completeness.incomplete_days(
            self.engine.snapshots,
            last_days=self.thresholds.incomplete_days,
            settled=periods.settled(self.engine),
        )

    @property
    def all_snapshot_ids(self) -> list[str]:
        """The deliveries that bill anything."""
        return sorted(item.id for item in self.engine.snapshots)

    @cached_property
    def past(self) -> tuple[Snapshot, ...]:
        """Every delivery of charges that ever landed, oldest first."""
        return tuple(item for item in self.lake.history() if item.kind == CHARGES_KIND)

    # Questions: a frame each

    def sources(self) -> pd.DataFrame:
        """How fresh and whole is each source; see `finops_lib.run.sources.source_table`."""
        held = (*self.engine.snapshots, *self.engine.beside)
        return source_table(held, past=self.lake.history(), now=self.now)

    def periods(self) -> pd.DataFrame:
        """Which billing periods are closed; see `finops_lib.cost.periods.billing_periods`."""
        return periods.billing_periods(self.engine)

    def commitments(self) -> pd.DataFrame:
        """What was committed to; see `finops_lib.cost.contracts.commitments`."""
        return contracts.commitments(self.engine)

    def reconciled(self, *, file: str = "", **asked: Any) -> pd.DataFrame:
        """Do the bills agree with this CSV of invoices, or with those of the lake; see `reconcile`."""
        given = invoice_lines(file) if file else invoices.invoiced(self.engine)
        return invoices.reconcile(self.engine, invoices=given, **asked)

    def findings(self) -> pd.DataFrame:
        """What is wrong with the bills as a whole; see `finops_lib.billing.quality.findings`."""
        return quality.findings(self.engine, now=self.now, thresholds=self.thresholds, history=self.past)

    def readiness(self, found: pd.DataFrame) -> pd.DataFrame:
        """Which accounts may models be fitted to; see `finops_lib.billing.quality.readiness`."""
        return quality.readiness(found, self.engine.snapshots)

    def deliveries(self) -> pd.DataFrame:
        """Which deliveries stand in the lake; see `finops_lib.run.deliveries.delivery_table`."""
        return delivery_table(self.engine.snapshots)

    def flags(self) -> pd.DataFrame:
        """Which rules were broken in how many deliveries; see `finops_lib.run.deliveries.flag_table`."""
        return flag_table(self.engine.snapshots)

    def quarantined(self) -> pd.DataFrame:
        """Which rules set rows aside; see `finops_lib.run.deliveries.quarantine_table`."""
        return quarantine_table(self.engine)

    def limits(self) -> pd.DataFrame:
        """Which thresholds were in force; see `finops_lib.run.deliveries.limit_table`."""
        return limit_table(self.thresholds)

    # What is shown

    def draw_days(self) -> Shown:
        """Draw which days the usage of each account covers; see `delivered_days`."""
        days = quality.covered_days(self.engine, now=self.now, thresholds=self.thresholds)
        days["Of"] = days["Provider"] + " " + days["Account"]
        height = 1.6 + 0.3 * min(_MOST_ACCOUNTS, days["Of"].nunique())
        drawn = delivered_days(days, ax=plots.axes(height=height), by="Of")
        return show.picture(drawn)

    def show_verdict(self, found: pd.DataFrame, ready: pd.DataFrame) -> Shown:
        """Say whether the bills can be trusted; see `finops_lib.run.deliveries.verdict`."""
        held = self.deliveries()
        aside, rows = int(held["SetAside"].sum()), int(held["Rows"].sum())
        said = verdict(found, ready, quarantined=aside, rows=rows)
        return show.notes([*said, *completeness.notes(self.engine)])

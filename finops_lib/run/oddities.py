"""Find what is odd in the cost of a lake: series cut, days judged, causes and alerts, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from finops_lib.anomaly import signals as security
from finops_lib.anomaly.detect import Settings, Watched, watch
from finops_lib.anomaly.incidents import days_of
from finops_lib.anomaly.labels import chance_real, thresholds
from finops_lib.anomaly.measure import Quiet
from finops_lib.cost.allocation.cluster_days import CLUSTER
from finops_lib.cost.change_events import Change
from finops_lib.cost.exact import total
from finops_lib.cost.spend import spend
from finops_lib.records import Anomaly, Period
from finops_lib.run.desk import Desk
from finops_lib.run.odd_alerts import Told, real_ones, told
from finops_lib.run.odd_asked import Asked, Kept
from finops_lib.run.odd_causes import Cube, changes_near
from finops_lib.run.odd_series import WATCHED, Costs, clustered, floor_of, pauses, watched
from finops_lib.run.settings import AnomalyLimits

_DIGITS = 4  # of a p-value
_SIGNALS = security.Columns(meters=("SkuMeter",))


@dataclass(frozen=True)
class Numbers:
    """What is odd in a desk's lake; see `Asked` and `Kept`.

    ``events`` are changes that are known beside those of `Kept`.
    """

    desk: Desk
    asked: Asked
    kept: Kept
    limits: AnomalyLimits
    events: tuple[Change, ...] = field(default=())

    @cached_property
    def costs(self) -> Costs:
        """The daily cost that is watched."""
        return watched(self.desk, self.asked, most_resources=self.limits.most_resources)

    @property
    def currency(self) -> str:
        """ISO 4217 code; empty where there is no charge."""
        return self.desk.currency or self.costs.currency

    @property
    def last(self) -> date:
        """The last day that was judged."""
        return self.costs.last or self.desk.now.date()

    @property
    def first(self) -> date:
        """The first day that is looked at."""
        return self.last - timedelta(days=self.asked.days - 1)

    @cached_property
    def floor(self) -> Decimal:
        """Money a day from which on something is told."""
        return floor_of(self.costs, self.asked, per_mille=self.limits.floor_per_mille)

    @cached_property
    def watches(self) -> dict[tuple[str, ...], Watched]:
        """What the detector says of each hierarchy, and of resources where they are few enough."""
        if self.costs.last is None:
            return {}
        paths = dict.fromkeys([*self.asked.hierarchies, *self._resources])
        found = {by: self._watched(by, self.costs, self.floor) for by in paths}
        if self.clusters.last is not None:
            found[CLUSTER] = self._watched(CLUSTER, self.clusters, self.cluster_floor)
        return found

    @cached_property
    def clusters(self) -> Costs:
        """What workloads of clusters cost by the clusters' own reports, which stand beside the bill."""
        return clustered(self.desk, self.asked, last=self.costs.last)

    @cached_property
    def cluster_floor(self) -> Decimal:
        """Money a day, in the clusters' own prices, from which on something is told of them."""
        return floor_of(self.clusters, replace(self.asked, floor=None), per_mille=self.limits.floor_per_mille)

    @property
    def _resources(self) -> list[tuple[str, ...]]:
        return [("ResourceId",)] if "ResourceId" in self.costs.names else []

    def _watched(self, by: tuple[str, ...], costs: Costs, floor: Decimal) -> Watched:
        asked = self.asked
        settings = Settings(
            level=asked.level, floor=floor, country=asked.country, team=asked.team,
            thresholds=thresholds(self.kept.labels, now=self.desk.now) if self.kept.labels else {},
        )  # fmt: skip
        # What the quality of the bills says is of no report of a cluster.
        stops = [] if by == CLUSTER else pauses(self.desk, costs, by)
        return watch(costs.series(by), by=by, settings=settings, paused=stops)

    @cached_property
    def anomalies(self) -> tuple[Anomaly, ...]:
        """What was found in the days looked at, with causes and changes near it, the newest first."""
        # All clusters together are no part of the bill: their sum has no labels, and would pass for it.
        every = [
            one for by, seen in self.watches.items() for one in seen.anomalies if by != CLUSTER or one.labels
        ]
        every = [one for one in every if self._recent(one) and self._large(one)]
        found = {one.key: one for one in [*every, *self.signals]}
        ordered = sorted(
            found.values(), key=lambda one: (-one.start.timestamp(), len(one.series), one.series)
        )
        return tuple(self._told_more(one) for one in ordered)

    def _recent(self, one: Anomaly) -> bool:
        return one.found > _midnight(self.first)

    def _large(self, one: Anomaly) -> bool:
        floor = self.cluster_floor if CLUSTER[0] in one.labels else self.floor
        return abs(one.cost_impact.mid) >= floor * days_of(one)

    def _told_more(self, one: Anomaly) -> Anomaly:
        """Add where its money lies, what changed near it, and how likely it matters."""
        stable = float(f"{one.p_value:.{_DIGITS}g}")  # more digits are a machine's own
        cube = self.cluster_cube if CLUSTER[0] in one.labels else self.cube
        caused = replace(one, causes=cube.causes(one), p_value=stable)
        team = caused.labels.get(self.asked.team, "")
        chance = chance_real(self.kept.labels, team=team, p_value=one.p_value) if self.kept.labels else None
        return replace(caused, chance_real=chance, changes=changes_near(caused, self.changes))

    @cached_property
    def cube(self) -> Cube:
        """The costs in which causes are looked for."""
        team = (self.asked.team,) if self.asked.team else ()
        return Cube(self.costs.days, tuple(dict.fromkeys([*self.asked.dimensions, *team])), self.currency)

    @cached_property
    def cluster_cube(self) -> Cube:
        """The same of clusters."""
        return Cube(self.clusters.days, self.clusters.names, self.clusters.currency)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes that are known: those handed in, and those that are planned."""
        return (*self.events, *self.kept.known)

    @cached_property
    def signals(self) -> tuple[Anomaly, ...]:
        """What may be a break-in in the days looked at: never without evidence that says what was seen."""
        columns = {_SIGNALS.account, _SIGNALS.region, _SIGNALS.service}
        if self.costs.last is None or not columns <= set(self.costs.names):
            return ()
        names = ["time", "BillingCurrency", *sorted(columns | ({*_SIGNALS.meters} & set(self.costs.names)))]
        cells = self.costs.days.groupby(names, sort=False)["value"].sum().reset_index()
        found = security.signals(cells, floor=self.floor, names=_SIGNALS)
        return tuple(one for one in found if one.evidence and self._recent(one) and self._large(one))

    @cached_property
    def told(self) -> Told:
        """Which alerts follow."""
        kept = self.kept
        asked: Any = {"first": self.first, "last": self.last, "rules": kept.rules, "labels": kept.labels}
        return told(self.anomalies, **asked)

    @cached_property
    def quiet(self) -> Quiet:
        """How much quieter it got, held against the incidents that labels say are real."""
        return self.told.measured(real_ones(self.anomalies, self.kept.labels))

    @cached_property
    def paused(self) -> pd.DataFrame:
        """Which series were not judged on which of the days looked at: see `finops_lib.anomaly.notes`."""
        frames = [seen.notes for seen in self.watches.values()]
        every = pd.concat(frames, ignore_index=True).drop_duplicates() if frames else pd.DataFrame()
        if every.empty:
            return pd.DataFrame(columns=["Series", "FirstDay", "LastDay", "Reason"])
        return every[every["LastDay"] >= self.first].reset_index(drop=True)

    @property
    def judged(self) -> int:
        """How many series were watched, a count."""
        return len({path for seen in self.watches.values() for path in _named_paths(seen)})

    def unwatched(self) -> Decimal:
        """How much money of these days is in charges that are not watched: taxes, credits, adjustments."""
        span = Period(_midnight(self.first), _midnight(self.last + timedelta(days=1)))
        asked: Any = {
            "cost": self.desk.cost,
            "currency": self.desk.currency or None,
            "rates": self.desk.rates,
        }
        found = spend(self.desk.engine, by="ChargeCategory", period=span, **asked)
        return total(found.loc[~found["ChargeCategory"].isin(WATCHED), "cost"]) or Decimal(0)


def _named_paths(seen: Watched) -> Sequence[tuple[tuple[str, ...], tuple[str, ...]]]:
    by = seen.state.by
    return [(by[: len(path)], path) for path in seen.state.forest.nodes]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

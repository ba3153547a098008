"""The forecast of a lake: series cut, forecast together, made to add up, and judged by their own past."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType

import numpy as np
import pandas as pd

from finops_lib.cost.exact import total
from finops_lib.forecast import ensemble, hierarchy
from finops_lib.forecast.budget import Burn
from finops_lib.forecast.contributions import contributions
from finops_lib.forecast.panel import Outlook
from finops_lib.forecast.reliability import Reliability, reliability, replayed
from finops_lib.forecast.saturation import Saturation
from finops_lib.forecast.scores import scores
from finops_lib.forecast.statistical import STATISTICAL
from finops_lib.forecast.track import track
from finops_lib.forecast.tree import WHOLE, Node, Tree
from finops_lib.records import Forecast, NoForecast, Period
from finops_lib.run.cut import Cut
from finops_lib.run.desk import Desk
from finops_lib.run.looking import Asked
from finops_lib.run.watched import Watch

_EVEN = 0.5
_REPLAYED_DAYS = 30  # length of the budgets that are replayed
OURS, NAIVE, RUN_RATE = "ensemble", "seasonal_naive", "run_rate"
_NO_FILES: Mapping[str, str] = MappingProxyType({})
_BAKED = 3  # groups beside the whole whose forecast is compared with the field's methods
_NEVER = Decimal("Infinity")


@dataclass(frozen=True)
class Numbers:
    """A forecast with all that is known about it; see `look_ahead`.

    ``base`` is the outlook of series and groups, each on its own, ``beside`` that of budgets and limits with
    a scope of their own, ``changes`` what is known to come.
    """

    desk: Desk
    asked: Asked
    cut: Cut
    watch: Watch
    base: Outlook
    beside: Outlook
    changes: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def currency(self) -> str:
        """ISO 4217 code."""
        return self.watch.currency

    @cached_property
    def tree(self) -> Tree:
        """The whole, its groups and their series."""
        return self.cut.tree

    @cached_property
    def found(self) -> hierarchy.Coherent:
        """The series' forecasts, made to add up by the method that erred least in the past."""
        return hierarchy.coherent(self.base, self.tree, method=hierarchy.best_method(self.ways))

    @cached_property
    def ways(self) -> pd.DataFrame:
        """How right would each method to make them add up have been; see `hierarchy.compared`."""
        return hierarchy.compared(self.base, self.tree)

    @property
    def names(self) -> tuple[str, ...]:
        """Series that have a forecast."""
        return self.found.outlook.panel.names

    @property
    def cuts(self) -> list[int]:
        """How many of the last days each past forecast did not know, newest first."""
        return list(self.base.cuts)

    @cached_property
    def answers(self) -> dict[Node, Forecast | NoForecast]:
        """The whole, each group and each series over the whole horizon."""
        return {answer.path: answer for answer in self._answers(None, self._measured)}

    def _answers(
        self, steps: range | None, measures: hierarchy.Measures | None = None
    ) -> list[Forecast | NoForecast]:
        return hierarchy.forecasts(
            self.found, currency=self.currency, level=self.asked.level, steps=steps, measures=measures
        )

    def _measured(self, names: tuple[str, ...]) -> dict[str, float | None]:
        return scores(self.found.outlook, names, level=self.asked.level, cuts=self.cuts)

    def against_run_rate(self, node: Node) -> float | None:
        """How large was this node's own error over that of its run rate: below 1 is better."""
        errors = self.accuracy(node).set_index("model")["mase"]
        ours, rate = (float(errors.get(name, np.nan)) for name in (OURS, RUN_RATE))
        return ours / rate if np.isfinite(ours) and rate > 0 else None

    def accuracy(self, node: Node) -> pd.DataFrame:
        """Return the back-test of each model for this node: ``model``, ``mase``, ``smape``, ``bias``."""
        columns = ["model", "mase", "smape", "bias"]
        if self.base.accuracy.empty:
            return pd.DataFrame(columns=columns)
        rows = self.base.accuracy[self.base.accuracy["series"] == self._base_name(node)]
        return rows[columns].reset_index(drop=True)

    def baked(self, node: Node) -> pd.DataFrame:
        """Return `accuracy` of a node with the field's standard methods, at the same past days.

        Those are asked for the whole and its largest groups alone; they are about six seconds of work each,
        most of it for ARIMA.
        """
        found, own = self._standard, self.accuracy(node)
        return pd.concat([own, found.loc[found["series"] == self._base_name(node), own.columns]])

    @cached_property
    def _standard(self) -> pd.DataFrame:
        nodes = [*self.ranked(0), *self.ranked(1)[:_BAKED]]
        names = dict.fromkeys(self._base_name(node) for node in nodes)
        known = [name for name in names if name in self.base.panel.names]
        if not known:
            return pd.DataFrame(columns=["series", "model", "mase", "smape", "bias"])
        found = ensemble.forecast(
            self.base.panel.only(known), horizon=self.asked.horizon, models=STATISTICAL,
            country=self.asked.country or None, jobs=os.cpu_count() or 1,
        ).accuracy  # fmt: skip
        return found[found["model"] != OURS]

    def ranked(self, depth: int) -> list[Node]:
        """Which nodes are so deep in the tree, that with the largest forecast first, those without one last.

        Parameters
        ----------
        depth : int
            0 is the whole.

        Returns
        -------
        list of tuple of str
        """
        nodes = (node for node in self.answers if len(node) == depth)
        return sorted(nodes, key=lambda node: (_less(self.answers[node]), node))

    def _base_name(self, node: Node) -> str:
        """Name the base series that is this node alone."""
        series = self.tree.members[node]
        alike = (group for group in self.tree.groups() if self.tree.members[group] == series)
        return series[0] if len(series) == 1 else self.tree.name(next(alike))

    @cached_property
    def past(self) -> dict[str, float | None]:
        """What were past forecasts of the whole worth; see `finops_lib.forecast.track.track`."""
        if not self.names:
            return {}
        return track(self.found.outlook, self.names, cuts=self.cuts, levels=(0.8, 0.95))

    @cached_property
    def replays(self) -> Reliability:
        """Did chances that would have been stated of budgets in the past come true."""
        outlook, names = self.found.outlook, self.names
        groups = [self.tree.members[node] for node in self.tree.members]
        known = [[name for name in series if name in names] for series in groups]
        distinct = list(dict.fromkeys(tuple(series) for series in known if series))
        steps = min(_REPLAYED_DAYS, self.asked.horizon)
        cases = replayed(outlook, steps=steps, seed=0, groups=distinct)
        return reliability(cases["stated"].to_numpy(float), cases["happened"].to_numpy(bool))

    @cached_property
    def months(self) -> list[tuple[Period, Decimal, Forecast | NoForecast]]:
        """What has been spent, exactly, and what is to come, in each month whose end the forecast reaches."""
        end, found = self.watch.end, []
        days = self.watch.spent("the month", {})
        for period in _whole_months(end, self.asked.horizon):
            first = max((period.start - end).days, 0)
            inside = (days["time"] >= _bare(period.start)) & (days["time"] < _bare(min(period.end, end)))
            spent = total(days.loc[inside, "cost"]) or Decimal(0)
            found.append((period, spent, self._answers(range(first, (period.end - end).days))[0]))
        return found

    @cached_property
    def burns(self) -> list[Burn | NoForecast]:
        """Where each budget stands; see `finops_lib.run.watched.Watch.burns`."""
        return self.watch.burns(self.found.outlook, self.beside, level=self.asked.level)

    @cached_property
    def saturations(self) -> list[Saturation | NoForecast]:
        """When each limit is exceeded; see `finops_lib.run.watched.Watch.saturations`."""
        return self.watch.saturations(self.found.outlook, self.beside)

    def basis(self, item: Burn) -> tuple[Outlook, list[str], pd.DataFrame]:
        """Which outlook, which series of it with a forecast, and which exact days a budget's burn stands on.

        Parameters
        ----------
        item : Burn
            Of one budget.
        """
        held = (one for one in self.watch.held if one.name == item.budget)
        budget = next(one for one in held if one.period_at(item.period.start) == item.period)
        outlook, series, spent = self.watch.basis_of(budget, self.found.outlook, self.beside)
        return outlook, [one for one in series if one in outlook.panel.names], spent

    def at_stake(self) -> Burn | None:
        """Which budget's next answer is the least certain: the chance of a breach is nearest to a half."""
        return min(self.next_burns(), key=lambda item: abs(item.breach_probability - _EVEN), default=None)

    def next_burns(self) -> list[Burn]:
        """Where does each budget stand in its first period that can be judged, the likeliest breach first."""
        first: dict[str, Burn] = {}
        for item in self.burns:
            if isinstance(item, Burn):
                first.setdefault(item.budget, item)
        return sorted(first.values(), key=lambda item: -item.breach_probability)

    def before(self) -> Decimal | None:
        """What did as many days cost just before; None where one of them is not known."""
        end = pd.Timestamp(self.watch.end.replace(tzinfo=None))
        first = end - pd.Timedelta(days=self.asked.horizon)
        days = self.watch.spent("the days before", {})
        inside = days[(days["time"] >= first) & (days["time"] < end)]
        whole = len(inside) == self.asked.horizon and inside["cost"].notna().all()
        return total(inside["cost"]) if whole else None

    def drivers(self) -> pd.DataFrame:
        """What drives the forecast of the whole; see `contributions`. No row where that is not known."""
        outlook = self.found.outlook
        if outlook.parts is None or not self.names:
            return pd.DataFrame(columns=["part", "kind", "amount", "share"])
        return contributions(outlook, outlook.parts)

    def whole(self) -> Forecast | NoForecast:
        """What does everything come to over the horizon."""
        return self.answers[WHOLE]


def _less(found: Forecast | NoForecast) -> Decimal:
    return _NEVER if isinstance(found, NoForecast) else -found.amount.mid


def _whole_months(end: datetime, days: int) -> list[Period]:
    """List the months, from the one under way, whose end lies within these days."""
    period, found = Period.month(f"{end:%Y-%m}"), []
    while period.end <= end + timedelta(days=days):
        if period.end > end:
            found.append(period)
        period = Period.month(f"{period.end:%Y-%m}")
    return found


def _bare(moment: datetime) -> pd.Timestamp:
    return pd.Timestamp(moment.replace(tzinfo=None))

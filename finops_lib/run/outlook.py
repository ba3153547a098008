"""What a notebook shows of a forecast: pictures, sentences and the summary, over its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

from finops_lib.forecast import bands, plots, plots_drivers
from finops_lib.forecast.budget import Burn
from finops_lib.forecast.passing import breach_by_day
from finops_lib.forecast.tree import WHOLE, Node
from finops_lib.forecast.what_if import BreakEven, break_even, what_if
from finops_lib.records import Forecast, NoForecast
from finops_lib.run import show
from finops_lib.run.cut import default_group
from finops_lib.run.desk import Desk
from finops_lib.run.files import Files
from finops_lib.run.looking import Asked, look_ahead
from finops_lib.run.outlook_json import burn_json, estimate_json, limit_json, node_json
from finops_lib.run.outlook_pictures import chances, sheet, shown
from finops_lib.run.outlook_tables import Tables
from finops_lib.run.outlook_words import called, coming, held, rounded, short
from finops_lib.run.settings import ForecastLimits
from finops_lib.run.show import Shown
from finops_lib.units import cents

_PARTS = "ServiceCategory"
_MOST_PICTURES = 3  # of budgets or limits
_LEAST_HISTORY = 120  # days before the forecast that a picture shows
_NO_BUDGET = "No budget is in force: name a file of budgets with -p budget=FILE."
_NO_LIMIT = "No limit is watched: name a file of limits with -p limits=FILE."
_NO_FORECAST = "There is no forecast to draw; the notes say why."


def open_outlook(
    desk: Desk,
    *,
    by: str,
    horizon_days: int,
    country: str,
    month: str,
    files: Mapping[str, str],
) -> Ahead:
    """Where is the cost of this desk going, by team and within each team.

    Parameters
    ----------
    desk : Desk
        The open lake.
    by : str
        FOCUS column or ``tag:key`` of the teams, and after a comma perhaps that of their parts; empty is
        ``tag:team``, or ``SubAccountName`` without one, and ``ServiceCategory``.
    horizon_days : int
        Days ahead, 1 to 366.
    country : str
        ISO 3166 code of public holidays that may matter; empty is none.
    month : str
        The last one looked at, ``YYYY-MM``; empty is all that is complete.
    files : mapping of str to str
        ``budget``, ``limits``, ``changes``: paths; an empty one is no file.

    Returns
    -------
    Ahead

    Raises
    ------
    CurrencyError
        The lake has several currencies and none was named.
    ParameterError
        A value is out of its bounds.
    QueryError
        A column is not in the lake, or the country is not known.
    SettingsError
        A file cannot be read or breaks its own rules.
    """
    columns = [part.strip() for part in by.split(",") if part.strip()]
    limits = ForecastLimits(**desk.settings.values.get("forecast", {}))
    asked = Asked(
        by=tuple(dict.fromkeys(columns or [default_group(desk.engine), _PARTS])),
        horizon=horizon_days,
        level=limits.interval_percent / 100,
        largest=limits.largest_series,
        country=country or None,
        month=month,
    )
    return cast("Ahead", look_ahead(desk, Ahead, asked=asked, files=Files.read(**files)))


@dataclass(frozen=True)
class Ahead(Tables):
    """A forecast as a notebook shows it; see `open_outlook`."""

    def draw_fan(self) -> Shown:
        """Draw where the whole has been and where it is going; see `finops_lib.forecast.plots.fan`."""
        if not self.names:
            return show.notes([_NO_FORECAST])
        outlook = self.found.outlook
        past = bands.history(outlook, series=self.names).tail(max(2 * self.asked.horizon, _LEAST_HISTORY))
        ahead = bands.bands(outlook, series=self.names)
        return show.picture(
            plots.fan(past, ahead, ax=plots.axes(), name="Total", unit=self.currency, step="day")
        )

    def draw_backtest(self) -> Shown:
        """Draw by team how large our error was against seasonal naive; see `finops_lib.forecast.plots`."""
        rows = [
            (self.shown(node), found.mase, found.mase / found.vs_seasonal_naive)
            for node, found in self.answers.items()
            if len(node) <= 1 and isinstance(found, Forecast) and found.mase and found.vs_seasonal_naive
        ]
        if not rows:
            return show.notes(["No past forecast can be judged: the history is too short."])
        frame = pd.DataFrame(rows, columns=["name", "error", "naive"])
        height = 1.8 + 0.32 * max(2, len(frame))
        return show.picture(plots.backtest(frame, ax=plots.axes(height=height), error="MASE"))

    def draw_reliability(self) -> Shown:
        """Draw whether chances stated in the past came true; see `finops_lib.forecast.plots.reliability`."""
        if not self.replays.bands:
            return show.notes([f"Replayed budgets: {self.replays.verdict}."])
        return show.picture(plots.reliability(self.replays, ax=plots.axes(height=4.8)))

    def draw_chances(self) -> Shown:
        """Draw by which day each budget is passed; see `finops_lib.run.outlook_pictures.chances`."""
        found = [(called(item), self._by_day(item)) for item in self.next_burns()]
        return show.picture(chances(found, ax=plots.axes())) if found else show.notes([_NO_BUDGET])

    def _by_day(self, item: Burn) -> pd.DataFrame:
        outlook, series, _ = self.basis(item)
        return breach_by_day(item, outlook, series=series)

    def draw_burns(self) -> Shown:
        """Draw the budgets most likely breached in their next period, see `forecast.plots.burn`."""
        found = self.next_burns()[:_MOST_PICTURES]
        axes = sheet(len(found)) if found else []
        for ax, item in zip(axes, found, strict=True):
            outlook, series, spent = self.basis(item)
            plots.burn(item, bands.burned(item, spent, outlook, series=series), ax=ax)
        return shown(axes) if found else show.notes([_NO_BUDGET])

    def draw_limits(self) -> Shown:
        """Draw by when limits are exceeded; see `finops_lib.forecast.plots.saturation`."""
        found = [item for item in self.saturations if not isinstance(item, NoForecast)][:_MOST_PICTURES]
        axes = sheet(len(found)) if found else []
        for ax, item in zip(axes, found, strict=True):
            plots.saturation(item, ax=ax)
        return shown(axes) if found else show.notes([_NO_LIMIT])

    def draw_drivers(self) -> Shown:
        """Draw what drives the forecast; see `finops_lib.forecast.plots_drivers.waterfall`."""
        frame = self.drivers()
        if frame.empty:
            return show.notes([_NO_FORECAST])
        ax = plots.axes(height=4.8)
        return show.picture(plots_drivers.waterfall(frame, ax=ax, name="Total", unit=self.currency))

    def what_if(self) -> tuple[pd.DataFrame, Burn | None]:
        """What would change the answer of the budget that is the least certain, or of the whole without one.

        Returns
        -------
        tuple of DataFrame and Burn or None
            From `finops_lib.forecast.what_if.what_if`, without a row where nothing is known.
        """
        item, outlook, series = self.at_stake(), self.found.outlook, list(self.names)
        if item is not None:
            outlook, series, _ = self.basis(item)
        if outlook.parts is None or not series:
            return pd.DataFrame(), None
        if item is None:
            return what_if(outlook, outlook.parts, series=series, level=self.asked.level), None
        left = item.amount - item.spent
        asked: dict[str, Any] = {"steps": _steps(item), "budget_left": left, "level": self.asked.level}
        return what_if(outlook, outlook.parts, series=series, **asked), item

    def draw_what_if(self) -> Shown:
        """Draw what would change the answer; see `finops_lib.forecast.plots_drivers.what_if`."""
        frame, item = self.what_if()
        if frame.empty:
            return show.notes([_NO_FORECAST])
        left = None if item is None else item.amount - item.spent
        name = "Total" if item is None else called(item)
        ax = plots.axes(height=1.6 + 0.5 * len(frame))
        drawn = plots_drivers.what_if(frame, ax=ax, name=name, unit=self.currency, budget_left=left)
        return show.picture(drawn)

    def turning_point(self) -> BreakEven | None:
        """By how much must the rest of the least certain budget's period differ to turn its answer over."""
        item = self.at_stake()
        if item is None or item.period.end <= item.known_until:
            return None
        outlook, series, _ = self.basis(item)
        left = item.amount - item.spent
        return break_even(outlook, budget_left=left, series=series, steps=_steps(item))

    # What is said

    def answer(self) -> Shown:
        """Say what is to come, how good such forecasts were, and which budgets are at risk."""
        whole = self.answers[WHOLE]
        said = [coming(whole, before=self.before()), held(self.past, whole, self.against_run_rate(WHOLE))]
        burns = self.next_burns()[:_MOST_PICTURES]
        said += [f"{called(item)}: {item.verdict}." for item in burns] or [_NO_BUDGET]
        return show.notes(said)

    def show_turning_point(self) -> Shown:
        """Say how far the least certain budget is from the other answer."""
        item, found = self.at_stake(), self.turning_point()
        return show.notes([] if item is None or found is None else [f"{called(item)}: {found.verdict}."])

    def show_reliability(self) -> Shown:
        """Say what can be concluded from the replayed budgets."""
        return show.notes([f"Replayed budgets: {self.replays.verdict}."])

    def show_notes(self) -> Shown:
        """Say what must be known of the series behind the forecast."""
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

    def _asked(self) -> dict[str, Any]:
        return {
            "month": f"{self.cut.last:%Y-%m}",
            "currency": self.currency,
            "cost": self.desk.cost,
            "by": list(self.asked.by),
            "known_until": f"{self.cut.last:%Y-%m-%d}",
            "horizon_days": self.asked.horizon,
        }

    def _told(self) -> dict[str, Any]:
        months = [
            {"month": period.label, "spent": spent, "rest": _amount(rest), "whole": _amount(rest, more=spent)}
            for period, spent, rest in self.months
        ]
        return {
            "answer": short(self.answers[WHOLE]),
            "total": self._node(WHOLE),
            "teams": [self._team(node) for node in self.ranked(1)],
            "months": months,
            "budgets": [burn_json(item) for item in self.burns],
            "limits": [limit_json(item) for item in self.saturations],
            "past": {name: rounded(value, 4) for name, value in self.past.items()},
            "reliability": self.replays,
            "drivers": [{**row, "amount": rounded(row["amount"]), "share": rounded(row["share"], 4)}
                        for row in self.drivers().to_dict("records")],
            "changes": show.records(self.changes),
            "notes": self.noted(),
        }  # fmt: skip

    def _team(self, node: Node) -> dict[str, Any]:
        below = [part for part in self.ranked(2) if part[:1] == node] if len(self.asked.by) > 1 else []
        return self._node(node) | {"parts": [self._node(part, budget=False) for part in below]}

    def _node(self, node: Node, *, budget: bool = True) -> dict[str, Any]:
        name = self.cut.labels[node[-1]][-1] if len(node) > 1 else self.shown(node)
        more: dict[str, Any] = {"vs_run_rate": rounded(self.against_run_rate(node), 4)}
        if budget:
            more["budget"] = self._budget({self.asked.by[0]: node} if node else {})
        return node_json(name, self.answers[node], **more)

    def _budget(self, scope: Mapping[str, tuple[str, ...]]) -> dict[str, Any] | None:
        """Give the budget for just this scope whose period ends first; one that cannot be judged says why."""
        names = {item.name for item in self.watch.held if dict(item.scope) == dict(scope)}
        mine = [item for item in self.burns if isinstance(item, Burn) and item.budget in names]
        if mine:
            return burn_json(min(mine, key=lambda item: item.period.end))
        unjudged = (item for item in self.burns if isinstance(item, NoForecast) and item.path[0] in names)
        return next(map(burn_json, unjudged), None)


def _steps(item: Burn) -> range:
    """Number the days of the forecast that lie in a budget's period."""
    first, end = ((edge - item.known_until).days for edge in (item.period.start, item.period.end))
    return range(max(first, 0), end)


def _amount(found: Forecast | NoForecast, *, more: Any = None) -> dict[str, Any] | None:
    if isinstance(found, NoForecast):
        return None
    content = estimate_json(found.amount)
    if more is not None:
        whole = {end: getattr(found.amount, end) + more for end in ("low", "mid", "high")}
        content |= {end: str(cents(value, currency=found.amount.unit)) for end, value in whole.items()}
    return content

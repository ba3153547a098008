"""What the forecast is held against: budgets and capacity limits of versioned files, each with its series."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from finops_lib.cost.series import accrued, dense, used
from finops_lib.errors import QueryError, SettingsError
from finops_lib.forecast.budget import Burn, burn
from finops_lib.forecast.budget_file import Budget
from finops_lib.forecast.limit_file import Limit
from finops_lib.forecast.panel import Outlook, step_starts
from finops_lib.forecast.saturation import Saturation, saturation
from finops_lib.records import NoForecast
from finops_lib.run.cut import OTHER, Cut
from finops_lib.run.files import Files

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

_SERIES = ["series", "time", "value"]
_NOTHING_CHARGED = "nothing was charged in its scope"

Scope = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Watch:
    """Budgets and limits beside the series of a cut, and the further series that some of them need.

    ``days`` are forecast; ``money`` are the arguments ``cost``, ``currency`` and ``rates`` of `accrued`.
    """

    engine: Engine
    cut: Cut
    files: Files
    days: int
    money: Mapping[str, Any] = field(default_factory=dict)

    def groups(self, scope: Scope) -> Sequence[str] | None:
        """Which groups of the cut are just this scope.

        Parameters
        ----------
        scope : mapping
            Columns or ``tag:key`` to the values that count.

        Returns
        -------
        sequence of str or None
            None where it is no sum of groups, and needs a series of its own.
        """
        if not scope:
            return sorted({labels[0] for labels in self.cut.labels.values()})
        values = scope.get(self.cut.by[0], ())
        # what was folded together has a name that no line of the bill has
        return values if set(scope) == {self.cut.by[0]} and OTHER not in values else None

    def unseen(self) -> list[str]:
        """Which values of a scope has no charge, so that nothing is counted for them: a sentence each."""
        scopes = {f"Budget {item.name}": item.scope for item in self.held}
        scopes |= {f"Limit {item.name}": item.scope for item in self.files.limits if item.is_cost}
        said = []
        for name, scope in scopes.items():
            for column, values in scope.items():
                asked = {"by": column, "where": {column: values}, **self.money}
                charged = set(_naming(name, accrued)(self.engine, **asked)[column].astype(str))
                lost = [value for value in values if value not in charged]
                said += [f"{name}: no charge has {column} = {value!r}." for value in lost]
        return said

    @property
    def end(self) -> datetime:
        """The moment after the last day known, UTC."""
        return (self.cut.last + pd.Timedelta(days=1)).to_pydatetime().replace(tzinfo=UTC)

    @property
    def until(self) -> datetime:
        """The moment after the last day that is forecast, UTC."""
        return self.end + timedelta(days=self.days)

    @property
    def held(self) -> tuple[Budget, ...]:
        """The budgets that are in force at that moment or later in the forecast, in the order of the file."""
        return tuple(item for item in self.files.budgets if item.periods(self.end, self.until))

    def scopes(self) -> dict[str, Scope]:
        """Which further sums of cost are forecast: name of the series to its scope."""
        found = {self._series(item): item.scope for item in self.held if item.currency == self.currency}
        found |= {
            f"limit {item.name}": item.scope
            for item in self.files.limits
            if item.is_cost and item.unit == self.currency
        }
        return {name: scope for name, scope in found.items() if self.groups(scope) is None}

    @property
    def currency(self) -> str:
        """ISO 4217 code of the costs."""
        return str(self.money["currency"])

    def frame(self) -> pd.DataFrame:
        """Return ``series``, ``time`` and ``value`` of each further series, of cost and of use."""
        parts = [self._dense(self.spent(name, scope), name) for name, scope in self.scopes().items()]
        for item in self.files.limits:
            if not item.is_cost:
                name = f"limit {item.name}"
                days = _naming(name, used)(self.engine, unit=item.unit, where=item.scope)
                parts.append(self._dense(days, name, amount="quantity"))
        known = [part[_SERIES] for part in parts if part["value"].notna().any()]
        return pd.concat(known, ignore_index=True) if known else pd.DataFrame(columns=_SERIES)

    def _dense(self, days: pd.DataFrame, name: str, *, amount: str = "cost") -> pd.DataFrame:
        filled = dense(days, last=self.cut.last, delivered=self.cut.delivered, amount=amount)
        return filled.assign(series=name)

    def spent(self, name: str, scope: Scope) -> pd.DataFrame:
        """What was charged in a scope, exactly, by day.

        Parameters
        ----------
        name : str
            Whose scope it is, for errors.
        scope : mapping
            Columns or ``tag:key`` to the values that count.

        Returns
        -------
        DataFrame
            As `finops_lib.cost.series.accrued` gives it.

        Raises
        ------
        SettingsError
            The lake has no such column or tag.
        """
        return _naming(name, accrued)(self.engine, where=scope, **self.money)

    def burns(self, coherent: Outlook, beside: Outlook, *, level: float) -> list[Burn | NoForecast]:
        """Will each budget hold, in the period under way and in each further one that the forecast reaches.

        Parameters
        ----------
        coherent, beside : Outlook
            Of the series of the cut, and of the further ones.
        level : float
            Chance of the intervals.

        Returns
        -------
        list of Burn or NoForecast
            In the order of the file, and of time. A budget that cannot be judged in any period is there once.
        """
        return [one for item in self.held for one in self._burns(item, coherent, beside, level=level)]

    def _burns(
        self, item: Budget, coherent: Outlook, beside: Outlook, *, level: float
    ) -> list[Burn | NoForecast]:
        if item.currency != self.currency:
            return [NoForecast((item.name,), _other(item.currency, self.currency))]
        outlook, series, spent = self.basis_of(item, coherent, beside)
        if not series:
            return [NoForecast((item.name,), _NOTHING_CHARGED)]
        periods = item.periods(self.end, self.until)
        reached = [period for period in periods if period.end <= self.until]
        found = [
            burn(item, spent, outlook, currency=self.currency, series=series, period=period, level=level)
            for period in reached or periods[:1]
        ]
        judged = [one for one in found if isinstance(one, Burn)]
        return [*judged] if judged else [_within_reach(found[0])]

    def basis_of(
        self, item: Budget, coherent: Outlook, beside: Outlook
    ) -> tuple[Outlook, list[str], pd.DataFrame]:
        """Which outlook, which series of it, and which exact days a budget stands on.

        Parameters
        ----------
        item : Budget
            One of `held`.
        coherent, beside : Outlook
            Of the series of the cut, and of the further ones.

        Returns
        -------
        tuple of Outlook, list of str and DataFrame
            Series without a forecast included; days as `spent` gives them.
        """
        name = self._series(item)
        return *self.basis(name, self.groups(item.scope), coherent, beside), self.spent(name, item.scope)

    def _series(self, item: Budget) -> str:
        """Name the series of a budget's scope: entries of one name may differ in it."""
        first = next(one for one in self.held if one.name == item.name)
        same = dict(first.scope) == dict(item.scope)
        return f"budget {item.name}" if same else f"budget {item.name} from {item.valid_from:%Y-%m}"

    def basis(
        self, name: str, groups: Sequence[str] | None, coherent: Outlook, beside: Outlook
    ) -> tuple[Outlook, list[str]]:
        """Which outlook, and which series of it, tell of a budget or limit.

        Parameters
        ----------
        name : str
            Of its own series, if it has one.
        groups : sequence of str, optional
            From `groups`.
        coherent, beside : Outlook
            Of the series of the cut, and of the further ones.

        Returns
        -------
        tuple of Outlook and list of str
            Those without a forecast included.
        """
        if groups is not None:
            return coherent, self.cut.series_of(groups)
        return beside, [one for one in (*beside.panel.names, *beside.missing) if one == name]

    def saturations(self, coherent: Outlook, beside: Outlook) -> list[Saturation | NoForecast]:
        """When is each limit exceeded.

        Parameters
        ----------
        coherent, beside : Outlook
            Of the series of the cut, and of the further ones.

        Returns
        -------
        list of Saturation or NoForecast
            In the order of the file.
        """
        return [self._saturation(item, coherent, beside) for item in self.files.limits]

    def _saturation(self, item: Limit, coherent: Outlook, beside: Outlook) -> Saturation | NoForecast:
        if item.is_cost and item.unit != self.currency:
            return NoForecast((item.name,), _other(item.unit, self.currency))
        groups = self.groups(item.scope) if item.is_cost else None
        outlook, series = self.basis(f"limit {item.name}", groups, coherent, beside)
        if not series:
            return NoForecast((item.name,), _NOTHING_CHARGED)
        days = step_starts(self.end, step="day", first=0, count=outlook.mid.shape[1])
        weights = dict.fromkeys(series, 1.0)
        return saturation(outlook, name=item.name, limit=item.by_day(days), unit=item.unit, weights=weights)


def _within_reach(found: Burn | NoForecast) -> Burn | NoForecast:
    """Say what would reach a period whose end lies beyond the forecast."""
    if isinstance(found, NoForecast) and found.reason.startswith("the forecast ends"):
        return NoForecast(found.path, f"{found.reason}; a larger horizon_days reaches it")
    return found


def _other(own: str, report: str) -> str:
    return f"it is in {own}, this report in {report}"


def _naming(name: str, question: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """Let an error of the lake say whose scope it is about."""

    def asked(engine: Engine, **more: Any) -> pd.DataFrame:
        try:
            return question(engine, **more)
        except QueryError as error:
            raise SettingsError(f"{name}: {error.value}", error.rule, error.remedy) from error

    return asked

"""What the forecast is held against: budgets and capacity limits of versioned files, each with its series."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from finops_lib.cost.series import accrued, dense, used
from finops_lib.errors import QueryError, SettingsError
from finops_lib.forecast import budget_file, change_file, limit_file
from finops_lib.forecast.budget import Burn, burn
from finops_lib.forecast.budget_file import Budget
from finops_lib.forecast.change_file import Planned
from finops_lib.forecast.limit_file import Limit
from finops_lib.forecast.panel import Outlook, step_starts
from finops_lib.forecast.saturation import Saturation, saturation
from finops_lib.records import NoForecast
from finops_lib.run.cut import OTHER, Cut

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

_LARGEST = 5_000_000  # bytes of a file that people write
_SERIES = ["series", "time", "value"]
_NOTHING_CHARGED = "nothing was charged in its scope"


Scope = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Files:
    """What versioned files say beside the bill: budgets, limits and changes that are known to come."""

    budgets: tuple[Budget, ...] = ()
    limits: tuple[Limit, ...] = ()
    changes: tuple[Planned, ...] = ()

    @classmethod
    def read(cls, *, budget: str = "", limits: str = "", changes: str = "") -> Files:
        """What do these files say; an empty path is no file.

        Parameters
        ----------
        budget : str
            Path of a TOML or CSV file, see `finops_lib.forecast.budget_file`.
        limits, changes : str
            Paths of TOML files, see `finops_lib.forecast.limit_file` and `finops_lib.forecast.change_file`.

        Returns
        -------
        Files

        Raises
        ------
        SettingsError
            A file cannot be read, or breaks its own rules.
        """
        return cls(
            _parsed(budget, "budgets", budget_file.parse),
            _parsed(limits, "limits", limit_file.parse),
            _parsed(changes, "changes", change_file.parse),
        )


def _parsed(path: str, kind: str, parse: Callable[..., tuple[Any, ...]]) -> tuple[Any, ...]:
    if not path:
        return ()
    file = Path(path)
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ValueError(f"more than {_LARGEST:,} bytes")
        text = content.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or str(error)
        raise SettingsError(
            f"{kind} file {path[:200]!r}: {told}",
            "it is a UTF-8 text file that can be read",
            "check the path",
        ) from error
    return parse(text, name=file.name)


@dataclass(frozen=True)
class Watch:
    """Budgets and limits beside the series of a cut, and the further series that some of them need.

    ``money`` are the arguments ``cost``, ``currency`` and ``rates`` of `accrued`.
    """

    engine: Engine
    cut: Cut
    files: Files
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
    def held(self) -> tuple[Budget, ...]:
        """The budgets that are in force at that moment, in the order of the file."""
        return tuple(item for item in self.files.budgets if item.period_at(self.end) is not None)

    def scopes(self) -> dict[str, Scope]:
        """Which further sums of cost are forecast: name of the series to its scope."""
        found = {f"budget {item.name}": item.scope for item in self.held if item.currency == self.currency}
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
        """Will each budget hold that is in force now.

        Parameters
        ----------
        coherent, beside : Outlook
            Of the series of the cut, and of the further ones.
        level : float
            Chance of the intervals.

        Returns
        -------
        list of Burn or NoForecast
            In the order of the file.
        """
        return [self._burn(item, coherent, beside, level=level) for item in self.held]

    def _burn(self, item: Budget, coherent: Outlook, beside: Outlook, *, level: float) -> Burn | NoForecast:
        name = f"budget {item.name}"
        if item.currency != self.currency:
            return NoForecast((item.name,), _other(item.currency, self.currency))
        outlook, series = self.basis(name, self.groups(item.scope), coherent, beside)
        if not series:
            return NoForecast((item.name,), _NOTHING_CHARGED)
        spent = self.spent(name, item.scope)
        found = burn(item, spent, outlook, currency=self.currency, series=series, level=level)
        if isinstance(found, NoForecast) and found.reason.startswith("the forecast ends"):
            return NoForecast(found.path, f"{found.reason}; a larger horizon_days reaches it")
        return found

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

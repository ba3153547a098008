"""What is not known for certain: estimates and forecasts with their intervals, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Self

from finops_lib.records.core import Period, Record, content_id


@dataclass(frozen=True)
class Estimate(Record):
    """A number that is not known: from ``low`` to ``high`` with chance ``level``, and ``mid`` between them.

    ``level`` lies between 0 and 1 and is not in it; ``unit`` is an ISO 4217 code for money, else the name of
    a unit such as ``GiB``.

    Examples
    --------
    >>> Estimate(Decimal(90), Decimal(100), Decimal(120), 0.8, "EUR").to_json()["high"]
    '120'
    """

    low: Decimal
    mid: Decimal
    high: Decimal
    level: float
    unit: str

    def __post_init__(self) -> None:
        if not all(part.is_finite() for part in (self.low, self.mid, self.high)):
            raise ValueError(f"estimate {self.low}, {self.mid}, {self.high}: each of the three is a number")
        if not self.low <= self.mid <= self.high:
            raise ValueError(f"estimate {self.low}, {self.mid}, {self.high}: mid lies between low and high")
        if not 0 < self.level < 1:
            raise ValueError(f"level {self.level}: it lies between 0 and 1, as 0.8")

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read an estimate back from what `to_json` gave.

        Parameters
        ----------
        found : mapping
            Decimals as strings.

        Returns
        -------
        Estimate
        """
        ends = {name: Decimal(found[name]) for name in ("low", "mid", "high")}
        return cls(**{**found, **ends})


@dataclass(frozen=True)
class NoForecast(Record):
    """A part of the whole that could not be forecast, and why.

    ``path`` leads from the whole, which has the empty path, to this part.

    Examples
    --------
    >>> NoForecast(("web", "new service"), "three days of history").to_json()["path"]
    ['web', 'new service']
    """

    path: tuple[str, ...]
    reason: str

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read it back from what `to_json` gave.

        Parameters
        ----------
        found : mapping
            ``path`` as a list of texts.

        Returns
        -------
        NoForecast
        """
        return cls(tuple(found["path"]), found["reason"])


@dataclass(frozen=True)
class Forecast(Record):
    """What a part of the whole will come to in a period, and how good such forecasts were before.

    ``path`` leads from the whole, which has the empty path, to this part. ``coverage_backtest`` is the
    share of past outcomes within the interval (0 to 1), ``mase`` the mean absolute scaled error,
    ``vs_seasonal_naive`` the error over that of seasonal naive (below 1 is better); None was not measured.
    ``without`` names what belongs to the part and is not in ``amount``, because it has no forecast.
    ``period`` is None for series that know no calendar.

    Examples
    --------
    >>> july = Period.month("2026-07")
    >>> amount = Estimate(Decimal(90), Decimal(100), Decimal(120), 0.8, "EUR")
    >>> Forecast(("web",), july, amount, "wls_variance").to_json()["period"]["end"]
    '2026-08-01T00:00:00Z'
    """

    path: tuple[str, ...]
    period: Period | None
    amount: Estimate
    method: str
    coverage_backtest: float | None = None
    mase: float | None = None
    vs_seasonal_naive: float | None = None
    without: tuple[NoForecast, ...] = ()

    def __post_init__(self) -> None:
        measured = (self.coverage_backtest, self.mase, self.vs_seasonal_naive)
        if not all(value is None or isfinite(value) for value in measured):
            raise ValueError(f"measures {measured}: what was not measured is None")

    @property
    def id(self) -> str:
        """16 hexadecimal digits of its content: the same forecast has the same id."""
        return content_id(self.to_json())

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read a forecast back from what `to_json` gave.

        Parameters
        ----------
        found : mapping
            Decimals as strings, times in ISO 8601.

        Returns
        -------
        Forecast
        """
        fields = {**found, "path": tuple(found["path"]), "amount": Estimate.from_json(found["amount"])}
        fields["without"] = tuple(NoForecast.from_json(part) for part in found.get("without", ()))
        if found["period"] is not None:
            ends = (datetime.fromisoformat(found["period"][name]) for name in ("start", "end"))
            fields["period"] = Period(*ends)
        return cls(**fields)

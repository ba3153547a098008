"""What does the use of one's own OpenShift cluster cost: the cost model, as cost management exports it.

A cost model is a JSON object with ``rates``. Each rate names a ``metric`` and has ``tiered_rates`` (one price
without limits), or ``tag_rates``: a price for each value of a tag, and where one is marked ``default``, that
price for every other value of the same tag. What does not carry the tag has no such price. Prices of one
metric add up, whatever their ``cost_type``.

Source: Koku, ``docs/architecture/cost-models.md`` and ``koku/api/metrics/constants.py`` (names of metrics).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Context, Decimal
from pathlib import Path
from typing import Any

from finops_lib.billing import focus
from finops_lib.billing.cells import EXACT, rounded
from finops_lib.billing.formats.openshift.labels import label_key
from finops_lib.billing.rates_onprem import document, number
from finops_lib.errors import SettingsError

WORKING = Context(prec=60, rounding=ROUND_DOWN)
METRICS = (
    "cluster_core_cost_per_hour",
    "cluster_cost_per_hour",
    "cluster_cost_per_month",
    "cpu_core_effective_usage_per_hour",
    "cpu_core_request_per_hour",
    "cpu_core_usage_per_hour",
    "gpu_cost_per_month",
    "memory_gb_effective_usage_per_hour",
    "memory_gb_request_per_hour",
    "memory_gb_usage_per_hour",
    "node_core_cost_per_hour",
    "node_core_cost_per_month",
    "node_cost_per_month",
    "project_per_month",
    "pvc_cost_per_month",
    "storage_gb_request_per_month",
    "storage_gb_usage_per_month",
    "vm_core_cost_per_hour",
    "vm_core_cost_per_month",
    "vm_cost_per_hour",
    "vm_cost_per_month",
)
_MONTH_AND_MORE = timedelta(days=32)


@dataclass(frozen=True)
class Price:
    """What one unit of ``metric`` costs: ``flat``, or by the value of the tag ``key``.

    ``default`` is the price of values that are not listed; None where there is none.
    """

    metric: str
    flat: Decimal | None = None
    key: str = ""
    by_value: Mapping[str, Decimal] | None = None
    default: Decimal | None = None

    def of(self, labels: Mapping[str, str]) -> Decimal:
        """Return the price for something with these labels.

        Parameters
        ----------
        labels : mapping of str to str
            By ``label_key``.

        Returns
        -------
        Decimal
            Zero where the labels lack the key, or its value has no price.
        """
        if self.flat is not None:
            return self.flat
        if label_key(self.key) not in labels:
            return Decimal(0)
        return (self.by_value or {}).get(labels[label_key(self.key)], self.default) or Decimal(0)


@dataclass(frozen=True)
class CostModel:
    """All prices of one model, in one ``currency``; ``distribution`` is ``cpu`` or ``memory``."""

    name: str
    currency: str
    distribution: str
    prices: tuple[Price, ...]

    @classmethod
    def load(cls, path: Path) -> CostModel:
        """Which prices does this file state.

        Parameters
        ----------
        path : Path
            JSON as the module says.

        Returns
        -------
        CostModel

        Raises
        ------
        SettingsError
            It is no cost model, names an unknown metric, prices by tiers of use, or mixes currencies.
        """
        found, where = document(path), f"cost model {path.name}"
        rates = found.get("rates") if isinstance(found, dict) else None
        if not (isinstance(rates, list) and rates):
            raise SettingsError(where, "a cost model has a list of rates", "export the cost model as JSON")
        read = [_prices(rate, f"{where}, rate {place}") for place, rate in enumerate(rates, start=1)]
        currencies = sorted({unit for _, units in read for unit in units})
        if len(currencies) > 1:
            raise SettingsError(
                f"{where}: {' and '.join(currencies)}", "its prices are in one currency", "split the model"
            )
        prices = tuple(price for some, _ in read for price in some)
        return cls(path.name, currencies[0], _distribution(found, where), prices)

    def has(self, *metrics: str) -> bool:
        """Say whether the model prices one of these metrics.

        Parameters
        ----------
        *metrics : str
            Some of ``METRICS``.

        Returns
        -------
        bool
        """
        return any(price.metric in metrics for price in self.prices)

    def price(self, metric: str, labels: Mapping[str, str]) -> Decimal:
        """What does one unit cost for something with these labels.

        Parameters
        ----------
        metric : str
            One of ``METRICS``.
        labels : mapping of str to str
            By ``label_key``.

        Returns
        -------
        Decimal
            In the model's currency; zero where nothing is priced.

        Examples
        --------
        >>> by_app = Price("pvc_cost_per_month", key="app", by_value={"web": Decimal(3)}, default=Decimal(1))
        >>> model = CostModel("m", "EUR", "cpu", (Price("pvc_cost_per_month", Decimal(2)), by_app))
        >>> [model.price("pvc_cost_per_month", {"app": name}) for name in ("web", "api")]
        [Decimal('5'), Decimal('3')]
        >>> model.price("pvc_cost_per_month", {})
        Decimal('2')
        """
        found = [price.of(labels) for price in self.prices if price.metric == metric]
        return sum(found, Decimal(0))

    def unpriced(self, priced: Sequence[str]) -> list[str]:
        """Which metrics of the model are not among these.

        Parameters
        ----------
        priced : sequence of str
            Metrics that a reader can price.

        Returns
        -------
        list of str
            By name, each once.
        """
        return sorted({price.metric for price in self.prices} - set(priced))


def _distribution(found: Mapping[str, Any], where: str) -> str:
    info = found.get("distribution_info")
    nested = info.get("distribution_type") if isinstance(info, dict) else None
    said = found.get("distribution") or nested or "cpu"
    if said not in {"cpu", "memory"}:
        raise SettingsError(
            f"{where}: distribution {str(said)[:80]!r}", "it is cpu or memory", "correct the model"
        )
    return str(said)


def _prices(rate: Any, where: str) -> tuple[list[Price], set[str]]:
    """Read one rate: its prices and their currencies."""
    rate = rate if isinstance(rate, dict) else {}
    metric = rate.get("metric")
    name = metric.get("name") if isinstance(metric, dict) else metric
    if name not in METRICS:
        raise SettingsError(
            f"{where}: metric {str(name)[:80]!r}",
            f"a metric is one of {', '.join(METRICS)}",
            "correct its name",
        )
    tiers, tags = _list(rate.get("tiered_rates")), _list(rate.get("tag_rates"))
    if len(tiers) + len(tags) == 0 or len(tiers) > 1 or any(_limits(tier) for tier in tiers):
        raise SettingsError(
            f"{where}: {name}, {len(tiers)} tiers",
            "a rate has one price without limits, or prices by tag: tiers need the use of a whole month",
            "write one price",
        )
    found = [Price(str(name), flat=_value(tier, where)) for tier in tiers]
    found += [_by_tag(str(name), tag, where) for tag in tags]
    units = {_unit(item, where) for item in (*tiers, *(one for tag in tags for one in _values(tag)))}
    return found, units


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found] if isinstance(found, dict) and found else []


def _limits(tier: Any) -> bool:
    usage = tier.get("usage") if isinstance(tier, dict) else None
    held = {**(usage if isinstance(usage, dict) else {}), **(tier if isinstance(tier, dict) else {})}
    return bool(held.get("usage_start")) or held.get("usage_end") is not None


def _values(tag: Any) -> list[Any]:
    return _list(tag.get("tag_values")) if isinstance(tag, dict) else []


def _by_tag(metric: str, tag: Any, where: str) -> Price:
    key, values = tag.get("tag_key") if isinstance(tag, dict) else None, _values(tag)
    named = [item.get("tag_value") for item in values if isinstance(item, dict)]
    defaults = [item for item in values if isinstance(item, dict) and item.get("default") is True]
    if not (key and values) or len(set(map(str, named))) < len(values) or len(defaults) > 1:
        raise SettingsError(
            f"{where}: {metric} by tag {str(key)[:80]!r}",
            "a price by tag has a tag_key and tag_values, each value once, one of them the default",
            "correct the rate",
        )
    prices = {str(item["tag_value"]): _value(item, where) for item in values}
    default = _value(defaults[0], where) if defaults else None
    return Price(metric, key=str(key), by_value=prices, default=default)


def _value(item: Any, where: str) -> Decimal:
    return number(item.get("value") if isinstance(item, dict) else None, where)


def _unit(item: Any, where: str) -> str:
    unit = str(item.get("unit") if isinstance(item, dict) else None)
    if not focus.is_currency(unit):
        raise SettingsError(f"{where}: unit {unit[:80]!r}", "a price has an ISO 4217 currency", "name it")
    return unit


def cost_of_span(month_rate: Decimal, *, start: datetime, end: datetime) -> Decimal:
    """How much of a monthly price falls on this span, by its share of each month's seconds.

    Spans that follow one another add up to the price of the month exactly: each ends at the amount, rounded
    to the 20 decimals of the lake, at which the next one starts.

    Parameters
    ----------
    month_rate : Decimal
        Price of a calendar month.
    start, end : datetime
        Half-open, in UTC.

    Returns
    -------
    Decimal
        In the currency of the price.

    Examples
    --------
    >>> noon = datetime(2026, 4, 1, 12, tzinfo=UTC)
    >>> cost_of_span(Decimal(720), start=noon, end=noon.replace(hour=13)) == 1
    True
    """
    total, month = Decimal(0), datetime(start.year, start.month, 1, tzinfo=UTC)
    while month < end:
        after = (month + _MONTH_AND_MORE).replace(day=1)
        until = _due(month_rate, month, after, min(end, after))
        since = _due(month_rate, month, after, max(start, month))
        total = EXACT.add(total, EXACT.subtract(until, since))
        month = after
    return total


def _due(rate: Decimal, month: datetime, after: datetime, moment: datetime) -> Decimal:
    seconds = Decimal((moment - month).total_seconds())
    whole = Decimal((after - month).total_seconds())
    return rounded(WORKING.divide(WORKING.multiply(rate, seconds), whole))

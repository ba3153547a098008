"""What does one customer, request, token or GPU hour cost: what was spent over how many there were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import pandas as pd

from finops_lib.cost.exact import NONE, share, total
from finops_lib.cost.spend import refuse_mixture
from finops_lib.errors import QueryError

GRAINS = {
    "day": "D",
    "week": "W-SUN",
    "month": "M",
    "quarter": "Q",
    "year": "Y",
}  # of spend, to those of pandas
COMBINED = ("sum", "mean")
_LONGEST = 100  # digits of a quantity

Sums = dict[tuple[object, ...], Decimal | None]


def unit_costs(
    costs: pd.DataFrame,
    metrics: pd.DataFrame,
    *,
    metric: str,
    by: Sequence[str] = (),
    grain: str = "month",
    combined: str = "sum",
) -> pd.DataFrame:
    """What does one unit of this metric cost, in each group and time.

    Parameters
    ----------
    costs : DataFrame
        From `spend`: the columns of ``by``, ``BillingCurrency``, ``cost`` and perhaps ``time``.
    metrics : DataFrame
        ``metric``, ``value`` (a count or quantity of at least zero), the columns of ``by``, and ``time``
        (UTC where it names no zone) if the costs have it.
    metric : str
        Which metric, for example ``requests``.
    by : sequence of str
        Columns that both have.
    grain : str
        That of the costs, as in `spend`: a metric's times are brought to it.
    combined : str
        ``sum`` for what flows (requests, tokens, hours), ``mean`` for what stands (customers, seats).

    Returns
    -------
    DataFrame
        ``time`` (if there is one), the columns of ``by``, ``BillingCurrency``, ``Cost``, ``Units``,
        ``UnitCost`` (money for one unit) and ``State``: ``known``, ``no cost``, ``no units`` (none told, or
        none at all) or ``unreadable units``; what is not known is None. Each key of either side has a row.

    Raises
    ------
    QueryError
        A column is missing, or a metric's time is none.
    CurrencyError
        The costs are in several currencies.

    Examples
    --------
    >>> costs = pd.DataFrame({"BillingCurrency": ["USD"], "cost": [Decimal(30)]})
    >>> metrics = pd.DataFrame({"metric": ["requests"], "value": [1200]})
    >>> str(unit_costs(costs, metrics, metric="requests")["UnitCost"].iloc[0])
    '0.025'
    """
    if combined not in COMBINED or grain not in GRAINS:
        raise ValueError(f"combined {combined!r}, grain {grain!r}: {', '.join((*COMBINED, *GRAINS))}")
    keys = [*(["time"] if "time" in costs else []), *by]
    _refuse_lost(costs, [*keys, "BillingCurrency", "cost"], "costs")
    _refuse_lost(metrics, [*keys, "metric", "value"], "metrics")
    refuse_mixture(costs)
    currency = costs["BillingCurrency"].iloc[0] if len(costs) else NONE
    told = metrics[metrics["metric"] == metric]
    told = told.assign(time=_times(told["time"], grain)) if "time" in keys else told
    money_of = _gathered(costs, keys, "cost", "sum")
    units_of = _gathered(told, keys, "value", combined)
    lines = []
    for key in sorted({*money_of, *units_of}, key=lambda key: tuple(map(str, key))):
        cost, units = money_of.get(key), units_of.get(key)
        lines.append((*key, currency, _known(cost), _units(units), *_divided(cost, units)))
    columns = [*keys, "BillingCurrency", "Cost", "Units", "UnitCost", "State"]
    return pd.DataFrame(lines, columns=columns, dtype=object)


def _refuse_lost(frame: pd.DataFrame, names: Sequence[str], what: str) -> None:
    lost = [name for name in names if name not in frame]
    if lost:
        raise QueryError(f"{what} without {', '.join(lost)}", f"{what} have {', '.join(names)}", "add it")


def _times(values: pd.Series, grain: str) -> pd.Series:
    moments = pd.to_datetime(values, utc=True, errors="coerce", format="ISO8601")
    if moments.isna().any():
        bad = str(values[moments.isna()].iloc[0])[:80]
        raise QueryError(f"time {bad!r} of a metric", "a time is written as in ISO 8601", "correct it")
    starts = moments.dt.tz_localize(None).dt.to_period(GRAINS[grain]).dt.start_time
    return starts.astype("datetime64[us]")


def _gathered(frame: pd.DataFrame, keys: Sequence[str], name: str, combined: str) -> Sums:
    """Combine by key; one value that is no number makes NaN, and no value at all None."""
    found: dict[tuple[object, ...], list[Decimal]] = {}
    for *key, value in frame[[*keys, name]].itertuples(index=False):
        number = _number(value)
        found.setdefault(tuple(key), []).extend([] if number is None else [number])
    return {key: _one(values, combined) for key, values in found.items()}


def _one(values: Iterable[Decimal], combined: str) -> Decimal | None:
    listed = list(values)
    if any(value.is_nan() for value in listed):
        return Decimal("NaN")
    return total(listed) if combined == "sum" else share(total(listed), Decimal(len(listed)))


def _number(value: object) -> Decimal | None:
    """Read a value; None is none, and what is no number is NaN."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    try:
        found = Decimal(str(value).replace("_", "x"))
    except ArithmeticError:
        return Decimal("NaN")
    return found if found.is_finite() and abs(found.adjusted()) <= _LONGEST else Decimal("NaN")


def _known(amount: Decimal | None) -> Decimal | None:
    return None if amount is None or amount.is_nan() else amount


def _units(amount: Decimal | None) -> Decimal | None:
    return None if amount is None or amount.is_nan() or amount < 0 else amount


def _divided(cost: Decimal | None, units: Decimal | None) -> tuple[Decimal | None, str]:
    if units is not None and _units(units) is None:
        return None, "unreadable units"
    if not units:
        return None, "no units"
    if cost is None or cost.is_nan():
        return None, "no cost"
    return share(cost, units), "known"

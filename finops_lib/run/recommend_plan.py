"""One plan for a lake: what changed resources cost in each hour, the commitments over them, and the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pandas as pd

from finops_lib.billing.engine import Engine
from finops_lib.cost.exact import label
from finops_lib.errors import QueryError
from finops_lib.optimize.commitments.demand import WEEK_HOURS, Demand, demand, eligible
from finops_lib.optimize.plan_changes import NO_SCOPES, Joint, Row, Scopes, joint
from finops_lib.optimize.plan_estate import MONTH_HOURS
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import Period, Recommendation
from finops_lib.run.recommend_world import World
from finops_lib.usage.join import key_of

_BESIDE = ("ResourceId", "SkuMeter")
_DAY_HOURS = 24


@dataclass(frozen=True)
class Terms:
    """What commitments cover today and would save, by scope, in one currency; ``by`` names its columns."""

    by: tuple[str, ...]
    held: Mapping[str, float]
    discount: Mapping[str, float]


def planned(
    engine: Engine, world: World, changes: Sequence[Recommendation], *, terms: Mapping[str, Terms]
) -> dict[str, Joint]:
    """Which changes go together, by currency.

    Parameters
    ----------
    engine : Engine
        The open lake.
    world : World
        What is known of the resources.
    changes : sequence of Recommendation
        Each priced as if it were the only one.
    terms : mapping of str to Terms
        By currency; none where no commitment is known.

    Returns
    -------
    dict of str to Joint
        A key for each currency of the changes and of the terms.
    """
    found = {}
    for currency in sorted({one.saving_month.unit for one in changes} | set(terms)):
        mine = [one for one in changes if one.saving_month.unit == currency]
        rows: dict[str, Row] = {}
        scopes = NO_SCOPES
        if currency in terms:
            rows, scopes = _scoped(engine, world, mine, terms[currency], currency)
        hours = next((len(row.use) for row in rows.values()), None) or _hours(scopes)
        plain = {one.resource: _plain(world, one, hours) for one in mine if one.resource not in rows}
        found[currency] = joint(mine, {**plain, **rows}, scopes=scopes)
    return found


def _hours(scopes: Scopes) -> int:
    return next((len(use) for use in scopes.rest.values()), WEEK_HOURS)


def _plain(world: World, change: Recommendation, hours: int) -> Row:
    """Spread what it cost evenly: no commitment is known that covers it."""
    month = _own_month(world, change)
    return Row(np.full(hours, month / MONTH_HOURS), "", month)


def _own_month(world: World, change: Recommendation) -> float:
    paid = world.paid(key_of(change.resource))
    if paid is None:
        raise ValueError(f"{change.resource!r}: a change has a cost that it is priced at")
    return float(paid.month)


def _scoped(
    engine: Engine, world: World, changes: Sequence[Recommendation], terms: Terms, currency: str
) -> tuple[dict[str, Row], Scopes]:
    """Lay out the use of scopes with commitments: a row for each changed resource, and the rest together."""
    lines = _lines(engine, world, terms, currency)
    if lines.empty:
        return {}, NO_SCOPES
    meters = {
        key_of(one.resource): (one.resource, label(told.meter, name="SkuMeter"))
        for one in changes
        if (told := world.billed.get(key_of(one.resource))) is not None
    }
    named = [
        _named(world, meters, str(resource), str(meter)) for resource, meter in lines[list(_BESIDE)].values
    ]
    parts = pd.Series(named, index=lines.index, dtype=object).fillna("")
    labels = [f"{scope}\x00{name}" for scope, name in zip(lines["scope"], parts, strict=True)]
    whole = _weeks(demand(lines.assign(scope=labels)))
    rows: dict[str, Row] = {}
    rest = {scope: np.zeros(whole.use.shape[1] * whole.step_hours) for scope in sorted(set(lines["scope"]))}
    months = {one.resource: _own_month(world, one) for one in changes}
    for text, use in zip(whole.scopes, whole.use, strict=True):
        scope, name = text.split("\x00")
        hourly = np.repeat(use, whole.step_hours)
        if name and name not in rows:
            rows[name] = Row(hourly, scope, months[name])
        else:
            rest[scope] = rest[scope] + hourly
    first = whole.start.weekday() * _DAY_HOURS + whole.start.hour
    return rows, Scopes(rest, terms.held, terms.discount, first)


def _lines(engine: Engine, world: World, terms: Terms, currency: str) -> pd.DataFrame:
    """Ask for the whole days of the window; no line where no scope of the terms was used."""
    if not world.complete:
        return pd.DataFrame()
    start, end = (datetime.combine(day, time(), UTC) for day in (world.complete[0], world.complete[-1]))
    period = Period(start, end + timedelta(days=1))
    try:
        lines = eligible(engine, by=terms.by, period=period, currency=currency, beside=_BESIDE)
    except QueryError:
        return pd.DataFrame()
    return lines[lines["scope"].isin({*terms.held, *terms.discount})]


def _named(world: World, meters: Mapping[str, tuple[str, str]], resource: str, meter: str) -> str | None:
    """Name the changed resource that this line is the leading meter of."""
    key = key_of(resource)
    name, leading = meters.get(world.used.later.get(key, key), ("", ""))
    return name if name and meter == leading else None


def _weeks(found: Demand) -> Demand:
    """Keep whole weeks, the newest; before its first charge a resource was not there."""
    use: FloatArray = np.nan_to_num(found.use)
    count = use.shape[1] // found.week
    if not count:
        return replace(found, use=use)
    kept = count * found.week
    skipped = use.shape[1] - kept
    start = found.start + timedelta(hours=skipped * found.step_hours)
    return replace(found, use=use[:, skipped:], start=start)

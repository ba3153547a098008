"""What is odd in the costs of each day, in every part and every sum of a hierarchy: the one way in.

`watch` takes the days that are new, late or restated, and a state that it kept; it answers with all anomalies
of the days that it remembers. A day is scored from the days before it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from finops_lib.anomaly.births import births
from finops_lib.anomaly.calendar import PLAIN_DAY, day_kinds
from finops_lib.anomaly.discovery import Budget, step_up, weights
from finops_lib.anomaly.grid import Path, labels_of, slab
from finops_lib.anomaly.kinds import INTERVAL, Event, events
from finops_lib.anomaly.lumps import now_and_then
from finops_lib.anomaly.notes import judged_not, revised, told_name
from finops_lib.anomaly.pauses import Pause, paused_mask
from finops_lib.anomaly.scores import DayKind, pooled, score_day
from finops_lib.anomaly.state import State
from finops_lib.errors import CurrencyError, QueryError
from finops_lib.records import Anomaly, Cause, Estimate
from finops_lib.units import cents

IntArray = npt.NDArray[np.int64]
Causes = Callable[[Anomaly], tuple[Cause, ...]]

_WIDE = 0.25  # share of all parts from which on a sum makes the common move itself
_RECENT_DAYS = 28  # whose spend says how much of the error a series may use
_ONGOING_DAYS = 3  # an event goes on over so many usual days


@dataclass(frozen=True)
class Settings:
    """What is worth telling.

    Parameters
    ----------
    level : float
        Share of what is told that may be false, 0 to 1.
    floor : Decimal
        Money an anomaly holds at least, in the currency of the frame.
    country : str, optional
        ISO 3166 code whose public holidays are known.
    any_dependence : bool
        Hold the level however the series hang together; finds less.
    thresholds : mapping of str to float
        Team to the p-value above which it hears nothing, from `labels.thresholds`; "" stands for all others.
    team : str
        The column of ``by`` that names the team.
    """

    level: float = 0.1
    floor: Decimal = Decimal(1)
    country: str | None = None
    any_dependence: bool = False
    thresholds: Mapping[str, float] = field(default_factory=dict)
    team: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise ValueError(f"level {self.level}: it lies between 0 and 1, as 0.1")
        if not self.floor >= 0:
            raise ValueError(f"floor {self.floor}: it is money at or above 0")


@dataclass(frozen=True)
class Watched:
    """The anomalies of the days that are remembered, newest first, and what a later call needs.

    ``notes`` has a row a series that was not judged on some days: ``Series`` (path in words), ``FirstDay``,
    ``LastDay`` and ``Reason``. ``revised`` says in words what was told before and is not any more.
    """

    anomalies: tuple[Anomaly, ...]
    state: State
    notes: pd.DataFrame
    revised: tuple[str, ...] = ()


def watch(
    frame: pd.DataFrame,
    *,
    by: Sequence[str],
    state: State | None = None,
    settings: Settings | None = None,
    paused: Sequence[Pause] = (),
    causes: Causes | None = None,
) -> Watched:
    """What is odd in these days, given what is remembered of those before.

    Parameters
    ----------
    frame : DataFrame
        Days of costs by part, as `cost.series.daily_series` gives them: the columns of ``by``, ``time``,
        ``value``, ``BillingCurrency``. A part without a row on a new day cost nothing on it; a day without
        any row is not known. A day that is known already is restated for the parts that have a row. A part
        with NaN is not known on that day.
    by : sequence of str
        Columns from the coarsest to the finest.
    state : State, optional
        From an earlier call; it is changed and handed on.
    settings : Settings, optional
        What is worth telling.
    paused : sequence of Pause
        Days and parts that are not to be trusted, as far back as is remembered: they are not judged, and
        nothing is learned from them.
    causes : callable, optional
        From an anomaly to the cells that its money lies in.

    Returns
    -------
    Watched

    Raises
    ------
    QueryError
        A column is missing, a value is no number, or the state is of other columns.
    CurrencyError
        The frame has several currencies, or another one than the state.

    Examples
    --------
    >>> days = pd.date_range("2026-01-01", periods=70)
    >>> frame = pd.DataFrame({"time": days, "team": "web", "value": [100.0 + day % 3 for day in range(70)]})
    >>> frame.loc[60, "value"] = 400.0
    >>> [whole, web] = watch(frame, by=["team"]).anomalies
    >>> web.kind, web.series, str(web.start.date()), web.cost_impact.mid.quantize(Decimal(1))
    ('spike', ('web',), '2026-03-02', Decimal('299'))
    """
    asked = settings or Settings()
    told = slab(frame, by=by)
    state = _fitting(state, tuple(by), told.currency, asked.level)
    columns, new_from = state.take(told)
    mask = paused_mask(paused, state)
    again = np.unique(
        np.concatenate([columns, np.flatnonzero(mask.any(axis=0)), np.array(state.paused, int)])
    )
    changed = _fill(state, again.astype(np.int64), mask)
    state.paused = tuple(int(column) for column in np.flatnonzero(mask.any(axis=0)))
    _score(state, changed, new_from, asked)
    found = tuple(_anomalies(state, asked, causes))
    otherwise = tuple(revised(state, found))
    state.told = tuple((one.kind, told_name(one)) for one in found)
    return Watched(found, state, judged_not(state, mask, paused), otherwise)


def _fitting(state: State | None, by: tuple[str, ...], currency: str, level: float) -> State:
    if state is None:
        return State(by, Budget(level), currency)
    if state.by != by:
        raise QueryError(f"columns {by}", f"the state is of {state.by}", "start without it")
    if currency and state.currency and state.currency != currency:
        raise CurrencyError(
            f"currency {currency}", f"the state is in {state.currency}", "start without it, or give rates"
        )
    state.currency = state.currency or currency
    return state


def _fill(state: State, columns: IntArray, mask: npt.NDArray[np.bool_]) -> IntArray:
    """Sum up the changed days; from which column on each series is to be scored again."""
    if not len(columns):
        return np.full(len(state.forest.nodes), state.days, dtype=np.int64)
    sums = state.forest.sums(state.parts[:, columns], state.begun_by(columns))
    sums = np.where(mask[:, columns], np.nan, sums)
    before = state.tracks.values[:, columns]
    other = ~((sums == before) | (np.isnan(sums) & np.isnan(before)))
    state.tracks.values[:, columns] = sums
    place = np.where(other.any(axis=1), other.argmax(axis=1), len(columns))
    lumps = _fill_lumps(state, int(columns.min()))
    return np.asarray(np.minimum(np.append(columns, state.days)[place], lumps))


def _fill_lumps(state: State, first: int) -> IntArray:
    """Sum up what parts cost that are charged now and then; from which column on that changed."""
    tracks = state.tracks
    later = np.arange(first, state.days)
    money = np.where(now_and_then(state.parts, first=first), state.parts[:, later], 0.0)
    lumps = np.nan_to_num(state.forest.sums(money, state.begun_by(later)))
    lumps[state.forest.own] = 0.0
    other = lumps != tracks.lumps[:, later]
    tracks.lumps[:, later] = lumps
    return np.where(other.any(axis=1), first + other.argmax(axis=1), state.days)


def _score(state: State, changed: IntArray, new_from: int, asked: Settings) -> None:
    """Score what is new for all series, and again what a restated day changes."""
    kinds = day_kinds(state.first, state.days, country=asked.country)
    depths, alone = state.forest.depths, state.forest.wide(_WIDE)
    for column in range(int(changed.min(initial=new_from)), state.days):
        kind = _day_kind(kinds, column)
        if column >= new_from:
            score_day(state.tracks, column, kind=kind, alone=alone)
            state.levels[column] = state.budget.today()
        elif len(rows := np.flatnonzero(changed <= column)):
            shared = pooled(state.tracks, column)
            part = state.tracks.rows(rows)
            score_day(part, column, kind=kind, alone=alone[rows], shared=shared)
            state.tracks.put(rows, part)
        found = _believe(state, column, depths, asked)
        if column >= new_from:
            state.budget = state.budget.after(float(state.levels[column]), found=found)


def _day_kind(kinds: npt.NDArray[np.int8], column: int) -> DayKind:
    if kinds[column] == PLAIN_DAY:
        return DayKind(np.zeros(0, dtype=np.int64))
    return DayKind(np.flatnonzero(kinds[:column] == kinds[column]), special=True)


def _believe(state: State, column: int, depths: IntArray, asked: Settings) -> int:
    """Mark the series that are odd on a day; how many of them are so newly, and hold money.

    Those that were odd just before go on on their own, and make it no easier for others to be believed.
    """
    tracks = state.tracks
    recent = np.abs(tracks.window(column, _RECENT_DAYS))
    money = np.where(np.isfinite(recent), recent, 0.0).sum(axis=1)
    p = tracks.notes["p_value"][:, column].astype(np.float64)
    level = float(state.levels[column])
    on = tracks.odd[:, max(column - _ONGOING_DAYS, 0) : column].any(axis=1)
    weight = weights(depths, money)
    fresh = step_up(np.where(on, np.nan, p), weight, level=level, any_dependence=asked.any_dependence)
    tracks.odd[:, column] = fresh | (on & (np.nan_to_num(p, nan=1.0) <= level))
    away = np.abs(tracks.values[:, column] - tracks.notes["mid"][:, column])
    return int((fresh & (away >= float(asked.floor))).sum())


def _anomalies(state: State, asked: Settings, causes: Causes | None) -> list[Anomaly]:
    tracks, paths = state.tracks, list(state.forest.nodes)
    found = []
    for row in np.flatnonzero(tracks.odd.any(axis=1)):
        seen = events(
            tracks.values[row], tracks.odd[row], tracks.notes["p_value"][row], tracks.notes["score"][row]
        )
        found += [_anomaly(state, paths[int(row)], event) for event in seen]
    found += [_anomaly(state, paths[row], event) for row, event in births(state)]
    worth = [one for one in found if abs(one.cost_impact.mid) >= asked.floor and _heard(one, asked)]
    worth.sort(key=lambda one: (-one.start.timestamp(), len(one.series), one.series))
    return [_with_causes(one, causes) for one in worth]


def _anomaly(state: State, path: Path, event: Event) -> Anomaly:
    start, end, known = (
        datetime.combine(state.day(column), time(), UTC)
        for column in (event.start, event.end, event.found + 1)
    )
    low, mid, high = (
        cents(Decimal(repr(round(float(amount), 6))), currency=state.currency)
        for amount in (event.low, event.mid, event.high)
    )
    money = Estimate(low, mid, high, INTERVAL, state.currency or "unknown")
    chance = min(max(event.p_value, 0.0), 1.0)
    labels = labels_of(path, state.by)
    return Anomaly(event.kind, path, labels, start, end, known, money, chance, evidence=event.evidence)


def _heard(one: Anomaly, asked: Settings) -> bool:
    team = one.labels.get(asked.team, "")
    limit = asked.thresholds.get(team, asked.thresholds.get("", 1.0))
    return one.p_value <= limit


def _with_causes(one: Anomaly, causes: Causes | None) -> Anomaly:
    if causes is None:
        return one
    fields = {name: getattr(one, name) for name in one.__dataclass_fields__}
    return Anomaly(**{**fields, "causes": causes(one)})

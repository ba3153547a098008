"""Where is it going: a mixture of models for each series, weighted by what each lost before."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from finops_lib.backtest import actuals, origins
from finops_lib.forecast.calendar import Calendar
from finops_lib.forecast.changes import Changes
from finops_lib.forecast.gates import filled
from finops_lib.forecast.kinds import notes, usable, usual_step
from finops_lib.forecast.models import Model, standard_models
from finops_lib.forecast.panel import FloatArray, Outlook, Panel
from finops_lib.forecast.parts import Parts
from finops_lib.forecast.replay import Past, Question, told
from finops_lib.forecast.shocks import moved, settled, steps_now, unsettled, without_spikes
from finops_lib.forecast.sparse import is_sparse

_LONGEST = 1500  # steps of history looked at
_ORIGINS = 14
_LEAST_ORIGINS = 6


def forecast(
    panel: Panel,
    *,
    horizon: int,
    models: Sequence[Model] | None = None,
    country: str | None = None,
    changes: pd.DataFrame | None = None,
    jobs: int = 1,
) -> Outlook:
    """Where is each series going, and how wrong was the same method before.

    Parameters
    ----------
    panel : Panel
        Series of one step, in their own units; gaps are filled from the past.
    horizon : int
        Steps ahead.
    models : sequence of Model, optional
        What is asked; the standard ones of that step else.
    country : str, optional
        ISO 3166 code whose public holidays may matter to daily series.
    changes : DataFrame, optional
        Known changes, as `changes.Changes.from_frame` reads them.
    jobs : int
        Threads; the answer does not depend on it.

    Returns
    -------
    Outlook
        The series without any value are named in ``missing``; what is unusual about others in ``notes``.

    Raises
    ------
    QueryError
        ``changes`` or ``country`` cannot be used.

    Examples
    --------
    >>> week = [5.0, 6.0, 7.0, 6.0, 5.0, 1.0, 1.0]
    >>> outlook = forecast(Panel(("a", "b"), (np.array(week * 8), np.array([])), "day", 7), horizon=7)
    >>> outlook.mid.round(6).tolist(), dict(outlook.missing)
    ([[5.0, 6.0, 7.0, 6.0, 5.0, 1.0, 1.0]], {'b': 'it has no value'})
    """
    if horizon < 1:
        raise ValueError(f"horizon {horizon}: at least one step")
    known, missing = usable(panel)
    if changes is not None and "series" in changes:  # what has no value has nothing that can change
        changes = changes[~changes["series"].isin(list(missing))]
    planned = Changes.from_frame(changes, panel=known)
    if not known.names:
        empty = np.zeros((0, horizon))
        return Outlook(known, empty, empty[None][:0], np.zeros(0), pd.DataFrame(), missing)
    history = planned.without(filled(known.aligned()[:, -_LONGEST:], season=known.season))
    steps, season = history.shape[1], known.season
    cuts = (0, *cuts_for(steps, horizon=horizon, season=season))
    now = Calendar.of(known, history, country=country, horizon=horizon)
    then = Calendar.of(known, _before(history, cuts[-1]), country=country, horizon=horizon)
    past = _past(known, history, now=now, then=then)
    asked = tuple(models or ()) or standard_models(
        step=known.step,
        season=season,
        series=len(history),
        length=steps - min(cuts[-1], steps // 2),
        horizon=horizon,
    )
    replay = told(past, Question(horizon, season, cuts, asked, jobs))
    added, factor = planned.ahead(horizon)
    usual = actuals(then.past, cuts=cuts[1:], horizon=horizon)
    unit = past.unit[:, None]
    floor = np.array([-np.inf if (series < 0).any() else 0.0 for series in known.values])[:, None]
    return dataclasses.replace(
        replay,
        mid=np.maximum((replay.mid * unit * now.future + added) * factor, floor),
        errors=replay.errors * unit * usual,
        stretch=factor if replay.stretch is None else replay.stretch * factor,
        scale=usual_step(history, season=season),
        parts=_parts(replay, unit=unit, calendar=now.future, added=added, factor=factor),
        missing=missing,
        notes=_joined(notes(known, history, sparse=past.sparse, steps=past.steps), replay.notes),
    )


def cuts_for(length: int, *, horizon: int, season: int) -> list[int]:
    """From which past moments is the forecast repeated: fourteen, half a horizon apart, where there is room.

    Where fewer than six whole horizons fit, origins nearer than a horizon are judged on the steps known.

    Parameters
    ----------
    length, horizon, season : int
        Steps of the longest series, steps ahead, and steps in a season.

    Examples
    --------
    >>> cuts_for(200, horizon=14, season=7)
    [14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91, 98, 105]
    >>> cuts_for(60, horizon=28, season=7)
    [4, 8, 12, 16, 20, 24, 28, 42]
    """
    least = min(2 * season, max(length // 4, 3))
    stride = max(horizon // 2, 1)
    whole = origins(length=length, horizon=horizon, stride=stride, count=_ORIGINS, history=least)
    if len(whole) >= _LEAST_ORIGINS:
        return whole
    near = {horizon * part // 7 for part in range(1, 7)} - {0}
    return sorted({cut for cut in near if cut <= length - least} | set(whole))


def _before(history: FloatArray, cut: int) -> FloatArray:
    """Blot out what the oldest origin does not know."""
    steps = history.shape[1]
    return np.where(np.arange(steps) < steps - cut, history, np.nan)


def _past(panel: Panel, history: FloatArray, *, now: Calendar, then: Calendar) -> Past:
    season = panel.season
    largest = np.where(np.isfinite(history), np.abs(history), 0.0).max(axis=1)
    unit = np.where(largest > 0, largest, 1.0)
    judged, plain = (calendar.without(history) / unit[:, None] for calendar in (then, now))
    sparse = is_sparse(judged, season=season)
    steady = ~sparse[:, None]
    learned = np.where(steady, without_spikes(judged, season=season), judged)
    same = np.array_equal(judged, plain, equal_nan=True)  # no day of the calendar was found to matter
    level = learned if same else np.where(steady, without_spikes(plain, season=season), plain)
    newest = [step for step in unsettled(level, season=season) if not sparse[step.series]]
    level = settled(level, newest, season=season)
    steps = [step for step in steps_now(level, season=season) if not sparse[step.series]]
    in_money = [
        dataclasses.replace(step, amount=step.amount * unit[step.series]) for step in (*steps, *newest)
    ]
    return Past(panel, judged, learned, moved(level, steps), unit, sparse, in_money)


def _joined(first: Mapping[str, str], second: Mapping[str, str]) -> Mapping[str, str]:
    """Put what two sides say of a series into one note."""
    names = [*first, *(name for name in second if name not in first)]
    said = {name: [side[name] for side in (first, second) if name in side] for name in names}
    return MappingProxyType({name: "; ".join(parts) for name, parts in said.items()})


def _parts(
    replay: Outlook, *, unit: FloatArray, calendar: FloatArray, added: FloatArray, factor: FloatArray
) -> Parts | None:
    """Give what the models said its unit back, and add what was made of it."""
    if replay.parts is None:
        return None
    said = replay.parts.said * unit
    return dataclasses.replace(replay.parts, said=said, calendar=calendar, added=added, factor=factor)

"""What was said at every origin, by weights that only older futures chose, and what is said now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from finops_lib.backtest import actuals, bias, mean_known
from finops_lib.forecast.gates import in_reach
from finops_lib.forecast.kinds import kinds, usual_step
from finops_lib.forecast.models import Model, Plain
from finops_lib.forecast.panel import FloatArray, Outlook, Panel
from finops_lib.forecast.parts import Parts
from finops_lib.forecast.shocks import Step
from finops_lib.forecast.simple import naive2
from finops_lib.forecast.sparse import SEASONS, mean_rate
from finops_lib.forecast.weights import Record, errors_of, mixed, replayed

_BASELINE = "seasonal_naive"
_RATE = "mean_rate"
ENSEMBLE = "ensemble"
_PANEL = 2.0  # futures that the panel's record counts for beside a series' own
_FEW = 30.0  # series: in a panel of so many, variants of a model share half a vote

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Past:
    """Which history is judged, learned from and led on: [series, steps], over each series' largest value.

    Parameters
    ----------
    panel : Panel
        The series.
    judged : ndarray
        What came, on plain days: what replays are held against.
    replayed : ndarray
        What replays learn from: without spikes.
    now : ndarray
        What the present forecast learns from: on the newest level, too.
    unit : ndarray
        [series]: what the values were divided by.
    sparse : ndarray of bool
        [series]: whether only the mean rate is asked.
    steps : list of Step
        Series that have just moved, in the series' unit.
    """

    panel: Panel
    judged: FloatArray
    replayed: FloatArray
    now: FloatArray
    unit: FloatArray
    sparse: BoolArray
    steps: list[Step]

    def stepped(self) -> BoolArray:
        """Say which series look different now than in the replays."""
        same = (self.now == self.replayed) | ~np.isfinite(self.now)
        return np.asarray(~same.all(axis=1))


@dataclass(frozen=True)
class Question:
    """What is asked: how far ahead, from which origins, of which models.

    Parameters
    ----------
    horizon, season : int
        Steps ahead, and steps in a season.
    cuts : tuple of int
        How many of the last steps each origin does not know; the first is 0, the present.
    models : tuple of Model
        Who is asked.
    jobs : int
        Threads.
    """

    horizon: int
    season: int
    cuts: tuple[int, ...]
    models: tuple[Model, ...]
    jobs: int

    def said(
        self, history: FloatArray, *, cuts: Sequence[int]
    ) -> tuple[dict[str, FloatArray], dict[str, float]]:
        """Ask each model, keep what it says in reach of the past, and give each of its variants a vote."""
        tables = Parallel(n_jobs=self.jobs, prefer="threads")(
            delayed(self._asked)(model, history, cuts) for model in self.models
        )
        recent = 2 * max(self.horizon, self.season)
        named = {name: table for found in tables for name, table in found.items()}
        # a panel of many series knows by itself which variants are good; the fewer, the more one vote counts
        few = _FEW / (_FEW + len(history))
        votes = {name: float(len(found) ** -few) for found in tables for name in found}
        kept = {name: in_reach(said, history, cuts=cuts, recent=recent) for name, said in named.items()}
        return kept, votes

    def _asked(self, model: Model, history: FloatArray, cuts: Sequence[int]) -> dict[str, FloatArray]:
        # one thread a model: threads that wait for one another on a busy machine cost far more than they save
        with threadpool_limits(limits=1):
            return model(history, horizon=self.horizon, season=self.season, cuts=cuts)


def told(past: Past, question: Question) -> Outlook:
    """What did the models say, how right were they, and where do they lead together.

    Parameters
    ----------
    past : Past
        The history.
    question : Question
        What is asked.

    Returns
    -------
    Outlook
        On plain days and over each series' largest value; no series is missing.
    """
    record = _record(past, question)
    baseline = record.names.index(_BASELINE) if _BASELINE in record.names else None
    replay, weight = replayed(record, baseline=baseline)
    replay[0] = np.where(np.isfinite(replay[0]), replay[0], _middle(record.forecasts[:, 0]))
    present = record.forecasts[:, 0].astype(float)
    other = past.stepped()
    if other.any():
        fresh = np.stack([table[0] for table in question.said(past.now, cuts=[0])[0].values()])
        present[: len(fresh), other] = fresh[:, other]
        replay[0, other] = mixed(present, weight)[other]
    naive = np.full_like(replay, np.nan) if baseline is None else record.forecasts[baseline].astype(float)
    alone = {_BASELINE: (_lost(record, replay, naive), naive), _RATE: _seldom(record, past.sparse)}
    for name, (where, table) in alone.items():  # one model speaks instead of the mixture
        table[0] = present[record.names.index(name)] if where.any() else table[0]
        replay = np.where(where[:, :, None] & np.isfinite(replay) & np.isfinite(table), table, replay)
        own = np.array([label == name for label in record.names], dtype=float)
        weight = np.where(where[0] & np.isfinite(table[0]).all(axis=1), own[:, None], weight)
    errors = record.actual[1:] - replay[1:]
    plain = np.ones_like(replay[0])
    return Outlook(
        past.panel,
        replay[0],
        errors,
        record.scale,
        _accuracy(record, replay, past.panel),
        {},
        notes=_repeated(past, alone[_BASELINE][0][0]),
        groups=kinds(past.judged, season=question.season, sparse=past.sparse, scale=record.scale),
        cuts=question.cuts[1:],
        stretch=np.tile(_doubt(errors, past, question.season)[:, None], question.horizon),
        parts=Parts(past.panel.names, record.names, present, weight, plain, 0.0 * plain, plain),
    )


def _record(past: Past, question: Question) -> Record:
    """Ask all models at all origins; the last of them, the mean rate, answers for sparse series alone."""
    cuts, asked = list(question.cuts), {"horizon": question.horizon, "season": question.season}
    said, votes = question.said(past.replayed, cuts=cuts)
    rate = Plain(_RATE, mean_rate, memory=SEASONS * question.season)
    seldom = rate(past.judged, **asked, cuts=cuts)[_RATE]
    said[_RATE] = np.where(past.sparse[:, None], seldom, np.nan)
    naive = Plain("naive2", naive2)(past.replayed, **asked, cuts=cuts)
    before = past.judged[:, : past.judged.shape[1] - cuts[-1]]
    early, whole = (usual_step(values, season=question.season) for values in (before, past.judged))
    scale = np.where(np.isfinite(before).any(axis=1), early, whole)
    return Record(
        tuple(said),
        np.stack([table.astype(np.float32) for table in said.values()]),
        actuals(past.judged, cuts=cuts, horizon=question.horizon),
        naive["naive2"],
        scale,
        question.cuts,
        np.array([votes.get(name, 1.0) for name in said]),
    )


def _lost(record: Record, replay: FloatArray, naive: FloatArray) -> BoolArray:
    """Say for each origin and series whether the mixture had lost to seasonal naive by then.

    As models are judged: by the series' own record, and by the panel's, which counts for two futures.
    """
    off = np.abs(np.stack([record.actual - replay, record.actual - naive]))
    off[:, ~np.isfinite(off).all(axis=0)] = np.nan
    lost = np.zeros(replay.shape[:2], dtype=bool)
    for origin, cut in enumerate(record.cuts):
        known = record.known_before(cut)
        if not known:
            continue
        ours, plain = (
            np.nansum([np.nansum(one[at, :, :steps], axis=1) for at, steps in known], axis=0) for one in off
        )
        past = [record.cuts[at] for at, _ in known]
        futures = (max(past) - min(past)) / record.actual.shape[2] + 1.0
        everyone = float((plain / record.scale).sum())
        pool = float((ours / record.scale).sum()) / everyone if everyone > 0 else 1.0
        lost[origin] = (ours > plain) & (futures * ours + _PANEL * pool * plain > (futures + _PANEL) * plain)
    return lost


def _repeated(past: Past, lost: BoolArray) -> dict[str, str]:
    """Say which series are no better forecast than by their last season, so that this is what is forecast."""
    last = past.now[:, -past.panel.season :]
    lively = last.max(axis=1) > last.min(axis=1)  # of one that stands still there is nothing to say
    told = zip(past.panel.names, lost & lively & ~past.sparse, strict=True)
    return {name: "no model was better than its last season, which goes on" for name, here in told if here}


def _seldom(record: Record, sparse: BoolArray) -> tuple[BoolArray, FloatArray]:
    """Give sparse series their mean rate at every origin."""
    table = record.forecasts[record.names.index(_RATE)].astype(float)
    return np.tile(sparse, (len(record.cuts), 1)), table


def _middle(forecasts: npt.NDArray[np.float32]) -> FloatArray:
    """Where no past origin is known, take the middle of what the models say."""
    with np.errstate(all="ignore"):
        return np.asarray(np.nanmedian(forecasts, axis=0), dtype=float)


def _doubt(errors: FloatArray, past: Past, season: int) -> FloatArray:
    """Say for each series how much larger errors are to come than past ones, while its step is in doubt."""
    stretch = np.ones(errors.shape[1])
    for step in past.steps:
        mine = errors[:, step.series]
        doubt = step.doubt(season=season) / past.unit[step.series]
        usual = float(np.nanmean(np.abs(mine))) if np.isfinite(mine).any() else 0.0
        if 0.0 < usual < doubt:
            stretch[step.series] = doubt / usual
    return stretch


def _accuracy(record: Record, replay: FloatArray, panel: Panel) -> pd.DataFrame:
    tables = {**dict(zip(record.names, record.forecasts[:, 1:], strict=True)), ENSEMBLE: replay[1:]}
    known = np.where(np.isfinite(replay[1:]), record.actual[1:], np.nan)
    rows = []
    for model, table in tables.items():
        scaled, relative = mean_known(errors_of(table, known, record.scale), axis=1)
        drift = mean_known(bias(known, table, scale=record.scale), axis=0)
        measured = {"mase": scaled, "smape": relative, "bias": drift}
        rows.append(pd.DataFrame({"series": panel.names, "model": model, **measured}))
    table = pd.concat(rows, ignore_index=True)
    return table[(table["model"] != _RATE) | table["mase"].notna()].reset_index(drop=True)

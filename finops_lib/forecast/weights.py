"""How much does each model count for each series: by what it lost at origins whose future is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finops_lib.backtest import mean_known
from finops_lib.forecast.panel import FloatArray

_WORST = 5.0  # times Naive2: a loss beyond counts as this
_SHARP, _TRUST = (3.0, 8.0, 20.0, 50.0), (0.0, 0.15, 0.3, 0.6, 0.85, 1.0)
_CHOICES = tuple((sharp, own) for sharp in _SHARP for own in _TRUST)
_FIRST_CHOICE = (8.0, 0.6)
_PERCENT = 200.0

SmallArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Record:
    """What did each model lose at each origin.

    Parameters
    ----------
    names : tuple of str
        The models; Naive2 is not among them.
    forecasts : ndarray
        [models, origins, series, horizon].
    actual : ndarray
        [origins, series, horizon]; NaN is unknown.
    naive2 : ndarray
        [origins, series, horizon].
    scale : ndarray
        [series], above 0.
    cuts : tuple of int
        How many of the last steps each origin does not know, ascending.
    votes : ndarray, optional
        [models]: how much each counts where all lose alike; None is one each. Variants of one model share
        a vote where little is known, or the model with the most of them would lead.
    """

    names: tuple[str, ...]
    forecasts: SmallArray
    actual: FloatArray
    naive2: FloatArray
    scale: FloatArray
    cuts: tuple[int, ...]
    votes: FloatArray | None = None

    def known_before(self, cut: int) -> list[tuple[int, int]]:
        """Which origins, and how many of their steps, may choose weights for a forecast made at this cut."""
        horizon = self.actual.shape[2]
        whole = [(at, horizon) for at, past in enumerate(self.cuts) if past >= cut + horizon]
        return whole or [(at, past - cut) for at, past in enumerate(self.cuts) if past > cut]


def errors_of(forecast: FloatArray | SmallArray, actual: FloatArray, scale: FloatArray) -> FloatArray:
    """How large are the scaled and the relative error, [2, ..., series].

    Parameters
    ----------
    forecast, actual : ndarray
        [..., series, steps].
    scale : ndarray
        [series].

    Examples
    --------
    >>> errors_of(np.array([[1.0]]), np.array([[3.0]]), np.array([4.0])).tolist()
    [[0.5], [100.0]]
    """
    off = np.abs(forecast - actual)
    size = np.abs(forecast) + np.abs(actual)
    relative = np.where(size > 0, off / np.where(size > 0, size, 1.0), off)
    return np.stack([mean_known(off) / scale, _PERCENT * mean_known(relative)])


def against_naive2(record: Record, known: Sequence[tuple[int, int]]) -> tuple[FloatArray, FloatArray]:
    """How large is each model's loss against Naive2's, a series each and over the panel.

    Half the scaled and half the relative error, each against that of Naive2 at the same origins.

    Parameters
    ----------
    record : Record
        What was forecast and what came.
    known : sequence of tuple
        Origins and how many of their steps count.

    Returns
    -------
    tuple of ndarray
        [models, series] and [models]; NaN where a model had no forecast.
    """
    model = np.full((2, len(known), *record.forecasts.shape[::2]), np.nan)
    bare = np.full((2, len(known), len(record.scale)), np.nan)
    for row, (origin, steps) in enumerate(known):
        actual = record.actual[origin, :, :steps]
        model[:, row] = errors_of(record.forecasts[:, origin, :, :steps], actual, record.scale)
        bare[:, row] = errors_of(record.naive2[origin, :, :steps], actual, record.scale)
    both = np.isfinite(model) & np.isfinite(bare)[:, :, None]
    model, bare = np.where(both, model, np.nan), np.where(both, bare[:, :, None], np.nan)
    own = _ratio(mean_known(model, axis=1), mean_known(bare, axis=1)).mean(axis=0)
    pool = _ratio(mean_known(model, axis=(1, 3)), mean_known(bare, axis=(1, 3))).mean(axis=0)
    return np.minimum(own, _WORST), np.minimum(pool, _WORST)


def softmax(
    own: FloatArray,
    pool: FloatArray,
    *,
    sharp: float,
    trust: float,
    baseline: int | None,
    votes: FloatArray | None = None,
) -> FloatArray:
    """Which weight does each model get for each series.

    Parameters
    ----------
    own, pool : ndarray
        [models, series] and [models]: losses against Naive2.
    sharp : float
        How much a difference of losses counts.
    trust : float
        Share of a series' own loss beside the pool's; a series without one takes the pool's.
    baseline : int, optional
        The model that others must not lose to (seasonal naive).
    votes : ndarray, optional
        As in `Record`.

    Returns
    -------
    ndarray
        [models, series], each series summing to 1.

    Examples
    --------
    >>> own, pool = np.array([[0.5], [1.0], [np.nan]]), np.array([0.5, 1.0, 0.5])
    >>> softmax(own, pool, sharp=2.0, trust=1.0, baseline=1).round(3).ravel().tolist()
    [0.422, 0.155, 0.422]
    >>> softmax(own, pool, sharp=2.0, trust=1.0, baseline=0).round(3).ravel().tolist()
    [0.5, 0.0, 0.5]
    """
    common = np.where(np.isfinite(pool), pool, np.nanmax(pool, initial=1.0))[:, None]
    loss = np.where(np.isfinite(own), trust * own + (1.0 - trust) * common, common)
    weight = np.exp(-sharp * (loss - loss.min(axis=0))) * (1.0 if votes is None else votes[:, None])
    if baseline is not None:
        weight = np.where(loss > loss[baseline], 0.0, weight)
    return np.asarray(weight / weight.sum(axis=0))


def mixed(forecasts: FloatArray | SmallArray, weight: FloatArray) -> FloatArray:
    """What do the models say together; a model without an answer gives its weight to the others.

    Parameters
    ----------
    forecasts : ndarray
        [models, series, horizon].
    weight : ndarray
        [models, series].

    Examples
    --------
    >>> mixed(np.array([[[1.0]], [[np.nan]], [[4.0]]]), np.array([[0.5], [0.25], [0.25]])).item()
    2.0
    """
    known = np.asarray(np.isfinite(forecasts).all(axis=2))
    share = np.where(known, weight, 0.0)
    lost = share.sum(axis=0) == 0  # all that has weight is silent: the others speak, alike
    share = np.where(lost, known, share)
    total = share.sum(axis=0)
    answer = np.einsum("ms,msh->sh", share, np.where(known[:, :, None], forecasts, 0.0))
    return np.where(total[:, None] > 0, answer / np.where(total > 0, total, 1.0)[:, None], np.nan)


def replayed(record: Record, *, baseline: int | None) -> tuple[FloatArray, FloatArray]:
    """What would the mixture have said at each origin, with weights that only older futures chose.

    Parameters
    ----------
    record : Record
        What was forecast and what came; the first origin may be the present (cut 0).
    baseline : int, optional
        The model that others must not lose to.

    Returns
    -------
    tuple of ndarray
        Forecasts [origins, series, horizon], NaN where nothing older is known; weights [models, series] of
        the first origin. How sharp the weights are is chosen by what was lost at older origins, too.
    """
    answers = np.full((len(_CHOICES), *record.actual.shape), np.nan, dtype=np.float32)
    found = np.full(record.actual.shape, np.nan)
    newest = np.full((len(record.names), len(record.scale)), 1.0 / len(record.names))
    for origin in reversed(range(len(record.cuts))):
        known = record.known_before(record.cuts[origin])
        if not known:
            continue
        own, pool = against_naive2(record, known)
        weights = [
            softmax(own, pool, sharp=sharp, trust=trust, baseline=baseline, votes=record.votes)
            for sharp, trust in _CHOICES
        ]
        for row, weight in enumerate(weights):
            answers[row, origin] = mixed(record.forecasts[:, origin], weight)
        best = _best(record, answers, known)
        found[origin], newest = answers[best, origin], weights[best]
    return found, newest


def _best(record: Record, answers: SmallArray, known: Sequence[tuple[int, int]]) -> int:
    """Pick the choice that lost least at the origins whose future was known."""
    replay = Record(
        tuple(map(str, range(len(_CHOICES)))),
        answers,
        record.actual,
        record.naive2,
        record.scale,
        record.cuts,
    )
    _, pool = against_naive2(replay, known)
    if not np.isfinite(pool).all():
        return _CHOICES.index(_FIRST_CHOICE)
    return int(pool.argmin())


def _ratio(model: FloatArray, bare: FloatArray) -> FloatArray:
    """Divide losses; where Naive2 lost nothing, equal is 1 and worse is the worst."""
    free = np.where(model > 0, _WORST, 1.0)
    ratio = np.where(bare > 0, model / np.where(bare > 0, bare, 1.0), free)
    return np.where(np.isfinite(model), ratio, np.nan)

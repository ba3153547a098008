"""What was to be expected of each series on one day, from the nine weeks before it alone.

The season is that of the week: by how much a weekday differs from its week, in proportion to the level of the
week where all weeks have one sign. What is left is the adjusted history, whose level is told by medians of
several lengths; the one that was nearest in the weeks before has most weight. Medians and trimmed means keep
a spike from being learned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

WEEK, WEEKS = 7, 9
WINDOW = WEEK * WEEKS
LEAST_DAYS = 14  # known days in the window: with fewer there is no weekday that was seen twice
EXPERTS = (3, 7, 28)  # days whose median tells the level
_MEDIAN_WASTE = 1.57  # variance of a median against that of a mean, normal distribution
_SQUARED_MAD = 2.2  # variance of a normal distribution over its squared median absolute deviation
_FEW_WEEKS = 2.0  # a season seen so often says nothing; its weight grows from there
_RATIOS = (0.2, 5.0)  # a week's level against the mean of all
_SHARPNESS = 3.0  # how much more a nearer level counts
_FLOOR = 0.25  # of the series' mean size, below which no day's size falls


@dataclass(frozen=True)
class Baseline:
    """The level and season that the window shows, one row a series.

    ``adjusted`` are the window's days without season, ``levels`` [series, experts] what each expert says,
    ``profile`` [series, 7] the season by days after the first of the window at the mean level ``mean``;
    ``grows`` says where the season goes with the level. ``known`` counts the days that have a value.
    """

    adjusted: FloatArray
    levels: FloatArray
    profile: FloatArray
    mean: FloatArray
    grows: BoolArray
    known: FloatArray

    def level(self, misses: FloatArray) -> FloatArray:
        """Which level is to be expected, the experts weighed by how they did.

        Parameters
        ----------
        misses : ndarray
            [series, experts], mean absolute error of late, NaN where not known.
        """
        best = np.nanmin(np.where(np.isfinite(misses), misses, np.inf), axis=1, keepdims=True)
        told = np.isfinite(best) & (best > 0) & np.isfinite(misses) & (misses > 0)
        ratio = np.divide(best, misses, out=np.where(misses == 0, 1.0, 0.0), where=told)
        weights = np.where(np.isfinite(best), ratio**_SHARPNESS, 1.0)
        weights /= weights.sum(axis=1, keepdims=True)
        return np.asarray((weights * self.levels).sum(axis=1))

    def season(self, ahead: int, level: FloatArray) -> FloatArray:
        """What does the weekday add, ``ahead`` days after the day asked about, at this level.

        Parameters
        ----------
        ahead : int
            0 is the day that follows the window.
        level : ndarray
            One a series.
        """
        at_mean = self.profile[:, ahead % WEEK]
        return np.where(self.grows, at_mean * _ratio(level, self.mean), at_mean)

    def size(self, expected: FloatArray, actual: FloatArray) -> FloatArray:
        """What is one unit of surprise: money that grows with what is expected, and is never nothing.

        Parameters
        ----------
        expected, actual : ndarray
            One a series.
        """
        usual = np.abs(expected) + _FLOOR * np.abs(self.adjusted).mean(axis=1)
        rest = np.abs(actual)
        return np.where(usual > 1e-12 * rest, usual, np.where(rest > 0, rest, 1.0))


def baseline(window: FloatArray) -> Baseline:
    """What do the nine weeks before a day show.

    Parameters
    ----------
    window : ndarray
        [series, 63] values of the days before, oldest first; NaN is not known.

    Returns
    -------
    Baseline

    Examples
    --------
    >>> week = [10.0, 10.0, 10.0, 10.0, 10.0, 4.0, 4.0]
    >>> found = baseline(np.array([week * 9]))
    >>> level = found.level(np.full((1, 3), np.nan))
    >>> [round(float(level[0] + found.season(day, level)[0]), 6) for day in (0, 4, 5)]
    [10.0, 10.0, 4.0]
    """
    known = np.isfinite(window)
    days = _filled(window, known).reshape(len(window), WEEKS, WEEK)
    weeks = np.sort(days, axis=2)[:, :, 1:-1].mean(axis=2)
    mean = weeks.mean(axis=1)
    grows = np.asarray((weeks > 0).all(axis=1) | (weeks < 0).all(axis=1))
    ratio = np.where(grows[:, None], _ratio(weeks, mean[:, None]), 1.0)[:, :, None]
    away = (days - weeks[:, :, None]) / ratio
    profile = np.median(away, axis=1)
    noise = np.median(np.abs(away - profile[:, None, :]), axis=1).mean(axis=1)
    profile *= _trust(profile, noise, known.sum(axis=1) / WEEK)[:, None]
    adjusted = (days - profile[:, None, :] * ratio).reshape(len(window), WINDOW)
    levels = np.stack([np.median(adjusted[:, -count:], axis=1) for count in EXPERTS], axis=1)
    return Baseline(adjusted, levels, profile, mean, grows, known.sum(axis=1).astype(np.float64))


def _trust(profile: FloatArray, noise: FloatArray, weeks: FloatArray) -> FloatArray:
    """How much of the season is more than the noise of its medians, 0 to 1."""
    between = (profile**2).mean(axis=1)
    chance = noise**2 * _SQUARED_MAD * _MEDIAN_WASTE / np.maximum(weeks, 1.0)
    kept = np.divide(between - chance, between, out=np.zeros_like(between), where=between > 0)
    return np.asarray(np.clip(kept, 0.0, 1.0) * np.clip((weeks - _FEW_WEEKS + 1) / 3.0, 0.0, 1.0))


def _ratio(level: FloatArray, mean: FloatArray) -> FloatArray:
    mean = np.broadcast_to(mean, level.shape)
    found = np.divide(level, mean, out=np.ones_like(level), where=mean != 0)
    return np.asarray(np.clip(found, *_RATIOS))


def _filled(window: FloatArray, known: BoolArray) -> FloatArray:
    """Unknown days are as the same weekday before, else after, else as the mean of what is known."""
    if known.all():
        return window
    days = np.where(known, window, np.nan).reshape(len(window), WEEKS, WEEK).copy()
    for week in range(1, WEEKS):
        days[:, week] = np.where(np.isnan(days[:, week]), days[:, week - 1], days[:, week])
    for week in range(WEEKS - 2, -1, -1):
        days[:, week] = np.where(np.isnan(days[:, week]), days[:, week + 1], days[:, week])
    count = known.sum(axis=1)
    mean = np.where(known, window, 0.0).sum(axis=1) / np.maximum(count, 1)
    days = np.where(np.isnan(days), mean[:, None, None], days)
    return np.asarray(days.reshape(window.shape))

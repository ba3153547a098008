"""How large should a volume be: what it holds, what it will hold in three months, and room.

A volume cannot be made smaller in place: a new one is made and the data copied. The speed of some types
follows their size; where that speed is used, no smaller size is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, isfinite

import numpy as np

from finops_lib.optimize.rightsize.paid import Paid, saving
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import NoRecommendation, Recommendation

KIND = "volume_size"
GIB = 1024.0**3
_ROOM = 1.2
_AHEAD_DAYS = 90
_FEWEST_DAYS = 3
_LEAST_SHARE = Decimal("0.1")  # of the cost: less is not worth a copy
_FASTER_WHEN_LARGER = re.compile(r"gp2|st1|sc1|\bpd-|premium|provisioned", re.IGNORECASE)


@dataclass(frozen=True)
class Volume:
    """A volume: its size in bytes, the type as billed, what it costs and what it held by day.

    ``held`` is the most of each day in bytes, NaN where nothing is known. ``busy`` says that data is read or
    written.
    """

    resource: str
    size: float | None
    type: str
    paid: Paid | None
    held: FloatArray
    busy: bool = True
    owner: str = ""
    evidence: tuple[str, ...] = ()


def volume_sizes(volumes: Iterable[Volume]) -> list[Recommendation | NoRecommendation]:
    """How large should each volume be.

    Parameters
    ----------
    volumes : iterable of Volume
        With what they held.

    Returns
    -------
    list of Recommendation or NoRecommendation
        One for each, in their order.

    Examples
    --------
    >>> held = np.full(7, 100 * GIB)
    >>> [change] = volume_sizes([Volume("vol-1", 400 * GIB, "gp3", Paid("USD", (Decimal(1),) * 7), held)])
    >>> change.to["size"], str(change.saving_month.mid)  # 120 of 400 GiB stay: 70 % of 30.42
    ('120 GiB', '21.29')
    """
    return [_one(volume) for volume in volumes]


def needed(held: FloatArray) -> float:
    """How many bytes will it hold in 90 days at most, with a fifth of room: never less than it held.

    Parameters
    ----------
    held : ndarray
        Most of each day, bytes; NaN is a gap.

    Returns
    -------
    float
        NaN with fewer than three known days.

    Notes
    -----
    Growth is the median of the slopes between all pairs of days: Theil (1950) and Sen (1968), Journal of the
    American Statistical Association 63. A fall is not extended.

    Examples
    --------
    >>> needed(np.array([10.0, 11.0, 12.0, 13.0]))  # 13 and 90 a day, and a fifth
    123.6
    """
    days = np.flatnonzero(np.isfinite(held))
    if len(days) < _FEWEST_DAYS:
        return float("nan")
    first, second = np.triu_indices(len(days), 1)
    slope = np.median((held[days[second]] - held[days[first]]) / (days[second] - days[first]))
    return float((held[days].max() + max(slope, 0.0) * _AHEAD_DAYS) * _ROOM)


def _one(volume: Volume) -> Recommendation | NoRecommendation:
    need = needed(volume.held)
    why = _untold(volume, need)
    if why or volume.size is None or volume.paid is None:
        return NoRecommendation(volume.resource, KIND, why)
    target = ceil(need / GIB)
    share = 1 - Decimal(target) / Decimal(repr(volume.size / GIB))
    if share < _LEAST_SHARE:
        return NoRecommendation(volume.resource, KIND, _why_kept(share))
    days = int(np.isfinite(volume.held).sum())
    return Recommendation(
        volume.resource,
        KIND,
        {"size": f"{round(volume.size / GIB)} GiB"},
        {"size": f"{target} GiB"},
        saving(volume.paid, share),
        None,
        {},
        f"at most {np.nanmax(volume.held) / GIB:.0f} GiB in {days} days; {_AHEAD_DAYS} days of growth "
        "and a fifth of room on top; the data has to be copied to a new volume",
        volume.evidence,
        "medium",
        volume.owner,
    )


def _why_kept(share: Decimal) -> str:
    return "it is filling up: no smaller size holds" if share < 0 else "less than a tenth would be saved"


def _untold(volume: Volume, need: float) -> str:
    if volume.size is None:
        return "its size is not known: no inventory says it"
    if volume.paid is None:
        return "the bill has no cost of it: a saving cannot be told"
    if not isfinite(need):
        return f"what it holds is known of fewer than {_FEWEST_DAYS} days"
    if volume.busy and _FASTER_WHEN_LARGER.search(volume.type):
        return f"the speed of {volume.type[:60]} follows its size, and its need of speed is not known"
    return volume.paid.why_not()


def daily_most(use: FloatArray, *, steps_a_day: int) -> FloatArray:
    """What was the most of each day, the last day whole.

    Parameters
    ----------
    use : ndarray
        [rows, steps]; NaN is a gap.
    steps_a_day : int
        Steps in a day.

    Returns
    -------
    ndarray
        [rows, days]; NaN where nothing is known.

    Examples
    --------
    >>> daily_most(np.array([[9.0, 1.0, 2.0, np.nan, 3.0]]), steps_a_day=2).tolist()
    [[9.0, 2.0, 3.0]]
    """
    padded = np.pad(use, ((0, 0), (-use.shape[1] % steps_a_day, 0)), constant_values=np.nan)
    return np.asarray(
        np.fmax.reduce(padded.reshape(len(use), padded.shape[1] // steps_a_day, steps_a_day), axis=2)
    )

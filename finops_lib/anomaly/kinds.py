"""What kind of event do odd days make, from when to when, and how much money is in it.

The days of an event are held against what the weeks before it lead to expect, so that what is odd does not
become usual by lasting. Its money is what was spent beyond that; the interval around it holds the usual
spread of days and how well the level before was known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from finops_lib.anomaly.baseline import LEAST_DAYS, WINDOW, baseline

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

SPIKE, DROP, LEVEL_SHIFT, RAMP = "spike", "drop", "level_shift", "ramp"
NEW, VANISHED = "new", "vanished"
LONGEST = 35  # days after which a lasting change is the usual
INTERVAL = 0.8
_LOOK_BACK = 21  # days before the first odd one in which an event may have begun
_SHORT = 3  # days that a spike or drop may last
_QUIET = 2  # usual days that end an event
_GONE = 3  # days of nothing after which a series has vanished
_RAMP_SHARE = 0.6  # first third of a ramp against its last
_LEAST_RAMP = 6  # days
_OUT = 1.5  # usual spreads beyond which a day belongs to an event
_PART = 0.3  # of the event's middle size, below which a day does not belong to it
_LEAST_PART = 0.1  # the same, where it grew
_SUDDEN = 0.7  # of the way from the level of three weeks before that was made on the day itself
_ANOTHER = 10.0  # times the largest day so far: another event
_LEVEL_DAYS = 14.0  # days that the level before is known by
_UNIT_FACTORS = (1000.0, 1024.0, 1e6)
_NEAR = 0.1


@dataclass(frozen=True)
class Event:
    """Odd days of one series that belong together.

    ``start`` to before ``end`` are places of days, ``found`` the place of the first day found odd. ``low``,
    ``mid`` and ``high`` are money beyond what was expected, ``expected`` and ``actual`` sums over the event.
    """

    kind: str
    start: int
    end: int
    found: int
    p_value: float
    low: float
    mid: float
    high: float
    expected: float
    actual: float
    lasting: bool
    evidence: tuple[str, ...] = ()


def events(values: FloatArray, odd: BoolArray, p_values: FloatArray, scores: FloatArray) -> list[Event]:
    """Which events do the odd days of one series make.

    Parameters
    ----------
    values : ndarray
        Money a day; NaN is not known.
    odd : ndarray
        Days found odd.
    p_values, scores : ndarray
        As noted on each day; the sign of a score is its direction.

    Returns
    -------
    list of Event
        In the order of time; they do not overlap.

    Examples
    --------
    >>> values = np.full(60, 10.0)
    >>> values[50] = 30.0
    >>> odd, score = values > 20, np.where(values > 20, 9.0, 0.0)
    >>> [found] = events(values, odd, np.where(odd, 1e-6, 0.5), score)
    >>> found.kind, found.start, found.end, round(found.mid, 2)
    ('spike', 50, 51, 20.0)
    """
    found: list[Event] = []
    free = 0
    for day in np.flatnonzero(odd):
        if day < free:
            continue
        event, back = _event(values, int(day), floor=free, sign=float(np.sign(scores[day])) or 1.0)
        if event is None or (found and _returned(values, found[-1], int(day))):
            continue
        inside = p_values[event.start : event.end][odd[event.start : event.end]]
        event = replace(event, p_value=float(np.nanmin(inside)) if len(inside) else float(p_values[day]))
        found.append(event)
        free = max(event.end, back, int(day) + 1)
    return found


def _event(values: FloatArray, day: int, *, floor: int, sign: float) -> tuple[Event | None, int]:
    """Delimit the event that an odd day belongs to."""
    end = min(day + LONGEST, len(values))
    cut, (away, spread, expected) = day, _held(values, day, end)
    known = np.flatnonzero(np.isfinite(values[:day]))
    grounded = int(known[LEAST_DAYS - 1]) if len(known) >= LEAST_DAYS else day
    early = min(max(day - _LOOK_BACK, floor, grounded), day)
    longer = _held(values, early, end)
    step = _held(values, day, day + 1, expert=0)[0][0]
    sudden = sign * step >= _SUDDEN * sign * longer[0][day - early]
    if not sudden:
        cut, (away, spread, expected) = early, longer
    else:
        cut, (away, spread, expected) = _begun_before(values, day, end, floor=max(floor, grounded), sign=sign)
    place = day - cut
    if not sign * away[place] > 0:
        return None, day + 1
    size = abs(float(away[place]))
    belongs = sign * np.nan_to_num(away) > max(_OUT * spread, (_PART if sudden else _LEAST_PART) * size)
    first = place
    while first and (belongs[first - 1] or (first > 1 and belongs[first - 2])):
        first -= 1
    first += 0 if belongs[first] or first == place else 1
    last = _last(belongs, np.where(np.isfinite(away), np.abs(away), np.nan), place)
    lasting = cut + last == len(values)
    span = slice(first, last)
    return _told(values, away[span], expected[span], spread, cut + first, day, lasting), cut + last


def _begun_before(
    values: FloatArray, day: int, end: int, *, floor: int, sign: float
) -> tuple[int, tuple[FloatArray, float, FloatArray]]:
    """Go back over the days just before a sudden one that were out by a part of its size."""
    found = day, _held(values, day, end)
    size = abs(float(found[1][0][0]))
    for cut in range(day - 1, max(day - _SHORT, floor) - 1, -1):
        away, spread, expected = _held(values, cut, end)
        if not sign * np.nan_to_num(away[0]) > max(_OUT * spread, _PART * size):
            break
        found = cut, (away, spread, expected)
    return found


def _held(
    values: FloatArray, cut: int, end: int, *, expert: int = -1
) -> tuple[FloatArray, float, FloatArray]:
    """How far each day from the cut on is from what the weeks before lead to expect."""
    window = np.full(WINDOW, np.nan)
    before = values[max(cut - WINDOW, 0) : cut]
    window[WINDOW - len(before) :] = before
    if not np.isfinite(window).any():
        window[:] = 0.0
    found = baseline(window[None, :])
    level = found.levels[:, expert]
    ahead = np.arange(end - cut)
    expected = np.array([float((level + found.season(int(day), level))[0]) for day in ahead])
    spread = float(np.median(np.abs(found.adjusted[0] - level[0]))) * 1.4826
    return values[cut:end] - expected, max(spread, 0.01 * abs(float(level[0]))), expected


def _last(belongs: BoolArray, size: FloatArray, place: int) -> int:
    """After which day has it been usual for long enough, or something else begun; the end where neither."""
    quiet, last, largest = 0, place + 1, float(size[place])
    for number in range(place + 1, len(belongs)):
        if np.isnan(size[number]):
            continue
        if size[number] > _ANOTHER * largest:
            return last
        quiet = 0 if belongs[number] else quiet + 1
        if belongs[number]:
            last, largest = number + 1, max(largest, float(size[number]))
        if quiet >= _QUIET:
            return last
    return last


def _told(
    values: FloatArray,
    away: FloatArray,
    expected: FloatArray,
    spread: float,
    start: int,
    found: int,
    lasting: bool,
) -> Event:
    known = np.isfinite(away)
    count = int(known.sum())
    mid = float(away[known].sum())
    error = spread * float(np.sqrt(count + count**2 / _LEVEL_DAYS)) * float(ndtri(0.5 + INTERVAL / 2))
    end = start + len(away)
    actual = values[start:end]
    kind = _kind(away[known], actual[known], expected[known], not np.nan_to_num(values[end:]).any())
    return Event(
        kind, start, end, found, 1.0, mid - error, mid, mid + error, float(expected[known].sum()),
        float(actual[known].sum()), lasting, tuple(_evidence(actual[known], expected[known])),
    )  # fmt: skip


def _kind(away: FloatArray, actual: FloatArray, expected: FloatArray, open_end: bool) -> str:
    rises = float(away.sum()) > 0
    gone = len(actual) >= _GONE and not actual[-_GONE:].any() and bool((expected[-_GONE:] > 0).all())
    if gone and open_end and not rises:
        return VANISHED
    if len(away) <= _SHORT:
        return SPIKE if rises else DROP
    third = max(len(away) // 3, 1)
    first, last = abs(float(away[:third].mean())), abs(float(away[-third:].mean()))
    if len(away) >= _LEAST_RAMP and first < _RAMP_SHARE * last:
        return RAMP
    return LEVEL_SHIFT


def _evidence(actual: FloatArray, expected: FloatArray) -> Iterator[str]:
    days = len(actual)
    usual = float(expected.mean()) if days else 0.0
    seen = float(actual.mean()) if days else 0.0
    yield f"{seen:.2f} a day over {days} days where {usual:.2f} was expected"
    if usual <= 0 or seen <= 0:
        return
    ratio = max(seen / usual, usual / seen)
    if any(abs(ratio / factor - 1) < _NEAR for factor in _UNIT_FACTORS):
        yield f"values changed by a factor near {ratio:.0f}: a unit may have changed"


def _returned(values: FloatArray, event: Event, day: int) -> bool:
    """Is an odd day the return to what was usual before the event."""
    if not 0 <= day - event.end <= LONGEST // 2 or event.end - event.start <= 0:
        return False
    away, spread, _ = _held(values, event.start, day + 1)
    size = abs(event.mid) / (event.end - event.start)
    return bool(abs(away[-1]) <= max(2 * spread, _PART * size))

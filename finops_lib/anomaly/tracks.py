"""What is remembered of each series, day by day, so that one more day costs one day's work."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from finops_lib.anomaly.baseline import EXPERTS
from finops_lib.anomaly.calibrate import DOUBTFUL

AnyArray = npt.NDArray[np.generic]

_OFTEN = 4  # moves that may be odd, and one more every two months: more of them are no longer odd
LARGE = 4.6  # spreads: one day in a hundred where days are as is assumed
_MORE_DAYS = 60
KEEP = 400  # days: each day of a month thirteen times, each holiday once
SHIFTS = (3, 7, 14)  # newest days whose level is held against that before them
JOINT = ("surprise", *(f"shift_{days}" for days in SHIFTS), *(f"ratio_{days}" for days in SHIFTS))
FLOATS = (
    "mid", "size", "surprise", "move", "score", "p_value",
    *(f"miss_{days}" for days in EXPERTS), *(f"shift_{days}" for days in SHIFTS),
)  # fmt: skip


@dataclass
class Tracks:
    """Arrays [series, days] that end in one day.

    Parameters
    ----------
    values : ndarray
        Money; NaN is not known, or before the series began.
    notes : dict of str to ndarray
        ``mid`` what was expected, ``size`` the unit of surprise, both in money; ``surprise`` (before what
        the calendar adds) and ``shift_*`` in those units, ``move`` the surprise in usual spreads; ``miss_*``
        how far each level was off, in money; ``score`` against the past, with its sign; ``p_value``.
    odd : ndarray
        Days that were found odd, which do not count as usual later.
    lumps : ndarray
        Money in a sum of parts that are charged now and then; see `anomaly.lumps`.
    joint : dict of str to ndarray
        [days], what all parts had in common on each: ``surprise`` and ``shift_*`` the move of most, which
        is taken out of each part's; ``ratio_*`` the spread of a shift against that of a day.
    """

    values: npt.NDArray[np.float64]
    notes: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)
    odd: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))
    lumps: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))
    joint: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)

    _counted: tuple[int, npt.NDArray[np.bool_]] = field(
        default_factory=lambda: (-1, np.zeros((0, 0), dtype=bool)), repr=False
    )

    def __post_init__(self) -> None:
        for name in FLOATS:
            if name not in self.notes:
                self.notes[name] = np.full(self.values.shape, np.nan, dtype=np.float32)
        for name in JOINT:
            if name not in self.joint:
                self.joint[name] = np.zeros(self.days, dtype=np.float32)
        if self.lumps.shape != self.values.shape:
            self.lumps = np.zeros(self.values.shape)
        if self.odd.shape != self.values.shape:
            self.odd = np.zeros(self.values.shape, dtype=bool)

    @property
    def days(self) -> int:
        """How many days are remembered."""
        return int(self.values.shape[1])

    def window(self, day: int, count: int) -> npt.NDArray[np.float64]:
        """What was charged day by day in the ``count`` days before this one, NaN where nothing is remembered.

        Examples
        --------
        >>> Tracks(np.array([[1.0, 2.0, 3.0]])).window(2, 3).tolist()
        [[nan, 1.0, 2.0]]
        """
        span = slice(max(day - count, 0), day)
        return _padded(self.values[:, span] - self.lumps[:, span], count)

    def past(self, name: str, day: int, count: int) -> npt.NDArray[np.float32]:
        """What was noted in the ``count`` days before this one, at most, days found odd or doubtful left out.

        A series that made a large move four times, and once more every two months, does so again and again:
        that is usual for it.

        Examples
        --------
        >>> tracks = Tracks(np.array([[1.0, 2.0, 3.0]]))
        >>> tracks.notes["score"][:] = 5.0
        >>> tracks.odd[0, 1] = True
        >>> tracks.past("score", 2, 9).tolist()
        [[5.0, nan]]
        """
        span = slice(max(day - count, 0), day)
        noted = self.notes[name][:, span]
        return np.where(self.unusual(day)[:, span], np.float32(np.nan), noted)

    def unusual(self, day: int) -> npt.NDArray[np.bool_]:
        """Which days before this one count as odd, and not as what the series does now and then."""
        if self._counted[0] != day:
            odd = self.odd[:, :day] | (self.notes["p_value"][:, :day] < DOUBTFUL)
            large = np.abs(self.notes["move"][:, :day]) > LARGE
            times = large[:, :1].sum(axis=1) + (large[:, 1:] & ~large[:, :-1]).sum(axis=1)
            often = _OFTEN + np.isfinite(self.values[:, :day]).sum(axis=1) // _MORE_DAYS
            self._counted = day, odd & (times < often)[:, None]
        return self._counted[1]

    def grown(self, *, days: int, series: int = 0) -> Tracks:
        """How do the tracks begin a time of so many more days, with new series that were not there before.

        Examples
        --------
        >>> Tracks(np.array([[1.0]])).grown(days=1, series=1).values.tolist()
        [[1.0, nan], [nan, nan]]
        """
        before = max(self.days + days - KEEP, 0) if self.days + days > KEEP else 0
        shape = ((0, series), (0, days))
        values = np.pad(self.values, shape, constant_values=np.nan)[:, before:]
        notes = {
            name: np.pad(noted, shape, constant_values=np.nan)[:, before:]
            for name, noted in self.notes.items()
        }
        joint = {name: np.pad(noted, (0, days))[before:] for name, noted in self.joint.items()}
        odd, lumps = np.pad(self.odd, shape)[:, before:], np.pad(self.lumps, shape)[:, before:]
        return Tracks(values, notes, odd, lumps, joint)

    def rows(self, chosen: npt.NDArray[np.int64]) -> Tracks:
        """Which tracks do these series have; a copy."""
        notes = {name: noted[chosen] for name, noted in self.notes.items()}
        return Tracks(self.values[chosen], notes, self.odd[chosen], self.lumps[chosen], self.joint)

    def put(self, chosen: npt.NDArray[np.int64], part: Tracks) -> None:
        """Write the tracks of some series back."""
        self.values[chosen], self.odd[chosen], self.lumps[chosen] = part.values, part.odd, part.lumps
        for name, noted in part.notes.items():
            self.notes[name][chosen] = noted


def _padded(values: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.float64]:
    lacking = count - values.shape[1]
    return np.pad(values, ((0, 0), (lacking, 0)), constant_values=np.nan) if lacking > 0 else values

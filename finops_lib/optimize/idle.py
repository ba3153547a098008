"""Which resources does nobody use: all signals quiet, and how often such a call was wrong in the past.

A signal is use over what still counts as quiet: CPU above 3 % of the capacity, network above 50 kB/s and disk
above 20 kB/s for each vCPU, any byte of a volume, a connection, 2 % of a GPU. Agents and health checks stay
below. One signal alone has to be three times as quiet. What is called idle is stopped first, and deleted only
when nobody missed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

import numpy as np
from scipy import stats

from finops_lib.optimize.rightsize.paid import Paid, saving
from finops_lib.optimize.windows import BoolArray, FloatArray, quantiles
from finops_lib.records import NoRecommendation, Recommendation

KIND = "idle"
QUIET: Mapping[str, float] = MappingProxyType(
    {"cpu": 0.03, "network": 50_000.0, "disk": 20_000.0, "gpu": 0.02}
)
"""Limits: a share of the capacity for ``cpu`` and ``gpu``; bytes a second for each vCPU for the others."""
QUIET_VOLUME, QUIET_CONNECTIONS = 1_000.0, 1.0  # bytes a second; a count

_ALONE = 3.0  # a single signal has to be so many times as quiet
_PEAK = 2.0  # the highest sample against the limit
_LEVEL = 0.99
_FEWEST_DAYS, _FEWEST_SAMPLES = 7, 100
_QUARANTINE_DAYS = 30
_FORGOTTEN_DAYS = 90
_SURE = 0.9  # level of the upper bound of the false-positive rate


@dataclass(frozen=True)
class Activity:
    """Signals of many resources: ``levels`` by kind are [rows, steps], use over its limit; NaN is unknown.

    Examples
    --------
    >>> cpu = Activity(("a", "b"), {"cpu": np.array([[0.1] * 200, [2.0] * 200])}, steps_a_day=24)
    >>> cpu.quiet().tolist()
    [True, False]
    """

    names: tuple[str, ...]
    levels: Mapping[str, FloatArray]
    steps_a_day: int

    def part(self, first: int, last: int) -> Activity:
        """Look at the steps from ``first`` to before ``last`` only."""
        return replace(self, levels={kind: use[:, first:last] for kind, use in self.levels.items()})

    @property
    def steps(self) -> int:
        """Steps of the window."""
        return next((use.shape[1] for use in self.levels.values()), 0)

    def known(self) -> FloatArray:
        """[rows], samples of the signal that is known best."""
        counts = [np.isfinite(use).sum(axis=1) for use in self.levels.values()]
        return np.max(counts, axis=0) if counts else np.zeros(len(self.names))

    def signals(self) -> FloatArray:
        """[rows], how many signals are known."""
        counts = [np.isfinite(use).any(axis=1) for use in self.levels.values()]
        return np.sum(counts, axis=0) if counts else np.zeros(len(self.names))

    def quiet(self) -> BoolArray:
        """[rows], whether every known signal stays below its limit; False where none is known."""
        tops = [quantiles(use, [_LEVEL, 1.0]) for use in self.levels.values()]
        if not tops:
            return np.zeros(len(self.names), dtype=bool)
        worst = np.fmax.reduce([np.fmax(top[:, 0], top[:, 1] / _PEAK) for top in tops])
        limit = np.where(self.signals() > 1, 1.0, 1.0 / _ALONE)
        with np.errstate(invalid="ignore"):
            return np.asarray(worst < limit)


@dataclass(frozen=True)
class Trust:
    """How often a call was wrong in the past: of ``called`` quiet windows ``woke`` were followed by use.

    Examples
    --------
    >>> Trust(98, 0).chance, round(Trust(98, 0).false_positive_rate, 4)  # 1 - .1 ** (1 / 98)
    (0.99, 0.0232)
    """

    called: int
    woke: int

    @property
    def chance(self) -> float:
        """Chance that one more that is called idle stays so: rule of succession (Laplace 1814)."""
        return (self.called - self.woke + 1) / (self.called + 2)

    @property
    def false_positive_rate(self) -> float:
        """Upper end of the rate of wrong calls, 90 % sure: Clopper and Pearson (1934), Biometrika 26."""
        if self.woke >= self.called:
            return 1.0
        return float(stats.beta.ppf(_SURE, self.woke + 1, self.called - self.woke))


@dataclass(frozen=True)
class Candidate:
    """A resource that may be idle, and what else is known of it; None is unknown.

    ``what`` is its kind in words, as ``volume``. ``changed_days`` are days since it was last changed.
    """

    resource: str
    what: str
    paid: Paid | None
    attached: bool | None = None
    changed_days: float | None = None
    owner: str = ""
    evidence: tuple[str, ...] = ()


def trust(activity: Activity, *, cuts: Sequence[int], horizon: int) -> Trust:
    """How often was a resource that had been quiet used soon after.

    Parameters
    ----------
    activity : Activity
        Of all resources that were watched.
    cuts : sequence of int
        How many of the last steps each past moment does not know; see `finops_lib.backtest.origins`.
    horizon : int
        Steps after it that are looked at.

    Returns
    -------
    Trust

    Examples
    --------
    >>> use = np.array([[0.1] * 300, [0.1] * 290 + [5.0] * 10])
    >>> trust(Activity(("a", "b"), {"cpu": use}, steps_a_day=24), cuts=[24], horizon=24)
    Trust(called=2, woke=1)
    """
    called = woke = 0
    for cut in cuts:
        now = activity.steps - cut
        before, after = activity.part(0, now), activity.part(now, now + horizon)
        asked = _judged(before) & (after.known() > 0)
        called += int(asked.sum())
        woke += int((asked & ~after.quiet()).sum())
    return Trust(called, woke)


def _judged(activity: Activity) -> BoolArray:
    least = min(_FEWEST_SAMPLES, _FEWEST_DAYS * activity.steps_a_day)
    return np.asarray(activity.quiet() & (activity.known() >= least))


def idle(
    candidates: Iterable[Candidate], activity: Activity, found: Trust
) -> list[Recommendation | NoRecommendation]:
    """Which resources are idle, and are to be stopped and later deleted.

    Parameters
    ----------
    candidates : iterable of Candidate
        Resources that are there today.
    activity : Activity
        Their signals, by name.
    found : Trust
        How often such calls were wrong, see `trust`.

    Returns
    -------
    list of Recommendation or NoRecommendation
        One for each candidate that is quiet; the others are in use and not told. ``breach_probability`` is
        the chance that somebody needs it.
    """
    quiet, known, lived = activity.quiet(), activity.known(), _days(activity)
    row = {name: place for place, name in enumerate(activity.names)}
    told: list[Recommendation | NoRecommendation] = []
    for item in candidates:
        place = row.get(item.resource)
        if place is None or not quiet[place]:
            continue
        if lived[place] < _FEWEST_DAYS or known[place] < _FEWEST_SAMPLES:
            why = f"quiet, but for {lived[place]:.1f} days only: {_FEWEST_DAYS} are needed"
            told.append(NoRecommendation(item.resource, KIND, why))
        else:
            signals = [kind for kind, use in activity.levels.items() if np.isfinite(use[place]).any()]
            told.append(_told(item, signals, float(lived[place]), found))
    return told


def _days(activity: Activity) -> FloatArray:
    """Count days from the first sample of any signal to the end."""
    if not activity.levels or not activity.steps:
        return np.zeros(len(activity.names))
    seen = np.any([np.isfinite(use) for use in activity.levels.values()], axis=0)
    first = np.where(seen.any(axis=1), seen.argmax(axis=1), seen.shape[1])
    return np.asarray((seen.shape[1] - first) / activity.steps_a_day)


def _told(
    item: Candidate, signals: Sequence[str], days: float, found: Trust
) -> Recommendation | NoRecommendation:
    why = "its cost is not known: a saving cannot be told" if item.paid is None else item.paid.why_not()
    if why or item.paid is None:
        return NoRecommendation(item.resource, KIND, why)
    state = "detached" if item.attached is False else "in place"
    return Recommendation(
        item.resource,
        KIND,
        {"state": state},
        {"state": f"{_stopped(item.what)} for {_QUARANTINE_DAYS} days, then deleted if nobody missed it"},
        saving(item.paid, Decimal(1)),
        1.0 - found.chance,
        {
            "idle_called": float(found.called),
            "idle_woke": float(found.woke),
            "false_positive_rate": found.false_positive_rate,
        },
        "; ".join([f"{' and '.join(signals)} quiet for {days:.0f} days", *_beside(item)]),
        item.evidence,
        "low",
        item.owner,
    )


def _stopped(what: str) -> str:
    """Say how it is put into quarantine, so that it can come back."""
    if what == "volume":
        return "snapshot taken and detached"
    return "scaled to zero" if what == "workload" else "stopped, with a snapshot"


def _beside(item: Candidate) -> list[str]:
    """Say what else speaks for it: attachment, last change, owner."""
    words = []
    if item.attached is False:
        words.append("attached to nothing")
    if item.changed_days is not None and item.changed_days > _FORGOTTEN_DAYS:
        words.append(f"not changed for {item.changed_days:.0f} days")
    words.append(f"ask {item.owner} first" if item.owner else "no owner is named")
    return words

"""Does spot pay: what interruptions cost, and whether the promise to users still holds."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, expm1, inf, isfinite

import numpy as np
from scipy import stats

from finops_lib.records import NoRecommendation, Record

KIND = "spot"
_MOST_STRETCHES = 100_000
_RARE = 1e-3  # a stretch that is done less often than that is not drawn try by try
_MOST_TRIES = 700.0  # of the logarithm of how often it is tried: more is never


@dataclass(frozen=True)
class Market(Record):
    """One kind of machine on spot: ``price`` and ``on_demand`` money an hour, interruptions an hour.

    Examples
    --------
    >>> Market(0.3, 1.0, 0.02).discount
    0.7
    """

    price: float
    on_demand: float
    interruptions: float

    def __post_init__(self) -> None:
        known = all(isfinite(value) for value in (self.price, self.on_demand, self.interruptions))
        if not known or self.price < 0 or self.on_demand <= 0 or self.interruptions < 0:
            raise ValueError(
                f"market {self.price}, {self.on_demand}, {self.interruptions}: known, not below 0"
            )

    @property
    def discount(self) -> float:
        """Share of the on-demand price that spot saves, without what interruptions cost."""
        return 1.0 - self.price / self.on_demand


@dataclass(frozen=True)
class Job(Record):
    """Work that can begin anew from its last checkpoint.

    ``hours`` of work, a checkpoint after each ``checkpoint`` hours that takes ``saving`` hours, ``restart``
    hours until it goes on after an interruption, and the ``deadline`` in hours; all above zero but ``saving``
    and ``restart``.
    """

    hours: float
    checkpoint: float
    restart: float
    deadline: float
    saving: float = 0.0

    def __post_init__(self) -> None:
        times = (self.hours, self.checkpoint, self.deadline)
        if not all(isfinite(value) and value > 0 for value in times):
            raise ValueError(f"job of {self.hours} h, checkpoint {self.checkpoint} h: above zero")
        if not all(isfinite(value) and value >= 0 for value in (self.saving, self.restart)):
            raise ValueError(f"saving {self.saving} h, restart {self.restart} h: at least zero")
        if self.hours > self.checkpoint * _MOST_STRETCHES:
            raise ValueError(f"job of {self.hours} h: at most {_MOST_STRETCHES:,} checkpoints")


@dataclass(frozen=True)
class Run(Record):
    """What a job on spot is expected to take: hours, money, and the chance to be late (0 to 1)."""

    hours: float
    cost: float
    late: float


def expected_hours(job: Job, interruptions: float) -> float:
    """How long does the job take on average, with what interruptions lose.

    Parameters
    ----------
    job : Job
        The work.
    interruptions : float
        An hour, by chance and independent of the past.

    Returns
    -------
    float
        Hours; infinite where it will never be done.

    Notes
    -----
    A stretch of s hours that begins anew after each interruption, r hours later, takes
    (1 / rate + r) * (exp(rate * s) - 1) on average: Daly (2006), Future Generation Computer Systems 22(3).

    Examples
    --------
    >>> expected_hours(Job(4.0, 1.0, 0.5, 8.0), 0.0)
    4.0
    >>> round(expected_hours(Job(4.0, 1.0, 0.5, 8.0), 0.1), 4)  # 4 * 10.5 * (e ** .1 - 1)
    4.4172
    """
    return sum(_stretch(length, job.restart, interruptions) for length in _stretches(job))


def _stretches(job: Job) -> list[float]:
    count = ceil(job.hours / job.checkpoint - 1e-9)
    last = job.hours - (count - 1) * job.checkpoint
    return [job.checkpoint + job.saving] * (count - 1) + [last]


def _stretch(length: float, restart: float, rate: float) -> float:
    if rate == 0:
        return length
    return (1.0 / rate + restart) * expm1(rate * length) if rate * length < _MOST_TRIES else inf


def on_spot(job: Job, market: Market, *, seed: int = 0, runs: int = 4000) -> Run:
    """What does the job take and cost on spot, and how likely is it to be late.

    Parameters
    ----------
    job : Job
        The work.
    market : Market
        Where it runs; also the time of a restart is paid.
    seed : int
        Of the simulated runs.
    runs : int
        How many, for the chance to be late.

    Returns
    -------
    Run
        Hours and cost in closed form, the chance by simulation.
    """
    hours = expected_hours(job, market.interruptions)
    random = np.random.default_rng(seed)
    took = np.zeros(runs)
    for length in _stretches(job):
        took += _simulated(length, job.restart, market.interruptions, random, runs)
    return Run(hours, hours * market.price, float((took > job.deadline).mean()))


def _simulated(
    length: float, restart: float, rate: float, random: np.random.Generator, runs: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Draw how many times a stretch fails, then how long each failed try lasted."""
    if rate == 0:
        return np.full(runs, length)
    done = np.exp(-rate * length)
    if done < _RARE:  # so many tries that their number alone matters, and that is as good as exponential
        return length + random.exponential(_stretch(length, restart, rate) - length, runs)
    fails = random.geometric(done, runs) - 1
    short = -np.log1p(-random.random(int(fails.sum())) * (1.0 - done)) / rate
    lost = np.zeros(runs)
    np.add.at(lost, np.repeat(np.arange(runs), fails), short + restart)
    return length + lost


def spare(need: int, *, unavailable: float, promise: float) -> int | None:
    """How many machines on spot keep at least so many up with the promised share of time.

    Parameters
    ----------
    need : int
        Machines that must be up.
    unavailable : float
        Share of time that one is interrupted or being replaced, 0 to 1, independent of the others.
    promise : float
        Share of time, 0 to 1.

    Returns
    -------
    int or None
        All machines, spare ones included; None where no number is enough.

    Notes
    -----
    At least k of n are up just when fewer than n - k + 1 fail before k succeed, so the spare machines are a
    quantile of the negative binomial distribution.

    Examples
    --------
    >>> spare(2, unavailable=0.1, promise=0.95)  # of three, two are up with .9 ** 3 + 3 * .1 * .9 ** 2 = .972
    3
    """
    if not 0 <= unavailable <= 1 or not 0 < promise < 1 or need < 1:
        raise ValueError(f"need {need}, unavailable {unavailable}, promise {promise}: one, and shares")
    more = stats.nbinom.ppf(promise, need, 1.0 - unavailable) if unavailable < 1 else inf
    return need + int(more) if isfinite(more) else None


def service_factor(need: int, market: Market, *, recovery_hours: float, promise: float) -> float | None:
    """Which share of the on-demand cost does a service on spot cost, with the spare machines it needs.

    Parameters
    ----------
    need : int
        Machines that must be up.
    market : Market
        Of pools that are interrupted independently of one another.
    recovery_hours : float
        Until an interrupted machine is replaced.
    promise : float
        Share of time in which enough are up.

    Returns
    -------
    float or None
        None where spot cannot keep the promise.

    Examples
    --------
    >>> service_factor(2, Market(0.4, 1.0, 0.1), recovery_hours=1.0, promise=0.95)  # three at 40 % for two
    0.6000000000000001
    """
    out = market.interruptions * recovery_hours
    machines = spare(need, unavailable=1.0 - 1.0 / (1.0 + out), promise=promise)
    return None if machines is None else machines * market.price / (need * market.on_demand)


def job_factor(
    resource: str, job: Job, market: Market, *, late: float, seed: int = 0
) -> float | NoRecommendation:
    """Which share of the on-demand cost does a job on spot cost, or why it should not run there.

    Parameters
    ----------
    resource : str
        Whose job it is.
    job : Job
        The work.
    market : Market
        Spot and on-demand price.
    late : float
        Largest chance to miss the deadline, 0 to 1.
    seed : int
        Of the simulation.

    Returns
    -------
    float or NoRecommendation
        Above 1 is not recommended either.
    """
    run = on_spot(job, market, seed=seed)
    factor = run.cost / (job.hours * market.on_demand)
    if run.late > late:
        return NoRecommendation(
            resource, KIND, f"late with a chance of {run.late:.1%}, {late:.1%} is allowed"
        )
    if factor >= 1:
        return NoRecommendation(
            resource, KIND, f"interruptions make it {factor:.2f} times as dear as on demand"
        )
    return factor

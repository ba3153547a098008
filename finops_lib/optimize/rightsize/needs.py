"""What does each resource need: sizes by kind of use, from the rule whose promise held, with its past."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from finops_lib.backtest import origins
from finops_lib.optimize.price import Promise
from finops_lib.optimize.sizing import Size, Trial
from finops_lib.optimize.sizing import tried as trial_of
from finops_lib.optimize.strategies.autopilot import Autopilot
from finops_lib.optimize.strategies.base import Strategy
from finops_lib.optimize.strategies.percentiles import (
    Krr,
    Percentile,
    azure_like,
    compute_optimizer_like,
)
from finops_lib.optimize.strategies.predictive import OwnPast
from finops_lib.optimize.strategies.vpa import Vpa
from finops_lib.optimize.windows import Histories, IntArray, quantiles

Sizes = Mapping[str, Size]
_LAST_DAYS, _ORIGINS = 7, 5
_PARTS = 3  # the first third of a history is never judged
_SCALING = 0.4  # of a member's capacity: autoscalers that follow use aim at half and more
_PEAK = 0.95


def strategies(*, steps: int, steps_a_day: int) -> dict[str, Strategy]:
    """Which rules are tried on a history of this length: those of the field, and ours.

    Parameters
    ----------
    steps : int
        Length of the history.
    steps_a_day : int
        Steps in a day.

    Returns
    -------
    dict of str to Strategy
    """
    horizon = horizon_of(steps, steps_a_day)
    return {
        "krr": Krr(),
        "vpa": Vpa(),
        "autopilot": Autopilot(),
        "azure like": azure_like(),
        "compute optimizer like": compute_optimizer_like(),
        "p99 + 15 %": Percentile(level=0.99, factor=1.15),
        "peak + 5 %": Percentile(level=1.0, factor=1.05),
        "predictive": OwnPast(history=max(steps // 2, 1), horizon=horizon, stride=max(steps_a_day, 1)),
    }


def horizon_of(steps: int, steps_a_day: int) -> int:
    """How long has a size to last in the replay: a week, or a quarter of a short history, in steps.

    Parameters
    ----------
    steps : int
        Length of the history.
    steps_a_day : int
        Steps in a day.

    Examples
    --------
    >>> horizon_of(28 * 96, 96) // 96, horizon_of(4 * 96, 96) // 96
    (7, 1)
    """
    return max(min(_LAST_DAYS * steps_a_day, steps // 4), 1)


def tried(
    histories: Histories,
    *,
    autoscaled: Collection[str] = (),
    kills: IntArray | None = None,
    start_seconds: int = 0,
) -> Trial:
    """How would each rule have done on the past of these resources; parameters are those of `needs`.

    Returns
    -------
    Trial
    """
    steps, day = histories.use.shape[1], histories.steps_a_day
    horizon = horizon_of(steps, day)
    cuts = origins(
        length=steps,
        horizon=horizon,
        stride=max(horizon // 2, 1),
        count=_ORIGINS,
        history=max(steps // _PARTS, 1),
    )
    return trial_of(
        histories,
        strategies(steps=steps, steps_a_day=day),
        horizon=horizon,
        cuts=cuts,
        autoscaled=autoscaled,
        kills=kills,
        start_seconds=start_seconds,
    )


def needs(
    histories: Histories,
    *,
    autoscaled: Collection[str] = (),
    kills: IntArray | None = None,
    start_seconds: int = 0,
) -> dict[str, Size]:
    """What size does each resource need, of one kind of use.

    Parameters
    ----------
    histories : Histories
        What one member used; resources of several members have their busiest or their mean.
    autoscaled : collection of str
        Resources whose number of members follows this use; see `follows_use`.
    kills : ndarray, optional
        [rows, steps], kills for want of memory.
    start_seconds : int
        How long a start takes; memory used in one counts for the limit only.

    Returns
    -------
    dict of str to Size

    Examples
    --------
    >>> used = np.tile([1.0, 1.2], 150)[None, :]
    >>> needs(Histories(("web",), used, 3600, np.array([8.0]), "cpu"))["web"].amount < 2
    True
    """
    trial = tried(histories, autoscaled=autoscaled, kills=kills, start_seconds=start_seconds)
    return {size.name: size for size in trial.sizes()}


def follows_use(histories: Histories, counts: Mapping[str, Iterable[float]]) -> Collection[str]:
    """Of which resources does the number of members follow this use: smaller members would be more of them.

    An autoscaler that follows use aims at a share of each member's capacity, as a rule half and more. Where
    the members' 95th percentile stays below 40 %, whatever their number, something else moves the number.

    Parameters
    ----------
    histories : Histories
        What one member used.
    counts : mapping of str to numbers
        How many members a resource had at each step; one without is not scaled. NaN is a gap.

    Returns
    -------
    frozenset of str

    Examples
    --------
    >>> use = np.array([[0.9, 1.0], [0.1, 0.2]])
    >>> asked = Histories(("busy", "calm"), use, 3600, np.array([2.0, 2.0]), "cpu")
    >>> sorted(follows_use(asked, {"busy": [1, 3], "calm": [1, 3]}))
    ['busy']
    """
    whole = histories.merged()
    peak = quantiles(whole.use, [_PEAK])[:, 0] / whole.capacity
    return frozenset(
        name
        for name, share in zip(whole.names, peak, strict=True)
        if _varies(counts.get(name, ())) and not share < _SCALING
    )


def _varies(counts: Iterable[float]) -> bool:
    known = np.array([count for count in counts if np.isfinite(count)])
    return bool(len(known) and known.max() > known.min())


def backtest_of(sizes: Mapping[str, Size]) -> dict[str, float | None]:
    """How did the rules behind some sizes do in this resource's own past: ``cpu_breach`` and so on.

    Parameters
    ----------
    sizes : mapping of str to Size
        Kind of use to what was found; one without an answer says nothing.

    Returns
    -------
    dict of str to float or None
    """
    return {
        f"{kind}_{measure}": value
        for kind, size in sizes.items()
        if size.amount is not None
        for measure, value in size.backtest.items()
    }


def breach_of(sizes: Iterable[Size]) -> float | None:
    """How often is one of these sizes expected to be too small: at most the sum; None where one is not known.

    Parameters
    ----------
    sizes : iterable of Size
        Where a rule promises nothing, its own past counts, and one more window that was exceeded as often as
        is promised at most: a past without any breach is no promise of none.

    Returns
    -------
    float or None
        Share of the time, 0 to 1.

    Examples
    --------
    >>> past = {"breach": 0.02, "windows": 4.0}
    >>> cpu, memory = Size("a", "plain", 1.0, breach=0.01), Size("a", "plain", 1.0, backtest=past)
    >>> round(breach_of([cpu, memory]), 3)  # .01, and .09 / 5
    0.028
    """
    shares = [_past_breach(size.backtest) if size.breach is None else size.breach for size in sizes]
    known = [share for share in shares if share is not None]
    return min(sum(known), 1.0) if known and len(known) == len(shares) else None


def _past_breach(backtest: Mapping[str, float | None]) -> float | None:
    breach, windows = backtest.get("breach"), backtest.get("windows")
    if breach is None or not windows:
        return None
    return (breach * windows + Promise().mean) / (windows + 1)


def strategies_told(sizes: Mapping[str, Size]) -> str:
    """By which rule was each kind sized, in words.

    Parameters
    ----------
    sizes : mapping of str to Size
        Kind of use to what was found.

    Examples
    --------
    >>> strategies_told({"cpu": Size("a", "plain", 1.0, strategy="krr")})
    'cpu by krr'
    """
    return ", ".join(f"{kind} by {size.strategy}" for kind, size in sizes.items() if size.strategy)

"""Which workloads does a history of use not tell the need of: each such kind with its reason."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from finops_lib.optimize.windows import BoolArray, FloatArray, Histories, quantiles

AUTOSCALED, YOUNG, THROTTLED = "autoscaled", "too_young", "throttled"
CEILING, BATCH, PLAIN = "at_ceiling", "batch", "plain"
SILENT = frozenset({AUTOSCALED, YOUNG, THROTTLED, CEILING})  # no size can be told from use

_DAYS, _SAMPLES = 3, 100
_FULL = 0.97  # of the capacity: no more can be used
_FULL_SHARE, _FULL_RUN = 0.02, 3  # of the samples; steps in a row
_FLAT, _HIGH = 0.03, 0.8  # memory that moves by less than this, above this share of the capacity
_ON, _ON_SHARE, _STARTS = 0.1, 0.5, 3  # of the peak; of the samples; times it began


_Rule = tuple[str, BoolArray, Callable[[int], str]]


@dataclass(frozen=True)
class Look:
    """What kind of workload it is, and in words why its use does not tell its need; empty for plain ones."""

    name: str
    kind: str
    reason: str = ""


def looks(histories: Histories, *, autoscaled: Collection[str] = ()) -> tuple[Look, ...]:
    """What kind of workload is each.

    Parameters
    ----------
    histories : Histories
        Pods of a workload are looked at by the busiest at each step.
    autoscaled : collection of str
        Workloads whose number of pods follows the use of this kind of resource.

    Returns
    -------
    tuple of Look
        In the order of ``histories.workloads``. The first that holds: autoscaled, too young, throttled (CPU,
        GPU, disk, network at capacity in runs of three steps), at ceiling (memory high and flat, as of a
        virtual machine with its own heap), batch (on for less than half of the time), plain.

    Examples
    --------
    >>> use = np.vstack([np.full(300, 1.0), np.full(300, 2.0)])
    >>> asked = Histories(("web", "job"), use, 3600, np.array([2.0, 2.0]), "cpu")
    >>> [(look.name, look.kind) for look in looks(asked)]
    [('web', 'plain'), ('job', 'throttled')]
    """
    whole = histories.merged()
    if not whole.use.shape[1]:
        whole = replace(whole, use=np.full((len(whole.names), 1), np.nan))
    rules = _rules(whole, frozenset(autoscaled))
    return tuple(
        next((Look(name, kind, told(row)) for kind, holds, told in rules if holds[row]), Look(name, PLAIN))
        for row, name in enumerate(whole.names)
    )


def _rules(whole: Histories, autoscaled: frozenset[str]) -> tuple[_Rule, ...]:
    """Give each kind the rows that it holds for, and its reason."""
    full, (on, starts) = _full(whole), _running(whole)
    known, lived = np.isfinite(whole.use).sum(axis=1), _lived_days(whole)
    memory = whole.kind == "memory"
    scaled = np.array([name in autoscaled for name in whole.names], dtype=bool)
    needed = f"{_DAYS} days, {_SAMPLES} samples are needed"
    return (
        (
            AUTOSCALED,
            scaled,
            lambda _: f"an autoscaler follows the use of {whole.kind}: size moves its count",
        ),
        (
            YOUNG,
            (known < _SAMPLES) | (lived < _DAYS),
            lambda row: f"{lived[row]:.1f} days, {known[row]} samples: {needed}",
        ),
        (
            THROTTLED,
            (full >= _FULL_SHARE) & (not memory),
            lambda row: f"{full[row]:.0%} of the samples are at capacity in runs: the need is not known",
        ),
        (
            CEILING,
            _flat(whole) & memory,
            lambda _: "memory stands high and flat: a heap takes what it is given, whatever it needs",
        ),
        (
            BATCH,
            (on < _ON_SHARE) & (starts >= _STARTS),
            lambda row: f"on for {on[row]:.0%} of the time, begun {starts[row]} times: sized by when it runs",
        ),
    )


def while_running(histories: Histories) -> Histories:
    """What did it use while it ran: the rest becomes a gap, so that sizes are those of a run.

    Parameters
    ----------
    histories : Histories
        Batch workloads.

    Returns
    -------
    Histories

    Examples
    --------
    >>> job = Histories(("job",), np.array([[0.0, 5.0, 4.0, 0.1]]), 3600, np.array([8.0]), "cpu")
    >>> while_running(job).use.tolist()
    [[nan, 5.0, 4.0, nan]]
    """
    on = histories.use > _ON * _peak(histories)[:, None]
    use = np.where(on, histories.use, np.nan)
    return replace(histories, use=use)


def _peak(histories: Histories) -> FloatArray:
    return quantiles(histories.use, [0.99])[:, 0]


def _lived_days(histories: Histories) -> FloatArray:
    """Count days from the first sample to the end of the table."""
    known = np.isfinite(histories.use)
    steps = np.where(known.any(axis=1), histories.use.shape[1] - known.argmax(axis=1), 0)
    return np.asarray(steps * histories.step_seconds / 86_400)


def _full(histories: Histories) -> FloatArray:
    """Which share of the samples is at capacity, counted in runs only."""
    at = histories.use >= _FULL * histories.capacity[:, None]
    held, run = np.zeros_like(at), _run_from(at)
    for shift in range(_FULL_RUN):  # the run may have begun so many steps before
        held[:, shift:] |= run[:, : at.shape[1] - shift]
    count = np.maximum(np.isfinite(histories.use).sum(axis=1), 1)
    return np.asarray((held & at).sum(axis=1) / count)


def _run_from(at: BoolArray) -> BoolArray:
    """Mark steps from which on a whole run is true."""
    run = at.copy()
    for step in range(1, _FULL_RUN):
        run[:, :-step] &= at[:, step:]
        run[:, -step:] = False
    return run


def _flat(histories: Histories) -> BoolArray:
    """Is it high and does it hardly move."""
    low, high = quantiles(histories.use, [0.05, 1.0]).T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(((high - low) / high < _FLAT) & (high >= _HIGH * histories.capacity))


def _running(histories: Histories) -> tuple[FloatArray, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Which share of the time is it on, and how often did it begin; gaps are time it was off."""
    on = histories.use > _ON * _peak(histories)[:, None]
    starts = (on[:, 1:] & ~on[:, :-1]).sum(axis=1) + (on[:, 0] if on.shape[1] else 0)
    begun = np.isfinite(histories.use).argmax(axis=1)
    steps = np.maximum(histories.use.shape[1] - begun, 1)
    return np.asarray(on.sum(axis=1) / steps), starts.astype(np.int64)

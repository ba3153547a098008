"""Which machines of one's own can be emptied: the load of each moved, as a whole, to others with room for it.

Loads are added as they came, step by step, so that a night job and a day shop share a machine that their
peaks alone would not. A tenth of each machine stays free of its capacity, and a site keeps its loads. What is
saved is what ends with the machine: power, space, licences and work. What it was bought for is spent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from finops_lib.optimize.rightsize.paid import Paid, saving
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import NoRecommendation, Recommendation

KIND = "consolidate"
HEADROOM = 0.1
_FEWEST_STEPS = 100


@dataclass(frozen=True)
class Host:
    """A machine of one's own: its site, capacity and load by kind, and what ends with it.

    ``capacity`` is by kind of use (``cpu`` cores, ``memory`` bytes); ``load`` [steps] by the same kinds, NaN
    a gap. ``paid`` holds only what is no longer paid once the machine is off.
    """

    resource: str
    site: str
    capacity: Mapping[str, float]
    load: Mapping[str, FloatArray]
    paid: Paid | None
    evidence: tuple[str, ...] = ()


class Packing(NamedTuple):
    """Where each load goes: host to host; those that stay on their own are not in it."""

    moves: Mapping[str, str]


def why_not(host: Host) -> str:
    """Why nothing can be said of a machine; empty where it can.

    Parameters
    ----------
    host : Host
        With its load.
    """
    missing = [kind for kind, size in host.capacity.items() if not np.isfinite(size) or size <= 0]
    if missing or not host.capacity:
        return f"its capacity is not known: {', '.join(missing) or 'no kind of it'}"
    for kind in host.capacity:
        known = int(np.isfinite(host.load.get(kind, np.empty(0))).sum())
        if known < _FEWEST_STEPS:
            return f"its {kind} was measured {known} times, {_FEWEST_STEPS} are needed"
    return ""


def packed(hosts: Sequence[Host], *, headroom: float = HEADROOM) -> Packing:
    """Which machines can be emptied into which others.

    Parameters
    ----------
    hosts : sequence of Host
        All of which something can be said, with loads over the same steps.
    headroom : float
        Share of the capacity to stay free at every step, 0 to 1.

    Returns
    -------
    Packing
        Machines are tried from the least loaded on; each goes to the fullest of its site that holds it, at
        every step and in every kind. One that took in a load stays.

    Notes
    -----
    Best fit decreasing in reverse, over time series: Panigrahy et al. (2011), Heuristics for vector bin
    packing. A step of which one load is not known counts that load's highest.

    Examples
    --------
    >>> steps = np.ones(200)
    >>> ends = [Host(name, "a", {"cpu": 10.0}, {"cpu": steps * load}, None) for name, load in
    ...         (("x", 6.0), ("y", 3.0), ("z", 8.0))]
    >>> dict(packed(ends).moves)
    {'y': 'x'}
    """
    kinds = sorted({kind for host in hosts for kind in host.capacity})
    size = np.array([[host.capacity[kind] for kind in kinds] for host in hosts])
    load = np.array([[_filled(host.load[kind]) for kind in kinds] for host in hosts])
    if not len(hosts):
        return Packing({})
    room = size * (1.0 - headroom)
    fill = (load.max(axis=2) / size).max(axis=1)
    moves: dict[str, str] = {}
    taken: set[int] = set()
    for place in np.argsort(fill, kind="stable").tolist():
        into = -1 if place in taken else _home(place, hosts, load, room, moves)
        if into >= 0:
            load[into] += load[place]
            taken.add(into)
            moves[hosts[place].resource] = hosts[into].resource
    return Packing(moves)


def _home(
    place: int, hosts: Sequence[Host], load: FloatArray, room: FloatArray, moves: Mapping[str, str]
) -> int:
    """Find the fullest machine of the site that holds this load on top of its own; -1 where none does."""
    best, fullest = -1, -1.0
    for other, host in enumerate(hosts):
        if other == place or host.site != hosts[place].site or host.resource in moves:
            continue
        top = (load[other] + load[place]).max(axis=1)
        fill = float((top / room[other]).max())
        if fill <= 1.0 and fill > fullest:
            best, fullest = other, fill
    return best


def _filled(load: FloatArray) -> FloatArray:
    return np.where(np.isfinite(load), load, np.nanmax(load))


def consolidations(
    hosts: Iterable[Host], *, headroom: float = HEADROOM
) -> list[Recommendation | NoRecommendation]:
    """Which machines of one's own can be switched off, and where do their loads go.

    Parameters
    ----------
    hosts : iterable of Host
        All machines; loads over the same steps.
    headroom : float
        Share of the capacity to stay free, 0 to 1.

    Returns
    -------
    list of Recommendation or NoRecommendation
        One for each machine that can be emptied, and one with its reason for each of which nothing is known.
    """
    told = list(hosts)
    reasons = {host.resource: why_not(host) for host in told}
    known = [host for host in told if not reasons[host.resource]]
    moves = packed(known, headroom=headroom).moves
    silent = [NoRecommendation(name, KIND, reason) for name, reason in reasons.items() if reason]
    emptied = [host for host in known if host.resource in moves]
    return [*(_told(host, moves[host.resource], headroom) for host in emptied), *silent]


def _told(host: Host, into: str, headroom: float) -> Recommendation | NoRecommendation:
    why = (
        "what ends with the machine is not known: a saving cannot be told"
        if host.paid is None
        else host.paid.why_not()
    )
    if why or host.paid is None:
        return NoRecommendation(host.resource, KIND, why)
    peak = {kind: float(np.nanmax(host.load[kind]) / size) for kind, size in host.capacity.items()}
    peaks = ", ".join(f"{kind} {share:.0%}" for kind, share in peak.items())
    return Recommendation(
        host.resource,
        KIND,
        {"state": "running"},
        {"state": "off", "load": into},
        saving(host.paid, Decimal(1)),
        None,
        {"peak_share": max(peak.values())},
        f"its peaks are {peaks}; with them {into} keeps {headroom:.0%} free at every step that was seen; "
        "power, space, licences and work end with it, what it was bought for does not come back",
        host.evidence,
        "high",
    )

"""Is an alert flapping: coming and going so often that each coming says nothing new.

Each coming or going adds a penalty, which halves with time. Above one limit the alert is held back, and below
a lower one it is heard again, so that the damping does not flap itself.

Source: Villamizar, Chandra, Govindan (1998), BGP route flap damping, RFC 2439, section 4: figure of merit,
half-life, cutoff and reuse thresholds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from finops_lib.records import Record


@dataclass(frozen=True)
class Damping(Record):
    """How quickly is an alert held back, and for how long.

    A turn (it comes, or it goes) adds 1. It is held back from ``cutoff`` on until the penalty is below
    ``reuse``; the penalty halves in ``half_life`` and never exceeds ``ceiling``.
    """

    half_life: timedelta = timedelta(days=3)
    cutoff: float = 3.0
    reuse: float = 1.0
    ceiling: float = 12.0

    def __post_init__(self) -> None:
        if not (self.half_life > timedelta(0) and 0 < self.reuse < self.cutoff <= self.ceiling):
            raise ValueError(f"{self}: reuse lies below cutoff, cutoff is at most the ceiling, time passes")


@dataclass(frozen=True)
class Merit:
    """The penalty of an alert at a moment, and whether it is held back."""

    penalty: float
    at: datetime
    held: bool

    def after(self, now: datetime, damping: Damping) -> Merit:
        """What has become of it by now, if nothing happened.

        Parameters
        ----------
        now : datetime
            Not before ``at``.
        damping : Damping

        Returns
        -------
        Merit

        Examples
        --------
        >>> noon = datetime(2026, 7, 1, 12)
        >>> Merit(4.0, noon, True).after(noon + timedelta(days=6), Damping())
        Merit(penalty=1.0, at=datetime.datetime(2026, 7, 7, 12, 0), held=True)
        """
        halvings = max(0.0, (now - self.at) / damping.half_life)
        penalty = self.penalty * 0.5**halvings
        return Merit(penalty, max(now, self.at), self.held and penalty >= damping.reuse)

    def turned(self, now: datetime, damping: Damping) -> Merit:
        """What has become of it by now, if it came or went just now.

        Parameters
        ----------
        now : datetime
            Not before ``at``.
        damping : Damping

        Returns
        -------
        Merit
        """
        before = self.after(now, damping)
        penalty = min(damping.ceiling, before.penalty + 1)
        return Merit(penalty, before.at, before.held or penalty >= damping.cutoff)


def merit(turns: Iterable[datetime], *, now: datetime, damping: Damping | None = None) -> Merit:
    """Is an alert that came and went at these moments held back now.

    Parameters
    ----------
    turns : iterable of datetime
        In any order; those after ``now`` do not count.
    now : datetime
        As the turns, with or without a time zone.
    damping : Damping, optional

    Returns
    -------
    Merit

    Examples
    --------
    >>> noon = datetime(2026, 7, 1, 12)
    >>> merit([noon] * 2, now=noon).held, merit([noon] * 3, now=noon).held
    (False, True)
    """
    rules = damping or Damping()
    found = Merit(0.0, datetime.min.replace(tzinfo=now.tzinfo), held=False)
    for turn in sorted(turn for turn in turns if turn <= now):
        found = found.turned(turn, rules)
    return found.after(now, rules)

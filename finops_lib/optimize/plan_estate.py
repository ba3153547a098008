"""What a plan is made of: resources with their use, and actions that change what later ones find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from finops_lib.optimize.windows import FloatArray
from finops_lib.records import Record

STAGES = (
    "rightsize",
    "gpus",
    "licence",
    "switch_off",
    "schedule",
    "spot",
)  # in this order, then commit to what is left
MONTH_HOURS = 730.0
_NONE: Mapping[str, str] = {}


@dataclass(frozen=True)
class Action(Record):
    """One change to one resource.

    ``stage`` is one of ``STAGES``, ``kind`` as in `finops_lib.records.Recommendation`. ``keeps`` is the share
    of the resource's cost that is left, in all hours or, for a schedule, by hour of the week from Monday 0
    UTC (168 of them). ``doubt`` are a low and a high saving, in shares of the expected one.
    ``breach_probability`` is None where it is not known; ``breach_cost`` is money a month that a breach all
    the time would cost.

    Examples
    --------
    >>> half = Action("web", "rightsize", "cpu_request", 0.5)
    >>> half.left(3).tolist()
    [0.5, 0.5, 0.5]
    """

    resource: str
    stage: str
    kind: str
    keeps: float | tuple[float, ...]
    from_: Mapping[str, str] = field(default_factory=dict)
    to: Mapping[str, str] = field(default_factory=dict)
    doubt: tuple[float, float] = (1.0, 1.0)
    breach_probability: float | None = 0.0
    breach_cost: float = 0.0
    effort: str = "low"
    reason: str = ""
    evidence: tuple[str, ...] = ()
    backtest: Mapping[str, float | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shares = np.atleast_1d(np.asarray(self.keeps, dtype=float))
        if self.stage not in STAGES or not (np.isfinite(shares) & (shares >= 0)).all() or not len(shares):
            raise ValueError(
                f"action on {self.resource!r}: a stage of {STAGES}, shares that are known and not below zero"
            )
        if not self.doubt[0] <= 1.0 <= self.doubt[1] or not 0 <= self.breach_cost < np.inf:
            raise ValueError(
                f"doubt {self.doubt}, breach cost {self.breach_cost}: about 1, and at least zero"
            )
        if self.breach_probability is not None and not 0 <= self.breach_probability <= 1:
            raise ValueError(f"breach probability {self.breach_probability}: 0 to 1, or None")

    def left(self, steps: int, *, first: int = 0) -> FloatArray:
        """Which share of the cost is left in each hour.

        Parameters
        ----------
        steps : int
            Hours.
        first : int
            Hour of the week of the first of them.

        Returns
        -------
        ndarray
            [steps].
        """
        shares = np.atleast_1d(np.asarray(self.keeps, dtype=float))
        return shares[(first + np.arange(steps)) % len(shares)]

    @property
    def risk_month(self) -> float:
        """Expected money a month lost to breaches; a chance that is not known is taken for certain."""
        return (1.0 if self.breach_probability is None else self.breach_probability) * self.breach_cost


@dataclass(frozen=True)
class Estate:
    """Resources, what they cost, and what is committed to already.

    Parameters
    ----------
    names : tuple of str
        Resources.
    use : ndarray
        [resources, hours], money an hour at list price, whole weeks.
    scopes : tuple of str
        Scope of commitments that each belongs to; empty where none can cover it.
    held : mapping of str to float
        On-demand money an hour that commitments in place cover, by scope: paid already.
    discount : mapping of str to float
        Share that a further commitment saves, by scope.
    currency : str
        ISO 4217.
    first_hour : int
        Hour of the week of the first hour, from Monday 0 UTC.

    Raises
    ------
    ValueError
        The parts do not fit one another, or use is not known: resources without known use are left out.
    """

    names: tuple[str, ...]
    use: FloatArray
    scopes: tuple[str, ...]
    held: Mapping[str, float] = field(default_factory=dict)
    discount: Mapping[str, float] = field(default_factory=dict)
    currency: str = "USD"
    first_hour: int = 0

    def __post_init__(self) -> None:
        if self.use.ndim != 2 or not len(self.names) == len(self.use) == len(self.scopes):  # noqa: PLR2004
            raise ValueError(
                f"{len(self.names)} names, {len(self.scopes)} scopes, use {self.use.shape}: one each"
            )
        if len(set(self.names)) != len(self.names):
            raise ValueError("names: each resource stands once")
        if not np.isfinite(self.use).all() or not self.use.shape[1]:
            raise ValueError("use: each hour is known, and there is one")
        if not all(np.isfinite(one) for one in self.held.values()):
            raise ValueError(f"held {dict(self.held)}: each is known")
        if not all(0 <= one <= 1 for one in self.discount.values()):
            raise ValueError(f"discount {dict(self.discount)}: shares of 0 to 1")


@dataclass(frozen=True)
class State:
    """One way to treat a resource: actions that go together, what is left, and what it costs to do.

    ``left`` is [hours] as shares; ``committable`` says that commitments may cover the rest; ``burden`` is
    money a month for risk and effort.
    """

    actions: tuple[Action, ...]
    left: FloatArray
    committable: bool
    burden: float


def states(
    actions: Sequence[Action], *, estate: Estate, effort_month: Mapping[str, float]
) -> tuple[State, ...]:
    """In which ways can a resource be treated: at most one action a stage, and nothing beside switching off.

    Parameters
    ----------
    actions : sequence of Action
        Of one resource.
    estate : Estate
        Its hours count.
    effort_month : mapping of str to float
        Money a month for an effort of low, medium and high.

    Returns
    -------
    tuple of State
        The first is to do nothing.

    Examples
    --------
    >>> estate = Estate(("web",), np.ones((1, 168)), ("vm",))
    >>> asked = [Action("web", "rightsize", "size", 0.5), Action("web", "spot", "spot", 0.3)]
    >>> free = {"low": 0.0}
    >>> [round(float(state.left[0]), 2) for state in states(asked, estate=estate, effort_month=free)]
    [1.0, 0.3, 0.5, 0.15]
    """
    hours = estate.use.shape[1]
    by_stage = [[None, *(one for one in actions if one.stage == stage)] for stage in STAGES]
    found = []
    for choice in product(*by_stage):
        taken = tuple(one for one in choice if one is not None)
        if len(taken) > 1 and any(one.stage == "switch_off" for one in taken):
            continue
        left = np.ones(hours)
        for one in taken:
            left = left * one.left(hours, first=estate.first_hour)
        burden = sum(one.risk_month + effort_month.get(one.effort, 0.0) for one in taken)
        found.append(State(taken, left, all(one.stage != "spot" for one in taken), burden))
    return tuple(found)


def scope_cost(use: FloatArray, *, held: float, discount: float) -> FloatArray:
    """What does the use of a scope cost, with the best further commitment on top of what is held.

    Parameters
    ----------
    use : ndarray
        [..., hours], money an hour at list price.
    held : float
        On-demand money an hour covered already; its price is paid and not counted.
    discount : float
        Share that a further commitment saves; 0 is none.

    Returns
    -------
    ndarray
        [...], money over the hours.

    Notes
    -----
    As `finops_lib.optimize.commitments.cost.best`, for many rows at a time.

    Examples
    --------
    >>> scope_cost(np.array([[4.0, 10.0]]), held=2.0, discount=0.5).tolist()  # 2 committed: 1 + 1 + 6
    [8.0]
    """
    rest = np.sort(np.maximum(use - held, 0.0), axis=-1)
    hours = rest.shape[-1]
    place = max(int(np.ceil(discount * hours * (1 - 1e-12))) - 1, 0)
    level = rest[..., place] if discount > 0 else np.zeros(rest.shape[:-1])
    above = np.maximum(rest - level[..., None], 0.0).sum(axis=-1)
    return np.asarray((1.0 - discount) * level * hours + above)

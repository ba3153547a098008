"""Why is this recommended: what drives it, what would change the answer, and what was not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from finops_lib.cost.allocation.shapley import MOST_EXACT, shapley
from finops_lib.optimize.plan_told import Ranked
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import Record

_HALVINGS = 60
_SUM = 1e-9  # of the size of what is explained
Predict = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class Part(Record):
    """What one cause adds: ``amount`` in the unit of what is explained."""

    name: str
    amount: float


@dataclass(frozen=True)
class Flip(Record):
    """At which value of something the answer would change: ``now`` is its value, ``at`` the edge.

    ``at`` is None where no value that was looked at changes it.
    """

    name: str
    now: float
    at: float | None


@dataclass(frozen=True)
class Explanation(Record):
    """Why something is recommended.

    ``parts`` add up to ``net_month``, money a month; ``flips`` say what would have to be otherwise;
    ``not_known`` is what was taken on trust.
    """

    key: str
    why: str
    net_month: float
    parts: tuple[Part, ...]
    flips: tuple[Flip, ...]
    not_known: tuple[str, ...]


def explained(one: Ranked, *, risk_month: float, effort_month: float) -> Explanation:
    """Why is this recommended, what would flip it, and what was not known.

    Parameters
    ----------
    one : Ranked
        A recommendation with its worth before people's answers are counted.
    risk_month, effort_month : float
        What risk and effort are taken to cost, money a month.

    Returns
    -------
    Explanation

    Raises
    ------
    ValueError
        The parts do not add up to the worth, to a cent.
    """
    found = one.recommendation
    saving = float(found.saving_month.mid)
    parts = (Part("saving", saving), Part("risk", -risk_month), Part("effort", -effort_month))
    if not abs(sum(part.amount for part in parts) - one.net_month) <= 0.01:  # noqa: PLR2004 - a cent
        raise ValueError(f"parts {[part.amount for part in parts]}: they add up to {one.net_month}")
    flips = [
        Flip("saving a month", saving, risk_month + effort_month),
        Flip("effort a month", effort_month, _within(saving - risk_month)),
    ]
    chance = found.breach_probability
    if chance:
        edge = (saving - effort_month) / risk_month * chance if risk_month > 0 else None
        flips.append(Flip("breach probability", chance, _within(edge, most=1.0)))
    why = f"{found.reason}; worth {one.net_month:.2f} {found.saving_month.unit} a month after risk and effort"
    return Explanation(found.key, why, one.net_month, parts, tuple(flips), _not_known(one))


def _within(edge: float | None, *, most: float = inf) -> float | None:
    """No effort and no chance is below zero, and no chance above one."""
    return edge if edge is not None and 0 <= edge <= most else None


def _not_known(one: Ranked) -> tuple[str, ...]:
    found = one.recommendation
    said = {
        "how often it would be too small": found.breach_probability is None,
        "how the same rule did in the past": not any(v is not None for v in found.backtest.values()),
        "which snapshots and series it rests on": not found.evidence,
        "who owns it": not found.owner,
        "which file to change": not found.file,
        "whether it saves at all: the low end is not above zero": found.saving_month.low <= 0,
    }
    return tuple(text for text, true in said.items() if true)


def flip(worth: Callable[[float], float], *, now: float, end: float) -> float | None:
    """At which value, between its own and another, does something stop being worth while.

    Parameters
    ----------
    worth : callable
        From a value to money; above zero at ``now`` and going one way between the two.
    now, end : float
        The value it has, and the furthest that is looked at.

    Returns
    -------
    float or None
        None where it is worth while also at ``end``.

    Raises
    ------
    ValueError
        It is not worth while now.

    Examples
    --------
    >>> round(flip(lambda use: use - 7.0, now=10.0, end=0.0), 9)
    7.0
    >>> flip(lambda use: use + 1.0, now=10.0, end=0.0) is None
    True
    """
    if worth(now) <= 0:
        raise ValueError("worth: what is not worth while now has no edge from here")
    if worth(end) > 0:
        return None
    good, bad = now, end
    for _ in range(_HALVINGS):
        middle = (good + bad) / 2
        good, bad = (middle, bad) if worth(middle) > 0 else (good, middle)
    return bad


def learned_parts(
    predict: Predict,
    row: FloatArray,
    background: FloatArray,
    *,
    groups: Mapping[str, Sequence[int]],
) -> tuple[float, tuple[Part, ...]]:
    """What does each group of features add to what a learned model says of this row.

    Parameters
    ----------
    predict : callable
        From [rows, features] to [rows].
    row : ndarray
        [features], what is explained.
    background : ndarray
        [rows, features], against which it is held.
    groups : mapping of str to sequence of int
        Names of groups and their columns: each column in one group, at most twelve groups.

    Returns
    -------
    tuple of float and tuple of Part
        The mean of the background, and the parts, the largest first; together they are what the model says
        of the row.

    Raises
    ------
    ValueError
        A column is in no group or in two, there are too many groups, or the sum is off by more than 1e-9 of
        its size.

    Notes
    -----
    Shapley values of a prediction with features left out by taking them from the background: Lundberg and
    Lee (2017), Advances in Neural Information Processing Systems 30; exact, over all coalitions of groups.

    Examples
    --------
    >>> twice = lambda rows: 2 * rows[:, 0] + rows[:, 1]
    >>> named = {"a": [0], "b": [1]}
    >>> base, parts = learned_parts(twice, np.array([3.0, 1.0]), np.zeros((2, 2)), groups=named)
    >>> base, [(part.name, part.amount) for part in parts]
    (0.0, [('a', 6.0), ('b', 1.0)])
    """
    columns = sorted(column for group in groups.values() for column in group)
    if columns != list(range(len(row))) or len(groups) > MOST_EXACT:
        raise ValueError(
            f"{len(groups)} groups over columns {columns}: each of {len(row)} once, in at most {MOST_EXACT}"
        )
    base = float(np.mean(predict(background)))

    def game(members: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> FloatArray:
        return np.array([_mixed(predict, row, background, groups, line) - base for line in members])

    found = shapley(game, consumers=len(groups)).mid
    parts = [Part(name, float(amount)) for name, amount in zip(groups, found, strict=True)]
    said = float(predict(row[None, :])[0])
    off = abs(base + sum(part.amount for part in parts) - said)
    if off > _SUM * max(abs(said), abs(base), 1.0):
        raise ValueError(f"parts: they miss what the model says by {off}")
    return base, tuple(sorted(parts, key=lambda part: -abs(part.amount)))


def _mixed(
    predict: Predict,
    row: FloatArray,
    background: FloatArray,
    groups: Mapping[str, Sequence[int]],
    members: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
) -> float:
    mixed = background.copy()
    for columns, inside in zip(groups.values(), members, strict=True):
        if inside:
            mixed[:, list(columns)] = row[list(columns)]
    return float(np.mean(predict(mixed)))

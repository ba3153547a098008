"""Bring a licence or rent it with the machine: where owned licences save most, within what is owned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import LinearConstraint, milp

from finops_lib.errors import FinOpsError
from finops_lib.records import Record

KIND = "licence"
BRING, INCLUDED = "bring", "included"
_MONTH_HOURS = 730.0


@dataclass(frozen=True)
class Machine(Record):
    """A machine that needs licences: prices an hour with the licence in it and without, and hours a month.

    ``cores`` are licences that it takes if they are brought, at least the licence's own minimum.
    """

    name: str
    included: float
    bare: float
    cores: int
    hours: float = _MONTH_HOURS

    def __post_init__(self) -> None:
        if not (self.included >= 0 and self.bare >= 0 and self.cores > 0 and self.hours >= 0):
            raise ValueError(
                f"machine {self.name!r}: prices and hours are known, it takes a licence at least"
            )


def break_even_hours(machine: Machine, *, price: float) -> float | None:
    """How many hours a month must it run, so that a bought licence pays.

    Parameters
    ----------
    machine : Machine
        Prices and cores.
    price : float
        Money a month for one core.

    Returns
    -------
    float or None
        None where renting it with the machine is not dearer an hour.

    Examples
    --------
    >>> break_even_hours(Machine("db", 1.5, 1.0, 4), price=25.0)  # 100 a month over 0.5 an hour
    200.0
    """
    dearer = machine.included - machine.bare
    return machine.cores * price / dearer if dearer > 0 else None


def licences(machines: Sequence[Machine], *, owned: int, price: float | None = None) -> pd.DataFrame:
    """Which machines should bring a licence, and which rent it.

    Parameters
    ----------
    machines : sequence of Machine
        All that run the software.
    owned : int
        Cores whose licences are paid already, used or not.
    price : float, optional
        Money a month for a further core; None is that none is bought.

    Returns
    -------
    DataFrame
        ``machine``, ``model`` ("bring" or "included"), ``cores`` that it takes, ``cost`` and ``saving``
        against renting all, money a month. What bought licences cost is in the row of the machines that use
        them, in the order of the table.

    Raises
    ------
    FinOpsError
        The solver gives no answer.

    Notes
    -----
    A knapsack: licences go where they save most in all, not most a core; solved exactly by HiGHS.

    Examples
    --------
    >>> pair = [Machine("a", 1.5, 1.0, 4, 100.0), Machine("b", 1.2, 1.0, 2, 100.0)]
    >>> licences(pair, owned=4)[["machine", "model", "saving"]].values.tolist()
    [['a', 'bring', 50.0], ['b', 'included', 0.0]]
    """
    if not machines:
        return pd.DataFrame(columns=["machine", "model", "cores", "cost", "saving"])
    worth = np.array([(one.included - one.bare) * one.hours for one in machines])
    cores = np.array([one.cores for one in machines], dtype=float)
    most = cores.sum() if price is not None else 0.0
    answer = milp(
        np.append(-worth, price or 0.0),
        constraints=LinearConstraint(np.append(cores, -1.0)[None, :], ub=owned),
        bounds=(np.zeros(len(worth) + 1), np.append(np.ones(len(worth)), most)),
        integrality=np.ones(len(worth) + 1),
    )
    if answer.x is None:
        raise FinOpsError("the choice of licences", f"has no answer: {answer.message}", "check the prices")
    bring = (answer.x[:-1] > 0.5) & (worth > 0)  # noqa: PLR2004 - the solver's whole numbers
    taken = np.where(bring, cores, 0.0)
    beyond = np.diff(np.maximum(np.cumsum(taken) - owned, 0.0), prepend=0.0)
    saving = np.where(bring, worth, 0.0) - beyond * (price or 0.0)
    cost = np.array([one.included * one.hours for one in machines]) - saving
    models = [BRING if brought else INCLUDED for brought in bring]
    return pd.DataFrame(
        {
            "machine": [one.name for one in machines],
            "model": models,
            "cores": taken.astype(int),
            "cost": cost,
            "saving": saving,
        }
    )

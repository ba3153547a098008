"""How much of each hour's use does a commitment cover: first come, first covered, the rest is on demand."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from finops_lib.estate.calendar import Ints, Month
from finops_lib.estate.company import Commitment


@dataclass
class Balance:
    """What is left of a commitment in each step of a month, while its resources are gone through.

    ``committed`` and ``used`` are 1e-10 dollars of a plan or ten-thousandths of an instance hour of a
    reservation; ``spent`` marks the steps in which nothing more is covered.
    """

    committed: Ints
    used: Ints
    spent: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, commitment: Commitment, month: Month) -> Balance:
        """What does the commitment offer in each step of this month.

        Parameters
        ----------
        commitment : Commitment
            The plan or reservation.
        month : Month
            The month.

        Returns
        -------
        Balance
        """
        starts = month.starts
        alive = (starts >= int(commitment.start.timestamp())) & (starts < int(commitment.end.timestamp()))
        offered = np.where(alive, commitment.hourly * month.step_hours, 0)
        return cls(offered, np.zeros_like(offered), ~alive)

    def cover(self, quantity: Ints, *, rate: Ints) -> tuple[Ints, Ints]:
        """Which part of each quantity is covered, and take it from the balance.

        Where the balance ends within a quantity, the part is cut to a ten-thousandth and what is then left
        of the balance goes with it, so that nothing stays unused while there is use.

        Parameters
        ----------
        quantity : array of int
            Resources by steps, ten-thousandths of a unit.
        rate : array of int
            What one unit takes of the commitment, a resource; 0 is never covered.

        Returns
        -------
        tuple of two arrays of int
            The covered part of ``quantity``, and what was taken beyond that part times the rate.

        Examples
        --------
        >>> balance = Balance(np.array([100]), np.array([0]), np.array([False]))
        >>> [part.tolist() for part in balance.cover(np.array([[30], [30]]), rate=np.array([2, 3]))]
        [[[30], [13]], [[0], [1]]]
        >>> balance.used.tolist(), balance.unused.tolist()
        ([100], [0])
        """
        need = quantity * rate[:, None]
        after = np.cumsum(need, axis=0)
        left = np.where(self.spent, 0, self.unused)
        room = np.clip(left - (after - need), 0, None)
        whole = (need > 0) & (need <= room)
        part = np.where(need > room, room // np.maximum(rate, 1)[:, None], 0)
        covered: Ints = np.where(whole, quantity, part)
        beyond = np.where((part > 0) & (need > room), room - part * rate[:, None], 0)
        self.used += (covered * rate[:, None] + beyond).sum(axis=0)
        self.spent |= (need > room).any(axis=0)
        return covered, beyond

    @property
    def unused(self) -> Ints:
        """What is left in each step, in the unit of ``committed``."""
        left: Ints = self.committed - self.used
        return left

"""What does each action save after those before it: a running bill of an estate, scope by scope."""

from __future__ import annotations

import numpy as np

from finops_lib.optimize.commitments.cost import best
from finops_lib.optimize.plan_estate import Action, Estate
from finops_lib.optimize.windows import FloatArray


class Ledger:
    """The cost of an estate in each hour while actions are done one after the other.

    What commitments in place cover is paid already and costs nothing here, used or not.

    Parameters
    ----------
    estate : Estate
        As it is today.

    Examples
    --------
    >>> estate = Estate(("a", "b"), np.array([[4.0], [4.0]]), ("vm", "vm"), held={"vm": 6.0})
    >>> ledger = Ledger(estate)
    >>> off = [Action(name, "switch_off", "idle", 0.0) for name in "ab"]
    >>> ledger.saves(off[1]).tolist(), ledger.do(off[0]).tolist(), ledger.saves(off[1]).tolist()
    ([2.0], [2.0], [0.0])
    """

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._use = estate.use.copy()
        self._place = {name: number for number, name in enumerate(estate.names)}
        self._total = {
            scope: estate.use[[of == scope for of in estate.scopes]].sum(axis=0)
            for scope in dict.fromkeys(estate.scopes)
        }

    def hourly(self) -> FloatArray:
        """What is paid in each hour today, [hours]: of all that was in a scope from the beginning."""
        return np.asarray(np.sum([self.rest(scope) for scope in self._total], axis=0))

    def rest(self, scope: str) -> FloatArray:
        """What is used of a scope beyond what is held, [hours].

        Parameters
        ----------
        scope : str
            One of the estate's.
        """
        return self._beyond(scope, self._total[scope])

    def saves(self, action: Action) -> FloatArray:
        """What would this action save now, [hours]; below zero where it costs.

        Parameters
        ----------
        action : Action
            On a resource of the estate that is not on spot yet.
        """
        row, left, scope = self._changed(action)
        now = self._total[scope]
        if action.stage == "spot":
            return np.asarray(self._beyond(scope, now) - self._beyond(scope, now - row) - left)
        return np.asarray(self._beyond(scope, now) - self._beyond(scope, now - row + left))

    def do(self, action: Action) -> FloatArray:
        """Do it; give what it saves, [hours].

        Parameters
        ----------
        action : Action
            As in `saves`.
        """
        saved = self.saves(action)
        row, left, scope = self._changed(action)
        stays = 0.0 if action.stage == "spot" else left
        self._total[scope] = self._total[scope] - row + stays
        self._use[self._place[action.resource]] = stays
        return saved

    def committed(self, scope: str) -> tuple[float, FloatArray]:
        """What to commit to for what is left of a scope, and what that saves, [hours].

        Parameters
        ----------
        scope : str
            One of the estate's.
        """
        rest = self.rest(scope)
        discount = self._estate.discount.get(scope, 0.0) if scope else 0.0
        level = best(rest, discount=discount)
        return level, np.asarray(np.minimum(rest, level) - (1.0 - discount) * level)

    def _changed(self, action: Action) -> tuple[FloatArray, FloatArray, str]:
        place = self._place[action.resource]
        row = self._use[place]
        left = row * action.left(len(row), first=self._estate.first_hour)
        return row, left, self._estate.scopes[place]

    def _beyond(self, scope: str, total: FloatArray) -> FloatArray:
        held = self._estate.held.get(scope, 0.0) if scope else 0.0
        return np.asarray(np.maximum(total - held, 0.0))

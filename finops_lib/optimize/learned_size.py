"""What made the learned rule give this size: shares of what it saw, exact and adding up to the size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from finops_lib.optimize.explain import Part, learned_parts
from finops_lib.optimize.features import GROUPS
from finops_lib.optimize.past import scale_of
from finops_lib.optimize.strategies.predictive import OwnPast, Predictive, looks_of
from finops_lib.optimize.windows import FloatArray, Histories
from finops_lib.records import Record

_BACKGROUND = 40  # past windows that the size is held against


@dataclass(frozen=True)
class LearnedSize(Record):
    """Why the learned rule gives a workload this much, in the unit of the use.

    ``usual`` is what it gives the past windows in the mean, on the scale of this workload; ``parts`` are what
    each kind of thing that it saw adds or takes off; together they are ``amount``.
    """

    name: str
    usual: float
    parts: tuple[Part, ...]
    amount: float


def learned_sizes(rule: OwnPast, histories: Histories, *, names: Sequence[str]) -> dict[str, LearnedSize]:
    """What made the learned rule give these workloads their sizes.

    Parameters
    ----------
    rule : OwnPast
        As it sized them.
    histories : Histories
        All workloads: the rule learns from all of their past.
    names : sequence of str
        Workloads asked about; one without a sample has no answer.

    Returns
    -------
    dict of str to LearnedSize
        None where the past is too short for anything to be learned.

    Raises
    ------
    ValueError
        Parts do not add up to the size, see `finops_lib.optimize.explain.learned_parts`.

    Notes
    -----
    About .7 s a workload: 32 mixtures of 40 past windows go through the trees.
    """
    model = rule.learn(histories)
    if not isinstance(model, Predictive):
        return {}
    whole = histories.merged().last(rule.history)
    whole = whole.rows(np.asarray(np.isfinite(whole.use).any(axis=1)))
    scale = scale_of(whole)
    seen = looks_of(whole, scale)
    past = model.forest.past.seen
    background = past[np.linspace(0, len(past) - 1, min(_BACKGROUND, len(past))).astype(int)]
    asked = [place for place, name in enumerate(whole.names) if name in set(names)]
    return {
        whole.names[place]: _one(model, whole.names[place], seen[place], background, float(scale[place]))
        for place in asked
    }


def _one(model: Predictive, name: str, row: FloatArray, background: FloatArray, scale: float) -> LearnedSize:
    def amount(rows: FloatArray) -> FloatArray:
        share, _ = model.shares(rows, weight=np.full(len(rows), scale / model.unit))
        return np.asarray(share * scale)

    groups: Mapping[str, Sequence[int]] = GROUPS
    usual, parts = learned_parts(amount, row, background, groups=groups)
    return LearnedSize(name, usual, parts, usual + sum(part.amount for part in parts))

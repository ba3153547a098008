"""The learned rule's size is taken apart into what it saw, exactly."""

from __future__ import annotations

import numpy as np
import pytest

from finops_lib.optimize.features import GROUPS, described
from finops_lib.optimize.learned_size import learned_sizes
from finops_lib.optimize.strategies.predictive import OwnPast
from finops_lib.optimize.windows import Histories

DAY = 24
RULE = OwnPast(history=14 * DAY, horizon=7 * DAY, stride=DAY)


def fleet(*, workloads: int = 24, days: int = 42, seed: int = 3) -> Histories:
    """Draw calm and peaky workloads over six weeks of hours."""
    random = np.random.default_rng(seed)
    hours = np.arange(days * DAY)
    shape = 1 + 0.3 * np.sin(2 * np.pi * hours / DAY)
    use = (
        random.uniform(0.5, 2.0, (workloads, 1))
        * shape
        * np.exp(random.normal(0, 0.05, (workloads, len(hours))))
    )
    peaks = random.random(use.shape) < 0.02
    use[::2] *= np.where(peaks[::2], 2.5, 1.0)
    return Histories(tuple(f"w{n}" for n in range(workloads)), use, 3600, np.full(workloads, 8.0), "cpu")


def test_parts_add_up_to_the_size_that_the_rule_gives() -> None:
    """For a peaky and a calm one: usual and parts are the amount, to the last digit."""
    asked = fleet()
    sizes = dict(zip(asked.names, RULE(asked).amount.tolist(), strict=True))
    found = learned_sizes(RULE, asked, names=["w0", "w1"])
    assert set(found) == {"w0", "w1"}
    for name, one in found.items():
        assert one.amount == pytest.approx(sizes[name])
        assert one.usual + sum(part.amount for part in one.parts) == pytest.approx(one.amount)
        assert {part.name for part in one.parts} == set(GROUPS)


def test_peaks_add_where_there_are_peaks() -> None:
    """Shape and days add to the size of four peaky ones in the mean, and less to four calm ones."""
    asked = fleet()
    found = learned_sizes(RULE, asked, names=asked.names[:8])

    def shape(name: str) -> float:
        told = {part.name: part.amount for part in found[name].parts}
        return (told["how far peaks stand out"] + told["how days differ"]) / found[name].amount

    peaky, calm = ([shape(name) for name in asked.names[start:8:2]] for start in (0, 1))
    assert np.mean(peaky) > np.mean(calm)


def test_a_short_past_has_nothing_learned() -> None:
    """Three workloads carry no trees; a name that is not there has no answer."""
    assert learned_sizes(RULE, fleet(workloads=3), names=["w0"]) == {}
    assert learned_sizes(RULE, fleet(), names=["gone"]) == {}


def test_groups_are_all_columns_once() -> None:
    """In their order, as many as there are features."""
    columns = [column for group in GROUPS.values() for column in group]
    assert columns == list(range(described(np.ones((1, 96)), steps_a_day=24).shape[1]))

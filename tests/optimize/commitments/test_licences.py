"""Licences go where they save most in all: against trying every choice."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from finops_lib.optimize.commitments.licences import BRING, Machine, break_even_hours, licences


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("price", [None, 12.0])
def test_no_choice_saves_more(seed: int, price: float | None) -> None:
    """Six machines, all 64 choices."""
    random = np.random.default_rng(seed)
    machines = [
        Machine(f"m{place}", float(random.uniform(0.5, 2)), 0.4, int(random.integers(1, 9)), float(hours))
        for place, hours in enumerate(random.uniform(50, 730, 6))
    ]
    owned = int(random.integers(0, 20))

    def saved(choice: tuple[int, ...]) -> float:
        cores = sum(one.cores for one, brought in zip(machines, choice, strict=True) if brought)
        if price is None and cores > owned:
            return float("-inf")
        worth = sum(
            (one.included - one.bare) * one.hours
            for one, taken in zip(machines, choice, strict=True)
            if taken
        )
        return worth - max(cores - owned, 0) * (price or 0.0)

    best = max(map(saved, product((0, 1), repeat=6)))
    found = licences(machines, owned=owned, price=price)
    assert float(found["saving"].sum()) == pytest.approx(best, abs=1e-6)
    whole = sum(one.included * one.hours for one in machines)
    assert float(found["cost"].sum()) == pytest.approx(whole - best)
    if price is None:
        assert found["cores"].sum() <= owned
    assert set(found.loc[found["cores"] > 0, "model"]) <= {BRING}


def test_none_is_no_table_and_worth_nothing_is_never_brought() -> None:
    """No machine; one whose licence within the price is cheaper."""
    assert licences([], owned=4).empty
    [row] = licences([Machine("a", 1.0, 1.2, 2)], owned=4).to_dict("records")
    assert (row["model"], row["saving"]) == ("included", 0.0)
    assert break_even_hours(Machine("a", 1.0, 1.2, 2), price=5.0) is None


def test_a_machine_that_cannot_be_is_refused() -> None:
    """It takes a licence at least."""
    with pytest.raises(ValueError, match="it takes a licence at least"):
        Machine("a", 1.0, 0.5, 0)

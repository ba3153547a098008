"""Actions and estates refuse what cannot be, and a scope costs what trying every level says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.optimize.plan_estate import Action, Estate, scope_cost, states
from tests.optimize.estates import FREE


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"stage": "wish"}, "a stage of"),
        ({"keeps": -0.1}, "shares that are known and not below zero"),
        ({"keeps": float("nan")}, "shares that are known"),
        ({"doubt": (1.1, 1.2)}, "doubt"),
        ({"keeps": ()}, "shares that are known"),
        ({"breach_cost": -1.0}, "breach cost -1.0"),
        ({"breach_cost": float("nan")}, "breach cost nan"),
        ({"breach_cost": float("inf")}, "breach cost inf"),
        ({"breach_probability": float("nan")}, "breach probability nan"),
        ({"breach_probability": 1.5}, "breach probability 1.5"),
    ],
)
def test_an_action_that_cannot_be_is_refused(fields: dict[str, object], message: str) -> None:
    """Stage, shares, doubt and the cost of a breach."""
    told: dict[str, object] = {"resource": "a", "stage": "rightsize", "kind": "size", "keeps": 0.5}
    with pytest.raises(ValueError, match=message):
        Action(**(told | fields))  # type: ignore[arg-type]


def test_a_schedule_goes_on_from_its_hour_of_the_week() -> None:
    """The first hour is Sunday 23: the next is Monday 0."""
    shares = tuple(float(hour) for hour in range(168))
    assert Action("a", "schedule", "schedule", shares).left(3, first=167).tolist() == [167.0, 0.0, 1.0]


def test_an_unknown_chance_is_taken_for_certain() -> None:
    """Half a chance costs half; None costs all."""
    half = Action("a", "rightsize", "size", 0.5, breach_probability=0.5, breach_cost=100.0)
    unknown = Action("a", "rightsize", "size", 0.5, breach_probability=None, breach_cost=100.0)
    assert (half.risk_month, unknown.risk_month) == (50.0, 100.0)


@pytest.mark.parametrize(
    ("names", "use", "scopes", "message"),
    [
        (("a",), np.ones((2, 3)), ("x",), "1 names, 1 scopes, use"),
        (("a", "a"), np.ones((2, 3)), ("x", "x"), "each resource stands once"),
        (("a",), np.full((1, 3), np.nan), ("x",), "each hour is known"),
        (("a",), np.ones((1, 0)), ("x",), "each hour is known, and there is one"),
    ],
)
def test_an_estate_that_does_not_fit_is_refused(
    names: tuple[str, ...], use: np.ndarray, scopes: tuple[str, ...], message: str
) -> None:
    """Unknown use is not zero: it is left out before."""
    with pytest.raises(ValueError, match=message):
        Estate(names, use, scopes)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"held": {"vm": float("nan")}}, "held"),
        ({"discount": {"vm": 1.2}}, "discount"),
        ({"discount": {"vm": float("nan")}}, "discount"),
    ],
)
def test_commitments_of_an_estate_are_known(fields: dict[str, object], message: str) -> None:
    """Neither money nor a share that is unknown, and no price below zero."""
    with pytest.raises(ValueError, match=message):
        Estate(("a",), np.ones((1, 3)), ("vm",), **fields)  # type: ignore[arg-type]


def test_one_action_a_stage_and_nothing_beside_switching_off() -> None:
    """Two sizes, a schedule and off: nothing, two sizes, each with the schedule, the schedule, off: seven."""
    estate = Estate(("a",), np.ones((1, 168)), ("",))
    asked = [
        Action("a", "rightsize", "size", 0.5),
        Action("a", "rightsize", "size", 0.25),
        Action("a", "schedule", "schedule", 0.5),
        Action("a", "switch_off", "idle", 0.0),
        Action("a", "spot", "spot", 0.4),
    ]
    found = states(asked[:4], estate=estate, effort_month=FREE)
    assert sorted(float(state.left[0]) for state in found) == [0.0, 0.125, 0.25, 0.25, 0.5, 0.5, 1.0]
    assert not found[0].actions
    on_spot = [state for state in states(asked, estate=estate, effort_month=FREE) if not state.committable]
    assert all(state.actions[-1].stage == "spot" for state in on_spot)


def test_burden_is_risk_and_effort() -> None:
    """Half of 80, and 5 of effort."""
    one = Action("a", "rightsize", "size", 0.5, breach_probability=0.5, breach_cost=80.0, effort="high")
    estate = Estate(("a",), np.ones((1, 3)), ("",))
    assert states([one], estate=estate, effort_month={"high": 5.0})[1].burden == 45.0


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=12),
    st.sampled_from([0.0, 0.2, 0.25, 0.5]),
    st.integers(0, 4),
)
def test_a_scope_costs_the_least_of_all_levels(use: list[int], discount: float, held: int) -> None:
    """Corners of the cost are at the values of use: all are tried."""
    rest = [max(value - held, 0) for value in use]

    def cost(level: float) -> float:
        return sum((1 - discount) * level + max(value - level, 0) for value in rest)

    found = scope_cost(np.array(use, dtype=float), held=float(held), discount=discount)
    assert float(found) == pytest.approx(min(map(cost, [0, *rest])))

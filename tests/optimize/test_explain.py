"""Why something is told: parts add up, edges are edges, and shares are Shapley's."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import numpy as np
import pytest

from finops_lib.optimize.explain import explained, flip, learned_parts
from finops_lib.optimize.plan_told import Ranked
from finops_lib.records import Estimate, Recommendation


def ranked(mid: str, net: float, *, chance: float | None = 0.02, low: str = "1", **more: object) -> Ranked:
    money = Estimate(Decimal(low), Decimal(mid), Decimal(mid), 0.8, "USD")
    told = {"backtest": {"cpu_windows": 4.0}, "evidence": ("usage:a",), "owner": "web", "file": "a.tf"} | more
    return Ranked(
        Recommendation("a", "requests", {}, {}, money, chance, reason="low use", **told),  # type: ignore[arg-type]
        net,
    )


def test_parts_add_up_and_flips_are_edges() -> None:
    """100 saved, 10 of risk, 20 of effort: 70; at each edge nothing is left."""
    found = explained(ranked("100", 70.0), risk_month=10.0, effort_month=20.0)
    assert [(part.name, part.amount) for part in found.parts] == [
        ("saving", 100.0),
        ("risk", -10.0),
        ("effort", -20.0),
    ]
    at = {one.name: one.at for one in found.flips}
    assert at["saving a month"] == 30.0
    assert at["effort a month"] == 90.0
    # Risk grows with the chance: at .16 it is 80, and 100 - 80 - 20 is nothing.
    assert at["breach probability"] == pytest.approx(0.16)
    assert found.why == "low use; worth 70.00 USD a month after risk and effort"
    assert found.not_known == ()


def test_a_chance_that_never_flips_it_has_no_edge() -> None:
    """It would need more than always; without harm there is none either."""
    found = explained(ranked("1000", 985.0), risk_month=10.0, effort_month=5.0)
    assert {one.name: one.at for one in found.flips}["breach probability"] is None
    free = explained(ranked("1000", 1000.0), risk_month=0.0, effort_month=0.0)
    assert {one.name: one.at for one in free.flips}["breach probability"] is None


def test_an_edge_that_cannot_be_is_none() -> None:
    """10 saved: no effort makes up for 30 of risk, and no chance for 40 of effort."""
    risky = explained(ranked("10", -25.0), risk_month=30.0, effort_month=5.0)
    at = {one.name: one.at for one in risky.flips}
    assert (at["effort a month"], at["saving a month"]) == (None, 35.0)
    assert at["breach probability"] == pytest.approx(0.02 / 6)  # 5 of risk, and 10 - 5 - 5 is nothing
    dear = explained(ranked("10", -32.0), risk_month=2.0, effort_month=40.0)
    at = {one.name: one.at for one in dear.flips}
    assert (at["effort a month"], at["breach probability"]) == (8.0, None)


def test_a_worth_that_is_not_known_is_not_explained() -> None:
    """NaN is no sum of anything."""
    with pytest.raises(ValueError, match="they add up to nan"):
        explained(ranked("10", float("nan")), risk_month=0.0, effort_month=0.0)


def test_what_is_not_known_is_listed() -> None:
    """Chance, past, evidence, owner, file, and a low end of zero."""
    one = ranked("100", 100.0, chance=None, low="0", backtest={}, evidence=(), owner="", file="")
    assert explained(one, risk_month=0.0, effort_month=0.0).not_known == (
        "how often it would be too small",
        "how the same rule did in the past",
        "which snapshots and series it rests on",
        "who owns it",
        "which file to change",
        "whether it saves at all: the low end is not above zero",
    )


def test_parts_that_do_not_add_up_are_refused() -> None:
    """A cent is let pass, two are not."""
    with pytest.raises(ValueError, match=r"they add up to 70\.02"):
        explained(ranked("100", 70.02), risk_month=10.0, effort_month=20.0)


@pytest.mark.parametrize(("now", "end"), [(10.0, 0.0), (0.0, 10.0)])
def test_a_flip_is_where_the_sign_changes(now: float, end: float) -> None:
    """Either way; a little before it is worth while, a little after not."""
    way = 1.0 if now > end else -1.0
    worth = lambda value: way * (value - 4.0)  # noqa: E731
    edge = flip(worth, now=now, end=end)
    assert edge == pytest.approx(4.0)
    with pytest.raises(ValueError, match="not worth while now"):
        flip(worth, now=end, end=now)


def test_shares_of_a_learned_model_are_shapleys() -> None:
    """Against all orders of three groups, each feature out taken from the background."""
    random = np.random.default_rng(5)
    row, background = random.normal(size=4), random.normal(size=(6, 4))

    def predict(rows: np.ndarray) -> np.ndarray:
        return rows[:, 0] * rows[:, 1] + np.abs(rows[:, 2]) + 3 * rows[:, 3]

    groups = {"a": [0], "b": [1, 2], "c": [3]}

    def value(names: tuple[str, ...]) -> float:
        mixed = background.copy()
        for name in names:
            mixed[:, groups[name]] = row[groups[name]]
        return float(predict(mixed).mean())

    plain = dict.fromkeys(groups, 0.0)
    for order in permutations(groups):
        for place, name in enumerate(order):
            plain[name] += (value(order[: place + 1]) - value(order[:place])) / 6
    base, parts = learned_parts(predict, row, background, groups=groups)
    assert {part.name: part.amount for part in parts} == pytest.approx(plain)
    assert base + sum(part.amount for part in parts) == pytest.approx(float(predict(row[None])[0]))
    assert [abs(part.amount) for part in parts] == sorted((abs(part.amount) for part in parts), reverse=True)


def test_groups_hold_each_column_once() -> None:
    """A column in two groups, or in none, is refused."""
    for groups in ({"a": [0], "b": [0]}, {"a": [0]}):
        with pytest.raises(ValueError, match="each of 2 once"):
            learned_parts(lambda rows: rows[:, 0], np.ones(2), np.zeros((1, 2)), groups=groups)

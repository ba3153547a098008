"""Why a change is told: its parts add up, its edges are where the worth is nothing, room by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from finops_lib.optimize.explain import Part
from finops_lib.optimize.learned_size import LearnedSize
from finops_lib.optimize.plan_changes import valued
from finops_lib.optimize.plan_told import Ranked
from finops_lib.optimize.price import Promise
from finops_lib.optimize.sizing import Size, tried
from finops_lib.records import Estimate, Recommendation
from finops_lib.run.recommending import DAYS, Advice, Files, advise
from finops_lib.run.sizing_why import explanation, learned, learned_text, room_text, sentences, title
from tests.optimize.test_learned_size import RULE, fleet
from tests.run.sizedlakes import GIB, desk_of, lake_of

ANY_PROMISE = Promise(mean=1.0, bound=0.02, kept=0.0)
MONEY = Estimate(Decimal(50), Decimal(100), Decimal(120), 0.8, "EUR")
NEW = {"instance_type": "m5.large", "vcpu": "2", "memory": "8 GiB"}
CHANGE = Recommendation(
    "arn:aws:ec2:eu-west-1:1:instance/i-1", "instance_type", {"instance_type": "m5.xlarge"}, NEW, MONEY, 0.01,
    {"cpu_breach": 0.0}, "needs less", effort="medium", owner="web", evidence=("usage:i-1",), file="web.tf",
)  # fmt: skip


@pytest.fixture(scope="module")
def advice(tmp_path_factory: pytest.TempPathFactory) -> Advice:
    """Ask about the small lake, which does not know the change of these tests."""
    with desk_of(lake_of(tmp_path_factory.mktemp("why") / "x")) as desk:
        return advise(desk, files=Files(), days=DAYS)


def test_the_parts_add_up_to_the_worth() -> None:
    """100 less 400 of medium effort over 12 months is 66.67."""
    found = explanation(CHANGE)
    assert sum(part.amount for part in found.parts) == pytest.approx(66.6667, abs=1e-4)
    assert found.net_month == pytest.approx(66.6667, abs=1e-4)
    assert found.not_known == ()


def test_it_is_told_in_sentences(advice: Advice) -> None:
    """Half of its kind are accepted; what would turn it over is 33.33 of saving, or 100 of cost."""
    whole = valued(CHANGE)
    said = sentences(replace(whole, net_month=whole.net_month / 2), advice)
    assert said == [
        "Why: needs less.",
        "Worth €66.67 a month: €100.00 saving, less €33.33 effort; in the queue 50 % of it, as often as such "
        "changes are accepted.",
        "It would not be worth it with a saving below €33.33 a month, or if effort and what goes wrong came "
        "to more than €100.00 a month.",
    ]
    assert title(CHANGE) == "instance/i-1, instance type: now m5.xlarge; then m5.large (2 vCPU, 8 GiB)"


def test_what_costs_more_than_it_saves_is_not_sold(advice: Advice) -> None:
    """A size that is too small: no edge is told, and no chance of acceptance taken off."""
    money = Estimate(Decimal(-100), Decimal(-90), Decimal(-80), 0.8, "EUR")
    dearer = replace(CHANGE, saving_month=money, owner="", file="")
    said = sentences(Ranked(dearer, explanation(dearer).net_month), advice)
    assert said[1] == "Worth -€123.33 a month: -€90.00 saving, less €33.33 effort."
    assert said[2] == "It is not worth its effort by the money alone."
    assert said[3] == (
        "Not known: who owns it; which file to change; "
        "whether it saves at all: the low end is not above zero."
    )


def test_room_is_that_of_the_tighter_part() -> None:
    """2 vCPU hold 1.6 and a quarter more; 8 GiB hold the limit of 5, not the 4, and 60 % more."""
    sizes = {"cpu": Size("i-1", "plain", 1.6), "memory": Size("i-1", "plain", 4 * GIB, 5 * GIB)}
    assert room_text(CHANGE, sizes) == "Its need of cpu may grow by 25% before m5.large is too small."
    tight = {**sizes, "memory": Size("i-1", "plain", 4 * GIB, 8 * GIB)}
    assert room_text(CHANGE, tight) == "Its need of memory may grow by 0% before m5.large is too small."


def test_room_is_told_of_machines_whose_need_is_known_alone() -> None:
    """Requests are cut to the need; without a size there is none."""
    assert not room_text(replace(CHANGE, kind="requests"), {"cpu": Size("i-1", "plain", 1.0)})
    assert not room_text(CHANGE, {"cpu": Size("i-1", "plain", reason="too young")})
    assert not room_text(CHANGE, {})


def test_a_learned_size_is_told_with_its_parts(advice: Advice) -> None:
    """In the unit of the use; the small lake is sized by another rule, and has none."""
    parts = (Part("what was newest", -GIB), Part("how days differ", GIB / 2))
    size = LearnedSize("web", 3 * GIB, parts, 2.5 * GIB)
    said = (
        "The learned rule says 2.50 GiB of memory: 3.00 is usual, -1.00 what was newest, "
        "+0.50 how days differ."
    )
    assert learned_text("memory", size) == said
    told = {("i-1", "memory"): size, ("i-2", "memory"): size}
    one = replace(CHANGE, resource="i-1")
    assert sentences(valued(one), advice, told).count(said) == 1
    assert learned([valued(CHANGE)], advice) == {}


def test_what_the_learned_rule_says_is_what_it_gave() -> None:
    """On a fleet that it learned from, for the resources that are asked about alone."""
    trial = tried(
        fleet(), {"predictive": RULE}, horizon=RULE.horizon, cuts=[RULE.horizon], promise=ANY_PROMISE
    )
    advice = SimpleNamespace(asked=SimpleNamespace(trials={"cpu": trial}))
    change = valued(replace(CHANGE, resource="w0"))
    [(key, size)] = learned([change], advice).items()  # type: ignore[arg-type]
    assert key == ("w0", "cpu")
    assert size.amount == pytest.approx({one.name: one.amount for one in trial.sizes()}["w0"])

"""The arithmetic of the bridge: golden splits worked by hand, and parts that add up whatever the numbers."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.cost.drivers.effects import PARTS, Group, effects, quantity_effect
from finops_lib.cost.exact import total

KEYS = ["ResourceId", "ServiceName", "SkuId", "PricingUnit", "BillingCurrency"]
NAMES = [f"{local}{kind}" for local in ("", "Local") for kind in ("Usage", "Commitments", "Credits", "Other")]
WIDE = Context(prec=200)


def side(usage: str = "0", quantity: str | None = "0", *, rate: str = "1", **others: str) -> dict[str, Any]:
    """Write one period of a leaf; ``others`` are further kinds of money, all in the currency billed."""
    local = {"Usage": usage, "Commitments": "0", "Credits": "0", "Other": "0", **others}
    told: dict[str, Any] = {f"Local{kind}": Decimal(amount) for kind, amount in local.items()}
    told |= {kind: WIDE.multiply(Decimal(amount), Decimal(rate)) for kind, amount in local.items()}
    return told | {"Quantity": None if quantity is None else Decimal(quantity), "Used": True}


def leaf(
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    *,
    resource: str = "r",
    sku: str = "s",
    currency: str = "USD",
) -> dict[str, Any]:
    """Join two periods of one leaf; None is no line in that period."""
    absent = dict.fromkeys([*NAMES, "Quantity", "Used"], float("nan"))
    keys = dict(zip(KEYS, (resource, "vm", sku, "h", currency), strict=True))
    return keys | {
        f"{name}{number}": value
        for number, given_side in enumerate((before, after))
        for name, value in (given_side or absent).items()
    }


def parts(*lines: dict[str, Any]) -> list[dict[str, Decimal]]:
    """Ask for the parts of leaves, those that are zero left out."""
    told = effects(pd.DataFrame(list(lines)), keys=KEYS)
    return [{name: line[name] for name in PARTS if line[name]} for line in told.to_dict("records")]


def test_price_and_volume_share_what_both_moved() -> None:
    """Quantity 3 to 5 at price 2 to 4: volume 2 * 3 = 6, price 2 * 4 = 8, together 20 - 6 = 14."""
    assert parts(leaf(side("6", "3"), side("20", "5"))) == [{"Price": Decimal(8), "Volume": Decimal(6)}]


def test_a_shift_between_skus_is_mix_and_no_volume() -> None:
    """One resource moves 10 h from a SKU of 1.00 to one of 3.00: no hour more, 20.00 of mix, no price."""
    old = leaf(side("10", "10"), None, sku="small")
    new = leaf(None, side("30", "10"), sku="large")
    told = parts(old, new)
    assert total(line.get("Mix") for line in told) == Decimal(20)
    assert total(line.get("Volume") for line in told) is None
    assert not any("Price" in line or "New" in line for line in told)


def test_a_team_that_uses_more_is_volume_and_no_mix() -> None:
    """With the team among the keys its 10 that became 50 are its own volume, whatever other teams use."""
    lines = [
        leaf(side(before, before), side(after, after), resource=team) | {"tag:team": team}
        for team, before, after in (("a", "10", "50"), ("b", "10", "10"))
    ]
    told = effects(pd.DataFrame(lines), keys=[*KEYS, "tag:team"])
    assert [[line["Volume"], line["Mix"]] for line in told.to_dict("records")] == [[40, 0], [0, 0]]


def test_leaves_that_grow_in_step_have_no_mix() -> None:
    """Both double, at 1.00 and 3.00: all volume."""
    told = parts(
        leaf(side("10", "10"), side("20", "20"), resource="a"),
        leaf(side("30", "10"), side("60", "20"), resource="b"),
    )
    assert told == [{"Volume": Decimal(10)}, {"Volume": Decimal(30)}]


def test_a_resource_of_one_period_is_new_or_ended() -> None:
    """7.00 begins, 5.00 ends; neither is price or volume."""
    told = parts(leaf(None, side("7", "1"), resource="n"), leaf(side("5", "1"), None, resource="e"))
    assert told == [{"New": Decimal(7)}, {"Ended": Decimal(-5)}]


def test_a_credit_alone_makes_no_resource_known() -> None:
    """A line without usage before, 6.00 used after: new, and the credit that went is a credit."""
    credited = side(Credits="-2", quantity=None) | {"Used": False}
    assert parts(leaf(credited, side("6", "3"))) == [{"New": Decimal(6), "Credits": Decimal(2)}]


def test_a_leaf_without_resource_stands_for_itself() -> None:
    """Two SKUs without a resource, one in each period: one ended, one new."""
    told = parts(
        leaf(side("5", "1"), None, resource="(none)", sku="a"),
        leaf(None, side("6", "1"), resource="(none)", sku="b"),
    )
    assert told == [{"Ended": Decimal(-5)}, {"New": Decimal(6)}]


def test_usage_without_a_quantity_is_unmeasured() -> None:
    """An unknown quantity, or money for no quantity, tells neither price nor volume."""
    assert parts(leaf(side("5", None), side("6", "1"))) == [{"Unmeasured": Decimal(1)}]
    assert parts(leaf(side("5", "0"), side("6", "1"))) == [{"Unmeasured": Decimal(1)}]


@pytest.mark.parametrize("factor", ["1000", "1024", "0.001"])
def test_a_quantity_in_another_unit_is_neither_volume_nor_price(factor: str) -> None:
    """10 of a thing become 10,000 of its thousandths for 12 instead of 10: the 2 cannot be told apart."""
    changed = leaf(side("10", "10"), side("12", str(10 * Decimal(factor))))
    other = leaf(side("5", "5"), side("5", "5"), resource="q", sku="t")
    assert parts(changed, other) == [{"Unmeasured": Decimal(2)}, {}]


def test_a_price_that_rose_a_hundredfold_is_still_a_price() -> None:
    """1 at 1 becomes 1 at 100."""
    assert parts(leaf(side("1", "1"), side("100", "1"))) == [{"Price": Decimal(99)}]


def test_commitments_credits_and_other_have_parts_of_their_own() -> None:
    """The discount grows by 2, the credit by 3, tax by 1; usage stands still."""
    before = side("10", "1", Commitments="-1", Credits="-2", Other="1")
    after = side("10", "1", Commitments="-3", Credits="-5", Other="2")
    assert parts(leaf(before, after)) == [
        {"Commitments": Decimal(-2), "Credits": Decimal(-3), "Other": Decimal(1)}
    ]


def test_a_rate_that_moves_is_currency_and_not_price() -> None:
    """10 EUR become 12 EUR at the same price, the rate 1.0 becomes 1.5: currency .5 * 11, volume 2 * 1.25."""
    told = parts(leaf(side("10", "10"), side("12", "12", rate="1.5"), currency="EUR"))
    assert told == [{"Currency": Decimal("5.5"), "Volume": Decimal("2.5")}]


def test_a_new_resource_in_another_currency_is_new_in_full() -> None:
    """10 EUR at 1.5 are 15 of new money, whatever the rate was before."""
    assert parts(leaf(None, side("10", "1", rate="1.5"), currency="EUR")) == [{"New": Decimal(15)}]


def test_no_price_is_told_without_any_quantity() -> None:
    """Nothing before, nothing after."""
    zero = (Decimal(0), Decimal(0))
    assert quantity_effect(zero, zero, group=Group(Decimal(1), Decimal(1))) is None


AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=12).map(str)
QUANTITIES = st.one_of(st.none(), st.decimals(min_value=-(10**9), max_value=10**9, places=9).map(str))
SIDES = st.one_of(
    st.none(),
    st.builds(
        side, AMOUNTS, QUANTITIES, rate=st.sampled_from(["1", "1.0837", "0.00912345678"]),
        Commitments=AMOUNTS, Credits=AMOUNTS, Other=AMOUNTS,
    ),
)  # fmt: skip
LINES = st.builds(
    leaf, SIDES, SIDES, resource=st.sampled_from(["a", "b", "(none)"]), sku=st.sampled_from("xyz"),
    currency=st.sampled_from(["EUR", "JPY"]),
)  # fmt: skip


@given(st.lists(LINES, min_size=1, max_size=6))
def test_parts_add_up_to_the_change_to_the_last_digit(lines: list[dict[str, Any]]) -> None:
    """Whatever sign, size, unit, rate or gap."""
    told = effects(pd.DataFrame(lines), keys=KEYS)
    for line, split in zip(lines, told.to_dict("records"), strict=True):
        kinds = NAMES[:4]
        after, before = (
            total(
                line[f"{kind}{number}"]
                for kind in kinds
                if line[f"{kind}{number}"] == line[f"{kind}{number}"]
            )
            for number in (1, 0)
        )
        change = WIDE.subtract(after or Decimal(0), before or Decimal(0))
        assert total(split.values()) == change


@given(
    st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
    st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)),
    st.integers(0, 10**6),
)
def test_turning_time_around_turns_the_signs(
    cost: tuple[int, int], quantity: tuple[int, int], others: int
) -> None:
    """From after to before every part is the opposite; a one-sided price would break this."""
    group = Group(Decimal(quantity[0] + others), Decimal(quantity[1] + 2 * others))
    costs, quantities = tuple(map(Decimal, cost)), tuple(map(Decimal, quantity))
    there = quantity_effect(costs, quantities, group=group)
    back = quantity_effect(costs[::-1], quantities[::-1], group=Group(group.after, group.before))
    assert there is not None
    assert back is not None
    assert [abs(one + other) < Decimal("1e-18") for one, other in zip(there, back, strict=True)] == [
        True,
        True,
    ]

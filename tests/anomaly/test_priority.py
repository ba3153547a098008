"""The expected loss, factor by factor."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from finops_lib.anomaly.priority import (
    Priority,
    Stakes,
    Tier,
    chance_from_p,
    chance_of,
    days_at_stake,
    priority,
    ranked,
)
from tests.anomaly.odd import day, odd, one, team

NOW = day(5)


def test_a_chance_is_at_most_what_the_p_value_allows() -> None:
    """P = .01: odds against are .125, so the chance is .889; nothing above 1/e says anything."""
    assert chance_from_p(0.01) == pytest.approx(0.8887, abs=1e-4)
    assert chance_from_p(0.01, prior=0.1) == pytest.approx(0.4703, abs=1e-4)
    assert (chance_from_p(0.0), chance_from_p(0.5), chance_from_p(1.0, prior=0.2)) == (1.0, 0.5, 0.2)


def test_a_chance_falls_as_the_p_value_rises() -> None:
    """Everywhere from 0 to 1, without a jump."""
    found = [chance_from_p(p) for p in np.linspace(0, 1, 2001)]
    assert all(before >= after for before, after in pairwise(found))


def test_labels_say_more_than_a_p_value() -> None:
    """.3 by labels holds although the p-value is small; of several causes the surest counts."""
    assert chance_of(one(odd(p=0.0001, chance=0.3))) == 0.3
    assert chance_of(one(odd(chance=0.3), odd(first=4, chance=0.6))) == 0.6


def test_what_lasts_is_at_stake_until_somebody_looks() -> None:
    """A shift that is still there 15 days, a spike its one day, and a shift that is long over its three."""
    assert days_at_stake(one(odd("level_shift", days=3)), now=day(7), days=15) == 15
    assert days_at_stake(one(odd("spike")), now=NOW, days=15) == 1
    assert days_at_stake(one(odd("level_shift", days=3)), now=day(20), days=15) == 3
    assert days_at_stake(one(odd("ramp", days=40)), now=day(43), days=15) == 40


def test_the_loss_is_the_product() -> None:
    """Half a chance x 30 a day x 15 days x weight 2 is 450."""
    incident = one(odd("level_shift", mid=60, days=2, chance=0.5, labels=team("web")))
    stakes = Stakes(tiers=(Tier("other", 9, {"tag:team": ("api",)}), Tier("shop", 2, {"tag:team": ("web",)})))
    found = priority(incident, now=NOW, stakes=stakes)
    assert (found.loss, found.tier, found.currency) == (Decimal("450.00"), "shop", "EUR")
    assert priority(incident, now=NOW).loss == Decimal("225.00")


def test_a_fall_weighs_less_than_a_rise() -> None:
    """100 less in one day are worth a quarter of 100 more, and are no negative loss."""
    assert priority(one(odd("drop", mid=-100, chance=1.0)), now=NOW).loss == 25
    assert priority(one(odd("spike", mid=100, chance=1.0)), now=NOW).loss == 100


def test_ranks_go_by_loss_and_currencies_take_turns() -> None:
    """Yen are no euros: the largest of each first, then the second."""
    money = [(5, "EUR"), (700, "JPY"), (9, "EUR"), (900, "JPY"), (7, "EUR")]
    losses = [Priority(1.0, Decimal(amount), 1, Decimal(1), unit) for amount, unit in money]
    assert ranked(losses) == [2, 3, 4, 1, 0]
    assert ranked([]) == []


def test_a_priority_is_what_its_json_says() -> None:
    """To JSON and back."""
    found = priority(one(odd()), now=NOW)
    assert Priority.from_json(found.to_json()) == found

"""The linear program: the closed form for one offer, a search by hand for two, stacks, terms and guards."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from finops_lib.optimize.commitments.cost import best, cost
from finops_lib.optimize.commitments.futures import Futures, committed
from finops_lib.optimize.commitments.offers import MONTH_HOURS, Held, Offer
from finops_lib.optimize.commitments.portfolio import Portfolio, Purchase, portfolio
from finops_lib.optimize.windows import FloatArray
from tests.optimize.commitments.conftest import START

YEAR = 13  # blocks of four weeks
VM = Offer("plan", {"vm": 0.3}, 11)


def futures(seed: int, *, paths: int = 8, scopes: int = 1, moments: int = 3, spread: float = 0.3) -> Futures:
    """Draw use of a year in blocks of four weeks."""
    random = np.random.default_rng(seed)
    level = np.exp(random.normal(2, spread, (paths, scopes, 1, 1)))
    use = level * np.exp(random.normal(0, 0.3, (paths, scopes, YEAR, moments)))
    return Futures(("vm", "db", "web")[:scopes], use)


def bought(found: Futures, *offers: Offer, **more: object) -> Portfolio:
    """Buy now, in blocks of four weeks, with no limit unless one is given."""
    asked: dict[str, object] = {"start": START, "block_weeks": 4, "worst": 1.0, "loss": 9.0, **more}
    return portfolio(found, offers, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(4))
def test_one_offer_for_one_scope_is_the_quantile(seed: int) -> None:
    """A term of eleven months and a bit ends within block 12: weigh the blocks that it covers."""
    asked = futures(seed)
    (purchase,) = bought(asked, VM).purchases
    weight = np.clip(11 * MONTH_HOURS / 168 / 4 - np.arange(YEAR), 0, 1)
    covers = weight.repeat(3)
    levels = np.sort(np.unique(asked.of("vm")))

    def spent(level: float) -> float:
        use = asked.of("vm")
        return float(((0.7 * level * covers) + use - np.minimum(use, level * covers)).sum())

    assert purchase.hourly / 0.7 == pytest.approx(min([*levels, *(levels / 0.9)], key=spent), rel=0.02)
    full = Futures(asked.scopes, asked.use[:, :, :11])
    (flat,) = portfolio(full, [Offer("p", {"vm": 0.3}, 10)], start=START, block_weeks=4, loss=9.0).purchases
    assert flat.hourly > 0


def test_a_whole_term_equals_the_closed_form() -> None:
    """Thirteen weeks and a term that covers all of them but hours: the same quantile to a value of use."""
    asked = Futures(("vm",), futures(5, moments=4).use)
    term = Offer("p", {"vm": 0.37}, 12)
    (purchase,) = bought(asked, term).purchases
    assert purchase.hourly / 0.63 == pytest.approx(best(asked.use.ravel(), discount=0.37), rel=1e-6)


def test_saving_is_what_the_cost_simulator_says() -> None:
    """Path by path, over 52 weeks."""
    asked = futures(1)
    found = bought(asked, Offer("p", {"vm": 0.37}, 12))
    level = found.purchases[0].hourly / 0.63
    hours = 52 * 168 / asked.of("vm").shape[1]
    plain = [(path.sum() - cost(path, level, discount=0.37)) * hours for path in asked.of("vm")]
    assert found.saving == pytest.approx(np.array(plain))
    assert found.mean_month == pytest.approx(np.mean(plain) / (52 * 168) * MONTH_HOURS)
    assert found.month(0.5) == pytest.approx(np.median(plain) / (52 * 168) * MONTH_HOURS)


def test_two_offers_are_split_as_a_search_over_both_finds() -> None:
    """A narrow plan with a deep discount and a wide one with a shallow one, two scopes, every pair tried."""
    use = np.array([[[2.0, 4.0, 6.0]], [[6.0, 1.0, 3.0]]])[None].repeat(52, axis=2)
    narrow, wide = Offer("narrow", {"vm": 0.5}, 12), Offer("wide", {"vm": 0.4, "db": 0.4}, 12)
    found = portfolio(Futures(("vm", "db"), use), [narrow, wide], start=START, worst=1.0, loss=9.0)

    def spent(n: float, w: float) -> float:
        vm = np.maximum(np.array([2.0, 4.0, 6.0]) - n / 0.5, 0)
        rest = np.maximum(vm + np.array([6.0, 1.0, 3.0]) - w / 0.6, 0)
        return float((n + w + rest).sum())

    grid = np.arange(0, 6.01, 0.1)
    least = min(spent(n, w) for n in grid for w in grid)
    amounts = {one.offer.name: one.hourly for one in found.purchases}
    assert spent(amounts.get("narrow", 0.0), amounts.get("wide", 0.0)) == pytest.approx(least)


def test_what_is_held_comes_first_and_only_until_it_ends() -> None:
    """Use of 10, held covers 6: 4 are bought. Where it ends after a month the rest of the year wants 10."""
    flat = Futures(("vm",), np.full((1, 1, 52, 1), 10.0))
    offer = Offer("p", {"vm": 0.3}, 12)
    for days, level in ((400, 4.0), (30, 10.0)):
        old = Held("old", {"vm": 0.5}, 3.0, START + timedelta(days=days))
        found = portfolio(flat, [offer], held=[old], start=START, worst=1.0, loss=9.0)
        assert found.purchases[0].hourly / 0.7 == pytest.approx(level)


def test_what_is_held_is_paid_in_any_case() -> None:
    """Held covers all: nothing is bought, however good the offer."""
    flat = Futures(("vm",), np.full((1, 1, 52, 1), 10.0))
    old = Held("old", {"vm": 0.1}, 9.0, START + timedelta(days=400))
    found = portfolio(flat, [Offer("p", {"vm": 0.8}, 12)], held=[old], start=START)
    assert found.purchases == () and found.saving.tolist() == [0.0] and found.chance_of_loss == 0.0


def test_renewal_waits_for_what_ends() -> None:
    """What ends in half a year is replaced then: with a choice of weeks nothing is bought twice."""
    flat = Futures(("vm",), np.full((1, 1, 78, 1), 10.0))
    old = Held("old", {"vm": 0.5}, 5.0, START + timedelta(weeks=26))
    found = portfolio(flat, [Offer("p", {"vm": 0.3}, 12)], held=[old], start=START, starts=(0, 26))
    assert [(one.week, round(one.hourly, 6)) for one in found.purchases] == [(26, 7.0)]


@pytest.mark.parametrize("seed", range(3))
def test_the_guard_equals_that_of_one_commitment(seed: int) -> None:
    """One offer, uncertain paths: the program buys what halving finds, and its worst fifth loses nothing."""
    asked = futures(seed, paths=10, spread=1.0)
    found = bought(asked, Offer("p", {"vm": 0.6}, 12), worst=0.2, loss=0.0)
    level = committed(asked.of("vm"), discount=0.6, worst=0.2)
    assert found.purchases[0].hourly / 0.4 == pytest.approx(level, rel=1e-5)
    assert np.sort(found.saving)[:2].mean() >= -1e-6 * np.abs(found.saving).max()
    assert level < best(asked.use.ravel(), discount=0.6)  # the limit does bind


def test_capital_makes_paying_early_dearer() -> None:
    """The same discount paid monthly is taken; without a cost of capital neither is better."""
    flat = Futures(("vm",), np.full((1, 1, 52, 1), 10.0))
    early, monthly = Offer("early", {"vm": 0.3}, 12, 1.0), Offer("monthly", {"vm": 0.3}, 12)
    found = portfolio(flat, [early, monthly], start=START, capital=0.1)
    assert [one.offer.name for one in found.purchases] == ["monthly"]
    dear = portfolio(flat, [Offer("early", {"vm": 0.03}, 12, 1.0)], start=START, capital=0.1)
    assert dear.purchases == ()  # 3 % off do not pay for 5 % of capital


def test_pieces_are_bought_whole() -> None:
    """Units of 2 an hour: 7 are three of them."""
    flat = Futures(("vm",), np.full((1, 1, 52, 1), 10.0))
    found = portfolio(flat, [Offer("p", {"vm": 0.3}, 12, unit=2.0)], start=START)
    assert found.purchases == (Purchase(Offer("p", {"vm": 0.3}, 12, unit=2.0), 0, 6.0),)
    assert found.saving[0] == pytest.approx((6 / 0.7 - 6) * 52 * 168)


def test_terms_beyond_what_is_foreseen_are_refused() -> None:
    """Two unseen years would be bought on the word of the first."""
    with pytest.raises(ValueError, match="36 months"):
        bought(futures(0), Offer("long", {"vm": 0.5}, 36))


def test_offers_for_other_scopes_are_not_bought() -> None:
    """Nothing of it would be used."""
    assert bought(futures(0), Offer("p", {"other": 0.5}, 11)).purchases == ()
    assert portfolio(futures(0), [], start=START, block_weeks=4).saving.tolist() == [0.0] * 8


def test_chance_of_loss_counts_futures() -> None:
    """Rounding is no loss."""
    found = Portfolio((), np.array([5.0, -1.0, 3.0, -1e-9]), 1.0)
    assert found.chance_of_loss == 0.25


def test_use_is_not_changed(
    # the program keeps what it was given
) -> None:
    """The futures are as they were."""
    asked = futures(2)
    copy: FloatArray = asked.use.copy()
    bought(asked, VM)
    np.testing.assert_array_equal(asked.use, copy)

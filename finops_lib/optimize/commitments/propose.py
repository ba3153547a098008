"""What should be bought now, as recommendations: saving with its doubt, chance of loss, how it did before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from finops_lib.cost.split import apportioned
from finops_lib.optimize.commitments.demand import KIND
from finops_lib.optimize.commitments.portfolio import Portfolio, Purchase
from finops_lib.optimize.commitments.replay import break_even
from finops_lib.records import Estimate, NoRecommendation, Recommendation

_CENT = Decimal("0.01")
_LEVEL = 0.8
_NOTHING: Mapping[str, float | None] = {}


def money(amount: float) -> Decimal:
    """How is a computed amount told: in cents.

    Parameters
    ----------
    amount : float
        Money.

    Examples
    --------
    >>> money(2.005), money(-0.001)
    (Decimal('2.00'), Decimal('0.00'))
    """
    return Decimal(repr(amount)).quantize(_CENT) + 0


def proposed(
    found: Portfolio,
    *,
    currency: str,
    scopes: Sequence[str],
    backtest: Mapping[str, float | None] = _NOTHING,
    evidence: Sequence[str] = (),
) -> tuple[tuple[Recommendation, ...], tuple[NoRecommendation, ...]]:
    """Which purchases are recommended now, and for which scopes nothing is.

    Parameters
    ----------
    found : Portfolio
        What `finops_lib.optimize.commitments.portfolio.portfolio` chose.
    currency : str
        ISO 4217.
    scopes : sequence of str
        That were looked at.
    backtest : mapping
        How the rule did in the past, as ``share_of_optimum``.
    evidence : sequence of str
        Snapshots and series.

    Returns
    -------
    tuple of Recommendation and tuple of NoRecommendation
        Purchases that start now; the saving is that of the whole portfolio, divided among them by what is
        paid, so that with those that start later it adds up to the cent.
    """
    parts = zip(*(_parted(value, found.purchases) for value in _ends(found)), strict=True)
    told = [(one, part) for one, part in zip(found.purchases, parts, strict=True) if one.week == 0]
    made = tuple(_one(found, one, part, currency, backtest, evidence) for one, part in told)
    now = [one for one, _ in told]
    covered = {scope for one in now for scope in one.offer.discounts}
    reason = "a further commitment would not pay for itself in the mean of what may come"
    silent = tuple(NoRecommendation(scope, KIND, reason) for scope in scopes if scope not in covered)
    return made, silent


def _one(
    found: Portfolio,
    bought: Purchase,
    saving: Sequence[Decimal],
    currency: str,
    backtest: Mapping[str, float | None],
    evidence: Sequence[str],
) -> Recommendation:
    low, mid, high = min(saving[:2]), saving[1], max(saving[1:])  # a cent apart where they are divided
    offer = bought.offer
    names = " + ".join(sorted(offer.discounts))
    least = break_even(max(offer.discounts.values()))
    return Recommendation(
        resource=names,
        kind=KIND,
        from_={offer.name: f"0 {currency}/h"},
        to={offer.name: f"{bought.hourly:.4f} {currency}/h"},
        saving_month=Estimate(low, mid, high, _LEVEL, currency),
        breach_probability=found.chance_of_loss,
        backtest=backtest,
        reason=f"use of {names} over {offer.months} months; pays from {least:.0%} utilisation on",
        evidence=tuple(evidence),
        effort="low",
    )


def _parted(saving: float, purchases: Sequence[Purchase]) -> list[Decimal]:
    """Divide a saving among purchases by what is paid, in whole cents that add up."""
    cents = apportioned(int(money(saving) / _CENT), [one.hourly for one in purchases])
    return [part * _CENT for part in cents or ()]


def _ends(found: Portfolio) -> tuple[float, float, float]:
    """Give a low, a mean and a high saving a month; the mean may lie outside where one tail is long."""
    mean = found.mean_month
    tail = (1.0 - _LEVEL) / 2
    return min(found.month(tail), mean), mean, max(found.month(1.0 - tail), mean)

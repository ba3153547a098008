"""What one provider sold in one currency, and what to commit to there: from charges to recommendations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from finops_lib.backtest import mean_known
from finops_lib.optimize.commitments.demand import KIND, Demand, demand, screened
from finops_lib.optimize.commitments.in_place import InPlace, left_to_cover
from finops_lib.optimize.commitments.market import Market, best_discounts, markets, seasoned
from finops_lib.optimize.commitments.offers import Offer
from finops_lib.optimize.commitments.past import backtest_of, past
from finops_lib.optimize.commitments.portfolio import Portfolio
from finops_lib.optimize.commitments.propose import proposed
from finops_lib.optimize.commitments.stack import in_order, judged
from finops_lib.records import NoRecommendation, Recommendation

RENEWAL_MONTHS, LONGEST = 12, 120  # of a renewal whose term is not known, of any offer
NO_OFFER = "no offer for it is known: hand in a file of offers (CSV or TOML) that names it"
NO_LIST_PRICE = "the bill states no list price for it, off which discounts are taken"
NOT_WORTH = "a further commitment would not pay for itself in the mean of what may come"
_LEAST = 0.01  # of what all purchases for its scopes save: less is not worth a purchase of its own
_SOON = 5  # weeks within which a purchase is recommended; later ones are asked again by then


@dataclass(frozen=True)
class Asked:
    """What is known besides charges: up to when the bill is whole, offers of a file, commitments in place.

    ``left`` is the share of a scope's use that other changes leave; ``evidence`` names deliveries. Offers of
    more than ``longest`` months are let be.
    """

    until: datetime
    offers: tuple[Offer, ...] = ()
    placed: tuple[InPlace, ...] = ()
    left: Mapping[str, float] | None = None
    evidence: tuple[str, ...] = ()
    longest: int = LONGEST


@dataclass(frozen=True)
class Sold:
    """What one provider sold in one currency; see `sold`.

    ``gross`` is what was used, ``net`` the same without what commitments cover whose price is not known, of
    scopes whose history can be built on. ``offers`` are those that can be bought, renewals included;
    ``chosen`` what to buy soon, each with what it saves. ``replay`` is as `past` gives it.
    """

    gross: Demand
    net: Demand
    placed: tuple[InPlace, ...]
    offers: tuple[Offer, ...]
    markets: tuple[Market, ...]
    chosen: tuple[Portfolio, ...]
    replay: pd.DataFrame
    recommendations: tuple[Recommendation, ...]
    silent: tuple[NoRecommendation, ...]

    @property
    def currency(self) -> str:
        """ISO 4217."""
        return self.gross.currency


def sold(charges: pd.DataFrame, covered: pd.DataFrame, asked: Asked) -> Sold:
    """What should be committed to at one provider.

    Parameters
    ----------
    charges : DataFrame
        As `finops_lib.optimize.commitments.demand.eligible` gives it, of one provider and currency, with a
        list price in one of them at least.
    covered : DataFrame
        As `finops_lib.optimize.commitments.in_place.covered_use` gives it, of the same.
    asked : Asked
        What is known besides.

    Returns
    -------
    Sold
    """
    left = asked.left or {}
    scale = np.array([left.get(str(scope), 1.0) for scope in charges["scope"]])
    lines = charges.assign(amount=pd.to_numeric(charges["amount"], errors="coerce") * scale)
    gross = _until(demand(lines), asked.until)
    found = _until(demand(left_to_cover(lines, covered, asked.placed)), asked.until)
    net, silent = screened(replace(found, use=np.maximum(found.use, 0.0)))
    known = offered(asked, net.scopes)
    fit, young = seasoned(net, known)
    held = [one for one in (item.held(asked.until) for item in asked.placed) if one is not None]
    groups = markets(net, fit, held)
    replay = past(net, best_discounts(fit))
    chosen = tuple(_chosen(groups))
    made = tuple(_told(one, groups, replay, asked) for one in chosen)
    reasons = {item.resource: item.reason for item in (*silent, *young)}
    silent = tuple(_silent(gross, net, known, groups, chosen, reasons))
    return Sold(gross, net, asked.placed, known, groups, chosen, replay, made, silent)


def _until(found: Demand, until: datetime) -> Demand:
    """Leave out the steps whose bill is not whole."""
    return found.before(round((found.end - until) / timedelta(hours=found.step_hours)))


def offered(asked: Asked, scopes: Sequence[str]) -> tuple[Offer, ...]:
    """What can be bought for these scopes: offers of the file, and renewals on the terms that the bill shows.

    Parameters
    ----------
    asked : Asked
        Offers and commitments in place.
    scopes : sequence of str
        All others are left out of the offers.
    """
    names = short_names([item.commitment for item in asked.placed])
    again = [
        Offer(f"renewal of {names[item.commitment]}", shares, item.months or RENEWAL_MONTHS)
        for item in asked.placed
        if item.spread and (shares := {name: part for name, part in item.discounts.items() if part > 0})
    ]
    found = [
        replace(one, discounts={name: one.discounts[name] for name in scopes if name in one.discounts})
        for one in (*asked.offers, *again)
        if set(one.discounts) & set(scopes) and one.months <= asked.longest
    ]
    return tuple(found)


def short_names(ids: Sequence[str]) -> dict[str, str]:
    """How are commitments called: by the end of their id, where that tells them apart.

    Parameters
    ----------
    ids : sequence of str
        Of commitments.

    Examples
    --------
    >>> short_names(["arn:aws:savingsplans::1:savingsplan/5d1f", "a:1", "b:1"])
    {'arn:aws:savingsplans::1:savingsplan/5d1f': 'savingsplan/5d1f', 'a:1': 'a:1', 'b:1': 'b:1'}
    """
    ends = [name.rsplit(":", 1)[-1] or name for name in ids]
    return {name: end if ends.count(end) == 1 else name for name, end in zip(ids, ends, strict=True)}


def _chosen(groups: Sequence[Market]) -> list[Portfolio]:
    """Judge what is to be bought soon; what saves nothing, or next to nothing beside the rest, is left."""
    found = []
    for group in groups:
        soon = in_order([one for one in group.bought.purchases if one.week <= _SOON])
        worth = [one for one in judged(group, soon) if one.mean_month > 0]
        whole = sum(one.mean_month for one in worth)
        found += [one for one in worth if one.mean_month >= _LEAST * whole]
    return sorted(found, key=lambda one: -one.mean_month)


def _told(one: Portfolio, groups: Sequence[Market], replay: pd.DataFrame, asked: Asked) -> Recommendation:
    [bought] = one.purchases
    group = next(item for item in groups if bought.offer in item.offers)
    use = dict(zip(group.scopes, mean_known(group.demand.weekly()[:, -4:]).tolist(), strict=True))
    scopes = sorted(bought.offer.discounts)
    now = replace(one, purchases=(replace(bought, week=0),))
    currency, told = group.demand.currency, backtest_of(replay, scopes, use)
    [made], _ = proposed(now, currency=currency, scopes=(), backtest=told, evidence=asked.evidence)
    if not bought.week:
        return made
    day = bought.begins(group.start)
    reason = f"{made.reason}; begins on {day:%Y-%m-%d}, when what is in place ends"
    return replace(made, to={**made.to, "from": f"{day:%Y-%m-%d}"}, reason=reason)


def _silent(
    gross: Demand,
    net: Demand,
    known: Sequence[Offer],
    groups: Sequence[Market],
    chosen: Sequence[Portfolio],
    reasons: Mapping[str, str],
) -> list[NoRecommendation]:
    """Say for each scope without a purchase why there is none."""
    bought = {scope for one in chosen for scope in one.purchases[0].offer.discounts}
    offered = {scope for offer in known for scope in offer.discounts}
    later: dict[str, datetime] = {}
    for group in groups:
        for one in sorted(group.bought.purchases, key=lambda item: -item.week):
            if one.week > _SOON:
                later |= dict.fromkeys(one.offer.discounts, one.begins(group.start))
    found = []
    for scope in gross.scopes:
        reason = NOT_WORTH if scope in offered else NO_OFFER
        if scope in later:
            reason = f"what is in place is enough; a further one pays from {later[scope]:%Y-%m-%d} on"
        if scope not in bought:
            found.append(NoRecommendation(scope, KIND, reasons.get(scope, reason)))
    return found

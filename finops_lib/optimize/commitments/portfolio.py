"""Which offers, how much of each and from when: the least mean cost over possible futures.

One linear program over all futures: what is bought is the same in all of them, how it is used follows each.
Commitments in place are used first come to last, whatever they cost: that is paid already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from finops_lib.errors import FinOpsError
from finops_lib.optimize.commitments.demand import WEEK_HOURS
from finops_lib.optimize.commitments.futures import Futures
from finops_lib.optimize.commitments.offers import MONTH_HOURS, Held, Offer
from finops_lib.optimize.windows import FloatArray, IntArray

_LEAST = 1e-6  # of the mean use: less is nothing


@dataclass(frozen=True)
class Purchase:
    """So much of an offer from a week on: ``hourly`` is money paid an hour by the price list.

    ``week`` counts from the begin of the first week; a part of it is a part of a week, so that a renewal
    begins when the one before it ends.

    Examples
    --------
    >>> from datetime import UTC
    >>> half = Purchase(Offer("plan", {"vm": 0.3}, 12), 1.5, 2.0)
    >>> str(half.begins(datetime(2026, 1, 1, tzinfo=UTC)))
    '2026-01-11 12:00:00+00:00'
    """

    offer: Offer
    week: float
    hourly: float

    def begins(self, start: datetime) -> datetime:
        """When does it begin, to the second.

        Parameters
        ----------
        start : datetime
            Begin of the first week, UTC.
        """
        return start + timedelta(seconds=round(self.week * WEEK_HOURS * 3600))


@dataclass(frozen=True)
class Portfolio:
    """What should be bought, and what it saves in each future.

    Parameters
    ----------
    purchases : tuple of Purchase
        The largest first.
    saving : ndarray
        [paths], money over the horizon against buying nothing more, cost of capital included.
    hours : float
        Length of the horizon.
    """

    purchases: tuple[Purchase, ...]
    saving: FloatArray
    hours: float

    def month(self, level: float) -> float:
        """Which saving a month does this share of the futures not exceed.

        Parameters
        ----------
        level : float
            0 to 1.
        """
        return float(np.quantile(self.saving, level)) / self.hours * MONTH_HOURS

    @property
    def mean_month(self) -> float:
        """Mean saving a month."""
        return float(self.saving.mean()) / self.hours * MONTH_HOURS

    @property
    def chance_of_loss(self) -> float:
        """Share of the futures in which it costs more than buying nothing."""
        return float((self.saving < -_LEAST * np.abs(self.saving).max(initial=0.0)).mean())


@dataclass(frozen=True)
class _Program:
    """Sources of cover (purchases, then what is held) by moments, and which scope each covers."""

    active: FloatArray  # [sources, moments], share of the moment
    paid: FloatArray  # [sources], money an hour of what is held; NaN is to be chosen
    price: FloatArray  # [sources], what one unit of it costs over the horizon
    pairs: tuple[tuple[int, int, float], ...]  # source, scope, rate
    use: FloatArray  # [scopes, paths, moments]
    hours: float  # of a moment

    @property
    def chosen(self) -> int:
        return int(np.isnan(self.paid).sum())


def portfolio(  # noqa: PLR0913 - what is known, what can be bought, what is allowed
    futures: Futures,
    offers: Sequence[Offer],
    *,
    held: Sequence[Held] = (),
    start: datetime,
    starts: Sequence[float] = (0,),
    capital: float = 0.0,
    worst: float = 0.05,
    loss: float = 0.0,
    block_weeks: int = 1,
) -> Portfolio:
    """Which commitments should be bought on top of those in place.

    Parameters
    ----------
    futures : Futures
        What may be used; the horizon.
    offers, held : sequence
        What can be bought, and what is in place.
    start : datetime
        Begin of the first week, UTC.
    starts : sequence of float
        Weeks from now at which something may be bought: later ones renew what ends and stagger what is new.
        An offer whose term would not end within a week of the futures' end is not bought that late.
    capital : float
        Cost of capital a year.
    worst, loss : float
        In the mean of this share of the futures, the worst ones, it may cost more than buying nothing by
        this share of the mean cost on demand.
    block_weeks : int
        Weeks that each week of ``futures`` stands for.

    Returns
    -------
    Portfolio

    Raises
    ------
    ValueError
        A term is longer than the futures tell: what comes after them would be bought unseen.
    FinOpsError
        The program has no solution.

    Notes
    -----
    The limit on bad futures is linear: Rockafellar and Uryasev (2000), Journal of Risk 2(3). A term counts
    as far as it lies within the horizon, its price as well as its cover.

    Examples
    --------
    >>> from datetime import UTC
    >>> use = np.arange(1.0, 11.0).reshape(1, 1, 1, 10).repeat(52, axis=2)
    >>> bought = portfolio(Futures(("vm",), use), [Offer("plan", {"vm": 0.35}, 12)],
    ...                    start=datetime(2026, 1, 1, tzinfo=UTC))
    >>> round(bought.purchases[0].hourly / 0.65, 6)  # seven of ten hours reach 4, six do 5: 65 % are needed
    4.0
    """
    _seen(offers, weeks=futures.weeks * block_weeks)
    last = futures.weeks * block_weeks + 1
    choices = [
        (offer, week) for week in starts for offer in offers if not week or week + _term(offer) <= last
    ]
    program = _program(futures, choices, held, start=start, capital=capital, block=block_weeks)
    without = _solved(program, np.zeros(program.chosen), limits=None)
    size = float(program.use.sum(axis=0).sum(axis=1).mean()) * program.hours
    bought = _solved(program, None, limits=(worst, loss * size, without[1])) if choices else without
    amount = _whole(bought[0], [offer for offer, _ in choices])
    pieces = any(offer.unit > 0 for offer, _ in choices)
    saved = (_solved(program, amount, limits=None) if pieces else bought)[1] - without[1]
    least = _LEAST * float(futures.use.sum(axis=1).mean())
    found = [Purchase(*choice, float(paid)) for choice, paid in zip(choices, amount, strict=True)]
    kept = sorted((one for one in found if one.hourly > least), key=lambda one: -one.hourly)
    return Portfolio(tuple(kept), saved, program.hours * program.use.shape[2])


def _term(offer: Offer) -> float:
    return offer.months * MONTH_HOURS / WEEK_HOURS


def _seen(offers: Sequence[Offer], *, weeks: int) -> None:
    for offer in offers:
        if int(_term(offer)) > weeks:
            raise ValueError(f"offer {offer.name!r}: {offer.months} months, futures tell {weeks} weeks only")


def _whole(amount: FloatArray, offers: Sequence[Offer]) -> FloatArray:
    """Round down to whole pieces: what is too little is bought on demand, what is too much is lost."""
    unit = np.array([offer.unit for offer in offers])
    pieces = np.floor(amount / np.where(unit > 0, unit, 1.0) + _LEAST) * unit
    return np.asarray(np.where(unit > 0, pieces, amount))


def _program(
    futures: Futures,
    choices: Sequence[tuple[Offer, float]],
    held: Sequence[Held],
    *,
    start: datetime,
    capital: float,
    block: int,
) -> _Program:
    paths, scopes, weeks, moments = futures.use.shape
    hours = WEEK_HOURS * block / moments
    span = np.arange(weeks) * block
    active = [_covers(offer, week, span, block) for offer, week in choices]
    active += [one.active(start, weeks=weeks * block).reshape(weeks, block).mean(axis=1) for one in held]
    wide = np.repeat(np.array(active).reshape(-1, weeks), moments, axis=1)
    price = wide.sum(axis=1) * hours
    price[: len(choices)] *= [offer.burden(capital=capital) for offer, _ in choices]
    sources = [offer.discounts for offer, _ in choices] + [one.discounts for one in held]
    pairs = tuple(
        (number, futures.scopes.index(scope), 1.0 - share)
        for number, shares in enumerate(sources)
        for scope, share in shares.items()
        if scope in futures.scopes
    )
    use = futures.use.transpose(1, 0, 2, 3).reshape(scopes, paths, weeks * moments)
    paid = np.array([np.nan] * len(choices) + [one.hourly for one in held])
    return _Program(wide, paid, price, pairs, use, hours)


def _covers(offer: Offer, week: float, span: IntArray, block: int) -> FloatArray:
    end = week + _term(offer)
    share = (np.minimum(span + block, end) - np.maximum(span, week)) / block
    return np.clip(share, 0.0, 1.0)


def _solved(
    program: _Program, amount: FloatArray | None, *, limits: tuple[float, float, FloatArray] | None
) -> tuple[FloatArray, FloatArray]:
    """Choose amounts (or take these) and their use; give the amounts and what is saved in each path."""
    _, paths, moments = program.use.shape
    cells, pairs, chosen = paths * moments, program.pairs, program.chosen
    if not pairs:
        return np.zeros(chosen), np.zeros(paths)
    width = chosen + len(pairs) * cells
    saved = np.concatenate([program.price[:chosen], np.full(len(pairs) * cells, -program.hours / paths)])
    left, right = _cover(program)
    tail = None if limits is None else _guard(program, limits)
    if tail is not None:
        extra = tail[0].shape[1] - width
        left = sparse.vstack([sparse.hstack([left, sparse.csr_matrix((left.shape[0], extra))]), tail[0]])
        right, saved = np.concatenate([right, tail[1]]), np.concatenate([saved, np.zeros(extra)])
    bounds = np.tile([0.0, np.inf], (len(saved), 1))
    if amount is not None:
        bounds[:chosen] = amount[:, None]
    if tail is not None:
        bounds[width] = (-np.inf, np.inf)
    answer = linprog(saved, A_ub=left.tocsr(), b_ub=right, bounds=bounds, method="highs")
    if answer.x is None:
        raise FinOpsError("the purchase", f"has no solution: {answer.message}", "check offers and demand")
    covered = answer.x[chosen:width].reshape(len(pairs), paths, moments).sum(axis=(0, 2)) * program.hours
    return answer.x[:chosen], covered - float(program.price[:chosen] @ answer.x[:chosen])


def _cover(program: _Program) -> tuple[sparse.csr_matrix, FloatArray]:
    """Write that no source covers more than is paid of it, and no scope gets more than it uses."""
    scopes, paths, moments = program.use.shape
    cells, chosen, sources = paths * moments, program.chosen, len(program.paid)
    source, scope, rate = (np.array(part) for part in zip(*program.pairs, strict=True))
    each, number = sparse.identity(cells, format="csr"), np.arange(len(source))
    takes = sparse.csr_matrix((rate, (source, number)), shape=(sources, len(source)))
    gets = sparse.csr_matrix((np.ones(len(source)), (scope, number)), shape=(scopes, len(source)))
    offered = np.tile(program.active, (1, paths))
    buys = sparse.block_diag([-line[:, None] for line in offered[:chosen]], format="csr")
    none = sparse.csr_matrix(((sources - chosen) * cells, chosen))
    bought = sparse.vstack([buys, none]) if chosen else sparse.csr_matrix((sources * cells, 0))
    upper = sparse.hstack([bought, sparse.kron(takes, each)])
    lower = sparse.hstack([sparse.csr_matrix((scopes * cells, chosen)), sparse.kron(gets, each)])
    paid = np.nan_to_num(program.paid)[:, None] * offered
    return sparse.vstack([upper, lower]), np.concatenate([paid.ravel(), program.use.reshape(-1)])


def _guard(
    program: _Program, limits: tuple[float, float, FloatArray]
) -> tuple[sparse.csr_matrix, FloatArray]:
    """Write that the mean loss of the worst paths keeps its limit; adds an edge and an excess a path."""
    worst, allowed, without = limits
    _, paths, moments = program.use.shape
    chosen, pairs = program.chosen, len(program.pairs)
    of_path = sparse.kron(sparse.identity(paths), np.full((1, moments), -program.hours))
    spent = sparse.csr_matrix(np.tile(program.price[:chosen], (paths, 1)))
    covered = sparse.hstack([of_path] * pairs)
    edge = sparse.csr_matrix(-np.ones((paths, 1)))
    lines = sparse.hstack([spent, covered, edge, -sparse.identity(paths)])
    mean = sparse.csr_matrix(
        np.concatenate(
            [np.zeros(chosen + pairs * paths * moments), [1.0], np.full(paths, 1.0 / (worst * paths))]
        )[None, :]
    )
    return sparse.vstack([lines, mean]), np.concatenate([-without, [allowed]])

"""Rules of the field with one knob each, and the survival rule with a fixed recipe.

A knob is fixed by bisection on the past windows for a mean share of 1 % of samples above the size.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from finops_lib.optimize.features import LEVELS
from finops_lib.optimize.ladder import LADDER, cheapest
from finops_lib.optimize.past import paired
from finops_lib.optimize.strategies.autopilot import Autopilot
from finops_lib.optimize.strategies.base import Strategy
from finops_lib.optimize.strategies.percentiles import Headroom, Krr, Percentile
from finops_lib.optimize.strategies.vpa import Vpa
from finops_lib.optimize.windows import DAY_SECONDS, Histories, quantiles

TARGET = 0.01
FACTORS = (0.05, 20.0)
HALVINGS = 40
FEW = 200  # past windows: below that the survival rule is a percentile with headroom
NEIGHBOURS, ATOMS, BOUND, FLOOR = 120, 25, 0.05, 0.005
SHAPE = [LEVELS.index(level) for level in (0.9, 0.95, 0.99)]
RULES: dict[str, Strategy] = {
    "krr": Krr(),
    "vpa": Vpa(),
    "autopilot": Autopilot(),
    "compute_optimizer_like": Headroom(level=0.995, headroom=0.0),
    "azure_like": Headroom(level=0.95, headroom=0.0, days=7),
    "p99_headroom": Percentile(level=0.99),
}
SHIPPED: dict[str, Strategy] = {
    "krr_shipped": Krr(),
    "vpa_shipped": Vpa(),
    "compute_optimizer_like_shipped": Headroom(level=0.995, headroom=0.2),
    "azure_like_shipped": Headroom(level=0.95, headroom=0.2, days=7),
}


def each(histories: Histories, rule: Strategy) -> np.ndarray:
    """Apply a rule to each window on its own, as a share of its capacity; all of it without an answer."""
    return sized(answers(histories, rule))


def answers(histories: Histories, rule: Strategy) -> np.ndarray:
    """Ask a rule about each window on its own: shares of the capacity, above 1 too; NaN without an answer."""
    single = Histories(
        tuple(map(str, range(len(histories.names)))),
        histories.use,
        histories.step_seconds,
        histories.capacity,
        histories.kind,
    )
    return np.asarray(rule(single).amount / histories.capacity)


def sized(share: np.ndarray, factor: float = 1.0) -> np.ndarray:
    """Make sizes of answers, none above the capacity; the capacity where there is no answer."""
    return np.where(np.isfinite(share), np.clip(share * factor, LADDER[0], 1.0), 1.0)


def exceeded(share: np.ndarray, allotted: np.ndarray) -> np.ndarray:
    """Count the share of known samples above the size; at the whole capacity none is."""
    known = np.isfinite(share)
    return (np.minimum(share, 1.0) > allotted[:, None]).sum(axis=1, where=known) / known.sum(axis=1)


def least(breach_at: Callable[[float], float], low: float, high: float) -> float:
    """Find the smallest knob with at most the mean share aimed at."""
    below, above = np.log(low), np.log(high)
    for _ in range(HALVINGS):
        middle = (below + above) / 2
        below, above = (below, middle) if breach_at(float(np.exp(middle))) <= TARGET else (middle, above)
    return float(np.exp(above))


def scaled(rule: Strategy, dev: Histories, future: np.ndarray, test: Histories) -> np.ndarray:
    """Fix a factor on the rule's answer, then use it blind."""
    learned, share = answers(dev, rule), future / dev.capacity[:, None]
    knob = least(lambda factor: exceeded(share, sized(learned, factor)).mean(), *FACTORS)
    return sized(answers(test, rule), knob)


def survival(dev: Histories, future: np.ndarray, test: Histories) -> np.ndarray:
    """Shift the own past by the changes of the 120 nearest past windows, with a fleet price of risk."""
    if len(dev.names) < FEW:
        return scaled(Headroom(level=0.95, headroom=0.0), dev, future, test)
    past, place = paired(dev, future), _place(dev)
    before = quantiles(dev.use / dev.capacity[:, None], LEVELS)
    change = np.mean(np.log(past.came[:, SHAPE] + FLOOR) - np.log(before[:, SHAPE] + FLOOR), axis=1)
    spread = place.std(axis=0)
    spread[spread == 0] = 1.0
    names = np.array(dev.names)
    own = _expected(dev, [(place[names != name], change[names != name]) for name in names], place, spread)
    weight = dev.capacity / dev.capacity.mean()

    def breach_at(price: float) -> float:
        rung = cheapest(own, price=price, weight=weight, allowed=own <= BOUND)
        return float(past.survival[np.arange(len(rung)), rung].mean())

    price = least(breach_at, 1e-2, 1e4)
    asked = _expected(test, [(place, change)] * len(test.names), _place(test), spread)
    weight = test.capacity / dev.capacity.mean()
    return LADDER[cheapest(asked, price=price, weight=weight, allowed=asked <= BOUND)]


def _place(histories: Histories) -> np.ndarray:
    """Describe: spread of daily p95 and maximum, p99 over p50, the last day against all, length."""
    share = histories.use / histories.capacity[:, None]
    day = DAY_SECONDS // histories.step_seconds
    length = day if share.shape[1] >= 3 * day else share.shape[1] // 4
    days = quantiles(share.reshape(-1, length), [0.95, 1.0]).reshape(len(share), -1, 2)
    logs = np.log(days + FLOOR)
    all_of = np.log(quantiles(share, [0.5, 0.99]) + FLOOR)
    last = np.array([row[np.isfinite(row)][-1] for row in logs[:, :, 0]])
    return np.stack(
        [
            np.nanstd(logs[:, :, 0], axis=1),
            np.nanstd(logs[:, :, 1], axis=1),
            all_of[:, 1] - all_of[:, 0],
            last - np.nanmean(logs[:, :, 0], axis=1),
            np.log(np.isfinite(share).sum(axis=1)),
        ],
        axis=1,
    )


def _expected(
    asked: Histories, known: list[tuple[np.ndarray, np.ndarray]], place: np.ndarray, spread: np.ndarray
) -> np.ndarray:
    """Predict the share above each rung."""
    found = np.empty((len(place), len(LADDER)))
    middle = (np.arange(ATOMS) + 0.5) / ATOMS
    for row, (places, changes) in enumerate(known):
        far = (((places - place[row]) / spread) ** 2).sum(axis=1)
        atoms = np.quantile(changes[np.argsort(far, kind="stable")[:NEIGHBOURS]], middle)
        share = asked.use[row] / asked.capacity[row]
        ordered = np.sort(np.minimum(share[np.isfinite(share)], 1.0))
        back = (LADDER[None, :] + FLOOR) * np.exp(-atoms[:, None]) - FLOOR
        found[row] = (1.0 - np.searchsorted(ordered, back, side="right") / len(ordered)).mean(axis=0)
    return found

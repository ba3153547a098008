"""The peers of the benchmark of causes, each written as its paper says.

`adtributor`: R. Bhagwan et al., "Adtributor: Revenue Debugging in Advertising Systems", NSDI 2014.
`squeeze_like`: Z. Li et al., "Generic and Robust Localization of Multi-dimensional Root Causes", ISSRE 2019,
with the knee of the cumulated changes and the density peaks found in a plain way.
`riskloc`: M. Kalander, arXiv 2205.10004, without its pruning, which saves time only.
`greedy_tree`: a regression tree (L. Breiman et al., CART, 1984) on the relative deviations, one column a
value; a leaf of the tree that deviates is named by the values it was split on.
`adtributor` and `riskloc` look for causes of one direction, as their papers do; the cubes have both.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from tests.benchmarks.cause_cubes import Cell

Peer = Callable[[np.ndarray, np.ndarray, np.ndarray], set[Cell]]
ELEMENT_POWER, TOTAL_POWER = 0.1, 0.67
CUT_LEAVES, LEAST_RISK, LEAST_POWER = 5, 0.5, 0.02
GOOD_POTENTIAL = 0.9
TREE_LEAVES, TREE_DEVIATION = 16, 0.15


def deviation(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Score each leaf between -2 (vanished) and 2 (new)."""
    size = before + after
    return np.divide(2 * (after - before), size, out=np.zeros_like(size), where=size > 0)


def adtributor(codes: np.ndarray, before: np.ndarray, after: np.ndarray) -> set[Cell]:
    """Name values of one dimension: most surprising first, until two thirds of the change are explained."""
    best: tuple[float, set[Cell]] = (-1.0, set())
    for number, code in enumerate(codes):
        expected, actual = np.bincount(code, before), np.bincount(code, after)
        p, q = expected / before.sum(), actual / after.sum()
        middle = (p + q) / 2
        surprise = 0.5 * (_log_ratio(p, middle) + _log_ratio(q, middle))
        power = (actual - expected) / (after.sum() - before.sum())
        named, explained, surprised = set[Cell](), 0.0, 0.0
        for value in np.argsort(-surprise):
            if power[value] <= ELEMENT_POWER:
                continue
            named.add(frozenset({(number, int(value))}))
            explained, surprised = explained + power[value], surprised + surprise[value]
            if explained > TOTAL_POWER:
                best = max(best, (surprised, named), key=lambda found: found[0])
                break
    return best[1]


def _log_ratio(p: np.ndarray, middle: np.ndarray) -> np.ndarray:
    return p * np.log(np.divide(p, middle, out=np.ones_like(p), where=(p > 0) & (middle > 0)))


def riskloc(codes: np.ndarray, before: np.ndarray, after: np.ndarray) -> set[Cell]:
    """Take out the riskiest element of the coarsest layer that has one, again and again."""
    score = -deviation(before, after)
    distinct = np.unique(score)
    few = min(CUT_LEAVES, len(distinct) - 1)
    cut = -min(distinct[few], distinct[-few - 1], key=abs)
    abnormal = score > cut if cut >= 0 else score < cut
    weight = np.minimum(np.where(abnormal, np.abs(score), np.abs(cut - score)), 1)
    power = before - after
    power = -power if power[abnormal].sum() < 0 else power
    least = LEAST_POWER * power[abnormal].sum()
    free, named = np.ones(len(score), dtype=bool), set[Cell]()
    while power[abnormal & free].sum() >= least:
        cell = _riskiest(codes, before, after, score, abnormal, weight, power, free, least)
        if cell is None:
            break
        named.add(cell)
        free &= ~np.logical_and.reduce([codes[number] == value for number, value in cell])
    return named


def _riskiest(codes, before, after, score, abnormal, weight, power, free, least) -> Cell | None:  # noqa: PLR0913, PLR0917
    for layer in range(1, len(codes) + 1):
        best, found = least, None
        for dimensions in combinations(range(len(codes)), layer):
            group, values = _groups(codes, dimensions)
            powers = np.bincount(group[free], power[free], len(values))
            odd = np.bincount(group[free & abnormal], minlength=len(values))
            for element in np.argsort(-powers):
                if powers[element] <= best:
                    break
                chosen = free & (group == element)
                if odd[element] and _risk(chosen, before, after, score, abnormal, weight) >= LEAST_RISK:
                    best = powers[element]
                    found = frozenset(zip(dimensions, values[element].tolist(), strict=True))
                    break
        if found is not None:
            return found
    return None


def _risk(chosen, before, after, score, abnormal, weight) -> float:
    odd, even = weight[chosen & abnormal].sum(), weight[chosen & ~abnormal].sum() + 1
    some = chosen & (before != 0) & (after != 0)
    low = 0.0
    if some.any():
        rippled = before[some] * after[some].sum() / before[some].sum()
        left = np.abs(deviation(after[some], rippled)).mean()
        whole = np.abs(score[some]).mean()
        low = left / whole if whole else 0.0
    return float(odd / (odd + even) - low)


def squeeze_like(codes: np.ndarray, before: np.ndarray, after: np.ndarray) -> set[Cell]:
    """Cluster the leaves that moved by their deviation, then find each cluster's cells top-down."""
    score, change = deviation(before, after), np.abs(after - before)
    order = np.argsort(-change)
    climb = np.cumsum(change[order]) / change.sum()
    knee = int(np.argmax(climb - np.linspace(0, 1, len(climb))))
    moved = order[: knee + 1]
    named = set[Cell]()
    for low, high in _peaks(score[moved]):
        members = np.zeros(len(score), dtype=bool)
        members[moved[(score[moved] >= low) & (score[moved] <= high)]] = True
        named |= _cluster_cells(codes, before, after, members)
    return named


def _peaks(scores: np.ndarray) -> list[tuple[float, float]]:
    counts, edges = np.histogram(scores, bins="auto")
    smooth = np.convolve(counts, [0.25, 0.5, 0.25], mode="same")
    padded = np.concatenate([[-1], smooth, [-1]])
    lows = [0]
    lows += [n for n in range(1, len(smooth) - 1) if smooth[n] < smooth[n - 1] and smooth[n] <= padded[n + 2]]
    lows.append(len(smooth))
    return [(edges[a], edges[b]) for a, b in pairwise(lows) if counts[a:b].sum() > 0]


def _cluster_cells(
    codes: np.ndarray, before: np.ndarray, after: np.ndarray, members: np.ndarray
) -> set[Cell]:
    best: tuple[float, set[Cell]] = (-np.inf, set())
    for layer in range(1, len(codes) + 1):
        for dimensions in combinations(range(len(codes)), layer):
            group, values = _groups(codes, dimensions)
            inside, whole = np.bincount(group[members], minlength=len(values)), np.bincount(group)
            order = np.argsort(-inside / whole, kind="stable")[: max(1, int((inside > 0).sum()))][:20]
            potentials = [
                _potential(np.isin(group, order[: n + 1]), before, after) for n in range(len(order))
            ]
            size = int(np.argmax(potentials)) + 1
            succinct = potentials[size - 1] - 0.01 * size * layer
            if succinct > best[0]:
                cells = {frozenset(zip(dimensions, values[g].tolist(), strict=True)) for g in order[:size]}
                best = (succinct, cells)
        if best[0] > GOOD_POTENTIAL:
            break
    return best[1]


def _potential(chosen: np.ndarray, before: np.ndarray, after: np.ndarray) -> float:
    rest = ~chosen
    base = before[chosen].sum()
    rippled = before[chosen] * (after[chosen].sum() / base if base else 0)
    unexplained = np.abs(after[chosen] - rippled).mean()
    moved = np.abs(after[chosen] - before[chosen]).mean()
    outside = np.abs(after[rest] - before[rest]).mean() if rest.any() else 0.0
    return float(1 - (unexplained + outside) / (moved + outside)) if moved + outside else 0.0


def greedy_tree(codes: np.ndarray, before: np.ndarray, after: np.ndarray) -> set[Cell]:
    """Split leaves one value against the rest, greedily, and name the parts that deviate."""
    score = deviation(before, after)
    columns = [(number, value) for number, code in enumerate(codes) for value in range(int(code.max()) + 1)]
    table = np.array([codes[number] == value for number, value in columns]).T
    grown = DecisionTreeRegressor(max_leaf_nodes=TREE_LEAVES, random_state=0).fit(table, score).tree_
    named = set[Cell]()
    stack: list[tuple[int, Cell]] = [(0, frozenset())]
    while stack:
        node, path = stack.pop()
        if grown.children_left[node] < 0:
            if path and abs(grown.value[node].item()) > TREE_DEVIATION:
                named.add(path)
            continue
        stack.append((grown.children_left[node], path))
        stack.append((grown.children_right[node], path | {columns[grown.feature[node]]}))
    return named


def _groups(codes: np.ndarray, dimensions: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    values, group = np.unique(codes[list(dimensions)].T, axis=0, return_inverse=True)
    return group.ravel(), values


METHODS: dict[str, Peer] = {
    "adtributor": adtributor,
    "squeeze_like": squeeze_like,
    "riskloc": riskloc,
    "greedy_tree": greedy_tree,
}

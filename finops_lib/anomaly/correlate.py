"""Which anomalies are one incident: alike in time, in place (wider and narrower series) and in cause.

Three steps, each nearly linear in the number of anomalies:

1. the same cell in the same direction, begun within a few days: the same thing, seen in several series;
2. a wider cell most of whose money is in a narrower one is a symptom of it, and joins that one alone, so that
   two causes below one total stay two incidents; so is a series of which one below it holds nearly all, in
   whatever cells the two seem to lie. Many small narrower ones of one kind are symptoms of the wider one, and
   so is what lies in the very cell that the wider one comes from, and in its days;
3. what is left is one incident where it shares a change that is known, or where at least three series that
   differ in one value do the same on the same day.

What went on in the same days is compared by its money a day: a series that is odd since yesterday may explain
one that is odd since three days, though three days hold more money than one.

Rises and falls never join, and neither do amounts of two currencies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import combinations

from finops_lib.anomaly.incidents import Incident, cell_of, days_of, together
from finops_lib.records.anomalies import Anomaly

_MOST_COLUMNS = 6  # of a cell whose wider cells are all looked up; a larger one has too many
_CROWD = 3  # siblings that are no chance
_MANY = 6  # small parts that are one wide move, and not incidents of their own


@dataclass(frozen=True)
class Closeness:
    """When are two anomalies one.

    ``gap`` is the time between their beginnings at most, and the share ``unsure`` of their length beside it.
    ``share`` (0 to 1) of a wider cell's money has to be in a narrower one, to be its symptom, and ``nearly``
    of it where one series is below the other, but their cells are not one in the other; narrower ones with
    less than ``small`` of it are small.

    Examples
    --------
    >>> Closeness().gap.days
    2
    """

    gap: timedelta = timedelta(days=2)
    unsure: float = 0.2
    share: Decimal = Decimal("0.5")
    nearly: Decimal = Decimal("0.8")
    small: Decimal = Decimal("0.1")


_Cell = frozenset[tuple[str, str]]


@dataclass
class _Node:
    """Anomalies of one cell and direction that began together, and what has joined them."""

    cell: _Cell
    causes: list[Anomaly]
    money: Decimal
    symptoms: list[Anomaly]
    why: list[str]
    joined: bool = False

    @property
    def lead(self) -> Anomaly:
        return self.causes[0]

    def join(self, other: _Node, why: str) -> None:
        """Take in another one as a symptom."""
        self.symptoms += other.causes + other.symptoms
        self.why += [why, *other.why]
        other.joined = True


def correlate(anomalies: Iterable[Anomaly], *, closeness: Closeness | None = None) -> tuple[Incident, ...]:
    """Which incidents do these anomalies show.

    Parameters
    ----------
    anomalies : iterable of Anomaly
        In any order; of one key the last one counts.
    closeness : Closeness, optional
        When two are one.

    Returns
    -------
    tuple of Incident
        Every anomaly is in exactly one; by start, then key.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from finops_lib.records.estimates import Estimate
    >>> day = datetime(2026, 7, 3, tzinfo=UTC)
    >>> def spike(money, **labels):
    ...     estimate = Estimate(Decimal(money), Decimal(money), Decimal(money), 0.8, "EUR")
    ...     return Anomaly("spike", tuple(labels.values()), labels, day, day, day, estimate, 0.01)
    >>> found = correlate([spike(100), spike(90, team="web"), spike(9, team="api")])
    >>> sorted((one.lead.series, len(one.members)) for one in found)
    [(('api',), 1), (('web',), 2)]
    """
    near = closeness or Closeness()
    nodes = _same(list({(one.key, *one.labels): one for one in anomalies}.values()), near)
    _join_wider(nodes, near)
    left = [node for node in nodes if not node.joined]
    found = [_incident(group) for group in _grouped(left, near)]
    return tuple(sorted(found, key=lambda one: (one.start, one.key)))


def _side(one: Anomaly) -> tuple[bool, str]:
    return one.cost_impact.mid >= 0, one.cost_impact.unit


def _runs(found: Iterable[Anomaly], gap: timedelta) -> Iterator[list[Anomaly]]:
    """Cut into runs: one run is what began at most a gap after its first."""
    run: list[Anomaly] = []
    for one in sorted(found, key=lambda each: (each.start, each.key)):
        if run and one.start - run[0].start > gap:
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _same(found: Sequence[Anomaly], near: Closeness) -> list[_Node]:
    by_cell: dict[Hashable, list[Anomaly]] = defaultdict(list)
    for one in found:
        by_cell[(frozenset(cell_of(one).items()), _side(one))].append(one)
    return [_node(run, near) for group in by_cell.values() for run in _runs(group, near.gap)]


def _node(run: list[Anomaly], near: Closeness) -> _Node:
    most = max(abs(one.cost_impact.mid) for one in run) * near.nearly
    # The deepest series that holds nearly all of it names it best.
    depth = {one.key: len(one.series) if abs(one.cost_impact.mid) >= most else -1 for one in run}
    causes = sorted(run, key=lambda one: (-depth[one.key], -abs(one.cost_impact.mid), one.key))
    why = [f"{len(run)} anomalies lie in the same part of the bill"] if len(run) > 1 else []
    cell = frozenset(cell_of(causes[0]).items())
    return _Node(cell, causes, abs(together(causes).mid), [], why)


def _join_wider(nodes: Sequence[_Node], near: Closeness) -> None:
    """Let each wider cell join the narrower one that explains it, the narrowest first."""
    wider = _wider(nodes, near)
    below: dict[int, list[_Node]] = defaultdict(list)
    for place, node in enumerate(nodes):
        for above in wider[place]:
            below[above].append(node)
    for place in sorted(below, key=lambda each: (-len(nodes[each].cell), nodes[each].lead.key)):
        _settle(nodes[place], below[place], near)


def _settle(node: _Node, below: Sequence[_Node], near: Closeness) -> None:
    if node.joined:
        return
    free = [one for one in below if not one.joined and _may_explain(one, node, near)]
    free.sort(key=lambda one: (-one.money, one.lead.key))
    large = [one for one in free if _part([one], node, near) >= near.small]
    if large and _part(large, node, near) >= near.share:
        large[0].join(node, f"{_name(node)} shows what comes from {_name(large[0])}")
        return
    whole = {id(one) for one in large}
    small = [one for one in free if id(one) not in whole and one.lead.kind == node.lead.kind]
    inside = [one for one in free if _lies_in(one, node)]
    for one in {id(one): one for one in [*(small if len(small) >= _MANY else ()), *inside]}.values():
        node.join(one, f"{_name(one)} is a part of {_name(node)}")


def _may_explain(one: _Node, node: _Node, near: Closeness) -> bool:
    """Say whether one lies in the node's cell, or is a series below it that holds nearly all of it."""
    return node.cell <= one.cell or near.nearly <= _part([one], node, near) <= 1 / near.nearly


def _lies_in(one: _Node, node: _Node) -> bool:
    """Say whether it is a part: of the same kind and days, in the very cell that the node comes from."""
    times = {(each.lead.kind, each.lead.start, each.lead.end) for each in (one, node)}
    return len(times) == 1 and _series(node) < node.cell < one.cell


def _part(some: Sequence[_Node], node: _Node, near: Closeness) -> Decimal:
    """Which share of a node's money is in these, a day where they end together."""
    causes = [one for each in some for one in each.causes]
    ends = max(one.end for one in causes), max(one.end for one in node.causes)
    money = abs(together(causes).mid)
    if not node.money:  # of nothing, anything is all
        return Decimal(1)
    days = Decimal(1)
    if abs(ends[0] - ends[1]) <= near.gap:
        days = Decimal(_days(node.causes)) / _days(causes)
    return money / node.money * days


def _days(some: Sequence[Anomaly]) -> int:
    return max(days_of(one) for one in some)


def _wider(nodes: Sequence[_Node], near: Closeness) -> list[list[int]]:
    """Find for each node the nodes whose cell contains its own, or whose series is above its own."""
    places: dict[Hashable, list[int]] = defaultdict(list)
    for place, node in enumerate(nodes):
        for cell in {node.cell, _series(node)}:
            places[(cell, _side(node.lead))].append(place)
    return [
        sorted(
            {
                place
                for cell in {*_parts(node.cell), *_above(node)}
                for place in places.get((cell, _side(node.lead)), ())
                if node is not nodes[place] and _stand_so(node, nodes[place])
                and _together(node, nodes[place], near)
            }
        )
        for node in nodes
    ]  # fmt: skip


def _together(one: _Node, other: _Node, near: Closeness) -> bool:
    """Say whether they began together; what lasts long has no day on which it plainly began."""
    lasted = min(each.lead.end - each.lead.start for each in (one, other))
    return abs(one.lead.start - other.lead.start) <= near.gap + near.unsure * lasted


def _series(node: _Node) -> _Cell:
    return frozenset(node.lead.labels.items())


def _above(node: _Node) -> Iterator[_Cell]:
    """Cells of all series above one."""
    steps = list(node.lead.labels.items())
    return (frozenset(steps[:depth]) for depth in range(len(steps)))


def _stand_so(node: _Node, wider: _Node) -> bool:
    """Say whether the second contains the first: by its cell, else by its series, and never both ways."""
    if wider.cell < node.cell:
        return True
    return not node.cell <= wider.cell and _series(wider) < _series(node)


def _parts(cell: _Cell) -> Iterator[_Cell]:
    """All wider cells; of a large cell only those with one column less, one column or none."""
    items = sorted(cell)
    sizes = range(len(items)) if len(items) <= _MOST_COLUMNS else (0, 1, len(items) - 1)
    return (frozenset(some) for size in sizes for some in combinations(items, size))


def _grouped(nodes: Sequence[_Node], near: Closeness) -> list[list[_Node]]:
    """Put together what shares a change or is a crowd of siblings."""
    group = {id(node): [node] for node in nodes}
    for why, some in _shared(nodes, near):
        first = group[id(some[0])]
        for node in some[1:]:
            other = group[id(node)]
            if other is not first:
                first[0].why.append(why)
                first += other
                group.update({id(one): first for one in other})
    return list({id(some): some for some in group.values()}.values())


def _shared(nodes: Sequence[_Node], near: Closeness) -> Iterator[tuple[str, list[_Node]]]:
    by_change: dict[Hashable, list[_Node]] = defaultdict(list)
    by_kin: dict[Hashable, list[_Node]] = defaultdict(list)
    for node in sorted(nodes, key=lambda one: (one.lead.start, one.lead.key)):
        lead = node.lead
        for change in dict.fromkeys(change for one in node.causes for change in one.changes):
            by_change[(change, _side(lead))].append(node)
        for place in range(len(lead.series)):
            # The kinds of columns belong to it: kin are values of one column, all else being the same.
            others = (*lead.series[:place], None, *lead.series[place + 1 :])
            by_kin[(others, tuple(lead.labels), lead.kind, lead.start, _side(lead))].append(node)
    for some in by_change.values():
        close = [node for node in some if node.lead.start - some[0].lead.start <= near.gap]
        if len(close) > 1:
            yield "they began near the same change", close
    for some in by_kin.values():
        if len(some) >= _CROWD:
            yield f"{len(some)} series that differ in one value did the same on the same day", some


def _name(node: _Node) -> str:
    return " / ".join(node.lead.series) or "the whole"


def _incident(group: Sequence[_Node]) -> Incident:
    ordered = sorted(group, key=lambda node: (-node.money, node.lead.key))
    causes = [one for node in ordered for one in node.causes]
    symptoms = [one for node in ordered for one in node.symptoms]
    why = dict.fromkeys(reason for node in ordered for reason in node.why)
    return Incident(tuple(causes), tuple(symptoms), tuple(why))

"""Which allocation rules are there, which hold in a month: who pays for which charges, by which method.

How a file states them is said in `finops_lib.cost.allocation.rule_file`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from finops_lib.errors import QueryError
from finops_lib.records import Period, Record, content_id

NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "direct": ("by",),
        "proportional": (),
        "fixed": ("shares",),
        "even": (),
        "usage": ("metric",),
        "shapley": ("metric",),
        "cluster": (),
    }
)
OPTIONAL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "direct": ("map",),
        "proportional": ("to",),
        "fixed": (),
        "even": ("to",),
        "usage": ("to",),
        "shapley": ("to", "game", "block"),
        "cluster": ("by", "level", "idle"),
    }
)
GAMES = ("peak", "largest")
IDLE_SPLITS = ("proportional", "even", "own")
LEVELS = ("namespace", "workload")
METHODS = tuple(NEEDED)


@dataclass(frozen=True)
class Rule(Record):
    """How one kind of charge finds its team. See `finops_lib.cost.allocation.rule_file` for the fields.

    ``source`` is the key ``from``, ``teams`` the key ``map``; what a method does not use is empty. The rule
    holds from ``valid_from`` (None: always has) until before ``valid_until`` (None: further notice).
    """

    name: str
    method: str
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""
    by: str = ""
    teams: Mapping[str, str] = field(default_factory=dict)
    to: tuple[str, ...] = ()
    shares: Mapping[str, Decimal] = field(default_factory=dict)
    metric: str = ""
    game: str = "peak"
    block: Decimal = Decimal(0)
    level: str = "namespace"
    idle: str = "proportional"
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def holds_in(self, period: Period) -> bool:
        """Say whether the rule holds in any part of this time."""
        begun = self.valid_from is None or self.valid_from < period.end
        return begun and (self.valid_until is None or self.valid_until > period.start)


@dataclass(frozen=True)
class UnitCost(Record):
    """What one unit of a metric costs is asked of which charges.

    ``combined`` is ``sum`` for what flows (requests, hours) and ``mean`` for what stands (customers);
    ``where`` maps columns or ``tag:key`` to the values that count, an empty one means everything.
    """

    name: str
    metric: str
    combined: str = "sum"
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class RuleFile(Record):
    """The rules of one file, in order, with the version it gives itself, and the unit costs it asks for.

    Examples
    --------
    >>> rules = RuleFile("1", (Rule("team", "direct", {"ServiceName": ("A",)}, by="tag:team"),))
    >>> rules.columns
    ('ServiceName', 'tag:team')
    """

    version: str
    rules: tuple[Rule, ...]
    unit_costs: tuple[UnitCost, ...] = ()

    @property
    def id(self) -> str:
        """16 hexadecimal digits of what the rules do: another rule is another id, another date is not."""
        plain = [replace(rule, valid_from=None, valid_until=None).to_json() for rule in self.rules]
        return content_id({"rules": plain})

    @property
    def label(self) -> str:
        """Version and id in one text, for each table that the rules made."""
        return f"{self.version} ({self.id})"

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns and ``tag:key`` of the bill that the rules look at, sorted."""
        named = {name for rule in self.rules for name in (*rule.where, rule.by) if name}
        return tuple(sorted(named))

    @property
    def levels(self) -> tuple[str, ...]:
        """Labels, without ``tag:``, to which cluster rules split, sorted."""
        found = {rule.level for rule in self.rules if rule.method == "cluster"}
        return tuple(sorted(level.removeprefix("tag:") for level in found if level.startswith("tag:")))

    def at(self, period: Period) -> RuleFile:
        """Which of the rules hold in this time: a month restated later is split by the rules of its own.

        Parameters
        ----------
        period : Period
            A month, or several in which the rules do not change.

        Returns
        -------
        RuleFile
            With these rules alone; perhaps none, and then all stays unallocated.

        Raises
        ------
        QueryError
            A rule begins or ends within the period.

        Examples
        --------
        >>> since = Period.month("2026-07").start
        >>> file = RuleFile("1", (Rule("all", "even", to=("a",), valid_from=since),))
        >>> [len(file.at(Period.month(month)).rules) for month in ("2026-06", "2026-07")]
        [0, 1]
        """
        held = tuple(rule for rule in self.rules if rule.holds_in(period))
        for rule in held:
            for edge in (rule.valid_from, rule.valid_until):
                if edge is not None and period.start < edge < period.end:
                    raise QueryError(
                        f"rule {rule.name!r} changes in {edge:%Y-%m}",
                        "one set of rules holds in the whole of the time asked for",
                        "ask for each month by itself",
                    )
        return replace(self, rules=held)

"""What a report of anomalies is asked: hierarchies, days, error, money, and the files that people keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from finops_lib.anomaly import alert_file, label_file, window_file
from finops_lib.anomaly.alerts import Rules
from finops_lib.anomaly.labels import Label
from finops_lib.anomaly.priority import Stakes
from finops_lib.anomaly.suppress import Plan
from finops_lib.cost import change_events
from finops_lib.cost.change_events import Change
from finops_lib.errors import ParameterError, QueryError
from finops_lib.forecast import change_file
from finops_lib.forecast.change_file import Planned
from finops_lib.records import Period
from finops_lib.run.cut import TEAM, default_group
from finops_lib.run.files import parsed, parsed_or

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

PATH = ("x_ProviderName", "SubAccountId", "ServiceName")
CAUSES = ("x_ProviderName", "SubAccountId", "ServiceName", "RegionId", "SkuMeter")
RESOURCE = "ResourceId"
_LONGEST = 400  # days looked at: so many a detector remembers
_DEEPEST, _MOST = 5, 5  # columns of a hierarchy, and hierarchies


@dataclass(frozen=True)
class Asked:
    """What is asked of the days up to and including ``until`` (None: the newest whole one).

    ``hierarchies`` are columns from coarse to fine, ``days`` how many are looked at, ``level`` the share of
    what is told that may be false, ``floor`` money a day (None: a share of the usual cost of a day), and
    ``dimensions`` the columns that name a cause. ``clusters`` says whether Kubernetes clusters are watched by
    their own reports, beside the bill.

    Raises
    ------
    ParameterError
        A value is out of its bounds.
    """

    hierarchies: tuple[tuple[str, ...], ...]
    days: int
    level: float
    floor: Decimal | None = None
    until: date | None = None
    country: str | None = None
    dimensions: tuple[str, ...] = CAUSES
    clusters: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.days <= _LONGEST:
            raise _refused("days", self.days, f"it is from 1 to {_LONGEST}")
        if not 0 < self.level < 1:
            raise _refused("discovery", self.level, "it lies between 0 and 1, as 0.1")
        if self.floor is not None and not self.floor >= 0:
            raise _refused("floor", self.floor, "it is money a day, 0 or more")
        deepest = max(map(len, self.hierarchies), default=0)
        if not 1 <= len(self.hierarchies) <= _MOST or deepest > _DEEPEST:
            rule = f"it is up to {_MOST} hierarchies of up to {_DEEPEST} columns"
            raise _refused("by", "; ".join(map(", ".join, self.hierarchies)), rule)

    @property
    def team(self) -> str:
        """The column that names the team; empty where no hierarchy has one."""
        found = (names[0] for names in self.hierarchies if names and names[0] != PATH[0])
        return next(found, "")


def _refused(name: str, value: object, rule: str) -> ParameterError:
    return ParameterError(f"parameter {name} = {str(value)[:80]}", rule, "write another value")


def hierarchies(by: str, engine: Engine) -> tuple[tuple[str, ...], ...]:
    """Which hierarchies are meant.

    Parameters
    ----------
    by : str
        Columns from coarse to fine, comma-separated; hierarchies are separated by semicolons. Empty is
        provider, account and service, and where there is such a tag also team and service.
    engine : Engine
        The open lake.

    Returns
    -------
    tuple of tuple of str
    """
    told = tuple(listed(part) for part in by.split(";") if listed(part))
    teams = ((TEAM, PATH[-1]),) if default_group(engine) == TEAM else ()
    return told or (PATH, *teams)


def listed(text: str) -> tuple[str, ...]:
    """Which names stand in this list, each once.

    Parameters
    ----------
    text : str
        Comma-separated.

    Examples
    --------
    >>> listed("a, b,,a")
    ('a', 'b')
    """
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def last_day(until: str) -> date | None:
    """Up to which day is looked.

    Parameters
    ----------
    until : str
        ``YYYY-MM-DD``, or ``YYYY-MM`` for the last day of a month; empty is all there is.

    Raises
    ------
    ParameterError
        It is neither.

    Examples
    --------
    >>> last_day("2026-07"), last_day("2026-07-13")
    (datetime.date(2026, 7, 31), datetime.date(2026, 7, 13))
    """
    if not until:
        return None
    try:
        if len(until) == len("2026-07"):
            return Period.month(until).end.date() - timedelta(days=1)
        return date.fromisoformat(until)
    except (ValueError, QueryError):
        raise _refused("until", until, "it is a day or a month, as 2026-07-31 or 2026-07") from None


def money_a_day(floor: str) -> Decimal | None:
    """How much money a day is the floor; empty is None.

    Raises
    ------
    ParameterError
        It is no amount.
    """
    try:
        found = Decimal(floor) if floor else None
    except InvalidOperation:
        found = Decimal("NaN")
    if found is not None and not found.is_finite():
        raise _refused("floor", floor, "it is money a day, as 12.50")
    return found


@dataclass(frozen=True)
class Kept:
    """What people keep in files: who gets alerts, windows, labels, changes that are planned, and events."""

    rules: Rules = field(default_factory=Rules)
    labels: tuple[Label, ...] = ()
    changes: tuple[Planned, ...] = ()
    events: tuple[Change, ...] = ()

    @classmethod
    def read(
        cls, *, windows: str = "", alerts: str = "", labels: str = "", changes: str = "", events: str = ""
    ) -> Kept:
        """What do these files say; an empty path is no file.

        Parameters
        ----------
        windows, alerts, labels, changes, events : str
            Paths, see `finops_lib.anomaly.window_file`, `finops_lib.anomaly.alert_file`,
            `finops_lib.anomaly.label_file`, `finops_lib.forecast.change_file` and
            `finops_lib.cost.change_events`.

        Raises
        ------
        SettingsError
            A file cannot be read, or breaks its own rules.
        """
        teams, tiers = parsed_or(alerts, "alerts", alert_file.parse, ((), ()))
        planned = parsed(changes, "changes", change_file.parse)
        rules = Rules(
            teams=teams, windows=parsed(windows, "windows", window_file.parse),
            plans=tuple(map(_plan, planned)), stakes=Stakes(tiers=tiers),
        )  # fmt: skip
        said = parsed(labels, "labels", label_file.parse)
        return cls(rules, said, planned, parsed(events, "events", change_events.parse))

    @property
    def known(self) -> tuple[Change, ...]:
        """All changes that these files know: events, and the beginnings of what is planned."""
        return (*self.events, *(Change(one.name, one.start, one.scope) for one in self.changes))


def _plan(change: Planned) -> Plan:
    """Hand on what was announced: an end takes its amount away."""
    amount = -change.amount if change.kind == "end" and change.amount is not None else change.amount
    until = None if change.kind == "ramp" else change.until
    return Plan(change.name, change.start, until, amount, change.currency, change.scope)

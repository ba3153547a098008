"""How does a year of recommendations go: who is asked, how deep the cut, who says yes, what breaks.

Each recommendation draws the same numbers whatever is planted, so that the unfair history and the fair one
of a seed differ in nothing but the unfairness.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from finops_lib.estate.company import Account, Company, Slot
from finops_lib.estate.machines import LADDERS, MONTH_HOURS, bought
from finops_lib.estate.tagging import TEAMS, chosen

Range = tuple[int, int]
ACCEPTED, REJECTED, SNOOZED = "accepted", "rejected", "snoozed"
_BORN = date(2020, 1, 1)
_REASONS = {
    REJECTED: (
        "peak season ahead",
        "not ours any more",
        "no time to test",
        "performance worries",
        "wrong data",
    ),
    SNOOZED: ("after the release", "owner on leave", "waiting for a test"),
}
_CONFOUNDERS = ("traffic grew", "traffic fell", "price changed", "moved to another account")
_ELSEWHERE = (
    ("azure", "westeurope", "Standard_D4s_v5", 140_160_000),
    ("gcp", "europe-west3", "n2-standard-4", 164_250_000),
    ("on-premises", "frankfurt-1", "node-64", 310_000_000),
)  # fmt: skip
_RISKS = ((8, "low"), (20, "medium"), (1000, "high"))


@dataclass(frozen=True)
class DecisionWorld:
    """How the history is drawn; shares are thousandths, ranges include both ends.

    A cut leaves ``headroom`` above the need, ``prod_headroom`` more in production. The need that shows is
    one of ``need`` of the size; what comes later may be higher, the more so at a greater ``volatility``.
    ``loud`` is a team with more volatile loads, which breach more often for that reason alone: that is fair.
    ``unfair`` from 0 to 1000 is how much of ``deeper`` and ``slower`` the team ``against`` suffers: its
    cuts leave ``deeper`` less headroom at equal need, its approvals take ``slower`` more time. ``elsewhere``
    is the share outside AWS, ``confounded`` that of outcomes which something else moved.
    """

    seed: int = 1
    recommendations: int = 400
    first: date = date(2025, 9, 1)
    days: int = 365
    until: date = date(2026, 9, 18)
    against: str = "tracking"
    unfair: int = 1000
    deeper: int = 160
    slower: int = 900
    loud: str = "ml"
    need: Range = (80, 620)
    headroom: Range = (150, 400)
    prod_headroom: int = 60
    volatility: Range = (20, 420)
    loud_volatility: int = 160
    accepted: int = 660
    rejected: int = 190
    hours: Range = (2, 96)
    prod_hours: int = 24
    elsewhere: int = 220
    noise: int = 120
    confounded: int = 150

    def __post_init__(self) -> None:
        if self.against not in TEAMS or self.loud not in TEAMS or self.against == self.loud:
            raise ValueError(f"teams {self.against!r}, {self.loud!r}: two of {', '.join(TEAMS)}")
        if not 0 <= self.unfair <= 1000 or self.recommendations < 1:  # noqa: PLR2004  thousandths
            raise ValueError(f"unfair {self.unfair}, {self.recommendations} rows: 0 to 1000, at least 1")


@dataclass(frozen=True)
class Subject:
    """What a recommendation is about; ``cost_micro`` is micro-dollars a month."""

    resource: str
    account: str
    team: str
    environment: str
    region: str
    provider: str
    service: str
    size: str
    cost_micro: int


@dataclass(frozen=True)
class Case:
    """One recommendation with all that came of it, and what a fair world would have done.

    Shares are thousandths of the size: ``need`` as seen before, ``peak`` as it came later, ``kept`` what
    is left after the cut, and ``fair_kept`` what a fair cut had left. ``cut`` is thousandths taken away.
    """

    id: str
    subject: Subject
    created: datetime
    age_days: int
    need: int
    volatility: int
    peak: int
    kept: int
    fair_kept: int
    decision: str
    reason: str
    who: str
    hours: int
    fair_hours: int
    applied_hours: int
    noise: int
    confounder: str
    moved: int

    @property
    def applied(self) -> bool:
        """Say whether the cut was made."""
        return self.decision == ACCEPTED

    @property
    def breached(self) -> bool:
        """Say whether the load later went above what the cut had left."""
        return self.applied and self.peak > self.kept

    @property
    def fair_breached(self) -> bool:
        """Say whether it had done so after a fair cut."""
        return self.applied and self.peak > self.fair_kept

    @property
    def saving_micro(self) -> int:
        """Micro-dollars a month that the cut should save."""
        return self.subject.cost_micro * (1000 - self.kept) // 1000

    @property
    def realised_micro(self) -> int:
        """Micro-dollars a month that it did save: noise and what else moved are in it."""
        return self.saving_micro * (1000 + self.noise + self.moved) // 1000

    @property
    def risk(self) -> str:
        """``low``, ``medium`` or ``high``: how volatile the load is."""
        return chosen(self.volatility // 10, _RISKS)


def cases(who: Company, world: DecisionWorld) -> tuple[Case, ...]:
    """Which recommendations were made, and what came of them.

    Parameters
    ----------
    who : Company
        The company whose resources they are about.
    world : DecisionWorld
        How the history is drawn.

    Returns
    -------
    tuple of Case
        Oldest first.

    Examples
    --------
    >>> from finops_lib.estate.company import company
    >>> len(cases(company(7, slots=1), DecisionWorld(recommendations=5)))
    5
    """
    found = [_case(who, world, number) for number in range(world.recommendations)]
    return tuple(sorted(found, key=lambda case: (case.created, case.id)))


def _case(who: Company, world: DecisionWorld, number: int) -> Case:
    rng = np.random.default_rng([who.seed, world.seed, number, 6])
    roll = [int(value) for value in rng.integers(0, 1000, size=20)]
    team = TEAMS[roll[0] % len(TEAMS)]
    minute = number * world.days * 1440 // world.recommendations + roll[4] * 60 // 100
    created = datetime.combine(world.first, datetime.min.time(), UTC) + timedelta(minutes=minute)
    subject, born = _subject(who, world, team, created=created, roll=roll)
    against, prod = team == world.against, subject.environment == "prod"
    volatility = _between(world.volatility, roll[6]) + (world.loud_volatility if team == world.loud else 0)
    need = _between(world.need, roll[5])
    peak = need * (1000 + volatility * roll[7] // 1000 * 3 // 2) // 1000
    headroom = _between(world.headroom, roll[8]) + (world.prod_headroom if prod else 0)
    less = world.deeper * world.unfair // 1000 if against else 0
    hours = _between(world.hours, roll[10]) + (world.prod_hours if prod else 0)
    slower = world.slower * world.unfair // 1000 if against else 0
    bounds = (world.accepted, world.accepted + world.rejected, 1000)
    decision = chosen(roll[11], tuple(zip(bounds, (ACCEPTED, REJECTED, SNOOZED), strict=True)))
    confounder, moved = _confounder(world, roll)
    return Case(
        id=f"rec-{hashlib.sha256(f'{who.seed}/{world.seed}/{number}'.encode()).hexdigest()[:10]}",
        subject=subject, created=created, age_days=max(30, (created.date() - born).days),
        need=need, volatility=volatility, peak=peak, kept=_kept(need, headroom - less),
        fair_kept=_kept(need, headroom), decision=decision, reason=_reason(decision, roll[12]),
        who=_person(team, roll[13]), hours=hours * (1000 + slower) // 1000, fair_hours=hours,
        applied_hours=4 + roll[14] * 68 // 1000, noise=(roll[15] + roll[16] - 999) * world.noise // 1000,
        confounder=confounder, moved=moved,
    )  # fmt: skip


def _between(span: Range, roll: int) -> int:
    return span[0] + (span[1] - span[0]) * roll // 999


def _kept(need: int, headroom: int) -> int:
    """The size after the cut: need and headroom, at most nine tenths of what it was."""
    return min(900, need * (1000 + headroom) // 1000)


def _subject(
    who: Company, world: DecisionWorld, team: str, *, created: datetime, roll: list[int]
) -> tuple[Subject, date]:
    if roll[1] < world.elsewhere:
        provider, region, size, cost = _ELSEWHERE[roll[2] % len(_ELSEWHERE)]
        environment = chosen(roll[3], ((600, "prod"), (800, "staging"), (1000, "dev")))
        name = f"{provider}/{region}/{team}/{size.lower()}-{roll[9] % 37:02d}"
        account = f"{provider}-{team}"
        return Subject(name, account, team, environment, region, provider, "Compute", size, cost), _BORN
    slot = _of_team(who, team, roll[2])
    month = created.year * 12 + created.month - 1
    owner: Account = slot.account
    found = Subject(
        slot.resource_id(who.seed, month), owner.id, team, owner.environment, slot.region.id, "aws",
        slot.product.service.name, slot.product.instance or "task", bought(slot)[1] * MONTH_HOURS,
    )  # fmt: skip
    # What is renewed each month is never old, whatever its place.
    return found, created.date() if slot.product.renewed else _BORN


def _of_team(who: Company, team: str, roll: int) -> Slot:
    """Pick a machine that is tagged with the team, or one of its account, or any."""
    sized = [slot for slot in who.slots if slot.product.key in LADDERS]
    tagged = [slot for slot in sized if owner_of(slot) == team]
    found = tagged or [slot for slot in sized if slot.account.team == team] or sized
    return found[roll % len(found)]


def owner_of(slot: Slot) -> str:
    """Which team owns a resource: the one in its tag if it is spelt right, else its account's.

    Parameters
    ----------
    slot : Slot
        The resource's place.

    Returns
    -------
    str
    """
    tags = {key.strip().lower(): value.strip().lower() for key, value in slot.tags.items()}
    said = tags.get("team", "")
    return said if said in TEAMS else slot.account.team


def _reason(decision: str, roll: int) -> str:
    known = _REASONS.get(decision, ("",))
    return known[roll % len(known)]


def _person(team: str, roll: int) -> str:
    """Name a role and a pseudonym; a team has three who decide."""
    role = ("team-lead", "service-owner", "on-call-engineer")[roll % 3]
    return f"{role}-{hashlib.sha256(f'{team}/{roll % 3}'.encode()).hexdigest()[:6]}"


def _confounder(world: DecisionWorld, roll: list[int]) -> tuple[str, int]:
    """Say what else moved the bill, and by how many thousandths of the saving."""
    if roll[17] >= world.confounded:
        return "", 0
    kind = _CONFOUNDERS[roll[18] % len(_CONFOUNDERS)]
    size = 100 + roll[19] * 400 // 1000
    return kind, size if kind == "traffic fell" or (kind == "price changed" and roll[19] % 2) else -size

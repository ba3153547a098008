"""What should change in a lake: every resource asked about once, with its answer or the reason for none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from finops_lib.billing.prices import catalogue
from finops_lib.errors import ParameterError, QueryError
from finops_lib.optimize import idle, inventory_file, review_file, schedule
from finops_lib.optimize.commitments import licence_file
from finops_lib.optimize.commitments.licence_file import Owned
from finops_lib.optimize.feedback import ACCEPT, Review, heard, reranked, standing
from finops_lib.optimize.inventory_file import Item
from finops_lib.optimize.plan_changes import Joint, valued
from finops_lib.optimize.plan_told import Ranked
from finops_lib.optimize.rightsize import gpus, hosts, kubernetes, machines, serverless, volumes
from finops_lib.records import NoRecommendation, Period, Recommendation
from finops_lib.run.bills import Bills
from finops_lib.run.commit_files import CommitFiles
from finops_lib.run.committing import Commitments, prepared
from finops_lib.run.files import parsed
from finops_lib.run.recommend_beside import allocated, own_cores
from finops_lib.run.recommend_bill import (
    FUNCTION,
    MACHINE,
    OTHER,
    OWN,
    VOLUME,
    WORKLOAD,
    billed,
    complete_days,
)
from finops_lib.run.recommend_market import brought, spots
from finops_lib.run.recommend_parts import Questions
from finops_lib.run.recommend_plan import planned
from finops_lib.run.recommend_quiet import Quiet
from finops_lib.run.recommend_use import LATEST, Used, used
from finops_lib.run.recommend_world import World, by_key
from finops_lib.usage.join import key_of

DAYS = 28
_WEEK, _MOST_DAYS = 7, 366
_UNWATCHED = "nothing was measured of it: name a source with finops usage pull"
_KINDS = {
    MACHINE: machines.KIND,
    WORKLOAD: kubernetes.KIND,
    VOLUME: volumes.KIND,
    FUNCTION: serverless.KIND,
    OWN: hosts.KIND,
    OTHER: "size",
}
Told = Recommendation | NoRecommendation


@dataclass(frozen=True)
class Files:
    """What people hand in beside the lake: inventory, prices, reviews, commitments; see `Files.read`."""

    items: tuple[Item, ...] = ()
    prices: Path | None = None
    reviews: tuple[Review, ...] = ()
    commitments: CommitFiles = field(default_factory=CommitFiles)
    licences: tuple[Owned, ...] = ()

    @classmethod
    def read(
        cls,
        *,
        inventory: str = "",
        prices: str = "",
        reviews: str = "",
        offers: str = "",
        held: str = "",
        licences: str = "",
    ) -> Files:
        """What do these files say; an empty path is no file.

        Parameters
        ----------
        inventory : str
            Path of a CSV, see `finops_lib.optimize.inventory_file`.
        prices : str
            Path of a price file, see `finops_lib.billing.prices`; the shipped selection where none is named.
        reviews : str
            Path of a TOML, see `finops_lib.optimize.review_file`.
        offers, held : str
            Paths of commitments to be had and in place, see `finops_lib.run.commit_files`.
        licences : str
            Path of a TOML, see `finops_lib.optimize.commitments.licence_file`.

        Returns
        -------
        Files

        Raises
        ------
        SettingsError
            A file cannot be read, or breaks its own rules.
        """
        return cls(
            parsed(inventory, "inventory", inventory_file.parse),
            Path(prices) if prices else None,
            parsed(reviews, "reviews", review_file.parse),
            CommitFiles.read(offers=offers, held=held),
            parsed(licences, "licences", licence_file.parse),
        )


@dataclass(frozen=True)
class Advice:
    """What should change, what should not and why, and what people accepted already; see `advise`.

    ``ranked`` are changes by their worth after effort and people's answers, ``accepted`` keys among them;
    ``plans`` say by currency which changes go together, ``commitments`` what to buy for what they leave.
    """

    asked: Questions
    quiet: Quiet
    ranked: tuple[Ranked, ...] = ()
    silent: tuple[NoRecommendation, ...] = ()
    accepted: frozenset[str] = frozenset()
    plans: Mapping[str, Joint] = field(default_factory=dict)
    commitments: Commitments = field(default_factory=Commitments)

    @property
    def world(self) -> World:
        """All that is known of the resources."""
        return self.asked.world

    @property
    def period(self) -> Period:
        """The window of use."""
        return self.world.used.period

    @cached_property
    def recommendations(self) -> list[Recommendation]:
        """Changes, the most worthwhile first, currency by currency."""
        found = [one.recommendation for one in self.ranked]
        return sorted(found, key=lambda item: item.saving_month.unit)

    @cached_property
    def not_recommended(self) -> list[NoRecommendation]:
        """Resources that stay as they are, each with the reason."""
        return sorted(self.silent, key=lambda item: (item.kind, item.resource))

    @cached_property
    def gpus(self) -> pd.DataFrame:
        """How busy are the GPUs; see `finops_lib.optimize.rightsize.gpus.duty`."""
        keys = [key for key in self.world.keys if self.asked.gpus_allotted(key)]
        return gpus.duty(self.asked.gpu(key) for key in keys)

    def saved(self) -> dict[str, Decimal]:
        """What do all changes save in a month together, by currency: each counts after those before it."""
        found: dict[str, Decimal] = {}
        for item in self.recommendations:
            money = item.saving_month
            found[money.unit] = found.get(money.unit, Decimal(0)) + money.mid
        return dict(sorted(found.items()))


def advise(bills: Bills, *, files: Files, days: int, until: datetime = LATEST) -> Advice:
    """What should change, after the newest days of use and what they cost.

    Parameters
    ----------
    bills : Bills
        The open lake.
    files : Files
        Inventory and prices.
    days : int
        Newest days looked at, 7 to 366.
    until : datetime
        Use from this moment on is not looked at; a midnight, UTC. Commitments are told from the whole bill.

    Returns
    -------
    Advice

    Raises
    ------
    ParameterError
        ``days`` is out of its bounds.
    QueryError
        The lake has no sample of use before ``until``.
    SettingsError
        The price file breaks its rules.
    """
    if not _WEEK <= days <= _MOST_DAYS:
        raise ParameterError(f"days = {days}", f"it is from {_WEEK} to {_MOST_DAYS}", "write another number")
    seen = used(bills.engine, bills.lake, days=days, until=until)
    if seen is None:
        raise QueryError(
            "the lake",
            "what should change is told from what was used, and it has no sample",
            "bring some in with finops usage pull",
        )
    questions = Questions(_world(bills, seen, files))
    quiet = Quiet(questions)
    told = list(_answers(questions, quiet, files.licences))
    changes = [valued(_declared(item, files)) for item in told if isinstance(item, Recommendation)]
    # What was refused is out before the plan: something else may pay on the same resource.
    wished, hushed = reranked(changes, files.reviews, now=bills.now)
    market = prepared(bills, files=files.commitments)
    plans = planned(
        bills.engine, questions.world, [one.recommendation for one in wished], terms=market.terms()
    )
    bought = market.chosen(left={currency: plan.left for currency, plan in plans.items()})
    together = [one for plan in plans.values() for one in plan.ranked]
    ranked, unbought = reranked(
        [*together, *map(valued, bought.recommendations)], files.reviews, now=bills.now
    )
    silent = [item for item in told if isinstance(item, NoRecommendation)]
    silent += [item for plan in plans.values() for item in plan.silent]
    silent += [*bought.not_recommended, *unbought]
    said = standing(heard(files.reviews, now=bills.now))
    accepted = frozenset(key for key, review in said.items() if review.verdict == ACCEPT)
    return Advice(questions, quiet, ranked, (*silent, *hushed), accepted, plans, bought)


def _declared(item: Recommendation, files: Files) -> Recommendation:
    """Name the file in which the resource is declared, where the inventory says it."""
    known = {one.resource: one.file for one in files.items}
    return replace(item, file=known.get(item.resource, ""))


def _world(bills: Bills, seen: Used, files: Files) -> World:
    engine, period = bills.engine, seen.period
    resources = billed(engine, period=period)
    later = {key_of(old): key for key, item in resources.items() for old in item.follows}
    reach = max((max(item.days) for item in resources.values() if item.kind != OWN), default=None)
    span = {"start": period.start, "end": period.end}
    return World(
        replace(seen, later=later),
        resources,
        allocated(engine, period=period),
        by_key(files.items),
        catalogue(files.prices),
        complete_days(**span, reach=reach, incomplete=bills.incomplete),
        reach,
        own_cores(engine),
    )


def _answers(asked: Questions, quiet: Quiet, owned: Sequence[Owned]) -> Iterable[Told]:
    """Ask about each resource once: gone, unwatched, idle, or of which size."""
    world = asked.world
    gone = {key: day for key in world.keys if (day := world.gone(key)) is not None}
    yield from (_silent(world, key, f"it is gone since {day}") for key, day in gone.items())
    there = [key for key in world.keys if key not in gone]
    blind = [key for key in there if not world.watched(key)]
    yield from (_silent(world, key, _UNWATCHED) for key in blind)
    open_keys = [key for key in there if world.watched(key)]
    unused = [
        item
        for item in idle.idle(quiet.candidates(), quiet.activity, quiet.trust)
        if item.resource in open_keys
    ]
    yield from (_named(world, item) for item in unused)
    stopped = {item.resource for item in unused if isinstance(item, Recommendation)}
    kept = [key for key in open_keys if key not in stopped]
    yield from _sized(asked, quiet, kept)
    machines_kept = [key for key in kept if world.kind(key) == MACHINE]
    yield from spots(world, machines_kept)
    yield from brought(world, machines_kept, owned)


def _sized(asked: Questions, quiet: Quiet, keys: Sequence[str]) -> Iterable[Told]:
    """Ask each kind's module about the resources in use."""
    world = asked.world
    of = {kind: [key for key in keys if world.kind(key) == kind] for kind in _KINDS}
    use = {world.resource(key): asked.use(key) for key in of[MACHINE]}
    yield from machines.instance_types(map(asked.machine, of[MACHINE]), use, catalogue=world.catalogue)
    sizes = {world.resource(key): asked.sizes.get(key, {}) for key in of[WORKLOAD]}
    yield from kubernetes.requests(map(asked.pod, of[WORKLOAD]), sizes)
    yield from volumes.volume_sizes(map(quiet.volume, of[VOLUME]))
    yield from serverless.memories(map(quiet.function, of[FUNCTION]))
    yield from hosts.consolidations(map(quiet.host, of[OWN]))
    yield from (_silent(world, key, "which kind of resource it is is not known") for key in of[OTHER])
    runs = quiet.runs([*of[MACHINE], *of[WORKLOAD]])
    found = schedule.schedules(runs, start=world.used.period.start)
    yield from (_named(world, item) for item in found)
    busy = [key for key in (*of[MACHINE], *of[WORKLOAD]) if asked.gpus_allotted(key)]
    yield from gpus.fewer(map(asked.gpu, busy), asked.gpu_sizes(busy))


def _silent(world: World, key: str, reason: str) -> NoRecommendation:
    return NoRecommendation(world.resource(key), _KINDS[world.kind(key)], reason)


def _named(world: World, item: Told) -> Told:
    """Give it the id that a reader knows; keys are in small letters."""
    known: Any = world.resource(item.resource)
    return replace(item, resource=known)

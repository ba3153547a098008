"""May a change of the estate's repository be merged: what is judged is the merge result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from finops_lib.change.tree import author_of, merged, tree_at
from finops_lib.policy.check.cost_delta import CostDelta, cost_delta
from finops_lib.policy.check.finding import Checked, Part, checked, of_verdicts
from finops_lib.policy.check.pricing import Monthly, Pricer, pricer
from finops_lib.policy.check.schema_cloudformation import check_cloudformation
from finops_lib.policy.check.schema_kubernetes import check_kubernetes
from finops_lib.policy.check.schema_terraform import check_terraform
from finops_lib.policy.check.secret_scan import check_secrets
from finops_lib.policy.diff import largest_cut
from finops_lib.policy.engine.trusted import Trusted
from finops_lib.policy.inventory.read import read
from finops_lib.policy.questions import Actor, Change, Directory, about_change, about_resources, team_of
from finops_lib.policy.questions import Asked as Told
from finops_lib.records import Record, Resource, Verdict
from finops_lib.records.policy import ALLOW
from finops_lib.run.check_asked import Asked
from finops_lib.run.check_states import States, read_part

_CURRENCY = "USD"


@dataclass(frozen=True)
class Judged(Record):
    """What policies said of one thing: its address, or the change as a whole."""

    kind: str
    subject: str
    verdict: Verdict


@dataclass(frozen=True)
class Answer:
    """What was checked, and what was said: of the whole, and by policies of each thing."""

    base: str
    head: str
    merge_base: str
    checked: Checked
    judged: tuple[Judged, ...]
    paths: tuple[str, ...]


def check(asked: Asked) -> Answer:
    """May this change be merged.

    The merge result is judged, not the patch: of its files those that the change touches, of what they
    declare (overlays rendered) the resources that differ, and those beside them for what is new.

    Parameters
    ----------
    asked : Asked
        Which change, by which rules, at what moment.

    Returns
    -------
    Answer

    Raises
    ------
    SettingsError
        The repository or a commit is not there, or base and head cannot be merged.
    PolicyError
        The policies or their engine cannot be trusted, or the repository is too large to read.
    """
    asked.progress("ask the engine what it must deny")
    with asked.rules.engine() as engine:
        asked.progress("read files")
        merge = merged(asked.repository, asked.base, asked.head)
        trees = (tree_at(asked.repository, merge.base), merge.tree)
        asked.progress("read resources")
        before, after = map(read, trees)
        states = States(trees, (before, after), frozenset(merge.changed))
        asked.progress("ask policies")
        cost = _cost(states, asked)
        author = asked.author or author_of(asked.repository, merge.head)
        judged = tuple(_judged(engine, states, cost, asked, author))
    verdicts = [one.verdict for one in judged]
    resources = {**states.known[0], **states.known[1]}
    parts = [of_verdicts(verdicts, resources=resources), read_part(states), *_schemas(states, asked)]
    said = checked(parts, verdicts=verdicts, cost=cost.delta)
    return Answer(merge.base, merge.head, merge.merge_base, said, judged, merge.changed)


@dataclass(frozen=True)
class _Cost:
    delta: CostDelta
    before: Pricer
    after: Pricer

    def month(self, resource: Resource) -> Decimal | None:
        """What it costs a month after the change; None where that is not known."""
        price = self.after(resource)
        return price.mid if isinstance(price, Monthly) else None

    @property
    def moved(self) -> Decimal | None:
        """By how much the change moves the cost a month; None where a part of it is not known."""
        if self.delta.unknown or set(self.delta.total) - {_CURRENCY}:
            return None
        return self.delta.total.get(_CURRENCY, Decimal(0))


def _cost(states: States, asked: Asked) -> _Cost:
    before, after = (
        pricer(one.resources, catalogue=asked.prices.catalogue, cluster=asked.prices.cluster)
        for one in states.inventories
    )
    delta = cost_delta(*(one.resources for one in states.inventories), price_before=before, price_after=after)
    return _Cost(delta, before, after)


def _judged(engine: Trusted, states: States, cost: _Cost, asked: Asked, author: str) -> Iterable[Judged]:
    """Ask about the change, about what differs, and about what belongs to it before and after."""
    if not states.moves:
        return
    told = _told(states, cost, asked)
    yield _of_change(engine, states, cost, told, asked, author)
    after = states.inventories[1].resources
    touched = _answers(engine, after, told, states.touched)
    beside = _answers(engine, after, told, states.beside)
    earlier = _answers(engine, states.inventories[0].resources, told, states.beside)
    for address, verdict in touched.items():
        yield Judged("resource", address, verdict)
    for address, verdict in beside.items():
        yield Judged("resource", address, fresh(verdict, earlier.get(address)))


def _answers(
    engine: Trusted, resources: tuple[Resource, ...], told: Told, only: frozenset[str]
) -> dict[str, Verdict]:
    """Ask about some resources of a state; verdicts by address."""
    asked = [one.address for one in resources if one.address in only]
    verdicts = engine.judge_all(about_resources(resources, asked=told, only=only))
    return dict(zip(asked, verdicts, strict=True))


def fresh(verdict: Verdict, earlier: Verdict | None) -> Verdict:
    """What does a verdict say that was not said before; of a thing that a change does not touch itself.

    Parameters
    ----------
    verdict : Verdict
        After the change.
    earlier : Verdict or None
        Before it.

    Returns
    -------
    Verdict
        Allowed where nothing is new: the audit of the estate tells what was wrong before.
    """
    if earlier is None or not earlier.reasons:
        return verdict
    new = tuple(reason for reason in verdict.reasons if reason not in earlier.reasons)
    return replace(verdict, reasons=new, outcome=verdict.outcome if new else ALLOW)


def _of_change(engine: Trusted, states: States, cost: _Cost, told: Told, asked: Asked, author: str) -> Judged:
    team = team_of(states.moves)
    prices = {row.address: (_mid(row.before), _mid(row.after)) for row in cost.delta.rows}
    change = Change(
        states.moves, author, team, cost.moved, largest_cut(states.moves, prices=prices), automatic=False
    )
    actor = Actor(author, asked.roles, asked.team or team)
    verdict = engine.judge(about_change(change, asked=told, actor=actor))
    return Judged("change", "", verdict)


def _mid(price: Monthly | None) -> Decimal | None:
    return None if price is None else price.mid


def _told(states: States, cost: _Cost, asked: Asked) -> Told:
    near = states.touched | states.beside
    costs = {
        address: month
        for address, one in states.known[1].items()
        if address in near and (month := cost.month(one)) is not None
    }
    return Told(asked.at, directory(states, asked.teams), costs, _CURRENCY)


def directory(states: States, teams: Iterable[str]) -> Directory:
    """Who may own something: the owners that the files of code owners name, and the teams given besides.

    Parameters
    ----------
    states : States
        The owners of the state before the change hold: a change cannot name its own.
    teams : iterable of str
        Names of more teams.
    """
    owners = states.inventories[0].owners
    named = {handle.rsplit("/", 1)[1] for handle in owners if "/" in handle}
    return Directory(tuple(sorted({*named, *teams})), tuple(sorted(owners)))


def _schemas(states: States, asked: Asked) -> Iterable[Part]:
    """Run the checks that know files by their kind, each on what the change touches."""
    before, after = states.files(0), states.files(1)
    asked.progress("check schemas of Kubernetes")
    yield check_kubernetes({**_whole(states), **_rendered(states)}, release=asked.release)
    asked.progress("check templates of CloudFormation")
    yield check_cloudformation(after, regions=asked.regions)
    asked.progress("check Terraform")
    yield check_terraform(
        states.trees[1].files, plugins=asked.plugins, required=asked.required, only=states.paths
    )
    asked.progress("look for secrets")
    yield check_secrets(after, before=before)


def _whole(states: States) -> Mapping[str, bytes]:
    """Take the files of the change but those that are only pieces: of an overlay, or of a chart."""
    pieces = set(states.inventories[1].skipped)
    return {path: content for path, content in states.files(1).items() if path not in pieces}


def _rendered(states: States) -> Mapping[str, bytes]:
    """Take what is rendered otherwise than before."""
    old, new = (inventory.rendered for inventory in states.inventories)
    return {path: content for path, content in new.items() if old.get(path) != content}

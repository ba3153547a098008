"""Whom would a new bundle hit: it judges past decisions and what is declared, before it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from finops_lib.change.tree import tree_at
from finops_lib.errors import PolicyError
from finops_lib.policy.bundle import ENFORCE, SHIPPED, Bundle, read_bundle
from finops_lib.policy.check.pricing import Monthly, pricer
from finops_lib.policy.engine.trusted import trusted
from finops_lib.policy.inventory.read import Inventory, read
from finops_lib.policy.inventory.tree import Tree, tree_of
from finops_lib.policy.life.past_changes import newest, past_changes, read_decisions
from finops_lib.policy.life.replay import EFFECTS, Replay, replayed
from finops_lib.policy.questions import Actor, Asked, Directory, about_resources
from finops_lib.run.check_asked import ENGINEER, Prices
from finops_lib.run.files import text_of

DAYS = 90
_MOST_TOLD = 50


@dataclass(frozen=True)
class Sources:
    """What a bundle is replayed over: files of decisions, and a repository, at a commit if one is named."""

    decisions: tuple[Path, ...] = ()
    repository: Path | None = None
    commit: str = ""

    def tree(self) -> Tree:
        """Read the files of the repository; none where no repository is named."""
        if self.repository is None:
            return Tree({})
        return tree_at(self.repository, self.commit) if self.commit else tree_of(self.repository)


@dataclass(frozen=True)
class Replayed:
    """A replay, with what it stands on."""

    replay: Replay
    bundles: tuple[Bundle, Bundle]
    at: datetime
    days: int
    changes: int
    resources: int
    faults: int


def replay(
    folder: str,
    *,
    against: str = "",
    sources: Sources,
    prices: Prices,
    at: datetime | None = None,
    days: int = DAYS,
    progress: Callable[[str], None] = lambda step: None,
) -> Replayed:
    """Whom would this bundle hit, and for how much money a month.

    Parameters
    ----------
    folder : str
        Of the new bundle. What it only watches is enforced here, so that it is seen.
    against : str
        Of the bundle in force; the shipped one where it is empty.
    sources : Sources
        Decisions and resources.
    prices : Prices
        What resources cost.
    at : datetime, optional
        The end of the days; just after the newest decision where it is left out.
    days : int
        How many days of decisions.
    progress : callable
        Told which step begins.

    Returns
    -------
    Replayed

    Raises
    ------
    PolicyError
        A bundle, a file of decisions or the repository cannot be read, or there is nothing to judge.
    """
    old, new = read_bundle(Path(against) if against else SHIPPED), read_bundle(Path(folder))
    progress("read decisions")
    rows = [row for path in sources.decisions for row in read_decisions(_lines(path), name=path.name)]
    moment = at or newest(rows, name="decisions") + timedelta(seconds=1)
    progress("read resources")
    found = read(sources.tree())
    who = _directory(found, rows)
    changes = list(_changes(rows, who, moment, days))
    resources = list(_resources(found, who, moment, prices))
    if not (changes or resources):
        raise PolicyError(
            f"{len(rows)} decisions, {len(found.resources)} resources",
            f"there is a decision of the {days} days before {moment:%Y-%m-%d}, or a resource",
            "name files of decisions and a repository",
        )
    progress("judge by both bundles")
    with trusted(old) as before, trusted(_enforced(new)) as after:
        told = replayed(before, after, [*changes, *resources])
    told = replace(told, old_sha256=old.sha256, new_sha256=new.sha256)
    return Replayed(told, (old, new), moment, days, len(changes), len(resources), len(found.faults))


def _lines(path: Path) -> Iterator[str]:
    yield from text_of(str(path), "decisions").splitlines()


def _enforced(bundle: Bundle) -> Bundle:
    return replace(bundle, policies=tuple(replace(policy, stage=ENFORCE) for policy in bundle.policies))


def _directory(found: Inventory, rows: Sequence[Mapping[str, Any]]) -> Directory:
    teams = {handle.rsplit("/", 1)[1] for handle in found.owners if "/" in handle}
    teams |= {team for row in rows if isinstance(team := row.get("team"), str)}
    return Directory(tuple(sorted(teams)), tuple(sorted(found.owners)))


def _changes(
    rows: Sequence[Mapping[str, Any]], who: Directory, at: datetime, days: int
) -> Iterator[dict[str, Any]]:
    """Ask about each past decision as one of its own team would have."""
    for document in past_changes(rows, at=at, actor={}, directory=who.to_json(), window=timedelta(days=days)):
        change = document["change"]
        actor = Actor(str(change["author"]), (ENGINEER,), str(change["team"]))
        yield {**document, "actor": actor.to_json()}


def _resources(found: Inventory, who: Directory, at: datetime, prices: Prices) -> Iterator[dict[str, Any]]:
    price = pricer(found.resources, catalogue=prices.catalogue, cluster=prices.cluster)
    costs = {one.address: cost.mid for one in found.resources if isinstance(cost := price(one), Monthly)}
    return about_resources(found.resources, asked=Asked(at, who, costs))


def content(found: Replayed) -> dict[str, Any]:
    """What a machine is told of it.

    Parameters
    ----------
    found : Replayed
        Of `replay`.

    Returns
    -------
    dict
        Both bundles; ``judged`` documents; ``hits`` with who and for how much; ``money`` a month by effect
        and currency; ``teams`` the same by team; ``unjudged``.
    """
    told = found.replay
    old, new = found.bundles
    return {
        "in_force": {"name": old.name, "version": old.version, "sha256": old.sha256},
        "new": {"name": new.name, "version": new.version, "sha256": new.sha256},
        "until": found.at.isoformat(),
        "days": found.days,
        "judged": told.judged,
        "changes": found.changes,
        "resources": found.resources,
        "unreadable": found.faults,
        "counts": {effect: len(told.of(effect)) for effect in EFFECTS},
        "money_month": {effect: _texts(told.money(effect)) for effect in EFFECTS},
        "unknown_money": {
            effect: sum(hit.money_month is None for hit in told.of(effect)) for effect in EFFECTS
        },
        "teams": {
            effect: {team: _texts(money) for team, money in told.by_team(effect).items()}
            for effect in EFFECTS
        },
        "hits": [hit.to_json() for hit in told.hits],
        "unjudged": list(told.unjudged),
    }


def _texts(money: Mapping[str, Any]) -> dict[str, str]:
    return {currency: str(amount) for currency, amount in money.items()}


def lines(found: Replayed) -> list[str]:
    """What a person is told on a terminal.

    Parameters
    ----------
    found : Replayed
        Of `replay`.
    """
    told = found.replay
    old, new = found.bundles
    said = [
        f"{new.name} {new.version} ({new.sha256[:12]}) in the place of {old.name} {old.version} "
        f"({old.sha256[:12]}): {found.changes} changes of {found.days} days, {found.resources} resources"
    ]
    for effect in EFFECTS:
        hits = told.of(effect)
        money = ", ".join(f"{amount:,} {currency}" for currency, amount in told.money(effect).items())
        said.append(f"{effect}: {len(hits)}{f', {money} a month' if money else ''}")
        for hit in hits[:_MOST_TOLD]:
            cost = (
                "unknown money" if hit.money_month is None else f"{hit.money_month:,} {hit.currency} a month"
            )
            who = hit.team or hit.owner or "nobody named"
            said.append(f"  {hit.subject} ({who}): {', '.join(hit.rules)}; {cost}")
        if len(hits) > _MOST_TOLD:
            said.append(f"  and {len(hits) - _MOST_TOLD} more")
    return [*said, *(f"could not be judged: {subject}" for subject in told.unjudged[:_MOST_TOLD])]

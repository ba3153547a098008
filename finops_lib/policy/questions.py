"""What is a policy asked: the input documents about a resource, and about a change of several."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from finops_lib.policy.diff import Moved, kind_of
from finops_lib.records import Record, Resource

SCHEMA = 1
PROPOSE = "propose"


@dataclass(frozen=True)
class Directory(Record):
    """Who there is: names of ``teams``, and ``owners`` as a file of code owners writes them."""

    teams: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Actor(Record):
    """Who does it: ``kind`` is ``person`` or ``machine``."""

    id: str
    roles: tuple[str, ...]
    team: str
    kind: str = "person"


@dataclass(frozen=True)
class Asked:
    """What holds for all documents of one asking: the moment, who there is, and costs a month by address.

    ``currency`` is that of the costs, ISO 4217; a resource without a cost is one whose cost is not known.
    """

    at: datetime
    directory: Directory = Directory()
    costs: Mapping[str, Decimal] | None = None
    currency: str = "USD"

    @property
    def time(self) -> str:
        """RFC 3339 in UTC, to the second."""
        return f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def about_resources(
    resources: Sequence[Resource], *, asked: Asked, only: Iterable[str] | None = None
) -> Iterator[dict[str, Any]]:
    """What is asked about resources: one document each, with the resources that belong to it.

    Parameters
    ----------
    resources : sequence of Resource
        All of the estate, so that what belongs together is found.
    asked : Asked
        What holds for all of them.
    only : iterable of str, optional
        Addresses that are asked about; by default all.

    Yields
    ------
    dict
        In the order of ``resources``: a document of kind ``resource``. Related are those that link to it or
        that it links to.

    Examples
    --------
    >>> logs = Resource("a:aws_s3_bucket.logs", "terraform", "aws", "aws_s3_bucket", "logs", "a/main.tf", 3)
    >>> [one] = about_resources([logs], asked=Asked(datetime(2026, 1, 1, tzinfo=UTC)))
    >>> one["time"], one["resource"]["name"], one["cost_month"]
    ('2026-01-01T00:00:00Z', 'logs', None)
    """
    known = {one.address: one for one in resources}
    near: dict[str, dict[str, None]] = {}
    for one in resources:
        for other in one.links:
            near.setdefault(one.address, {})[other] = None
            near.setdefault(other, {})[one.address] = None
    wanted = None if only is None else set(only)
    directory = asked.directory.to_json()
    for one in resources:
        if wanted is None or one.address in wanted:
            related = [known[other] for other in near.get(one.address, {}) if other in known]
            yield {
                "schema": SCHEMA,
                "kind": "resource",
                "time": asked.time,
                "resource": one.to_json(),
                "related": [other.to_json() for other in related],
                "cost_month": _amount((asked.costs or {}).get(one.address)),
                "currency": asked.currency,
                "directory": directory,
            }


@dataclass(frozen=True)
class Change:
    """A change of an estate as a policy judges it; what is None is not known.

    ``cost_delta_month`` is in USD; ``percent`` as `finops_lib.policy.diff.largest_cut` gives it.
    """

    moves: tuple[Moved, ...]
    author: str
    team: str
    cost_delta_month: Decimal | None = None
    percent: float | None = None
    automatic: bool = False

    @property
    def digest(self) -> str:
        """Sha256 of all that differs, in hexadecimal."""
        told = [one.to_json() for one in self.moves]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    @property
    def environment(self) -> str:
        """That of most of its resources; the first by name among equals."""
        return _commonest(one.resource.environment for one in self.moves)


def about_change(
    change: Change,
    *,
    asked: Asked,
    actor: Actor,
    action: str = PROPOSE,
    budget: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What is asked about a change as a whole.

    Parameters
    ----------
    change : Change
        With one resource at least.
    asked : Asked
        The moment, and who there is.
    actor : Actor
        Who does it.
    action : str
        ``propose``, ``approve``, ``apply`` or ``rollback``.
    budget : mapping, optional
        ``limit``, ``spent`` and ``forecast`` of the team in USD.

    Returns
    -------
    dict
        A document of kind ``change``.
    """
    return {
        "schema": SCHEMA,
        "kind": "change",
        "time": asked.time,
        "change": {
            "id": change.digest[:16],
            "kind": kind_of(change.moves),
            "team": change.team,
            "environment": change.environment,
            "author": change.author,
            "resources": [_part(one) for one in change.moves],
            "saving_month": None,
            "cost_delta_month": _amount(change.cost_delta_month),
            "percent": change.percent,
            "blast_radius": len(change.moves),
            "confidence": None,
            "breach_probability": None,
            "automatic": change.automatic,
            "applied_today": None,
            "budget": budget,
            "digest": change.digest,
            "approvals": [],
        },
        "actor": actor.to_json(),
        "action": action,
        "break_glass": None,
        "model": None,
        "audit": None,
        "directory": asked.directory.to_json(),
    }


def team_of(moves: Sequence[Moved]) -> str:
    """Whose change is it: the team that most of its resources name, else that of the files' owners.

    Parameters
    ----------
    moves : sequence of Moved
        All of one change.
    """
    named = _commonest(_tag(one.resource, "team") for one in moves)
    return named or _commonest(
        one.resource.owner.split(" ")[0].rsplit("/", 1)[-1].lstrip("@") for one in moves
    )


def _tag(resource: Resource, key: str) -> str:
    return next((value for name, value in resource.tags.items() if name.strip().lower() == key), "")


def _commonest(names: Iterable[str]) -> str:
    counts = Counter(name for name in names if name)
    return min(counts, key=lambda name: (-counts[name], name)) if counts else ""


def _part(one: Moved) -> dict[str, Any]:
    resource = one.resource
    return {
        "address": resource.address,
        "type": resource.type,
        "tags": dict(resource.tags),
        "environment": resource.environment,
        "from": dict(one.before),
        "to": dict(one.after),
    }


def _amount(money: Decimal | None) -> float | None:
    """Write money as a policy compares it: a number rounded to cents."""
    return None if money is None else round(float(money), 2)

"""What does a change do to the resources of an estate: which come, go or differ, and how deep it cuts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from finops_lib.policy.inventory.quantities import quantity
from finops_lib.records import Record, Resource

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
DELETE, STOP, REPLICAS, RIGHTSIZE, EDIT = "delete", "stop", "replicas", "rightsize", "edit"
_TAGS = frozenset({"tags", "Tags", "labels"})  # told once, as the tags of the resource
_COUNTS = frozenset(
    "replicas minReplicas maxReplicas min_replicas max_replicas min_size max_size desired_size "
    "desired_capacity desired_count MinSize MaxSize DesiredCapacity DesiredCount node_count "
    "num_nodes min_node_count max_node_count min_count max_count".split()
)
_AMOUNTS = frozenset(
    "cpu memory allocated_storage AllocatedStorage memory_size MemorySize volume_size VolumeSize size Size "
    "disk_size_gb storage_mb iops Iops throughput Throughput ephemeral-storage nvidia.com/gpu".split()
)
_TYPES = frozenset(
    "instance_type instance_class node_type machine_type vm_size tier InstanceType DBInstanceClass "
    "CacheNodeType sku_name".split()
)
_WHOLE = 100.0


@dataclass(frozen=True)
class Moved(Record):
    """A resource that a change adds, removes or changes.

    ``resource`` is as it is after the change, or was before where it goes. ``before`` and ``after`` are what
    differs, by dotted path; a path that is missing on one side is not there on it.
    """

    resource: Resource
    change: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def moved(before: Iterable[Resource], after: Iterable[Resource]) -> tuple[Moved, ...]:
    """Which resources differ between two states of an estate.

    Parameters
    ----------
    before, after : iterable of Resource
        Those of one address are the same thing.

    Returns
    -------
    tuple of Moved
        By address. A file or line that moved is no difference.

    Examples
    --------
    >>> web = Resource("a", "kubernetes", "kubernetes", "Deployment", "web", "a.yaml", 1)
    >>> three, two = ({"spec": {"replicas": count}} for count in (3, 2))
    >>> from dataclasses import replace
    >>> [one] = moved([replace(web, properties=three)], [replace(web, properties=two, line=7)])
    >>> one.change, dict(one.before), dict(one.after)
    ('changed', {'spec.replicas': 3}, {'spec.replicas': 2})
    """
    old, new = ({one.address: one for one in state} for state in (before, after))
    found = []
    for address in sorted(old.keys() | new.keys()):
        was, becomes = (_leaves(state.get(address)) for state in (old, new))
        paths = [path for path in {**was, **becomes} if was.get(path, _leaves) != becomes.get(path, _leaves)]
        kind = CHANGED if address in old and address in new else ADDED if address in new else REMOVED
        if paths or kind != CHANGED:
            parts = ({path: side[path] for path in paths if path in side} for side in (was, becomes))
            found.append(Moved(new.get(address) or old[address], kind, *parts))
    return tuple(found)


def _leaves(resource: Resource | None) -> dict[str, Any]:
    """Write all that is declared of a resource by dotted path."""
    if resource is None:
        return {}
    rest = {key: value for key, value in resource.properties.items() if key not in _TAGS}
    found = dict(_flat(rest, ""))
    found |= {f"tags.{key}": value for key, value in resource.tags.items()}
    return found | {f"unknown.{path}": True for path in resource.unknown}


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    parts: Iterable[tuple[str, Any]]
    if isinstance(value, Mapping) and value:
        parts = ((str(key), item) for key, item in value.items())
    elif isinstance(value, list | tuple) and value:
        parts = _named(value)
    else:
        yield path, value
        return
    for key, item in parts:
        yield from _flat(item, _under(path, key))


def _under(path: str, key: str) -> str:
    """Write a key behind its path; one with a dot stands in brackets, as the places of lists do."""
    if key.startswith("["):
        return f"{path}{key}"
    if "." in key:
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def _named(items: Sequence[Any]) -> list[tuple[str, Any]]:
    """Name the items of a list, by their names where each has its own, else by their place."""
    names = [item.get("name") if isinstance(item, Mapping) else None for item in items]
    if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
        return [(f"[{name}]", item) for name, item in zip(names, items, strict=True)]
    return [(f"[{place}]", item) for place, item in enumerate(items)]


def kind_of(moves: Sequence[Moved]) -> str:
    """What kind of change is it, as policies name it.

    Parameters
    ----------
    moves : sequence of Moved
        All of one change.

    Returns
    -------
    str
        ``delete`` where anything goes, ``stop`` where a count falls to 0 and nothing but counts differ,
        ``replicas`` where nothing but counts do, ``rightsize`` where nothing but sizes do, else ``edit``.
    """
    if any(one.change == REMOVED for one in moves):
        return DELETE
    names = {_name(path) for one in moves for path in (*one.before, *one.after)}
    if any(one.change == ADDED for one in moves) or not names:
        return EDIT
    if names <= _COUNTS:
        return STOP if any(map(_stops, moves)) else REPLICAS
    return RIGHTSIZE if names <= _COUNTS | _AMOUNTS | _TYPES else EDIT


def _stops(one: Moved) -> bool:
    return any(
        quantity(becomes) == 0 and quantity(one.before.get(path)) for path, becomes in one.after.items()
    )


def largest_cut(
    moves: Sequence[Moved], *, prices: Mapping[str, tuple[Decimal | None, Decimal | None]]
) -> float | None:
    """How deep does a change cut: the largest part of a size, a count or a machine that it takes away.

    Parameters
    ----------
    moves : sequence of Moved
        All of one change.
    prices : mapping of str to pair
        Address to its price before and after; a type of machine is as large as it is dear.

    Returns
    -------
    float or None
        Per cent, 0 where nothing becomes smaller, 100 where something with a size goes; None where a size
        differs and by how much is not known.

    Examples
    --------
    >>> web = Resource("a", "kubernetes", "kubernetes", "Deployment", "web", "a.yaml", 1)
    >>> largest_cut([Moved(web, "changed", {"spec.replicas": 4}, {"spec.replicas": 3})], prices={})
    25.0
    """
    cuts = [cut for one in moves for cut in _cuts(one, prices.get(one.resource.address, (None, None)))]
    return None if None in cuts else max((cut for cut in cuts if cut is not None), default=0.0)


def _cuts(one: Moved, price: tuple[Decimal | None, Decimal | None]) -> Iterator[float | None]:
    if one.change == ADDED:
        return
    for path in {**one.before, **one.after}:
        name = _name(path)
        if path.startswith("unknown."):
            if _name(path) in _COUNTS | _AMOUNTS | _TYPES:
                yield None
        elif name in _COUNTS | _AMOUNTS | _TYPES:
            was, becomes = quantity(one.before.get(path)), quantity(one.after.get(path))
            if one.change == REMOVED:
                yield _WHOLE
            elif name in _TYPES or None in (was, becomes):
                yield (
                    _part(*price)
                    if name not in _COUNTS and path in one.before and path in one.after
                    else None
                )
            else:
                yield _part(was, becomes)


def _part(before: Decimal | None, after: Decimal | None) -> float | None:
    """Which part of a size is taken away, per cent."""
    if before is None or after is None or before < 0 or after < 0:
        return None
    return round(float(1 - after / before) * _WHOLE, 2) if before > after else 0.0


def _name(path: str) -> str:
    """Take the last key of a path."""
    return path.rsplit("[", 1)[1][:-1] if path.endswith("]") else path.rsplit(".", 1)[-1]

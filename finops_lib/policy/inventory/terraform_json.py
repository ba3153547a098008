"""What will a Terraform plan change, and what is live by its state: the JSON that Terraform itself writes.

Read are ``terraform show -json`` of a plan and of a state, and state files of version 4. What Terraform marks
as sensitive is never kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from finops_lib.policy.inventory.found import Fault, Found
from finops_lib.policy.inventory.terraform import environment_of
from finops_lib.policy.inventory.terraform_functions import as_text
from finops_lib.policy.inventory.terraform_links import plan_links
from finops_lib.policy.inventory.terraform_providers import Provider, cloud_of, region_of
from finops_lib.policy.inventory.terraform_written import (
    DEEPEST,
    Refused,
    listed,
    loaded,
    mapping,
    marked,
    without,
)
from finops_lib.policy.inventory.tree import Tree
from finops_lib.records import Resource

PLAN, STATE = "terraform_plan", "terraform_state"
ENDINGS = (".tfplan.json", ".tfstate", ".tfstate.json")
_STATE_VERSION = 4
_FORMATS = ("0.1", "0.2")
_ARN_PARTS = 6
_ACTIONS = frozenset({"no-op", "create", "read", "update", "delete", "forget"})


@dataclass(frozen=True)
class Planned(Found):
    """Resources as they will be, and by address what is done to each, for example ``create``.

    A resource that will be deleted has actions, but is not among the resources.
    """

    actions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def resources_of(tree: Tree) -> Found:
    """Which resources are in the plans and states that a repository holds.

    Parameters
    ----------
    tree : Tree
        Files that end in `ENDINGS` are read.

    Returns
    -------
    Found
    """
    parts = [read(tree.files[path], file=path) for path in sorted(tree.files) if path.endswith(ENDINGS)]
    left_out = (path for path in tree.left_out if path.endswith(ENDINGS))
    faults = [Fault(path, 0, f"not read: {tree.left_out[path]}") for path in left_out]
    return Found(
        tuple(one for part in parts for one in part.resources),
        (*faults, *(one for part in parts for one in part.faults)),
    )


def read(content: bytes, *, file: str) -> Planned:
    r"""Which resources are in this plan or state.

    Parameters
    ----------
    content : bytes
        ``terraform show -json`` of a plan or of a state, or a state file of version 4.
    file : str
        Its path; addresses begin with it.

    Returns
    -------
    Planned
        What cannot be read is a fault. The line of a resource is 0.

    Examples
    --------
    >>> state = b'{"version": 4, "resources": [{"mode": "managed", "type": "aws_s3_bucket", "name": "a", ' \
    ...     b'"instances": [{"attributes": {"bucket": "a"}}]}]}'
    >>> [one] = read(state, file="a.tfstate").resources
    >>> one.address, one.source, one.properties["bucket"]
    ('a.tfstate:aws_s3_bucket.a', 'terraform_state', 'a')
    >>> read(b"[]", file="a.tfstate").faults[0].reason
    'not an object'
    """
    try:
        found = loaded(content)
        if "resource_changes" in found or "planned_values" in found:
            return _plan(found, file)
        if "values" in found or "format_version" in found:
            _known_format(found)
            return _unique(
                list(_shown(mapping(found.get("values", {})).get("root_module", {}), file, 0)), file
            )
        return _unique(list(_state(found, file)), file)
    except Refused as refused:
        return Planned(faults=(Fault(file, 0, str(refused)),))


def _known_format(found: Mapping[str, Any]) -> None:
    version = found.get("format_version")
    if not isinstance(version, str) or not (version in _FORMATS or version.startswith("1.")):
        raise Refused(f"the format_version {str(version)[:40]!r} is not known: 0.1, 0.2 and 1.x are")


def _unique(found: list[Resource], file: str) -> Planned:
    kept: dict[str, Resource] = {}
    faults = []
    for one in found:
        if one.address in kept:
            faults.append(Fault(file, 0, f"{one.address[:200]} is there twice"))
        kept.setdefault(one.address, one)
    named: dict[str, list[str]] = {}
    for address in kept:
        named.setdefault(_plain_address(address), []).append(address)
    linked = (
        replace(one, links=tuple(to for link in one.links for to in named.get(link, ()) if to != one.address))
        for one in kept.values()
    )
    return Planned(tuple(linked), tuple(faults))


def _plan(found: Mapping[str, Any], file: str) -> Planned:
    _known_format(found)
    links = plan_links(found.get("configuration"), file)
    resources: list[Resource] = []
    actions: dict[str, tuple[str, ...]] = {}
    if "resource_changes" not in found:
        raise Refused("a plan without resource_changes")
    for one in map(mapping, listed(found["resource_changes"])):
        if one.get("mode") != "managed":
            continue
        change = mapping(one.get("change"))
        address = f"{file}:{one.get('address')}"
        said = listed(change.get("actions"))
        if not said or not all(isinstance(action, str) and action in _ACTIONS for action in said):
            raise Refused(f"{address[:200]}: actions that are not known")
        actions[address] = tuple(said)
        if isinstance(change.get("after"), dict):
            known = links.get(_plain_address(str(one.get("address"))), ())
            resources.append(_planned(one, change, file, known))
        elif set(said) - {"delete", "forget"}:
            raise Refused(f"{address[:200]}: no values after the change")
    made = _unique(resources, file)
    partly = found.get("errored") is True or found.get("complete") is False
    faults = (*made.faults, *([Fault(file, 0, "the plan is not complete")] if partly else []))
    return Planned(made.resources, faults, (), actions)


def _plain_address(address: str) -> str:
    """Without what counts the instances: ``a.b[0]`` is ``a.b`` in the configuration."""
    parts, depth = [], 0
    for sign in address:
        depth += sign == "["
        if not depth:
            parts.append(sign)
        depth -= sign == "]"
    return "".join(parts)


def _planned(
    one: Mapping[str, Any], change: Mapping[str, Any], file: str, links: tuple[str, ...]
) -> Resource:  # fmt: skip
    paths = marked(change.get("after_unknown"))
    secret = marked(change.get("after_sensitive"))
    values = without(change["after"], secret)
    return _resource(
        one, values, file=file, address=str(one.get("address")), source=PLAN, unknown=paths, links=links
    )


def _shown(module: Any, file: str, depth: int) -> Iterator[Resource]:
    if depth > DEEPEST:
        raise Refused("more modules in each other than can be read")
    found = mapping(module)
    for one in map(mapping, listed(found.get("resources"))):
        if one.get("mode") == "managed":
            values = without(mapping(one.get("values")), marked(one.get("sensitive_values")))
            links = _needed(one.get("depends_on"), file)
            yield _resource(
                one, values, file=file, address=str(one.get("address")), source=STATE, links=links
            )
    for child in listed(found.get("child_modules")):
        yield from _shown(child, file, depth + 1)


def _state(found: Mapping[str, Any], file: str) -> Iterator[Resource]:
    if found.get("version") != _STATE_VERSION:
        raise Refused("no plan and no state of Terraform that is known (a state file has the version 4)")
    for one in map(mapping, listed(found.get("resources"))):
        if one.get("mode") != "managed":
            continue
        base = ".".join(filter(None, [one.get("module"), f"{one.get('type')}.{one.get('name')}"]))
        for instance in map(mapping, listed(one.get("instances"))):
            if "deposed" in instance:
                continue
            index = instance.get("index_key")
            address = base if index is None else f"{base}[{json.dumps(index)}]"
            secret = [_path(path) for path in listed(instance.get("sensitive_attributes"))]
            values = {key: _bare(one) for key, one in _attributes(instance).items()}
            values = without(values, secret)
            links = _needed(instance.get("dependencies"), file)
            yield _resource(one, values, file=file, address=address, source=STATE, links=links)


def _attributes(instance: Mapping[str, Any]) -> Mapping[str, Any]:
    found = instance.get("attributes")
    return {} if found is None else mapping(found)


def _bare(value: Any) -> Any:
    """A value of no fixed type stands in a state file beside its type."""
    typed = (
        isinstance(value, dict) and set(value) == {"value", "type"} and isinstance(value["type"], (str, list))
    )
    return value["value"] if typed else value


def _needed(names: Any, file: str) -> tuple[str, ...]:
    return tuple(f"{file}:{name}" for name in listed(names))


def _path(steps: Any) -> str:
    """Dotted path of a list of steps as a state file writes them."""
    keys = []
    for step in listed(steps):
        value = step.get("value") if isinstance(step, dict) else step
        keys.append(str(value.get("value")) if isinstance(value, dict) else str(value))
    return ".".join(keys)


def _resource(
    one: Mapping[str, Any], values: dict[str, Any], *, file: str, address: str, source: str,
    unknown: list[str] | None = None, links: tuple[str, ...] = (),
) -> Resource:  # fmt: skip
    kind, name = one.get("type"), one.get("name")
    if not isinstance(kind, str) or not isinstance(name, str) or not kind or not name:
        raise Refused("a resource without type or name")
    tags = _tags(values)
    arn = str(values.get("arn", "")).split(":")
    place = Provider(*(arn[3:5] if len(arn) >= _ARN_PARTS else ()))
    return Resource(
        address=f"{file}:{address}", source=source, provider=cloud_of(kind), type=kind, name=name, file=file,
        line=0, environment=environment_of(tags), region=region_of(values, place),
        account=place.account or str(values.get("project") or ""), tags=tags, properties=values,
        unknown=tuple(dict.fromkeys(unknown or ())), links=links,
    )  # fmt: skip


def _tags(values: Mapping[str, Any]) -> dict[str, str]:
    """Tags with those of the provider, where Terraform has put them together."""
    for keys in (
        ("tags_all",),
        ("effective_labels", "terraform_labels"),
        ("tags", "labels", "freeform_tags"),
    ):
        for key in keys:
            found = values.get(key)
            if isinstance(found, dict):
                texts = {str(name): as_text(value) for name, value in found.items()}
                return {name: text for name, text in texts.items() if text is not None}
    return {}

"""Which provider makes a resource: its cloud, region, account and the tags that it sets on everything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from finops_lib.policy.inventory.hcl_nodes import Block, Literal, Node, Reference
from finops_lib.policy.inventory.terraform_modules import Module
from finops_lib.policy.inventory.terraform_unknown import (
    Partly,
    Unknown,
    Value,
)
from finops_lib.policy.inventory.terraform_values import evaluate

_CLOUDS = {
    "aws": "aws", "awscc": "aws", "azurerm": "azure", "azuread": "azure", "azapi": "azure", "google": "gcp",
    "oci": "oci", "kubernetes": "kubernetes", "helm": "kubernetes", "kubectl": "kubernetes",
}  # fmt: skip
_TAGS = ("default_tags", "default_labels")
_ROLE = re.compile(r"arn:[a-z-]+:iam::(\d{12}):")
_ZONE = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]|([a-z]+-[a-z]+\d)-[a-z]", re.ASCII)


class Provider(NamedTuple):
    """One configuration of a provider. ``tags`` may be `Partly` known or not at all."""

    region: str = ""
    account: str = ""
    tags: Value = None


def cloud_of(kind: str) -> str:
    """Which cloud is this type of resource of.

    Parameters
    ----------
    kind : str
        For example ``google_compute_disk``.

    Returns
    -------
    str
        ``aws``, ``azure``, ``gcp``, ``oci``, ``kubernetes`` or "".

    Examples
    --------
    >>> cloud_of("azurerm_managed_disk"), cloud_of("random_id")
    ('azure', '')
    """
    return _CLOUDS.get(kind.partition("_")[0], "")


def provider_of(block: Block, module: Module) -> Provider:
    """Which configuration makes this resource.

    Parameters
    ----------
    block : Block
        The resource.
    module : Module
        Where it stands.

    Returns
    -------
    Provider
        An empty one where none is configured, or the name is not.
    """
    attribute = block.body.attributes.get("provider")
    name = _name(attribute.value) if attribute else block.labels[0].partition("_")[0]
    return _find(module, name)


def _name(node: Node) -> str:
    if isinstance(node, Reference):
        return ".".join(map(str, (node.root, *node.steps)))
    return str(node.value) if isinstance(node, Literal) else ""


def _find(module: Module, name: str) -> Provider:
    while True:
        for declared in module.folder.providers:
            if _own_name(declared.block) == name:
                return _configured(declared.block, module)
        if module.parent is None or module.call is None:
            return Provider()
        given = module.call.block.body.attributes.get("providers")
        passed = dict(_passed(given.value)) if given else {}
        if "." in name and name not in passed:
            return Provider()
        name, module = passed.get(name, name), module.parent


def _passed(node: Node) -> list[tuple[str, str]]:
    return [(_name(key), _name(value)) for key, value, _ in getattr(node, "pairs", ())]


def _own_name(block: Block) -> str:
    alias = block.body.attributes.get("alias")
    return f"{block.labels[0]}.{_name(alias.value)}" if alias else block.labels[0]


def _configured(block: Block, module: Module) -> Provider:
    worth = {key: evaluate(one.value, module) for key, one in block.body.attributes.items()}
    tags = worth.get("default_labels")
    roles = []
    for inner in block.body.blocks:
        values = {key: evaluate(one.value, module) for key, one in inner.body.attributes.items()}
        if inner.type in _TAGS:
            tags = values.get("tags", tags)
        if inner.type == "assume_role":
            roles.append(values.get("role_arn"))
    return Provider(_text(worth.get("region")), _account(worth, roles), tags)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _account(worth: Mapping[str, Value], roles: list[Value]) -> str:
    allowed = worth.get("allowed_account_ids")
    if isinstance(allowed, list) and len(allowed) == 1:
        return _text(allowed[0])
    for role in roles:
        found = _ROLE.match(_text(role))
        if found:
            return found[1]
    return _text(worth.get("project")) or _text(worth.get("subscription_id"))


def region_of(properties: Mapping[str, Any], provider: Provider) -> str:
    """In which region is a resource: its own, that of its zone, or that of its provider.

    Parameters
    ----------
    properties : mapping
        Of the resource.
    provider : Provider
        That makes it.

    Returns
    -------
    str
        In small letters; "" where it is not known.

    Examples
    --------
    >>> region_of({"zone": "europe-west3-b"}, Provider()), region_of({"location": "EUROPE-WEST3"}, Provider())
    ('europe-west3', 'europe-west3')
    """
    for key in ("region", "location"):
        if isinstance(properties.get(key), str) and "${" not in properties[key]:
            return str(properties[key]).lower().replace(" ", "")
    for key in ("availability_zone", "zone"):
        found = _ZONE.fullmatch(_text(properties.get(key)))
        if found:
            return found[1] or found[2]
    return provider.region


def tags_of(worth: Mapping[str, Value], provider: Provider, *, kind: str) -> Value:
    """Which tags will a resource have: its own over those that its provider sets.

    Parameters
    ----------
    worth : mapping
        What the resource declares.
    provider : Provider
        That makes it.
    kind : str
        Its type.

    Returns
    -------
    Value
        An object, `Partly` known where there may be more. A launch template has those of its instances,
        which a provider's tags do not reach.
    """
    own = [
        worth.get(key)
        for key in ("tags", "labels", "user_labels", "freeform_tags")
        if worth.get(key) is not None
    ]
    own += [
        {one["key"]: one.get("value")} for one in _blocks(worth, "tag") if isinstance(one.get("key"), str)
    ]
    inner = [one.get("tags") for one in _blocks(worth, "tag_specifications") if one.get("tags") is not None]
    taggable = kind.startswith("google_") or kind.startswith("aws_")
    default = [provider.tags] if provider.tags is not None and taggable and not inner else []
    return _together([*default, *(inner or own)])


def _blocks(worth: Mapping[str, Value], name: str) -> list[Mapping[str, Value]]:
    found = worth.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _together(parts: list[Value]) -> Value:
    found: dict[str, Value] = {}
    complete = True
    for part in parts:
        if isinstance(part, Mapping):
            found |= part
        complete &= isinstance(part, Mapping) and not isinstance(part, Partly)
        if isinstance(part, Unknown):
            found = {key: Unknown(f"${{tags.{key}}}") for key in found}
    return found if complete else Partly(found)

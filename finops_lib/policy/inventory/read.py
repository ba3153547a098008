"""All that a repository declares, as one list of resources with file, line and owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from finops_lib.policy.inventory import cloudformation, helm, kubernetes, terraform
from finops_lib.policy.inventory.found import Fault, Found, together
from finops_lib.policy.inventory.kustomize import rendered
from finops_lib.policy.inventory.owners import owners_of
from finops_lib.policy.inventory.tree import Tree
from finops_lib.records import Resource


@dataclass(frozen=True)
class Inventory:
    """What a repository declares, and what of it could not be read.

    ``rendered`` are the texts of overlays by the path of their kustomization, ``owners`` all whom the file of
    code owners names, ``skipped`` files that are only pieces of something else.
    """

    resources: tuple[Resource, ...] = ()
    faults: tuple[Fault, ...] = ()
    skipped: tuple[str, ...] = ()
    rendered: Mapping[str, bytes] = field(default_factory=dict)
    owners: frozenset[str] = frozenset()


def read(tree: Tree) -> Inventory:
    """What does this repository declare.

    Parameters
    ----------
    tree : Tree
        Its files at a commit, or after a merge.

    Returns
    -------
    Inventory
        Resources of Terraform, CloudFormation, Kubernetes (overlays of Kustomize as rendered) and the values
        of Helm charts, each with the owners of its file; a file that cannot be read is a fault.

    Examples
    --------
    >>> tree = Tree({"CODEOWNERS": b"* @shop/web", "a.tf": b'resource "aws_sqs_queue" "q" {}'})
    >>> [queue] = read(tree).resources
    >>> queue.address, queue.owner
    ('aws_sqs_queue.q', '@shop/web')
    """
    overlays = rendered(tree)
    found = together(
        terraform.resources_of(tree),
        cloudformation.resources_of(tree),
        kubernetes.resources_of(tree),
        overlays.found,
        helm.resources_of(tree),
    )
    owners = owners_of(tree)
    resources, twice = _apart(found)
    return Inventory(
        tuple(replace(one, owner=owners(one.file)) for one in resources),
        (*found.faults, *twice, *owners.faults),
        found.skipped,
        overlays.texts,
        frozenset(name for rule in owners.rules for name in rule.owners),
    )


def _apart(found: Found) -> tuple[list[Resource], list[Fault]]:
    """An address names one thing: of two of one address only the first is known by it."""
    seen: set[str] = set()
    resources: list[Resource] = []
    faults: list[Fault] = []
    for one in found.resources:
        if one.address in seen:
            faults.append(Fault(one.file, one.line, "its address is that of another resource"))
        else:
            seen.add(one.address)
            resources.append(one)
    return resources, faults

"""What runs in a cluster: the answer of ``kubectl get -o json`` as resources."""

from __future__ import annotations

from finops_lib.policy.inventory.found import Fault, Found
from finops_lib.policy.inventory.json_file import read_json
from finops_lib.policy.inventory.marked import at, listed, mapping
from finops_lib.policy.inventory.object_links import linked
from finops_lib.policy.inventory.objects import Origin, objects_in, resource_of, unique
from finops_lib.records import Resource

SOURCE = "live"
_MOST_NODES = 5_000_000  # of one answer


def resources_of_cluster(content: bytes, *, file: str = "cluster.json") -> Found:
    r"""Which objects run in this cluster.

    Parameters
    ----------
    content : bytes
        What ``kubectl get KIND... -o json`` printed: an object or a list of them.
    file : str
        How the answer is called in addresses and faults.

    Returns
    -------
    Found
        What a controller made of another object (a pod of a deployment) is left out, for the other is judged.
        Values of secrets are not kept.

    Examples
    --------
    >>> found = resources_of_cluster(b'{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1",'
    ...     b' "kind": "Service", "metadata": {"name": "web", "namespace": "shop"}}]}')
    >>> found.resources[0].address, found.resources[0].source
    ('cluster.json:shop/Service/web', 'live')
    """
    read = read_json(content, file=file, most=_MOST_NODES)
    origin = Origin(SOURCE, file, file)
    resources: list[Resource] = []
    faults = list(read.faults)
    for document in read.documents:
        objects, wrong = objects_in(document, file)
        faults += wrong
        resources += [resource_of(value, line, origin) for value, line in objects]
    if not resources and not faults:
        faults.append(Fault(file, 0, "it holds no object of a cluster"))
    apart, twice = unique([one for one in resources if not _is_owned(one)])
    return Found(linked(apart), (*faults, *twice))


def _is_owned(resource: Resource) -> bool:
    owners = listed(at(resource.properties, "metadata", "ownerReferences"))
    return any(mapping(owner).get("controller") is True for owner in owners)

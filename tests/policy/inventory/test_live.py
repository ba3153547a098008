"""What a cluster answers: objects, without what controllers made of others and without secrets."""

from __future__ import annotations

import json

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.live import resources_of_cluster


def answer(*items: dict[str, object]) -> bytes:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items}).encode()


def item(kind: str, name: str, **more: object) -> dict[str, object]:
    metadata: dict[str, object] = {"name": name, "namespace": "shop", "managedFields": [{"manager": "x"}]}
    owners = more.pop("owners", None)
    return {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": metadata | ({"ownerReferences": owners} if owners else {}),
        **more,
    }


def test_objects_are_live_resources() -> None:
    """State and managed fields are left out; a service links to what it selects."""
    pod = item("Pod", "solo", spec={}, status={"phase": "Running"})
    pod["metadata"]["labels"] = {"app": "solo"}  # type: ignore[index]
    found = resources_of_cluster(answer(pod, item("Service", "web", spec={"selector": {"app": "solo"}})))
    assert [one.address for one in found.resources] == [
        "cluster.json:shop/Pod/solo",
        "cluster.json:shop/Service/web",
    ]
    assert {one.source for one in found.resources} == {"live"}
    assert found.resources[1].links == ("cluster.json:shop/Pod/solo",)
    assert "status" not in found.resources[0].properties
    assert "managedFields" not in found.resources[0].properties["metadata"]


def test_what_a_controller_made_is_judged_as_its_owner() -> None:
    """An owner that is no controller leaves it a thing of its own."""
    made = item("Pod", "a-1", owners=[{"kind": "ReplicaSet", "name": "a", "controller": True}])
    own = item("Pod", "b", owners=[{"kind": "Node", "name": "n"}])
    found = resources_of_cluster(answer(made, own))
    assert [one.name for one in found.resources] == ["b"]


def test_secrets_keep_no_values() -> None:
    """Not even encoded."""
    found = resources_of_cluster(answer(item("Secret", "s", data={"k": "aHVudGVyMg=="})))
    assert "aHVudGVyMg" not in str(found.resources[0].to_json())


def test_an_answer_that_is_none_is_a_fault() -> None:
    """No JSON, no object, and an empty answer: nothing found is never silence."""
    assert resources_of_cluster(b"{", file="x").faults[0].file == "x"
    said = (Fault("cluster.json", 0, "it holds no object of a cluster"),)
    assert resources_of_cluster(b"[1]").faults == said
    assert resources_of_cluster(answer()).faults == said

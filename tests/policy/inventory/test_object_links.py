"""To what an object refers: by name in its own namespace, by all labels of a selector, nearest first."""

from __future__ import annotations

from finops_lib.policy.inventory.kubernetes import resources_of
from finops_lib.policy.inventory.object_links import linked
from finops_lib.policy.inventory.tree import Tree

WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web, tier: front}}
    spec:
      serviceAccountName: runner
      volumes:
      - {name: d, persistentVolumeClaim: {claimName: data}}
      containers:
      - name: main
        envFrom: [{secretRef: {name: keys}}]
        env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: a}}}]
"""


def thing(kind: str, name: str, more: str = "", *, space: str = "shop") -> str:
    return f"---\napiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: {space}}}\n{more}\n"


def links(files: dict[str, str]) -> dict[str, list[str]]:
    found = resources_of(Tree({path: text.encode() for path, text in files.items()}))
    assert found.faults == ()
    return {one.address: list(one.links) for one in found.resources}


def test_a_workload_links_to_what_its_pods_use() -> None:
    """Account, claim, configuration and secret of its own namespace; one of another namespace is not it."""
    others = "".join(
        thing(kind, name)
        for kind, name in [
            ("ServiceAccount", "runner"),
            ("PersistentVolumeClaim", "data"),
            ("Secret", "keys"),
            ("ConfigMap", "settings"),
        ]
    ) + thing("Secret", "keys", space="other")
    found = links({"a.yaml": WORKLOAD + others})
    assert found["a.yaml:shop/Deployment/web"] == [
        "a.yaml:shop/ServiceAccount/runner",
        "a.yaml:shop/PersistentVolumeClaim/data",
        "a.yaml:shop/Secret/keys",
        "a.yaml:shop/ConfigMap/settings",
    ]


def test_a_selector_needs_all_of_its_labels() -> None:
    """An empty one selects nothing here: it says too little to link by."""
    services = (
        thing("Service", "both", "spec: {selector: {app: web, tier: front}}")
        + thing("Service", "half", "spec: {selector: {app: web, tier: back}}")
        + thing("Service", "none", "spec: {selector: {}}")
        + thing("Service", "far", "spec: {selector: {app: web}}", space="other")
    )
    found = links({"a.yaml": WORKLOAD + services})
    assert found["a.yaml:shop/Service/both"] == ["a.yaml:shop/Deployment/web"]
    assert [
        found[f"a.yaml:{name}"] for name in ("shop/Service/half", "shop/Service/none", "other/Service/far")
    ] == [
        [],
        [],
        [],
    ]


def test_an_autoscaler_links_to_its_target_and_a_binding_to_its_role() -> None:
    """A cluster role has no namespace."""
    text = WORKLOAD + thing(
        "HorizontalPodAutoscaler", "web", "spec: {scaleTargetRef: {kind: Deployment, name: web}}"
    )
    text += thing(
        "RoleBinding",
        "give",
        "roleRef: {kind: ClusterRole, name: admin}\nsubjects: [{kind: ServiceAccount, name: runner}]",
    )
    text += "---\napiVersion: v1\nkind: ClusterRole\nmetadata: {name: admin}\n" + thing(
        "ServiceAccount", "runner"
    )
    found = links({"a.yaml": text})
    assert found["a.yaml:shop/HorizontalPodAutoscaler/web"] == ["a.yaml:shop/Deployment/web"]
    assert found["a.yaml:shop/RoleBinding/give"] == [
        "a.yaml:ClusterRole/admin",
        "a.yaml:shop/ServiceAccount/runner",
    ]


def test_the_nearest_of_two_of_one_name_is_meant() -> None:
    """That of the same file, then of the same folder."""
    service = thing("Service", "web", "spec: {selector: {app: web, tier: front}}")
    found = links({"x/a.yaml": WORKLOAD, "x/s.yaml": service, "y/a.yaml": WORKLOAD + service})
    assert found["x/s.yaml:shop/Service/web"] == ["x/a.yaml:shop/Deployment/web"]
    assert found["y/a.yaml:shop/Service/web"] == ["y/a.yaml:shop/Deployment/web"]
    assert linked([]) == ()

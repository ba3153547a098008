"""Overlays as the real ``kubectl kustomize`` renders them, with the place that each object comes from."""

from __future__ import annotations

from finops_lib.policy.inventory.kustomize import rendered
from finops_lib.policy.inventory.tree import Tree

BASE = {
    "base/kustomization.yaml": b"resources: [all.yaml]\n",
    "base/all.yaml": b"""apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {note: kept}}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "w:1"}]}
""",
}
PROD = b"""namespace: shop
namePrefix: p-
resources: [../base]
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec: {replicas: 4}
configMapGenerator:
- name: settings
  literals: [a=b]
"""


def test_an_overlay_is_judged_as_rendered_at_the_place_it_comes_from() -> None:
    """Prefix, namespace and patch are in it; what a generator made stands where that is written."""
    found = rendered(Tree({**BASE, "prod/kustomization.yaml": PROD})).found
    assert found.faults == ()
    places = {one.address: (one.file, one.line, one.source, one.environment) for one in found.resources}
    settings = next(address for address in places if "ConfigMap" in address)
    assert settings.startswith("prod:shop/ConfigMap/p-settings-")
    assert places == {
        "prod:shop/Service/p-web": ("base/all.yaml", 2, "kustomize", "prod"),
        "prod:shop/Deployment/p-web": ("base/all.yaml", 7, "kustomize", "prod"),
        settings: ("prod/kustomization.yaml", 11, "kustomize", "prod"),
    }
    web = next(one for one in found.resources if one.type == "Deployment")
    assert web.properties["spec"]["replicas"] == 4
    assert web.properties["metadata"]["annotations"] == {"note": "kept"}
    service = next(one for one in found.resources if one.type == "Service")
    assert service.links == ("prod:shop/Deployment/p-web",)


def test_two_overlays_of_one_base_are_two_and_the_text_is_kept() -> None:
    """Each by the path of its kustomization; the pieces are named, for they are judged as rendered."""
    files = {**BASE, "a/kustomization.yaml": b"resources: [../base]", "b/kustomization.yaml": PROD}
    told = rendered(Tree(files))
    assert sorted(told.texts) == ["a/kustomization.yaml", "b/kustomization.yaml"]
    assert b"replicas: 4" in told.texts["b/kustomization.yaml"]
    assert {one.address.split(":")[0] for one in told.found.resources} == {"a", "b"}
    assert told.found.skipped == (
        "a/kustomization.yaml",
        "b/kustomization.yaml",
        "base/all.yaml",
        "base/kustomization.yaml",
    )


def test_an_overlay_at_the_top_of_the_repository() -> None:
    """Its address begins with a point."""
    files = {"kustomization.yaml": b"resources: [a.yaml]", "a.yaml": BASE["base/all.yaml"]}
    assert {one.address.split(":")[0] for one in rendered(Tree(files)).found.resources} == {"."}


def test_what_the_program_refuses_is_a_fault_with_its_words_and_not_its_place() -> None:
    """A patch without a target; the temporary folder is not told."""
    text = b"resources: [../base]\npatches: [{patch: '{kind: X, apiVersion: v1, metadata: {name: gone}}'}]\n"
    found = rendered(Tree({**BASE, "a/kustomization.yaml": text})).found
    assert found.resources == ()
    [fault] = found.faults
    assert (fault.file, fault.line) == ("a/kustomization.yaml", 1)
    assert fault.reason.startswith("kubectl kustomize: ")
    assert "gone" in fault.reason
    assert "finops-check-" not in fault.reason


def test_a_program_that_does_not_end_is_a_fault() -> None:
    """In bounded time."""
    found = rendered(Tree({**BASE, "a/kustomization.yaml": b"resources: [../base]"}), seconds=0.001).found
    assert [fault.reason for fault in found.faults] == ["kubectl kustomize: it did not end within 0.001 s"]


def test_nothing_to_render_is_nothing() -> None:
    """No program is started."""
    assert rendered(Tree({"a.yaml": BASE["base/all.yaml"]})).texts == {}

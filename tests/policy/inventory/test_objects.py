"""Objects of Kubernetes as resources: what is kept, what is a fault, and what is never kept."""

from __future__ import annotations

import pytest

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.objects import (
    Origin,
    container,
    objects_in,
    pod_of,
    resource_of,
    shortened,
    text_tags,
    unique,
)
from finops_lib.policy.inventory.yaml_file import read_yaml
from finops_lib.records import Resource

HERE = Origin("kubernetes", "a.yaml", "a.yaml", ("apps",))
DEPLOYMENT = b"""apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop-prod, labels: {team: shop, tier: 1}}
spec:
  replicas: 3
  template:
    spec:
      initContainers: [{name: init, image: i}]
      containers:
      - name: main
        image: "w:1"
        resources: {requests: {cpu: 250m, memory: 1Gi}, limits: {nvidia.com/gpu: 2}}
status: {replicas: 3}
"""


def read(text: bytes) -> tuple[list[Resource], list[Fault]]:
    resources, faults = [], []
    for document in read_yaml(text, file="a.yaml").documents:
        objects, wrong = objects_in(document, "a.yaml")
        resources += [resource_of(value, line, HERE) for value, line in objects]
        faults += wrong
    return resources, faults


def test_a_workload_has_its_place_labels_and_what_it_asks_for() -> None:
    """On the line of its kind; the state it is in is no property of it."""
    [web], faults = read(DEPLOYMENT)
    assert (web.address, web.line, web.environment, dict(web.tags)) == (
        "a.yaml:shop-prod/Deployment/web",
        2,
        "prod",
        {"team": "shop", "tier": "1"},
    )
    assert "status" not in web.properties
    assert faults == []
    workload = web.properties["workload"]
    assert (workload["namespace"], workload["replicas"]) == ("shop-prod", 3)
    assert [one["name"] for one in workload["containers"]] == ["init", "main"]
    assert workload["containers"][1]["requests"] == {"cpu_milli": 250.0, "memory_mib": 1024.0, "gpus": None}
    assert workload["containers"][1]["limits"] == {"cpu_milli": None, "memory_mib": None, "gpus": 2.0}
    assert pod_of(web)["spec"]["containers"][0]["name"] == "main"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("apiVersion: v1\nmetadata: {name: a}\n", 1, "an object without kind"),
        ("kind: A\nmetadata: {name: a}\n", 1, "an object without apiVersion"),
        ("apiVersion: v1\nkind: A\n", 2, "an object of kind 'A' without a name"),
        ("apiVersion: v1\nkind: A\nmetadata: x\n", 2, "an object whose metadata is no mapping"),
        ("apiVersion: v1\nkind: List\nitems:\n- 3\n", 2, "an item of a list is no object"),
    ],
)
def test_an_object_that_lacks_something_is_a_fault_at_its_line(text: str, line: int, reason: str) -> None:
    """And no resource."""
    assert read(text.encode()) == ([], [Fault("a.yaml", line, reason)])


def test_other_yaml_is_no_object_and_no_fault() -> None:
    """Settings of other programs stand beside manifests."""
    assert read(b"name: x\non: {push: {}}\n") == ([], [])
    assert read(b"- a\n- b\n") == ([], [])


def test_values_of_a_secret_are_never_kept() -> None:
    """Its keys are, for a policy may ask for them; nor is a copy that a client left in a note."""
    text = b"""apiVersion: v1
kind: Secret
metadata:
  name: s
  annotations: {kubectl.kubernetes.io/last-applied-configuration: hunter2, keep: x}
data: {password: hunter2}
stringData: {token: hunter2}
"""
    [secret], _ = read(text)
    assert "hunter2" not in str(secret.to_json())
    assert secret.properties["data"] == {"password": "(hidden)"}
    assert secret.properties["metadata"]["annotations"] == {"keep": "x"}


def test_items_of_a_list_are_resources_of_their_own() -> None:
    """Each on its line; a name that the cluster will make up has a star."""
    text = b"""apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: a}}
- apiVersion: batch/v1
  kind: Job
  metadata: {generateName: run-}
"""
    found, faults = read(text)
    assert [(one.address, one.line) for one in found] == [("a.yaml:Service/a", 4), ("a.yaml:Job/run-*", 6)]
    assert faults == []


def test_a_thing_declared_twice_is_told_and_told_apart() -> None:
    """Unless the two are of different groups of the API."""
    [one], _ = read(b"apiVersion: v1\nkind: Service\nmetadata: {name: a}\n")
    [other], _ = read(b"apiVersion: net.example/v1\nkind: Service\nmetadata: {name: a}\n")
    apart, faults = unique([one, one])
    assert [each.address for each in apart] == ["a.yaml:Service/a", "a.yaml:Service/a#2"]
    assert faults == [Fault("a.yaml", 2, "Service/a is declared twice")]
    assert unique([one, other])[1] == []


def test_a_text_as_long_as_a_file_is_left_out_and_named() -> None:
    """So that no policy takes it for known."""
    kept, paths = shortened({"data": {"a": "x" * 16_385, "b": ["y" * 16_384]}})
    assert kept == {"data": {"a": None, "b": ["y" * 16_384]}}
    assert paths == ("data.a",)


def test_labels_are_texts_and_what_is_no_quantity_is_not_zero() -> None:
    """A truth value, a number, nothing; a request that cannot be read."""
    assert text_tags({"a": True, "b": 1.5, "c": None}) == {"a": "true", "b": "1.5", "c": ""}
    assert text_tags(["a"]) == {}
    assert container("x", {"resources": {"requests": {"cpu": "much"}}})["requests"]["cpu_milli"] is None

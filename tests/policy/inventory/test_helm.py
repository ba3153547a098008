"""Values of charts: what each variant asks for, in the file and on the line that says it last."""

from __future__ import annotations

from finops_lib.policy.inventory.found import Found
from finops_lib.policy.inventory.helm import resources_of
from finops_lib.policy.inventory.tree import Tree

VALUES = b"""apps:
  web:
    namespace: shop
    image: {repository: registry.example/web, tag: "1.2"}
    replicaCount: 3
    podLabels: {team: shop}
    resources:
      requests: {cpu: 500m, memory: 1Gi}
  job:
    image: j:1
    resources: {}
  plain: {image: x}
"""
DEV = b"""apps:
  web: {replicaCount: 1, resources: {requests: {memory: 512Mi}}}
"""
CHART = {"c/Chart.yaml": b"name: c", "c/values.yaml": VALUES, "c/templates/a.yaml": b"{{ x }}"}


def read(**more: bytes) -> Found:
    return resources_of(Tree({**CHART, **{f"c/values-{name}.yaml": text for name, text in more.items()}}))


def test_a_mapping_with_resources_and_an_image_or_a_count_is_a_workload() -> None:
    """Others are not; templates are named and not read."""
    found = read()
    web, job = found.resources
    assert (web.address, web.line, web.type, dict(web.tags)) == (
        "c/values.yaml:apps.web",
        2,
        "HelmValues",
        {"team": "shop"},
    )
    assert (web.properties["image"], web.properties["replicas"]) == ("registry.example/web:1.2", 3)
    assert web.properties["workload"]["containers"][0]["requests"] == {
        "cpu_milli": 500.0,
        "memory_mib": 1024.0,
        "gpus": None,
    }
    assert (job.name, job.line, job.properties["replicas"]) == ("job", 9, None)
    assert (found.faults, found.skipped) == ((), ("c/templates/a.yaml",))


def test_a_variant_is_merged_over_the_values() -> None:
    """It stands where it was said last: in the variant if that says anything of it, else in the values."""
    places = {one.address: (one.file, one.line, one.environment) for one in read(dev=DEV).resources}
    assert places["c/values-dev.yaml:apps.web"] == ("c/values-dev.yaml", 2, "dev")
    assert places["c/values-dev.yaml:apps.job"] == ("c/values.yaml", 9, "dev")
    [web] = [one for one in read(dev=DEV).resources if one.address == "c/values-dev.yaml:apps.web"]
    assert web.properties["replicas"] == 1
    assert web.properties["resources"] == {"requests": {"cpu": "500m", "memory": "512Mi"}}


def test_null_takes_a_value_away() -> None:
    """As Helm does: what is left is no workload any more."""
    found = read(dev=b"apps:\n  web: {resources: null}\n")
    assert "c/values-dev.yaml:apps.web" not in {one.address for one in found.resources}


def test_values_without_a_chart_are_none_and_broken_ones_are_a_fault() -> None:
    """A list, two documents, and braces."""
    assert resources_of(Tree({"x/values.yaml": VALUES})) == Found()
    for text, reason in (
        (b"- a\n", "values are one mapping"),
        (b"a: 1\n---\nb: 1\n", "values are one mapping"),
    ):
        found = resources_of(Tree({"c/Chart.yaml": b"", "c/values.yaml": text}))
        assert [(one.file, one.reason) for one in found.faults] == [("c/values.yaml", reason)]
    braces = resources_of(Tree({"c/Chart.yaml": b"", "c/values.yaml": b"a: {{ x }}\n"}))
    assert "it has template braces" in braces.faults[0].reason

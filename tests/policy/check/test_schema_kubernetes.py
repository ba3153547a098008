"""Objects that a cluster would refuse, each with the line of its fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.check.finding import Finding
from finops_lib.policy.check.schema_kubernetes import check_kubernetes

SAMPLES = Path(__file__).resolve().parents[3] / "data" / "samples" / "repository"
WEB = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: main
          image: web:1
          resources:
            requests: {cpu: 500m}
"""


def found(text: str, *, path: str = "apps/web.yaml", release: str = "") -> tuple[Finding, ...]:
    """Check one file."""
    return check_kubernetes({path: text.encode()}, release=release).findings


def test_a_right_object_has_no_finding() -> None:
    """And it is counted, with the version of the schemas."""
    part = check_kubernetes({"apps/web.yaml": WEB.encode(), "notes.txt": b"kind: ["})
    assert part.findings == ()
    [ran] = part.ran
    assert (ran.check, ran.program, ran.looked_at) == ("kubernetes", "kubernetes-validate", 1)
    assert ran.version.startswith("1.")


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("replicas: 2", "replicas: '2'", 5, "spec.replicas: '2' is not of type 'integer', 'null'"),
        ("replicas: 2", "replicas: yes", 5, "spec.replicas: True is not of type 'integer', 'null'"),
        ("image: web:1", "imag: web:1", 12, "spec.template.spec.containers.0: Additional properties"),
        ("  selector: {matchLabels: {app: web}}\n", "", 4, "spec: 'selector' is a required property"),
    ],
)
def test_a_wrong_field_is_found_at_its_line(old: str, new: str, line: int, message: str) -> None:
    """Text for a number, a truth value for a number, a misspelt field, a missing one."""
    [one] = found(WEB.replace(old, new))
    assert (one.rule, one.level, one.file, one.line) == ("kubernetes/schema", "error", "apps/web.yaml", line)
    assert one.message.startswith(message)
    assert one.subject == "shop/Deployment/web"


def test_items_of_a_list_are_checked_each() -> None:
    """What kubectl get writes is a List; the line is that within the file."""
    items = (
        '{"apiVersion": "v1",\n"kind": "List", "items": [\n{"apiVersion": "v1", "kind": "Pod", "spec": 1}]}'
    )
    [one] = found(items, path="live.json")
    assert (one.line, one.message) == (3, "spec: 1 is not of type 'object', 'null'")


@pytest.mark.parametrize(
    ("text", "rule", "level", "message"),
    [
        ("apiVersion: v1\nmetadata: {}", "kind", "error", "an object names its kind"),
        ("apiVersion: v1\nkind: ../../../x", "kind", "error", "an object names its kind"),
        ("apiVersion: v1\nkind: [Pod]", "kind", "error", "an object names its kind"),
        ("kind: Pod\nmetadata: {}", "version", "error", "an object names the version of its API"),
        ("kind: Pod\napiVersion: ../v1", "version", "error", "an object names the version of its API"),
        ("kind: Pod\napiVersion: 1", "version", "error", "an object names the version of its API"),
        ("a: [", "unreadable", "error", "it is no YAML: expected the node content, but found '<stream end>'"),
        (
            "apiVersion: example.com/v1\nkind: Pod",
            "no-schema",
            "warning",
            "no schema is known for example.com/v1 Pod, so it was not checked",
        ),
        (
            "apiVersion: apps/v1beta1\nkind: Deployment",
            "no-schema",
            "warning",
            "no schema is known for apps/v1beta1 Deployment, so it was not checked",
        ),
    ],
)
def test_what_cannot_be_checked_is_told(text: str, rule: str, level: str, message: str) -> None:
    """Nothing is passed over in silence: no kind, no version, no schema, no YAML."""
    [one] = found(text)
    assert (one.rule, one.level, one.message) == (f"kubernetes/{rule}", level, message)


def test_the_value_of_a_secret_is_not_in_the_message() -> None:
    """A schema error quotes the value; not here."""
    [one] = found("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: hunter2\n")
    assert one.message == "data: it does not fit the schema"


def test_the_sample_repository_fits_and_templates_are_said_to_be_left_out() -> None:
    """Every manifest of the sample estate is right; the template of its chart is no object yet."""
    files = {
        str(path.relative_to(SAMPLES)): path.read_bytes() for path in SAMPLES.rglob("*") if path.is_file()
    }
    part = check_kubernetes(files)
    assert part.findings == ()
    assert part.ran[0].looked_at >= 10
    assert [left.reason for left in part.not_run] == [
        "1 template of charts: only what is rendered from them is an object"
    ]


@pytest.mark.parametrize("release", ["1.24", "1.99", "9.1", "x", "1.30; rm", "../1.30"])
def test_a_release_without_schemas_is_refused(release: str) -> None:
    """The error names what is known."""
    with pytest.raises(PolicyError, match=r"schemas are known from 1\.25 to 1\."):
        found(WEB, release=release)


def test_a_release_is_checked_by_its_own_schemas() -> None:
    """The field resizePolicy of a container came with 1.27."""
    newer = WEB + "          resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]\n"
    assert found(newer, release="1.33") == ()
    assert [one.rule for one in found(newer, release="1.25")] == ["kubernetes/schema"]

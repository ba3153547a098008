"""From labels to a resource: owners of owners, names that lie, and ids that cannot be mistaken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.errors import SettingsError
from finops_lib.usage.prometheus.owners import Owners, Workload, checked_template


def owned(pod: str, kind: str, name: str, **more: str) -> dict[str, str]:
    """Make a series of kube_pod_owner."""
    found = {"namespace": "shop", "pod": pod, "owner_kind": kind, "owner_name": name}
    return {**found, "owner_is_controller": "true", **more}


def known() -> Owners:
    """Know a Deployment over its ReplicaSet, a CronJob over its Job, a DaemonSet, and pods of nobody."""
    owners = Owners(cluster="eu")
    owners.learn(
        pods=[
            owned("web-5d8f-x", "ReplicaSet", "web-5d8f"),
            owned("loner-5d8f-x", "ReplicaSet", "loner-5d8f"),
            owned("nightly-29-y", "Job", "nightly-29"),
            owned("agent-z", "DaemonSet", "agent"),
            owned("bare", "<none>", "<none>", owner_is_controller="<none>"),
            owned("static", "Node", "n1"),
        ],
        replicasets=[
            {"namespace": "shop", "replicaset": "web-5d8f", "owner_kind": "Deployment", "owner_name": "web"},
            {
                "namespace": "other",
                "replicaset": "loner-5d8f",
                "owner_kind": "Deployment",
                "owner_name": "no",
            },
        ],
        jobs=[
            {"namespace": "shop", "job_name": "nightly-29", "owner_kind": "CronJob", "owner_name": "nightly"}
        ],
        autoscalers=[
            {
                "namespace": "shop",
                "horizontalpodautoscaler": "scale-web",
                "scaletargetref_kind": "Deployment",
                "scaletargetref_name": "web",
            }
        ],
    )
    return owners


@pytest.mark.parametrize(
    ("pod", "workload"),
    [
        ("web-5d8f-x", Workload("Deployment", "web")),
        ("loner-5d8f-x", Workload("ReplicaSet", "loner-5d8f")),  # the Deployment is another namespace's
        ("nightly-29-y", Workload("CronJob", "nightly")),
        ("agent-z", Workload("DaemonSet", "agent")),
        ("bare", Workload("Pod", "bare")),
        ("static", Workload("Pod", "static")),
    ],
)
def test_a_pod_belongs_to_what_runs_it(pod: str, workload: Workload) -> None:
    """Up from the ReplicaSet and the Job, within the namespace; who has no owner is known to have none."""
    owners = known()
    assert owners.workload(("eu", "shop", pod)) == workload
    assert owners.unowned == set()


def test_a_pod_that_nobody_told_of_stands_for_itself_and_is_counted() -> None:
    """Also one of the same name in another cluster."""
    owners = known()
    labels = {"cluster": "us", "namespace": "shop", "pod": "web-5d8f-x", "container": "main"}
    assert owners.resource(labels) == "us/shop/web-5d8f-x/main"
    assert owners.unowned == {("us", "shop", "web-5d8f-x")}


def test_labels_that_the_exporter_hides_go_first() -> None:
    """The pod is the exported one, not that of the exporter."""
    labels = {"namespace": "monitoring", "pod": "exporter-0", "container": "exporter"}
    labels |= {"exported_namespace": "shop", "exported_pod": "web-5d8f-x", "exported_container": "main"}
    assert known().resource(labels) == "eu/shop/web/main"


def test_whole_pods_and_autoscalers_have_no_container() -> None:
    """An autoscaler is told of what it scales; one of nobody is left out, and so is a series of no pod."""
    owners = known()
    assert (
        owners.resource({"namespace": "shop", "pod": "agent-z", "container": "POD"}, whole_pod=True)
        == "eu/shop/agent"
    )
    scaler = {"namespace": "shop", "horizontalpodautoscaler": "scale-web"}
    assert owners.resource(scaler, whole_pod=True) == "eu/shop/web"
    assert owners.resource({**scaler, "horizontalpodautoscaler": "other"}) == ""
    assert owners.resource({"namespace": "shop", "container": "main"}) == ""


def test_a_template_of_ones_own() -> None:
    """With the kind, and words of its own."""
    owners = known()
    owners.template = checked_template("k8s:{kind}:{namespace}:{workload}")
    labels = {"namespace": "shop", "pod": "agent-z", "container": "a"}
    assert owners.resource(labels) == "k8s:DaemonSet:shop:agent"


@pytest.mark.parametrize(
    "template", ["{cluster}", "{workload}/{node}", "{workload", "{workload}}", "{workload.name}", ""]
)
def test_a_template_that_is_none_is_refused(template: str) -> None:
    """Other fields, none of the workload, or braces that do not close."""
    with pytest.raises(SettingsError, match="it has the field workload, and others only of cluster"):
        checked_template(template)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(NAMES, NAMES, NAMES, NAMES)
def test_other_names_are_other_ids(namespace: str, pod: str, other_namespace: str, other_pod: str) -> None:
    """However the names are chosen: an id is printable, has four parts, and tells its parts apart."""
    owners = Owners()
    pairs = [(namespace, pod), (other_namespace, other_pod)]
    ids = [owners.resource({"namespace": a, "pod": b, "container": "c"}) for a, b in pairs]
    assert (ids[0] == ids[1]) == (pairs[0] == pairs[1])
    assert all(found.isascii() and found.isprintable() and found.count("/") == 3 for found in ids)


def test_a_name_that_is_too_long_is_cut_and_still_its_own() -> None:
    """Two that differ at their end alone."""
    owners = Owners()
    ids = [owners.resource({"namespace": "n", "pod": "x" * 2000 + end, "container": "c"}) for end in "ab"]
    assert ids[0] != ids[1]
    assert all(len(found) < 1000 for found in ids)


def test_two_kinds_of_one_name_stay_two_resources() -> None:
    """A Deployment and a StatefulSet called web are told with their kinds, and db as before."""
    owners = Owners(cluster="eu")
    owned = (
        ("web-1", "StatefulSet", "web"),
        ("web-x", "ReplicaSet", "web-5d"),
        ("db-0", "StatefulSet", "db"),
    )
    owners.learn(
        pods=[
            {"namespace": "shop", "pod": pod, "owner_kind": kind, "owner_name": name}
            for pod, kind, name in owned
        ],
        replicasets=[
            {"namespace": "shop", "replicaset": "web-5d", "owner_kind": "Deployment", "owner_name": "web"}
        ],
    )
    ids = [owners.resource({"namespace": "shop", "pod": pod, "container": "c"}) for pod, _, _ in owned]
    assert ids == ["eu/shop/web:statefulset/c", "eu/shop/web:deployment/c", "eu/shop/db/c"]
    owners.template = "{kind}/{workload}"
    assert owners.resource({"namespace": "shop", "pod": "web-1"}) == "StatefulSet/web"

"""What pods request together, counted by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finops_lib.policy.check.pods import Requested, quantity, requested


def container(cpu: object = "250m", memory: object = "512Mi") -> dict[str, Any]:
    """Make a container with these requests."""
    return {"name": "c", "resources": {"requests": {"cpu": cpu, "memory": memory}}}


def workload(*containers: dict[str, Any], **spec: object) -> dict[str, Any]:
    """Make a Deployment."""
    return {"spec": {"template": {"spec": {"containers": list(containers)}}, **spec}}


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("100m", "0.1"),
        (0.5, "0.5"),
        ("1k", "1000"),
        ("1Mi", "1048576"),
        ("1.5Gi", "1610612736"),
        ("2E3", "2000"),
        ("1T", "1000000000000"),
    ],
)
def test_a_quantity_is_read_as_the_cluster_reads_it(written: object, number: str) -> None:
    """Decimal and binary units, milli, exponents and plain numbers."""
    assert quantity(written) == Decimal(number)


@pytest.mark.parametrize("written", ["", "-1", "1mb", "٣", "1e", True, None, [], "1" * 40, "NaN", "0x10"])
def test_what_is_no_quantity_is_refused(written: object) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="a request is no quantity"):
        quantity(written)


def test_containers_add_up_and_replicas_multiply() -> None:
    """Two containers of .25 and 1 core, 512 MiB and 2 GiB, three times: 3.75 cores, 7.5 GiB."""
    found = requested("Deployment", workload(container(), container(1, "2Gi"), replicas=3))
    assert found == Requested(Decimal("3.75"), Decimal("7.5"))


def test_a_large_init_container_sets_the_request() -> None:
    """Init containers run before the others: the larger of both counts, for each resource alone."""
    declared = workload(container())
    declared["spec"]["template"]["spec"]["initContainers"] = [container("2", "1Mi"), container("1", "1Mi")]
    assert requested("StatefulSet", declared) == Requested(Decimal(2), Decimal("0.5"))


def test_a_limit_stands_for_a_request_that_is_not_declared() -> None:
    """The cluster sets the request to the limit then."""
    limited = {"resources": {"limits": {"cpu": 1, "memory": "1Gi"}}}
    assert requested("Pod", {"spec": {"containers": [limited]}}) == Requested(Decimal(1), Decimal(1))


def test_without_replicas_there_is_one() -> None:
    """Also where it is null; zero stays zero."""
    one = Requested(Decimal("0.25"), Decimal("0.5"))
    assert requested("Deployment", workload(container())) == one
    assert requested("Deployment", workload(container(), replicas=None)) == one
    assert requested("Deployment", workload(container(), replicas=0)).cores == 0


@pytest.mark.parametrize(
    ("kind", "declared", "reason"),
    [
        ("DaemonSet", workload(container()), "a DaemonSet has no pods whose number is declared"),
        ("Deployment", workload(container(), replicas="3"), "replicas is no count from 0 to 100000"),
        ("Deployment", workload(container(), replicas=True), "replicas is no count from 0 to 100000"),
        ("Deployment", workload(container(), replicas=10**9), "replicas is no count from 0 to 100000"),
        ("Deployment", {}, "it has no containers"),
        ("Deployment", {"spec": {"template": "x"}}, "it has no containers"),
        ("Deployment", workload({"name": "c"}), "a container has no request for cpu"),
        ("Deployment", workload(container("1", "lots")), "a request is no quantity"),
        ("Deployment", {"spec": {"template": {"spec": {"containers": ["c"]}}}}, "a container has no request"),
    ],
)
def test_what_cannot_be_counted_says_why(kind: str, declared: dict[str, Any], reason: str) -> None:
    """Each way of not declaring a size has its own reason."""
    with pytest.raises(ValueError, match=reason):
        requested(kind, declared)

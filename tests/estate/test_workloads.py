from __future__ import annotations

from finops_lib.estate.company import company
from finops_lib.estate.workloads import WORKLOADS, cluster, cluster_account, resource_id


def test_a_replica_costs_what_it_requests() -> None:
    """0.25 cores at 33 500 and half a GiB at 3 600 micro-dollars an hour: 8 375 and 1 800."""
    assert next(item for item in WORKLOADS if item.name == "my-app").hour_micro == 10_175


def test_workloads_live_in_the_billed_cluster_and_are_named_once() -> None:
    """Their ids begin with its id and differ."""
    who = company(3, slots=40)
    ids = {resource_id(who, item) for item in WORKLOADS}
    assert len(ids) == len(WORKLOADS)
    assert all(found.startswith(cluster(who).resource_id(who.seed, 24_000) + "/") for found in ids)
    assert cluster(who).account == cluster_account()


def test_limits_are_never_below_requests() -> None:
    """Nor the most replicas below the usual ones."""
    for item in WORKLOADS:
        assert item.cpu_limit_milli >= item.cpu_milli
        assert item.memory_limit_mib >= item.memory_mib
        assert item.most_replicas >= item.replicas >= 1

from __future__ import annotations

import yaml

from finops_lib.estate.company import company
from finops_lib.estate.manifests import write_manifests
from finops_lib.estate.pages import Book
from finops_lib.estate.workloads import WORKLOADS, resource_id


def test_every_workload_is_declared_with_its_requests() -> None:
    """The lines told hold the CPU and memory of the list, whichever way it is written down."""
    who, book = company(3, slots=20), Book()
    write_manifests(book, who)
    for item in WORKLOADS:
        where = book.resources[resource_id(who, item)]
        lines = book.pages[where["path"]].lines
        cpu = lines[where["attributes"]["cpu"] - 1].strip().removeprefix("cpu: ")
        memory = lines[where["attributes"]["memory"] - 1].strip().removeprefix("memory: ")
        milli = int(cpu.removesuffix("m")) * (1 if cpu.endswith("m") else 1000)
        mib = int(memory[:-2]) * (1024 if memory.endswith("Gi") else 1)
        assert (milli, mib) == (item.cpu_milli, item.memory_mib)


def test_an_autoscaled_workload_has_its_bounds_and_a_budget() -> None:
    """Four to twelve replicas, of which three must stay."""
    book = Book()
    write_manifests(book, company(3, slots=20))
    text = "\n".join(book.page("kubernetes/apps/checkout/parcel-api.yaml").lines)
    found = {item["kind"]: item for item in yaml.safe_load_all(text)}
    scaler = found["HorizontalPodAutoscaler"]["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (4, 12)
    assert found["PodDisruptionBudget"]["spec"]["minAvailable"] == 3
    assert found["Service"]["spec"]["type"] == "LoadBalancer"

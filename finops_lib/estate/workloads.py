"""What runs in the company's Kubernetes cluster: requests, limits, replicas, and how much of it is needed.

The manifests of the repository and the usage series are both made from this list, so that they agree.
"""

from __future__ import annotations

from dataclasses import dataclass

from finops_lib.estate.company import Account, Company, Slot, account

WEB, BATCH, JVM, LEAK, SCALED = "web", "batch", "jvm", "leak", "scaled"
KUSTOMIZE, PLAIN, HELM = "kustomize", "plain", "helm"
CLUSTER_ACCOUNT, CLUSTER_PRODUCT = "prod-core", "eks"
CORE_MICRO, GIB_MICRO, GPU_MICRO = 33_500, 3_600, 850_000
"""Micro-dollars an hour of one requested core, GiB and GPU; GPUs are own hardware that joins the cluster."""


@dataclass(frozen=True)
class Workload:
    """A deployment: requests and limits of one replica, and its true load.

    ``cpu_milli`` and ``cpu_limit_milli`` are thousandths of a core, ``memory_mib`` and
    ``memory_limit_mib`` MiB. ``most_replicas`` above ``replicas`` means that an autoscaler adds some.
    ``cpu_level`` and ``memory_level`` are the usual peak in thousandths of the request; ``planted`` says
    what is wrong with the request, and ``source`` how it is written down.
    """

    name: str
    team: str
    cpu_milli: int
    memory_mib: int
    cpu_limit_milli: int
    memory_limit_mib: int
    replicas: int
    most_replicas: int
    shape: str
    planted: str
    cpu_level: int
    memory_level: int
    source: str = PLAIN
    gpus: int = 0

    @property
    def hour_micro(self) -> int:
        """Micro-dollars an hour that one replica's requests cost."""
        memory = GIB_MICRO * self.memory_mib // 1024
        return CORE_MICRO * self.cpu_milli // 1000 + memory + GPU_MICRO * self.gpus


WORKLOADS = (
    Workload("my-app", "platform", 250, 512, 500, 1024, 3, 3, WEB, "fitting", 620, 640, KUSTOMIZE),
    Workload("parcel-api", "checkout", 1000, 2048, 2000, 2048, 4, 12, SCALED, "oversized", 150, 220),
    Workload("label-printer", "tracking", 500, 1024, 1000, 1024, 2, 2, WEB, "hot", 560, 995),
    Workload("route-planner", "ml", 4000, 8192, 8000, 8192, 2, 2, BATCH, "fitting", 820, 700),
    Workload("warehouse", "data", 2000, 8192, 4000, 8192, 3, 3, JVM, "oversized", 110, 800, HELM),
    Workload("parcel-ui", "mobile", 200, 256, 400, 384, 3, 3, WEB, "fitting", 640, 610, HELM),
    Workload("billing", "platform", 1500, 3072, 3000, 3072, 2, 2, WEB, "idle", 6, 160),
    Workload("invoice-export", "data", 500, 2048, 1000, 2048, 1, 1, LEAK, "leak", 420, 380),
    Workload("eta-trainer", "ml", 4000, 16384, 8000, 16384, 1, 1, BATCH, "fitting", 600, 650, gpus=1),
)


def cluster(who: Company) -> Slot:
    """Which resource of the bill is the cluster that all workloads run in.

    Parameters
    ----------
    who : Company
        The company.

    Returns
    -------
    Slot
        The first cluster of the account; every company has one.

    Examples
    --------
    >>> from finops_lib.estate.company import company
    >>> cluster(company(7, slots=1)).product.key
    'eks'
    """
    owner = account(CLUSTER_ACCOUNT)
    return next(slot for slot in who.slots if (slot.account, slot.product.key) == (owner, CLUSTER_PRODUCT))


def resource_id(who: Company, workload: Workload) -> str:
    """What is the id of a workload: the cluster's id as billed, the namespace (its team) and its name.

    Parameters
    ----------
    who : Company
        The company.
    workload : Workload
        One of `WORKLOADS`.

    Returns
    -------
    str

    Examples
    --------
    >>> from finops_lib.estate.company import company
    >>> resource_id(company(7, slots=1), WORKLOADS[0]).rpartition("cluster/")[2][17:]
    '/platform/my-app'
    """
    # A cluster is no renewed product: its id is the same in all months.
    return f"{cluster(who).resource_id(who.seed, 0)}/{workload.team}/{workload.name}"


def cluster_account() -> Account:
    """Which account pays for the cluster.

    Returns
    -------
    Account

    Examples
    --------
    >>> cluster_account().name
    'lantern-prod-core'
    """
    return account(CLUSTER_ACCOUNT)

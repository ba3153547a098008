"""What should the pods of a workload request, and where should their limits be.

The CPU request is what the rule says, in steps of 10 millicores; a CPU limit stays where it is, unless the
request would pass it. The memory request and limit are never below what ran, in steps of 16 MiB. What a
history cannot tell (a heap that takes all, a throttled CPU) stays as it is, and the reason is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import ceil

from finops_lib.optimize.rightsize.needs import backtest_of, breach_of, strategies_told
from finops_lib.optimize.rightsize.paid import Paid, saving
from finops_lib.optimize.rightsize.shares import Parts
from finops_lib.optimize.sizing import Size
from finops_lib.records import NoRecommendation, Recommendation

KIND = "requests"
MIB, GIB = 1024.0**2, 1024.0**3
_CORES_STEP, _MIB_STEP = 100, 16  # hundredths of a core; MiB
_SLACK = 1e-6  # of a step: float32 samples
_LEAST_SHARE = Decimal("0.02")


@dataclass(frozen=True)
class Pod:
    """What one pod of a workload has: cores and bytes; None is unknown, or no limit.

    ``parts`` are the prices of cores, memory and GPUs, of which only the relation counts. ``reason`` says why
    the workload is left as it is, whatever its use.
    """

    resource: str
    cpu_request: float | None
    memory_request: float | None
    paid: Paid | None
    parts: Parts
    cpu_limit: float | None = None
    memory_limit: float | None = None
    gpus: float = 0.0
    reason: str = ""
    owner: str = ""
    evidence: tuple[str, ...] = ()

    @property
    def price(self) -> Decimal | None:
        """Price of its requests in an hour, in the parts' measure; None where a part's price is not known."""
        memory = (self.memory_request or 0.0) / GIB
        return self.parts.of(cores=self.cpu_request or 0.0, memory_gib=memory, gpus=self.gpus)


def requests(
    pods: Iterable[Pod], used: Mapping[str, Mapping[str, Size]]
) -> list[Recommendation | NoRecommendation]:
    """What should the pods of each workload request.

    Parameters
    ----------
    pods : iterable of Pod
        With their requests of today.
    used : mapping
        Workload to kind of use (``cpu`` in cores, ``memory`` in bytes) to what one pod needs.

    Returns
    -------
    list of Recommendation or NoRecommendation
        One for each workload, in their order.

    Examples
    --------
    >>> pod = Pod("shop/web", 2.0, 4 * GIB, Paid("USD", (Decimal(8),) * 7), Parts(Decimal(10), Decimal(1)))
    >>> sizes = {"cpu": Size("shop/web", "plain", 0.5), "memory": Size("shop/web", "plain", GIB, 1.1 * GIB)}
    >>> [change] = requests([pod], {"shop/web": sizes})
    >>> change.to["cpu_request"], change.to["memory_limit"], str(change.saving_month.mid)  # 24 parts to 6
    ('500m', '1136Mi', '182.50')
    """
    return [_one(pod, used.get(pod.resource, {})) for pod in pods]


def _one(pod: Pod, sizes: Mapping[str, Size]) -> Recommendation | NoRecommendation:
    why = pod.reason or _untold(pod, sizes)
    if why or pod.paid is None:
        return NoRecommendation(pod.resource, KIND, why)
    new = _sized(pod, sizes)
    share = 1 - (new.price or Decimal(0)) / (pod.price or Decimal(1))
    if abs(share) < _LEAST_SHARE and new.memory_limit in (None, pod.memory_limit):
        return NoRecommendation(pod.resource, KIND, "its requests fit what it needs")
    answered = {kind: size for kind, size in sizes.items() if size.amount is not None}
    kept = [f"{kind} is kept: {size.reason}" for kind, size in sizes.items() if size.amount is None]
    return Recommendation(
        pod.resource,
        KIND,
        _written(pod),
        _written(new),
        saving(pod.paid, share),
        breach_of(answered.values()),
        backtest_of(sizes),
        "; ".join([strategies_told(answered), *kept, *_costs(share)]),
        pod.evidence,
        "low",
        pod.owner,
    )


def _costs(share: Decimal) -> list[str]:
    return ["it needs more than it has: this costs"] if share < 0 else []


def _untold(pod: Pod, sizes: Mapping[str, Size]) -> str:
    if pod.cpu_request is None or pod.memory_request is None:
        return "its requests are not known: neither the samples nor an inventory says them"
    if pod.paid is None:
        return "no cost of it is known: a saving cannot be told"
    why = pod.paid.why_not() or _unpriced(pod.price)
    if why or not sizes:
        return why or "its use was not measured"
    reasons = [f"{kind}: {size.reason}" for kind, size in sizes.items() if size.amount is None]
    return "; ".join(reasons) if len(reasons) == len(sizes) else ""


def _unpriced(price: Decimal | None) -> str:
    if price is None:
        return "the catalogue does not tell what a GPU costs against a core: what is saved cannot be told"
    return "" if price > 0 else "it requests nothing: there is nothing to price"


def _sized(pod: Pod, sizes: Mapping[str, Size]) -> Pod:
    """Give the pod what it needs, and leave it what is not known."""
    cpu, memory = sizes.get("cpu"), sizes.get("memory")
    new = pod
    if cpu is not None and cpu.amount is not None:
        request = _stepped(cpu.amount * _CORES_STEP) / _CORES_STEP
        limit = None if pod.cpu_limit is None else max(pod.cpu_limit, request)
        new = replace(new, cpu_request=request, cpu_limit=limit)
    if memory is not None and memory.amount is not None:
        request, limit = (_bytes(amount) for amount in (memory.amount, memory.limit or memory.amount))
        new = replace(new, memory_request=request, memory_limit=max(limit, request))
    return new


def _bytes(amount: float) -> float:
    return _stepped(amount / MIB / _MIB_STEP) * _MIB_STEP * MIB


def _stepped(steps: float) -> float:
    """Round up to whole steps, at least one; what is a whole one but for float32 stays."""
    return float(max(ceil(steps * (1 - _SLACK)), 1))


def _written(pod: Pod) -> dict[str, str]:
    """Write requests and limits as manifests do; what is not known is left out."""
    cores = {"cpu_request": pod.cpu_request, "cpu_limit": pod.cpu_limit}
    memory = {"memory_request": pod.memory_request, "memory_limit": pod.memory_limit}
    told = {name: f"{round(value * 1000)}m" for name, value in cores.items() if value is not None}
    return told | {name: f"{round(value / MIB)}Mi" for name, value in memory.items() if value is not None}

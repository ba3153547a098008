"""Which instance type should a machine or database have: the cheapest of its region that holds what it needs.

A type counts only where the catalogue has it in the machine's region, with a price. The architecture, the
service (database, cache, task), the GPUs and the licence stay; a type that lends its CPU (AWS ``t``) is taken
only for a machine that has one already. Use whose need is not known keeps what it has; so do the vCPU where
much went through network or disk, whose limits no catalogue tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

import pandas as pd

from finops_lib.billing.prices import Instance, fitting, instance, normal_key
from finops_lib.errors import QueryError
from finops_lib.optimize.rightsize.needs import backtest_of, breach_of, strategies_told
from finops_lib.optimize.rightsize.paid import Paid, saving
from finops_lib.optimize.rightsize.shares import LENDING
from finops_lib.optimize.sizing import Size
from finops_lib.records import NoRecommendation, Recommendation, plain

KIND = "instance_type"
GIB = 1024.0**3
_LEAST_SHARE = Decimal("0.02")  # of the cost: less is not worth a change
_QUIET_BYTES = 40_000_000  # a second: less goes through the network and to the disks of any type
_NEAR = Decimal("0.001")
_SERVICE = re.compile(r"^db\.|^cache\.| vcpu ")  # a database, a cache, a task of so many vCPU


@dataclass(frozen=True)
class Machine:
    """A machine, database, cache or task: what it is, where, and what it costs.

    ``size`` is its instance type. ``licence`` names a licence within its price, and ``licence_vcpu_hour`` its
    price for a vCPU in an hour, in the catalogue's currency; None is unknown. ``reason`` says why it is left
    as it is, whatever its use. ``owner`` and ``evidence`` go into the recommendation.
    """

    resource: str
    provider: str
    region: str
    size: str
    paid: Paid | None
    licence: str = ""
    licence_vcpu_hour: Decimal | None = None
    reason: str = ""
    owner: str = ""
    evidence: tuple[str, ...] = ()


class Use(NamedTuple):
    """What a machine needs.

    ``sizes`` are by kind of use: ``cpu`` in cores, ``memory`` in bytes. ``peaks`` are the most that went
    through its ``network`` and ``disk``, bytes a second.
    """

    sizes: Mapping[str, Size]
    peaks: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class _Choice:
    """A machine with its type of today, what it needs of one, and what it may become."""

    machine: Machine
    now: Instance
    used: Use
    kept: tuple[str, ...] = field(default=())

    def price(self, found: Instance) -> Decimal:
        licence = self.machine.licence_vcpu_hour or Decimal(0)
        return (found.usd_per_hour_on_demand or Decimal(0)) + licence * (found.vcpu or Decimal(0))


def instance_types(
    machines: Iterable[Machine], used: Mapping[str, Use], *, catalogue: pd.DataFrame
) -> list[Recommendation | NoRecommendation]:
    """Which instance type should each machine have.

    Parameters
    ----------
    machines : iterable of Machine
        With their types of today.
    used : mapping of str to Use
        What each needs, by resource.
    catalogue : DataFrame
        As `finops_lib.billing.prices.catalogue` gives it.

    Returns
    -------
    list of Recommendation or NoRecommendation
        One for each machine, in their order. A machine that needs more than it has gets a saving below 0.
    """
    return [_one(machine, used.get(machine.resource), catalogue) for machine in machines]


def _one(machine: Machine, used: Use | None, catalogue: pd.DataFrame) -> Recommendation | NoRecommendation:
    why = machine.reason or _unpriced(machine) or _unused(used)
    if why or used is None:
        return NoRecommendation(machine.resource, KIND, why)
    try:
        now = instance(
            catalogue, provider=machine.provider, region=machine.region, instance_type=machine.size
        )
    except QueryError as error:
        return NoRecommendation(machine.resource, KIND, f"{error.value}: {error.rule}")
    here = _region(catalogue, machine)
    why = _unknown(machine, now, here)
    return NoRecommendation(machine.resource, KIND, why) if why else _best(_Choice(machine, now, used), here)


def _unpriced(machine: Machine) -> str:
    if machine.paid is None:
        return "the bill has no cost of it: a saving cannot be told"
    if not machine.size:
        return "its instance type is not known: neither the bill nor an inventory says it"
    if machine.licence and machine.licence_vcpu_hour is None:
        return f"its price holds a licence ({machine.licence[:60]}) whose own price is not known"
    return machine.paid.why_not()


def _unused(used: Use | None) -> str:
    if used is None or "cpu" not in used.sizes:
        return "its CPU was not measured"
    return used.sizes["cpu"].reason if used.sizes["cpu"].amount is None else ""


def _region(catalogue: pd.DataFrame, machine: Machine) -> pd.DataFrame:
    provider, region, _ = normal_key(machine.provider, machine.region, "")
    keys = catalogue.index
    inside = (keys.get_level_values(0) == provider) & (keys.get_level_values(1) == region)
    return catalogue[inside]


def _unknown(machine: Machine, now: Instance, here: pd.DataFrame) -> str:
    if now.usd_per_hour_on_demand is None:
        wanted = normal_key(machine.provider, machine.region, machine.size)[2]
        zero = bool(here.loc[here.index.get_level_values(2) == wanted, "zero_price"].any())
        said = "is zero" if zero else "is missing"
        return f"the catalogue's price of {machine.size!r} {said}: a saving cannot be told"
    if now.vcpu is None or now.memory_gib is None or now.architecture is None:
        return f"the catalogue does not say how large {machine.size!r} is, or of which architecture"
    return ""


def _best(choice: _Choice, here: pd.DataFrame) -> Recommendation | NoRecommendation:
    """Take the cheapest type that holds, if it is another one and worth it."""
    machine, now = choice.machine, choice.now
    cpu, memory, kept = _least(choice)
    fit = fitting(
        here,
        provider=machine.provider,
        region=machine.region,
        vcpu=cpu,
        memory_gib=memory,
        architecture=now.architecture,
        gpu=int(now.gpu or 0),
    )
    found = [Instance(**{name: row[name] for name in Instance.__dataclass_fields__}) for row in _rows(fit)]
    alike = [item for item in found if _alike(item, choice)]
    if not alike:
        need = f"{_short(cpu)} vCPU and {_short(memory)} GiB"
        return NoRecommendation(machine.resource, KIND, f"no type of its region and kind holds {need}")
    best = min(alike, key=lambda item: (choice.price(item), _family(item) != _family(now)))
    share = 1 - choice.price(best) / choice.price(now)
    holds = any(item.instance_type == now.instance_type for item in alike)
    if best.instance_type == now.instance_type or (holds and share < _LEAST_SHARE):
        return NoRecommendation(machine.resource, KIND, "no type that holds what it needs is cheaper")
    return _told(choice, best, share, (cpu, memory, kept))


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _least(choice: _Choice) -> tuple[Decimal, Decimal, tuple[str, ...]]:
    """Say how much of CPU and memory a type must have, and what is kept because its need is not known."""
    sizes, now = choice.used.sizes, choice.now
    cpu, memory = _up(sizes["cpu"].amount or 0.0), now.memory_gib or Decimal(0)
    kept: tuple[str, ...] = ()
    size = sizes.get("memory")
    if size is None:
        kept = ("memory is kept: it was not measured",)
    elif size.amount is None:
        kept = (f"memory is kept: {size.reason}",)
    else:
        memory = _up((size.limit or size.amount) / GIB)
    busy = [kind for kind, peak in choice.used.peaks.items() if peak > _QUIET_BYTES]
    if busy:
        cpu = max(cpu, now.vcpu or Decimal(0))
        kept = (*kept, f"vCPU are kept: the limit of {' and '.join(busy)} goes with them, and much was used")
    return cpu, memory, kept


def _up(amount: float) -> Decimal:
    return Decimal(repr(amount)).quantize(_NEAR, rounding=ROUND_UP)


def _alike(item: Instance, choice: _Choice) -> bool:
    """Keep to the service, to CPU that is one's own, and to machines without GPUs where there are none."""
    ours, other = choice.now.instance_type.lower(), item.instance_type.lower()
    return (
        _service(ours) == _service(other)
        and (bool(LENDING.match(ours)) or not LENDING.match(other))
        and (item.gpu or 0) == (choice.now.gpu or 0)
    )


def _service(name: str) -> str:
    found = _SERVICE.search(name)
    return found[0].strip() if found else ""


def _told(
    choice: _Choice, best: Instance, share: Decimal, need: tuple[Decimal, Decimal, tuple[str, ...]]
) -> Recommendation:
    machine, sizes = choice.machine, choice.used.sizes
    assert machine.paid is not None  # noqa: S101  looked at in _unpriced
    words = [f"needs {_short(need[0])} vCPU and {_short(need[1])} GiB: {strategies_told(sizes)}", *need[2]]
    words += [f"{kind} peak {peak / 1e6:.1f} MB/s" for kind, peak in choice.used.peaks.items()]
    if machine.paid.committed:
        share_paid = 1 - machine.paid.open_share
        words.append(f"commitments pay for {share_paid:.0%}: that part is saved if other use takes it")
    return Recommendation(
        machine.resource,
        KIND,
        _size(choice.now),
        _size(best),
        saving(machine.paid, share),
        breach_of([size for size in sizes.values() if size.amount is not None]),
        backtest_of(sizes),
        "; ".join(words),
        machine.evidence,
        "low" if _family(choice.now) == _family(best) else "medium",
        machine.owner,
    )


def _family(item: Instance) -> str:
    return item.instance_type.rpartition(".")[0].lower()


def _size(item: Instance) -> dict[str, str]:
    return {
        "instance_type": item.instance_type,
        "vcpu": _short(item.vcpu or Decimal(0)),
        "memory": f"{_short(item.memory_gib or Decimal(0))} GiB",
    }


def _short(value: Decimal) -> str:
    return plain(value.quantize(Decimal("0.01"), rounding=ROUND_UP).normalize())

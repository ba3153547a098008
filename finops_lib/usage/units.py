"""In which unit is a metric kept, and how does a value come into it.

Units are a named list: what is not in it is refused, because a number of unknown size is no use of anything.
A metric has one unit. Decimal and binary multiples are apart: a MB is 1,000,000 bytes, a MiB 1,048,576.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from finops_lib.errors import UsageError

CORES, BYTES, RATIO, COUNT, SECONDS, GPUS = "cores", "bytes", "ratio", "count", "seconds", "GPUs"
BYTES_PER_SECOND, COUNT_PER_SECOND = "bytes/s", "count/s"
_BITS = 8
_PREFIXES = (("kilo", "kibi"), ("mega", "mebi"), ("giga", "gibi"), ("tera", "tebi"), ("peta", "pebi"))
_AMBIGUOUS = re.compile(r"[KMGT]b(/s|ps)?")  # megabits to some, megabytes to others
_TIMES = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0}
_LONG_TIMES = {"second": 1.0, "millisecond": 1e-3, "microsecond": 1e-6, "nanosecond": 1e-9}


class Unit(NamedTuple):
    """A unit's own kind, and how many of that kind one of it is."""

    kind: str
    factor: float


def _sizes() -> dict[str, float]:
    """Say how many bytes the spellings of sizes are."""
    found = {"b": 1.0, "byte": 1.0, "bytes": 1.0, "by": 1.0}
    for power, (long, binary) in enumerate(_PREFIXES, 1):
        short, ten, two = long[0], 1000.0**power, 1024.0**power
        found |= {f"{short}b": ten, f"{short}by": ten, f"{long}bytes": ten}
        found |= {f"{short}ib": two, f"{short}iby": two, f"{binary}bytes": two}
    return found


def _named() -> dict[str, Unit]:
    sizes = _sizes()
    bits = {f"{prefix}bits": factor / _BITS for prefix, factor in (("", 1), ("kilo", 1e3), ("mega", 1e6))}
    bits |= {"gigabits": 1e9 / _BITS, "terabits": 1e12 / _BITS}
    found = {name: Unit(BYTES, factor) for name, factor in (sizes | bits).items()}
    for name, factor in (sizes | bits).items():
        found |= dict.fromkeys(
            (f"{name}/s", f"{name}/second", f"{name}persecond"), Unit(BYTES_PER_SECOND, factor)
        )
    found |= {name: Unit(SECONDS, factor) for name, factor in _TIMES.items()}
    found |= {
        f"{name}{end}": Unit(SECONDS, factor) for name, factor in _LONG_TIMES.items() for end in ("", "s")
    }
    for name in ("cores", "core", "vcpu", "vcpus", "cpu", "cpus", "{cpu}"):
        found[name] = Unit(CORES, 1.0)
    found |= {"millicores": Unit(CORES, 1e-3), "nanocores": Unit(CORES, 1e-9)}
    found |= {"gpus": Unit(GPUS, 1.0), "gpu": Unit(GPUS, 1.0), "{gpu}": Unit(GPUS, 1.0)}
    found |= {"ratio": Unit(RATIO, 1.0), "percent": Unit(RATIO, 0.01), "%": Unit(RATIO, 0.01)}
    found |= {"1": Unit(RATIO, 1.0), "count": Unit(COUNT, 1.0), "counts": Unit(COUNT, 1.0)}
    for name in ("count/s", "count/second", "countpersecond", "1/s"):
        found[name] = Unit(COUNT_PER_SECOND, 1.0)
    return found


UNITS: Mapping[str, Unit] = MappingProxyType(_named())
"""Every spelling that is known, in small letters."""


def unit_of(text: str) -> Unit:
    """Which unit is meant by this spelling.

    Parameters
    ----------
    text : str
        As a source writes it: CloudWatch's ``Bytes/Second``, Azure's ``NanoCores``, OpenTelemetry's ``By`` or
        ``{request}`` (anything in braces is counted) or ``1`` (a ratio), Kubernetes' ``MiB``.

    Returns
    -------
    Unit
        Its kind, one of ``cores``, ``bytes``, ``bytes/s``, ``ratio``, ``count``, ``count/s``, ``seconds`` and
        ``GPUs``, and the factor to it.

    Raises
    ------
    UsageError
        The spelling is not in the list.

    Source: UCUM for OpenTelemetry (https://unitsofmeasure.org/ucum); the unit lists of CloudWatch's
    MetricDatum and Azure Monitor's MetricUnit. CloudWatch does not say whether a kilobyte is 1,000 or 1,024
    bytes; here it is 1,000.

    Examples
    --------
    >>> unit_of("KiB"), unit_of("Percent"), unit_of("Kilobits/Second")
    (Unit(kind='bytes', factor=1024.0), Unit(kind='ratio', factor=0.01), Unit(kind='bytes/s', factor=125.0))
    """
    name = text.strip().lower()
    found = None if _AMBIGUOUS.fullmatch(text.strip()) else UNITS.get(name)
    if found is not None:
        return found
    if name.startswith("{") and name.endswith(("}", "}/s")):
        return Unit(COUNT if name.endswith("}") else COUNT_PER_SECOND, 1.0)
    raise UsageError(
        f"unit {text[:80]!r}",
        "it is none of cores, bytes, bytes/s, ratio, count, count/s, seconds, GPUs and their multiples",
        "name the unit in the file, or take the metric out of it",
    )


def same_kind(metric: str, units: Mapping[str, Unit]) -> str:
    """Which one kind have all units that a metric comes in.

    Parameters
    ----------
    metric : str
        Its name, for the message.
    units : mapping of str to Unit
        Spelling to unit; at least one.

    Returns
    -------
    str
        The kind: values in other multiples of it are converted.

    Raises
    ------
    UsageError
        There are two, and no factor leads from one to the other.

    Examples
    --------
    >>> same_kind("memory", {"MiB": unit_of("MiB"), "GiB": unit_of("GiB")})
    'bytes'
    """
    kinds = sorted({unit.kind for unit in units.values()})
    if len(kinds) > 1:
        raise UsageError(
            f"metric {metric[:80]!r} in {' and '.join(sorted(map(repr, units)))}",
            f"a metric has one unit, and none of {', '.join(kinds)} can be made into another",
            "give what is measured differently a name of its own",
        )
    return kinds[0]

"""What each series has to be, worked out sample by sample from the raw samples, with no line of the product.

A rate follows Prometheus 2's own rules: samples from both ends of the window, a reset adds what was counted
before it, and the increase is extended to the ends of the window where they are near.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from urllib.parse import quote

from tests.usage.prometheus.real import Samples, World

Labels = Mapping[str, str]
Found = dict[tuple[str, int], float]
_NEAR = 1.1


def rate(samples: Samples, moment: int, window: int) -> float:
    """Say the rate a second at this moment; NaN with fewer than two samples."""
    inside = [(when, value) for when, value in samples.items() if moment - window <= when <= moment]
    if len(inside) < 2:
        return math.nan
    (first, low), (last, high) = inside[0], inside[-1]
    risen = high - low
    for (_, before), (_, after) in pairwise(inside):
        risen += before if after < before else 0.0
    apart = (last - first) / (len(inside) - 1)
    begin, end = first - (moment - window), moment - last
    if risen > 0 and low >= 0:
        begin = min(begin, (last - first) * low / risen)
    reach = (last - first) + sum(gap if gap < apart * _NEAR else apart / 2 for gap in (begin, end))
    return risen * reach / (last - first) / window


def highest(samples: Samples, moment: int, step: int) -> float:
    """Say the highest sample after the step's start and to its end."""
    return max((value for when, value in samples.items() if moment - step < when <= moment), default=math.nan)


def mean(samples: Samples, moment: int, step: int) -> float:
    """Say the mean of the step's samples."""
    inside = [value for when, value in samples.items() if moment - step < when <= moment]
    return sum(inside) / len(inside) if inside else math.nan


def latest(samples: Samples, moment: int, _: int = 0) -> float:
    """Say the newest sample of the last five minutes."""
    inside = [when for when in samples if moment - 300 <= when <= moment]
    return samples[max(inside)] if inside else math.nan


def near(samples: Samples, moment: int, step: int) -> Samples:
    """Take the samples that a step's value may hang on, so that not all are looked at each time."""
    moments = list(samples)
    kept = moments[bisect_left(moments, moment - max(step, 300)) : bisect_right(moments, moment)]
    return {when: samples[when] for when in kept}


def owner(world: World, space: str, pod: str) -> str:
    """Say which workload runs a pod, going up from owner to owner."""
    (name,) = {
        dict(labels)["owner_name"]
        for labels in world.of("kube_pod_owner")
        if (dict(labels)["namespace"], dict(labels)["pod"]) == (space, pod)
    }
    for metric, word in (("kube_replicaset_owner", "replicaset"), ("kube_job_owner", "job_name")):
        for labels in map(dict, world.of(metric)):
            if (labels["namespace"], labels[word]) == (space, name):
                return labels["owner_name"]
    return name


def resource(world: World, labels: Labels, *, whole: bool = False) -> str:
    """Say which resource a series is of."""
    own = {
        name: labels.get(f"exported_{name}", labels.get(name, ""))
        for name in ("namespace", "pod", "container")
    }
    parts = ["cluster", own["namespace"], owner(world, own["namespace"], own["pod"])]
    parts += [] if whole else [own["container"]]
    return "/".join(quote(part, safe=" !$&'()*+,;=:@") for part in parts)


def worked_out(
    world: World,
    metrics: Iterable[str],
    one: Callable[[Samples, int, int], float],
    join: Callable[[list[float]], float],
    *,
    ends: Iterable[int],
    step: int,
    whole: bool = False,
    having: Mapping[str, str] | None = None,
) -> Found:
    """Work out a metric: each pod's value at the end of each step, raw metrics added, then joined."""
    pods: dict[tuple[str, tuple[str, ...], int], list[float]] = {}
    for metric in metrics:
        for told, samples in world.of(metric).items():
            labels = dict(told)
            if any(labels[name] != value for name, value in (having or {}).items()):
                continue
            name = resource(world, labels, whole=whole)
            who = tuple(
                labels.get(f"exported_{key}", labels.get(key, "")) for key in ("pod", "container", "gpu")
            )
            for moment in ends:
                value = one(near(samples, moment, step), moment, step)
                if not math.isnan(value):
                    pods.setdefault((name, who, moment - step), []).append(value)
    cells: dict[tuple[str, int], list[float]] = {}
    for (name, _, start), values in pods.items():
        cells.setdefault((name, start), []).append(sum(values))
    return {key: join(values) for key, values in cells.items()}


def events(world: World, metric: str, *, ends: Iterable[int], step: int) -> Found:
    """Work out how often a counter of each pod rose in each step, for steps in which it did."""
    found: Found = {}
    for told, samples in world.of(metric).items():
        before = math.nan
        for moment in [min(ends) - step, *ends]:
            now = latest(near(samples, moment, step), moment)
            risen = now if now < before else now - before
            if risen > 0:
                key = resource(world, dict(told)), moment - step
                found[key] = found.get(key, 0.0) + risen
            before = before if math.isnan(now) else now
    return found

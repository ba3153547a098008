"""A real Prometheus with samples of our own: 25 workloads, back-filled by promtool, on a free port."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from finops_lib.errors import PrometheusError
from finops_lib.usage.prometheus.access import Server, server
from tests.usage.samples import DAY

START = round(DAY.timestamp())
HOURS, SCRAPE, LATE = 4, 30, 7  # samples at 7 and 37 seconds past the minute
Samples = Mapping[int, float]
Key = tuple[str, tuple[tuple[str, str], ...]]
HOSTILE = '=cmd|"/c\\calc"!\n<b>ü</b>'


class World:
    """Raw samples by metric and labels, as a Prometheus would have scraped them."""

    def __init__(self, *, workloads: int = 25, hours: float = HOURS, seed: int = 1) -> None:
        self.rng = np.random.default_rng(seed)
        self.raw: dict[Key, dict[int, float]] = {}
        self.moments = np.arange(START + LATE, START + round(hours * 3600), SCRAPE)
        for number in range(workloads):
            self._workload(number)

    def add(
        self, metric: str, labels: Mapping[str, str], values: np.ndarray, kept: np.ndarray | None = None
    ) -> None:
        """Add a series; where ``kept`` is false there is no sample."""
        moments = self.moments if kept is None else self.moments[kept]
        chosen = values if kept is None else values[kept]
        key = metric, tuple(sorted(labels.items()))
        self.raw[key] = dict(zip(moments.tolist(), chosen.tolist(), strict=True))

    def _workload(self, number: int) -> None:
        """Give one to three pods: the third comes later, and those of one workload lose an hour."""
        space = f"team-{number % 4}"
        name = HOSTILE if number == 3 else f"app-{number}"
        kind = ("ReplicaSet", "StatefulSet", "Job")[number % 3]
        owner = f"{name}-5d8f" if kind != "StatefulSet" else name
        if kind != "StatefulSet":
            above, word, top = (
                ("replicaset", "replicaset", "Deployment")
                if kind == "ReplicaSet"
                else ("job", "job_name", "CronJob")
            )
            self._known(f"kube_{above}_owner", {"namespace": space, word: owner, **_owned(top, name)})
        for replica in range(1 + number % 3):
            pod = f"{owner}-{replica}"
            kept = np.ones(len(self.moments), dtype=bool)
            if replica == 2:
                kept[: len(kept) // 3] = False  # scaled out later
            if number == 5:
                kept[len(kept) // 2 : len(kept) // 2 + 3600 // SCRAPE] = False  # an hour without samples
            self._known("kube_pod_info", {"namespace": space, "pod": pod, "node": "n1"}, kept)
            self._known("kube_pod_owner", {"namespace": space, "pod": pod, **_owned(kind, owner)}, kept)
            self._pod(number, space, pod, kept)

    def _known(self, metric: str, labels: Mapping[str, str], kept: np.ndarray | None = None) -> None:
        self.add(metric, labels, np.ones(len(self.moments)), kept)

    def _pod(self, number: int, space: str, pod: str, kept: np.ndarray) -> None:
        here = {"namespace": space, "pod": pod}
        size, rng = len(self.moments), self.rng
        for container in ("main", "side")[: 1 + number % 2]:
            own = {**here, "container": container, "id": f"/kubepods/{pod}/{container}", "image": "i"}
            self.add(
                "container_cpu_usage_seconds_total",
                own,
                self._counter(0.2 + number / 10, resets=number % 2),
                kept,
            )
            self.add(
                "container_memory_working_set_bytes", own, rng.integers(1, 10**9, size).astype(float), kept
            )
            periods = self._counter(10.0)
            self.add("container_cpu_cfs_periods_total", own, periods, kept)
            self.add("container_cpu_cfs_throttled_periods_total", own, periods * 0.25, kept)
            events = np.cumsum(rng.random(size) < 0.01).astype(float)
            self.add("container_oom_events_total", own, events, kept)
            self.add("kube_pod_container_status_restarts_total", _exported(own), np.floor(events / 2), kept)
            for resource, amount in (("cpu", 0.5 + number), ("memory", 1e9)):
                spec = _exported(own) | {"resource": resource}
                self._known("kube_pod_container_resource_requests", spec)
                self.add("kube_pod_container_resource_requests", spec, np.full(size, amount), kept)
            for metric in ("reads", "writes"):
                self.add(
                    f"container_fs_{metric}_bytes_total", {**own, "device": "d"}, self._counter(1e6), kept
                )
        for metric in ("receive", "transmit"):
            self.add(
                f"container_network_{metric}_bytes_total",
                {**here, "interface": "eth0"},
                self._counter(1e5),
                kept,
            )
        if number == 7:
            gpu = {"gpu": "0", "UUID": "GPU-1", **_exported({**here, "container": "main"})}
            self.add("DCGM_FI_DEV_GPU_UTIL", gpu, rng.integers(0, 101, size).astype(float), kept)

    def _counter(self, rate: float, *, resets: int = 0) -> np.ndarray:
        """Count up at random; after a reset from zero again."""
        steps = self.rng.random(len(self.moments)) * 2 * rate * SCRAPE
        found = np.cumsum(steps)
        for place in sorted(self.rng.integers(1, len(found), resets).tolist()):
            found[place:] -= found[place - 1]
        return found

    def of(self, metric: str) -> dict[tuple[tuple[str, str], ...], dict[int, float]]:
        """Give the raw series of a metric by labels."""
        return {labels: found for (name, labels), found in self.raw.items() if name == metric}

    def openmetrics(self) -> Iterator[str]:
        """Write all as OpenMetrics text, each metric's samples together."""
        for metric in sorted({name for name, _ in self.raw}):
            yield f"# TYPE {metric} unknown\n"
            for labels, found in self.of(metric).items():
                text = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
                yield from (f"{metric}{{{text}}} {value!r} {moment}\n" for moment, value in found.items())
        yield "# EOF\n"


def _owned(kind: str, name: str) -> dict[str, str]:
    return {"owner_kind": kind, "owner_name": name, "owner_is_controller": "true"}


def _exported(labels: Mapping[str, str]) -> dict[str, str]:
    """Give labels as they come where the exporter's own hide them."""
    hidden = {f"exported_{name}": labels[name] for name in ("namespace", "pod", "container")}
    return {**hidden, "namespace": "monitoring", "pod": "exporter-0", "container": "exporter"}


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(world: World, folder: Path, **options: str) -> Iterator[Server]:
    """Back-fill a Prometheus with the world's samples, start it, and stop it in the end."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "samples.txt").write_text("".join(world.openmetrics()), encoding="utf-8")
    (folder / "prometheus.yml").write_text("global: {}\n")
    fill = [
        "promtool",
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        "--max-block-duration=24h",
        folder / "samples.txt",
        folder / "data",
    ]
    subprocess.run(fill, check=True, capture_output=True)
    port = free_port()
    given = {
        "config.file": str(folder / "prometheus.yml"),
        "storage.tsdb.path": str(folder / "data"),
        "storage.tsdb.retention.time": "100y",
        "web.listen-address": f"127.0.0.1:{port}",
        "log.level": "error",
        **options,
    }
    words = ["prometheus", *(f"--{name}={value}" for name, value in given.items())]
    with (folder / "log").open("wb") as log, subprocess.Popen(words, stdout=log, stderr=log) as process:
        found = server(f"http://127.0.0.1:{port}", environ={})
        try:
            _wait_for(found, folder / "log")
            yield found
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(found: Server, log: Path) -> None:
    for _ in range(300):
        try:
            found.request("GET", "/-/ready")
        except PrometheusError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())

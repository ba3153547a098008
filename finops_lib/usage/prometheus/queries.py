"""Which PromQL asks for what, and how the pods of a workload make one series.

Names of the metrics are those of the kubelet's cAdvisor, kube-state-metrics and NVIDIA's dcgm-exporter.
Labels that an exporter's own would hide come as ``exported_namespace`` and so on, and are asked for, too.

Sources: https://prometheus.io/docs/prometheus/latest/querying/functions/ (rate, max_over_time),
https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md,
https://github.com/kubernetes/kube-state-metrics/tree/main/docs and https://github.com/NVIDIA/dcgm-exporter.
"""

from __future__ import annotations

from typing import NamedTuple

from finops_lib.usage.series import HIGHEST, SUM

COUNTED = "count"
LEAST_SAMPLES = 4  # in a rate window
_NAMES = ("namespace", "pod", "container")
_BY = ", ".join(["cluster", *_NAMES, *(f"exported_{name}" for name in _NAMES)])
_CONTAINER = '{container!="",container!="POD",pod!=""}'
_POD = '{pod!=""}'
_CPU = "container_cpu_usage_seconds_total" + _CONTAINER
AUTOSCALER = "horizontalpodautoscaler"


class Query(NamedTuple):
    """What is asked, and which metrics its series make: each with how pods are joined (sum, max or count).

    ``counter`` says that the series is a counter of events, whose increments are wanted; ``whole_pod`` that
    it is not known which container it was; ``factor`` brings the value into the unit of the metric.
    """

    text: str
    metrics: tuple[tuple[str, str], ...]
    counter: bool = False
    whole_pod: bool = False
    factor: float = 1.0

    @property
    def watched(self) -> bool:
        """Whether it says that somebody watched the container itself, not only what is known of it."""
        return "kube_" not in self.text

    def promql(self, *, window_seconds: int, step_seconds: int) -> str:
        """Which text goes to the server.

        Parameters
        ----------
        window_seconds : int
            Of rates.
        step_seconds : int
            Of what is highest in a step.

        Returns
        -------
        str

        Examples
        --------
        >>> query = Query("rate(a[$window]) > max_over_time(b[$step])", ())
        >>> query.promql(window_seconds=240, step_seconds=60)
        'rate(a[240s]) > max_over_time(b[59999ms])'
        """
        # A millisecond less than the step: a sample belongs to one step, whatever the server's version.
        step = f"{step_seconds * 1000 - 1}ms"
        return self.text.replace("$window", f"{window_seconds}s").replace("$step", step)


def _rate(metric: str, chosen: str = _CONTAINER) -> str:
    return f"sum by ({_BY}) (rate({metric}{chosen}[$window]))"


def _spec(kind: str, resource: str) -> str:
    return f'max by ({_BY}) (kube_pod_container_resource_{kind}{{resource="{resource}"}})'


QUERIES: tuple[Query, ...] = (
    Query(
        f"sum by ({_BY}) (rate({_CPU}[$window]))",
        (("cpu", SUM), ("cpu_peak", HIGHEST), ("replicas", COUNTED)),
    ),
    Query(
        f"max by ({_BY}) (max_over_time(container_memory_working_set_bytes{_CONTAINER}[$step]))",
        (("memory", SUM), ("memory_peak", HIGHEST)),
    ),
    Query(
        f"{_rate('container_cpu_cfs_throttled_periods_total')} / {_rate('container_cpu_cfs_periods_total')}",
        (("cpu_throttled", HIGHEST),),
    ),
    Query(f"max by ({_BY}) (container_oom_events_total{_CONTAINER})", (("oom_kills", SUM),), counter=True),
    Query(f"max by ({_BY}) (kube_pod_container_status_restarts_total)", (("restarts", SUM),), counter=True),
    Query(_spec("requests", "cpu"), (("cpu_request", HIGHEST),)),
    Query(_spec("requests", "memory"), (("memory_request", HIGHEST),)),
    Query(_spec("limits", "cpu"), (("cpu_limit", HIGHEST),)),
    Query(_spec("limits", "memory"), (("memory_limit", HIGHEST),)),
    Query(
        f"{_rate('container_network_receive_bytes_total', _POD)} + "
        f"{_rate('container_network_transmit_bytes_total', _POD)}",
        (("network", SUM),),
        whole_pod=True,
    ),
    Query(
        f"{_rate('container_fs_reads_bytes_total')} + {_rate('container_fs_writes_bytes_total')}",
        (("disk", SUM),),
    ),
    Query(
        f"avg by ({_BY}, gpu, UUID) (avg_over_time(DCGM_FI_DEV_GPU_UTIL[$step]))",
        (("gpu", SUM), ("gpu_allocated", COUNTED)),
        factor=0.01,
    ),
    Query(
        f"max by ({_BY}, {AUTOSCALER}) (kube_{AUTOSCALER}_spec_max_replicas)",
        (("autoscaled", HIGHEST),),
        whole_pod=True,
    ),
)

SAMPLES_AN_HOUR = f"quantile(0.9, count_over_time({_CPU}[1h]))"
"""How often is CPU sampled: nine in ten pods have at most so many samples in an hour."""


def scrape_seconds(samples: float) -> int:
    """How many seconds lie between two samples, if an hour has so many.

    Parameters
    ----------
    samples : float
        At least 2.

    Returns
    -------
    int
        Rounded up: a window that is too long averages, one that is too short has no rate at all.

    Examples
    --------
    >>> scrape_seconds(121), scrape_seconds(120), scrape_seconds(13)
    (30, 31, 300)
    """
    return -int(-3600 // (samples - 1))


def rate_window(*, scrape_seconds: int, step_seconds: int) -> int:
    """Over how many seconds is a rate taken: the whole step, and at least four samples.

    Parameters
    ----------
    scrape_seconds : int
        Between two samples.
    step_seconds : int
        Between two evaluations.

    Returns
    -------
    int

    Examples
    --------
    >>> rate_window(scrape_seconds=30, step_seconds=300), rate_window(scrape_seconds=60, step_seconds=60)
    (300, 240)
    """
    return max(step_seconds, LEAST_SAMPLES * scrape_seconds)

"""25 workloads from a real Prometheus: every series equals what is worked out from the raw samples."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pyarrow as pa
import pytest

from finops_lib.errors import PrometheusError
from finops_lib.usage.prometheus.access import Server
from finops_lib.usage.prometheus.api import Prometheus
from finops_lib.usage.prometheus.pulling import Asked, Pulled, pull
from finops_lib.usage.series import METRICS
from tests.usage.prometheus.oracle import Found, events, highest, latest, mean, rate, worked_out
from tests.usage.prometheus.real import HOURS, START, World, running
from tests.usage.samples import DAY

STEP = 300
ENDS = range(START + STEP, START + HOURS * 3600 + 1, STEP)
ASKED = Asked(DAY, DAY + timedelta(hours=HOURS), STEP)
_WORLD = World()


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a Prometheus that can hold few samples of a query in memory at once."""
    with running(_WORLD, tmp_path_factory.mktemp("prometheus"), **{"query.max-samples": "20000"}) as found:
        yield found


@pytest.fixture(scope="module")
def pulled(there: Server) -> tuple[Pulled, dict[str, Found]]:
    """Pull all metrics once: what was found, and metric to (resource, start of the step) to value."""
    found = Pulled(there.name)
    table = pa.concat_tables(pull(Prometheus(there), ASKED, found=found))
    cells: dict[str, Found] = {}
    for row in table.to_pylist():
        assert row["unit"] == METRICS[row["metric"]].unit
        cells.setdefault(row["metric"], {})[row["resource"], round(row["time"].timestamp())] = row["value"]
    return found, cells


def wanted(metric: str) -> Found:
    """Work a metric out from the raw samples."""
    own = {"ends": ENDS, "step": STEP}
    cpu, memory = ["container_cpu_usage_seconds_total"], ["container_memory_working_set_bytes"]
    requests = ["kube_pod_container_resource_requests"]
    network = [f"container_network_{way}_bytes_total" for way in ("receive", "transmit")]
    disk = [f"container_fs_{way}_bytes_total" for way in ("reads", "writes")]
    gpu = ["DCGM_FI_DEV_GPU_UTIL"]
    if metric in ("oom_kills", "restarts"):
        name = {
            "oom_kills": "container_oom_events_total",
            "restarts": "kube_pod_container_status_restarts_total",
        }
        return events(_WORLD, name[metric], **own)
    worked: dict[str, Found] = {
        "cpu": worked_out(_WORLD, cpu, rate, sum, **own),
        "cpu_peak": worked_out(_WORLD, cpu, rate, max, **own),
        "replicas": worked_out(_WORLD, cpu, rate, len, **own),
        "memory": worked_out(_WORLD, memory, highest, sum, **own),
        "memory_peak": worked_out(_WORLD, memory, highest, max, **own),
        "cpu_request": worked_out(_WORLD, requests, latest, max, having={"resource": "cpu"}, **own),
        "memory_request": worked_out(_WORLD, requests, latest, max, having={"resource": "memory"}, **own),
        "network": worked_out(_WORLD, network, rate, sum, whole=True, **own),
        "disk": worked_out(_WORLD, disk, rate, sum, **own),
        "gpu": {key: value / 100 for key, value in worked_out(_WORLD, gpu, mean, sum, **own).items()},
        "gpu_allocated": worked_out(_WORLD, gpu, mean, len, **own),
    }
    return worked[metric]


@pytest.mark.parametrize(
    "metric",
    "cpu cpu_peak replicas memory memory_peak cpu_request memory_request network disk gpu gpu_allocated "
    "oom_kills restarts".split(),
)
def test_every_series_is_what_the_raw_samples_make(
    pulled: tuple[Pulled, dict[str, Found]], metric: str
) -> None:
    """Resets, gaps, pods that come later, two containers, a hostile name: the same cells and values."""
    found, expected = pulled[1][metric], wanted(metric)
    assert set(found) == set(expected)
    assert found == pytest.approx(expected, rel=2e-6)
    assert expected


def test_throttling_is_the_share_that_was_planted(pulled: tuple[Pulled, dict[str, Found]]) -> None:
    """A quarter of all periods, wherever CPU was used."""
    found = pulled[1]["cpu_throttled"]
    assert set(found) == set(pulled[1]["cpu"])
    assert list(found.values()) == pytest.approx([0.25] * len(found))


def test_it_knows_how_often_samples_come_and_who_is_there(pulled: tuple[Pulled, dict[str, Found]]) -> None:
    """25 workloads of 49 pods, none missing; samples half a minute apart, a rate over each whole step."""
    told = pulled[0]
    assert len({tuple(name.split("/")[:3]) for name in told.resources}) == 25
    assert told.content()["pods_known"] == told.content()["pods_seen"] == 49
    assert (told.scrape_seconds in (30, 31), told.window_seconds, told.notes) == (True, 300, [])


def test_two_metrics_of_25_workloads_take_under_two_seconds(there: Server) -> None:
    """Processor and memory, every step; the best of three, because a machine may be busy."""
    asked = Asked(ASKED.start, ASKED.end, STEP, metrics=("cpu", "memory"))
    taken = []
    for _ in range(3):
        begin = time.perf_counter()
        rows = sum(part.num_rows for part in pull(Prometheus(there), asked, found=Pulled(there.name)))
        taken.append(time.perf_counter() - begin)
        assert rows == len(wanted("cpu")) + len(wanted("memory"))
    assert min(taken) < 2.0


def test_a_query_that_is_too_large_is_asked_in_halves(there: Server) -> None:
    """All samples are more than this server holds at once: it refuses, and halves are answered."""
    prometheus = Prometheus(there)
    asked = "container_memory_working_set_bytes"
    with pytest.raises(PrometheusError, match="status 422") as refused:
        there.request(
            "GET", f"/api/v1/query_range?query={asked}&start={START}&end={START + 4 * 3600}&step=30"
        )
    assert "too many samples" in refused.value.said
    found = prometheus.range(asked, ASKED.grid._replace(step=30, points=480))
    assert found.values.shape[1] == 480
    assert len(found.labels) == len(_WORLD.of(asked))


def test_steps_shorter_than_four_samples_say_that_rates_look_back(there: Server) -> None:
    """Steps of a minute hold two samples: the window is two minutes and a few seconds, and it is said."""
    found = Pulled(there.name)
    asked = Asked(DAY, DAY + timedelta(hours=1), 60, metrics=("cpu",))
    assert sum(part.num_rows for part in pull(Prometheus(there), asked, found=found)) > 0
    assert found.window_seconds == 4 * found.scrape_seconds
    assert found.notes == [f"rates look back {found.window_seconds} s, over more than a step of 60 s"]


def test_a_query_that_is_none_is_refused_in_the_servers_words(there: Server) -> None:
    """Where the mistake is stands in the error."""
    with pytest.raises(
        PrometheusError, match=r"status 400 \(bad_data: .*parse error.*\), 2026-07-01T00:05:00Z to"
    ):
        Prometheus(there).range("sum(", ASKED.grid)


def test_a_span_without_samples_is_no_answer(there: Server) -> None:
    """A year later there is nothing: what should be checked is said, and no empty table is given."""
    later = DAY + timedelta(days=365)
    with pytest.raises(PrometheusError, match="no sample from 2027-07-01T00:00:00Z to 2027-07-01T01:00:00Z"):
        list(pull(Prometheus(there), Asked(later, later + timedelta(hours=1)), found=Pulled(there.name)))

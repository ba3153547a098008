"""What a pull makes of a server that answers badly, and of pods that are not there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pytest

from finops_lib.errors import PrometheusError
from finops_lib.usage.prometheus.access import Server
from finops_lib.usage.prometheus.api import Prometheus
from finops_lib.usage.prometheus.pulling import Asked, Pulled, pull
from tests.usage.samples import DAY, told

ASKED = Asked(DAY, DAY + timedelta(minutes=20), 300, metrics=("cpu", "replicas", "restarts"))
START = round(DAY.timestamp())
Labels = dict[str, str]


class Told(Server):
    """A server in memory: series by metric name, values by query; what is no text of either is nothing."""

    def __init__(self, series: Mapping[str, list[Labels]], values: Callable[[str, int], Any]) -> None:
        super().__init__("told", "http://told")
        object.__setattr__(self, "series", series)
        object.__setattr__(self, "values", values)

    def request(self, method: str, path: str = "", *, content: object = None) -> Any:
        """Answer as a Prometheus would."""
        asked = {name: found[0] for name, found in parse_qs(urlsplit(path).query).items()}
        if "/series" in path:
            return {"status": "success", "data": self.series.get(asked["match[]"], [])}  # type: ignore[attr-defined]
        grid = range(int(asked["start"]), int(asked["end"]) + 1, int(asked["step"]))
        result = []
        for labels, value in self.values(asked["query"]):  # type: ignore[attr-defined]
            pairs = [[moment, str(value(moment))] for moment in grid if value(moment) is not None]
            result += [{"metric": labels, "values": pairs}] if pairs else []
        return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def pod(name: str) -> Labels:
    """Give the labels of a container."""
    return {"namespace": "n", "pod": name, "container": "c"}


def always(value: float) -> Callable[[int], float]:
    """Give this value at each moment."""
    return lambda _: value


def fleet(pods: int, *, seen: int, count: float = 61, **more: Any) -> Told:
    """Give pods of one StatefulSet of which some are seen, each using half a core."""
    names = [f"p{number}" for number in range(pods)]
    owner = {"owner_kind": "StatefulSet", "owner_name": "s", "owner_is_controller": "true"}
    series = {
        "kube_pod_info": [pod(name) for name in names],
        "kube_pod_owner": [{**pod(name), **owner} for name in names],
    }

    def values(query: str) -> Iterator[Any]:
        if query in more:
            raise more[query]
        if "count_over_time" in query:
            yield {}, always(count)
        elif "cpu_usage" in query:
            yield from ((pod(name), always(0.5)) for name in names[:seen])
        elif "restarts_total" in query:
            yield pod("p0"), lambda moment: 2.0 + (moment > START + 600)

    return Told(series, values)


def pulled(server: Told, asked: Asked = ASKED) -> tuple[pa.Table, Pulled]:
    """Pull all."""
    found = Pulled(server.name)
    there = Prometheus(server, waits=(), sleep=lambda _: None)
    return pa.concat_tables(pull(there, asked, found=found)), found


def test_pods_of_a_workload_are_one_resource() -> None:
    """Three pods of half a core are 1.5 cores; one restart, in the third step; nothing is amiss."""
    table, found = pulled(fleet(3, seen=3))
    name, steps = "cluster/n/s/c", (0, 5, 10, 15)
    assert told(table) == [
        *((name, "cpu", step, 1.5, "cores") for step in steps),
        *((name, "replicas", step, 3.0, "count") for step in steps),
        (name, "restarts", 10, 1.0, "count"),
    ]
    assert (found.scrape_seconds, found.window_seconds, found.notes) == (60, 300, [])
    assert json.loads(json.dumps(found.content()))["pods_missing"] == 0


def test_half_the_pods_missing_is_refused_and_kept_only_if_asked_for() -> None:
    """10 of 20 have no sample: a sum over the rest would look like a saving. One of 20 is said and kept."""
    with pytest.raises(PrometheusError) as refused:
        pulled(fleet(20, seen=10))
    assert refused.value.value == "Prometheus told: 10 of 20 pods have no sample, cluster/n/p10 among them"
    assert "--partial" in refused.value.remedy
    kept = Asked(ASKED.start, ASKED.end, metrics=ASKED.metrics, partial=True)
    table, found = pulled(fleet(20, seen=10), kept)
    assert told(table)[0][3] == 5.0
    assert found.notes == ["10 of 20 pods have no sample, cluster/n/p10 among them"]
    assert found.content()["missing"][0] == "cluster/n/p10"
    assert pulled(fleet(20, seen=19))[1].notes == ["1 of 20 pods have no sample, cluster/n/p19 among them"]


def test_requests_alone_say_nothing_of_who_is_watched() -> None:
    """Restarts are known of pods without a kubelet: nobody is missing, for nobody was looked for."""
    asked = Asked(ASKED.start, ASKED.end, metrics=("restarts",))
    _, found = pulled(fleet(20, seen=0), asked)
    assert (found.missing, found.notes, found.content()["pods_missing"]) == ([], [], None)


def test_one_sample_is_no_rate_and_no_guess() -> None:
    """An hour with a single sample: the time between two is not known, and it is said."""
    _, found = pulled(fleet(1, seen=1, count=1))
    assert found.content()["scrape_seconds"] is None
    assert found.notes == ["CPU has no two samples within an hour: the time between samples is not known"]


def test_samples_further_apart_than_a_step_are_said() -> None:
    """Samples every 20 minutes, steps of 5: rates look back over four of them."""
    _, found = pulled(fleet(1, seen=1, count=4))
    assert (found.scrape_seconds, found.window_seconds) == (1200, 4800)
    assert found.notes == [
        "samples are 1200 s apart, more than a step of 300 s: steps have gaps",
        "rates look back 4800 s, over more than a step of 300 s",
    ]


def test_without_what_kube_state_metrics_knows_it_is_said() -> None:
    """No owners and no list of pods: each pod stands for itself, and who is missing is not known."""
    server = fleet(2, seen=2)
    server.series.clear()  # type: ignore[attr-defined]
    table, found = pulled(server, Asked(ASKED.start, ASKED.end, metrics=("cpu",)))
    assert {line[0] for line in told(table)} == {"cluster/n/p0/c", "cluster/n/p1/c"}
    assert found.notes == [
        "there is no kube_pod_info: which pods are missing is not known",
        "there is no kube_pod_owner: each pod stands for itself",
    ]
    assert found.content()["pods_known"] is None


def test_an_owner_that_is_not_known_is_counted() -> None:
    """Two of three pods have one."""
    server = fleet(3, seen=3)
    server.series["kube_pod_owner"].pop()  # type: ignore[attr-defined]
    assert pulled(server)[1].notes == ["the owner of 1 pods is not known: each stands for itself"]


class Failing(Told):
    """Fails at one query."""

    def request(self, method: str, path: str = "", *, content: object = None) -> Any:
        """Refuse restarts."""
        if "restarts_total" in path:
            raise PrometheusError(
                "Prometheus told: status 500", "it answers", "try again", passing=True, status=500
            )
        return super().request(method, path, content=content)


def test_a_chunk_that_fails_refuses_all_or_is_said_if_asked_for() -> None:
    """Which metric and which span; with --partial the others come and the missing one is named."""
    whole = fleet(1, seen=1)
    server = Failing(whole.series, whole.values)  # type: ignore[attr-defined]
    span = "2026-07-01T00:00:00Z to 2026-07-01T00:20:00Z"
    with pytest.raises(PrometheusError) as refused:
        pulled(server)
    assert refused.value.value == f"restarts: Prometheus told: status 500, {span}"
    assert refused.value.remedy == "try again; or keep what comes with --partial"
    table, found = pulled(server, Asked(ASKED.start, ASKED.end, metrics=ASKED.metrics, partial=True))
    assert {line[1] for line in told(table)} == {"cpu", "replicas"}
    assert found.notes == [f"restarts is missing: Prometheus told: status 500, {span}"]


def test_an_autoscaler_tells_how_many_pods_there_may_be() -> None:
    """Of the workload that it scales."""
    server = fleet(1, seen=1)
    scaler = {"namespace": "n", "horizontalpodautoscaler": "h"}
    target = {"scaletargetref_kind": "StatefulSet", "scaletargetref_name": "s"}
    server.series["kube_horizontalpodautoscaler_info"] = [{**scaler, **target}]  # type: ignore[attr-defined]
    values = server.values  # type: ignore[attr-defined]
    more = lambda query: [(scaler, always(12.0))] if "max_replicas" in query else values(query)  # noqa: E731
    object.__setattr__(server, "values", more)
    table, _ = pulled(server, Asked(ASKED.start, ASKED.end, metrics=("autoscaled",)))
    assert {line[0:2] + line[3:] for line in told(table)} == {("cluster/n/s", "autoscaled", 12.0, "count")}


def test_a_large_cluster_is_pulled_in_slabs_that_join_without_a_seam() -> None:
    """Slabs of one step give what one slab gives, an event at their seam too; progress counts up."""
    moved: list[tuple[int, int]] = []
    asked = Asked(ASKED.start, ASKED.end, metrics=ASKED.metrics)
    server, found = fleet(3, seen=3), Pulled("told")
    object.__setattr__(server, "series", {**server.series, "kube_pod_info": [pod(f"p{n}") for n in range(3)]})  # type: ignore[attr-defined]
    whole = told(pulled(server)[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("finops_lib.usage.prometheus.pulling._MOST_ROWS", 1)
        there = Prometheus(server, waits=(), sleep=lambda _: None)
        slabs = list(
            pull(there, asked, found=found, progress=lambda _, done, total: moved.append((done, total)))
        )
    assert len(slabs) == 4
    assert sorted(line for slab in slabs for line in told(slab)) == sorted(whole)
    assert moved == [(done, 8) for done in range(1, 9)]

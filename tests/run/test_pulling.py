"""Usage from files and from a server that fails: what is said, and that the lake is all or nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from finops_lib.billing.lake import Lake
from finops_lib.billing.lake.usage import UsageTable
from finops_lib.errors import ParameterError, PrometheusError, SettingsError, UsageError
from finops_lib.run.pulling import asked, from_files, from_prometheus, lines
from tests.run.listening import web_service
from tests.usage.otel import metrics, number
from tests.usage.samples import DAY

NOW = datetime(2026, 8, 1, tzinfo=UTC)
HEAD = "resource,metric,time,value,unit\n"


def written(folder: Path, name: str, *lines: str) -> Path:
    """Write a file of the long table."""
    (folder / name).write_text(HEAD + "".join(f"{line}\n" for line in lines))
    return folder / name


def hours(resource: str, *found: int) -> list[str]:
    """Write a core at these hours of the day."""
    return [f"{resource},cpu,2026-07-01T{hour:02}:00Z,1,cores" for hour in found]


def held(folder: Path) -> dict[str, int]:
    """Count the samples of each resource in the lake."""
    found: dict[str, int] = {}
    for part in UsageTable(Lake(folder / "lake")).read():
        for name in part.column("resource").to_pylist():
            found[name] = found.get(name, 0) + 1
    return found


def test_what_came_is_said_metric_by_metric(tmp_path: Path) -> None:
    """Five hours of which one is missing: as JSON and in words; again, nothing is new."""
    path = written(tmp_path, "a.csv", *hours("a", 0, 1, 2, 4), "a,cpu,never,1,cores")
    (told,) = from_files([path], lake_root=tmp_path / "lake", now=NOW)
    assert json.loads(json.dumps(told)) == {
        "scope": "file a.csv",
        "source": "usage table",
        "start": "2026-07-01T00:00:00Z",
        "end": "2026-07-01T05:00:00Z",
        "rows": 4,
        "unchanged": False,
        "metrics": [
            {
                "metric": "cpu",
                "unit": "cores",
                "series": 1,
                "samples": 4,
                "first": "2026-07-01T00:00:00Z",
                "last": "2026-07-01T04:00:00Z",
                "step_seconds": 3600,
                "missing": 1,
                "gappy": 1,
                "longest_gap_seconds": 7200,
            }
        ],
        "notes": ["a.csv: 1 rows left out: no moment"],
    }
    (again,) = from_files([path], lake_root=tmp_path / "lake", now=NOW)
    assert lines(again) == [
        "file a.csv (usage table), 2026-07-01T00:00:00Z to 2026-07-01T05:00:00Z: 4 samples; "
        "the lake had all of it already",
        "  cpu (cores): 1 series every 3,600 s, 1 missing in 1 series",
        "  note: a.csv: 1 rows left out: no moment",
    ]


def test_a_bad_file_among_good_ones_leaves_the_lake_as_it_was(tmp_path: Path) -> None:
    """All are read before the first lands."""
    good, bad = (
        written(tmp_path, "a.csv", *hours("a", 0)),
        written(tmp_path, "b.csv", "b,cpu,2026-07-01,1,GiB"),
    )
    with pytest.raises(UsageError, match="metric 'cpu' in 'GiB'"):
        from_files([good, bad], lake_root=tmp_path / "lake", now=NOW)
    assert not (tmp_path / "lake").exists()


def test_a_file_replaces_itself_and_a_scope_what_came_by_it(tmp_path: Path) -> None:
    """Two files are two scopes; under one name the second takes the place of the first within its span."""
    first, second = (
        written(tmp_path, "a.csv", *hours("a", 0, 1)),
        written(tmp_path, "b.csv", *hours("b", 0, 1, 2)),
    )
    for path in (first, second):
        from_files([path], lake_root=tmp_path / "lake", now=NOW)
    assert held(tmp_path) == {"a": 2, "b": 3}
    other = tmp_path / "other"
    other.mkdir()
    for number_, path in enumerate((first, second)):
        from_files([path], lake_root=other / "lake", now=NOW + timedelta(hours=number_), scope="ours")
    assert held(other) == {"b": 3}


def test_two_files_of_one_name_need_a_scope(tmp_path: Path) -> None:
    """Else the second would take the place of the first."""
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        written(tmp_path / name, "a.csv", *hours(name, 0))
    paths = [tmp_path / name / "a.csv" for name in ("x", "y")]
    with pytest.raises(UsageError, match="two files of one name"):
        from_files(paths, lake_root=tmp_path / "lake", now=NOW)
    (told,) = from_files(paths, lake_root=tmp_path / "lake", now=NOW, scope="both")
    assert (told["rows"], held(tmp_path)) == (2, {"x": 1, "y": 1})


def test_opentelemetry_is_told_from_its_content(tmp_path: Path) -> None:
    """Whatever the file is called."""
    request = metrics({"name": "cpu", "unit": "{cpu}", "gauge": {"dataPoints": [number(0, 1)]}})
    (tmp_path / "f.csv").write_text(json.dumps(request))
    (told,) = from_files([tmp_path / "f.csv"], lake_root=tmp_path / "lake", now=NOW)
    assert (told["source"], told["rows"]) == ("OpenTelemetry", 1)


def test_a_file_without_a_sample_is_refused(tmp_path: Path) -> None:
    """With what was left out of it."""
    with pytest.raises(UsageError, match=r"file a\.csv: 1 rows left out: no number: it holds a sample"):
        from_files(
            [written(tmp_path, "a.csv", "a,cpu,2026-07-01,?,cores")], lake_root=tmp_path / "lake", now=NOW
        )


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(UsageError, match="gone: it does not exist"):
        from_files([tmp_path / "gone"], lake_root=tmp_path / "lake", now=NOW)


def test_files_or_a_server_but_not_both(tmp_path: Path) -> None:
    """And not neither: wrong use."""
    for paths, url in (([], ""), ([tmp_path], "http://p")):
        with pytest.raises(ParameterError, match="usage is pulled from one of the two"):
            from_files(paths, prometheus=url, lake_root=tmp_path / "lake", now=NOW)


def test_a_question_is_of_whole_steps(tmp_path: Path) -> None:
    """Asked at seven minutes past, steps of five begin at five past; a later second asks the same."""
    found = [asked(DAY, DAY + timedelta(hours=1, minutes=7, seconds=second)) for second in (0, 59)]
    assert found[0] == found[1]
    assert (found[0].start, found[0].end) == (DAY, DAY + timedelta(hours=1, minutes=5))
    with pytest.raises(ParameterError, match="the span has a whole step of 300 seconds"):
        asked(DAY, DAY + timedelta(seconds=299))
    with pytest.raises(SettingsError, match="template 'x'"):
        asked(DAY, DAY + timedelta(hours=1), template="x")


def test_a_server_that_refuses_leaves_no_lake(tmp_path: Path) -> None:
    """It does not let us in: the error says how, and nothing was made."""
    with web_service() as web:
        web.bodies["/api/v1/series"] = (401, "")
        wanted = asked(DAY, DAY + timedelta(hours=1))
        with pytest.raises(PrometheusError, match="status 401") as found:
            from_prometheus(web.url, wanted, lake_root=tmp_path / "lake", environ={}, now=NOW)
    assert "set FINOPS_PROMETHEUS_TOKEN" in found.value.remedy
    assert not (tmp_path / "lake").exists()


def test_a_saved_answer_of_prometheus_is_told_from_its_content(tmp_path: Path) -> None:
    """Two samples of CPU, whatever the file is called but for its metric."""
    series = {"metric": {"namespace": "shop", "pod": "a"}, "values": [[1782864000, "0.5"], [1782864300, "1"]]}
    answer = {"status": "success", "data": {"resultType": "matrix", "result": [series]}}
    path = tmp_path / "cpu.json"
    path.write_text(json.dumps(answer))
    [told] = from_files([path], lake_root=tmp_path / "lake", now=NOW)
    assert (told["source"], told["rows"]) == ("Prometheus answer", 6)
    assert [item["metric"] for item in told["metrics"]] == ["cpu", "cpu_peak", "replicas"]

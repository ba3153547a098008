"""``finops usage pull`` on the command line: JSON, words and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from finops_lib.run.cli import app
from tests.run.listening import web_service

FILE = "resource,metric,time,value,unit\na\x1b[31m,cpu,2026-07-01T00:00Z,1,cores\n"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder with one file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.csv").write_text(FILE)
    return tmp_path


def test_a_pull_is_one_json_object_or_words() -> None:
    """The same facts both ways, and no control character of a file."""
    done = CliRunner().invoke(app, ["usage", "pull", "f.csv", "--json"])
    (told,) = json.loads(done.stdout)["pulls"]
    assert (done.exit_code, told["scope"], told["rows"]) == (0, "file f.csv", 1)
    words = CliRunner().invoke(app, ["usage", "pull", "f.csv", "--scope", "mine"])
    assert words.stdout.splitlines() == [
        "mine (usage table), 2026-07-01T00:00:00Z to 2026-07-01T00:00:01Z: 1 samples",
        "  cpu (cores): 1 series",
    ]


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (["f.csv", "--prometheus", "http://127.0.0.1:9"], 2, "ParameterError"),
        ([], 2, "ParameterError"),
        (["--prometheus", "http://h", "--start", "2026-07-01", "--end", "2026-07-01"], 2, "ParameterError"),
        (["--prometheus", "ftp://h"], 1, "PrometheusError"),
        (["gone.csv"], 1, "UsageError"),
        (["--prometheus", "http://h", "--template", "{pod}"], 1, "SettingsError"),
        (["--step", "0"], 2, "UsageError"),
    ],
)
def test_what_cannot_be_pulled_ends_with_its_code(
    place: Path, words: list[str], code: int, kind: str
) -> None:
    """1 refused, 2 wrong use; one JSON object says why, and no lake was made."""
    done = CliRunner().invoke(app, ["usage", "pull", *words, "--json"])
    assert done.exit_code == code, done.output
    if kind != "UsageError" or code == 1:
        assert json.loads(done.stdout)["error"]["type"] == kind
    assert not (place / "lake").exists()


def test_a_span_and_a_secret_go_to_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start, end and token are used; the token is nowhere in what is said."""
    monkeypatch.setenv("FINOPS_PROMETHEUS_TOKEN", "s3cret")
    with web_service() as web:
        web.bodies["/api/v1/series"] = (
            400,
            '{"status": "error", "errorType": "x", "error": "s3cret is wrong"}',
        )
        span = ["--start", "2026-07-01T00:00:00Z", "--end", "2026-07-01T01:00:00Z"]
        done = CliRunner().invoke(app, ["usage", "pull", "--prometheus", web.url, *span, "--json"])
    assert done.exit_code == 1
    assert "start=1782864000&end=1782867600" in web.calls[0].path
    assert web.calls[0].headers["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in done.output
    assert "(x: · is wrong)" in json.loads(done.stdout)["error"]["value"]

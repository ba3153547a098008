"""Where a Prometheus is, and that what opens it is sent and never shown."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from finops_lib.errors import PrometheusError, SettingsError
from finops_lib.usage.prometheus.access import server
from tests.run.listening import web_service


@pytest.mark.parametrize(
    ("variables", "header"),
    [
        ({"TOKEN": "s3cret\n"}, "Bearer s3cret"),
        ({"USER": "ann", "PASSWORD": "s3cret"}, "Basic " + base64.b64encode(b"ann:s3cret").decode()),
        ({}, None),
    ],
)
def test_a_secret_is_sent_and_not_shown(variables: dict[str, str], header: str | None) -> None:
    """As a bearer token or as a password; the text of the server has host and port alone."""
    with web_service() as web:
        environ = {f"FINOPS_PROMETHEUS_{name}": value for name, value in variables.items()}
        found = server(f"{web.url}/base/", environ=environ)
        found.request("GET", "/api/v1/x")
    (call,) = web.calls
    assert (call.path, call.headers.get("Authorization")) == ("/base/api/v1/x", header)
    assert found.name == f"127.0.0.1:{web.port}"
    assert "s3cret" not in repr(found)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    """The variable with _FILE names it."""
    (tmp_path / "token").write_text("s3cret\n")
    found = server("https://p:1/x", environ={"FINOPS_PROMETHEUS_TOKEN_FILE": str(tmp_path / "token")})
    assert found.headers == {"Authorization": "Bearer s3cret"}


@pytest.mark.parametrize(
    "variables",
    [
        {"TOKEN": "s3cret", "USER": "ann", "PASSWORD": "s3cret"},
        {"USER": "ann"},
        {"PASSWORD": "s3cret"},
        {"TOKEN": "s3cret\nX-Other: s3cret"},
        {"TOKEN": "s3cret", "TOKEN_FILE": "f"},
        {"TOKEN_FILE": "/nowhere/at/all"},
    ],
)
def test_secrets_that_do_not_go_together_are_refused_unseen(variables: dict[str, str]) -> None:
    """Two ways in, half of one, a second line, or a file that is not there."""
    environ = {f"FINOPS_PROMETHEUS_{name}": value for name, value in variables.items()}
    with pytest.raises(SettingsError, match="FINOPS_PROMETHEUS_") as found:
        server("http://p", environ=environ)
    assert "s3cret" not in str(found.value)


@pytest.mark.parametrize(
    "url",
    [
        "p:9090",
        "ftp://p",
        "http://",
        "http://ann:s3cret@p",
        "http://p?token=s3cret",
        "http://p:x",
        "http://[",
        "http://a\nb",
    ],
)
def test_what_is_no_address_is_refused_unseen(url: str) -> None:
    """A password in an address would show in the list of processes; the message does not repeat it."""
    with pytest.raises(PrometheusError, match="it is an http or https address without user") as found:
        server(url, environ={})
    assert "s3cret" not in str(found.value)


def test_certificates_are_checked_against_a_file(tmp_path: Path) -> None:
    """A file that holds none is refused before anything is sent."""
    (tmp_path / "ca.pem").write_text("none")
    found = server("https://127.0.0.1:9", environ={"FINOPS_PROMETHEUS_CA_FILE": str(tmp_path / "ca.pem")})
    with pytest.raises(PrometheusError, match=r"ca\.pem: it is a PEM file"):
        found.request("GET", "/")

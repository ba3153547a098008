"""A server of policies: Open Policy Agent itself, and servers that are down, slow or wrong."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.engine.inputs import prepared
from finops_lib.policy.engine.limited import LimitedEngine
from finops_lib.policy.engine.server import ServerEngine
from tests.policy.bundles import small, thing
from tests.policy.opa_server import opa_server

INPUTS = [prepared(one).text for one in (thing(), thing(team=""), thing(cost=11), {})]


@contextmanager
def answering(body: bytes, *, status: int = 200, wait: float = 0, to: str = "") -> Iterator[str]:
    """Serve one answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def _say(self) -> None:
            time.sleep(wait)
            self.send_response(status)
            if to:
                self.send_header("Location", to)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = _say  # noqa: N815

        def log_message(self, *words: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_it_decides_as_the_engine_in_process(tmp_path: Path) -> None:
    """With the policies uploaded, and then as they are there."""
    bundle = small(tmp_path)
    here = LimitedEngine(bundle)
    with opa_server() as (url, held):
        pushed = ServerEngine(url, bundle, push=True).answers(INPUTS)
        there = ServerEngine(url, bundle).answers(INPUTS)
        assert sorted(held.policies) == [f"finops_bundle/{path}" for path in sorted(bundle.modules)]
    for own, other, third in zip(here.answers(INPUTS), pushed, there, strict=True):
        assert json.loads(str(own)) == json.loads(str(other)) == json.loads(str(third))
    here.close()


def test_another_bundle_on_the_server_is_refused(tmp_path: Path) -> None:
    """At the start, and where it is exchanged while it is asked; what was there goes when ours comes."""
    bundle = small(tmp_path)
    other = replace(
        bundle, sha256="0" * 64, modules={**bundle.modules, "x/old.rego": "package finops.lib.old\n"}
    )
    with opa_server() as (url, held):
        with pytest.raises(PolicyError, match="it is undefined there: it answers with a result"):
            ServerEngine(url, bundle)
        ServerEngine(url, other, push=True)
        with pytest.raises(PolicyError, match=f"it holds the bundle with sha256 {bundle.sha256}"):
            ServerEngine(url, bundle)
        engine = ServerEngine(url, bundle, push=True)
        assert "finops_bundle/x/old.rego" not in held.policies
        held.data["finops_bundle"] = {"sha256": "1" * 64}
        held.changed()
        assert all(isinstance(one, PolicyError) for one in engine.answers(INPUTS))


def test_undefined_is_an_error(tmp_path: Path) -> None:
    """The server answers an empty object."""
    bundle = replace(
        small(tmp_path),
        modules={"main.rego": "package finops.main\nimport rego.v1\ndecision := 1 if input.a"},
    )
    with opa_server() as (url, _):
        [said] = ServerEngine(url, bundle, push=True).answers([b"{}"])
    assert "it is undefined there" in str(said)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"oops", 200, "policy server"),
        (b"[1]", 200, "it answers with a result"),
        (b"{}", 500, "policy server"),
        (b'{"result": "' + b"x" * (5 << 20) + b'"}', 200, "policy server"),
        (b"", 302, "policy server"),
    ],
)
def test_an_answer_that_is_none_is_refused(tmp_path: Path, body: bytes, status: int, said: str) -> None:
    """No JSON, another shape, an error, too long, and a way to elsewhere that is not gone."""
    to = "http://127.0.0.1:1/" if status == 302 else ""
    with answering(body, status=status, to=to) as url, pytest.raises(PolicyError, match=said):
        ServerEngine(url, small(tmp_path))


def test_a_server_that_is_down_or_slow_is_refused_in_bounded_time(tmp_path: Path) -> None:
    """Nobody listens; and one answers after its time."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(PolicyError, match="policy server"):
        ServerEngine(f"http://127.0.0.1:{port}", small(tmp_path))
    start = time.monotonic()
    with answering(b"{}", wait=3) as url, pytest.raises(PolicyError, match="policy server"):
        ServerEngine(url, small(tmp_path), timeout_seconds=0.5)
    assert time.monotonic() - start < 8


def test_the_token_comes_from_the_environment_and_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is missing, or no token, is an error that does not show it."""
    monkeypatch.setenv("MY_TOKEN", "abc123")
    with opa_server() as (url, held):
        ServerEngine(url, small(tmp_path), push=True, token_variable="MY_TOKEN")  # noqa: S106  a name
        assert {authorization for _, _, authorization in held.asked} == {"Bearer abc123"}
    monkeypatch.setenv("MY_TOKEN", "abc 123")
    for name in ("MY_TOKEN", "NO_TOKEN", "a-b"):
        with pytest.raises(PolicyError, match="it holds the token of the policy server") as raised:
            ServerEngine("http://127.0.0.1:1", small(tmp_path), token_variable=name)
        assert "123" not in str(raised.value)

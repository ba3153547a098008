"""Services on a free port of this machine that keep what they are sent: HTTP and mail."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from finops_lib.anomaly.lifecycle import Alert, opened
from tests.anomaly.odd import day, odd, one, team


@dataclass
class Call:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its content."""
        return json.loads(self.body)


@dataclass
class Web:
    """What a web service was sent, and what it answers: statuses in turn, then 200; bodies by path."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, tuple[int, str]] = field(default_factory=dict)
    pause: threading.Event | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        web: Web = self.server.web  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        web.calls.append(Call(self.command, self.path, dict(self.headers), body))
        if web.pause is not None:
            web.pause.wait(10)
        status, said = web.bodies.get(self.path.split("?")[0], (200, "{}"))
        self.send_response(web.statuses.pop(0) if web.statuses else status)
        for name, value in web.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said.encode())))
        self.end_headers()
        self.wfile.write(said.encode())

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815  the names that the server calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that did not wait is no trouble."""


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def web_service() -> Iterator[Web]:
    """Listen for web requests."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        web = Web(server.server_address[1])
        server.web = web  # type: ignore[attr-defined]
        with _running(server):
            yield web


@dataclass
class Mail:
    """What a mail server was sent: the text of each message."""

    port: int = 0
    messages: list[str] = field(default_factory=list)


class _Smtp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """Speak as much SMTP as a message takes."""
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = list(iter(self.rfile.readline, b".\r\n"))
                self.server.mail.messages.append(b"".join(lines).decode())  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@contextmanager
def mail_service() -> Iterator[Mail]:
    """Listen for mail."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        mail = Mail(server.server_address[1])
        server.mail = mail  # type: ignore[attr-defined]
        with _running(server):
            yield mail


def alert_of(name: str = "web", *, mid: object = 60) -> Alert:
    """Make an alert of a team that was told on July 5, 2026."""
    found = opened(one(odd("level_shift", days=2, mid=mid, labels=team(name))), team=name, now=day(5))
    fields = {field: getattr(found, field) for field in found.__dataclass_fields__}
    return Alert(**fields | {"told": day(5)})

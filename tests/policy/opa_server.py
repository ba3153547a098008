"""Open Policy Agent as a server: its own code evaluates, behind the part of its REST API that is used."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from opa_bindings import OpaEngine


class Held:
    """Policies and data that a server holds; compiled anew when they change."""

    def __init__(self) -> None:
        self.policies: dict[str, str] = {}
        self.data: dict[str, Any] = {}
        self.lock = threading.Lock()
        self._engine: Any = None
        self.asked: list[tuple[str, str, str]] = []

    def changed(self) -> None:
        self._engine = None

    def value(self, path: str, document: Any) -> Any:
        """Evaluate a rule, or look up data; a `KeyError` where it is undefined."""
        if self._engine is None:
            self._engine = OpaEngine()
            for name, text in self.policies.items():
                self._engine.add_policy(name, text)
            self._engine.add_data(self.data)
        found = self._engine.eval_document(path.replace("/", "."), document)
        if found is None:
            raise KeyError(path)
        return found


class _Handler(BaseHTTPRequestHandler):
    held: Held

    def log_message(self, *words: Any) -> None:
        """Say nothing."""

    def _content(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, content: Any, status: int = 200) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _path(self) -> tuple[str, str]:
        path = unquote(self.path.split("?")[0])
        for kind in ("/v1/policies", "/v1/data"):
            if path == kind or path.startswith(f"{kind}/"):
                return kind, path[len(kind) + 1 :]
        return "", path

    def _serve(self) -> None:
        kind, name = self._path()
        content = self._content()
        held = self.held
        with held.lock:
            held.asked.append((self.command, self.path, self.headers.get("Authorization") or ""))
            if kind == "/v1/policies":
                self._policies(name, content)
            elif self.command == "PUT":
                held.data[name] = json.loads(content)
                held.changed()
                self._answer(None, 204)
            else:
                document = json.loads(content)["input"] if self.command == "POST" else {}
                try:
                    self._answer({"result": held.value(name, document)})
                except Exception:  # noqa: BLE001  undefined, as the server answers it
                    self._answer({})

    def _policies(self, name: str, content: bytes) -> None:
        held = self.held
        if self.command == "GET":
            self._answer({"result": [{"id": one} for one in held.policies]})
            return
        if self.command == "PUT":
            held.policies[name] = content.decode()
        else:
            held.policies.pop(name, None)
        held.changed()
        self._answer({})

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815  the names that http.server asks for


@contextmanager
def opa_server() -> Iterator[tuple[str, Held]]:
    """Start a server that holds nothing; give its address and what it holds."""
    held = Held()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"held": held}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", held
    finally:
        server.shutdown()
        server.server_close()

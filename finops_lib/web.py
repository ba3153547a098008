"""One request to a service by HTTP: no redirects, no proxy, a limit on time and on size; and patience."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

import orjson

from finops_lib.errors import ServiceError

_KEPT = 2_000  # bytes of a refusal
_SUCCESS, _REDIRECT = 200, 300
_TOO_MANY, _TIMEOUT, _SERVER = 429, 408, 500
_LONGEST_WAIT = 60.0  # seconds
_PATH = re.compile(r"[!-~]*")  # printable ASCII: nothing that could end the line of a request
_T = TypeVar("_T")


@dataclass(frozen=True)
class Service:
    """Where a service listens; headers may be secret, and are in no text of it.

    ``name`` is what errors call it: an address may hold a secret, too. ``ca_file`` holds the certificates
    that are trusted instead of the system's; ``largest`` is the limit of an answer in bytes.
    ``timeout_seconds`` is the longest silence; ``whole_seconds``, where given, ends an exchange that goes on
    without one.

    Examples
    --------
    >>> Service("hook", "https://a-secret.example", {"Authorization": "a secret"})
    Service(name='hook', timeout_seconds=10.0, ca_file='', largest=10000000, whole_seconds=None)
    """

    kind: ClassVar[str] = "service"
    error: ClassVar[type[ServiceError]] = ServiceError

    name: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_seconds: float = 10.0
    ca_file: str = ""
    largest: int = 10_000_000
    whole_seconds: float | None = None

    def request(self, method: str, path: str = "", *, content: object = None, text: str | None = None) -> Any:
        """What does the service answer.

        Parameters
        ----------
        method : str
            Such as ``POST``.
        path : str
            Behind the address, quoted.
        content : object
            Sent as JSON; None sends nothing.
        text : str, optional
            Sent as plain text instead.

        Returns
        -------
        object
            Its JSON; None where it says nothing, the text where it is none.

        Raises
        ------
        ServiceError
            It cannot be reached, or refuses; ``passing`` where that may change, ``said`` what it answered.
        """
        status, wait, body = self._exchange(method, path, _body(content, text))
        if _SUCCESS <= status < _REDIRECT:
            return _read(body)
        passing = status in {_TOO_MANY, _TIMEOUT} or status >= _SERVER
        # What it says stands in no message: it may repeat what we sent, and is not ours.
        raise self.error(
            f"{self.kind} {self.name}: status {status}",
            "a service answers with a status from 200 to 299",
            "try again later" if passing else "check its address and its secret",
            passing=passing,
            wait=wait,
            status=status,
            said=body[:_KEPT].decode("utf-8", "replace"),
        )

    def _exchange(
        self, method: str, path: str, sent: tuple[bytes | None, str]
    ) -> tuple[int, float | None, bytes]:
        data, kind = sent
        headers = {"Accept": "application/json", **self.headers}
        if data is not None:
            headers["Content-Type"] = kind
        connection, base = self._connection()
        try:
            with _within(connection, self.whole_seconds):
                connection.request(method, base + path or "/", body=data, headers=headers)
                answer = connection.getresponse()
                body = answer.read(self.largest + 1)
                wait = _seconds(answer.getheader("Retry-After"))
        except (OSError, http.client.HTTPException) as error:
            raise self.error(
                f"{self.kind} {self.name}: {type(error).__name__}",
                f"it answers within {self.timeout_seconds:g} seconds",
                "check that it runs and can be reached from here",
                passing=True,
            ) from None
        finally:
            connection.close()
        if len(body) > self.largest:
            raise self.error(
                f"{self.kind} {self.name}: its answer",
                f"it has at most {self.largest:,} bytes",
                "ask for less",
            )
        return answer.status, wait, body

    def _connection(self) -> tuple[http.client.HTTPConnection, str]:
        try:
            parts = urlsplit(self.url)
            host, port, base = parts.hostname, parts.port, parts.path.rstrip("/")
            base = f"{base}?{parts.query}" if parts.query else base
        except ValueError:
            raise self._wrong_address() from None
        if parts.scheme not in {"http", "https"} or not host or parts.username or not _PATH.fullmatch(base):
            raise self._wrong_address()
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=self.timeout_seconds), base
        context = self._trusted()
        return http.client.HTTPSConnection(host, port, timeout=self.timeout_seconds, context=context), base

    def _trusted(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.ca_file or None)
        except (OSError, ValueError):
            raise self.error(
                f"{self.kind} {self.name}: certificates of {self.ca_file}",
                "it is a PEM file that can be read",
                "check the path",
            ) from None

    def _wrong_address(self) -> ServiceError:
        return self.error(
            f"{self.kind} {self.name}: its address",
            "it is an http or https address without a user in it",
            "correct it, and give a secret as a token",
        )


def _body(content: object, text: str | None) -> tuple[bytes | None, str]:
    if text is not None:
        return text.encode(), "text/plain; charset=utf-8"
    return None if content is None else json.dumps(content, allow_nan=False).encode(), "application/json"


@contextmanager
def _within(connection: http.client.HTTPConnection, seconds: float | None) -> Iterator[None]:
    """Cut the line after so long: a service that sends a byte now and then is never silent."""
    if seconds is None:
        yield
        return
    late, lines = threading.Event(), list[socket.socket]()

    def cut() -> None:
        late.set()
        with suppress(OSError, AttributeError):  # not connected yet, or no more: the silence is limited
            (lines or [connection.sock])[0].shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        connection.connect()
        lines.append(connection.sock)  # kept: a connection forgets it while an answer is still being read
        yield
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeoutError("cut")


def _seconds(text: str | None) -> float | None:
    return min(_LONGEST_WAIT, float(text)) if text and re.fullmatch(r"\d{1,6}", text, re.ASCII) else None


def _read(body: bytes) -> Any:
    if not body.strip():
        return None
    try:
        return orjson.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def patiently(
    attempt: Callable[[], _T], *, waits: Sequence[float], sleep: Callable[[float], None]
) -> tuple[_T, int]:
    """What comes of it, if what passes by is waited for.

    Parameters
    ----------
    attempt : callable
        Raises `ServiceError`.
    waits : sequence of float
        Seconds before the second try, the third and so on; the service may ask for more, up to a minute.
    sleep : callable
        Waits that many seconds.

    Returns
    -------
    tuple
        The result, and how many tries it took.

    Raises
    ------
    ServiceError
        That of the last try; at once where another one cannot help.

    Examples
    --------
    >>> patiently(lambda: "sent", waits=(1, 4), sleep=lambda seconds: None)
    ('sent', 1)
    """
    for tries, wait in enumerate((*waits, None), start=1):
        try:
            return attempt(), tries
        except ServiceError as error:
            if wait is None or not error.passing:
                raise
            sleep(max(wait, error.wait or 0.0))
    raise AssertionError("the last try returns or raises")

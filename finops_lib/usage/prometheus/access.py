"""Where a Prometheus listens, and how to get in: a token or a password from the environment, never shown.

``FINOPS_PROMETHEUS_TOKEN`` is sent as a bearer token, or ``FINOPS_PROMETHEUS_USER`` with
``FINOPS_PROMETHEUS_PASSWORD``; each secret may stand in a file that the variable with ``_FILE`` at its end
names. ``FINOPS_PROMETHEUS_CA_FILE`` holds certificates to trust instead of the system's; they are always
checked.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlsplit

from finops_lib import web
from finops_lib.errors import PrometheusError, ServiceError, SettingsError
from finops_lib.keys import credential

TOKEN, USER, PASSWORD = (f"FINOPS_PROMETHEUS_{name}" for name in ("TOKEN", "USER", "PASSWORD"))
CA_FILE = "FINOPS_PROMETHEUS_CA_FILE"
_LARGEST = 512_000_000  # bytes of an answer


class Server(web.Service):
    """A Prometheus, or what speaks as one: Thanos, Mimir, VictoriaMetrics."""

    kind: ClassVar[str] = "Prometheus"
    error: ClassVar[type[ServiceError]] = PrometheusError


def server(url: str, *, environ: Mapping[str, str], timeout_seconds: float = 60.0) -> Server:
    """Which Prometheus is at this address, with what opens it.

    Parameters
    ----------
    url : str
        ``http`` or ``https``, with the path that stands before ``/api/v1`` if there is one.
    environ : mapping of str to str
        Where secrets stand.
    timeout_seconds : float
        For one answer.

    Returns
    -------
    Server
        Its text shows host and port alone.

    Raises
    ------
    PrometheusError
        The address is none.
    SettingsError
        A secret is not as it should be.

    Examples
    --------
    >>> "s3cret" in str(server("http://127.0.0.1:9090", environ={"FINOPS_PROMETHEUS_TOKEN": "s3cret"}))
    False
    """
    return Server(
        name=_name(url),
        url=url.rstrip("/"),
        headers=_headers(environ),
        timeout_seconds=timeout_seconds,
        ca_file=environ.get(CA_FILE, ""),
        largest=_LARGEST,
    )


def _name(url: str) -> str:
    """Give host and port; an address with a user in it would show a password to whoever lists processes."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    wrong = not host or not url.isprintable() or parts.scheme not in {"http", "https"} or parts.query
    if wrong or parts.username is not None:
        raise PrometheusError(
            "the address of Prometheus",
            "it is an http or https address without user, password and query",
            f"write http://HOST:PORT, and set {TOKEN} or {USER} and {PASSWORD}",
        )
    return host if port is None else f"{host}:{port}"


def _headers(environ: Mapping[str, str]) -> dict[str, str]:
    token, user = credential(TOKEN, environ), environ.get(USER, "").strip()
    password = credential(PASSWORD, environ)
    if (token and (user or password)) or bool(user) != bool(password):
        raise SettingsError(
            f"{TOKEN}, {USER} and {PASSWORD}",
            "there is a token, or a user with a password, or none of them",
            "set one of the two",
        )
    if token:
        return {"Authorization": f"Bearer {token}"}
    if user:
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {}

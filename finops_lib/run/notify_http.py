"""One request to a service that takes alerts."""

from __future__ import annotations

from typing import ClassVar

from finops_lib import web
from finops_lib.errors import NotifyError, ServiceError


class Service(web.Service):
    """Where a service for alerts listens: what goes wrong with it is a `NotifyError` of its target."""

    kind: ClassVar[str] = "target"
    error: ClassVar[type[ServiceError]] = NotifyError

"""Chat, mail, PagerDuty and tickets: one message to one address of apprise, whose secrets stay in it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import apprise

from finops_lib.anomaly.alert_words import Message
from finops_lib.errors import NotifyError
from finops_lib.run.notify_targets import Target
from finops_lib.run.notify_text import bare, body

_FORMATS = {
    "text": apprise.NotifyFormat.TEXT,
    "markdown": apprise.NotifyFormat.MARKDOWN,
    "html": apprise.NotifyFormat.HTML,
}
_TALKATIVE = ("apprise", "urllib3.connectionpool", "requests", "requests_oauthlib", "oauthlib")


def send(said: Message, *, target: Target, timeout_seconds: float = 20.0) -> None:
    """Send one message.

    Parameters
    ----------
    said : Message
        Its key is given to PagerDuty too, which then keeps one incident for it.
    target : Target
        Of kind ``apprise``.
    timeout_seconds : float
        For all of it.

    Raises
    ------
    NotifyError
        The address is none, or the service did not take it; neither is repeated.
    """
    with _quiet():
        service = _service(said, target, timeout_seconds)
        sender = apprise.Apprise(asset=service.asset)
        sender.add(service)
        taken = sender.notify(
            body=body(said, target.format),
            title=bare(said.title),
            notify_type=apprise.NotifyType.SUCCESS if said.resolved else apprise.NotifyType.WARNING,
            body_format=_FORMATS[target.format],
            interpret_escapes=False,
        )
    if not taken:
        raise NotifyError(
            f"target {target.name}: it did not take the message",
            "a service says that it has taken one",
            "check its address and its secret, and that it can be reached from here",
            passing=True,
        )


def _service(said: Message, target: Target, timeout_seconds: float) -> apprise.NotifyBase:
    asset = apprise.AppriseAsset(
        app_id="FinOps",
        app_desc="Cost alerts",
        app_url="",
        async_mode=False,
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
        allow_templates=False,
        secure_logging=True,
        service_timeout=timeout_seconds,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    try:
        found = apprise.Apprise.instantiate(_address(said, target.url), asset=asset)
    except Exception:  # noqa: BLE001  what a plugin says of a bad address may repeat it
        found = None
    if isinstance(found, apprise.NotifyBase):
        return found
    raise NotifyError(
        f"target {target.name}: its address",
        "it is an address that apprise knows",
        "write it as the documentation of apprise says for the service",
    )


def _address(said: Message, url: str) -> str:
    """Give PagerDuty the key, so that it opens and closes one incident."""
    if not url.lower().startswith("pagerduty://"):
        return url
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}dedup={said.key}&action={'resolve' if said.resolved else 'trigger'}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Let nothing be logged that could hold an address, at whatever level the program logs."""
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    before = [logger.disabled for logger in loggers]
    try:
        for logger in loggers:
            logger.disabled = True
        with warnings.catch_warnings():
            # It loads all its services at the first use, and with them modules that Python has given up.
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        for logger, was in zip(loggers, before, strict=True):
            logger.disabled = was

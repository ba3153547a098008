"""One request to a service that takes alerts, and its ways to fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from finops_lib.errors import NotifyError
from finops_lib.run.notify_http import Service
from tests.run.listening import Web, web_service


@pytest.fixture
def web() -> Iterator[Web]:
    """Listen."""
    with web_service() as found:
        yield found


def test_a_request_carries_its_content_and_headers(web: Web) -> None:
    """JSON there and JSON back, at the path behind the address."""
    web.bodies["/base/x"] = (200, '{"taken": 1}')
    service = Service("hook", f"{web.url}/base/", {"Authorization": "Bearer s3cret"})
    assert service.request("POST", "/x", content={"a": "ü"}) == {"taken": 1}
    (call,) = web.calls
    assert (call.method, call.json, call.headers["Authorization"]) == ("POST", {"a": "ü"}, "Bearer s3cret")


def test_an_answer_that_is_no_json_is_its_text(web: Web) -> None:
    """And one that says nothing is nothing."""
    web.bodies |= {"/t": (200, "ok"), "/n": (204, "")}
    service = Service("hook", web.url)
    assert (service.request("GET", "/t"), service.request("GET", "/n")) == ("ok", None)


@pytest.mark.parametrize(
    ("status", "passing"), [(400, False), (401, False), (302, False), (429, True), (503, True)]
)
def test_a_refusal_names_target_and_status_and_no_secret(web: Web, status: int, passing: bool) -> None:
    """What may pass by says so; what the service says is not repeated, and no redirect is followed."""
    web.bodies["/s3cret"] = (status, "your token s3cret is wrong")
    web.headers = {"Location": f"{web.url}/other", "Retry-After": "7"}
    with pytest.raises(NotifyError, match=f"target hook: status {status}") as found:
        Service("hook", f"{web.url}/s3cret", {"Authorization": "s3cret"}).request("POST", content=[])
    assert (found.value.passing, found.value.status, found.value.wait) == (passing, status, 7.0)
    assert "s3cret" not in str(found.value) + repr(found.value)
    assert len(web.calls) == 1


def test_a_service_that_does_not_answer_is_given_up(web: Web) -> None:
    """After the seconds that it has."""
    web.pause = threading.Event()
    with pytest.raises(NotifyError, match=r"within 0\.2 seconds") as found:
        Service("hook", web.url, timeout_seconds=0.2).request("GET")
    web.pause.set()
    assert found.value.passing


def test_nobody_there_may_pass_by() -> None:
    """The port was free a moment ago."""
    with web_service() as gone:
        url = gone.url
    with pytest.raises(NotifyError, match="ConnectionRefusedError") as found:
        Service("hook", url).request("GET")
    assert found.value.passing


@pytest.mark.parametrize(
    "url",
    [
        "ftp://h/x",
        "file:///etc/passwd",
        "http://",
        "http://u:s3cret@h/",
        "http://h:99999/",
        "http://h/a b",
        "http://[/",
        "x",
    ],
)
def test_what_is_no_address_is_refused_without_being_shown(url: str) -> None:
    """Other schemes, no host, a user in it, no port, spaces: the error names the target alone."""
    with pytest.raises(NotifyError, match="target hook: its address") as found:
        Service("hook", url).request("GET")
    assert not found.value.passing
    assert "s3cret" not in str(found.value)


def test_a_service_shows_no_secret() -> None:
    """Neither address nor header stand in its text."""
    assert "s3cret" not in repr(Service("hook", "http://h/s3cret", {"Authorization": "s3cret"}))

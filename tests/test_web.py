"""A limit on size, certificates of one's own, and patience with a clock that only counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_lib.errors import ServiceError
from finops_lib.web import Service, patiently
from tests.run.listening import web_service


def test_an_answer_of_the_largest_size_is_read_and_one_byte_more_is_refused() -> None:
    """Ten bytes are allowed: 10 come in whole, 11 are an error and never a part that looks like all."""
    with web_service() as web:
        web.bodies |= {"/fits": (200, '"12345678"'), "/not": (200, '"123456789"')}
        service = Service("shop", web.url, largest=10)
        assert service.request("GET", "/fits") == "12345678"
        with pytest.raises(ServiceError, match="service shop: its answer: it has at most 10 bytes") as found:
            service.request("GET", "/not")
    assert not found.value.passing


def test_what_a_service_says_in_refusing_is_kept_beside_the_message() -> None:
    """Its own words are there for who knows how to read them, and not in the text of the error."""
    with web_service() as web:
        web.bodies["/"] = (422, '{"error": "too many samples"}')
        with pytest.raises(ServiceError, match="status 422") as found:
            Service("shop", web.url).request("GET")
    assert found.value.said == '{"error": "too many samples"}'
    assert "samples" not in str(found.value)


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """A missing file and one that is no certificate are the user's to correct, before anything is sent."""
    (tmp_path / "no.pem").write_text("no certificate")
    for name in ("gone.pem", "no.pem"):
        service = Service("shop", "https://127.0.0.1:9", ca_file=str(tmp_path / name))
        with pytest.raises(ServiceError, match=f"{name}: it is a PEM file that can be read"):
            service.request("GET")


class Trying:
    """Fails with these errors, then answers; and a sleep that only counts."""

    def __init__(self, *errors: ServiceError) -> None:
        self.errors, self.slept = list(errors), list[float]()

    def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "sent"


def failing(*, passing: bool = True, wait: float | None = None) -> ServiceError:
    """Make an error."""
    return ServiceError("a", "b", "c", passing=passing, wait=wait)


def test_patience_backs_off() -> None:
    """One second, then four, or as long as the service asks for."""
    trying = Trying(failing(), failing(wait=9.0))
    assert patiently(trying, waits=(1, 4, 16), sleep=trying.slept.append) == ("sent", 3)
    assert trying.slept == [1, 9.0]


def test_patience_ends() -> None:
    """After the last wait the error is raised; one that cannot pass by at once."""
    trying = Trying(*[failing() for _ in range(9)])
    with pytest.raises(ServiceError):
        patiently(trying, waits=(1, 4), sleep=trying.slept.append)
    assert (trying.slept, len(trying.errors)) == ([1, 4], 6)
    trying = Trying(failing(passing=False))
    with pytest.raises(ServiceError):
        patiently(trying, waits=(1, 4), sleep=trying.slept.append)
    assert trying.slept == []

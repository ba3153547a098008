"""Messages through apprise to real services on this machine: chat as JSON, mail by SMTP."""

from __future__ import annotations

import email
import json
import logging
from email.policy import default
from typing import Any

import pytest
import requests

from finops_lib.anomaly.alert_words import Message, message
from finops_lib.anomaly.lifecycle import over
from finops_lib.errors import NotifyError
from finops_lib.run import notify_apprise
from finops_lib.run.notify_targets import Target
from tests.anomaly.odd import day
from tests.run.listening import alert_of, mail_service, web_service

SAID = message(alert_of())


def target(url: str, kind: str = "text") -> Target:
    """Make a target."""
    return Target("chat", "apprise", url, format=kind)


def test_a_chat_gets_title_facts_and_key() -> None:
    """One request, with the words as they are."""
    with web_service() as web:
        notify_apprise.send(SAID, target=target(f"json://127.0.0.1:{web.port}/room"))
    (call,) = web.calls
    assert (call.method, call.path, call.json["type"]) == ("POST", "/room", "warning")
    assert call.json["title"] == "tag:team=web moved to another level, +€60.00"
    assert call.json["message"].splitlines()[-1] == f"Key: {SAID.key}"


def test_what_is_over_is_good_news() -> None:
    """Its type is success."""
    with web_service() as web:
        said = message(over(alert_of(), now=day(9)))
        notify_apprise.send(said, target=target(f"json://127.0.0.1:{web.port}/"))
    assert (web.calls[0].json["type"], web.calls[0].json["title"][:9]) == ("success", "Resolved:")


def test_a_mail_is_sent_and_a_name_adds_no_header() -> None:
    """Subject and body arrive in HTML; a tag in a name is text, and a line break makes no header."""
    hostile = message(alert_of("we<b>b\r\nBcc: all@evil.example"))
    with mail_service() as mail:
        url = f"mailto://127.0.0.1:{mail.port}?from=finops@here.example&to=team@here.example&mode=insecure"
        notify_apprise.send(hostile, target=target(url, "html"))
    (text,) = mail.messages
    found = email.message_from_string(text, policy=default)
    assert (found["Bcc"], found["To"]) == (None, "team@here.example")
    assert "moved to another level" in found["Subject"]
    body = found.get_body(("html",))
    assert body is not None
    assert "we&lt;b&gt;b" in body.get_content()
    assert SAID.facts[0][1] in body.get_content()


def test_pagerduty_is_given_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """One incident opens and closes by it."""
    sent: list[dict[str, Any]] = []

    def post(*_: object, **given: Any) -> requests.Response:
        content = given.get("data") or given.get("json")
        sent.append(json.loads(content) if isinstance(content, str | bytes) else content)
        answer = requests.Response()
        answer.status_code = requests.codes.accepted
        answer._content = b"{}"
        return answer

    monkeypatch.setattr(requests, "post", post)
    url = f"pagerduty://{'a' * 32}@{'b' * 20}/finops/bill"
    for said in (SAID, message(over(alert_of(), now=day(9)))):
        notify_apprise.send(said, target=target(url))
    assert [one["event_action"] for one in sent] == ["trigger", "resolve"]
    assert {one["dedup_key"] for one in sent} == {SAID.key}


def test_a_service_that_refuses_is_an_error_without_its_address(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """At the most talkative level nothing of the address is logged, printed or in the error."""
    caplog.set_level(logging.DEBUG)
    with web_service() as web:
        web.bodies["/s3cret"] = (500, "s3cret")
        with pytest.raises(NotifyError, match="target chat: it did not take the message") as found:
            notify_apprise.send(SAID, target=target(f"json://user:s3cret@127.0.0.1:{web.port}/s3cret"))
    out = capfd.readouterr()
    assert len(web.calls) == 1
    assert found.value.passing
    assert "s3cret" not in str(found.value) + caplog.text + out.out + out.err
    assert not logging.getLogger("apprise").disabled


@pytest.mark.parametrize(
    "url", ["nothing://s3cret", "", "mailto://", "slack://s3cret", "http://", "json://[s3cret"]
)
def test_an_address_that_apprise_does_not_know_is_not_shown(url: str) -> None:
    """Another try cannot help."""
    with pytest.raises(NotifyError, match="target chat: its address") as found:
        notify_apprise.send(SAID, target=target(url))
    assert not found.value.passing
    assert "s3cret" not in str(found.value)


def test_words_that_look_like_templates_stay_words() -> None:
    """Neither braces nor escapes nor emoji names are read."""
    said = Message("k", "{{ x }}", (("Team", r"a\nb :smile: {{ env }}"),))
    with web_service() as web:
        notify_apprise.send(said, target=target(f"json://127.0.0.1:{web.port}/"))
    assert web.calls[0].json["title"] == "{{ x }}"
    assert web.calls[0].json["message"].splitlines()[0] == r"Team: a\nb :smile: {{ env }}"

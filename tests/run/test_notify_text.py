"""Names of a bill are letters in every kind of text, and people stay unnamed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import markdown
import pytest

from finops_lib.anomaly.alert_words import Message, message
from finops_lib.anomaly.incidents import Incident
from finops_lib.anomaly.lifecycle import opened
from finops_lib.privacy import People
from finops_lib.run.notify_text import FORMATS, bare, body, escaped, harmless, private
from tests.anomaly.odd import day, odd

HOSTILE = '<script>alert(1)</script> [x](http://evil.example) **b** `c` <!channel> @everyone | & "q" https://evil.example'
KEY = b"0123456789abcdef" * 2


def test_html_holds_no_tag_of_a_name() -> None:
    """Angles, quotes and ampersands are entities."""
    found = body(Message("k", "t", (("Team", HOSTILE),)), "html")
    assert "<script" not in found
    assert "<!" not in found
    assert found.count("<b>") == 2
    assert "&lt;script&gt;" in found


def test_markdown_of_a_name_is_read_as_its_letters() -> None:
    """A reader of Markdown makes neither tag, link, bold nor code of it."""
    found = markdown.markdown(body(Message("k", "t", (("Team", HOSTILE),)), "markdown"))
    assert found.count("<strong>") == 2
    assert all(tag not in found for tag in ("<script", "<a ", "<code", "<em", "<!"))
    assert "**b**" in found
    assert "`c`" in found


@pytest.mark.parametrize("kind", FORMATS)
def test_nobody_is_called_and_nothing_becomes_a_link(kind: str) -> None:
    """No kind of text holds @everyone, <!channel> or an address that a chat would link."""
    found = body(Message("k", "t", (("Team", HOSTILE),)), kind)
    assert "@everyone" not in found
    assert "://" not in found
    assert found.endswith(("k", "k</li></ul>"))


def test_a_kind_that_is_none_is_a_mistake() -> None:
    """There are three."""
    with pytest.raises(ValueError, match="one of text, markdown, html"):
        body(Message("k", "t", ()), "rtf")


def test_a_title_is_no_markup_in_any_kind() -> None:
    """It may be shown as HTML or Markdown, and is letters in both."""
    found = bare(HOSTILE)
    assert not set(found) & set("<>[]`*|\\")
    assert "@everyone" not in found
    assert bare("tag:team=web rose, +€60.00") == "tag:team=web rose, +€60.00"


def test_plain_text_keeps_its_letters() -> None:
    """Only calls and links are broken."""
    assert escaped("*a* <b> & c", "text") == "*a* <b> & c"
    assert harmless("a.b") == "a.b"


PERSONAL = odd(
    labels={"tag:owner": "Anna Lee", "tag:team": "web"},
    mid=100,
    causes=[({"tag:created-by": "bob@example.com", "ServiceName": "for carl@example.com"}, 100)],
    evidence=["ask anna@example.com"],
    changes=["merged by bob@example.com"],
)


def test_people_are_not_named() -> None:
    """Neither columns of people nor addresses in free text show who it is; teams and services stay."""
    alert = opened(Incident((PERSONAL,), (PERSONAL,), ("by carl@example.com",)), team="web", now=day(5))
    found = private(alert)
    text = message(found).title + message(found).text + str(found.to_json())
    assert all(name not in text for name in ("Anna", "anna", "bob", "carl", "example.com"))
    assert "tag:team=web" in message(found).title
    assert "tag:owner=[person]" in message(found).title
    assert found.key == alert.key


def test_pseudonyms_that_are_known_are_used(tmp_path: Path) -> None:
    """One that stands in the bill already stays; somebody unknown is added to nothing."""
    people = People.open(tmp_path / "lake", {"FINOPS_PRIVACY_KEY": KEY.decode()})
    (bob,) = people.pseudonyms(["bob@example.com"])
    people.commit()
    alert = opened(
        Incident((replace(PERSONAL, labels={"tag:owner": bob}, series=(bob,)),)), team="web", now=day(5)
    )
    found = private(alert, people=people).incident.lead
    assert (found.labels, found.series) == ({"tag:owner": bob}, (bob,))
    assert found.changes == (f"merged by {bob}",)
    assert found.evidence == ("ask [person]",)
    assert people.pseudonym_of("anna@example.com") is None

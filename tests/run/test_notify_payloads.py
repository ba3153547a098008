"""What a webhook and Jira are sent: shapes, and the key that is the same each time."""

from __future__ import annotations

import json
from dataclasses import replace

from finops_lib.anomaly.alert_words import Message
from finops_lib.anomaly.lifecycle import over
from finops_lib.anomaly.priority import priority
from finops_lib.run.notify_payloads import jira_comment, jira_issue, jira_label, webhook
from tests.anomaly.odd import day
from tests.run.listening import alert_of

HOSTILE = "{code}rm -rf{code} [x|http://evil.example] *b* !img! h1. @all"


def test_a_webhook_has_numbers_as_text_and_the_key() -> None:
    """Amounts are exact decimals; what ends has the same key and another event."""
    alert = alert_of()
    found = webhook(replace(alert, priority=priority(alert.incident, now=day(5))), link="http://x.example")
    assert json.loads(json.dumps(found)) == found
    assert (found["dedup_key"], found["event"], found["link"]) == (alert.key, "trigger", "http://x.example")
    assert found["cost_impact"] == {"low": "54", "mid": "60", "high": "66", "level": 0.8, "unit": "EUR"}
    assert (found["start"], found["cell"], found["team"]) == (
        "2026-07-03T00:00:00Z",
        {"tag:team": "web"},
        "web",
    )
    assert found["priority"] == "441.71"  # chance .981569 x 30 a day x 15 days
    ended = webhook(over(alert, now=day(9)))
    assert (ended["dedup_key"], ended["event"], ended["priority"]) == (alert.key, "resolve", None)


def test_an_issue_has_the_fields_of_jira() -> None:
    """Project, type, a summary that fits, and a label for the key."""
    found = jira_issue(
        Message("ab12", "x" * 400, (("Team", "web"),)), project="OPS", issue_type="Bug", link="http://r"
    )
    fields = found["fields"]
    assert (fields["project"], fields["issuetype"]) == ({"key": "OPS"}, {"name": "Bug"})
    assert (len(fields["summary"]), fields["labels"]) == (250, ["finops", "finops-ab12"])
    assert fields["description"] == "Team: web\n\nhttp://r"


def test_markup_of_jira_in_a_name_is_letters() -> None:
    """No macro, link, image or call is left, in the issue and in a comment."""
    said = Message("k", HOSTILE, (("Team", HOSTILE),))
    for text in (jira_issue(said, project="P")["fields"]["description"], jira_comment(said)["body"]):
        assert "{code}" not in text
        assert "[x" not in text.replace("\\[x", "")
        assert "@all" not in text
        assert "://" not in text


def test_a_label_is_one_word() -> None:
    """Jira splits labels at spaces; a quote would end the search for it."""
    assert jira_label('a b"c-1') == "finops-abc-1"

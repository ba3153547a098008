"""What do other systems take: an alert as a webhook sends it, and as an issue of Jira, with its key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from finops_lib.anomaly.alert_words import Message, message
from finops_lib.anomaly.lifecycle import OVER, Alert
from finops_lib.run.notify_text import harmless

VERSION = "1"
_LONGEST_SUMMARY = 250  # Jira takes 255
_JIRA_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\*_-+^~{}[]|!#?"})


def webhook(alert: Alert, *, link: str = "", again: bool = False) -> dict[str, Any]:
    """What is posted to an address of one's own.

    Parameters
    ----------
    alert : Alert
    again : bool
        It was told before and has grown.
    link : str
        Address of the report that shows it.

    Returns
    -------
    dict
        Amounts are decimal text; ``dedup_key`` is the same for all that is said of one alert, and ``event``
        is ``trigger`` or ``resolve``.
    """
    said, incident = message(alert, again=again), alert.incident
    return {
        "version": VERSION,
        "dedup_key": alert.key,
        "event": event(alert),
        "title": said.title,
        "facts": [{"name": name, "value": value} for name, value in said.facts],
        "team": alert.team,
        "kind": incident.lead.kind,
        "cell": dict(incident.cell),
        "start": f"{incident.start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "cost_impact": incident.impact.to_json(),
        "priority": None if alert.priority is None else str(alert.priority.loss),
        "causes": [cause.to_json() for cause in incident.lead.causes],
        "anomalies": [one.key for one in incident.members],
        "link": link,
    }


def event(alert: Alert) -> str:
    """Whether it comes or goes: ``trigger`` or ``resolve``."""
    return "resolve" if alert.state == OVER else "trigger"


def jira_label(key: str) -> str:
    """Which label finds the issue of an alert again.

    Parameters
    ----------
    key : str
        Of the alert.

    Returns
    -------
    str

    Examples
    --------
    >>> jira_label("0123abcd")
    'finops-0123abcd'
    """
    return f"finops-{''.join(letter for letter in key if letter.isalnum() or letter == '-')}"


def jira_issue(said: Message, *, project: str, issue_type: str = "Task", link: str = "") -> dict[str, Any]:
    r"""What is a new issue in Jira, by its REST API version 2.

    Parameters
    ----------
    said : Message
    project : str
        Key of the project.
    issue_type : str
        Name of the type.
    link : str
        Address of the report that shows it.

    Returns
    -------
    dict
        With a label by which the issue is found again, see `jira_label`.

    Source: https://docs.atlassian.com/software/jira/docs/api/REST/latest/, POST /rest/api/2/issue.

    Examples
    --------
    >>> issue = jira_issue(Message("k1", "Web rose", (("Team", "web*"),)), project="OPS")
    >>> issue["fields"]["labels"], issue["fields"]["description"]
    (['finops', 'finops-k1'], 'Team: web\\*')
    """
    fields: Mapping[str, Any] = {
        "project": {"key": project},
        "issuetype": {"name": issue_type},
        "summary": harmless(said.title)[:_LONGEST_SUMMARY],
        "description": _wiki(said) + (f"\n\n{link}" if link else ""),
        "labels": ["finops", jira_label(said.key)],
    }
    return {"fields": dict(fields)}


def jira_comment(said: Message) -> dict[str, Any]:
    """What is added to an issue that is there already.

    Parameters
    ----------
    said : Message

    Returns
    -------
    dict
    """
    return {"body": f"{_escaped(said.title)}\n\n{_wiki(said)}"}


def _wiki(said: Message) -> str:
    return "\n".join(f"{name}: {_escaped(value)}" for name, value in said.facts)


def _escaped(text: str) -> str:
    """Escape what Jira's own markup takes for more than a letter."""
    return harmless(text).translate(_JIRA_MARKS)

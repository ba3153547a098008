"""How an alert is written: names of a bill made harmless for each kind of text, people not named."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from finops_lib.anomaly.alert_words import Message
from finops_lib.anomaly.incidents import Incident
from finops_lib.anomaly.lifecycle import Alert
from finops_lib.privacy import People, is_person_key, replace_addresses
from finops_lib.records.anomalies import Anomaly, Cause

FORMATS = ("text", "markdown", "html")
_SOMEBODY = "[person]"
_PSEUDONYM = re.compile(r"person-[a-z2-7]{16}(?:; person-[a-z2-7]{16})*")
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>&=])")
_ALIKE = str.maketrans("<>[]`*|\\", "()()'·//")
_BREAK = "\u200b"  # has no width: keeps a name from calling people or becoming a link


def harmless(text: str) -> str:
    r"""What is this text without anything that a chat takes for a call or a link.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> harmless("@all https://a.example") == "@\u200ball https:\u200b//a.example"
    True
    """
    return text.replace("@", f"@{_BREAK}").replace("://", f":{_BREAK}//")


def bare(text: str) -> str:
    """What is this text as a title, which some services show as HTML and others as Markdown or as it is.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Marks that could be read as markup are replaced by letters that look alike.

    Examples
    --------
    >>> bare("<b>[x](y) `z`")
    "(b)(x)(y) 'z'"
    """
    return harmless(text).translate(_ALIKE)


def escaped(text: str, kind: str) -> str:
    r"""What is this text in a kind of text, letter for letter.

    Parameters
    ----------
    text : str
    kind : str
        One of `FORMATS`.

    Returns
    -------
    str

    Examples
    --------
    >>> print(escaped("<b>*a*", "markdown"), escaped("<b>", "html"), escaped("*a*", "text"))
    &lt;b\>\*a\* &lt;b&gt; *a*
    """
    quiet = harmless(text)
    if kind == "html":
        return html.escape(quiet)
    return _MARKS.sub(r"\\\1", quiet).replace("<", "&lt;") if kind == "markdown" else quiet


def body(said: Message, kind: str) -> str:
    """What is written below the title.

    Parameters
    ----------
    said : Message
    kind : str
        One of `FORMATS`.

    Returns
    -------
    str
        A line for each fact; the last one is the key, by which it can be found again.

    Raises
    ------
    ValueError
        There is no such kind.

    Examples
    --------
    >>> print(body(Message("k1", "t", (("Team", "a&b"),)), "html"))
    <ul><li><b>Team</b>: a&amp;b</li><li><b>Key</b>: k1</li></ul>
    """
    facts = [(name, escaped(value, kind)) for name, value in (*said.facts, ("Key", said.key))]
    if kind == "html":
        return f"<ul>{''.join(f'<li><b>{name}</b>: {value}</li>' for name, value in facts)}</ul>"
    if kind == "markdown":
        return "\n".join(f"- **{name}**: {value}" for name, value in facts)
    if kind == "text":
        return "\n".join(f"{name}: {value}" for name, value in facts)
    raise ValueError(f"kind {kind!r}: it is one of {', '.join(FORMATS)}")


class _Known:
    """Gives people the pseudonyms that they have, and all others none; nobody is added."""

    def __init__(self, people: People | None) -> None:
        self._people = people

    def pseudonyms(self, values: Sequence[str]) -> list[str]:
        return [(self._people and self._people.pseudonym_of(value)) or _SOMEBODY for value in values]


def private(alert: Alert, *, people: People | None = None) -> Alert:
    """What is this alert without names or addresses of people.

    Parameters
    ----------
    alert : Alert
    people : People, optional
        Who knows the pseudonyms; without it a person is ``[person]``.

    Returns
    -------
    Alert
        Same key; values of columns that hold people, and every e-mail address, are pseudonyms.
    """
    known = _Known(people)
    incident = alert.incident
    causes = tuple(_private(one, known) for one in incident.causes)
    symptoms = tuple(_private(one, known) for one in incident.symptoms)
    shown = Incident(causes, symptoms, tuple(_free(incident.why, known)))
    return replace(alert, incident=shown)


def _private(one: Anomaly, known: _Known) -> Anomaly:
    labels = _cell(one.labels, known)
    changed = {value: labels[name] for name, value in one.labels.items()}
    return replace(
        one,
        series=tuple(_free([changed.get(step, step) for step in one.series], known)),
        labels=labels,
        causes=tuple(Cause(_cell(cause.cell, known), cause.amount) for cause in one.causes),
        evidence=tuple(_free(one.evidence, known)),
        changes=tuple(_free(one.changes, known)),
    )


def _cell(cell: Mapping[str, str], known: _Known) -> dict[str, str]:
    return {name: _value(name, value, known) for name, value in cell.items()}


def _value(name: str, value: str, known: _Known) -> str:
    if not is_person_key(name.removeprefix("tag:")):
        return _free([value], known)[0]
    return value if _PSEUDONYM.fullmatch(value) else known.pseudonyms([value])[0]


def _free(texts: Sequence[str], known: _Known) -> list[str]:
    return replace_addresses(texts, cast(Any, known))

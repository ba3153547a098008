"""What does an alert say: a title and a few facts with their numbers, in plain text that is not escaped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from finops_lib.anomaly.incidents import Incident
from finops_lib.anomaly.lifecycle import OVER, Alert
from finops_lib.anomaly.quota import Digest
from finops_lib.records import Record, content_id
from finops_lib.units import money_text

_LONGEST = 120  # characters of a name in a text
_SHOWN_CAUSES = 5
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "spike": "rose for a short time",
        "drop": "fell for a short time",
        "level_shift": "moved to another level",
        "ramp": "is growing steadily",
        "new": "is new",
        "vanished": "has vanished",
    }
)


@dataclass(frozen=True)
class Message(Record):
    """An alert in words: ``title``, ``facts`` (name and value), and its ``key``, which is the same each time.

    All of it is plain text; names come from bills, so whoever shows it escapes it.
    """

    key: str
    title: str
    facts: tuple[tuple[str, str], ...]
    resolved: bool = False

    @property
    def text(self) -> str:
        """One line for each fact."""
        return "\n".join(f"{name}: {value}" for name, value in self.facts)


def message(alert: Alert, *, again: bool = False) -> Message:
    """What does this alert say.

    Parameters
    ----------
    alert : Alert
    again : bool
        It was told before and has grown: the title says so, and a fact says what was told.

    Returns
    -------
    Message
        Names are one line each and cut at 120 characters; money carries its currency.
    """
    incident = alert.incident
    resolved = alert.state == OVER
    did = _KINDS.get(incident.lead.kind, plain_line(incident.lead.kind.replace("_", " ")))
    news = "Resolved: " if resolved else "Grown: " if again else ""
    title = f"{news}{place(incident)} {did}, {signed(incident)}"
    facts = [
        *(_told(alert) if again else ()),
        *_when_and_money(incident),
        *_worth(alert),
        *_where(incident),
        *_why(incident),
    ]
    facts.append(("Team", plain_line(alert.team)))
    return Message(alert.key, title, tuple(facts), resolved)


def digest_message(digest: Digest) -> Message:
    """What does a digest say.

    Parameters
    ----------
    digest : Digest

    Returns
    -------
    Message
        Its key is that of the incidents in it.

    Examples
    --------
    >>> from decimal import Decimal
    >>> digest_message(Digest("web", 2, {"EUR": Decimal("12.345")}, ("a", "b"))).title
    '2 smaller incidents of web, €12.34'
    """
    money = ", ".join(money_text(value, currency=unit) for unit, value in sorted(digest.money.items()))
    noun = "incident" if digest.count == 1 else "incidents"
    title = f"{digest.count} smaller {noun} of {plain_line(digest.team)}, {money}"
    key = content_id([digest.team, sorted(digest.keys)])
    return Message(key, title, (("Team", plain_line(digest.team)),))


def plain_line(text: str) -> str:
    r"""How is a name from a bill shown: in one line, without characters that cannot be seen, not too long.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> plain_line("we\u202eb\n shop")
    'we b shop'
    """
    seen = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * _LONGEST])
    line = " ".join(seen.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def place(incident: Incident) -> str:
    """Where is it, in words: columns and values of its cell, or the whole bill.

    Parameters
    ----------
    incident : Incident

    Returns
    -------
    str
    """
    parts = [f"{plain_line(column)}={plain_line(value)}" for column, value in incident.cell.items()]
    return ", ".join(parts) or "The whole bill"


def signed(incident: Incident) -> str:
    """How much is it, with its sign.

    Parameters
    ----------
    incident : Incident

    Returns
    -------
    str
    """
    sign = "+" if incident.impact.mid > 0 else ""
    return f"{sign}{money_text(incident.impact.mid, currency=incident.impact.unit)}"


def _told(alert: Alert) -> list[tuple[str, str]]:
    if alert.size is None or alert.told is None:
        return []
    money = money_text(alert.size.money, currency=alert.size.currency)
    days = f"{alert.size.days} day{'' if alert.size.days == 1 else 's'}"
    return [("Told before", f"{alert.told:%Y-%m-%d} with {money} in {days}")]


def _when_and_money(incident: Incident) -> list[tuple[str, str]]:
    money = incident.impact
    days = f"{incident.days} day{'' if incident.days == 1 else 's'}"
    low, high = (money_text(end, currency=money.unit) for end in (money.low, money.high))
    return [
        ("Since", f"{incident.start:%Y-%m-%d} ({days})"),
        ("Impact", f"{signed(incident)} ({low} to {high} with a chance of {money.level:.0%})"),
    ]


def _worth(alert: Alert) -> list[tuple[str, str]]:
    worth = alert.priority
    if worth is None:
        return []
    daily, loss = (money_text(abs(one), currency=worth.currency) for one in (worth.daily, worth.loss))
    factors = f"chance {worth.chance:.0%} x {daily} a day x {worth.days} days x weight {worth.weight:f}"
    return [("Expected loss", f"{loss} ({factors})")]


def _where(incident: Incident) -> list[tuple[str, str]]:
    causes = sorted(incident.lead.causes, key=lambda one: -abs(one.amount))[:_SHOWN_CAUSES]
    unit = incident.impact.unit
    lines = [
        f"{', '.join(f'{plain_line(k)}={plain_line(v)}' for k, v in one.cell.items()) or 'the rest'}: "
        f"{money_text(one.amount, currency=unit)}"
        for one in causes
    ]
    return [("Comes from", "; ".join(lines))] if lines else []


def _why(incident: Incident) -> list[tuple[str, str]]:
    found = [("Seen", "; ".join(map(plain_line, incident.lead.evidence)))]
    found.append(("Changes near it", "; ".join(map(plain_line, incident.lead.changes))))
    count = len(incident.members)
    found.append(("Anomalies in it", f"{count}" if count > 1 else ""))
    found.append(("Put together because", "; ".join(map(plain_line, incident.why[:_SHOWN_CAUSES]))))
    return [(name, value) for name, value in found if value]

"""The comment on a pull request: the verdict, the findings, what the change costs, what did not run.

Words of the estate are escaped: they make no table cell, link, picture, heading, HTML or code, and notify
nobody.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from finops_lib.policy.check.cost_delta import CostDelta, CostRow
from finops_lib.policy.check.finding import Checked, Finding
from finops_lib.policy.check.words import clean, counted
from finops_lib.records.policy import ALLOW, DENY, NEEDS_APPROVAL
from finops_lib.units import money_text

_LONGEST = 60_000  # characters; forges take 65,536
_MOST_ROWS = 50
_LITERAL = re.compile(r"[^\w ,.;=/()'-]|_")
_BREAK = "&#8203;"  # of no width: what follows it is no mention, no reference, no address
_OUTCOMES = {
    ALLOW: "Policies allow this change",
    NEEDS_APPROVAL: "Policies ask for an approval",
    DENY: "Policies deny this change",
}


def marker(key: str) -> str:
    """By which hidden words is the comment of this check found again, to be replaced and not repeated.

    Parameters
    ----------
    key : str
        What the comment is for; one pull request may have several.

    Examples
    --------
    >>> marker("prod") == marker("prod"), marker("prod")[:18]
    (True, '<!-- finops-check:')
    """
    return f"<!-- finops-check:{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:16]} -->"


def escaped(text: str, *, longest: int = 200) -> str:
    """How does a text of the estate read as literal words within Markdown.

    Parameters
    ----------
    text : str
        Any text, also a hostile one.
    longest : int
        Characters to keep.

    Returns
    -------
    str
        One line, in which every sign that Markdown or HTML could take for more than itself is an entity.

    Examples
    --------
    >>> escaped("@ana: <b> | `x`")
    '&#64;&#8203;ana&#58;&#8203; &#60;b&#62; &#124; &#96;x&#96;'
    """
    words = _LITERAL.sub(_entity, clean(text, longest=longest))
    return re.sub(r"(?i)\b(www|gh)([.-])", rf"\1{_BREAK}\2", words)


def _entity(found: re.Match[str]) -> str:
    sign = found[0]
    return f"&#{ord(sign)};" + (_BREAK if sign in "@#:" else "")


def markdown(checked: Checked, *, key: str = "") -> str:
    """How do the findings read as a comment on the pull request.

    Parameters
    ----------
    checked : Checked
        What the checks said.
    key : str
        What the comment is for, see `marker`.

    Returns
    -------
    str
        Markdown as GitHub and GitLab read it, at most 60,000 characters; what does not fit is counted.
    """
    passed = "passed" if checked.passed else "not passed"
    parts = [
        marker(key),
        f"## FinOps check: {passed}",
        f"{_OUTCOMES[checked.outcome]}. {_counts(checked)}",
        *_findings(checked.findings),
        *_cost(checked.cost),
        *_runs(checked),
    ]
    return "\n\n".join(_fitting(parts)) + "\n"


def _fitting(parts: Iterable[str]) -> Iterator[str]:
    room = _LONGEST
    for part in parts:
        room -= len(part) + 2
        if room < len(_TOO_LONG) + 2:
            yield _TOO_LONG
            return
        yield part


_TOO_LONG = "_The rest does not fit into a comment; the report of the check has it._"


def _counts(checked: Checked) -> str:
    counts = ", ".join(counted(count, level) for level, count in checked.counts.items())
    return f"Found: {counts}."


def _findings(findings: tuple[Finding, ...]) -> Iterator[str]:
    if not findings:
        return
    rows = ["| Level | Rule | Where | What |", "| --- | --- | --- | --- |"]
    rows += [_row(finding) for finding in findings[:_MOST_ROWS]]
    yield "\n".join(rows)
    if len(findings) > _MOST_ROWS:
        yield f"And {counted(len(findings) - _MOST_ROWS, 'finding')} more."


def _row(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    subject = f"{escaped(finding.subject, longest=100)} " if finding.subject else ""
    cells = (finding.level, escaped(finding.rule, longest=60), escaped(place, longest=120))
    return f"| {' | '.join(cells)} | {subject}{escaped(finding.message)} |"


def _cost(cost: CostDelta | None) -> Iterator[str]:
    if cost is None:
        return
    yield "### Cost a month"
    total = [f"{_signed(amount, currency)}" for currency, amount in cost.total.items() if amount]
    most = [
        f"{_signed(amount, currency)} at the most members"
        for currency, amount in cost.total_most.items()
        if amount != cost.total.get(currency)
    ]
    known = ", ".join([*total, *most]) or "No known movement"
    unknown = f"; not known for {counted(cost.unknown, 'resource')}" if cost.unknown else ""
    yield f"{known}{unknown}. List prices of 730 hours, before discounts."
    if cost.rows:
        rows = ["| Resource | Change | Before | After | Difference |", "| --- | --- | ---: | ---: | ---: |"]
        yield "\n".join([*rows, *map(_cost_row, cost.rows[:_MOST_ROWS])])
    if len(cost.rows) > _MOST_ROWS:
        yield f"And {counted(len(cost.rows) - _MOST_ROWS, 'resource')} more."


def _cost_row(row: CostRow) -> str:
    ends = [
        money_text(price.mid, currency=price.currency) if price else other
        for price, other in (
            (row.before, "" if row.change == "added" else "unknown"),
            (row.after, "" if row.change == "removed" else "unknown"),
        )
    ]
    delta = "unknown" if row.delta is None else _signed(row.delta, row.currency)
    reason = f" ({escaped(row.reason, longest=120)})" if row.reason else ""
    cells = (escaped(row.address, longest=120), row.change, *map(escaped, ends), f"{delta}{reason}")
    return f"| {' | '.join(cells)} |"


def _signed(amount: Decimal, currency: str) -> str:
    text = money_text(amount, currency=currency)
    return escaped(f"+{text}" if amount > 0 else text)


def _runs(checked: Checked) -> Iterator[str]:
    ran = [
        f"- {escaped(one.check)}: {escaped(one.program)} {escaped(one.version)} looked at {one.looked_at}"
        for one in checked.ran
    ]
    left = [
        f"- {escaped(one.check)} **not run**{' and required' if one.required else ''}: {escaped(one.reason)}"
        for one in checked.not_run[:_MOST_ROWS]
    ]
    if len(checked.not_run) > _MOST_ROWS:
        left.append(f"- and {len(checked.not_run) - _MOST_ROWS} more **not run**")
    lines = "\n".join([*ran, *left]) or "- no check ran"
    yield f"<details><summary>What ran</summary>\n\n{lines}\n\n</details>"

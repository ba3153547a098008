"""The findings as lines of a terminal, in the form that editors jump from: ``file:line: level``."""

from __future__ import annotations

from collections.abc import Iterator

from finops_lib.policy.check.finding import Checked, Finding
from finops_lib.policy.check.words import clean, counted
from finops_lib.units import money_text


def text(checked: Checked) -> str:
    """How do the findings read in a terminal.

    Parameters
    ----------
    checked : Checked
        What the checks said.

    Returns
    -------
    str
        A line a finding, then the cost, what did not run, and the outcome; no control characters.

    Examples
    --------
    >>> from finops_lib.policy.check.finding import Finding, Part, Ran, checked
    >>> one = Finding("secrets", "secrets/aws", "error", "revoke it", "a.tf", 3)
    >>> print(text(checked([Part((one,), (Ran("secrets", "x", "1", 2),))], verdicts=[])))
    a.tf:3: error: revoke it [secrets/aws]
    not passed: 1 error, 0 warnings, 0 notes; policies: allow
    """
    counts = ", ".join(counted(count, level) for level, count in checked.counts.items())
    passed = "passed" if checked.passed else "not passed"
    outcome = checked.outcome.replace("_", " ")
    lines = [*map(_line, checked.findings), *_cost(checked), *_left_out(checked)]
    return "\n".join([*lines, f"{passed}: {counts}; policies: {outcome}"])


def _line(finding: Finding) -> str:
    file = clean(finding.file, longest=500) or "-"
    place = f"{file}:{finding.line}" if finding.line else file
    subject = f"{clean(finding.subject, longest=200)}: " if finding.subject else ""
    return f"{place}: {finding.level}: {subject}{clean(finding.message)} [{clean(finding.rule, longest=100)}]"


def _cost(checked: Checked) -> Iterator[str]:
    if checked.cost is None:
        return
    for currency, amount in checked.cost.total.items():
        most = checked.cost.total_most.get(currency, amount)
        more = f" ({money_text(most, currency=currency)} at the most members)" if most != amount else ""
        yield f"cost a month: {money_text(amount, currency=currency)}{more}"
    if checked.cost.unknown:
        yield f"cost a month: not known for {counted(checked.cost.unknown, 'resource')}"


def _left_out(checked: Checked) -> Iterator[str]:
    for left in checked.not_run:
        required = " (required)" if left.required else ""
        yield f"not run{required}: {clean(left.check, longest=60)}: {clean(left.reason)}"

"""What the checks of a change said, as the reports are given it: ordinary and hostile."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops_lib.policy.check.cost_delta import CostDelta, CostRow
from finops_lib.policy.check.finding import Checked, Finding, NotRun, Part, Ran, checked
from finops_lib.policy.check.pricing import Monthly
from finops_lib.records import Verdict

HOSTILE = (
    "| @ana `x` <script>alert(1)</script> [a](http://e.example) ![](//e.example/p.png) "
    "\x1b[31m\u202e\x00\n# h"
)


def month(amount: int) -> Monthly:
    """Make a price of a month."""
    return Monthly(Decimal(amount), Decimal(amount), Decimal(amount), "USD", "1 x m5.large")


@pytest.fixture
def ordinary() -> Checked:
    """Make two errors alike but for their line, a warning, a movement of cost, and checks left out."""
    bucket = Finding("policy", "SEC-001", "error", "not encrypted", "a/main.tf", 9, "a:aws_s3_bucket.logs")
    again = Finding("policy", "SEC-001", "error", "not encrypted", "a/main.tf", 30, "a:aws_s3_bucket.logs")
    form = Finding("terraform", "terraform/fmt", "warning", "not in canonical form", "a/main.tf", 2)
    rows = (
        CostRow("a:web", "changed", "a/main.tf", 1, month(100), month(150), Decimal(50), Decimal(80), "USD"),
        CostRow("a:old", "removed", "a/main.tf", 5, month(20), None, Decimal(-20), Decimal(-20), "USD"),
        CostRow("a:new", "added", "a/main.tf", 7, None, None, None, None, "", "after: no price"),
    )
    cost = CostDelta(rows, {"USD": Decimal(30)}, {"USD": Decimal(60)}, 1)
    verdict = Verdict("deny", (), (), (), (), "ab", "cd", "regorus", "2026-11-26T10:00:00Z")
    parts = [
        Part((bucket, again), (Ran("policy", "regorus", "abab", 3),)),
        Part((form,), (Ran("terraform", "terraform", "1.11.4", 1),)),
        Part(not_run=(NotRun("secrets", "too slow", required=True), NotRun("terraform", "a: no provider"))),
    ]
    return checked(parts, verdicts=[verdict], cost=cost)


@pytest.fixture
def hostile() -> Checked:
    """Make every text of it hostile."""
    finding = Finding(HOSTILE, HOSTILE, "error", HOSTILE, HOSTILE, 1, HOSTILE)
    row = CostRow(HOSTILE, "added", HOSTILE, 1, None, None, None, None, "", HOSTILE)
    part = Part((finding,), (Ran(HOSTILE, HOSTILE, HOSTILE, 1),), (NotRun(HOSTILE, HOSTILE),))
    return checked([part], verdicts=[], cost=CostDelta((row,), {}, {}, 1))


@pytest.fixture
def clean_one() -> Checked:
    """Make a change without a finding."""
    return checked([Part(ran=(Ran("secrets", "detect-secrets", "1.5", 2),))], verdicts=[])


@pytest.fixture
def many() -> Checked:
    """Make 6,000 notes."""
    notes = tuple(Finding("policy", "TAG-001", "note", "x" * 300, f"{n:05d}.tf", 1) for n in range(6_000))
    return checked([Part(notes, (Ran("policy", "regorus", "abab", 1),))], verdicts=[])

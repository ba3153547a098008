"""What the terminal shows."""

from __future__ import annotations

from finops_lib.policy.check.finding import Checked
from finops_lib.policy.check.text import text


def test_every_part_has_its_line(ordinary: Checked) -> None:
    """Findings, cost, what did not run, the outcome."""
    assert text(ordinary).splitlines() == [
        "a/main.tf:9: error: a:aws_s3_bucket.logs: not encrypted [SEC-001]",
        "a/main.tf:30: error: a:aws_s3_bucket.logs: not encrypted [SEC-001]",
        "a/main.tf:2: warning: not in canonical form [terraform/fmt]",
        "cost a month: $30.00 ($60.00 at the most members)",
        "cost a month: not known for 1 resource",
        "not run (required): secrets: too slow",
        "not run: terraform: a: no provider",
        "not passed: 2 errors, 1 warning, 0 notes; policies: deny",
    ]


def test_hostile_words_cannot_steer_a_terminal(hostile: Checked) -> None:
    """One line each, without a control character."""
    shown = text(hostile)
    assert len(shown.splitlines()) == 4
    assert not any(mark < " " or mark == "\u202e" for mark in shown.replace("\n", ""))

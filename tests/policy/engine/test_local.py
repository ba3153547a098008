"""Rego in this very process: the same answers as from a child, errors as answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from finops_lib.errors import PolicyError
from finops_lib.policy.engine.limited import LimitedEngine
from finops_lib.policy.engine.local import LocalEngine
from tests.policy.bundles import small

INPUTS = [
    b"{}",
    b'{"resource": {"address": "a", "tags": {"team": "x"}}}',
    b'{"resource": {"address": "a", "tags": {}}}',
]


def test_it_answers_as_a_child_does(tmp_path: Path) -> None:
    """Word by word."""
    bundle = small(tmp_path)
    limited = LimitedEngine(bundle)
    assert LocalEngine(bundle).answers(INPUTS) == limited.answers(INPUTS)
    assert LocalEngine(bundle).name == limited.name
    limited.close()


def test_undefined_and_long_answers_are_errors(tmp_path: Path) -> None:
    """One of two million letters is not taken."""
    head = "package finops.main\nimport rego.v1\n"
    long = head + 'decision := concat("", ["xxxxxxxxxx" | some _ in numbers.range(1, 200000)])'
    for text, rule in (
        (head + "decision := 1 if input.a", "it is undefined"),
        (long, "it has at most 1,048,576"),
    ):
        [said] = LocalEngine(replace(small(tmp_path), modules={"main.rego": text})).answers([b"{}"])
        assert isinstance(said, PolicyError)
        assert said.rule.startswith(rule)

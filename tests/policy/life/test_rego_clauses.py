"""A module falls into clauses, and a clause into its head and conditions."""

from __future__ import annotations

from typing import Any

from finops_lib.policy.life.rego_clauses import clauses_of
from tests.policy.small_bundle import MAIN

TEXT = """package a

import rego.v1

default outcome := "deny"

f(x) := 1 if x > 3

outcome := "allow" if {
\tcount({v |
\t\tsome v in input.l
\t}) > 0
\tinput.a ==
\t\tinput.b
\tobject.get(input, "c", 1) == 2 with input.d as 3
} else := "maybe" if { p; q
} else := "no"

deny contains {
\t"reason": "if { else",
} if {
\tevery v in input.l {
\t\tv > 1
\t}
}
a.b.c := true
pi := 3
rest contains
\tx if
\tsome x in input.m
"""
CONDITIONS = [
    "count({v |\n\t\tsome v in input.l\n\t}) > 0",
    "input.a ==\n\t\tinput.b",
    'object.get(input, "c", 1) == 2 with input.d as 3',
]


def parts(text: str) -> list[tuple[Any, ...]]:
    found = clauses_of(text, file="a.rego")
    return [
        (one.name, one.number, one.line, one.last_line, [text[c.start : c.end] for c in one.body])
        for one in found
    ]


def test_every_form_of_clause() -> None:
    """Defaults, functions, else, comprehensions, statements over lines, paths, and rules in one line."""
    assert parts(TEXT) == [
        ("outcome", 1, 5, 5, []),
        ("f", 1, 7, 7, ["x > 3"]),
        ("outcome", 2, 9, 16, CONDITIONS),
        ("outcome", 3, 16, 17, ["p", "q"]),
        ("outcome", 4, 17, 17, []),
        ("deny", 1, 19, 25, ["every v in input.l {\n\t\tv > 1\n\t}"]),
        ("a.b.c", 1, 26, 26, []),
        ("pi", 1, 27, 27, []),
        ("rest", 1, 28, 30, ["some x in input.m"]),
    ]


def test_what_a_clause_says_of_itself() -> None:
    """A default and an else are known as such; a name alone states no value."""
    found = clauses_of("default a := 1\na := 2 if b\nelse := 3\nb if c", file="a.rego")
    assert [(one.default, one.follows, one.conditional, one.valued, one.braced) for one in found] == [
        (True, False, False, True, False),
        (False, False, True, True, False),
        (False, True, False, True, False),
        (False, False, True, False, False),
    ]


def test_the_main_rule_of_the_small_bundle() -> None:
    """The clauses of a whole module, in order."""
    assert [(one.name, one.number) for one in clauses_of(MAIN, file="main.rego")] == [
        ("decision", 1),
        ("decision", 2),
        ("found", 1),
        ("how", 1),
        ("how", 2),
        ("how", 3),
    ]


def test_a_module_with_no_rule_has_no_clause() -> None:
    """Package and imports are none."""
    assert clauses_of("package a\n\nimport rego.v1\n", file="a.rego") == ()

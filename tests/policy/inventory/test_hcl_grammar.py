"""Expressions as the grammar of python-hcl2 gives them, in our words."""

from __future__ import annotations

import pytest

from finops_lib.policy.inventory.hcl_file import parse
from finops_lib.policy.inventory.hcl_grammar import grammar, line_of, meaning
from finops_lib.policy.inventory.hcl_nodes import (
    Body,
    Call,
    Choice,
    Items,
    Literal,
    Node,
    Opaque,
    Operation,
    Pairs,
    Reference,
    Template,
)


def node(text: str) -> Node:
    body = parse(f"x = {text}\n".encode(), file="a.tf")
    assert isinstance(body, Body), body
    return body.attributes["x"].value


A, ONE = Reference("a", ()), Literal(1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12", Literal(12)),
        ("-1.5", Literal(-1.5)), ("1e3", Literal(1000)), ("null", Literal(None)),
        ('""', Literal("")), ('"a\\"b"', Literal('a"b')), ("a", A), ("(1)", ONE), ('"${a}"', A),
        ('"p-${a}"', Template(("p-", A))), ("[1, a,]", Items((ONE, A))), ("[\n1\n]", Items((ONE,))),
        ("a.b[0].c", Reference("a", ("b", 0, "c"))), ("a.0", Reference("a", (0,))),
        ('a["k"]', Reference("a", (Literal("k"),))),
        ("a[1 + 1]", Reference("a", (Operation("+", ONE, ONE),))),
        ("f(1)[0]", Reference(Call("f", (ONE,), False), (0,))), ("f()", Call("f", (), False)),
        ("f(a...)", Call("f", (A,), True)), ("p::q::f(1)", Call("p::q::f", (ONE,), False)),
        ("a ? 1 : 2", Choice(A, ONE, Literal(2))),
        ("!a", Operation("!", None, A)), ("-a", Operation("-", None, A)),
        ("1 - 1", Operation("-", ONE, ONE)), ("1 # c\n  + 1", Operation("+", ONE, ONE)),
        ("a == 1 && a", Operation("&&", Operation("==", A, ONE), A)),
        ("<<E\np-${a}\nE", Template(("p-", A, "\n"))), ("<<E\n%{ if a }b%{ endif }\nE", Template(
            (Opaque("%{...}", ()), "b", Opaque("%{...}", ()), "\n"))),
        ("a.b[*].c", Opaque("...", (Reference("a", ("b",)), Opaque("...", ())))),
    ],
)  # fmt: skip
def test_each_form_has_its_word(text: str, found: Node) -> None:
    """Precedence, calls, steps and templates."""
    assert node(text) == found


def test_keys_of_objects_are_texts_unless_in_brackets() -> None:
    """A bare word is a text, also where it is a word of the language; each pair knows its line."""
    found = node('{\n a = 1\n "b" : 1, in = 1\n (a) = 1\n true = 1 }')
    assert found == Pairs(
        (
            (Literal("a"), ONE, 2),
            (Literal("b"), ONE, 3),
            (Literal("in"), ONE, 3),
            (A, ONE, 4),
            (Literal("true"), ONE, 5),
        )
    )


def test_what_a_loop_refers_to_is_kept() -> None:
    """The list that it goes over, for links."""
    found = node("[for x in aws_s3_bucket.a : x.id]")
    assert isinstance(found, Opaque)
    assert Reference("aws_s3_bucket", ("a",)) in [
        inner for one in found.inner for inner in getattr(one, "inner", ())
    ]


def test_lines_are_those_of_the_first_token() -> None:
    """A tree without tokens has none."""
    [attribute] = meaning(grammar().parse("\n\nx = 1\n").children[0])
    assert (line_of(attribute), line_of(meaning(attribute)[1]), line_of(None)) == (3, 3, 0)

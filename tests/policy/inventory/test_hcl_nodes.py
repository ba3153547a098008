"""An expression can be written back in short, and gives what stands in it."""

from __future__ import annotations

import pytest

from finops_lib.policy.inventory.hcl_file import parse
from finops_lib.policy.inventory.hcl_nodes import Body, Node, Reference, within, written


def node(text: str) -> Node:
    body = parse(f"x = {text}".encode(), file="a.tf")
    assert isinstance(body, Body)
    return body.attributes["x"].value


@pytest.mark.parametrize(
    "text",
    [
        '"a"', "-2", "true", "null", "[1, 2]",
        '{"a" = 1}', 'var.a["k"][0].b', "f(1, var.a...)", "a.b ? 1 : 2",
        "a.b + 1", "!a.b", '"p-${var.a}-q"',
    ],
)  # fmt: skip
def test_an_expression_is_written_as_it_was(text: str) -> None:
    """What is read and written back is the same text, in the plain spacing used here."""
    assert written(node(text)) == text


def test_what_is_not_worked_out_is_written_as_its_kind() -> None:
    """A loop keeps its place, not its words."""
    assert written(node("[for x in var.y : x.z]")) == "[for ...]"
    assert written(node("{ for k, v in var.y : k => v }")) == "{for ...}"


def test_what_is_reached_from_an_expression_stands_in_brackets() -> None:
    """A result of a function has no name."""
    assert written(node("f(1)[0].a")) == "(f(1))[0].a"


@pytest.mark.parametrize(
    ("text", "roots"),
    [
        ("[a.b, c.d]", ["a", "c"]), ('"${a.b}-x"', ["a"]), ("{(a.b) = c.d}", ["a", "c"]), ("f(a.b)", ["a"]),
        ("a.b ? c.d : e.f", ["a", "c", "e"]), ("a.b + c.d", ["a", "c"]), ("!a.b", ["a"]), ("z.y[a.b]", ["a"]),
        ("f(1)[a.b]", ["f", "a"]), ("1", []),
    ],
)  # fmt: skip
def test_what_stands_in_an_expression_is_found(text: str, roots: list[str]) -> None:
    """Each part once, in order."""
    found = [
        one.root if isinstance(one, Reference) else getattr(one, "name", "") for one in within(node(text))
    ]
    assert [root for root in found if root] == roots

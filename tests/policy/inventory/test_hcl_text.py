"""Texts of HCL: escapes, heredocs, and where their templates end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.policy.inventory.hcl_nodes import Literal, Reference, Template
from finops_lib.policy.inventory.hcl_text import heredoc, joined, plain

VAR = Reference("var", ("a",))


@pytest.mark.parametrize(
    ("token", "text"),
    [
        (r"a\n\r\t\"\\", 'a\n\r\t"\\'), (r"\u00e9\U0001F69A", "é🚚"),
        (r"\ud800", "\ufffd"), (r"\UFFFFFFFF", "\ufffd"),
        ("$${x}", "${x}"), ("%%{x}", "%{x}"), (r"\q", "q"), ("$5", "$5"),
    ],
)  # fmt: skip
def test_escapes_become_their_characters(token: str, text: str) -> None:
    """A doubled opening is a text, an impossible character the sign for one."""
    assert plain(token) == text


@given(st.text(st.characters(exclude_characters='\\$%"', exclude_categories=("Cs",))))
def test_a_text_without_escapes_is_itself(text: str) -> None:
    """Nothing else is changed."""
    assert plain(text) == text


def test_pieces_are_joined() -> None:
    """Texts that touch become one; an expression alone is itself in quotes, but not in a heredoc."""
    assert joined([]) == Literal("")
    assert joined(["a", Literal("b"), VAR, "c"]) == Template(("ab", VAR, "c"))
    assert joined([VAR]) == VAR
    assert joined([VAR], unwrap=False) == Template((VAR,))


def test_a_heredoc_keeps_its_lines_and_loses_its_margin_only_with_a_dash() -> None:
    """The least margin of all lines is taken off; blank lines do not count."""
    assert heredoc("<<A\n  a\n b\nA\n") == [("text", "  a\n b\n")]
    assert heredoc("<<-A\n  a\n\n b\n A\n") == [("text", " a\n\nb\n")]
    assert heredoc("<<A\r\na\r\nA\r\n") == [("text", "a\n")]
    assert heredoc("<<A\nA\n") == []


def test_templates_of_a_heredoc_end_where_their_brace_closes() -> None:
    """Braces in quotes and in each other do not end them; a doubled opening starts none."""
    assert heredoc('<<A\n${f("}", {a = "${b}"})}$${c}\nA\n') == [
        ("code", 'f("}", {a = "${b}"})'), ("text", "${c}\n"),
    ]  # fmt: skip
    assert heredoc("<<A\n%{ if a ~}x%{ endif }\nA\n") == [
        ("directive", " if a "), ("text", "x"), ("directive", " endif "), ("text", "\n"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("<<A\nx\nA \ny\nA\n", "the end of a heredoc is not certain"),
        ("<<A\n${b\nA\n", "a template in a heredoc is not closed"),
        ('<<A\n${"b}\nA\n', "a text in a heredoc's template is not closed"),
        ("<<A\n${" + "{" * 30 + "\nA\n", "a template in a heredoc is nested too deeply"),
    ],
)
def test_a_heredoc_that_two_readers_could_end_elsewhere_is_refused(token: str, said: str) -> None:
    """Terraform ends it at a marker with blanks behind it, and not within a template."""
    with pytest.raises(ValueError, match=said):
        heredoc(token)

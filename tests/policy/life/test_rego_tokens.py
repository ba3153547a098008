"""Rego in pieces: what stands in comments and texts is no sign."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.errors import PolicyError
from finops_lib.policy.life.rego_tokens import LARGEST_TEXT, tokens_of


def pieces(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens_of(text, file="a.rego")]


def test_each_kind_of_piece() -> None:
    """Texts with escapes, raw texts over lines, numbers with a point, comments left out."""
    text = 'a := "b\\"<#" # c "d\ne != `f\n"` ; g <= 1.5e3'
    assert pieces(text) == [
        ("name", "a"),
        ("sign", ":="),
        ("text", '"b\\"<#"'),
        ("name", "e"),
        ("sign", "!="),
        ("raw", '`f\n"`'),
        ("sign", ";"),
        ("name", "g"),
        ("sign", "<="),
        ("number", "1.5e3"),
    ]


def test_places_lines_and_depth() -> None:
    """Each piece knows its line, the brackets around it and whether its line starts with it."""
    found = {token.text: token for token in tokens_of("a {\n  b(`x\ny`, c)\n}", file="a.rego")}
    assert [(found[name].line, found[name].depth, found[name].first) for name in "abc"] == [
        (1, 0, True),
        (2, 1, True),
        (3, 2, False),
    ]
    assert (found["{"].depth, found["}"].depth) == (0, 0)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a\nb ~ c", r"a.rego, line 2: '~ c': it is a piece of Rego"),
        ('a := "b', r"it is a piece of Rego"),
        ("a := `b", r"it is a piece of Rego"),
        ("a )", r"a.rego, line 1: '\)': brackets fit"),
        ("a ((", r"a.rego: 2 brackets are open at its end"),
        (" " * (LARGEST_TEXT + 1), "it has at most 1048576"),
    ],
)
def test_what_is_no_rego_is_refused(text: str, fault: str) -> None:
    """The line is named."""
    with pytest.raises(PolicyError, match=fault):
        tokens_of(text, file="a.rego")


@given(st.lists(st.sampled_from(["a", "==", '"b c"', "1", "# d\n", "`e`", "\n", "{", "}", " "]), max_size=20))
def test_pieces_stand_where_they_say(parts: list[str]) -> None:
    """The text at the place of a piece is the piece, and its line is the count of breaks before it."""
    text = " ".join(parts)
    try:
        found = tokens_of(text, file="a.rego")
    except PolicyError as error:
        assert "brackets" in str(error)
        return
    for token in found:
        assert text[token.start : token.end] == token.text
        assert token.line == text.count("\n", 0, token.start) + 1

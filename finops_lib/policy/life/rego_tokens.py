"""What does a Rego text consist of: comments, texts, numbers, names and signs, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from finops_lib.errors import PolicyError

COMMENT, TEXT, RAW, NUMBER, NAME, SIGN, SPACE = "comment", "text", "raw", "number", "name", "sign", "space"
LARGEST_TEXT = 1 << 20  # characters
OPENING, CLOSING = frozenset("([{"), frozenset(")]}")
_PARTS = (
    (COMMENT, r"#[^\n]*"),
    (TEXT, r'"(?:[^"\\\n]|\\[^\n])*"'),
    (RAW, r"`[^`]*`"),
    (NUMBER, r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"),
    (NAME, r"[A-Za-z_][A-Za-z0-9_]*"),
    (SIGN, r":=|==|!=|<=|>=|[-+*/%&|<>=:,;.(){}\[\]]"),
    (SPACE, r"[ \t\r\n]+"),
)
_TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PARTS), re.ASCII)


@dataclass(frozen=True)
class Token:
    """One piece of a text: where it starts, in characters, and its line from 1.

    ``depth`` counts the brackets that are open around it; a bracket itself has the depth of what is outside.
    """

    kind: str
    text: str
    start: int
    line: int
    depth: int
    first: bool  # nothing but space stands before it on its line

    @property
    def end(self) -> int:
        """Where the next piece starts."""
        return self.start + len(self.text)


def tokens_of(text: str, *, file: str) -> tuple[Token, ...]:
    """Which pieces has this Rego text, without space and comments.

    Parameters
    ----------
    text : str
        A module.
    file : str
        Its path, for errors.

    Returns
    -------
    tuple of Token

    Raises
    ------
    PolicyError
        It is too long, has a sign that Rego does not have, or its brackets do not close.

    Examples
    --------
    >>> [token.text for token in tokens_of('a := "<" # <', file="a.rego")]
    ['a', ':=', '"<"']
    """
    if len(text) > LARGEST_TEXT:
        raise PolicyError(f"{file}: {len(text)} characters", f"it has at most {LARGEST_TEXT}", "cut it up")
    found: list[Token] = []
    place, line, depth, first = 0, 1, 0, True
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            said = f"{file}, line {line}: {text[place : place + 20]!r}"
            raise PolicyError(said, "it is a piece of Rego", "correct the policy")
        kind, piece = str(match.lastgroup), match.group()
        if kind == SIGN and piece in CLOSING:
            depth -= 1
        if kind not in {SPACE, COMMENT}:
            found.append(Token(kind, piece, place, line, depth, first))
        depth += kind == SIGN and piece in OPENING
        if depth < 0:
            raise PolicyError(f"{file}, line {line}: {piece!r}", "brackets fit", "open it, or take it out")
        first = "\n" in piece if kind == SPACE and "\n" in piece else first and kind == SPACE
        line += piece.count("\n")
        place = match.end()
    if depth:
        raise PolicyError(f"{file}: {depth} brackets are open at its end", "brackets fit", "close them")
    return tuple(found)

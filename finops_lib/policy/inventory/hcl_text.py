"""What does a text in HCL say: escapes, heredocs and the pieces of a template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from finops_lib.policy.inventory.hcl_nodes import Literal, Node, Template

TEXT, CODE, DIRECTIVE = "text", "code", "directive"
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t"}
_OPENING = re.compile(r"\$\$\{|%%\{|\$\{|%\{")
_INSIDE = re.compile(r'[{}"]')
_IN_QUOTES = re.compile(r'\\.|\$\$\{|\$\{|"', re.DOTALL)
_LARGEST_CODE = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_DEEPEST = 20


def plain(token: str) -> str:
    r"""Which text do these characters between quotes stand for.

    Parameters
    ----------
    token : str
        Without ``${``, unless it is doubled: ``$${`` is the text ``${``.

    Returns
    -------
    str

    Examples
    --------
    >>> plain(r"a\tb\"\u00e9"), plain("$${x}")
    ('a\tb"é', '${x}')
    """
    if token.startswith(("$${", "%%{")):
        return token[1:]
    return _ESCAPE.sub(_character, token) if "\\" in token else token


def _character(found: re.Match[str]) -> str:
    word = found[1]
    if len(word) == 1:
        return _PLAIN.get(word, word)
    code = int(word[1:], 16)
    return "\ufffd" if code > _LARGEST_CODE or code in _SURROGATES else chr(code)


def joined(parts: Sequence[str | Node], *, unwrap: bool = True) -> Node:
    """Which expression are these pieces of a text.

    Parameters
    ----------
    parts : sequence of str or Node
        In order.
    unwrap : bool
        Whether ``"${x}"`` is ``x`` itself, as in a text in quotes.

    Returns
    -------
    Node
        A literal where there is no expression in it.

    Examples
    --------
    >>> joined(["a", "b"]), joined([Literal(1)])
    (Literal(value='ab'), Literal(value=1))
    """
    merged: list[str | Node] = []
    for one in parts:
        part = one.value if isinstance(one, Literal) and isinstance(one.value, str) else one
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    if not merged:
        return Literal("")
    if len(merged) == 1:
        if isinstance(merged[0], str):
            return Literal(merged[0])
        if unwrap:
            return merged[0]
    return Template(tuple(merged))


def heredoc(token: str) -> list[tuple[str, str]]:
    r"""Which pieces does a heredoc have.

    Parameters
    ----------
    token : str
        From ``<<`` to the end of its last line.

    Returns
    -------
    list of (str, str)
        Kind (``text``, ``code`` or ``directive``) and characters.

    Raises
    ------
    ValueError
        A piece is not closed, or the heredoc ends elsewhere for Terraform.

    Examples
    --------
    >>> heredoc("<<-E\n    a ${b}\n      c\n  E\n")
    [('text', 'a '), ('code', 'b'), ('text', '\n  c\n')]
    """
    first, *lines = token.split("\n")
    marker = first.lstrip("<-").strip()
    lines = [line.removesuffix("\r") for line in lines[:-2]]
    if any(line.strip() == marker for line in lines):
        raise ValueError("the end of a heredoc is not certain")
    if first.startswith("<<-"):
        least = min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)
        lines = [line[least:] if line.strip() else "" for line in lines]
    return list(_pieces("".join(f"{line}\n" for line in lines)))


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    start = 0
    held = ""
    while found := _OPENING.search(text, start):
        held += text[start : found.start()]
        if len(found[0]) > len("${"):
            held, start = held + found[0][1:], found.end()
            continue
        end = _closing(text, found.end(), 0)
        if held:
            yield TEXT, held
        held, start = "", end
        yield (CODE if found[0] == "${" else DIRECTIVE), text[found.end() : end - 1].strip("~")
    if held + text[start:]:
        yield TEXT, held + text[start:]


def _closing(text: str, start: int, depth: int) -> int:
    """Place behind the brace that closes what was opened before ``start``."""
    if depth > _DEEPEST:
        raise ValueError("a template in a heredoc is nested too deeply")
    while found := _INSIDE.search(text, start):
        if found[0] == "}":
            return found.end()
        inner = _closing if found[0] == "{" else _unquoted
        start = inner(text, found.end(), depth + 1)
    raise ValueError("a template in a heredoc is not closed")


def _unquoted(text: str, start: int, depth: int) -> int:
    while found := _IN_QUOTES.search(text, start):
        if found[0] == '"':
            return found.end()
        start = _closing(text, found.end(), depth + 1) if found[0] == "${" else found.end()
    raise ValueError("a text in a heredoc's template is not closed")

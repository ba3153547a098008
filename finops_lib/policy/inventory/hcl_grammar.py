"""Which expression is this: from the grammar of python-hcl2 to the words of `hcl_nodes`.

The grammar is read without the positions of every node, which halves the time: a token knows its line.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import hcl2
from hcl2.postlexer import PostLexer
from lark import Lark, Token, Tree
from lark.exceptions import LarkError

from finops_lib.policy.inventory import hcl_text
from finops_lib.policy.inventory.hcl_nodes import (
    Call,
    Choice,
    Items,
    Literal,
    Node,
    Opaque,
    Operation,
    Pairs,
    Reference,
)

DEEPEST = 60  # expressions and blocks in each other
_LONGEST_NUMBER = 40  # digits
_WORDS = {"true": True, "false": False, "null": None}
_OPERATORS = {
    "DOUBLE_EQ": "==", "NEQ": "!=", "LT": "<", "GT": ">", "LEQ": "<=", "GEQ": ">=", "PLUS": "+", "MINUS": "-",
    "ASTERISK": "*", "SLASH": "/", "PERCENT": "%", "DOUBLE_AMP": "&&", "DOUBLE_PIPE": "||",
}  # fmt: skip


class Refused(Exception):  # noqa: N818  caught where files are read: a refusal becomes a fault
    """A file is not read: the line, and why."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@cache
def grammar() -> Lark:
    """Which parser reads HCL; made once, in about a second.

    Returns
    -------
    Lark
    """
    return Lark.open("hcl2.lark", rel_to=str(Path(hcl2.__file__)), parser="lalr", postlex=PostLexer())


def line_of(tree: Any) -> int:
    """On which line does this begin.

    Parameters
    ----------
    tree : Tree or Token
        Of the grammar.

    Returns
    -------
    int
        From 1; 0 where it has no token.
    """
    while isinstance(tree, Tree):
        tree = tree.children[0] if tree.children else None
    return int(tree.line or 0) if isinstance(tree, Token) else 0


def meaning(tree: Any) -> list[Tree[Token]]:
    """Which children say something: no signs, no new lines, no comments.

    Parameters
    ----------
    tree : Tree
        Of the grammar.

    Returns
    -------
    list of Tree
    """
    return [one for one in tree.children if isinstance(one, Tree) and one.data != "new_line_or_comment"]


def _token(tree: Tree[Token]) -> Token:
    first = tree.children[0]
    return first if isinstance(first, Token) else _token(first)


def node(tree: Tree[Token], depth: int) -> Node:
    """Which expression is this.

    Parameters
    ----------
    tree : Tree
        Of the grammar.
    depth : int
        How many blocks and expressions it stands in.

    Returns
    -------
    Node

    Raises
    ------
    Refused
        It is nested too deeply, a number is too large, or where a text ends is not certain.
    """
    if depth > DEEPEST:
        raise Refused(line_of(tree), f"more than {DEEPEST} blocks or expressions in each other")
    return _READERS.get(tree.data, _opaque)(tree, depth)


def _bracketed(tree: Tree[Token], depth: int) -> Node:
    inner = meaning(tree)[0]
    deeper = depth + 1 if isinstance(tree.children[0], Token) else depth
    return node(inner, deeper)


def _number(tree: Tree[Token], _depth: int) -> Node:
    text = str(tree.children[0])
    value = float(text) if tree.data == "float_lit" else 0.0
    if len(text) > _LONGEST_NUMBER or value in {float("inf"), float("-inf")}:
        raise Refused(line_of(tree), f"the number {text[:_LONGEST_NUMBER]}... is too large")
    return Literal(int(text) if tree.data == "int_lit" else int(value) if value.is_integer() else value)


def _string(tree: Tree[Token], depth: int) -> Node:
    parts: list[str | Node] = []
    for part in tree.children[1:-1]:
        inner = part.children[0] if isinstance(part, Tree) else part
        if isinstance(inner, Tree):
            parts.append(node(inner, depth + 1))
            continue
        if "\n" in inner or (inner.type.startswith("ESCAPED") and '"' in inner):
            raise Refused(line_of(inner), "a text goes over a line or hides its end")
        parts.append(hcl_text.plain(str(inner)))
    return hcl_text.joined(parts)


def _interpolation(tree: Tree[Token], depth: int) -> Node:
    return node(meaning(tree)[0], depth)


def _heredoc(tree: Tree[Token], depth: int) -> Node:
    token = _token(tree)
    try:
        pieces = hcl_text.heredoc(str(token))
    except ValueError as error:
        raise Refused(line_of(token), str(error)) from None
    parts: list[str | Node] = []
    for kind, text in pieces:
        code = _inner(text, line_of(token), depth + 1) if kind == hcl_text.CODE else Opaque("%{...}", ())
        parts.append(text if kind == hcl_text.TEXT else code)
    return hcl_text.joined(parts, unwrap=False)


def _inner(text: str, line: int, depth: int) -> Node:
    try:
        found = grammar().parse(f"x = ({text}\n)\n")
        [attribute] = meaning(found.children[0])
        return node(meaning(attribute)[1], depth)
    except (LarkError, ValueError, IndexError):
        raise Refused(line, "a template in a heredoc cannot be read") from None


def _tuple(tree: Tree[Token], depth: int) -> Node:
    return Items(tuple(node(one, depth + 1) for one in meaning(tree)))


def _object(tree: Tree[Token], depth: int) -> Node:
    pairs = []
    for element in meaning(tree):
        key, value = meaning(element)
        pairs.append((_key(key, depth + 1), node(value, depth + 1), line_of(key)))
    return Pairs(tuple(pairs))


def _key(tree: Tree[Token], depth: int) -> Node:
    """Key of an object: a bare word is a text, what stands in round brackets is worked out."""
    word: Tree[Token] | Token = tree
    while isinstance(word, Tree) and len(word.children) == 1:
        if word.data in {"identifier", "keyword", "literal_value"}:
            return Literal(str(word.children[0]))
        word = word.children[0]
    return node(meaning(tree)[0], depth)


def _identifier(tree: Tree[Token], _depth: int) -> Node:
    return Reference(str(tree.children[0]), ())


def _literal(tree: Tree[Token], _depth: int) -> Node:
    return Literal(_WORDS[str(tree.children[0])])


def _reach(tree: Tree[Token], depth: int) -> Node:
    """A chain of steps, read from its end without recursion: chains may be long."""
    steps: list[str | int | Node] = []
    while tree.data in {"get_attr_expr_term", "index_expr_term"}:
        base, step = meaning(tree)
        steps.append(_one_step(step, depth))
        if len(steps) > DEEPEST:
            raise Refused(line_of(tree), f"more than {DEEPEST} steps on end")
        tree = base
        while tree.data == "expr_term" and len(tree.children) == 1 and isinstance(tree.children[0], Tree):
            tree = tree.children[0]
    root = node(tree, depth + 1)
    behind = tuple(reversed(steps))
    if isinstance(root, Reference):
        return Reference(root.root, root.steps + behind)
    return Reference(root, behind)


def _one_step(step: Tree[Token], depth: int) -> str | int | Node:
    if step.data == "get_attr":
        return str(meaning(step)[0].children[0])
    if step.data == "short_index":
        return int(str(step.children[-1])[:_LONGEST_NUMBER])
    index = node(meaning(step)[0], depth + 1)
    return index.value if isinstance(index, Literal) and type(index.value) is int else index


def _call(tree: Tree[Token], depth: int) -> Node:
    names = [str(one.children[0]) for one in meaning(tree) if one.data == "identifier"]
    given = [one for one in meaning(tree) if one.data == "arguments"]
    arguments = tuple(node(one, depth + 1) for one in (meaning(given[0]) if given else ()))
    signs = {one.type for one in given[0].children if isinstance(one, Token)} if given else set()
    return Call("::".join(names), arguments, "ELLIPSIS" in signs)


def _choice(tree: Tree[Token], depth: int) -> Node:
    condition, yes, no = (node(one, depth + 1) for one in meaning(tree))
    return Choice(condition, yes, no)


def _binary(tree: Tree[Token], depth: int) -> Node:
    left, term = meaning(tree)
    operator, right = meaning(term)
    return Operation(_OPERATORS[_token(operator).type], node(left, depth + 1), node(right, depth + 1))


def _unary(tree: Tree[Token], depth: int) -> Node:
    value = node(meaning(tree)[0], depth + 1)
    if tree.children[0] == "-" and isinstance(value, Literal) and type(value.value) in {int, float}:
        return Literal(-value.value)
    return Operation(str(tree.children[0]), None, value)


def _opaque(tree: Tree[Token], depth: int) -> Node:
    """What is not worked out keeps its expressions, for what they refer to."""
    inner = (node(one, depth + 1) for one in meaning(tree) if one.data != "get_attr")
    return Opaque(_KINDS.get(str(tree.data), "..."), tuple(inner))


_KINDS = {"for_tuple_expr": "[for ...]", "for_object_expr": "{for ...}"}
_READERS: dict[str, Callable[[Tree[Token], int], Node]] = {
    "expr_term": _bracketed,
    "int_lit": _number,
    "float_lit": _number,
    "string": _string,
    "interpolation": _interpolation,
    "heredoc_template": _heredoc,
    "heredoc_template_trim": _heredoc,
    "tuple": _tuple,
    "object": _object,
    "identifier": _identifier,
    "literal_value": _literal,
    "get_attr_expr_term": _reach,
    "index_expr_term": _reach,
    "function_call": _call,
    "conditional": _choice,
    "binary_op": _binary,
    "unary_op": _unary,
}

"""Which clauses has a Rego module: each head with the statements under which it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from finops_lib.policy.life.rego_tokens import NAME, SIGN, Token, tokens_of

_HEADERS = frozenset({"package", "import"})
_JOINING = frozenset(":= == != <= >= < > + - * / % & | = , . :".split())
_LEADING = frozenset({"if", "contains", "else", "default", "not", "some", "every", "in", "with", "as"})
_FOLLOWING = frozenset({"if", "contains", "else", "with", "in", "as"})


@dataclass(frozen=True)
class Statement:
    """One condition of a clause."""

    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        """Where it starts, in characters."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.tokens[-1].end


@dataclass(frozen=True)
class Clause:
    """One way in which a rule comes to a value.

    ``start`` and ``end`` enclose its text with its braces, if it is ``braced``; ``follows`` says that it is
    an ``else`` of the clause before it. ``head`` are the tokens before its ``if``; a clause with no statement
    always holds. ``number`` counts the clauses of one name in a file from 1.
    """

    name: str
    number: int
    default: bool
    follows: bool
    head: tuple[Token, ...]
    body: tuple[Statement, ...]
    start: int
    end: int
    line: int
    last_line: int
    braced: bool

    @property
    def conditional(self) -> bool:
        """Whether it holds only sometimes."""
        return bool(self.body)

    @property
    def valued(self) -> bool:
        """Whether the head states a value or a member, not just a name."""
        return any(t.depth == 0 and t.text in {":=", "=", "contains"} for t in self.head)


def clauses_of(text: str, *, file: str) -> tuple[Clause, ...]:
    """Which clauses has this module.

    Parameters
    ----------
    text : str
        Rego v1, with ``if`` and ``contains``.
    file : str
        Its path, for errors.

    Returns
    -------
    tuple of Clause
        In the order of the text.

    Raises
    ------
    PolicyError
        The text does not consist of pieces of Rego.

    Examples
    --------
    >>> text = chr(10).join(["package a", "big if {", " x > 1; not y", "}", "id := 1"])
    >>> [(clause.name, clause.line, len(clause.body)) for clause in clauses_of(text, file="a.rego")]
    [('big', 2, 2), ('id', 5, 0)]
    """
    counts: dict[str, int] = {}
    found = []
    for rule in _rules(tokens_of(text, file=file)):
        default = rule[0].text == "default"
        name = _name(rule[1:] if default else rule)
        for place, tokens in enumerate(_alternatives(rule)):
            counts[name] = counts.get(name, 0) + 1
            found.append(_clause(tokens, name, counts[name], default=default, follows=place > 0))
    return tuple(found)


def _rules(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Cut the module where a name starts a line outside brackets, and nothing before it goes on."""
    rule: list[Token] = []
    for token in tokens:
        starts = token.depth == 0 and token.first and token.kind == NAME and token.text not in _FOLLOWING
        if starts and not (rule and _wants_more(rule[-1])):
            if rule and rule[0].text not in _HEADERS:
                yield rule
            rule = []
        rule.append(token)
    if rule and rule[0].text not in _HEADERS:
        yield rule


def _wants_more(token: Token) -> bool:
    return (token.kind == SIGN and token.text in _JOINING) or token.text in _LEADING


def _name(tokens: Sequence[Token]) -> str:
    name = ""
    for token in tokens:
        if token.depth or not (token.kind == NAME or token.text == ".") or token.text in _FOLLOWING:
            break
        name += token.text
    return name


def _alternatives(rule: Sequence[Token]) -> Iterator[list[Token]]:
    """Cut a rule before each ``else`` of its own."""
    part: list[Token] = []
    for token in rule:
        if token.text == "else" and token.kind == NAME and token.depth == 0 and part:
            yield part
            part = []
        part.append(token)
    yield part


def _clause(tokens: list[Token], name: str, number: int, *, default: bool, follows: bool) -> Clause:
    place = next((i for i, t in enumerate(tokens) if t.depth == 0 and t.text == "if"), len(tokens))
    body = tokens[place + 1 :]
    braced = bool(body) and body[0].text == "{" and _closes(body)
    return Clause(
        name,
        number,
        default,
        follows,
        tuple(tokens[:place]),
        tuple(_statements(body[1:-1] if braced else body)),
        tokens[0].start,
        tokens[-1].end,
        tokens[0].line,
        tokens[-1].line + tokens[-1].text.count("\n"),
        braced,
    )


def _closes(body: Sequence[Token]) -> bool:
    """Whether the brace that opens the body is closed by its last token, and not before."""
    inner = [t for t in body[1:] if t.depth == body[0].depth]
    return len(inner) == 1 and inner[0] is body[-1] and inner[0].text == "}"


def _statements(body: Sequence[Token]) -> Iterator[Statement]:
    depth = body[0].depth if body else 0
    part: list[Token] = []
    for token in body:
        if token.depth == depth and token.text == ";" and token.kind == SIGN:
            if part:
                yield Statement(tuple(part))
            part = []
            continue
        if part and token.first and token.depth == depth and not _goes_on(part[-1], token):
            yield Statement(tuple(part))
            part = []
        part.append(token)
    if part:
        yield Statement(tuple(part))


def _goes_on(before: Token, token: Token) -> bool:
    if token.text in _FOLLOWING or (token.kind == SIGN and (token.text in _JOINING or token.text in ")]}")):
        return True
    return _wants_more(before)

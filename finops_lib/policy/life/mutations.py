"""What could be wrong in a policy and still look right: small changes of its text and of its thresholds.

Signs of comparison and of sums are exchanged, numbers moved by one, truth values turned, ``not`` taken out or
put in, a condition or a whole clause taken out, a default outcome changed, a text changed. Comments are left
alone, and so are sentences (a text with a space), because a case says nothing of the wording.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from finops_lib.policy.life.rego_clauses import Clause, Statement, clauses_of
from finops_lib.policy.life.rego_tokens import NAME, NUMBER, RAW, SIGN, TEXT, Token

DATA = "data.yaml"
THRESHOLDS = "thresholds"
_SIGNS = {
    "==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">",
    "+": "-", "-": "+", "*": "/", "/": "*", "&": "|",
}  # fmt: skip
_WORDS = {"true": "false", "false": "true"}
_OUTCOMES = {"deny": "allow", "allow": "deny", "needs_approval": "allow"}
_NO_CONDITION = frozenset({"some", "every", "not"})


@dataclass(frozen=True)
class Mutation:
    """One change: in the text of a module from ``start`` to ``end``, or of one value in the data.

    ``id`` names it without its line, so that it stays the same while other rules come and go. ``lines`` are
    those in which the change can matter; a case that reaches none of them need not be tried.
    """

    id: str
    file: str
    line: int
    start: int = 0
    end: int = 0
    new: str = ""
    lines: tuple[int, int] = (0, 0)
    path: tuple[str | int, ...] = ()
    value: Any = None

    def text(self, text: str) -> str:
        """Return the text of the module with the change made."""
        return text[: self.start] + self.new + text[self.end :]

    def data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data with the change made; what is not on the way to it is shared."""
        changed: dict[str, Any] = _put(data, self.path, self.value)
        return changed


def _put(found: Any, path: Sequence[str | int], value: Any) -> Any:
    if not path:
        return value
    copy: Any = dict(found) if isinstance(found, Mapping) else list(found)
    copy[path[0]] = _put(found[path[0]], path[1:], value)
    return copy


def mutations_of(text: str, *, file: str) -> tuple[Mutation, ...]:
    """In which small ways can this module be wrong.

    Parameters
    ----------
    text : str
        Rego.
    file : str
        Its path.

    Returns
    -------
    tuple of Mutation
        In the order of the text, each with an id of its own.

    Raises
    ------
    PolicyError
        The text does not consist of pieces of Rego.

    Examples
    --------
    >>> [change.id for change in mutations_of("big if x > 1", file="a.rego")][:3]
    ['a.rego big#1: > to >=', 'a.rego big#1: 1 to 2', 'a.rego big#1: 1 to 0']
    """
    clauses = clauses_of(text, file=file)
    found = [change for place in range(len(clauses)) for change in _of_clause(text, file, clauses, place)]
    return tuple(_told_apart(found))


def _told_apart(found: Sequence[Mutation]) -> Iterator[Mutation]:
    counts: dict[str, int] = {}
    for change in found:
        counts[change.id] = counts.get(change.id, 0) + 1
        number = counts[change.id]
        yield replace(change, id=f"{change.id} ({number})") if number > 1 else change


def _of_clause(text: str, file: str, clauses: Sequence[Clause], place: int) -> Iterator[Mutation]:
    clause = clauses[place]
    name = f"{file} {clause.name}#{clause.number}"
    whole = (clause.line, clause.last_line)
    parts = [(clause.head, whole)] + [(part.tokens, _lines(part)) for part in clause.body]
    for tokens, lines in parts:
        for token in tokens:
            for new in _instead(token, default=clause.default):
                said = f"{name}: {_short(token.text)} to {_short(new)}" if new else f"{name}: drop not"
                yield Mutation(said, file, token.line, token.start, token.end, new, lines)
    for part in clause.body:
        held = _short(text[part.start : part.end])
        if part.tokens[0].text not in _NO_CONDITION and not any(t.text == ":=" for t in part.tokens):
            yield _edit(name, f"not {held}", file, part, f"not {text[part.start : part.end]}")
        yield _edit(name, f"drop {held}", file, part, "true" if len(clause.body) == 1 else _gap(text, part))
    yield _without(text, file, name, clauses, place)


def _instead(token: Token, *, default: bool) -> Iterator[str]:
    """Give what could stand in place of this token; empty for a ``not`` that is taken out."""
    if token.kind == SIGN and token.text in _SIGNS:
        yield _SIGNS[token.text]
    elif token.kind == NAME and token.text in _WORDS:
        yield _WORDS[token.text]
    elif token.kind == NAME and token.text == "not":
        yield ""
    elif token.kind == NUMBER:
        yield from (str(Decimal(token.text) + step) for step in (1, -1))
    elif token.kind in {TEXT, RAW}:
        inner = token.text[1:-1]
        if inner in _OUTCOMES and (default or token.kind == TEXT):
            yield f'"{_OUTCOMES[inner]}"'
        elif " " not in inner:
            yield f"{token.text[:-1]}~{token.text[-1]}"


def _lines(part: Statement) -> tuple[int, int]:
    return part.tokens[0].line, part.tokens[-1].line


def _edit(name: str, what: str, file: str, part: Statement, new: str) -> Mutation:
    lines = _lines(part)
    return Mutation(f"{name}: {what}", file, lines[0], part.start, part.end, new, lines)


def _gap(text: str, part: Statement) -> str:
    """Keep the lines where they are; a statement beside others on a line leaves its sign of separation."""
    return "true" if ";" in text[part.end : part.end + 2] else "\n" * text.count("\n", part.start, part.end)


def _without(text: str, file: str, name: str, clauses: Sequence[Clause], place: int) -> Mutation:
    """Take out the clause, and every ``else`` that would be left alone."""
    clause, last = clauses[place], place
    while not clause.follows and last + 1 < len(clauses) and clauses[last + 1].follows:
        last += 1
    end = clauses[last].end
    new = "\n" * text.count("\n", clause.start, end)
    lines = (clause.line, clauses[last].last_line)
    return Mutation(f"{name}: drop the clause", file, clause.line, clause.start, end, new, lines)


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 60 else f"{words[:57]}..."  # noqa: PLR2004  # fits a line of a report


def data_mutations(data: Mapping[str, Any], text: str, *, file: str = DATA) -> tuple[Mutation, ...]:
    """In which small ways can the thresholds be wrong.

    Parameters
    ----------
    data : mapping
        Of the bundle; only what stands below ``thresholds`` is changed.
    text : str
        The YAML it was read from, for the lines; empty if there is none.
    file : str
        Its name.

    Returns
    -------
    tuple of Mutation
        A number moved up and down by one of its last figure, a truth value turned.

    Examples
    --------
    >>> [change.value for change in data_mutations({"thresholds": {"share": 0.25, "on": True}}, "")]
    [0.26, 0.24, False]
    """
    places = dict(_places(YAML(typ="rt", pure=True).compose(text), ())) if text.strip() else {}
    found = []
    for path, value in _leaves(data.get(THRESHOLDS, {}), (THRESHOLDS,)):
        for other in _moved(value):
            said = f"{file} {'.'.join(map(str, path))}: {value} to {other}"
            found.append(Mutation(said, file, places.get(path, 0), path=path, value=other))
    return tuple(_told_apart(found))


def _leaves(found: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(found, Mapping):
        for key, value in found.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(found, list):
        for place, value in enumerate(found):
            yield from _leaves(value, (*path, place))
    else:
        yield path, found


def _moved(value: object) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, float):
        exact = Decimal(str(value))
        step = Decimal(1).scaleb(min(int(exact.as_tuple().exponent), 0))
        yield from (float(exact + step), float(exact - step))


def _places(node: Node | None, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], int]]:
    if node is None:
        return
    yield path, node.start_mark.line + 1
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _places(value, (*path, str(key.value)))
    elif isinstance(node, SequenceNode):
        for place, value in enumerate(node.value):
            yield from _places(value, (*path, place))

"""Rego by regorus, on the thread that made it: an answer in JSON, or an error that says where.

Beside `bench` this is the one module that touches regorus. It neither limits time nor memory: see `child`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.metadata import version
from typing import Any, TypeVar

import orjson
import regorus

from finops_lib.errors import PolicyError

QUESTION = "data.finops.main.decision"
_LONGEST_SAID = 500  # characters
_UNDEFINED = '"<undefined>"'
_T = TypeVar("_T")


def engine_name() -> str:
    """Which engine is it, with its version.

    Returns
    -------
    str
        Such as ``regorus 0.13.0``.
    """
    return f"regorus {version('gordon-to-regorus')}"


class Rego:
    r"""Policies and their data, ready for one input after another.

    Parameters
    ----------
    modules : mapping
        Name of a file to its Rego.
    data : str
        A JSON object.

    Raises
    ------
    PolicyError
        A module is no Rego, or the data no such JSON.

    Examples
    --------
    >>> rego = Rego({"main.rego": "package finops.main\ndecision := input.a + 1"}, "{}")
    >>> rego.answer('{"a": 1}')
    '2'
    """

    def __init__(self, modules: Mapping[str, str], data: str) -> None:
        self._thread = threading.get_ident()
        self._modules, self._data = dict(modules), data
        self._engine = self._loaded()

    def answer(self, text: str) -> str:
        """What does the policy decide about this input.

        Parameters
        ----------
        text : str
            A JSON object.

        Returns
        -------
        str
            The decision, JSON.

        Raises
        ------
        PolicyError
            It decides nothing, or fails; or another thread asks.
        """
        if threading.get_ident() != self._thread:
            raise PolicyError(
                "policy engine in process",
                "it answers on the thread that made it",
                "make one for each thread, or let it run in a process of its own",
            )
        try:
            said = guarded(partial(self._asked, text))
        except PolicyError:
            self._engine = self._loaded()  # whatever broke half-way is not asked again
            raise
        if said == _UNDEFINED:
            raise PolicyError(QUESTION, "it is undefined for this input", "give it a default that denies")
        return said

    def _asked(self, text: str) -> str:
        self._engine.set_input_json(text)
        return str(self._engine.eval_rule_as_json(QUESTION))

    def _loaded(self) -> regorus.Engine:
        engine = regorus.Engine()
        for name, source in self._modules.items():
            guarded(partial(engine.add_policy, name, source))
        guarded(partial(engine.add_data_json, self._data))
        return engine


def outline(modules: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    r"""What do these modules define, and which functions do they name.

    Parameters
    ----------
    modules : mapping
        Name of a file to its Rego.

    Returns
    -------
    dict
        For each file: ``package``; ``rules``, the names of its rules; ``ids``, the texts that a rule ``id``
        has; ``names``, every dotted name; ``formats``, the texts that ``sprintf`` is given first.

    Raises
    ------
    PolicyError
        A module is no Rego.

    Examples
    --------
    >>> found = outline({"a.rego": 'package a.b\nid := "A-1"\nlate if time.now_ns() > 1'})["a.rego"]
    >>> found["package"], found["rules"], found["ids"], "time.now_ns" in found["names"]
    ('a.b', ['id', 'late'], ['A-1'], True)
    """
    found = {}
    for name, source in modules.items():
        engine = regorus.Engine()
        guarded(partial(engine.add_policy, name, source))
        [parsed] = orjson.loads(guarded(engine.get_ast_as_json))
        found[name] = _facts(parsed["ast"])
    return found


def guarded(work: Callable[[], _T]) -> _T:
    """Let the engine work; whatever breaks it, a panic too, is a `PolicyError`.

    Parameters
    ----------
    work : callable
        Without arguments.

    Raises
    ------
    PolicyError
        With the end of what the engine said.
    """
    try:
        return work()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  # a panic of the engine is no Exception
        said = " ".join(str(error).partition("Stack backtrace")[0].split())
        raise PolicyError(
            f"policy engine: {said[-_LONGEST_SAID:] or type(error).__name__}",
            "each policy compiles, and gives an answer to each input",
            "correct the policy that is named",
        ) from None


def _facts(tree: Mapping[str, Any]) -> dict[str, Any]:
    rules = [body for rule in tree["rules"] for body in rule.values()]
    heads = [_head(rule) for rule in rules]
    names = [_dotted(head.get("refr")) for head in heads]
    ids = [
        _text((head.get("assign") or head).get("value"))
        for head, name in zip(heads, names, strict=True)
        if name == "id"
    ]
    nodes = list(_nodes(tree["rules"]))
    said = (
        _dotted(node)
        for kind, node in nodes
        if kind in {"Var", "RefDot", "RefBrack"}
        for node in [{kind: node}]
    )
    formats = (
        _text(node["params"][0])
        for kind, node in nodes
        if kind == "Call" and node["params"] and _dotted(node["fcn"]) == "sprintf"
    )
    return {
        "package": _dotted(tree["package"]["refr"]),
        "rules": sorted(set(names)),
        "ids": ids,
        "names": sorted(set(said)),
        "formats": sorted(set(formats)),
    }


def _head(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """Find the head of a rule: a default rule is its own."""
    if "head" not in rule:
        return rule
    [head] = rule["head"].values()
    found: Mapping[str, Any] = head
    return found


def _nodes(tree: object) -> Iterator[tuple[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield from node.items()
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _dotted(node: Mapping[str, Any] | None) -> str:
    """Write a reference with dots, as far as its parts are fixed: ``http["send"]`` is ``http.send``."""
    parts: list[str] = []
    while node:
        [(kind, body)] = node.items()
        if kind == "Var":
            return ".".join([body["value"], *reversed(parts)])
        if kind == "RefDot":
            parts.append(body["field"][1])
        elif kind == "RefBrack":
            part = _text(body["index"])
            parts = [*parts, part] if part else []
        else:
            return ""
        node = body["refr"]
    return ""


def _text(node: object) -> str:
    if isinstance(node, dict):
        for kind in ("String", "RawString"):
            if kind in node:
                return str(node[kind]["value"])
    return ""

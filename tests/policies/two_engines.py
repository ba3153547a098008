"""The two engines that must agree, and the shipped bundle as plain texts and documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import regorus
from opa_bindings import OpaEngine
from ruamel.yaml import YAML

RULES = Path(__file__).resolve().parents[2] / "finops_lib" / "policy" / "rules"
DECISION = "finops.main.decision"
Ask = Callable[[Any], Any]


def read(path: Path) -> Any:
    """Read plain YAML."""
    return YAML(typ="safe", pure=True).load(path.read_text())


def modules() -> dict[str, str]:
    """Every Rego file of the bundle by its path."""
    return {path.relative_to(RULES).as_posix(): path.read_text() for path in sorted(RULES.rglob("*.rego"))}


def in_process(texts: Mapping[str, str], data: Mapping[str, Any], rule: str = DECISION) -> Ask:
    """Compile for regorus."""
    engine = regorus.Engine()
    for path, text in texts.items():
        engine.add_policy(path, text)
    engine.add_data_json(json.dumps(data))

    def ask(document: Any) -> Any:
        engine.set_input_json(json.dumps(document))
        return json.loads(engine.eval_rule_as_json(f"data.{rule}"))

    return ask


def real_opa(texts: Mapping[str, str], data: Mapping[str, Any], rule: str = DECISION) -> Ask:
    """Compile for OPA itself."""
    engine = OpaEngine()
    for path, text in texts.items():
        engine.add_policy(path, text)
    engine.add_data(data)
    return lambda document: engine.eval_document(rule, document)


def merged(base: Any, patch: Any) -> Any:
    """Merge a patch: null takes a key out, ``<null>`` makes it null, a list is replaced as a whole."""
    if isinstance(patch, dict):
        found = dict(base) if isinstance(base, dict) else {}
        for key, value in patch.items():
            if value is None:
                found.pop(key, None)
            else:
                found[key] = merged(found.get(key), value)
        return found
    if isinstance(patch, list):
        return [None if item is None else merged(None, item) for item in patch]
    return None if patch == "<null>" else patch


def cases_of(path: Path, bases: Mapping[str, Any]) -> Iterator[tuple[str, Any, tuple[str, list[str]]]]:
    """Give name, document and what is expected of each case of a file."""
    for case in read(path):
        document = case["input"] if "input" in case else merged(bases[case["base"]], case.get("patch", {}))
        yield case["name"], document, (case["outcome"], case["rules"])


def said(decision: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Outcome, and the ids of the rules behind it."""
    return decision["outcome"], sorted({one["rule"] for one in decision["deny"] + decision["approve"]})


def whole(decision: Mapping[str, Any]) -> dict[str, Any]:
    """The decision with its reasons in order, so that two engines can be compared word by word."""
    in_order = {
        key: sorted(map(str, map(sorted, map(dict.items, decision[key])))) for key in ("deny", "approve")
    }
    return {**decision, **in_order}

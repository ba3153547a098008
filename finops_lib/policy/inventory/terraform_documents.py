"""Which policy does a data source ``aws_iam_policy_document`` write: the JSON that others attach."""

from __future__ import annotations

import json
from typing import Any

from finops_lib.policy.inventory.hcl_nodes import Block
from finops_lib.policy.inventory.terraform_unknown import (
    MOST_NODES,
    TooLarge,
    Unknown,
    Value,
    settle,
)
from finops_lib.policy.inventory.terraform_values import Names, evaluate

_LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def policy_document(block: Block, names: Names, depth: int) -> Value:
    """Which JSON does this data source give.

    Parameters
    ----------
    block : Block
        Of type ``aws_iam_policy_document``.
    names : Names
        Where it stands.
    depth : int
        How many evaluations this one stands in.

    Returns
    -------
    Value
        Text; `Unknown`, with the text as far as it is known, where a part is not or it builds upon others.
    """
    statements = []
    for inner in block.body.blocks:
        if inner.type == "statement":
            statements.append(_statement(inner, names, depth))
    document = {"Version": "2012-10-17", "Statement": statements}
    try:
        plain, paths = settle(document, at="", left=iter(range(MOST_NODES)))
    except TooLarge:
        return Unknown("${data.aws_iam_policy_document}")
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    attributes = {"source_policy_documents", "override_policy_documents", "source_json", "override_json"}
    complete = not attributes & set(block.body.attributes)
    complete &= all(inner.type == "statement" for inner in block.body.blocks)
    return text if complete and not paths else Unknown(text)


def _statement(block: Block, names: Names, depth: int) -> dict[str, Value]:
    worth = {key: evaluate(one.value, names, depth + 1) for key, one in block.body.attributes.items()}
    found: dict[str, Value] = {"Effect": worth.get("effect", "Allow")}
    if "sid" in worth:
        found["Sid"] = worth["sid"]
    found |= {name: worth[key] for key, name in _LISTS.items() if key in worth}
    for key, name in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        who = [_values(one, names, depth) for one in block.body.blocks if one.type == key]
        if who:
            found[name] = _principals(who)
    conditions: dict[str, dict[str, Value]] = {}
    for one in block.body.blocks:
        if one.type == "condition":
            values = _values(one, names, depth)
            test, variable = (str(_text(values.get(key))) for key in ("test", "variable"))
            conditions.setdefault(test, {})[variable] = values.get("values")
    return found | ({"Condition": conditions} if conditions else {})


def _values(block: Block, names: Names, depth: int) -> dict[str, Value]:
    return {key: evaluate(one.value, names, depth + 1) for key, one in block.body.attributes.items()}


def _principals(who: list[dict[str, Value]]) -> Any:
    found: dict[str, list[Value]] = {}
    for one in who:
        identifiers = one.get("identifiers")
        if one.get("type") == "*":
            return "*"
        listed = identifiers if isinstance(identifiers, list) else [identifiers]
        found.setdefault(str(_text(one.get("type"))), []).extend(listed)
    return found


def _text(value: Value) -> Value:
    return value.text if isinstance(value, Unknown) else value

"""To which resources does each resource of a plan refer, by the configuration that the plan carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_DEEPEST = 60
_NO_RESOURCES = frozenset({"var", "local", "data", "each", "count", "path", "terraform", "self", "module"})
_PARTS = 2


def plan_links(configuration: Any, file: str) -> Mapping[str, tuple[str, ...]]:
    """Which addresses does each resource refer to.

    Parameters
    ----------
    configuration : Any
        Of a plan in JSON; anything that is not of its form gives no links.
    file : str
        With which the addresses begin.

    Returns
    -------
    mapping of str to tuple of str
        By address in the configuration, without the file and without counts.

    Examples
    --------
    >>> names = {"bucket": {"references": ["aws_s3_bucket.a.id", "aws_s3_bucket.a"]}}
    >>> one = {"address": "aws_s3_bucket_policy.p", "expressions": names}
    >>> plan_links({"root_module": {"resources": [one]}}, "plan.json")
    {'aws_s3_bucket_policy.p': ('plan.json:aws_s3_bucket.a',)}
    """
    root = configuration.get("root_module") if isinstance(configuration, dict) else None
    return dict(_of_module(root, "", file, 0))


def _of_module(module: Any, prefix: str, file: str, depth: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not isinstance(module, dict) or depth > _DEEPEST:
        return
    resources = module.get("resources")
    for one in resources if isinstance(resources, list) else ():
        if isinstance(one, dict):
            names = {".".join(text.split("[")[0].split(".")[:_PARTS]) for text in _references(one, 0)}
            found = {f"{file}:{prefix}{name}" for name in names if _is_resource(name)}
            address = f"{prefix}{one.get('address')}"
            yield address, tuple(sorted(found - {f"{file}:{address}"}))
    calls = module.get("module_calls")
    for name, call in calls.items() if isinstance(calls, dict) else ():
        if isinstance(call, dict):
            yield from _of_module(call.get("module"), f"{prefix}module.{name}.", file, depth + 1)


def _is_resource(name: str) -> bool:
    return name.count(".") == 1 and name.partition(".")[0] not in _NO_RESOURCES


def _references(value: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        listed = value.get("references")
        yield from (one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, str))
        for inner in value.values():
            yield from _references(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner, depth + 1)

"""Which resources do a repository's CloudFormation templates declare, in YAML with tags or in JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from finops_lib.policy.inventory.cloudformation_values import NOTHING, Grown, Values
from finops_lib.policy.inventory.environments import environment_in_path, environment_tagged
from finops_lib.policy.inventory.files import is_json, is_yaml, template_paths
from finops_lib.policy.inventory.found import Fault, Found, in_words
from finops_lib.policy.inventory.json_file import read_json
from finops_lib.policy.inventory.marked import Block, line_at, listed, mapping
from finops_lib.policy.inventory.objects import shortened, text_tags
from finops_lib.policy.inventory.terraform_unknown import TooLarge, settle
from finops_lib.policy.inventory.tree import Tree
from finops_lib.policy.inventory.yaml_file import read_yaml
from finops_lib.records import Resource

SOURCE = "cloudformation"
_MARK = "AWSTemplateFormatVersion"
_TYPE = re.compile(r"[A-Za-z0-9]{1,64}(?:::[A-Za-z0-9@_-]{1,64}){1,4}")
_LOOKS_LIKE = re.compile(rb"""["']?Type["']?\s*:\s*["']?(?:AWS|Alexa|Custom)::""")
_TAGS = ("Tags", "FileSystemTags", "HostedZoneTags", "UserPoolTags")
_EXPANDED_AS_WRITTEN = frozenset(
    {"AWS::Serverless-2016-10-31", "AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen",
     "AWS::SecretsManager-2020-07-23", "AWS::SecretsManager-2024-09-16"}
)  # fmt: skip
_MOST_PARTS = 50_000  # of one resource


def resources_of(tree: Tree) -> Found:
    r"""Which resources do the templates of this tree declare.

    Parameters
    ----------
    tree : Tree
        A repository at a commit.

    Returns
    -------
    Found
        A resource stands on the line of its logical id. Parameters have their defaults; one whose condition
        is known not to hold is left out. What cannot be known stands as text, its path in ``unknown``.

    Examples
    --------
    >>> text = b"Parameters: {Env: {Type: String, Default: dev}}\nResources:\n  Logs:\n"
    >>> text += b"    Type: AWS::S3::Bucket\n"
    >>> text += b"    Properties: {BucketName: !Sub '${Env}-logs'}\n"
    >>> [logs] = resources_of(Tree({"a.yaml": text})).resources
    >>> logs.address, logs.line, logs.properties["BucketName"]
    ('a.yaml:Logs', 3, 'dev-logs')
    """
    resources: list[Resource] = []
    faults: list[Fault] = []
    for path in sorted(tree.files.keys() - template_paths(tree)):
        if _may_be(path, tree.files[path]):
            found = _of_file(path, tree.files[path])
            resources += found.resources
            faults += found.faults
    return Found(tuple(resources), tuple(faults))


def _may_be(path: str, content: bytes) -> bool:
    if not (is_yaml(path) or is_json(path) or path.lower().endswith(".template")):
        return False
    return _MARK.encode() in content or (b"Resources" in content and bool(_LOOKS_LIKE.search(content)))


def _of_file(path: str, content: bytes) -> Found:
    as_json = is_json(path) or content.lstrip()[:1] == b"{"
    read = read_json(content, file=path) if as_json else read_yaml(content, file=path)
    if read.faults:
        return Found((), read.faults)
    resources: list[Resource] = []
    faults: list[Fault] = []
    for document in read.documents:
        template = document.value
        if isinstance(template, Block) and _is_template(template):
            try:
                for one in _declared(path, template):
                    (faults if isinstance(one, Fault) else resources).append(one)  # type: ignore[arg-type]
            except Grown as error:
                faults.append(Fault(path, document.line, str(error)))
    return Found(tuple(resources), tuple(faults))


def _is_template(value: Mapping[str, Any]) -> bool:
    if "apiVersion" in value:
        return False
    types = [mapping(one).get("Type") for one in mapping(value.get("Resources")).values()]
    return _MARK in value or any(isinstance(one, str) and "::" in one for one in types)


def _declared(path: str, template: Block) -> Iterator[Resource | Fault]:
    transforms = template.get("Transform")
    for one in transforms if isinstance(transforms, list) else [transforms]:
        if one is not None and one not in _EXPANDED_AS_WRITTEN:
            said = f"the macro {in_words(one)[:80]!r} is not expanded: it may declare more"
            yield Fault(path, template.lines["Transform"], said)
    declared = template.get("Resources")
    if not isinstance(declared, Block):
        yield Fault(path, line_at(template, ["Resources"], default=1), "a template without resources")
        return
    values = Values(template)
    for name, one in declared.items():
        line = declared.lines[name]
        if name.startswith("Fn::ForEach"):
            yield Fault(path, line, "a loop over resources is not expanded")
            continue
        kind = mapping(one).get("Type")
        if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
            yield Fault(path, line, f"the resource {in_words(name)[:80]!r} has no type")
            continue
        if "Condition" not in one or values.condition(one["Condition"]) is not False:
            try:
                yield _resource(path, name, one, line, values)
            except TooLarge:
                yield Fault(path, line, f"the resource {in_words(name)[:80]!r} has too many parts")


def _resource(path: str, name: str, one: Mapping[str, Any], line: int, values: Values) -> Resource:
    values.links.clear()
    worked_out = values.of(mapping(one.get("Properties")))
    unsettled = worked_out if isinstance(worked_out, Mapping) else {}
    properties: dict[str, Any] = {}
    unknown: list[str] = []
    left = iter(range(_MOST_PARTS))
    for key, value in unsettled.items():
        properties[key], paths = settle(None if value is NOTHING else value, at=key, left=left)
        unknown += paths
    if not isinstance(worked_out, Mapping):
        unknown.append("Properties")
    depends = one.get("DependsOn")
    linked = [*values.links, *([depends] if isinstance(depends, str) else listed(depends))]
    tags = _tags(properties)
    kept, long = shortened(properties)
    return Resource(
        address=f"{path}:{name}",
        source=SOURCE,
        provider="aws",
        type=str(one["Type"]),
        name=name,
        file=path,
        line=line,
        environment=environment_tagged(tags) or environment_in_path(path),
        tags=tags,
        properties=kept,
        unknown=(*unknown, *long),
        links=tuple(dict.fromkeys(f"{path}:{other}" for other in linked if other != name)),
    )


def _tags(properties: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key in _TAGS:
        told = properties.get(key)
        pairs = {
            str(one["Key"]): one.get("Value") for one in map(mapping, listed(told)) if "Key" in one
        } or mapping(told)
        found |= text_tags(pairs)
    return found

"""Templates of CloudFormation as resources, at the line of the logical id; what cannot be read is a fault."""

from __future__ import annotations

import pytest

from finops_lib.policy.inventory.cloudformation import resources_of
from finops_lib.policy.inventory.found import Fault, Found
from finops_lib.policy.inventory.tree import Tree

YAML = b"""AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Stage: {Type: String, Default: prod}
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
Resources:
  Logs:
    Type: AWS::S3::Bucket
    DependsOn: Key
    Properties:
      BucketName: !Sub '${Stage}-logs-${AWS::AccountId}'
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms', KMSMasterKeyID: !GetAtt Key.Arn}
      Tags:
        - {Key: team, Value: shop}
        - {Key: Environment, Value: !Ref Stage}
        - !If [IsDev, {Key: debug, Value: on}, !Ref AWS::NoValue]
  Key: {Type: AWS::KMS::Key}
  OnlyDev:
    Type: AWS::SQS::Queue
    Condition: IsDev
"""


def read(text: bytes, path: str = "prod/a.yaml") -> Found:
    return resources_of(Tree({path: text}))


def test_a_resource_has_its_line_tags_links_and_what_is_not_known() -> None:
    """One whose condition does not hold is left out; a tag that is not there is none."""
    found = read(YAML)
    logs, key = found.resources
    assert found.faults == ()
    assert (logs.address, logs.line, logs.type, logs.provider) == (
        "prod/a.yaml:Logs",
        7,
        "AWS::S3::Bucket",
        "aws",
    )
    assert dict(logs.tags) == {"team": "shop", "Environment": "prod"}
    assert (logs.environment, logs.links) == ("prod", ("prod/a.yaml:Key",))
    assert logs.properties["BucketName"] == "prod-logs-${AWS::AccountId}"
    inner = "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault"
    assert logs.unknown == ("BucketName", f"{inner}.KMSMasterKeyID")
    assert (key.name, key.line, dict(key.tags), key.environment) == ("Key", 19, {}, "prod")


def test_json_and_tags_as_a_mapping_are_read_too() -> None:
    """Whatever the ending is, if it is one of a template."""
    text = b'{"Resources": {\n "Fn": {"Type": "AWS::Serverless::Function",\n '
    text += b'"Properties": {"Tags": {"team": "a"}}}}}'
    for path in ("a.json", "a.template"):
        [function] = read(text, path).resources
        assert (function.line, dict(function.tags)) == (2, {"team": "a"})


def test_other_files_are_no_templates() -> None:
    """Manifests, settings, other endings, and the templates of a chart."""
    for path, text in {
        "a.yaml": b"apiVersion: v1\nkind: X\nResources: {A: {Type: 'AWS::X'}}\n",
        "b.yaml": b"Resources: {A: {Type: local}}\n",
        "c.txt": YAML,
    }.items():
        assert read(text, path) == Found()
    assert resources_of(Tree({"c/Chart.yaml": b"", "c/templates/a.yaml": YAML})) == Found()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("AWSTemplateFormatVersion: x\nResources: [", None),
        ("AWSTemplateFormatVersion: x\n", (1, "a template without resources")),
        ("AWSTemplateFormatVersion: x\nResources:\n  A: {}\n", (3, "the resource 'A' has no type")),
        (
            "AWSTemplateFormatVersion: x\nResources:\n  A: {Type: 'x y'}\n",
            (3, "the resource 'A' has no type"),
        ),
        (
            "Transform: [AWS::LanguageExtensions, Mine]\nResources: {A: {Type: 'AWS::X::Y'}}\n",
            (1, "the macro 'Mine' is not expanded: it may declare more"),
        ),
        (
            "Resources:\n  'Fn::ForEach::A': []\n  B: {Type: 'AWS::X::Y'}\n",
            (2, "a loop over resources is not expanded"),
        ),
    ],
)
def test_what_cannot_be_read_is_a_fault(text: str, fault: tuple[int, str] | None) -> None:
    """Broken YAML, nothing declared, no type, a macro, and a loop."""
    found = read(text.encode(), "a.yaml")
    if fault is None:
        assert [one.file for one in found.faults] == ["a.yaml"]
        assert found.faults[0].reason.startswith("it is no YAML: ")
    else:
        assert found.faults == (Fault("a.yaml", *fault),)


def test_a_bomb_of_aliases_and_one_of_functions_are_faults() -> None:
    """Both in bounded time."""
    aliases = "a: &b0 [x]\n" + "".join(
        f"c{n}: &b{n} [" + ", ".join([f"*b{n - 1}"] * 9) + "]\n" for n in range(1, 12)
    )
    assert len(read((aliases + "AWSTemplateFormatVersion: x\n").encode()).faults) == 1
    text = "Resources:\n  A: {Type: 'AWS::X::Y', Properties: {P: !If [C, 1, 2]}}\n"
    text += "Conditions: {C: !Condition C}\n"
    assert [one.reason for one in read(text.encode()).faults] == ["its functions come to more than is read"]


def test_properties_that_are_no_mapping_are_not_known() -> None:
    """Nothing can be said of them."""
    [found] = read(b"Resources:\n  A: {Type: 'AWS::X::Y', Properties: !Ref AWS::StackName}\n").resources
    assert (dict(found.properties), found.unknown) == ({}, ("Properties",))

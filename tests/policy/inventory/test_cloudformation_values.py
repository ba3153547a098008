"""What the functions of a template come to, each worked out by hand; what it does not tell stays unknown."""

from __future__ import annotations

from typing import Any

import pytest

from finops_lib.policy.inventory.cloudformation_values import NOTHING, Grown, Values
from finops_lib.policy.inventory.terraform_unknown import Unknown

TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "Env": {"Type": "String", "Default": "prod"},
        "Size": {"Type": "Number", "Default": 3},
        "Zones": {"Type": "CommaDelimitedList", "Default": "a, b,c"},
        "Asked": {"Type": "String"},
        "Image": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/aws/image"},
    },
    "Mappings": {"Sizes": {"prod": {"type": "m5.large"}}},
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
        "IsAsked": {"Fn::Equals": [{"Ref": "Asked"}, "x"]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Fn::Not": [{"Condition": "IsProd"}]}]},
        "Loop": {"Condition": "Loop"},
    },
    "Resources": {"Key": {"Type": "AWS::KMS::Key"}},
}
REF = {"Ref": "Env"}


@pytest.mark.parametrize(
    ("value", "came"),
    [
        (REF, "prod"),
        ({"Ref": "Size"}, 3),
        ({"Ref": "Zones"}, ["a", "b", "c"]),
        ({"Ref": "Asked"}, Unknown("${Parameter}")),
        ({"Ref": "Image"}, Unknown("${Parameter}")),
        ({"Ref": "AWS::Region"}, Unknown("${AWS::Region}")),
        ({"Ref": "Key"}, Unknown("${Key}")),
        ({"Fn::GetAtt": "Key.Arn"}, Unknown("${Key.Arn}")),
        ({"Fn::GetAtt": ["Key", "Arn"]}, Unknown("${Key.Arn}")),
        ({"Fn::Sub": "${Env}-${!x}-${Size}"}, "prod-${x}-3"),
        ({"Fn::Sub": ["${a}/${Env}", {"a": {"Ref": "Size"}}]}, "3/prod"),
        ({"Fn::Sub": "arn:${AWS::Region}"}, Unknown("arn:${AWS::Region}")),
        ({"Fn::Join": ["-", ["a", REF, 1]]}, "a-prod-1"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Asked"}]]}, Unknown("a-${Parameter}")),
        ({"Fn::Select": [1, {"Ref": "Zones"}]}, "b"),
        ({"Fn::Select": ["9", {"Ref": "Zones"}]}, Unknown("${Fn::Select}")),
        ({"Fn::Split": ["/", "a/b"]}, ["a", "b"]),
        ({"Fn::FindInMap": ["Sizes", REF, "type"]}, "m5.large"),
        ({"Fn::FindInMap": ["Sizes", "dev", "type"]}, Unknown("${Fn::FindInMap}")),
        ({"Fn::If": ["IsProd", 1, 2]}, 1),
        ({"Fn::If": ["IsAsked", 1, 2]}, Unknown("${Fn::If IsAsked}")),
        ({"Fn::If": ["IsAsked", 1, 1]}, 1),
        ({"Fn::If": ["Both", 1, 2]}, 2),
        ({"Fn::If": ["Gone", 1, 2]}, Unknown("${Fn::If Gone}")),
        ({"Fn::ImportValue": "x"}, Unknown("${Fn::ImportValue}")),
        (
            {"a": REF, "b": [REF, {"Ref": "AWS::NoValue"}], "c": {"Ref": "AWS::NoValue"}},
            {"a": "prod", "b": ["prod"]},
        ),
        ({"Fn::Or": [{"Condition": "IsAsked"}, {"Condition": "IsProd"}]}, True),
        ({"Fn::And": [{"Condition": "IsAsked"}, {"Condition": "IsProd"}]}, Unknown("${Condition}")),
        ({"Fn::Equals": [True, "true"]}, True),
        ({"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringEquals": {"a": "b"}}}),
        ({"Fn::Join": "x"}, Unknown("${Fn::Join}")),
        ({"Fn::Sub": {"a": 1}}, Unknown("${Fn::Sub}")),
    ],
)
def test_a_function_comes_to_its_value(value: Any, came: Any) -> None:
    """A parameter has its default, unless that only names where the value is looked up."""
    assert Values(TEMPLATE).of(value) == came


def test_resources_on_the_way_are_links() -> None:
    """Of a reference, an attribute and a text; parameters are none."""
    values = Values(TEMPLATE)
    values.of({"a": {"Fn::Sub": "x-${Key}"}, "b": REF})
    assert list(values.links) == ["Key"]
    assert values.of({"Ref": "AWS::NoValue"}) is NOTHING


def test_a_condition_that_is_not_known_is_neither_true_nor_false() -> None:
    """Nor is one that is not there."""
    values = Values(TEMPLATE)
    assert [values.condition(name) for name in ("IsProd", "Both", "IsAsked", "Gone", 1)] == [
        True,
        False,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize("kind", ["loop", "deep", "wide", "long"])
def test_a_template_that_grows_is_ended(kind: str) -> None:
    """A circle of conditions, nesting, doubling, and a text that doubles."""
    values = Values(TEMPLATE)
    value: Any = {"Fn::If": ["Loop", 1, 2]}
    if kind == "deep":
        for _ in range(100):
            value = [value]
    if kind == "wide":
        value = ["x"] * 300_000
    if kind == "long":
        value = {"Fn::Join": ["x" * 400_000, ["a", "b", "c", "d"]]}
    with pytest.raises(Grown):
        values.of(value)

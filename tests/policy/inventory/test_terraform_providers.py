"""Which provider makes a resource, where, and with which tags."""

from __future__ import annotations

from typing import Any

import pytest

from finops_lib.policy.inventory.terraform_folder import folders_of
from finops_lib.policy.inventory.terraform_modules import Module, World
from finops_lib.policy.inventory.terraform_providers import (
    Provider,
    cloud_of,
    provider_of,
    region_of,
    tags_of,
)
from finops_lib.policy.inventory.terraform_unknown import (
    Partly,
    Unknown,
)
from finops_lib.policy.inventory.tree import Tree

PROVIDERS = """provider "aws" {
  region = "eu-1"
  allowed_account_ids = ["1"]
  default_tags {
    tags = { team = "data" }
  }
}
provider "aws" {
  alias = "us"
  region = var.r
  assume_role {
    role_arn = "arn:aws:iam::310000000048:role/x"
  }
}
provider "google" {
  project = "p"
  default_labels = { team = "ml" }
}
variable "r" {
  default = "us-1"
}
"""


def modules(text: str) -> Module:
    inner = 'resource "aws_x" "in" {}\nresource "aws_x" "us" {\n provider = aws.us\n}'
    files = {"a/p.tf": PROVIDERS.encode(), "a/x.tf": text.encode(), "m/x.tf": inner.encode()}
    found, faults = folders_of(Tree(files))
    assert faults == []
    return Module(World(found), found["a"])


def of(module: Module | None, key: str) -> Provider:
    assert module is not None
    return provider_of(module.folder.blocks["resource"][key].block, module)


@pytest.mark.parametrize(
    ("kind", "provider", "found"),
    [
        ("aws_x", "", Provider("eu-1", "1", {"team": "data"})),
        ("aws_x", "provider = aws.us", Provider("us-1", "310000000048", None)),
        ("aws_x", 'provider = "aws.us"', Provider("us-1", "310000000048", None)),
        ("aws_x", "provider = aws.no", Provider()),
        ("google_x", "", Provider("", "p", {"team": "ml"})),
        ("azurerm_x", "", Provider()),
    ],
)
def test_the_configuration_is_the_one_that_is_named(kind: str, provider: str, found: Provider) -> None:
    """By the resource's type, or by its alias."""
    assert of(modules(f'resource "{kind}" "r" {{\n{provider}\n}}'), f"{kind}.r") == found


def test_a_module_has_the_providers_of_its_call() -> None:
    """Those that are passed; the one without alias is inherited, another is not."""
    passed = modules(
        'module "m" {\n source = "../m"\n providers = {\n aws = aws.us\n aws.us = aws\n}\n}'
    ).child("m")
    assert (of(passed, "aws_x.in").region, of(passed, "aws_x.us").region) == ("us-1", "eu-1")
    plain = modules('module "m" {\n source = "../m"\n}').child("m")
    assert (of(plain, "aws_x.in").region, of(plain, "aws_x.us").region) == ("eu-1", "")


@pytest.mark.parametrize(
    ("properties", "region"),
    [
        ({"region": "eu-2"}, "eu-2"), ({"location": "West Europe"}, "westeurope"),
        ({"location": "${var.x}"}, "eu-1"),
        ({"availability_zone": "eu-central-1a"}, "eu-central-1"),
        ({"zone": "europe-west3-b"}, "europe-west3"),
        ({"availability_zone": "us-gov-west-1b"}, "us-gov-west-1"), ({"zone": "x"}, "eu-1"), ({}, "eu-1"),
    ],
)  # fmt: skip
def test_a_region_is_its_own_or_the_provider_s(properties: dict[str, Any], region: str) -> None:
    """Written alike; a zone tells its region."""
    assert region_of(properties, Provider("eu-1")) == region


@pytest.mark.parametrize(
    ("kind", "cloud"),
    [("aws_x", "aws"), ("azurerm_x", "azure"), ("google_x", "gcp"), ("oci_x", "oci"),
    ("helm_release", "kubernetes"),
     ("random_id", "")],
)  # fmt: skip
def test_a_type_tells_its_cloud(kind: str, cloud: str) -> None:
    """By its first word."""
    assert cloud_of(kind) == cloud


DEFAULT = Provider(tags={"team": "data", "a": "1"})


@pytest.mark.parametrize(
    ("kind", "worth", "found"),
    [
        ("aws_x", {}, {"team": "data", "a": "1"}),
        ("aws_x", {"tags": {"a": "2"}}, {"team": "data", "a": "2"}),
        ("azurerm_x", {"tags": {"b": "2"}}, {"b": "2"}),
        ("google_x", {"labels": {"b": 1}}, {"team": "data", "a": "1", "b": 1}),
        ("aws_x", {"tag": [{"key": "k", "value": "v"}, {}, "x"]}, {"team": "data", "a": "1", "k": "v"}),
        ("aws_launch_template", {"tags": {"x": 1}, "tag_specifications": [{"tags": {"b": "2"}}]}, {"b": "2"}),
        ("aws_x", {"tags": None}, {"team": "data", "a": "1"}),
    ],
)  # fmt: skip
def test_tags_are_its_own_over_the_provider_s(
    kind: str, worth: dict[str, Any], found: dict[str, Any]
) -> None:
    """A launch template has those of its instances, which the provider's do not reach."""
    tags = tags_of(worth, DEFAULT, kind=kind)
    assert (tags, type(tags)) == (found, dict)


def test_tags_that_are_not_known_leave_the_others_in_doubt() -> None:
    """They may replace what the provider sets."""
    found = tags_of({"tags": Unknown("${var.t}")}, DEFAULT, kind="aws_x")
    assert isinstance(found, Partly)
    assert found == {"team": Unknown("${tags.team}"), "a": Unknown("${tags.a}")}
    assert isinstance(tags_of({"tags": Partly({"a": "2"})}, DEFAULT, kind="aws_x"), Partly)

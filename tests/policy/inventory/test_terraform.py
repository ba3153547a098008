"""A repository's Terraform becomes resources at the right file and line, planted faults included."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from finops_lib.policy.inventory.found import Fault, Found
from finops_lib.policy.inventory.terraform import environment_of, places_of, resources_of
from finops_lib.policy.inventory.terraform_folder import Place
from finops_lib.policy.inventory.tree import Tree, tree_of
from finops_lib.records import Resource

SAMPLES = Path(__file__).parents[3] / "data" / "samples"
NAMES = {"public": "publicly_accessible"}  # as the truth calls an attribute: as it is called in Terraform
DIFFERENT = {"instance_type", "size", "instance_class"}


def read(**files: str) -> Found:
    return resources_of(Tree({path: text.encode() for path, text in files.items()}))


@cache
def sample() -> tuple[Found, Mapping[str, Mapping[str, tuple[Place, ...]]]]:
    tree = tree_of(SAMPLES / "repository")
    return resources_of(tree), places_of(tree)


@cache
def truth() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / "truth-repository.json").read_text("utf-8"))
    return found


def at(path: str, line: int) -> list[Resource]:
    return [one for one in sample()[0].resources if (one.file, one.line) == (path, line)]


def lines(resource: Resource) -> dict[str, set[Place]]:
    """Every place of each attribute by its last name, with those of resources that link to it."""
    found: dict[str, set[Place]] = {}
    for one in sample()[0].resources:
        if one is resource or resource.address in one.links:
            for path, places in sample()[1][one.address].items():
                found.setdefault(path.rpartition(".")[2], set()).update(places)
    return found


def test_the_sample_is_read_without_a_fault() -> None:
    """Addresses are unique, and each resource has file, line and cloud."""
    found, _ = sample()
    assert (found.faults, found.skipped) == ((), ())
    assert len({one.address for one in found.resources}) == len(found.resources) > 100
    assert all(one.line > 0 and one.source == "terraform" and one.provider for one in found.resources)


def test_every_resource_of_the_truth_is_at_its_line_with_its_attributes() -> None:
    """Path, line and address, and the line of each attribute or of what sets it."""
    checked = 0
    for declared in truth()["resources"].values():
        if not declared["path"].startswith("terraform/"):
            continue
        folder = declared["path"].rpartition("/")[0]
        address = f"{folder}:{declared['address']}"
        found = [one for one in at(declared["path"], declared["line"]) if one.address.startswith(address)]
        assert found, declared
        everywhere = set().union(*(set().union(*lines(one).values()) for one in found))
        for name, line in declared["attributes"].items():
            if name == "tfvars":
                assert Place(f"{folder}/sizes.auto.tfvars", line) in everywhere, declared
                continue
            own = [lines(one).get(NAMES.get(name, name), set()) for one in found]
            assert any(Place(declared["path"], line) in places for places in own), (name, declared)
            checked += 1
    assert checked > 300


def planted(kind: str) -> list[dict[str, Any]]:
    return [one for one in truth()["planted"] if one["kind"] == kind and one["path"].startswith("terraform/")]


def encrypts(bucket: Resource) -> bool:
    inline = "server_side_encryption_configuration" in bucket.properties
    kind = "aws_s3_bucket_server_side_encryption_configuration"
    return inline or any(one.type == kind and bucket.address in one.links for one in sample()[0].resources)


def test_exactly_the_planted_buckets_are_not_encrypted() -> None:
    """In each form: no block at all, and a module that was asked not to."""
    buckets = [one for one in sample()[0].resources if one.type == "aws_s3_bucket" and not encrypts(one)]
    spots = (sample()[1][one.address] for one in buckets)
    found = {spot.get("module.encrypted", spot[""])[0] for spot in spots}
    assert found == {Place(one["path"], one["line"]) for one in planted("unencrypted_bucket")}
    assert len(found) == len(buckets) == 3


def test_the_planted_storage_port_and_database_are_public() -> None:
    """Each with the line of the attribute that makes it so."""
    found, places = sample()
    [storage] = [
        one for one in found.resources if one.properties.get("allow_nested_items_to_be_public") is True
    ]
    assert places[storage.address]["allow_nested_items_to_be_public"] == (
        Place("terraform/azure/main.tf", 36),
    )
    assert planted("public_storage")[0]["line"] == 36
    [database] = [one for one in found.resources if one.properties.get("publicly_accessible") is True]
    spot = planted("public_database")[0]
    assert places[database.address]["publicly_accessible"] == (Place(spot["path"], spot["line"]),)
    opened = []
    for one in found.resources:
        for rule in one.properties.get("ingress", []):
            if rule["cidr_blocks"] == ["0.0.0.0/0"] and rule["from_port"] == 22:
                opened.append(places[one.address]["ingress.0.cidr_blocks"][0])
        if one.type == "google_compute_firewall" and one.properties["source_ranges"] == ["0.0.0.0/0"]:
            opened.append(places[one.address]["source_ranges"][0])
    assert opened == [Place(one["path"], one["line"]) for one in planted("open_port")]


def test_the_planted_missing_tags_are_missing() -> None:
    """However the key is spelt; an empty one counts as missing."""
    checked = 0
    for one in planted("missing_tags"):
        address = f"{one['path'].rpartition('/')[0]}:{one['address']}"
        [found] = [
            r
            for r in sample()[0].resources
            if r.address in {address, f"{address}.aws_s3_bucket.this", f"{address}.aws_instance.this"}
        ]
        written = {key.strip().lower() for key, value in found.tags.items() if value.strip()}
        assert [key for key in truth()["required_tags"] if key not in written] == one["missing"], one
        checked += 1
    assert checked > 30


def test_the_planted_drift_is_what_is_declared() -> None:
    """At the line of the value."""
    for one in planted("drift"):
        found = [r for r in sample()[0].resources if r.properties.get(one["attribute"]) == one["declared"]]
        spots = [sample()[1][r.address][one["attribute"]] for r in found]
        assert any(Place(one["path"], one["line"]) in spot for spot in spots), one


def test_a_resource_has_all_that_the_files_tell() -> None:
    """Provider, region, account, tags of the provider, links, and what cannot be known."""
    [bucket, policy] = read(**{
        "a/main.tf": 'provider "aws" {\n region = "eu-1"\n allowed_account_ids = ["1"]\n default_tags {\n'
        '  tags = { Env = "Prod" }\n }\n}\nresource "aws_s3_bucket" "b" {\n bucket = "x"\n'
        ' tags = { n = 1, u = var.u, e = null }\n}\n'
        'resource "aws_s3_bucket_policy" "p" {\n bucket = aws_s3_bucket.b.id\n'
        " policy = jsonencode({a = 1})\n}\n",
    }).resources  # fmt: skip
    assert bucket == Resource(
        "a:aws_s3_bucket.b", "terraform", "aws", "aws_s3_bucket", "b", "a/main.tf", 8,
        environment="prod", region="eu-1", account="1", tags={"Env": "Prod", "n": "1", "u": "${var.u}"},
        properties={"bucket": "x", "tags": {"n": 1, "u": "${var.u}", "e": None}}, unknown=("tags.u",),
    )  # fmt: skip
    assert dict(policy.properties) == {"bucket": "${aws_s3_bucket.b.id}", "policy": '{"a":1}'}
    assert (policy.unknown, policy.links) == (("bucket",), ("a:aws_s3_bucket.b",))


def test_a_module_is_expanded_where_it_is_called() -> None:
    """A folder that is called is not applied by itself, unless it configures a provider."""
    module = 'variable "n" {}\nresource "aws_x" "r" {\n name = var.n\n}'
    found = read(**{"a/x.tf": '\nmodule "m" {\n source = "../m"\n n = "v"\n}', "m/y.tf": module})
    assert [(one.address, one.file, one.line, one.properties["name"]) for one in found.resources] == [
        ("a:module.m.aws_x.r", "a/x.tf", 2, "v"),
    ]
    both = read(**{
        "a/x.tf": '\nmodule "m" {\n source = "../m"\n n = "v"\n}',
        "m/y.tf": module, "m/p.tf": 'provider "aws" {\n region = "eu-1"\n}',
    })  # fmt: skip
    assert [one.address for one in both.resources] == ["a:module.m.aws_x.r", "m:aws_x.r"]
    tree = Tree({"a/x.tf": b'\nmodule "m" {\n source = "../m"\n n = "v"\n}', "m/y.tf": module.encode()})
    assert places_of(tree)["a:module.m.aws_x.r"] == {
        "": (Place("m/y.tf", 2),), "name": (Place("m/y.tf", 3), Place("a/x.tf", 4)),
        "module": (Place("a/x.tf", 2),), "module.source": (Place("a/x.tf", 3),),
        "module.n": (Place("a/x.tf", 4),),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("count", "unknown", "number"),
    [
        ("count = 0", (), 0), ("count = 2", (), 1), ("count = var.v", ("count",), 1),
        ("for_each = {}", (), 0),
        ('for_each = toset(["a"])', (), 1), ("for_each = var.v", ("for_each",), 1),
        ("count = var.d ? 1 : 0", (), 0),
    ],
)  # fmt: skip
def test_what_is_made_often_is_one_resource(count: str, unknown: tuple[str, ...], number: int) -> None:
    """None where it is not made at all; how often is in doubt where it cannot be known; alike for modules."""
    variables = 'variable "v" {}\nvariable "d" {\n default = false\n}\n'
    plain = read(**{"a/x.tf": f'{variables}resource "aws_x" "r" {{\n{count}\n}}'})
    module = f'{variables}module "m" {{\n source = "../m"\n{count}\n}}'
    called = read(**{"a/x.tf": module, "m/x.tf": 'resource "aws_x" "r" {}', "m/p.tf": ""})
    assert [one.unknown for one in plain.resources] == [unknown] * number
    assert [(one.address, one.unknown) for one in called.resources] == [
        ("a:module.m.aws_x.r", unknown)
    ] * number


def test_modules_that_only_call_each_other_are_read_nevertheless() -> None:
    """A circle hides nothing, and is a fault."""
    found = read(**{
        "a/x.tf": 'module "b" {\n source = "../b"\n}\nresource "aws_x" "a" {}',
        "b/x.tf": 'module "a" {\n source = "../a"\n}\nresource "aws_x" "b" {}',
    })  # fmt: skip
    assert [one.address for one in found.resources] == ["a:aws_x.a", "a:module.b.aws_x.b"]
    assert found.faults == (Fault("b/x.tf", 1, "module a calls itself"),)


def test_calls_that_double_at_each_level_end() -> None:
    """Two to the nineteen calls are not opened."""
    files = {
        f"m{i}/x.tf": "".join(f'module "{name}" {{\n source = "../m{i + 1}"\n}}\n' for name in "ab")
        for i in range(19)
    }
    found = read(**files, **{"m19/x.tf": 'resource "aws_x" "r" {}'})
    assert "more than 20,000 calls of modules" in {fault.reason for fault in found.faults}
    assert 0 < len(found.resources) <= 20_000


def test_a_value_without_end_is_a_fault() -> None:
    """Locals that hold each other twice: two to the fifty parts."""
    names = "".join(f" l{i} = [local.l{i - 1}, local.l{i - 1}]\n" for i in range(1, 50))
    found = read(
        **{"a/x.tf": f'locals {{\n l0 = [1, 1]\n{names}}}\nresource "aws_x" "r" {{\n v = local.l49\n}}'}
    )
    assert found.resources == ()
    assert found.faults == (Fault("a/x.tf", 53, "aws_x.r has too many parts to be read"),)


def test_many_resources_are_read_in_time() -> None:
    """A thousand in files of 100 take a twentieth of what twenty thousand may: 2 s of 40 s."""
    tags = ' tags = merge(local.t, {{ team = "data" }})\n'
    one = f'resource "aws_instance" "r{{}}" {{{{\n type = "t3.large"\n{tags}}}}}\n'
    files = {f"a/f{n}.tf": "".join(one.format(n * 100 + i) for i in range(100)) for n in range(10)}
    read(**{"a/x.tf": ""})  # the grammar is made once
    begun = time.process_time()
    found = read(**files, **{"a/x.tf": 'locals {\n t = { env = "dev" }\n}'})
    assert time.process_time() - begun < 2
    assert len(found.resources) == 1000
    assert {tuple(sorted(r.tags.items())) for r in found.resources} == {(("env", "dev"), ("team", "data"))}


def test_environments_are_read_from_tags() -> None:
    """Under three names, however they are spelt."""
    assert [environment_of({key: " Prod"}) for key in ("ENV ", "environment", "Stage", "x")] == [
        *["prod"] * 3,
        "",
    ]

"""What the files of a folder say together; what is not read is named."""

from __future__ import annotations

import pytest

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.hcl_nodes import Items, Literal, Pairs
from finops_lib.policy.inventory.terraform_folder import (
    Folder,
    Place,
    Setting,
    folders_of,
    settings_without_folder,
)
from finops_lib.policy.inventory.tree import Tree


def folders(**files: str) -> tuple[dict[str, Folder], list[Fault]]:
    return folders_of(Tree({path: text.encode() for path, text in files.items()}))


def test_files_of_a_folder_are_read_together() -> None:
    """Blocks by kind and name, locals of several blocks, with their files."""
    found, faults = folders(**{
        "a/1.tf": 'variable "v" {}\nlocals {\n x = 1\n}\nresource "t" "n" {}\ndata "t" "n" {}',
        "a/2.tf": 'locals {\n y = 2\n}\nmodule "m" {}\noutput "o" {}',
        "b.tf": "",
    })  # fmt: skip
    assert faults == []
    assert list(found) == ["a", ""]
    assert {kind: list(names) for kind, names in found["a"].blocks.items()} == {
        "variable": ["v"], "output": ["o"], "resource": ["t.n"], "data": ["t.n"], "module": ["m"],
    }  # fmt: skip
    assert found["a"].local_values["y"] == Setting(Place("a/2.tf", 2), Literal(2))
    assert found["a"].blocks["resource"]["t.n"].place == Place("a/1.tf", 5)


def test_the_later_settings_win_and_others_may_be_used() -> None:
    """terraform.tfvars, then those named auto in order; any other is used only if somebody says so."""
    found, faults = folders(**{
        "a/x.tf": "", "a/terraform.tfvars": "v = 1\nw = 1", "a/b.auto.tfvars": "v = 3",
        "a/a.auto.tfvars": "v = 2", "a/prod.tfvars": "z = 1", "a/terraform.tfvars.json": '{"w": [{"k": 2}]}',
    })  # fmt: skip
    assert faults == []
    assert found["a"].settings == {
        "v": Setting(Place("a/b.auto.tfvars", 1), Literal(3)),
        "w": Setting(Place("a/terraform.tfvars.json", 0), Items((Pairs(((Literal("k"), Literal(2), 0),)),))),
    }
    assert found["a"].elsewhere == {"z"}


@pytest.mark.parametrize(
    ("files", "root"),
    [
        ({"a.tf": 'provider "aws" {\n region = "x"\n}'}, True), ({"a.tf": 'provider "aws" {}'}, False),
        ({"a.tf": 'terraform {\n backend "s3" {}\n}'}, True), ({"a.tf": "terraform {\n cloud {}\n}"}, True),
        ({"a.tf": "terraform {\n required_version = 1\n}"}, False), ({"a.tf": "", "x.tfvars": ""}, True),
    ],
)  # fmt: skip
def test_a_folder_is_applied_by_itself_if_it_says_so(files: dict[str, str], root: bool) -> None:
    """It configures a provider or a backend, or has settings."""
    assert folders(**files)[0][""].is_root is root


@pytest.mark.parametrize(
    ("path", "text", "line", "reason"),
    [
        ("a/x.tf", "\nv = 1", 2, "v stands outside of a block"),
        ("a/x.tf", "foo {}", 1, "a block foo of 0 labels is not known"),
        ("a/x.tf", 'resource "a" {}', 1, "a block resource of 1 labels is not known"),
        ("a/x.tf", 'resource "a" "b" {}\nresource "a" "b" {}', 2, "resource a.b is declared twice"),
        ("a/x.tf", 'variable "a" {}\nvariable "a" {}', 2, "variable a is declared twice"),
        ("a/x.tf", "locals {\n a = 1\n}\nlocals {\n a = 2\n}", 5, "local a is declared twice"),
        ("a/x.tf", "a {", 2, "no HCL: the file ends too early"),
        ("a/override.tf", "", 0, "a file that overrides others is not read"),
        ("a/x_override.tf", "", 0, "a file that overrides others is not read"),
        ("a/x.tf.json", "{}", 0, "Terraform written as JSON is not read"),
        ("a/t.tfvars", "a = [", 2, "no HCL: the file ends too early"),
        ("a/t.tfvars", "a {}", 1, "a block in a file of settings"),
        ("a/t.auto.tfvars.json", "[1]", 1, "settings in JSON are an object"),
        ("a/t.auto.tfvars.json", "{", 0, "no JSON that can be read"),
        ("a/t.auto.tfvars.json", '{"a":' * 100 + "1" + "}" * 100, 0, "no JSON that can be read"),
        ("a/t.auto.tfvars.json", "[" * 100_000, 0, "no JSON that can be read"),
    ],
)
def test_what_is_not_read_is_a_fault(path: str, text: str, line: int, reason: str) -> None:
    """File, line and reason; what else is in the folder is read."""
    found, faults = folders(**{"a/main.tf": 'resource "t" "n" {}', path: text})
    assert [(fault.file, fault.reason) for fault in faults] == [(path, reason)]
    assert faults[0].line in {line, line - 1}
    assert "t.n" in found["a"].blocks["resource"]


def test_what_the_tree_left_out_is_a_fault() -> None:
    """A link or a file too large may declare anything."""
    _, faults = folders_of(Tree({}, left_out={"a/x.tf": "a link", "a/y.txt": "a link"}))
    assert faults == [Fault("a/x.tf", 0, "not read: a link")]


def test_settings_without_terraform_are_named() -> None:
    """Nothing says which folder they are for."""
    tree = Tree({"a/x.tf": b"", "a/t.tfvars": b"", "b/t.tfvars": b""})
    assert settings_without_folder(tree, folders_of(tree)[0]) == ("b/t.tfvars",)

"""What a resource declares, block by block, and where it stands."""

from __future__ import annotations

from typing import Any

import pytest

from finops_lib.policy.inventory.terraform_folder import Place, folders_of
from finops_lib.policy.inventory.terraform_modules import Module, World
from finops_lib.policy.inventory.terraform_properties import declared, places
from finops_lib.policy.inventory.terraform_unknown import (
    TooLarge,
    Unknown,
)
from finops_lib.policy.inventory.tree import Tree


def module(inner: str) -> Module:
    text = f'variable "u" {{}}\nlocals {{\n l = [1, 2]\n}}\nresource "t_b" "r" {{\n{inner}\n}}'
    found, faults = folders_of(Tree({"a/x.tf": text.encode()}))
    assert faults == []
    return Module(World(found), found["a"])


def read(inner: str, most: int = 1000) -> tuple[dict[str, Any], list[str]]:
    names = module(inner)
    return declared(names.folder.blocks["resource"]["t_b.r"].block, names, iter(range(most)))


def test_blocks_are_lists_below_their_type() -> None:
    """Also where there is one only, as in a plan."""
    assert read("a = 1\nb {\n c = 2\n}\nb {\n d {}\n}") == ({"a": 1, "b": [{"c": 2}, {"d": [{}]}]}, [])


def test_an_attribute_and_a_block_of_one_name_leave_it_in_doubt() -> None:
    """Terraform takes only one of them; the list of the local is left as it is."""
    names = module("a = local.l\na {\n c = 2\n}")
    block = names.folder.blocks["resource"]["t_b.r"].block
    for _ in range(2):
        assert declared(block, names, iter(range(9))) == ({"a": [{"c": 2}]}, ["a"])
    assert names.value("local", ("l",), 0) == ([1, 2], ())


def test_what_is_for_terraform_alone_is_left_out() -> None:
    """Which provider, on what it waits, how it is provisioned; that it may not be destroyed is kept."""
    inner = 'provider = aws.x\ndepends_on = [t_c.x]\ncount = 2\nprovisioner "x" {\n y = 1\n}\nconnection {}'
    inner += "\nlifecycle {\n prevent_destroy = true\n ignore_changes = [tags]\n}"
    assert read(inner) == ({"count": 2, "lifecycle": [{"prevent_destroy": True}]}, [])


@pytest.mark.parametrize(
    ("over", "found"),
    [
        ("local.l", [{"v": 1, "k": 0}, {"v": 2, "k": 1}]), ("{x = 5}", [{"v": 5, "k": "x"}]), ("[]", None),
    ],
)  # fmt: skip
def test_a_dynamic_block_is_what_it_stands_for(over: str, found: Any) -> None:
    """One block for each item, with its key and value; with its own iterator, too."""
    for iterator, name in (("", "b"), ("iterator = it", "it")):
        content = f"content {{\n v = {name}.value\n k = {name}.key\n}}"
        inner = f'dynamic "b" {{\n for_each = {over}\n{iterator}\n{content}\n}}'
        assert read(inner)[0].get("b") == found


def test_a_dynamic_block_over_what_is_not_known_is_one_block_and_not_known() -> None:
    """What does not depend on the items is seen nevertheless."""
    inner = 'dynamic "b" {\n for_each = var.u\n content {\n v = b.value\n w = 1\n}\n}'
    assert read(inner) == ({"b": [{"v": Unknown("${b.value}"), "w": 1}]}, ["b"])
    assert read('c {\n dynamic "b" {}\n}') == ({"c": [{"b": [{}]}]}, ["c.0.b"])


def test_dynamic_blocks_in_each_other_end() -> None:
    """Each inner block costs one step of those that are left."""
    inner = 'dynamic "b" {\n for_each = local.l\n content {\n' * 6 + "}\n}\n" * 6
    with pytest.raises(TooLarge):
        read(inner, most=100)


def test_places_are_those_of_the_file() -> None:
    """Of attributes, of blocks and of what is in them, with the origin of what is a local."""
    names = module("a = local.l\n\nb {\n c = 2\n}\nb {\n c = [local.l]\n}")
    body = names.folder.blocks["resource"]["t_b.r"].block.body
    assert places(body, "a/x.tf", names) == {
        "a": (Place("a/x.tf", 6), Place("a/x.tf", 3)), "b.0": (Place("a/x.tf", 8),),
        "b.0.c": (Place("a/x.tf", 9),), "b.1": (Place("a/x.tf", 11),),
        "b.1.c": (Place("a/x.tf", 12), Place("a/x.tf", 3)),
    }  # fmt: skip

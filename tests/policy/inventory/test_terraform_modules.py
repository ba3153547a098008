"""Names have the values that Terraform would give them, from the folder and from calls."""

from __future__ import annotations

from typing import Any

import pytest

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.hcl_file import parse
from finops_lib.policy.inventory.hcl_nodes import Body, Reference
from finops_lib.policy.inventory.terraform_folder import Place, folders_of
from finops_lib.policy.inventory.terraform_modules import Module, World, how_many
from finops_lib.policy.inventory.terraform_unknown import (
    Unknown,
)
from finops_lib.policy.inventory.terraform_values import evaluate
from finops_lib.policy.inventory.tree import Tree


def module(folder: str = "a", **files: str) -> Module:
    found, faults = folders_of(Tree({path: text.encode() for path, text in files.items()}))
    assert faults == []
    return Module(World(found), found[folder])


def worth(names: Module, text: str) -> Any:
    body = parse(f"x = {text}".encode(), file="q.tf")
    assert isinstance(body, Body), body
    return evaluate(body.attributes["x"].value, names)


@pytest.mark.parametrize(
    ("declared", "settings", "found"),
    [
        ("", "", Unknown("${var.v}")), ("default = 1", "", 1), ("default = 1", "v = 2", 2), ("", "v = 2", 2),
        ("type = bool\ndefault = \"true\"", "", True), ('type = number\ndefault = "3"', "", 3),
        ("type = string\ndefault = 3", "", "3"), ("type = string\ndefault = null", "", None),
        ("type = list(string)\ndefault = [1]", "", [1]),
        ("sensitive = true\ndefault = 1", "", Unknown("${var.v}")),
        ("sensitive = false\ndefault = 1", "", 1),
        ("sensitive = var.x\ndefault = 1", "", Unknown("${var.v}")),
        ("default = local.a", "", Unknown("${var.v}")),
    ],
)  # fmt: skip
def test_a_variable_has_its_setting_or_its_default(declared: str, settings: str, found: Any) -> None:
    """Converted to its type if that is a simple one; what is secret is not known."""
    files = {"a/x.tf": f'variable "v" {{\n{declared}\n}}', "a/terraform.tfvars": settings}
    value = worth(module(**files), "var.v")
    assert (value, type(value)) == (found, type(found))


def test_a_variable_that_another_file_may_set_is_not_known() -> None:
    """Whether ``prod.tfvars`` is used is said on the command line."""
    names = module(**{"a/x.tf": 'variable "v" {\n default = 1\n}', "a/prod.tfvars": "v = 2"})
    assert worth(names, "var.v") == Unknown("${var.v}")


def test_locals_resources_and_outputs_are_reached() -> None:
    """Through each other, and the links are those of all that was passed."""
    names = module(**{
        "a/x.tf": 'locals {\n n = t_b.r.name\n}\nresource "t_b" "r" {\n name = "x"\n}\n'
        'module "m" {\n source = "../m"\n v = local.n\n}',
        "m/y.tf": 'variable "v" {}\nresource "t_c" "s" {\n name = var.v\n}\n'
        'output "o" {\n value = t_c.s.name\n}',
    })  # fmt: skip
    assert worth(names, "module.m.o") == "x"
    assert names.world.links == [{"a:t_b.r", "a:module.m.t_c.s"}]
    assert worth(names, "t_b.r.id") == Unknown("${t_b.r.id}")
    assert worth(names, "module.m.no") == Unknown("${module.m.no}")
    assert worth(names, "[local, local.no, var.no, t_b.no.x, t_b.r, data.x.y.z, path.module]") == [
        Unknown(f"${{{text}}}")
        for text in ("local", "local.no", "var.no", "t_b.no.x", "t_b.r", "data.x.y.z", "path.module")
    ]


def test_a_counted_resource_is_reached_behind_its_place() -> None:
    """The place says which one; all are declared alike."""
    names = module(**{
        "a/x.tf": 'resource "t_b" "r" {\n count = 2\n name = "x"\n}\n'
        'module "m" {\n source = "../m"\n for_each = {}\n}\n'
        'module "n" {\n source = "../m"\n count = 2\n}',
        "m/y.tf": 'output "o" {\n value = 1\n}',
    })  # fmt: skip
    assert worth(names, "t_b.r[0].name") == "x"
    assert worth(names, "module.n[1].o") == 1
    assert worth(names, 'module.m["k"].o') == Unknown('${module.m["k"].o}')


def test_a_policy_document_is_its_json() -> None:
    """Only its attribute ``json``."""
    names = module(**{"a/x.tf": 'data "aws_iam_policy_document" "p" {}'})
    assert worth(names, "data.aws_iam_policy_document.p.json") == '{"Version":"2012-10-17","Statement":[]}'
    assert worth(names, "data.aws_iam_policy_document.p.id") == Unknown(
        "${data.aws_iam_policy_document.p.id}"
    )


@pytest.mark.parametrize(
    ("text", "asked", "line", "reason"),
    [
        ("locals {\n a = local.b\n b = local.a\n}", "local.a", 2, "local.a refers to itself"),
        ('resource "t_b" "r" {\n x = t_b.r.x\n}', "t_b.r.x", 1, "resource.t_b.r.x refers to itself"),
    ],
)
def test_what_refers_to_itself_is_a_fault(text: str, asked: str, line: int, reason: str) -> None:
    """Its value is not known."""
    names = module(**{"a/x.tf": text})
    assert isinstance(worth(names, asked), Unknown)
    assert list(names.world.faults) == [Fault("a/x.tf", line, reason)]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('source = "../../x"', "the source '../../x' leads out of the repository"),
        ('source = "./../../a"', "the source './../../a' leads out of the repository"),
        ('source = "hashicorp/x/aws"', "not read: the module 'hashicorp/x/aws' is not in the repository"),
        ('source = "git::https://x"', "not read: the module 'git::https://x' is not in the repository"),
        ('source = "/etc"', "not read: the module '/etc' is not in the repository"),
        ('source = "./no"', "no Terraform at the source './no'"),
        ('source = "./"', "module m calls itself"),
        ("source = var.x", "a module without a source that can be read"),
        ("", "a module without a source that can be read"),
    ],
)
def test_a_module_that_is_not_read_is_a_fault(source: str, reason: str) -> None:
    """It is named once, at its call."""
    names = module(**{"a/x.tf": f'\nmodule "m" {{\n{source}\n}}'})
    assert names.child("m") is names.child("m") is None
    assert list(names.world.faults) == [Fault("a/x.tf", 2, reason)]


def test_modules_in_each_other_end() -> None:
    """Twenty are opened."""
    files = {f"m{i}/x.tf": f'module "m" {{\n source = "../m{i + 1}"\n}}' for i in range(30)}
    names: Module | None = module("m0", **files, **{"m30/x.tf": ""})
    depth = 0
    while names is not None:
        last, names, depth = names, names.child("m"), depth + 1
    assert depth == 21
    assert list(last.world.faults) == [Fault("m20/x.tf", 1, "more than 20 modules in each other")]


def test_a_call_knows_its_address_and_its_outermost_call() -> None:
    """A module within a module stands at the call in the folder that is applied."""
    names = module(**{
        "a/x.tf": '\nmodule "m" {\n source = "../b"\n}',
        "b/x.tf": '\n\nmodule "n" {\n source = "../c"\n}', "c/x.tf": "",
    })  # fmt: skip
    middle = names.child("m")
    assert middle is not None
    inner = middle.child("n")
    assert inner is not None and inner.outermost is not None
    assert inner.address("t.n") == "a:module.m.module.n.t.n"
    assert inner.outermost.place == Place("a/x.tf", 2)
    assert names.outermost is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", 1), ("count = 0", 0), ("count = var.v", None), ("for_each = {}", 0),
        ('for_each = toset(["a", "b"])', 2),
        ("for_each = var.v", None), ("for_each = merge({}, var.v)", None), ('count = "2"', 2),
        ("count = []", None),
    ],
)  # fmt: skip
def test_how_often_is_a_number_or_not_known(text: str, found: int | None) -> None:
    """The worth of count, or the size of for_each."""
    body = parse(text.encode(), file="a.tf")
    assert isinstance(body, Body)
    assert how_many(body.attributes, module(**{"a/x.tf": ""})) == found


def test_a_value_is_traced_to_where_it_is_given() -> None:
    """The argument of the call, the setting of the caller, each at the line of its key."""
    names = module(**{
        "a/x.tf": 'variable "s" {}\nmodule "m" {\n source = "../m"\n size = var.s["k"]\n}\n'
        "locals {\n l = var.s\n}",
        "a/terraform.tfvars": "s = {\n j = 1\n k = 2\n}",
        "m/y.tf": 'variable "size" {}\nvariable "d" {\n default = 1\n}',
    })  # fmt: skip
    child = names.child("m")
    assert child is not None
    assert child.trace(Reference("var", ("size",))) == (Place("a/x.tf", 4), Place("a/terraform.tfvars", 3))
    assert child.trace(Reference("var", ("d",))) == (Place("m/y.tf", 3),)
    assert names.trace(Reference("local", ("l",))) == (Place("a/x.tf", 7), Place("a/terraform.tfvars", 1))
    assert names.trace(Reference("var", ("no",))) == names.trace(Reference("local", ("no",))) == ()
    assert names.trace(Reference("t_b", ("r",))) == ()

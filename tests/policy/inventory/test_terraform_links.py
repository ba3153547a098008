"""A plan's configuration tells which resource refers to which."""

from __future__ import annotations

from typing import Any

import pytest

from finops_lib.policy.inventory.terraform_links import plan_links


def one(address: str, *references: str) -> dict[str, Any]:
    return {"address": address, "expressions": {"rule": [{"x": {"references": list(references)}}]}}


def test_references_lead_to_resources_only() -> None:
    """Not to variables, locals, data or modules, and not to itself; places are left out."""
    names = [
        "a_b.c.id",
        "a_b.c",
        "a_b.d[0].id",
        "var.x",
        "local.y",
        "data.a.b",
        "module.m.o",
        "each.key",
        "p_q.r",
    ]
    configuration = {"root_module": {"resources": [one("p_q.r", *names)]}}
    assert plan_links(configuration, "f") == {"p_q.r": ("f:a_b.c", "f:a_b.d")}


def test_a_module_refers_within_itself() -> None:
    """Its addresses stand behind its name."""
    inner = {
        "resources": [one("a_b.c", "a_b.d")],
        "module_calls": {"n": {"module": {"resources": [one("e_f.g")]}}},
    }
    assert plan_links({"root_module": {"module_calls": {"m": {"module": inner}}}}, "f") == {
        "module.m.a_b.c": ("f:module.m.a_b.d",),
        "module.m.module.n.e_f.g": (),
    }


@pytest.mark.parametrize(
    "configuration",
    [
        None, [], {"root_module": []}, {"root_module": {"resources": {}}},
        {"root_module": {"resources": [1]}},
        {"root_module": {"module_calls": {"m": 1}}}, {"root_module": {"module_calls": []}},
    ],
)  # fmt: skip
def test_another_form_gives_no_links(configuration: Any) -> None:
    """The resources are judged without them."""
    assert plan_links(configuration, "f") == {}


def test_what_is_nested_too_deeply_is_not_followed() -> None:
    """References and modules in each other end at 60."""
    deep: Any = {"references": ["a_b.c"]}
    module: Any = {"resources": [one("x_y.z")]}
    for _ in range(70):
        deep, module = {"in": deep}, {"module_calls": {"m": {"module": module}}}
    assert plan_links({"root_module": {"resources": [{"address": "p_q.r", "e": deep}]}}, "f") == {"p_q.r": ()}
    assert plan_links({"root_module": module}, "f") == {}

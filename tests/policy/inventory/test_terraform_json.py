"""Plans and states as Terraform 1.11 writes them; what is sensitive is never kept, what is odd is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.terraform_json import Planned, read, resources_of
from finops_lib.policy.inventory.tree import Tree
from finops_lib.records import Resource

ARN = "arn:aws:s3:eu-west-1:310000000048:bucket/a"


def of(document: Any) -> Planned:
    return read(json.dumps(document).encode(), file="p.json")


def change(address: str, actions: list[str], after: Any, **more: Any) -> dict[str, Any]:
    kind, name = address.split(".")[-2:]
    return {
        "address": address, "mode": "managed", "type": kind, "name": name.split("[")[0],
        "change": {"actions": actions, "before": None, "after": after, **more},
    }  # fmt: skip


def plan(*changes: Any, **more: Any) -> dict[str, Any]:
    return {"format_version": "1.2", "resource_changes": list(changes), **more}


def state(*resources: Any) -> dict[str, Any]:
    return {"version": 4, "resources": list(resources)}


def live(attributes: Any, **more: Any) -> dict[str, Any]:
    return {
        "mode": "managed",
        "type": "aws_x",
        "name": "r",
        "instances": [{"attributes": attributes, **more}],
    }


def test_a_plan_gives_what_will_be_and_what_is_done() -> None:
    """Values after the change; what is known only then is unknown, at its path; what goes is only named."""
    names = {"references": ["aws_x.a.id", "aws_x.a"]}
    found = of(plan(
        change("aws_x.a[0]", ["update"], {"tags_all": {"Env": "prod", "n": 1}, "tags": {}, "arn": ARN}),
        change("aws_x.b", ["delete", "create"], {"l": [{}]}, after_unknown={"id": True, "l": [{"x": True}]}),
        change("aws_x.c", ["delete"], None),
        {"mode": "data"},
        configuration={"root_module": {"resources": [{"address": "aws_x.b", "expressions": {"v": names}}]}},
    ))  # fmt: skip
    assert found.faults == ()
    assert found.actions == {
        "p.json:aws_x.a[0]": ("update",), "p.json:aws_x.b": ("delete", "create"),
        "p.json:aws_x.c": ("delete",),
    }  # fmt: skip
    assert found.resources == (
        Resource(
            "p.json:aws_x.a[0]", "terraform_plan", "aws", "aws_x", "a", "p.json", 0, environment="prod",
            region="eu-west-1", account="310000000048", tags={"Env": "prod", "n": "1"},
            properties={"tags_all": {"Env": "prod", "n": 1}, "tags": {}, "arn": ARN},
        ),
        Resource(
            "p.json:aws_x.b", "terraform_plan", "aws", "aws_x", "b", "p.json", 0,
            properties={"l": [{}]}, unknown=("id", "l.0.x"), links=("p.json:aws_x.a[0]",),
        ),
    )  # fmt: skip


def test_a_state_file_gives_what_is_live() -> None:
    """One resource for each instance, in its module, linked to what it depends on."""
    first = live({"id": "1", "region": "eu-1"})
    second = {
        "module": "module.m", "mode": "managed", "type": "aws_x", "name": "s",
        "instances": [
            {"index_key": "k", "attributes": {"id": "2"}, "dependencies": ["aws_x.r", "aws_x.gone"]},
            {"index_key": 0, "attributes": None}, {"deposed": "ab", "attributes": {}},
        ],
    }  # fmt: skip
    found = of(state(first, second, {"mode": "data"}))
    assert (found.faults, found.actions) == ((), {})
    assert [(one.address, one.region, one.links) for one in found.resources] == [
        ("p.json:aws_x.r", "eu-1", ()), ('p.json:module.m.aws_x.s["k"]', "", ("p.json:aws_x.r",)),
        ("p.json:module.m.aws_x.s[0]", "", ()),
    ]  # fmt: skip
    assert {one.source for one in found.resources} == {"terraform_state"}


def test_a_shown_state_gives_what_is_live() -> None:
    """Modules in each other, and none at all."""
    values = {"labels": {"a": "b"}, "project": "p", "zone": "europe-west3-b"}
    one = {"address": "module.m.g_x.r", "mode": "managed", "type": "google_x", "name": "r", "values": values}
    root = {"child_modules": [{"resources": [one, {"mode": "data"}]}]}
    [found] = of({"format_version": "1.0", "values": {"root_module": root}}).resources
    assert (found.address, found.provider, found.account, found.region) == (
        "p.json:module.m.g_x.r", "gcp", "p", "europe-west3",
    )  # fmt: skip
    assert dict(found.tags) == {"a": "b"}
    assert of({"format_version": "1.0"}) == Planned()


def test_what_is_sensitive_is_hidden_in_each_form() -> None:
    """The mark of a plan, of a shown state, and the paths of a state file, also beside a type."""
    marks = {"p": True, "l": [{"q": True}]}
    values = {"p": "hush", "l": [{"q": "hush", "r": 1}]}
    shown = {"address": "aws_x.r", "mode": "managed", "type": "aws_x", "name": "r", "values": values,
             "sensitive_values": marks}  # fmt: skip
    steps = [[{"type": "get_attr", "value": "p"}], [
        {"type": "get_attr", "value": "l"}, {"type": "index", "value": {"value": 0, "type": "number"}},
        {"type": "get_attr", "value": "q"},
    ]]  # fmt: skip
    typed = {**values, "l": {"value": values["l"], "type": ["list", "string"]}}
    for document in (
        plan(change("aws_x.r", ["create"], values, after_sensitive=marks)),
        {"format_version": "1.0", "values": {"root_module": {"resources": [shown]}}},
        state(live(values, sensitive_attributes=steps)),
        state(live(typed, sensitive_attributes=steps)),
    ):
        [one] = of(document).resources
        assert dict(one.properties) == {"p": "(sensitive)", "l": [{"q": "(sensitive)", "r": 1}]}


DEEP: Any = 1
for _ in range(70):
    DEEP = [DEEP]
MODULES: Any = {}
for _ in range(70):
    MODULES = {"child_modules": [MODULES]}
FORM = "an object was expected where another value stands"
LIST = "a list was expected where another value stands"
NESTED = "more than can be read in each other"
FORMATS = "is not known: 0.1, 0.2 and 1.x are"
NO_STATE = "no plan and no state of Terraform that is known (a state file has the version 4)"
ACTIONS = "p.json:aws_x.r: actions that are not known"
NAMELESS = "a resource without type or name"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([], "not an object"),
        ({}, NO_STATE),
        ({"version": 3, "modules": []}, NO_STATE),
        ({"format_version": "2.0", "values": {}}, f"the format_version '2.0' {FORMATS}"),
        ({"format_version": 1.0}, f"the format_version '1.0' {FORMATS}"),
        ({"resource_changes": []}, f"the format_version 'None' {FORMATS}"),
        ({"format_version": "1.2", "planned_values": {}}, "a plan without resource_changes"),
        (plan(1), FORM),
        (plan({"mode": "managed"}), FORM),
        ({"format_version": "1.2", "resource_changes": {}}, LIST),
        (plan(change("aws_x.r", [], {})), ACTIONS),
        (plan(change("aws_x.r", ["burn"], {})), ACTIONS),
        (plan(change("aws_x.r", [["create"]], {})), ACTIONS),
        (plan(change("aws_x.r", ["create"], None)), "p.json:aws_x.r: no values after the change"),
        (plan(change("aws_x.r", ["create"], {"a": DEEP})), NESTED),
        (plan(change("aws_x.r", ["create"], {}, after_unknown=DEEP)), NESTED),
        (
            {"format_version": "1.0", "values": {"root_module": MODULES}},
            "more modules in each other than can be read",
        ),
        ({"format_version": "1.0", "values": []}, FORM),
        (state(live([])), FORM),
        (state({"mode": "managed", "instances": [{}]}), NAMELESS),
        (state({"mode": "managed", "type": 1, "name": "r", "instances": [{}]}), NAMELESS),
    ],
)
def test_what_is_odd_is_refused_as_a_whole(content: Any, reason: str) -> None:
    """A plan or state that is read in part would hide the other part."""
    assert of(content) == Planned(faults=(Fault("p.json", 0, reason),))


def test_a_plan_in_part_is_a_fault() -> None:
    """Terraform stopped, or was asked for a part; what is there is read."""
    for more in ({"errored": True}, {"complete": False}):
        found = of(plan(change("aws_x.r", ["create"], {}), **more))
        assert [one.address for one in found.resources] == ["p.json:aws_x.r"]
        assert found.faults == (Fault("p.json", 0, "the plan is not complete"),)
    assert of(plan(errored=False, complete=True)).faults == ()


def test_an_address_twice_is_a_fault() -> None:
    """The first is kept."""
    found = of(state(live({"id": "1"}), live({"id": "2"})))
    assert [one.properties["id"] for one in found.resources] == ["1"]
    assert found.faults == (Fault("p.json", 0, "p.json:aws_x.r is there twice"),)


def test_plans_and_states_of_a_repository_are_found_by_their_names() -> None:
    """What the tree left out is a fault."""
    content = json.dumps(state(live({"id": "1"}))).encode()
    tree = Tree(
        {"a/x.tfstate": content, "b.tfplan.json": b"[]", "c.json": b"[]"},
        left_out={"d.tfstate": "a link", "e": "a link"},
    )
    found = resources_of(tree)
    assert [one.address for one in found.resources] == ["a/x.tfstate:aws_x.r"]
    assert found.faults == (
        Fault("d.tfstate", 0, "not read: a link"),
        Fault("b.tfplan.json", 0, "not an object"),
    )


PARTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["mode", "type", "name", "change", "after", "actions", "address", "instances", "attributes"]
            ),
            inner,
        )
    ),
    max_leaves=20,
)


@given(st.sampled_from(["resource_changes", "values", "resources", "configuration"]), PARTS)
def test_any_document_is_read_or_refused(key: str, value: Any) -> None:
    """No exception comes out."""
    for document in ({"format_version": "1.2", key: value}, {"version": 4, key: value}, plan(value)):
        assert isinstance(of(document), Planned)

"""What is known is worked out, what is not stays as it is written, and nothing is guessed."""

from __future__ import annotations

from typing import Any

import pytest

from finops_lib.policy.inventory.hcl_file import parse
from finops_lib.policy.inventory.hcl_nodes import Body
from finops_lib.policy.inventory.terraform_unknown import (
    Partly,
    Step,
    Unknown,
)
from finops_lib.policy.inventory.terraform_values import evaluate


class Told:
    """Names with fixed values: ``v.<name>``."""

    def __init__(self, **values: Any) -> None:
        self.values, self.asked = values, list[str]()

    def value(self, root: str, steps: tuple[Step, ...], depth: int) -> tuple[Any, tuple[Step, ...]]:
        """The value of the first step."""
        self.asked.append(root)
        return self.values.get(str(steps[0]) if steps else "", Unknown("${?}")), steps[1:]


TOLD = Told(n=3, text="x", on=True, tags={"a": "1"}, list=["p", "q"], more=Partly({"a": "1"}))


def worth(text: str, names: Told = TOLD) -> Any:
    body = parse(f"x = {text}\n".encode(), file="a.tf")
    assert isinstance(body, Body), body
    return evaluate(body.attributes["x"].value, names)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1 + v.n", 4), ('"a-${v.text}-${v.n}"', "a-x-3"), ('"${v.list}"', ["p", "q"]), ("v.list[1]", "q"),
        ('v.tags["a"]', "1"), ("v.tags.a", "1"), ("{a = v.n, (v.text) = 1}", {"a": 3, "x": 1}),
        ("v.on ? 1 : 2", 1), ("!v.on ? 1 : 2", 2), ("merge(v.tags, {b = v.n})", {"a": "1", "b": 3}),
        ("merge(null, v.tags)", {"a": "1"}), ("try(v.n, 1)", 3), ("coalesce(null, v.text)", "x"),
        ("coalesce(null, null)", None), ("concat(v.list, [v.no.way])", ["p", "q", Unknown("${v.no.way}")]),
        ("max([1, 5]...)", 5), ("f(1)", Unknown("${f(1)}")), ("max(v.no...)", Unknown("${max(v.no...)}")),
        ("element([1], 0)", 1), ("element([], 0)", Unknown("${element([], 0)}")),
    ],
)  # fmt: skip
def test_what_is_known_is_worked_out(text: str, found: Any) -> None:
    """Templates, steps, conditions and functions."""
    assert worth(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("v.no", "${v.no}"), ('"a-${v.no}"', "a-${v.no}"), ("v.tags.zz", "${v.tags.zz}"),
        ("v.list[9]", "${v.list[9]}"),
        ("v.no + 1", "${v.no + 1}"), ("v.no ? 1 : 2", "${v.no ? 1 : 2}"), ("v.tags[v.no]", "${v.tags[v.no]}"),
        ("lower(v.no)", "${lower(v.no)}"), ("[for x in v.list : x]", "${[for ...]}"),
        ("v.more.a", "${v.more.a}"),
        ('"a-${v.list}"', '${"a-${v.list}"}'), ("try(v.no, 1)", "${try(v.no, 1)}"),
    ],
)  # fmt: skip
def test_what_is_not_known_stays_as_it_is_written(text: str, found: str) -> None:
    """Also a part of an object of which more may exist, and a text of a list."""
    assert worth(text) == Unknown(found)


def test_a_condition_that_is_not_known_matters_only_where_the_branches_differ() -> None:
    """Both ways the same is known."""
    assert worth('v.no ? "a" : "a"') == "a"
    assert worth("v.no ? 1 : true") == Unknown("${v.no ? 1 : true}")


def test_a_merge_with_something_unknown_is_known_in_part() -> None:
    """What came before may be replaced, what comes after is certain."""
    found = worth('merge(v.tags, v.no, {b = "2"})')
    assert isinstance(found, Partly)
    assert found == {"a": Unknown("${merge(...).a}"), "b": "2"}
    assert isinstance(worth("merge(v.more, {b = 1})"), Partly)
    assert isinstance(worth("{(v.no) = 1}"), Partly)


def test_what_is_not_worked_out_still_asks_for_its_names() -> None:
    """A loop or a splat refers to what it goes over."""
    names = Told()
    worth("[for x in thing.a : x]", names)
    worth("other.b[*].c", names)
    assert {"thing", "other"} <= set(names.asked)


def test_evaluations_in_each_other_end() -> None:
    """At 80 the value is not known."""
    body = parse(b"x = v.n", file="a.tf")
    assert isinstance(body, Body)
    assert evaluate(body.attributes["x"].value, TOLD, 81) == Unknown("${v.n}")


def test_a_text_does_not_grow_without_end() -> None:
    """At most 65,536 characters."""
    long = Told(t="x" * 40_000)
    assert worth('"${v.t}-${v.t}"', long) == Unknown('${"${v.t}-${v.t}"}')
    assert len(worth('"${v.t}-"', long)) == 40_001

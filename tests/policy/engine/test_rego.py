"""Rego in process: an answer, or an error that says where; never silence, never another thread's."""

from __future__ import annotations

import threading

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.engine.rego import Rego, engine_name, guarded, outline

COUNT = {"main.rego": "package finops.main\nimport rego.v1\ndecision := input.n + data.m if input.n"}


def test_an_input_is_decided_again_and_again() -> None:
    """With the data that was given once."""
    rego = Rego(COUNT, '{"m": 10}')
    assert [rego.answer(f'{{"n": {number}}}') for number in (1, 2, 1)] == ["11", "12", "11"]
    assert engine_name().startswith("regorus ")


def test_undefined_is_an_error_and_the_engine_lives_on() -> None:
    """Neither false nor nothing stands for a decision."""
    rego = Rego(COUNT, '{"m": 1}')
    with pytest.raises(
        PolicyError, match=r"it is undefined for this input\. Remedy: give it a default that denies"
    ):
        rego.answer("{}")
    assert rego.answer('{"n": 1}') == "2"


@pytest.mark.parametrize(
    "text", ["package a\nx :=", "x := 1", "package a\nx := unknown_builtin(1)\ndecision := x"]
)
def test_what_is_no_rego_is_an_error(text: str) -> None:
    """Told when it is loaded, or at the first answer where the engine looks only then."""
    with pytest.raises(PolicyError, match="each policy compiles"):
        Rego({"a.rego": text, "main.rego": "package finops.main\ndecision := data.a.x"}, "{}").answer("{}")


def test_an_input_that_is_no_json_is_an_error() -> None:
    """Also data that is none."""
    with pytest.raises(PolicyError, match="policy engine: "):
        Rego(COUNT, "{}").answer("{")
    with pytest.raises(PolicyError, match="policy engine: "):
        Rego(COUNT, "[")


def test_another_thread_is_refused() -> None:
    """The engine is not made for it."""
    rego, said = Rego(COUNT, '{"m": 1}'), []

    def ask() -> None:
        try:
            rego.answer('{"n": 1}')
        except PolicyError as error:
            said.append(error.rule)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert said == ["it answers on the thread that made it"]


def test_a_panic_is_an_error_and_an_interrupt_goes_through() -> None:
    """A panic of the engine is no ordinary exception."""

    class Panic(BaseException):
        pass

    def broken() -> None:
        raise Panic("called unwrap\nStack backtrace: 0x1")

    def stopped() -> None:
        raise KeyboardInterrupt

    with pytest.raises(PolicyError, match="policy engine: called unwrap: each policy compiles"):
        guarded(broken)
    with pytest.raises(KeyboardInterrupt):
        guarded(stopped)


def test_the_outline_tells_package_rules_names_and_formats() -> None:
    """What is only a word in a comment or a text is no name."""
    text = "# time.now_ns()\n"
    text += (
        'package a.b\nimport rego.v1\nid := "X-1"\nr if input.x.y == "http.send"\nf(x) := sprintf("%v", [x])'
    )
    found = outline({"a.rego": text})["a.rego"]
    assert (found["package"], found["rules"], found["ids"]) == ("a.b", ["f", "id", "r"], ["X-1"])
    assert "input.x.y" in found["names"]
    assert not {"time.now_ns", "http.send"} & set(found["names"])
    assert found["formats"] == ["%v"]

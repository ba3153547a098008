"""A process that may be killed: it loops, eats memory or answers too much, and this one goes on."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.engine.child import Child, Ended, Limits, outlined

HEAD = "package finops.main\nimport rego.v1\n"
ECHO = {"main.rego": HEAD + "decision := input.n"}
PAIRS = "some a in numbers.range(1, 9000); some b in numbers.range(1, 9000)"
LOOP = {"main.rego": f"{HEAD}decision := count([1 | {PAIRS}; a == b + input.n])"}
EATS = {"main.rego": HEAD + "decision := count(numbers.range(1, 300000000)) + input.n"}


def test_it_answers_in_order_and_errors_are_answers() -> None:
    """An input that is no JSON ends nothing."""
    with Child(ECHO, "{}", limits=Limits()) as child:
        first, second, third = child.ask([b'{"n": 1}', b"{", b'{"n": 3}'])
        assert (first, third) == ("1", "3")
        assert isinstance(second, PolicyError)


@pytest.mark.parametrize(
    ("modules", "limits"), [(LOOP, Limits(seconds=1)), (EATS, Limits(seconds=3, memory_mib=256))]
)
def test_a_policy_that_loops_or_eats_memory_is_ended_in_bounded_time(
    modules: dict[str, str], limits: Limits
) -> None:
    """The next answer is never waited for."""
    start = time.monotonic()
    with Child(modules, "{}", limits=limits) as child:
        try:
            said = list(child.ask([b'{"n": 1}']))
        except Ended as ended:
            said = [str(ended)]
    assert len(said) == 1
    assert isinstance(said[0], PolicyError) or "it " in said[0]
    assert time.monotonic() - start < limits.seconds + 8


def test_an_answer_that_is_too_long_ends_it() -> None:
    """It is not read."""
    modules = {"main.rego": HEAD + 'decision := concat("", ["x" | some _ in numbers.range(1, 3000)])'}
    with (
        Child(modules, "{}", limits=Limits(answer_bytes=1000)) as child,
        pytest.raises(Ended, match="1,000 bytes"),
    ):
        list(child.ask([b"{}"]))


def test_policies_that_do_not_compile_are_refused_at_the_start() -> None:
    """With what the engine says; the process is gone."""
    with pytest.raises(PolicyError, match="each policy compiles"):
        Child({"a.rego": "package a\nx :="}, "{}", limits=Limits())
    with pytest.raises(PolicyError, match="it is ready within 30 seconds and 16 MiB"):
        Child(ECHO, "{}", limits=Limits(memory_mib=16))


def test_it_has_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret of ours is not among what the process was given."""
    monkeypatch.setenv("FINOPS_SECRET", "hunter2")
    with Child(ECHO, "{}", limits=Limits()) as child:
        assert Path(f"/proc/{child._process.pid}/environ").read_bytes() == b""
        pid = child._process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_outline_is_told_from_outside() -> None:
    """What is no Rego is an error."""
    assert outlined(ECHO)["main.rego"]["package"] == "finops.main"
    with pytest.raises(PolicyError, match="each policy compiles"):
        outlined({"a.rego": "package"})

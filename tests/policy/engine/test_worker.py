"""What the child process says for each message: an answer or a fault, framed by its length."""

from __future__ import annotations

import subprocess
import sys

import orjson
import pytest

from finops_lib.policy.engine.worker import framed, unframed

ORDER = {
    "modules": {"main.rego": "package finops.main\nimport rego.v1\ndecision := input.n if input.n"},
    "data": "{}",
}
SERVE = "from finops_lib.policy.engine.worker import main; main()"


def told(*messages: bytes, **order: object) -> list[bytes]:
    """Let a process serve these messages, and give what it answers."""
    first = orjson.dumps({**ORDER, "cpu_seconds": 5, "outline": False, **order})
    given = b"".join(map(framed, (first, *messages)))
    done = subprocess.run([sys.executable, "-c", SERVE], input=given, capture_output=True, check=True)
    return list(unframed(done.stdout))


def test_messages_stand_behind_their_length() -> None:
    """Also an empty one, and many in a row."""
    parts = [b"", b"a", b"x" * 70_000]
    assert list(unframed(b"".join(map(framed, parts)))) == parts
    assert framed(b"abc") == b"\x00\x00\x00\x03abc"


def test_each_input_of_a_batch_has_its_answer() -> None:
    """The first word says that it is ready; an input without a decision is a fault with three parts."""
    batch = b"".join(map(framed, (b'{"n": 1}', b"{}", b'{"n": 3}')))
    ready, *answers = told(batch, framed(b'{"n": 4}'))
    assert ready == b"+"
    assert [answers[0], answers[2], answers[3]] == [b"+1", b"+3", b"+4"]
    assert answers[1][:1] == b"-"
    assert orjson.loads(answers[1][1:])[1] == "it is undefined for this input"


def test_policies_that_do_not_compile_are_one_fault() -> None:
    """And nothing is served."""
    [fault] = told(framed(b"{}"), modules={"a.rego": "package a\nx :="})
    assert orjson.loads(fault[1:])[1].startswith("each policy compiles")


def test_an_outline_is_one_answer() -> None:
    """Of what the modules define."""
    [answer] = told(outline=True)
    assert orjson.loads(answer[1:])["main.rego"]["rules"] == ["decision"]


def test_a_half_message_ends_it_without_an_answer() -> None:
    """Like a closed pipe."""
    first = orjson.dumps({**ORDER, "cpu_seconds": 5, "outline": False})
    given = framed(first) + b"\x00\x00"
    done = subprocess.run([sys.executable, "-c", SERVE], input=given, capture_output=True, check=False)
    assert list(unframed(done.stdout)) == [b"+"]
    with pytest.raises(StopIteration):
        next(unframed(b""))

"""An engine that outlives its processes: the input that ends one is refused, those behind it are judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from finops_lib.errors import PolicyError
from finops_lib.policy.bundle import Bundle
from finops_lib.policy.engine.child import Limits
from finops_lib.policy.engine.limited import LimitedEngine
from tests.policy.bundles import small

HEAD = "package finops.main\nimport rego.v1\n"
LOOP = (
    HEAD
    + """
decision := input.n if not input.loop
pairs := [1 | some a in numbers.range(1, 9000); some b in numbers.range(1, 9000); a == b]
decision := count(pairs) if input.loop
"""
)
BAD, GOOD = b'{"loop": true, "n": 0}', b'{"loop": false, "n": 7}'


def looping(place: Path) -> Bundle:
    return replace(small(place), modules={"main.rego": LOOP})


def test_what_ends_a_process_is_refused_and_the_next_input_has_a_fresh_one(tmp_path: Path) -> None:
    """In the order of the inputs."""
    engine = LimitedEngine(looping(tmp_path), Limits(seconds=0.5))
    first, second, third = engine.answers([GOOD, BAD, GOOD])
    assert (first, third) == ("7", "7")
    assert isinstance(second, PolicyError)
    assert second.rule == "an answer takes at most 0.5 seconds and 512 MiB"
    assert engine.answers([GOOD]) == ["7"]
    engine.close()


def test_it_is_not_started_again_for_ever(tmp_path: Path) -> None:
    """Beyond the bound every input is refused, good ones too: nothing is allowed by wearing it out."""
    engine = LimitedEngine(looping(tmp_path), Limits(seconds=0.3, restarts=1))
    found = engine.answers([BAD, BAD, GOOD])
    assert all(isinstance(one, PolicyError) for one in found)
    assert "it is started again at most 1 times" in str(found[2])
    engine.close()


def test_a_closed_engine_answers_nothing(tmp_path: Path) -> None:
    """It does not start a process behind one's back."""
    engine = LimitedEngine(small(tmp_path))
    engine.close()
    assert ["it was closed" in str(one) for one in engine.answers([GOOD, GOOD])] == [True, True]

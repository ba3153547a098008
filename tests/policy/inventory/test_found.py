"""What several readers found, put together."""

from __future__ import annotations

from finops_lib.policy.inventory.found import Fault, Found, in_words, together
from finops_lib.records import Resource


def test_parts_keep_their_order_and_all_their_faults() -> None:
    """Resources and faults add up; a file that two readers left out is named once."""
    one, two = (Resource(name, "live", "", "t", name, "f", 1) for name in "ab")
    fault = Fault("f", 1, "why")
    joined = together(Found((two,), (fault,), ("x",)), Found((one,), (fault,), ("y", "x")))
    assert joined == Found((two, one), (fault, fault), ("x", "y"))


def test_a_hostile_complaint_becomes_one_short_printable_line() -> None:
    """Colours of a terminal and line ends are gone, and it is cut at 300 characters."""
    assert in_words("bad\x1b[31m\nvalue\u202e") == "bad?[31m value?"
    assert in_words("x" * 999) == "x" * 300

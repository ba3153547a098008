"""A file of HCL is read with its lines, or it is a fault with a line and a reason; never an exception."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.hcl_file import LARGEST, parse
from finops_lib.policy.inventory.hcl_nodes import Attribute, Block, Body, Literal

DEEP = "more than 60 blocks or expressions in each other"
UNSURE = "a text goes over a line or hides its end"


def test_blocks_and_attributes_have_their_lines() -> None:
    """Labels with and without quotes, comments of three kinds, blocks in blocks."""
    text = b'# c\nresource "t" n {\n  a = 1 // c\n\n  /* c\n  c */ b {\n    d = "x"\n  }\n}\n'
    inner = Block("b", (), 6, Body({"d": Attribute(7, Literal("x"))}, ()))
    assert parse(text, file="a.tf") == Body(
        {}, (Block("resource", ("t", "n"), 2, Body({"a": Attribute(3, Literal(1))}, (inner,))),)
    )


def test_an_empty_file_says_nothing() -> None:
    """Nor does one of comments, or of another system's line ends."""
    assert parse(b"", file="a.tf") == parse(b"# c\r\n", file="a.tf") == Body({}, ())


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"\n\xff", 2, "not UTF-8"),
        (b"\xef\xbb\xbfa = 1", 1, "no HCL: what stands at column 1 was not expected"),
        (b"a = \x00", 1, "no HCL: what stands at column 5 was not expected"),
        (b"a = 1\nb = }", 2, "no HCL: what stands at column 5 was not expected"),
        (b"a {", 1, "no HCL: the file ends too early"),
        (b"a = 1\na = 2", 2, "a is set twice in one block"),
        (b'a "${b}" {}', 1, "a label is a template"),
        (b"a = 1e999", 1, "the number 1e999... is too large"),
        (b"a = " + b"9" * 5000, 1, f"the number {'9' * 40}... is too large"),
        (b"a = " + b"[" * 10_000 + b"]" * 10_000, 1, DEEP),
        (b"a = " + b"(" * 10_000 + b"1" + b")" * 10_000, 1, DEEP),
        (b"a = " + b"1 ? 1 : " * 5_000 + b"1", 1, DEEP),
        (b"a = " + b"1 + " * 5_000 + b"1", 1, DEEP),
        (b"a {\n" * 5_000 + b"}\n" * 5_000, 61, DEEP),
        (b'a = "' + b'${"' * 300 + b'"}' * 300 + b'"', 1, DEEP),
        (b"a = x" + b".y" * 5_000, 1, "more than 60 steps on end"),
        (b'a = "x\ny"', 1, UNSURE),
        (b'a = "$${"\nb = "}"', 1, UNSURE),
        (b"a = <<E\nE \nE\n", 1, "the end of a heredoc is not certain"),
        (b"a = <<E\n${b c}\nE\n", 1, "a template in a heredoc cannot be read"),
        (b"a = <<E\n${1)\nb = (1}\nE\n", 1, "a template in a heredoc cannot be read"),
        (b"a = <<E\n" + b"\n" * 100_000 + b"E\n", 1, "more than 200 blanks on end in a file with a heredoc"),
        (b"a = [" + b"1," * 400_000 + b"]", 0, "more than 300,000 signs of {[(=,.+?: too much for one file"),
        (b"x" * (LARGEST + 1), 0, "2,097,153 bytes: a file of at most 2,097,152 is read"),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_its_line(content: bytes, line: int, reason: str) -> None:
    """Also where Terraform and this grammar could read different things, and within a few seconds."""
    begun = time.process_time()
    assert parse(content, file="a.tf") == Fault("a.tf", line, reason)
    assert time.process_time() - begun < 10


@given(st.text(alphabet='ab={}[]()"$%<\n .,:?#/*\\1-E', max_size=60))
def test_any_text_is_a_body_or_a_fault(text: str) -> None:
    """No exception comes out."""
    assert isinstance(parse(text.encode(), file="a.tf"), (Body, Fault))

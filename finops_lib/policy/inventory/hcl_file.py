"""What does this HCL file say: its blocks and attributes with their lines, by the grammar of python-hcl2.

Where that grammar is laxer than Terraform's, so that text could be hidden from one of the two, the file is
refused.
"""

from __future__ import annotations

import re
from typing import Any

from lark import Token, Tree
from lark.exceptions import LarkError, UnexpectedInput

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.hcl_grammar import DEEPEST, Refused, grammar, line_of, meaning, node
from finops_lib.policy.inventory.hcl_nodes import Attribute, Block, Body, Literal

LARGEST = 2 * 1024**2  # bytes
_MOST_SIGNS = 300_000
_LONGEST_BLANK = 200  # more blank lines in a heredoc cost the grammar time with their square
_SIGNS = "{[(=,.+?"
_BLANKS = re.compile(rf"\s{{{_LONGEST_BLANK + 1}}}")


def parse(content: bytes, *, file: str) -> Body | Fault:
    r"""What does this file say.

    Parameters
    ----------
    content : bytes
        HCL in UTF-8: ``*.tf`` or ``*.tfvars``.
    file : str
        Its path, for the fault.

    Returns
    -------
    Body or Fault
        The fault names the line, 0 where none is known.

    Examples
    --------
    >>> body = parse(b'resource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n}', file="a.tf")
    >>> body.blocks[0].labels, body.blocks[0].body.attributes["bucket"]
    (('aws_s3_bucket', 'logs'), Attribute(line=2, value=Literal(value='logs')))
    >>> parse(b"a = [", file="a.tf").reason
    'no HCL: the file ends too early'
    """
    try:
        return _body(grammar().parse(_text(content) + "\n").children[0], 0)
    except Refused as refused:
        return Fault(file, refused.line, refused.reason)
    except UnexpectedInput as error:
        return _fault(error, file)
    except (LarkError, RecursionError):
        return Fault(file, 0, "no HCL that can be read")


def _fault(error: UnexpectedInput, file: str) -> Fault:
    token = getattr(error, "token", None)
    if token is not None and token.type == "$END":
        return Fault(file, int(getattr(error, "line", 0) or 0), "no HCL: the file ends too early")
    line, column = (max(int(getattr(error, name, 0) or 0), 0) for name in ("line", "column"))
    return Fault(file, line, f"no HCL: what stands at column {column} was not expected")


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise Refused(0, f"{len(content):,} bytes: a file of at most {LARGEST:,} is read")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(content.count(b"\n", 0, error.start) + 1, "not UTF-8") from None
    if sum(map(text.count, _SIGNS)) > _MOST_SIGNS:
        raise Refused(0, f"more than {_MOST_SIGNS:,} signs of {_SIGNS}: too much for one file")
    blank = _BLANKS.search(text) if "<<" in text else None
    if blank:
        line = text.count("\n", 0, blank.start()) + 1
        raise Refused(line, f"more than {_LONGEST_BLANK} blanks on end in a file with a heredoc")
    return text


def _body(tree: Any, depth: int) -> Body:
    attributes: dict[str, Attribute] = {}
    blocks = []
    for child in meaning(tree):
        if child.data == "block":
            blocks.append(_block(child, depth + 1))
            continue
        name, value = meaning(child)
        key, line = str(name.children[0]), line_of(name)
        if key in attributes:
            raise Refused(line, f"{key[:80]} is set twice in one block")
        attributes[key] = Attribute(line, node(value, depth + 1))
    return Body(attributes, tuple(blocks))


def _block(tree: Tree[Token], depth: int) -> Block:
    if depth > DEEPEST:
        raise Refused(line_of(tree), f"more than {DEEPEST} blocks or expressions in each other")
    first, *labels, body = meaning(tree)
    return Block(str(first.children[0]), tuple(map(_label, labels)), line_of(first), _body(body, depth))


def _label(tree: Tree[Token]) -> str:
    if tree.data != "string":
        return str(tree.children[0])
    found = node(tree, 0)
    if not isinstance(found, Literal):
        raise Refused(line_of(tree), "a label is a template")
    return str(found.value)

"""A policy written as a data source is the JSON that is attached."""

from __future__ import annotations

import json
from typing import Any

from finops_lib.policy.inventory.hcl_file import parse
from finops_lib.policy.inventory.hcl_nodes import Body
from finops_lib.policy.inventory.terraform_documents import policy_document
from finops_lib.policy.inventory.terraform_unknown import (
    Step,
    Unknown,
)


class Nobody:
    """Names without values."""

    def value(self, root: str, steps: tuple[Step, ...], depth: int) -> tuple[Any, tuple[Step, ...]]:
        """Nothing is known."""
        return Unknown("${?}"), ()


def document(inner: str) -> Any:
    body = parse(f'data "aws_iam_policy_document" "p" {{\n{inner}\n}}'.encode(), file="a.tf")
    assert isinstance(body, Body), body
    return policy_document(body.blocks[0], Nobody(), 0)


def test_a_statement_becomes_json() -> None:
    """Effect is Allow unless said; principals by type; conditions by test and variable."""
    found = document("""statement {
      sid = "x"
      actions = ["s3:*"]
      resources = ["*"]
      principals {
        type = "AWS"
        identifiers = ["a", "b"]
      }
      condition {
        test = "StringEquals"
        variable = "aws:x"
        values = ["1"]
      }
    }
    statement {
      effect = "Deny"
      not_actions = ["iam:*"]
      not_resources = ["r"]
    }""")
    assert json.loads(found) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow", "Sid": "x", "Action": ["s3:*"], "Resource": ["*"],
                "Principal": {"AWS": ["a", "b"]}, "Condition": {"StringEquals": {"aws:x": ["1"]}},
            },
            {"Effect": "Deny", "NotAction": ["iam:*"], "NotResource": ["r"]},
        ],
    }  # fmt: skip


def test_anybody_is_a_star() -> None:
    """Whatever else is named."""
    found = document('statement {\n principals {\n type = "*"\n identifiers = ["*"]\n}\n}')
    assert json.loads(found)["Statement"][0]["Principal"] == "*"


def test_a_part_that_is_not_known_makes_the_whole_unknown_but_readable() -> None:
    """The text still shows what is allowed."""
    found = document('statement {\n actions = ["*"]\n resources = [v.a]\n}')
    assert isinstance(found, Unknown)
    assert json.loads(found.text)["Statement"][0] == {
        "Effect": "Allow",
        "Action": ["*"],
        "Resource": ["${v.a}"],
    }


def test_a_document_on_top_of_others_is_not_known() -> None:
    """Statements may come from elsewhere, also by a dynamic block."""
    assert isinstance(document('source_policy_documents = ["{}"]'), Unknown)
    assert isinstance(document('dynamic "statement" {\n}'), Unknown)


def test_a_document_too_large_is_not_known() -> None:
    """Its text is then a placeholder."""
    inner = "statement {\n actions = [" + ",".join(["1"] * 6_000) + "]\n}"
    assert document(inner) == Unknown("${data.aws_iam_policy_document}")

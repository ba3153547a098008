"""Templates that CloudFormation would refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_lib.policy.check.schema_cloudformation import check_cloudformation

SAMPLES = Path(__file__).resolve().parents[3] / "data" / "samples" / "repository" / "cloudformation"
WRONG = b"""Metadata:
  cfn-lint: {config: {ignore_checks: [E, W]}}
Parameters:
  Unused: {Type: String}
Resources:
  Logs:
    Type: AWS::S3::Bucket
    Metadata: {cfn-lint: {config: {ignore_checks: [E3002]}}}
    Properties:
      BucketNam: logs
"""
RIGHT = b"Resources:\n  Logs:\n    Type: AWS::S3::Bucket\n"


def test_errors_and_warnings_are_found_though_the_template_says_to_ignore_them() -> None:
    """A misspelt property is an error in line 10, an unused parameter a warning in line 4."""
    part = check_cloudformation({"stacks/logs.yaml": WRONG, "right.yaml": RIGHT, "values.yaml": b"a: AWS::x"})
    found = sorted((one.rule, one.level, one.file, one.line, one.subject) for one in part.findings)
    assert found == [
        ("E3002", "error", "stacks/logs.yaml", 10, "Logs"),
        ("W2001", "warning", "stacks/logs.yaml", 4, "Parameters.Unused"),
    ]
    assert "'BucketNam' was unexpected" in max(part.findings, key=lambda one: one.line).message
    assert (part.ran[0].program, part.ran[0].looked_at, part.not_run) == ("cfn-lint", 2, ())


def test_json_templates_and_names_like_options_are_read() -> None:
    """A file may be called as it likes: its name is never a word of a command line."""
    content = b'{"Resources": {"Q": {"Type": "AWS::SQS::Queue",\n"Properties": {"DelaySeconds": "never"}}}}'
    [one] = check_cloudformation({"--format junit [a-z]*.json": content}).findings
    assert (one.rule, one.file, one.line) == ("E3012", "--format junit [a-z]*.json", 2)


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        (b"# AWS::\nResources: [\n", "it is no YAML: expected the node content, but found '<stream end>'", 3),
        (b"# AWS::\nResources:\n  A: 1\n  A: 2\n", "a key comes twice in one mapping", 4),
    ],
)
def test_a_template_that_cannot_be_read_is_an_error(content: bytes, message: str, line: int) -> None:
    """A file that speaks of AWS resources and is no YAML is told, not passed over."""
    [one] = check_cloudformation({"a.yaml": content}).findings
    assert (one.rule, one.message, one.line) == ("cloudformation/unreadable", message, line)


def test_a_linter_that_does_not_end_lets_nothing_pass() -> None:
    """The reason names the first template; the check is required."""
    part = check_cloudformation({"right.yaml": RIGHT}, seconds=0.05)
    [left] = part.not_run
    assert (left.reason, left.required) == (
        "cfn-lint on right.yaml and on: it did not end within 0.05 s",
        True,
    )


def test_a_linter_that_gives_no_list_lets_nothing_pass() -> None:
    """A region that does not exist makes it say so instead."""
    [left] = check_cloudformation({"right.yaml": RIGHT}, regions=["moon-1"]).not_run
    assert left.required
    assert "no list of findings" in left.reason


def test_the_sample_templates_have_one_error() -> None:
    """A tag value with a lorry and one that no service takes; two conditions are not used."""
    part = check_cloudformation({path.name: path.read_bytes() for path in SAMPLES.iterdir()})
    found = sorted((one.rule, one.file, one.line) for one in part.findings)
    assert found == [
        ("E3031", "prod-data.yaml", 34),
        ("W8001", "sandbox.yaml", 8),
        ("W8001", "staging.yaml", 8),
    ]
    assert part.ran[0].looked_at == 5


def test_without_templates_no_program_is_started() -> None:
    """Nothing to look at is told as none looked at."""
    part = check_cloudformation({"a.tf": b"AWS::", "b.yaml": b"a: 1"}, seconds=0)
    assert (part.findings, part.not_run, part.ran[0].looked_at) == ((), (), 0)

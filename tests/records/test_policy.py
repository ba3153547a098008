"""What a policy said, and the things it is asked about."""

from __future__ import annotations

import json

import pytest

from finops_lib.records import Reason, Resource, Verdict


def verdict(outcome: str = "deny") -> Verdict:
    reason = Reason("SEC-001", "the bucket is not encrypted", "a:aws_s3_bucket.logs")
    return Verdict(
        outcome, (reason,), ("SEC-001", "TAG-001"), (reason,), (), "ab" * 32, "cd" * 32, "regorus 0.13",
        "2026-11-26T10:00:00Z",
    )  # fmt: skip


def test_a_verdict_comes_back_from_its_json() -> None:
    told = json.loads(json.dumps(verdict().to_json()))
    assert Verdict.from_json(told) == verdict()
    assert told["reasons"] == [
        {"rule": "SEC-001", "reason": "the bucket is not encrypted", "subject": "a:aws_s3_bucket.logs"}
    ]


@pytest.mark.parametrize("outcome", ["allow", "needs_approval", "deny"])
def test_only_allow_allows(outcome: str) -> None:
    assert verdict(outcome).allowed is (outcome == "allow")


def test_another_outcome_is_refused() -> None:
    with pytest.raises(ValueError, match="outcome 'maybe': it is one of allow, needs_approval, deny"):
        verdict("maybe")


def test_a_resource_becomes_json_without_sharing_its_defaults() -> None:
    one = Resource("a", "terraform", "aws", "aws_s3_bucket", "a", "a.tf", 1)
    assert one.to_json()["properties"] == {}
    with pytest.raises(TypeError):
        one.tags["team"] = "checkout"  # type: ignore[index]

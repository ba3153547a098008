"""May we: what a policy said of one thing, and the things it is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

from finops_lib.records.core import Record

ALLOW, NEEDS_APPROVAL, DENY = "allow", "needs_approval", "deny"
OUTCOMES = (ALLOW, NEEDS_APPROVAL, DENY)
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Reason(Record):
    """Why a policy does not simply allow: the id of the rule, a sentence, and the address it is about.

    Examples
    --------
    >>> Reason("TAG-001", 'the tag "team" is missing', "a.tf:aws_s3_bucket.logs").to_json()["rule"]
    'TAG-001'
    """

    rule: str
    reason: str
    subject: str = ""

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read it back from what `to_json` gave.

        Parameters
        ----------
        found : mapping
            The three texts.

        Returns
        -------
        Reason
        """
        return cls(**found)


@dataclass(frozen=True)
class Verdict(Record):
    """What one evaluation said: allow, needs approval or deny.

    ``reasons`` are why it is not simply allowed, those that deny first; ``evaluated`` the ids of the policies
    that applied. ``shadow`` is what policies that are only watched would have said, ``waived`` what a waiver
    in force lifted. The digests are sha256 in hexadecimal, of the bundle and of the input; ``engine`` names
    the engine and its version; ``time`` is the moment that the input carried, RFC 3339 in UTC.

    Raises
    ------
    ValueError
        The outcome is none of the three.

    Examples
    --------
    >>> verdict = Verdict("allow", (), ("TAG-001",), (), (), "ab", "cd", "regorus", "2026-11-26T10:00:00Z")
    >>> verdict.allowed, Verdict.from_json(verdict.to_json()) == verdict
    (True, True)
    """

    outcome: str
    reasons: tuple[Reason, ...]
    evaluated: tuple[str, ...]
    shadow: tuple[Reason, ...]
    waived: tuple[Reason, ...]
    policy_sha256: str
    input_sha256: str
    engine: str
    time: str

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome {self.outcome!r}: it is one of {', '.join(OUTCOMES)}")

    @property
    def allowed(self) -> bool:
        """Whether it may be done without a further word."""
        return self.outcome == ALLOW

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read it back from what `to_json` gave.

        Parameters
        ----------
        found : mapping
            All fields.

        Returns
        -------
        Verdict
        """
        said = {name: tuple(map(Reason.from_json, found[name])) for name in ("reasons", "shadow", "waived")}
        return cls(**{**found, **said, "evaluated": tuple(found["evaluated"])})


@dataclass(frozen=True)
class Resource(Record):
    """One thing that is declared in a repository, planned, or live.

    ``source`` says where it was read: ``terraform``, ``terraform_plan``, ``terraform_state``,
    ``cloudformation``, ``kubernetes``, ``kustomize``, ``helm``, ``live`` or ``bill``. ``address`` is unique
    within an inventory. ``file`` is a path in the repository, ``line`` counts from 1, 0 where there is
    none. ``owner`` are the owners of the file, separated by spaces. ``tags`` are tags or labels;
    ``properties`` what is declared, as plain JSON, with what could be resolved; ``unknown`` the dotted
    paths whose value cannot be known from the files; ``links`` the addresses that it refers to.

    Examples
    --------
    >>> Resource("a:aws_s3_bucket.logs", "terraform", "aws", "aws_s3_bucket", "logs", "a/main.tf", 3).tags
    mappingproxy({})
    """

    address: str
    source: str
    provider: str
    type: str
    name: str
    file: str
    line: int
    owner: str = ""
    environment: str = ""
    region: str = ""
    account: str = ""
    tags: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    properties: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    unknown: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

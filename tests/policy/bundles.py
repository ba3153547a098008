"""Small bundles in a folder, and documents for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from finops_lib.policy.bundle import Bundle, read_bundle

TAG = """package finops.rules.tags.team

import rego.v1

id := "TAG-001"

applies if input.resource

deny contains {"reason": "no team", "subject": input.resource.address} if not input.resource.tags.team
"""
COST = """package finops.rules.cost.size

import rego.v1

id := "COST-001"

applies if input.resource.cost

approve contains {"reason": "it is dear", "subject": input.resource.address} if {
	input.resource.cost > data.thresholds.most
}
"""
MAIN = """package finops.main

import rego.v1

default decision := {
	"outcome": "deny",
	"deny": [{"rule": "INPUT", "reason": "not understood", "subject": ""}],
	"approve": [], "evaluated": [],
}

applying contains policy if {
	some area, name
	policy := data.finops.rules[area][name]
	policy.applies
}

said(kind) := [{"rule": policy.id, "reason": one.reason, "subject": one.subject} |
	some policy in applying
	some one in object.get(policy, kind, set())
]

outcome := "deny" if count(said("deny")) > 0

else := "needs_approval" if count(said("approve")) > 0

else := "allow"

decision := {
	"outcome": outcome, "deny": said("deny"), "approve": said("approve"),
	"evaluated": sort([policy.id | some policy in applying]),
} if {
	count(applying) > 0
}
"""
TOP = """name: small
version: 1.2.0
policies:
  - {id: TAG-001, title: Has a team, package: finops.rules.tags.team, file: tags/team.rego, owner: finops,
     version: 1.0.0, applies_to: resource, stage: STAGE}
  - {id: COST-001, title: Is not dear, package: finops.rules.cost.size, file: cost/size.rego, owner: finops,
     version: 1.0.0, applies_to: resource, stage: enforce}
"""
FILES = {
    "bundle.yaml": TOP.replace("STAGE", "enforce"),
    "main.rego": MAIN,
    "tags/team.rego": TAG,
    "cost/size.rego": COST,
    "data.yaml": "thresholds: {most: 10}\n",
    "canaries.yaml": "- {}\n- name: nobody's\n  input: {resource: {address: a, tags: {}}}\n",
}


def folder_with(place: Path, **changes: str | None) -> Path:
    """Write the bundle; names have ``__`` for ``/`` and ``_dot_`` for a point, None leaves it out."""
    for path, text in {**FILES, **{_path(name): text for name, text in changes.items()}}.items():
        if text is not None:
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_text(text, encoding="utf-8")
    return place


def _path(name: str) -> str:
    return name.replace("__", "/").replace("_dot_", ".")


def small(place: Path, *, stage: str = "enforce", **changes: str | None) -> Bundle:
    """Read the small bundle, with the first policy in a stage."""
    return read_bundle(folder_with(place, bundle_dot_yaml=TOP.replace("STAGE", stage), **changes))


def thing(*, team: str = "shop", cost: float = 1, address: str = "a:b.c") -> dict[str, Any]:
    """Make an input; without a team it is denied, beyond a cost of 10 it needs approval."""
    tags = {"team": team} if team else {}
    return {"time": "2026-11-26T10:00:00Z", "resource": {"address": address, "tags": tags, "cost": cost}}

"""A bundle of two policies that a reader can hold in mind, as texts and as a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from finops_lib.policy.judge import Written
from finops_lib.policy.plain_yaml import read_yaml_text

MAIN = """package finops.main

import rego.v1

default decision := {
\t"outcome": "deny",
\t"deny": [{"rule": "INPUT", "reason": "not understood", "subject": ""}],
\t"approve": [],
\t"evaluated": [],
}

decision := {"outcome": how(denials, approvals), "deny": denials, "approve": approvals, "evaluated": ids} if {
\tis_string(input.resource.address)
\tids := sort([policy.id | some area in data.finops.rules; some policy in area; policy.applies])
\tcount(ids) > 0
\tdenials := found("deny")
\tapprovals := found("approve")
}

found(word) := [{"rule": policy.id, "reason": one.reason, "subject": one.subject} |
\tsome area in data.finops.rules
\tsome policy in area
\tpolicy.applies
\tsome one in object.get(policy, word, set())
]

how(denials, approvals) := "deny" if {
\tcount(denials) > 0
} else := "needs_approval" if {
\tcount(approvals) > 0
} else := "allow"
"""

COST = """# Does a thing cost too much?
package finops.rules.cost.price

import rego.v1

id := "COST-001"

applies if input.kind == "resource"

deny contains {"reason": "it costs more than it may", "subject": input.resource.address} if {
\tinput.cost_month > data.thresholds.cost.most
}

approve contains {"reason": "what it costs is not known", "subject": input.resource.address} if {
\tinput.cost_month == null
}
"""

TAGS = """package finops.rules.tags.team

import rego.v1

id := "TAG-001"

applies if input.kind == "resource"

approve contains {"reason": "no team", "subject": input.resource.address} if {
\tnot input.resource.tags.team
}
"""

DATA = """thresholds:
  cost:
    most: 100 # USD a month
"""

CASES = """- name: cheap with a team
  base: bucket
  outcome: allow
  rules: []
- name: just at the limit
  base: bucket
  patch: {cost_month: 100}
  outcome: allow
  rules: []
- name: just above the limit
  base: bucket
  patch: {cost_month: 100.01}
  outcome: deny
  rules: [COST-001]
- name: no price
  base: bucket
  patch: {cost_month: <null>}
  outcome: needs_approval
  rules: [COST-001]
- name: no team
  base: bucket
  patch: {resource: {tags: {team: null}}}
  outcome: needs_approval
  rules: [TAG-001]
- name: both
  base: bucket
  patch: {cost_month: 500, resource: {tags: {team: null}}}
  outcome: deny
  rules: [COST-001, TAG-001]
- name: another kind
  base: bucket
  patch: {kind: change}
  outcome: deny
  rules: [INPUT]
- name: no address
  base: bucket
  patch: {resource: {address: null}}
  outcome: deny
  rules: [INPUT]
- name: nothing
  input: {}
  outcome: deny
  rules: [INPUT]
"""

BASES = """bucket:
  kind: resource
  cost_month: 12.3
  currency: USD
  resource: {address: "a:aws_s3_bucket.logs", tags: {team: checkout}, owner: "@lantern/checkout"}
"""

POLICIES = {"COST-001": "cost/price.rego", "TAG-001": "tags/team.rego"}


def small(**changed: str) -> Written:
    """Make the bundle, with other texts for ``main``, ``cost``, ``tags`` or ``data``."""
    texts = {"main": MAIN, "cost": COST, "tags": TAGS, "data": DATA} | changed
    modules = {"main.rego": texts["main"], "cost/price.rego": texts["cost"], "tags/team.rego": texts["tags"]}
    data = read_yaml_text(texts["data"], where="data.yaml")
    return Written(POLICIES, modules, data, texts["data"])


def document(**changed: Any) -> dict[str, Any]:
    """Make a document on which the bundle has nothing to say, with other top fields."""
    resource = {"address": "a:aws_s3_bucket.logs", "tags": {"team": "checkout"}, "owner": "@lantern/checkout"}
    return {"kind": "resource", "cost_month": 12.3, "currency": "USD", "resource": resource} | changed


def with_cases(folder: Path, cases: str = CASES) -> Path:
    """Write cases and bases into this folder."""
    (folder / "cases").mkdir()
    (folder / "cases" / "bases.yaml").write_text(BASES)
    (folder / "cases" / "all.yaml").write_text(cases)
    return folder

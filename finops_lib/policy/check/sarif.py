"""The findings as SARIF 2.1.0, which forges show beside the lines of a change.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from finops_lib.policy.check.finding import Checked, Finding, NotRun
from finops_lib.policy.check.words import clean, counted

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_MOST = 5_000  # results of a run that forges keep
_FINGERPRINT = "finopsFinding/v1"


def sarif(checked: Checked, *, version: str) -> dict[str, Any]:
    """How do the findings read as SARIF.

    Parameters
    ----------
    checked : Checked
        What the checks said.
    version : str
        Of this program.

    Returns
    -------
    dict
        For ``json.dumps``. At most 5,000 results, the gravest first; what is left out is told among the
        notifications, and so is what did not run.

    Examples
    --------
    >>> from finops_lib.policy.check.finding import Part, checked
    >>> [run] = sarif(checked([Part()], verdicts=[]), version="1.0")["runs"]
    >>> run["tool"]["driver"]["name"], run["results"]
    ('finops check', [])
    """
    shown = checked.findings[:_MOST]
    rules = sorted({finding.rule for finding in shown})
    places = {rule: place for place, rule in enumerate(rules)}
    driver = {
        "name": "finops check",
        "version": version,
        "semanticVersion": version,
        "rules": [_rule(rule, shown) for rule in rules],
    }
    run = {
        "tool": {"driver": driver, "extensions": [_program(ran.program, ran.version) for ran in checked.ran]},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(checked, len(checked.findings) - len(shown))],
        "results": list(_results(shown, places)),
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _program(name: str, version: str) -> dict[str, Any]:
    return {"name": clean(name, longest=100), "version": clean(version, longest=100)}


def _rule(rule: str, findings: Iterable[Finding]) -> dict[str, Any]:
    first = next(finding for finding in findings if finding.rule == rule)
    return {
        "id": clean(rule, longest=200),
        "shortDescription": {"text": clean(f"{first.check}: {rule}", longest=200)},
        "defaultConfiguration": {"level": first.level},
    }


def _results(findings: Iterable[Finding], places: dict[str, int]) -> Iterable[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.fingerprint] += 1
        # Two that are alike in one file are told apart by their order.
        print_of_it = f"{finding.fingerprint}:{seen[finding.fingerprint]}"
        subject = f"{finding.subject}: " if finding.subject else ""
        yield {
            "ruleId": clean(finding.rule, longest=200),
            "ruleIndex": places[finding.rule],
            "level": finding.level,
            "message": {"text": clean(f"{subject}{finding.message}", longest=1_000) or "no message"},
            "locations": [_location(finding)] if finding.file else [],
            "partialFingerprints": {_FINGERPRINT: print_of_it},
        }


def _location(finding: Finding) -> dict[str, Any]:
    uri = quote(finding.file, safe="/", errors="surrogatepass")
    place: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "SRCROOT"}}
    if finding.line:
        place["region"] = {"startLine": finding.line}
    return {"physicalLocation": place}


def _invocation(checked: Checked, left_out: int) -> dict[str, Any]:
    told = [_notification(left) for left in checked.not_run]
    if left_out:
        text = f"{counted(left_out, 'finding')} more than {_MOST} are not shown"
        told.append({"level": "warning", "message": {"text": text}})
    successful = not any(left.required for left in checked.not_run)
    return {"executionSuccessful": successful, "toolExecutionNotifications": told}


def _notification(left: NotRun) -> dict[str, Any]:
    text = clean(f"{left.check} not run: {left.reason}", longest=1_000)
    return {"level": "error" if left.required else "note", "message": {"text": text}}

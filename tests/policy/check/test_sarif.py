"""SARIF 2.1.0, held against what the standard requires."""

from __future__ import annotations

import json
import re
from typing import Any

from finops_lib.policy.check.finding import Checked
from finops_lib.policy.check.sarif import sarif

LEVELS = {"none", "note", "warning", "error"}
URI = re.compile(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+")


def faults(log: Any) -> list[str]:
    """List where a log breaks the standard: what is required, kinds of values, references to nothing."""
    found = [] if log.get("version") == "2.1.0" and isinstance(log.get("runs"), list) else ["version, runs"]
    for run in log.get("runs", ()):
        driver = run["tool"]["driver"]
        rules = [rule["id"] for rule in driver.get("rules", ())]
        found += ["name of the tool"] * (not driver.get("name"))
        found += ["ids of rules come once"] * (len(set(rules)) != len(rules))
        found += ["a program has a name"] * (not all(one["name"] for one in run["tool"]["extensions"]))
        for invocation in run["invocations"]:
            found += ["executionSuccessful"] * (not isinstance(invocation["executionSuccessful"], bool))
            found += ["notification"] * (
                not all(told["message"]["text"] for told in invocation["toolExecutionNotifications"])
            )
        for result in run["results"]:
            found += result_faults(result, rules)
    return found


def result_faults(result: dict[str, Any], rules: list[str]) -> list[str]:
    """List where one result breaks the standard."""
    found = ["message"] * (not result["message"]["text"])
    found += ["level"] * (result["level"] not in LEVELS)
    found += ["rule"] * (rules[result["ruleIndex"]] != result["ruleId"])
    found += ["fingerprint"] * (not all(map(str, result["partialFingerprints"].values())))
    for location in result["locations"]:
        place = location["physicalLocation"]
        found += ["uri"] * (not URI.fullmatch(place["artifactLocation"]["uri"]))
        found += ["line"] * (place.get("region", {"startLine": 1})["startLine"] < 1)
    return found


def test_a_log_of_findings_keeps_the_standard(ordinary: Checked) -> None:
    """Rules, results with level, place and fingerprint, and what did not run."""
    log = json.loads(json.dumps(sarif(ordinary, version="1.2.3")))
    assert faults(log) == []
    [run] = log["runs"]
    assert run["tool"]["driver"]["version"] == "1.2.3"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["SEC-001", "terraform/fmt"]
    first = run["results"][0]
    assert first["message"]["text"] == "a:aws_s3_bucket.logs: not encrypted"
    assert (first["ruleId"], first["ruleIndex"], first["level"]) == ("SEC-001", 0, "error")
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "a/main.tf", "uriBaseId": "SRCROOT"},
                "region": {"startLine": 9},
            }
        }
    ]
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [
        (told["level"], told["message"]["text"]) for told in invocation["toolExecutionNotifications"]
    ] == [
        ("error", "secrets not run: too slow"),
        ("note", "terraform not run: a: no provider"),
    ]


def test_two_alike_are_told_apart_and_the_same_when_lines_move(ordinary: Checked) -> None:
    """The fingerprint has no line, but the first is the first and the second the second."""
    results = sarif(ordinary, version="1")["runs"][0]["results"]
    one, two = (result["partialFingerprints"]["finopsFinding/v1"] for result in results[:2])
    assert (one[:-2], one[-2:], two[-2:]) == (two[:-2], ":1", ":2")


def test_hostile_words_and_names_keep_the_standard(hostile: Checked) -> None:
    """No control character is in a text, no raw sign in a URI."""
    log = json.loads(json.dumps(sarif(hostile, version="1")))
    assert faults(log) == []
    texts = json.dumps(log, ensure_ascii=False)
    assert not re.search(r"[\x00-\x1f\u202e]|\\u00|\\n", texts)


def test_no_finding_is_a_run_without_results(clean_one: Checked) -> None:
    """That is how a forge learns that the earlier ones are gone."""
    log = sarif(clean_one, version="1")
    assert faults(log) == []
    assert log["runs"][0]["results"] == []
    assert log["runs"][0]["invocations"][0]["executionSuccessful"] is True


def test_what_is_more_than_a_forge_keeps_is_told(many: Checked) -> None:
    """Of 6,000 findings 5,000 are shown."""
    [run] = sarif(many, version="1")["runs"]
    assert len(run["results"]) == 5_000
    [told] = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == "1000 findings more than 5000 are not shown"


def test_a_finding_without_a_file_has_no_place(ordinary: Checked) -> None:
    """And a fault in the standard is seen by the test itself."""
    log = sarif(ordinary, version="1")
    log["runs"][0]["results"][0]["level"] = "fatal"
    log["runs"][0]["results"][1]["ruleIndex"] = 1
    assert faults(log) == ["level", "rule"]

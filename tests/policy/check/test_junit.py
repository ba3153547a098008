"""JUnit XML as a build server reads it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from finops_lib.policy.check.finding import Checked
from finops_lib.policy.check.junit import junit


def read(checked: Checked) -> ElementTree.Element:
    """Parse the report."""
    return ElementTree.fromstring(junit(checked))  # noqa: S314  what was just written


def test_each_check_is_a_suite_and_each_error_a_failure(ordinary: Checked) -> None:
    """Two failures of policies; the warning on form passes; what was required and did not run is an error."""
    root = read(ordinary)
    counts = ("tests", "failures", "errors", "skipped")
    assert [root.get(name) for name in counts] == ["6", "2", "1", "1"]
    suites = [(suite.get("name"), *(suite.get(name) for name in counts)) for suite in root]
    assert suites == [
        ("policy", "2", "2", "0", "0"),
        ("secrets", "1", "0", "1", "0"),
        ("terraform", "3", "0", "0", "1"),
    ]
    case = root[0][0]
    assert case.get("name") == "SEC-001 a:aws_s3_bucket.logs a/main.tf:9"
    assert (case.get("file"), case.get("line")) == ("a/main.tf", "9")
    assert case[0].attrib == {"type": "SEC-001", "message": "not encrypted"}
    assert case[0].text == "a/main.tf:9: not encrypted"


def test_warnings_and_what_ran_are_told_by_cases_that_pass(ordinary: Checked) -> None:
    """Their words stand in the output of the case."""
    form, ran, left = read(ordinary)[2]
    assert [(part.tag, part.text) for part in form] == [("system-out", "warning: not in canonical form")]
    assert (ran.get("name"), list(ran)) == ("nothing found by terraform 1.11.4 in 1", [])
    assert [(part.tag, part.get("message")) for part in left] == [("skipped", "a: no provider")]


def test_hostile_words_stay_words(hostile: Checked) -> None:
    """The report can be parsed, and has the elements that a single error, a run and a left out check have."""
    text = junit(hostile)
    root = read(hostile)
    assert sorted({part.tag for part in root.iter()}) == [
        "failure",
        "skipped",
        "testcase",
        "testsuite",
        "testsuites",
    ]
    assert "<script" not in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", text)


def test_a_change_without_findings_has_a_case_that_passes(clean_one: Checked) -> None:
    """An empty report would look like a check that never ran."""
    root = read(clean_one)
    assert (root.get("tests"), root.get("failures")) == ("1", "0")
    assert root[0][0].get("name") == "nothing found by detect-secrets 1.5 in 2"

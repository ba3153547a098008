"""The findings as JUnit XML, which build servers show as tests: one suite a check, one case a finding."""

from __future__ import annotations

from xml.etree import ElementTree  # only writes

from finops_lib.policy.check.finding import ERROR, Checked, Finding
from finops_lib.policy.check.words import clean


def junit(checked: Checked) -> str:
    """How do the findings read as JUnit XML.

    Parameters
    ----------
    checked : Checked
        What the checks said. An error fails its case; warnings and notes pass and are told in its output. A
        check without an error has a case that passes, one that did not run is skipped, and fails where it
        was required.

    Returns
    -------
    str
        XML in UTF-8, with its declaration.

    Examples
    --------
    >>> from finops_lib.policy.check.finding import Part, Ran, checked
    >>> print(junit(checked([Part(ran=(Ran("secrets", "detect-secrets", "1.5", 3),))], verdicts=[])))
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="finops check" tests="1" failures="0" errors="0" skipped="0"><testsuite name="secrets"
    tests="1" failures="0" errors="0" skipped="0"><testcase classname="secrets" name="nothing found by
    detect-secrets 1.5 in 3" /></testsuite></testsuites>
    """
    root = ElementTree.Element("testsuites", name="finops check")
    suites = {part.check for parts in (checked.ran, checked.not_run, checked.findings) for part in parts}
    for check in sorted(suites):
        suite = ElementTree.SubElement(root, "testsuite", name=clean(check, longest=100))
        for finding in (one for one in checked.findings if one.check == check):
            _case_of(suite, finding)
        _passed(suite, checked, check)
        _left_out(suite, checked, check)
        _count(suite)
    _count(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'


def _case_of(suite: ElementTree.Element, finding: Finding) -> None:
    place = clean(f"{finding.file}:{finding.line}" if finding.line else finding.file, longest=500)
    name = clean(f"{finding.rule} {finding.subject} {place}", longest=700)
    case = _case(suite, finding.check, name)
    if finding.file:
        case.set("file", clean(finding.file, longest=500))
    if finding.line:
        case.set("line", str(finding.line))
    said = clean(finding.message, longest=1_000)
    if finding.level == ERROR:
        failure = ElementTree.SubElement(case, "failure", type=clean(finding.rule, longest=200), message=said)
        failure.text = f"{place}: {said}"
    else:
        ElementTree.SubElement(case, "system-out").text = f"{finding.level}: {said}"


def _passed(suite: ElementTree.Element, checked: Checked, check: str) -> None:
    """Add the case that says a check ran and found no error."""
    if any(one.check == check and one.level == ERROR for one in checked.findings):
        return
    for ran in (one for one in checked.ran if one.check == check):
        said = f"nothing found by {ran.program} {ran.version} in {ran.looked_at}"
        _case(suite, check, clean(said))


def _left_out(suite: ElementTree.Element, checked: Checked, check: str) -> None:
    for left in (one for one in checked.not_run if one.check == check):
        reason = clean(left.reason, longest=500)
        case = _case(suite, check, f"not run: {reason}")
        ElementTree.SubElement(case, "error" if left.required else "skipped", message=reason)


def _case(suite: ElementTree.Element, check: str, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", classname=clean(check, longest=100), name=name)


def _count(element: ElementTree.Element) -> None:
    counts = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, tag in counts.items():
        element.set(name, str(sum(1 for _ in element.iter(tag))))

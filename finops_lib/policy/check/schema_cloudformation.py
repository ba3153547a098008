"""Does each CloudFormation template fit the schemas of its resources: cfn-lint, offline, errors and warnings.

It runs in a process of its own, with bounded time and memory, and without a configuration: neither a file
beside the templates nor a word in their metadata turns a rule off, because who wrote the change wrote these
too.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import PurePosixPath
from typing import Any

from finops_lib.policy.check.documents import UnreadableError, documents
from finops_lib.policy.check.finding import ERROR, NOTE, WARNING, Finding, NotRun, Part, Ran
from finops_lib.policy.check.words import clean
from finops_lib.policy.program import ProgramError, folder_of, run

CHECK = "cloudformation"
_SUFFIXES = frozenset({".yaml", ".yml", ".json", ".template"})
_LEVELS = {"Error": ERROR, "Warning": WARNING, "Informational": NOTE}
_MARKS = (b"AWS::", b"AWSTemplateFormatVersion")
_AT_ONCE = 200  # templates a process
_CONFIGURATION = "no-configuration.yaml"
_MEMORY = 2 << 30  # bytes
_PROGRAM = f"""
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}))
except (ImportError, ValueError, OSError):
    pass
from cfnlint.runner import main
sys.exit(main())
"""


def check_cloudformation(
    files: Mapping[str, bytes], *, regions: Sequence[str] = ("us-east-1",), seconds: float = 120
) -> Part:
    """What would CloudFormation refuse of these templates, and what should they not do.

    Parameters
    ----------
    files : mapping
        Path in the repository to content; files that are no template are passed over.
    regions : sequence of str
        Regions where the templates are to run.
    seconds : float
        Time for each 200 templates.

    Returns
    -------
    Part
        Findings by cfn-lint's own rules, such as ``E3002``; not run, and required, where it did not end.
    """
    findings: list[Finding] = []
    templates: list[str] = []
    for path in sorted(files):
        if not _marked(path, files[path]):
            continue
        try:
            if _is_template(files[path]):
                templates.append(path)
        except UnreadableError as error:
            findings.append(
                Finding(CHECK, "cloudformation/unreadable", ERROR, clean(error.reason), path, error.line)
            )
    not_run: list[NotRun] = []
    for first in range(0, len(templates), _AT_ONCE):
        some = templates[first : first + _AT_ONCE]
        try:
            findings += _linted({path: files[path] for path in some}, regions, seconds)
        except ProgramError as error:
            not_run.append(NotRun(CHECK, f"cfn-lint on {clean(some[0])} and on: {error}", required=True))
    ran = Ran(CHECK, "cfn-lint", version("cfn-lint"), len(templates))
    return Part(tuple(findings), (ran,), tuple(not_run))


def _marked(path: str, content: bytes) -> bool:
    return PurePosixPath(path).suffix in _SUFFIXES and any(mark in content for mark in _MARKS)


def _is_template(content: bytes) -> bool:
    found = documents(content, tags=True)
    value = found[0].value if found else None
    if not isinstance(value, dict):
        return False
    resources = value.get("Resources")
    typed = isinstance(resources, dict) and any(
        isinstance(part, dict) and str(part.get("Type", "")).startswith("AWS::")
        for part in resources.values()
    )
    return typed or "AWSTemplateFormatVersion" in value


def _linted(templates: Mapping[str, bytes], regions: Sequence[str], seconds: float) -> list[Finding]:
    # Names of our own: one of theirs could look like an option or a pattern.
    names = {f"{number:06d}{PurePosixPath(path).suffix}": path for number, path in enumerate(templates)}
    copies = {name: templates[path] for name, path in names.items()}
    words = ["--format", "json", "--config-file", _CONFIGURATION, "--mandatory-checks", "E", "W"]
    words += ["--regions", *regions, "--", *names]
    with folder_of({**copies, _CONFIGURATION: b""}) as folder:
        answer = run(
            [sys.executable, "-I", "-c", _PROGRAM, *words], folder=folder, seconds=seconds, settings={}
        )
    try:
        said = json.loads(answer.out)
        return [_finding(one, names) for one in said]
    except (ValueError, KeyError, TypeError) as error:
        last = answer.err.strip().rpartition("\n")[2]
        raise ProgramError(f"it ended with {answer.code} and no list of findings: {clean(last)}") from error


def _finding(said: Mapping[str, Any], names: Mapping[str, str]) -> Finding:
    rule, place = said["Rule"], said["Location"]
    path = [str(part) for part in place.get("Path") or ()]
    subject = ".".join(path[1:2] if path[:1] == ["Resources"] else path)
    level = _LEVELS.get(said["Level"], ERROR)
    line = int(place["Start"]["LineNumber"])
    message = f"{said['Message']} ({rule['ShortDescription']})"
    return Finding(CHECK, rule["Id"], level, clean(message), names[said["Filename"]], line, clean(subject))

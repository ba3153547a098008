"""What ``finops check`` says: as JSON, as lines, and as files for the systems that read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from finops_lib.policy.check.junit import junit
from finops_lib.policy.check.markdown import markdown
from finops_lib.policy.check.sarif import sarif
from finops_lib.policy.check.text import text
from finops_lib.run.check_asked import Asked
from finops_lib.run.checking import Answer
from finops_lib.run.files import write_whole
from finops_lib.run.manifest import version_of


def content(answer: Answer, asked: Asked) -> dict[str, Any]:
    """What a machine is told.

    Parameters
    ----------
    answer : Answer
        Of `finops_lib.run.checking.check`.
    asked : Asked
        What was asked.

    Returns
    -------
    dict
        ``outcome`` (allow, needs_approval, deny) and ``passed``; commits; the bundle and the moment; files;
        ``verdicts``, one for the change and one for each resource; ``findings`` with file and line; ``cost``;
        what ran and what did not.
    """
    said = answer.checked
    return {
        "outcome": said.outcome,
        "passed": said.passed,
        "base": answer.base,
        "head": answer.head,
        "merge_base": answer.merge_base,
        "time": asked.at.isoformat(),
        "policy": {
            "name": asked.rules.bundle.name,
            "version": asked.rules.bundle.version,
            "sha256": asked.rules.bundle.sha256,
        },
        "files": list(answer.paths),
        "verdicts": [one.to_json() for one in answer.judged],
        **said.to_json(),
    }


def lines(answer: Answer) -> list[str]:
    """What a person is told on a terminal."""
    return text(answer.checked).split("\n")


def write_files(answer: Answer, *, sarif_file: str, junit_file: str, markdown_file: str) -> None:
    """Write what other programs read; an empty path writes nothing.

    Parameters
    ----------
    answer : Answer
        What was said.
    sarif_file, junit_file, markdown_file : str
        Paths: SARIF 2.1.0, JUnit XML, and the comment for a pull request.

    Raises
    ------
    SettingsError
        A file cannot be written.
    """
    said = answer.checked
    if sarif_file:
        write_whole(Path(sarif_file), json.dumps(sarif(said, version=version_of()), indent=1))
    if junit_file:
        write_whole(Path(junit_file), junit(said))
    if markdown_file:
        write_whole(Path(markdown_file), markdown(said))

"""Is each Terraform file in its canonical form, and is each folder valid: the program itself, offline.

It runs on a copy, without a home, credentials, plug-ins or settings of ours. What a repository brings along
of installed plug-ins is left out of the copy: they are programs, and validation would start them. So a folder
can be validated where it needs no provider but the built-in one, or where a folder of trusted plug-ins is
named; modules are not installed, because their sources may be anywhere on the network.
"""

from __future__ import annotations

import json
import posixpath
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import Any

from finops_lib.policy.check.finding import ERROR, WARNING, Finding, NotRun, Part, Ran
from finops_lib.policy.check.words import clean, counted
from finops_lib.policy.program import Answer, ProgramError, folder_of, run

CHECK = "terraform"
_SETTINGS = {"TF_CLI_CONFIG_FILE": "/dev/null", "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
_FORMATTED = frozenset({".tf", ".tfvars"})
_NOT_INSTALLED = frozenset(
    {
        "Missing required provider",
        "Module not installed",
        "Module source has changed",
        "Required plugins are not installed",
        "Inconsistent dependency lock file",
        "Could not load plugin",
        "Failed to load plugin schemas",
    }
)
_PLACE = re.compile(r"^  on (\d{6}\.(?:tf|tfvars)) line (\d+)", re.MULTILINE)
_PROGRAMS = ("terraform",)
_MOST_FOLDERS = 500


def check_terraform(
    files: Mapping[str, bytes],
    *,
    program: Path | None = None,
    plugins: Path | None = None,
    seconds: float = 60,
    required: bool = False,
    only: Collection[str] | None = None,
) -> Part:
    """Which Terraform files are not in canonical form, and which folders are not valid.

    Parameters
    ----------
    files : mapping
        Path in the repository to content: all files, because templates and modules are read too.
    program : Path, optional
        The program; the one on the path where none is named.
    plugins : Path, optional
        A folder of providers to trust, as ``terraform providers mirror`` writes it.
    seconds : float
        Time for the form, and for each folder.
    required : bool
        Whether nothing passes where the program is absent or does not end.
    only : collection of str, optional
        Paths that a change touches: the form of these is checked, and the folders that they stand in are
        validated. All where it is None.

    Returns
    -------
    Part
        ``terraform/fmt`` is a warning, a diagnostic of ``terraform validate`` what it says itself; each
        folder that could not be validated says why.
    """
    touched = [path for path in sorted(files if only is None else only) if _is_terraform(path)]
    if not touched:
        return Part()
    declared = [path for path in touched if path in files]
    found = program or next((Path(where) for name in _PROGRAMS if (where := shutil.which(name))), None)
    if found is None:
        return Part(not_run=(NotRun(CHECK, "the program terraform is not installed", required=required),))
    try:
        release = _release(found, seconds)
        formatted = _formatted(found, {path: files[path] for path in declared}, seconds)
    except ProgramError as error:
        return Part(not_run=(NotRun(CHECK, f"terraform: {error}", required=required),))
    holding = {posixpath.dirname(path) for path in files if path.endswith(".tf")}
    folders = sorted(holding & {posixpath.dirname(path) for path in touched})
    findings, not_run = _validated(found, files, folders[:_MOST_FOLDERS], plugins, seconds)
    not_run = [NotRun(CHECK, left.reason, required=left.required and required) for left in not_run]
    if len(folders) > _MOST_FOLDERS:
        reason = f"{counted(len(folders) - _MOST_FOLDERS, 'folder')} more than {_MOST_FOLDERS} not validated"
        not_run.append(NotRun(CHECK, reason, required=required))
    ran = Ran(CHECK, "terraform", release, len(declared))
    return Part((*formatted, *findings), (ran,), tuple(not_run))


def _is_terraform(path: str) -> bool:
    return PurePosixPath(path).suffix in _FORMATTED


def _terraform(program: Path, words: Iterable[str], folder: Path, seconds: float) -> Answer:
    return run([str(program.resolve()), *words], folder=folder, seconds=seconds, settings=_SETTINGS)


def _release(program: Path, seconds: float) -> str:
    with folder_of({}) as folder:
        answer = _terraform(program, ["version", "-json"], folder, seconds)
    try:
        return clean(str(json.loads(answer.out)["terraform_version"]), longest=40)
    except (ValueError, KeyError, TypeError) as error:
        raise ProgramError("it does not tell its version") from error


def _formatted(program: Path, files: Mapping[str, bytes], seconds: float) -> list[Finding]:
    """Let the program write its form into a copy, and compare: a list of differences could be imitated."""
    names = {f"{number:06d}{PurePosixPath(path).suffix}": path for number, path in enumerate(files)}
    copies = {name: files[path] for name, path in names.items()}
    with folder_of(copies) as folder:
        answer = _terraform(program, ["fmt", "-list=false", "-no-color", "."], folder, seconds)
        after = {name: (folder / name).read_bytes() for name in names}
    broken = {names[name]: int(line) for name, line in reversed(_PLACE.findall(answer.err)) if name in names}
    findings = [_broken(path, line) for path, line in sorted(broken.items())]
    if answer.code and not broken:
        raise ProgramError(f"fmt ended with {answer.code}: {clean(answer.err)}")
    return findings + [
        _misformed(path, line, count)
        for name, path in names.items()
        for line, count in [_differing(files[path], after[name])]
        if count and path not in broken
    ]


def _broken(path: str, line: int) -> Finding:
    return Finding(
        CHECK, "terraform/syntax", ERROR, "terraform cannot read the file from here on", path, line
    )


def _misformed(path: str, line: int, count: int) -> Finding:
    message = f"not in canonical form: {counted(count, 'line')} would change; run terraform fmt"
    return Finding(CHECK, "terraform/fmt", WARNING, message, path, line)


def _differing(before: bytes, after: bytes) -> tuple[int, int]:
    """First line that differs, from 1, and how many do."""
    pairs = zip_longest(before.split(b"\n"), after.split(b"\n"))
    lines = [number for number, (old, new) in enumerate(pairs, start=1) if old != new]
    return (lines[0], len(lines)) if lines else (0, 0)


def _validated(
    program: Path, files: Mapping[str, bytes], folders: list[str], plugins: Path | None, seconds: float
) -> tuple[list[Finding], list[NotRun]]:
    """Validate each folder; absent plug-ins are no fault of the change, a program that hangs may be."""
    findings: list[Finding] = []
    not_run: list[NotRun] = []
    with folder_of({path: content for path, content in files.items() if not _installed(path)}) as root:
        for folder in folders:
            named = clean(folder or ".")
            try:
                found, missing = _validate(program, root, folder, plugins, seconds)
            except ProgramError as error:
                not_run.append(NotRun(CHECK, f"{named}: {error}", required=True))
                continue
            findings += found
            not_run += [NotRun(CHECK, f"{named}: {why}") for why in missing]
    return findings, not_run


def _installed(path: str) -> bool:
    """Whether it belongs to plug-ins, settings or locks that a repository brings along."""
    parts = PurePosixPath(path).parts
    return any(part.startswith(".terraform") or part in {"terraform.d", "terraform.rc"} for part in parts)


def _validate(
    program: Path, root: Path, folder: str, plugins: Path | None, seconds: float
) -> tuple[list[Finding], list[str]]:
    here = root / folder
    if plugins is not None:
        words = ["init", "-backend=false", "-get=false", "-input=false", "-no-color"]
        _terraform(program, [*words, f"-plugin-dir={plugins.resolve()}"], here, seconds)
    answer = _terraform(program, ["validate", "-json", "-no-color"], here, seconds)
    try:
        said = json.loads(answer.out)["diagnostics"]
        missing = [one for one in said if one["summary"] in _NOT_INSTALLED]
        findings = [_diagnostic(one, folder) for one in said if one["summary"] not in _NOT_INSTALLED]
    except (ValueError, KeyError, TypeError) as error:
        raise ProgramError(f"validate ended with {answer.code}: {clean(answer.err)}") from error
    return findings, list(dict.fromkeys(_why(missing)))


def _why(missing: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for one in missing:
        detail = str(one.get("detail", ""))
        provider = re.search(r"requires provider ([\w./-]{1,200})", detail)
        yield f"{one['summary']}: {provider[1]}" if provider else clean(str(one["summary"]))


def _diagnostic(said: Mapping[str, Any], folder: str) -> Finding:
    """Tell it without the snippet, which quotes values."""
    place = said.get("range") or {}
    file = posixpath.normpath(posixpath.join(folder, place["filename"])) if place else folder
    line = int(place["start"]["line"]) if place else 0
    level = WARNING if said.get("severity") == "warning" else ERROR
    message = clean(f"{said['summary']}: {said.get('detail', '')}")
    return Finding(CHECK, "terraform/validate", level, message, file, line)

"""Does each Kubernetes object fit the schema of the API that it is sent to: offline, and strictly.

The schemas are those that kubernetes-validate ships; a field that the API does not know is an error. What is
of a custom API has no schema here and is said to be unchecked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import kubernetes_validate

from finops_lib.errors import PolicyError
from finops_lib.policy.check.documents import Document, UnreadableError, documents
from finops_lib.policy.check.finding import ERROR, WARNING, Finding, NotRun, Part, Ran
from finops_lib.policy.check.words import clean, counted

CHECK = "kubernetes"
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}", re.ASCII)
_VERSION = re.compile(r"(?:([a-z][a-z0-9.-]{0,200})/)?(v[0-9][a-z0-9]{0,20})", re.ASCII)
_RELEASE = re.compile(r"1\.\d{1,2}(\.\d{1,3})?", re.ASCII)
_OF_KUSTOMIZE = ("Kustomization", "Component")
_TEMPLATE = b"AWS::"
_SUFFIXES = frozenset({".yaml", ".yml", ".json"})


def check_kubernetes(files: Mapping[str, bytes], *, release: str = "") -> Part:
    r"""Which objects of these files would the cluster refuse.

    Parameters
    ----------
    files : mapping
        Path in the repository to content: plain manifests, or what was rendered from an overlay or chart.
        Files that are no YAML or JSON, templates of a chart, and documents that are no object of Kubernetes
        are passed over.
    release : str
        Release of Kubernetes, such as ``1.33``; the newest that is known where empty.

    Returns
    -------
    Part
        An error for each object that does not fit, each file that cannot be read and each object without a
        kind; a warning for each one of an API without a schema.

    Raises
    ------
    PolicyError
        The release is none, or has no schemas.

    Examples
    --------
    >>> wrong = b"apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  prots: []\n"
    >>> [found] = check_kubernetes({"web.yaml": wrong}).findings
    >>> found.line, found.subject
    (5, 'Service/web')
    """
    wanted = _release(release)
    findings: list[Finding] = []
    looked_at = skipped = 0
    charts = {str(PurePosixPath(path).parent) for path in files if PurePosixPath(path).name == "Chart.yaml"}
    for path in sorted(files):
        if PurePosixPath(path).suffix not in _SUFFIXES:
            continue
        if _in_templates(path, charts):
            skipped += 1
            continue
        for subject, found in _of_file(path, files[path], wanted):
            looked_at += subject
            findings += found
    ran = Ran(CHECK, "kubernetes-validate", f"{kubernetes_validate.__version__}, schemas {wanted}", looked_at)
    reason = f"{counted(skipped, 'template')} of charts: only what is rendered from them is an object"
    return Part(tuple(findings), (ran,), (NotRun(CHECK, reason),) if skipped else ())


def _release(release: str) -> str:
    newest = str(kubernetes_validate.latest_version())
    if not release:
        return newest
    numbers = [
        tuple(int(part) for part in text.split(".")[:2])
        for text in (release, newest)
        if _RELEASE.fullmatch(text)
    ]
    if len(numbers) < len((release, newest)) or not (1, 25) <= numbers[0] <= numbers[1]:
        raise PolicyError(
            f"Kubernetes {clean(release, longest=80)!r}",
            f"schemas are known from 1.25 to {newest}",
            "name one of these releases",
        )
    return release


def _in_templates(path: str, charts: set[str]) -> bool:
    """Whether it is a template of a chart, which is no YAML before it is rendered."""
    place = PurePosixPath(path)
    return any(parent.name == "templates" and str(parent.parent) in charts for parent in place.parents)


def _of_file(path: str, content: bytes, release: str) -> Iterator[tuple[int, list[Finding]]]:
    try:
        found = documents(content, tags=True)
    except UnreadableError as error:
        if _TEMPLATE not in content:  # such a file is told by the check of CloudFormation
            yield 0, [_error("unreadable", error.reason, path, error.line, "")]
        return
    for document in found:
        for place, value in _objects(document.value):
            if value.get("kind") not in _OF_KUSTOMIZE:
                yield 1, _of_object(path, document, place, value, release)


def _objects(value: Any) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Walk the objects of a document, with the path to each: itself, or the items of a list."""
    if not isinstance(value, dict) or _is_chart(value):
        return
    if "apiVersion" not in value and not {"kind", "metadata"} <= value.keys():
        return
    items = value.get("items")
    if value.get("kind") == "List" and isinstance(items, list):
        yield from ((("items", place), item) for place, item in enumerate(items) if isinstance(item, dict))
    else:
        yield (), value


def _is_chart(value: dict[str, Any]) -> bool:
    """Whether it is the description of a chart, which has an apiVersion and no kind."""
    return "kind" not in value and {"name", "version"} <= value.keys()


def _of_object(
    path: str, document: Document, place: tuple[str | int, ...], value: dict[str, Any], release: str
) -> list[Finding]:
    kind, version = value.get("kind"), value.get("apiVersion")
    line, subject = document.line_of(place), _subject(value)
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        return [_error("kind", "an object names its kind", path, line, subject)]
    parts = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if not parts:
        return [_error("version", "an object names the version of its API", path, line, subject)]
    group = parts[1] or ""
    if "." in group and not group.endswith(".k8s.io"):
        return [_unchecked(f"{version} {kind}", path, line, subject)]
    try:
        kubernetes_validate.validate(value, release, strict=True)
    except kubernetes_validate.SchemaNotFoundError:
        return [_unchecked(f"{version} {kind}", path, line, subject)]
    except kubernetes_validate.ValidationError as error:
        where = tuple(error.absolute_path)
        field = ".".join(map(str, where)) or "the object"
        extra = _extra(error)
        at = document.line_of((*place, *where, *extra[:1]))
        # A message quotes the value, and that of a Secret is nobody's business.
        said = "it does not fit the schema" if kind == "Secret" else error.message
        return [_error("schema", f"{field}: {said}", path, at, subject)]
    return []


def _extra(error: Any) -> list[str]:
    """Name the fields that the schema does not know, in the order of the file."""
    if error.validator != "additionalProperties":
        return []
    return [key for key in error.instance if key not in error.schema.get("properties", {})]


def _subject(value: dict[str, Any]) -> str:
    metadata = value.get("metadata")
    named = metadata if isinstance(metadata, dict) else {}
    parts = (named.get("namespace"), value.get("kind"), named.get("name"))
    return clean("/".join(part for part in parts if isinstance(part, str) and part), longest=200)


def _error(rule: str, message: str, path: str, line: int, subject: str) -> Finding:
    return Finding(CHECK, f"kubernetes/{rule}", ERROR, clean(message), path, line, subject)


def _unchecked(what: str, path: str, line: int, subject: str) -> Finding:
    message = f"no schema is known for {clean(what)}, so it was not checked"
    return Finding(CHECK, "kubernetes/no-schema", WARNING, message, path, line, subject)

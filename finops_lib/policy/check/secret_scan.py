"""Is there a key, token or password in the files that a change touches: detect-secrets, offline.

What is found is never told: a finding names the file, the line, the kind, and a number that tells two secrets
apart and is too short to confirm a guess. Nothing is verified with the service that a key belongs to.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import PurePosixPath

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

from finops_lib.policy.check.finding import ERROR, NOTE, WARNING, Finding, NotRun, Part, Ran
from finops_lib.policy.check.words import counted
from finops_lib.policy.program import folder_of

CHECK = "secrets"
_LARGEST = 4 << 20  # bytes
_PIECE, _OVERLAP = 2_000, 300  # characters
_DIGITS = 4  # of the number that tells two secrets apart
_BINARY = 0.3  # share of control bytes
_NOT_SECRET = frozenset({"IPPublicDetector"})
_FILTERS = (
    "is_sequential_string is_potential_uuid is_likely_id_string is_templated_secret "
    "is_prefixed_with_dollar_sign is_indirect_reference is_not_alphanumeric_string"
).split()
_GUESSED = frozenset({"Secret Keyword", "Base64 High Entropy String", "Hex High Entropy String"})
_QUOTED_ONLY = frozenset({".tf", ".tfvars", ".json", ".py", ".go", ".js", ".ts", ".md"})
_ALLOWED = re.compile(r"pragma: ?(?:allow|white)list[ -]secret", re.IGNORECASE)
_NEXT_ALLOWED = re.compile(r"pragma: ?(?:allow|white)list[ -]nextline[ -]secret", re.IGNORECASE)
_UNQUOTED = re.compile(r"^(\s*(?:- )?[\w.\"'/-]{1,200}\s*[:=]\s*)([^\s\"'#{\[&*!|>][^\s\"']{7,})(\s*)$")
_PLACEHOLDER = re.compile(
    r"(?:change|replace|your|my|an?|the|some|dummy|fake|test|example|sample|placeholder|todo|redacted|secret"
    r"|password|passwd|pass|me|here|insert|none|null|true|false|yes|no|default|key|token|value|this|not|set"
    r"|x{3,}|\*{3,}|\.{3,}|0{3,}|[-_ .])+",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"(?:!|\{\{|arn:|ref\+|vault:|ssm:|var\.|local\.|data\.|module\.|file://|https?://[^@]*$)"
)
_NAMES_ONE = re.compile(
    r"(?:name|ref|refs|path|file|arn|id|ids|version|policy|class|store|manager|enabled|rotation|length|days|type)"
    r"[\"']?\s*[:=]",
    re.IGNORECASE,
)
_NO_KEY = re.compile(
    r"sha(?:256|384|512)[:-]|checksum|digest|\bcommit\b|(?:bucket|identifier|queue|topic|group)[\"']?\s*[:=]",
    re.IGNORECASE,
)
_LOCK = threading.Lock()  # the settings of detect-secrets are one for the process


@dataclass(frozen=True)
class _Line:
    """One line of a copy: the line of the file that it is of, and what stands there."""

    number: int
    text: str


@dataclass(frozen=True, order=True)
class _Hit:
    """A secret: its line, its kind, its digest, and whether a comment allows it."""

    line: int
    kind: str
    digest: str
    allowed: bool


def check_secrets(files: Mapping[str, bytes], *, before: Mapping[str, bytes] | None = None) -> Part:
    r"""Which lines of these files hold a secret.

    Parameters
    ----------
    files : mapping
        Path in the repository to content, of the files that the change touches.
    before : mapping, optional
        The same files before the change. A secret that was in the file already is a warning: it has to be
        revoked, but this change did not bring it.

    Returns
    -------
    Part
        An error for each new secret and for each file too large to be read; a note for one that a comment on
        its line allows. Files that are no text are counted as not run.

    Examples
    --------
    >>> token = b"ghp_" + b"aB3" * 12
    >>> [found] = check_secrets({"ci.env": b"# settings\nGH=" + token}).findings
    >>> found.line, found.subject, token.decode() in str(found)
    (2, 'GitHub Token', False)
    """
    texts = {path: _text(content) for path, content in files.items() if len(content) <= _LARGEST}
    readable = {path: text for path, text in sorted(texts.items()) if text is not None}
    with _LOCK:
        found = {path: list(_scanned(path, text)) for path, text in readable.items()}
        known = {path: _known(path, (before or {}).get(path, b"")) for path, hits in found.items() if hits}
    findings = [
        _finding(path, hit, known=(hit.kind, hit.digest) in known[path])
        for path in found
        for hit in found[path]
    ]
    findings += [_too_large(path) for path in sorted(files.keys() - texts.keys())]
    binary = len(texts) - len(readable)
    ran = Ran(CHECK, "detect-secrets", version("detect-secrets"), len(readable))
    not_run = (NotRun(CHECK, f"no text, so not read: {counted(binary, 'file')}"),) if binary else ()
    return Part(tuple(findings), (ran,), not_run)


def _text(content: bytes) -> str | None:
    """Text of a file, whatever its encoding; None where it is none."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    control = sum(content.count(bytes([byte])) for byte in (*range(9), *range(14, 32)))
    if control > _BINARY * len(content):
        return None
    return content.decode("utf-8", "replace").replace("\0", " ")


def _known(path: str, content: bytes) -> set[tuple[str, str]]:
    text = _text(content) if len(content) <= _LARGEST else None
    return {(hit.kind, hit.digest) for hit in _scanned(path, text or "")}


def _scanned(path: str, text: str) -> list[_Hit]:
    """Find each secret once a line."""
    lines = list(_pieces(text))
    found: dict[tuple[int, str], _Hit] = {}
    for place, kind, value in _hits(path, [line.text for line in lines]):
        line = lines[place - 1]
        if not _harmless(kind, value, line.text):
            digest = _digest(kind, value, lines[place - 1 : place + 3])
            hit = _Hit(line.number, kind, digest, _allows(lines, place))
            found.setdefault((line.number, digest), hit)
    return sorted(found.values())


def _hits(path: str, lines: list[str]) -> list[tuple[int, str, str]]:
    """Place, kind and value, as the scanner finds them in the lines and in the lines with quotes added."""
    suffix = ".tf" if PurePosixPath(path).suffix in _QUOTED_ONLY else ".toml"
    quoted = [_UNQUOTED.sub(r'\1"\2"\3', line) for line in lines]
    copies = {f"plain{suffix}": _ascii("\n".join(lines)), f"quoted{suffix}": _ascii("\n".join(quoted))}
    with folder_of(copies) as folder, transient_settings(_settings()):
        found = {
            (secret.line_number, secret.type, secret.secret_value or "")
            for name in copies
            for secret in scan_file(str(folder / name))
        }
    # A key that has a kind of its own is not told a second time as something that looks like one.
    named = {place for place, kind, _ in found if kind not in _GUESSED}
    return sorted(hit for hit in found if hit[1] not in _GUESSED or hit[0] not in named)


def _digest(kind: str, value: str, lines: list[_Line]) -> str:
    """Tell secrets apart; of a private key the scanner sees the first line, which is the same in all."""
    material = "\n".join(line.text for line in lines) if kind == "Private Key" else value
    return hashlib.sha256(material.encode("utf-8", "replace")).hexdigest()


def _settings() -> dict[str, list[dict[str, str]]]:
    classes: Mapping[str, type] = get_mapping_from_secret_type_to_class()
    plugins = sorted(plugin.__name__ for plugin in classes.values())
    return {
        "plugins_used": [{"name": name} for name in plugins if name not in _NOT_SECRET],
        "filters_used": [{"path": f"detect_secrets.filters.heuristic.{name}"} for name in _FILTERS],
    }


def _pieces(text: str) -> Iterator[_Line]:
    """Lines, the long ones in pieces that overlap, so that no line takes more time than its length."""
    for number, line in enumerate(text.split("\n"), start=1):
        for first in range(0, max(len(line) - _OVERLAP, 1), _PIECE - _OVERLAP):
            yield _Line(number, " ".join(line[first : first + _PIECE].splitlines()))


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "replace")


def _harmless(kind: str, value: str, line: str) -> bool:
    """Whether it only looks like a secret: a placeholder, the name of one, a checksum."""
    if "EXAMPLE" in value:
        return True
    if kind not in _GUESSED:
        return False
    before = line.partition(value)[0]
    return bool(
        _PLACEHOLDER.fullmatch(value)
        or _REFERENCE.match(value)
        or _NAMES_ONE.search(before)
        or (kind != "Secret Keyword" and _NO_KEY.search(before))
    )


def _allows(lines: list[_Line], place: int) -> bool:
    """Whether a comment on the line, or on the one before, says that it is no secret."""
    before = lines[place - 2].text if place > 1 else ""
    return bool(_ALLOWED.search(lines[place - 1].text) or _NEXT_ALLOWED.search(before))


def _finding(path: str, hit: _Hit, *, known: bool) -> Finding:
    named = f"{hit.kind} {hit.digest[:_DIGITS]}"
    level, message = ERROR, f"{named}: take it out of the change and revoke it"
    if known:
        level, message = WARNING, f"{named} was here before this change: revoke it"
    if hit.allowed:
        level, message = NOTE, f"{named}, which a comment allows"
    rule = "secrets/" + "-".join(re.findall(r"[a-z0-9]+", hit.kind.lower()))
    return Finding(CHECK, rule, level, message, path, hit.line, hit.kind)


def _too_large(path: str) -> Finding:
    message = f"the file has more than {_LARGEST} bytes and was not read"
    return Finding(CHECK, "secrets/too-large", ERROR, message, path)

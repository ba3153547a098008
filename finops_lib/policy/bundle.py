"""A bundle: policies in Rego with owner, version and stage, their thresholds, and what they must deny.

A folder with ``bundle.yaml`` (name, version, policies; perhaps libraries, Rego files that policies share),
``main.rego`` (package ``finops.main``), ``<area>/<name>.rego`` (package ``finops.rules.<area>.<name>``),
``data.yaml`` (thresholds) and ``canaries.yaml`` (inputs that must be denied, each alone or as name and
input).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finops_lib.cost.entry_texts import readable, shown
from finops_lib.errors import PolicyError
from finops_lib.policy.bundle_files import digest, files_of, yaml_of
from finops_lib.policy.bundle_rego import check_rego

ENFORCE, SHADOW, CANARY = "enforce", "shadow", "canary"
STAGES = (ENFORCE, SHADOW, CANARY)
SUBJECTS = ("resource", "change")
MAIN, DATA = "main.rego", "data.yaml"
SHIPPED = Path(__file__).parent / "rules"
_TOP = ("name", "version", "policies", "libraries")
_NEEDED = ("id", "title", "package", "file", "owner", "version", "applies_to", "stage")
_KNOWN = (*_NEEDED, "reason", "canary_percent")
_LONGEST = 300  # characters of a text
_WHOLE = 100  # per cent
_ID = re.compile(r"[A-Z][A-Z0-9]{1,15}-\d{1,4}", re.ASCII)
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,2}", re.ASCII)
_PACKAGE = re.compile(r"finops\.rules\.([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)", re.ASCII)
_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_RESERVED = ("finops", "finops_bundle")  # data that the policies themselves and a server's digest fill


@dataclass(frozen=True)
class Policy:
    """One policy of a bundle: who owns it, where it stands, on what and how far it is enforced.

    ``reason`` says why it is in this stage; ``canary_percent`` is the share of subjects on which one in
    canary stage is enforced.

    Examples
    --------
    >>> Policy("TAG-001", "Tags", "finops.rules.tags.a", "tags/a.rego", "finops", "1", "resource").stage
    'enforce'
    """

    id: str
    title: str
    package: str
    file: str
    owner: str
    version: str
    applies_to: str
    stage: str = ENFORCE
    reason: str = ""
    canary_percent: float = 0.0


@dataclass(frozen=True)
class Bundle:
    """Policies as they are evaluated: see the module. ``sha256`` is that of all files of the folder.

    Examples
    --------
    >>> Bundle("mine", "1", (), {}, {}, (), "ab").name
    'mine'
    """

    name: str
    version: str
    policies: tuple[Policy, ...]
    modules: Mapping[str, str] = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    canaries: tuple[Any, ...] = field(repr=False)
    sha256: str


def read_bundle(folder: Path, *, pinned: str = "") -> Bundle:
    """Which policies does this folder hold.

    Parameters
    ----------
    folder : Path
        Of a bundle.
    pinned : str
        The sha256 that it must have; empty takes what is there.

    Returns
    -------
    Bundle

    Raises
    ------
    PolicyError
        It has another digest, something is missing, unknown, double or contradicts the Rego, the Rego does
        not compile or asks for more than its input and data, or there is no policy or no canary.
    """
    files = files_of(folder)
    sha256 = digest(files)
    _check_pin(sha256, pinned)
    texts = {path: _text(files[path], path) for path in files if path.endswith(".rego")}
    top = _top(_yaml(files, "bundle.yaml"))
    policies = tuple(_policy(entry, place) for place, entry in enumerate(top["policies"], start=1))
    for key in ("id", "file"):
        _refuse_twice([getattr(policy, key) for policy in policies], key)
    libraries = _libraries(top.get("libraries", []))
    _check_files(texts, [MAIN, *libraries, *(policy.file for policy in policies)])
    check_rego(
        texts, policies={one.file: (one.package, one.id) for one in policies}, libraries=libraries, main=MAIN
    )
    return Bundle(top["name"], top["version"], policies, texts, _data(files), _canaries(files), sha256)


def shipped() -> Bundle:
    """Which policies come with the library.

    Returns
    -------
    Bundle

    Raises
    ------
    PolicyError
        They were changed so that they are none any more.
    """
    return read_bundle(SHIPPED)


def _check_pin(sha256: str, pinned: str) -> None:
    if not pinned:
        return
    if not _SHA256.fullmatch(pinned):
        raise _refused(
            f"pinned digest {shown(pinned)}", "a sha256 has 64 hexadecimal digits", "copy it whole"
        )
    if not hmac.compare_digest(sha256, pinned.lower()):
        raise _refused(
            f"sha256 {sha256}",
            f"it is the pinned one, {pinned.lower()}",
            "put the bundle back, or pin this one",
        )


def _yaml(files: Mapping[str, bytes], name: str) -> Any:
    if name not in files:
        raise _refused(f"no {name}", f"it has a {name}", "add it")
    return yaml_of(files[name], where=name)


def _text(content: bytes, path: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise _refused(shown(path), "Rego is UTF-8", "save it as UTF-8") from None


def _top(found: object) -> dict[str, Any]:
    top = _entry(found, where="bundle.yaml", needed=_TOP[:2], known=_TOP)
    if not isinstance(top.get("policies"), list) or not top["policies"]:
        raise _refused("bundle.yaml: no policies", "it lists one or more policies", "add one")
    return {**top, "name": _said(top, "name", "bundle.yaml"), "version": _version(top, "bundle.yaml")}


def _policy(entry: object, place: int) -> Policy:
    where = f"bundle.yaml, policy {place}"
    found = _entry(entry, where=where, needed=_NEEDED, known=_KNOWN)
    said = {key: _said(found, key, where) for key in _NEEDED if key != "version"}
    _fits(said["id"], _ID, "id", where, "capitals and a number, such as TAG-001")
    package = _fits(said["package"], _PACKAGE, "package", where, "finops.rules, an area and a name")
    if said["file"] != f"{package[1]}/{package[2]}.rego":
        raise _refused(
            f"{where}: file {shown(said['file'])}", "it is the area, / and the name .rego", "move it"
        )
    for key, words in (("applies_to", SUBJECTS), ("stage", STAGES)):
        if said[key] not in words:
            raise _refused(
                f"{where}: {key} {shown(said[key])}", f"it is one of {', '.join(words)}", "correct it"
            )
    return Policy(
        **said,
        version=_version(found, where),
        reason=_said(found, "reason", where) if "reason" in found else "",
        canary_percent=_percent(found, said["stage"], where),
    )


def _percent(found: Mapping[str, Any], stage: str, where: str) -> float:
    value = found.get("canary_percent")
    if value is None and stage != CANARY:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _WHOLE:
        rule = "a policy in canary stage says a percentage from 0 to 100"
        raise _refused(f"{where}: canary_percent {shown(value)}", rule, "write canary_percent: 10")
    return float(value)


def _entry(found: object, *, where: str, needed: Sequence[str], known: Sequence[str]) -> dict[str, Any]:
    entry = found if isinstance(found, dict) else {}
    strange = sorted(set(entry) - set(known))
    lost = [key for key in needed if not readable(entry.get(key) or "").strip()]
    if strange or lost:
        value = f"no {', '.join(lost)}" if lost else f"key {shown(strange[0])}"
        rule = f"it has the keys {', '.join(needed)}, perhaps others of {', '.join(known)}"
        raise _refused(f"{where}: {value}", rule, "add or correct the key")
    return entry


def _said(found: Mapping[str, Any], key: str, where: str) -> str:
    value = found[key]
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST or not value.isprintable():
        rule = f"it is a text of 1 to {_LONGEST} characters that can be printed"
        raise _refused(f"{where}: {key} {shown(value)}", rule, "correct it")
    return value


def _version(found: Mapping[str, Any], where: str) -> str:
    value = found["version"]
    if isinstance(value, (float, bool)):
        raise _refused(f"{where}: version {shown(value)}", "1.10 is a text, no number", "put it in quotes")
    _fits(readable(value), _VERSION, "version", where, "one to three numbers with points, such as 1.2.0")
    return readable(value)


def _fits(value: str, pattern: re.Pattern[str], key: str, where: str, rule: str) -> re.Match[str]:
    match = pattern.fullmatch(value)
    if match is None:
        raise _refused(f"{where}: {key} {shown(value)}", f"it is {rule}", "correct it")
    return match


def _refuse_twice(values: Sequence[str], key: str) -> None:
    twice = next((value for place, value in enumerate(values) if value in values[:place]), None)
    if twice is not None:
        raise _refused(
            f"bundle.yaml: {key} {shown(twice)} twice", f"each policy has its own {key}", "change one"
        )


def _libraries(listed: object) -> list[str]:
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise _refused(f"bundle.yaml: libraries {shown(listed)}", "it is a list of Rego files", "correct it")
    return listed


def _check_files(texts: Mapping[str, str], named: Sequence[str]) -> None:
    lost = sorted(set(named) - set(texts))
    stray = sorted(set(texts) - set(named))
    if lost:
        raise _refused(f"no file {shown(lost[0])}", "each file that bundle.yaml names is there", "add it")
    if stray:
        raise _refused(
            f"file {shown(stray[0])}", "bundle.yaml names each Rego file", "name it, or take it out"
        )


def _data(files: Mapping[str, bytes]) -> dict[str, Any]:
    data = _yaml(files, "data.yaml")
    if not isinstance(data, dict) or set(data) & set(_RESERVED):
        rule = f"it is a mapping of thresholds, none of them called {' or '.join(_RESERVED)}"
        raise _refused("data.yaml", rule, "write thresholds: and what they are")
    return data


def _canaries(files: Mapping[str, bytes]) -> tuple[Any, ...]:
    listed = _yaml(files, "canaries.yaml")
    if not isinstance(listed, list) or not listed:
        raise _refused("canaries.yaml", "it lists inputs that must be denied", "add one, such as {}")
    return tuple(
        one["input"] if isinstance(one, dict) and set(one) == {"name", "input"} else one for one in listed
    )


def _refused(value: str, rule: str, remedy: str) -> PolicyError:
    return PolicyError(f"policy bundle: {value}", rule, remedy)

"""Does the Rego of a bundle hold what the bundle says, and nothing that reaches beyond its input and data?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError
from finops_lib.policy.engine.child import outlined

_RULES = ("deny", "approve")
_LIBRARY = "finops.lib."
# Clock, chance, network and the engine's own surroundings: the same input must always have the same verdict.
_FORBIDDEN = (
    "http.",
    "io.jwt.",
    "crypto.x509.",
    "net.lookup_ip_addr",
    "opa.",
    "providers.",
    "rand.",
    "time.now_ns",
    "uuid.rfc4122",
)
_INEXACT = re.compile(r"%[-+ #0]*[\d*]*(\.[\d*]+)?[eEfFgG]")


def check_rego(
    texts: Mapping[str, str], *, policies: Mapping[str, tuple[str, str]], libraries: Sequence[str], main: str
) -> None:
    """Refuse modules that are not what the bundle says.

    Parameters
    ----------
    texts : mapping
        Path to Rego.
    policies : mapping
        Path of a policy to its package and id.
    libraries : sequence of str
        Paths of what policies share.
    main : str
        Path of the module that decides.

    Raises
    ------
    PolicyError
        A module does not compile, has another package or id, no rule that could deny or ask for approval, or
        names a function whose answer does not follow from input and data.
    """
    for path, found in outlined(texts).items():
        _check_names(path, found)
        if path == main:
            _same(path, "package", found["package"], "finops.main")
            _has(path, found, ("decision",))
        elif path in policies:
            package, own = policies[path]
            _same(path, "package", found["package"], package)
            _same(path, "id", " and ".join(found["ids"]), own)
            _has(path, found, ("applies",))
            _has(path, found, _RULES)
        elif path in libraries and not found["package"].startswith(_LIBRARY):
            said = f"{path}: package {shown(found['package'])}"
            raise _refused(said, f"the package of a library starts with {_LIBRARY}", "rename it")


def _check_names(path: str, found: Mapping[str, Any]) -> None:
    for name in found["names"]:
        if any(f"{name}.".startswith(f"{stem.rstrip('.')}.") for stem in _FORBIDDEN) and "." in name:
            rule = "a policy knows its input and its data: no clock, chance or network"
            raise _refused(f"{path}: {shown(name)}", rule, "hand the value in with the input")
    for text in found["formats"]:
        if _INEXACT.search(text):
            rule = "numbers with decimals are written differently by different engines"
            raise _refused(f"{path}: sprintf of {shown(text)}", rule, "write %v of a number that is rounded")


def _same(path: str, key: str, found: str, wanted: str) -> None:
    if found != wanted:
        said = f"{path}: {key} {shown(found)}"
        raise _refused(said, f"it is the one that bundle.yaml states, {wanted}", "make them the same")


def _has(path: str, found: Mapping[str, Any], wanted: Sequence[str]) -> None:
    if not set(wanted) & set(found["rules"]):
        raise _refused(f"{path}: no rule", f"it has a rule {' or '.join(wanted)}", "add it")


def _refused(value: str, rule: str, remedy: str) -> PolicyError:
    return PolicyError(f"policy bundle: {value}", rule, remedy)

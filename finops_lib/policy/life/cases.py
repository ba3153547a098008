"""Which cases does a bundle carry: inputs, and what its policies must say of them.

``cases/bases.yaml`` maps names to whole documents. Every other ``cases/*.yaml`` is a list of cases:

- ``name``: unique in the bundle;
- ``input``: the whole document, or ``base`` (a name, or a document) with ``patch``: what is merged into it.
  A mapping is merged key by key, null takes a key out, anything else takes the place of what was there. A
  list is replaced as a whole;
- ``outcome``: ``allow``, ``needs_approval`` or ``deny``;
- ``rules``: ids that give a reason, in order, each once; empty where it is allowed;
- ``evaluated``, where it matters: ids of all policies that apply, in order.

To make a value null in a patched document, write ``<null>``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError
from finops_lib.policy.judge import Said
from finops_lib.policy.plain_yaml import read_yaml_file
from finops_lib.records.policy import ALLOW, OUTCOMES

BASES = "bases.yaml"
NULL = "<null>"
MOST_FILES, MOST_CASES = 500, 20_000
_KEYS = ("name", "input", "base", "patch", "outcome", "rules", "evaluated")


@dataclass(frozen=True)
class Case:
    """One input with what must be said of it; ``file`` is where it stands.

    ``evaluated`` is None where it does not matter which policies apply.
    """

    name: str
    file: str
    document: Any
    outcome: str
    rules: tuple[str, ...]
    evaluated: tuple[str, ...] | None = None

    def fits(self, came: Said) -> bool:
        """Whether this is what must be said of it.

        Parameters
        ----------
        came : Said
            Of a decision.
        """
        known = self.evaluated is None or self.evaluated == came.evaluated
        return known and came == Said(self.outcome, self.rules)


def read_cases(folder: Path) -> tuple[Case, ...]:
    """Which cases does the bundle in this folder carry.

    Parameters
    ----------
    folder : Path
        Of the bundle; the cases are in ``cases/*.yaml``.

    Returns
    -------
    tuple of Case
        By file, in their order.

    Raises
    ------
    PolicyError
        There is no case, too many, or one breaks a rule above; file and case are named.
    """
    paths = sorted((folder / "cases").glob("*.yaml"))
    if len(paths) > MOST_FILES:
        raise PolicyError(f"{len(paths)} files of cases", f"there are at most {MOST_FILES}", "join some")
    held = [path for path in paths if path.name == BASES]
    bases = read_yaml_file(held[0], kind="cases") if held else {}
    if not isinstance(bases, dict):
        raise PolicyError(f"cases {BASES}", "it maps names to documents", "write name: document")
    found = tuple(case for path in paths if path.name != BASES for case in _file(path, bases))
    if not found:
        said = f"bundle {folder.name}: no cases"
        raise PolicyError(said, "a policy is tested before it is trusted", "write cases/*.yaml")
    if len(found) > MOST_CASES:
        raise PolicyError(f"{len(found)} cases", f"there are at most {MOST_CASES}", "take some out")
    names = [case.name for case in found]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise PolicyError(f"case {shown(twice[0])} twice", "a name is used once", "rename one of them")
    return found


def _file(path: Path, bases: Mapping[str, Any]) -> Iterator[Case]:
    entries = read_yaml_file(path, kind="cases")
    if not isinstance(entries, list):
        raise PolicyError(f"cases {path.name}", "it is a list of cases", "start each case with '- name:'")
    for place, entry in enumerate(entries, start=1):
        where = f"cases {path.name}, case {place}"
        if not isinstance(entry, dict):
            raise PolicyError(where, "a case is a mapping", "write name, input, outcome and rules")
        yield _case(entry, bases, where, path.name)


def _case(entry: Mapping[str, Any], bases: Mapping[str, Any], where: str, file: str) -> Case:
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip():
        raise PolicyError(f"{where}: name {shown(name)}", "a case has a name", "say what it shows")
    where = f"{where} ({shown(name)})"
    strange = sorted(set(entry) - set(_KEYS))
    if strange:
        rule = f"it has the keys {', '.join(_KEYS)}"
        raise PolicyError(f"{where}: key {shown(strange[0])}", rule, "correct the key")
    outcome, rules = entry.get("outcome"), entry.get("rules")
    if outcome not in OUTCOMES:
        rule = f"it is one of {', '.join(OUTCOMES)}"
        raise PolicyError(f"{where}: outcome {shown(outcome)}", rule, "write what must be said")
    document, listed = _document(entry, bases, where), _rules(rules, outcome, where)
    applied = _ids(entry["evaluated"], "evaluated", where) if "evaluated" in entry else None
    return Case(name, file, document, outcome, listed, applied)


def _rules(rules: object, outcome: str, where: str) -> tuple[str, ...]:
    listed = _ids(rules, "rules", where)
    if bool(listed) == (outcome == ALLOW):
        said = f"{where}: outcome {outcome} with {len(listed)} rules"
        rule = "what is allowed has no reason, and all else has one"
        raise PolicyError(said, rule, "correct outcome or rules")
    return listed


def _ids(ids: object, key: str, where: str) -> tuple[str, ...]:
    listed = ids if isinstance(ids, list) and all(isinstance(one, str) for one in ids) else None
    if listed is None or listed != sorted(set(listed)):
        said, rule = f"{where}: {key} {shown(ids)}", "it is a list of ids, sorted, each once"
        remedy = "write the ids that give a reason" if key == "rules" else "write those that apply"
        raise PolicyError(said, rule, remedy)
    return tuple(listed)


def _document(entry: Mapping[str, Any], bases: Mapping[str, Any], where: str) -> Any:
    if ("input" in entry) == ("base" in entry) or ("patch" in entry and "input" in entry):
        said = f"{where}: keys {', '.join(sorted(set(entry) & {'input', 'base', 'patch'})) or 'none'}"
        raise PolicyError(said, "it has an input, or a base perhaps with a patch", "keep one of both")
    if "input" in entry:
        return entry["input"]
    base = entry["base"]
    if isinstance(base, str):
        if base not in bases:
            said = f"{where}: base {shown(base)}"
            raise PolicyError(said, f"it is a name in {BASES}", "write it there or correct the name")
        base = bases[base]
    patch = entry.get("patch", {})
    if not isinstance(base, dict) or not isinstance(patch, dict):
        raise PolicyError(f"{where}: base or patch", "each is a mapping", "write keys and values")
    return merged(base, patch)


def merged(base: Any, patch: Any) -> Any:
    """What is this document with a patch merged into it.

    Parameters
    ----------
    base, patch : object
        Plain JSON; see the module for what null and ``<null>`` mean in the patch.

    Returns
    -------
    object
        A new document; neither argument changes.

    Examples
    --------
    >>> merged({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": None, "e": 3}, "d": [], "f": "<null>"})
    {'a': {'c': 2, 'e': 3}, 'd': [], 'f': None}
    """
    if isinstance(patch, Mapping):
        found = dict(base) if isinstance(base, Mapping) else {}
        for key, value in patch.items():
            if value is None:
                found.pop(key, None)
            else:
                found[key] = merged(found.get(key), value)
        return found
    if isinstance(patch, Sequence) and not isinstance(patch, str):
        return [merged(None, item) if item is not None else None for item in patch]
    return None if patch == NULL else patch

"""What did the outside judge of FOCUS say of an export, and what of it is known and argued.

A rule that failed is excused only by an entry of ``known.toml``, and only while the entry's own condition
holds for every row of the export. A rule made of others follows them: each of its parts is judged itself.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

KNOWN = Path(__file__).with_name("known.toml")
KINDS = ("false alarm", "source cannot say", "recommendation")
FAILED, PASSED, SKIPPED = "FAIL", "PASS", "SKIPPED"
_RULE = r"[A-Za-z]+-[A-Z]-\d{3}-[A-Z]"
_LINE = re.compile(
    rf"^\S+ (?P<rule>{_RULE}): (?P<result>PASS|FAIL|SKIPPED)(?:  \((?P<said>.*)\))?$", re.MULTILINE
)
_TOTAL = re.compile(r"^Total: (\d+) \| Pass: (\d+) \| Fail: (\d+) \| Skipped: (\d+)$", re.MULTILINE)
_PARTS = re.compile(rf"AND failed - failed child rules: \[((?:{_RULE}(?:, )?)+)\]")
_WORDS = re.compile(rf"^- (?P<rule>{_RULE}): .*\n  MustSatisfy: (?P<words>.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Ruling:
    """What the judge said of one rule; ``parts`` are the failed rules that it is made of."""

    rule: str
    result: str
    said: str = ""
    words: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """Why a rule may fail for these samples; ``holds`` is SQL that is true of every row all the same."""

    rule: str
    samples: tuple[str, ...]
    kind: str
    reason: str
    holds: str


@dataclass(frozen=True)
class Finding:
    """One failed rule; ``excused`` says whether it is known or follows from rules that are listed too."""

    rule: str
    excused: bool
    result: str
    reason: str


def rulings(printed: str) -> dict[str, Ruling]:
    r"""Which rules did the judge decide, and how.

    Parameters
    ----------
    printed : str
        What it wrote to standard output.

    Returns
    -------
    dict of str to Ruling

    Raises
    ------
    ValueError
        There is no result, or its lines are not as many as it says.

    Examples
    --------
    >>> rulings("Total: 1 | Pass: 1 | Fail: 0 | Skipped: 0\n+ Tags-C-001-M: PASS  (0.7ms)\n")
    {'Tags-C-001-M': Ruling(rule='Tags-C-001-M', result='PASS', said='0.7ms', words='', parts=())}
    """
    total = _TOTAL.search(printed)
    if total is None:
        raise ValueError("the judge printed no result")
    words = {match["rule"]: match["words"] for match in _WORDS.finditer(printed)}
    found = {match["rule"]: _ruling(match, words) for match in _LINE.finditer(printed)}
    results = [item.result for item in found.values()]
    counts = (len(found), *(results.count(result) for result in (PASSED, FAILED, SKIPPED)))
    if counts != tuple(map(int, total.groups())):
        raise ValueError(f"read {counts} rules of the judge's {total[0]!r}")
    return found


def _ruling(match: re.Match[str], words: Mapping[str, str]) -> Ruling:
    said = match["said"] or ""
    listed = _PARTS.search(said)
    parts = tuple(listed[1].split(", ")) if listed else ()
    return Ruling(match["rule"], match["result"], said, words.get(match["rule"], ""), parts)


def known_rules(sample: str, *, path: Path = KNOWN) -> dict[str, Known]:
    """Which rules may fail for this sample, with the reason.

    Parameters
    ----------
    sample : str
        Name of the sample, for example ``focus``.
    path : Path
        The list.

    Returns
    -------
    dict of str to Known

    Raises
    ------
    ValueError
        An entry is incomplete, of no known kind, or there twice.
    """
    found: dict[str, Known] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["known"]:
        item = Known(**{**entry, "samples": tuple(entry["samples"])})
        if item.kind not in KINDS or not all((item.rule, item.samples, item.reason, item.holds)):
            raise ValueError(f"{path.name}: {item.rule} lacks a reason, a condition or one of {KINDS}")
        if sample in item.samples and item.rule in found:
            raise ValueError(f"{path.name}: {item.rule} is there twice for {sample}")
        if sample in item.samples:
            found[item.rule] = item
    return found


def findings(
    ruled: Mapping[str, Ruling], known: Mapping[str, Known], breaking: Callable[[str], int]
) -> list[Finding]:
    """Which rules failed, and which of them may.

    Parameters
    ----------
    ruled : mapping of str to Ruling
        From ``rulings``.
    known : mapping of str to Known
        From ``known_rules``.
    breaking : callable
        Counts the rows of the export of which a condition is not true.

    Returns
    -------
    list of Finding
        By rule.
    """
    failed = {rule: item for rule, item in ruled.items() if item.result == FAILED}
    return [_finding(failed[rule], failed, known.get(rule), breaking) for rule in sorted(failed)]


def _finding(
    item: Ruling, failed: Mapping[str, Ruling], known: Known | None, breaking: Callable[[str], int]
) -> Finding:
    if known is not None:
        rows = breaking(known.holds)
        result = f"FAILED: not as known in {rows} rows" if rows else known.kind
        return Finding(item.rule, not rows, result, known.reason)
    if item.parts and all(part in failed for part in item.parts):
        return Finding(item.rule, True, "follows", ", ".join(item.parts))
    return Finding(item.rule, False, "FAILED", item.words or item.said)


def stale(ruled: Mapping[str, Ruling], known: Iterable[str]) -> list[str]:
    """Which entries of the list are needed no more: their rule does not fail.

    Parameters
    ----------
    ruled : mapping of str to Ruling
        From ``rulings``.
    known : iterable of str
        Rules of the list.

    Returns
    -------
    list of str
    """
    return sorted(rule for rule in known if rule not in ruled or ruled[rule].result != FAILED)

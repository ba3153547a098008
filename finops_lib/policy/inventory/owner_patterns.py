"""Patterns of CODEOWNERS as regular expressions that no path can make slow."""

from __future__ import annotations

import re

MOST_WILDCARDS, LONGEST_PATTERN = 16, 400
_SOME = "*"  # any characters of one name
_DEEP = "**"  # any folders
_BELOW = "(?:/.*)?"
_PIECE = re.compile(r"\\.|\*+|\?|[^\\*?]", re.DOTALL)


def why_not(pattern: str) -> str:
    """Why is this no pattern that GitHub knows; empty for one that is.

    Parameters
    ----------
    pattern : str
        As it stands in the file.

    Returns
    -------
    str

    Examples
    --------
    >>> why_not("!docs/"), why_not("/docs/*.md")
    ("'!' takes nothing back here", '')
    """
    plain = re.sub(r"\\.", "", pattern)
    reasons = {
        "'!' takes nothing back here": pattern.startswith("!"),
        "a pattern cannot begin with '\\#'": pattern.startswith("\\#"),
        "'[' and ']' are no ranges here": "[" in plain or "]" in plain,
        "'***' means nothing": "***" in plain,
        "'\\' stands at the end": plain.endswith("\\"),
        "an empty or '.' or '..' part fits no path": bool(
            {"", ".", ".."} & set(plain.removeprefix("/").removesuffix("/").split("/"))
        ),
        f"a pattern has at most {LONGEST_PATTERN} characters": len(pattern) > LONGEST_PATTERN,
        f"a pattern has at most {MOST_WILDCARDS} wildcards": len(re.findall(r"\*+|\?+", plain))
        > MOST_WILDCARDS,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def expression_of(pattern: str) -> str:
    r"""Which regular expression fits, as a whole, the paths that this pattern fits.

    A leading or middle slash ties it to the top; a last one means the folder's files; ``*`` and ``?`` stay
    within a name, ``**`` crosses folders; a name that is no wildcard alone also fits all below a folder of
    this name, while ``docs/*`` fits no file further below. Each wildcard takes as little as can be and never
    tries again, which finds a fit wherever there is one, because what follows it has a fixed length.

    Source: GitHub, "About code owners", CODEOWNERS syntax.

    Parameters
    ----------
    pattern : str
        For which `why_not` has no reason.

    Returns
    -------
    str

    Examples
    --------
    >>> [bool(re.fullmatch(expression_of("/docs/*.md"), path)) for path in ("docs/a.md", "docs/b/a.md")]
    [True, False]
    """
    parts = pattern.removesuffix("/").removeprefix("/").split("/")
    if pattern.endswith("/"):
        parts.append(_DEEP)
    if not pattern.startswith("/") and "/" not in pattern.removesuffix("/"):
        parts.insert(0, _DEEP)
    groups = _groups(parts)
    last = parts[-1]
    tail = "" if last in {_SOME, _DEEP} else _BELOW
    fixed, *floating = groups
    if last == _DEEP:
        floating = floating[:-1]
        tail = "/.+" if fixed or floating else ".+"
    found = "/".join(map(_name, fixed))
    for number, group in enumerate(floating):
        end = rf"(?={tail}\Z)" if number == len(floating) - 1 else "(?=/)"
        start = "/" if number or fixed else ""
        found += rf"(?>{start}(?:[^/]++/)*?{'/'.join(map(_name, group))}{end})"
    return found + tail


def _groups(parts: list[str]) -> list[list[str]]:
    """Names between ``**`` and ``**``; the first are those before any."""
    groups: list[list[str]] = [[]]
    for before, part in zip(["", *parts], parts, strict=False):
        if part != _DEEP:
            groups[-1].append(part)
        elif before != _DEEP:
            groups.append([])
    return groups


def _name(part: str) -> str:
    """Fit one name: after its first wildcard, what follows a wildcard is found at its first place."""
    pieces = [""]
    for piece in _PIECE.findall(part):
        if piece.startswith(_SOME):
            pieces.append("")
        else:
            pieces[-1] += "[^/]" if piece == "?" else re.escape(piece[-1])
    first, *others = pieces
    if not others:
        return first
    least = "" if part.strip(_SOME) else "(?=[^/])"
    *middle, last = others
    taken = "".join(f"(?>[^/]*?{piece})" for piece in middle)
    return rf"{least}{first}{taken}(?>[^/]*?{last}(?=/|\Z))"

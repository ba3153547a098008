"""What a reader found: resources, what could not be read and why, and what was left out on purpose."""

from __future__ import annotations

from dataclasses import dataclass

from finops_lib.records import Record, Resource

_LONGEST = 300  # characters of a reason


@dataclass(frozen=True, order=True)
class Fault(Record):
    """Something that could not be read: the file, the line (from 1, 0 where none is known) and a sentence.

    Examples
    --------
    >>> Fault("a.yaml", 3, "an object without kind").line
    3
    """

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class Found(Record):
    """The resources of one reader and its faults; ``skipped`` are files that it left out on purpose."""

    resources: tuple[Resource, ...] = ()
    faults: tuple[Fault, ...] = ()
    skipped: tuple[str, ...] = ()


def together(*parts: Found) -> Found:
    """What did these readers find in all.

    Parameters
    ----------
    *parts : Found
        In any number.

    Returns
    -------
    Found
        In the order of the parts; a file that several left out is named once.

    Examples
    --------
    >>> together(Found(skipped=("a",)), Found(skipped=("a", "b"))).skipped
    ('a', 'b')
    """
    return Found(
        tuple(resource for part in parts for resource in part.resources),
        tuple(fault for part in parts for fault in part.faults),
        tuple(dict.fromkeys(path for part in parts for path in part.skipped)),
    )


def in_words(error: object) -> str:
    r"""How does a program's or a parser's complaint read as a reason: one line, printable, not too long.

    Parameters
    ----------
    error : object
        An exception, or text that a file or a program gave.

    Returns
    -------
    str

    Examples
    --------
    >>> in_words("a\nb   c")
    'a b c'
    """
    text = " ".join(str(error).split())
    return "".join(one if one.isprintable() else "?" for one in text[:_LONGEST])

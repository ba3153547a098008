"""Words from an estate's files, made fit to be shown: one line, nothing hidden in it, not too long."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(text: str, *, longest: int = 300) -> str:
    r"""How is a text of somebody else shown on one line.

    Parameters
    ----------
    text : str
        Any text, also a hostile one.
    longest : int
        Characters to keep; what is cut ends with an ellipsis.

    Returns
    -------
    str
        Without line breaks, control and format characters, lone surrogates and unassigned code points;
        blanks are joined.

    Examples
    --------
    >>> clean("a\x1b[31m\n b\u202e"), clean("abcdef", longest=4)
    ('a [31m b', 'abc…')
    """
    # A character that is not shown is a blank, so that it cannot join two words into a third.
    beginning = text[: longest * 4]
    shown = "".join(" " if unicodedata.category(mark) in _HIDDEN else mark for mark in beginning)
    line = " ".join(shown.split())
    if len(line) > longest or len(text) > len(beginning):
        return line[: longest - 1] + "…"
    return line


def counted(count: int, noun: str) -> str:
    """How is a count said: ``1 file``, ``2 files``.

    Parameters
    ----------
    count : int
        How many.
    noun : str
        In the singular.

    Examples
    --------
    >>> counted(1, "finding"), counted(0, "finding")
    ('1 finding', '0 findings')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

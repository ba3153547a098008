"""What a format is: how its file is recognised and how its columns become FOCUS columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from finops_lib.records import CHARGES_KIND


@dataclass(frozen=True)
class Fit:
    """How well a header fits a format: ``share`` of the needed columns it has (0 to 1), the missing ones."""

    share: float
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Format:
    """One export format.

    ``fit`` judges a header; ``numeric`` says of a column whether its text is a number; ``version`` names
    the FOCUS version a header speaks; ``to_focus`` turns a batch of text columns into FOCUS columns, still
    as text. ``needed`` are the columns without which the file is not of this format.

    ``delivery`` is ``overwrites`` (an export replaces its whole period) or ``appends`` (each slice is added
    once, and only the same slice replaces it). The rows of an appending format name their slice in the
    column ``x_Slice``; where they do not, each file is a slice. ``row_key`` is a column that no two rows
    share, so that a row which came in another slice is found.

    ``cancels`` says that counter-entries in the file take back cost that other rows carry, so that the
    billed cost of all rows is the file's own, and a difference is a row of its own.

    ``kind`` is ``charges``, or ``allocation`` for reports that explain charges and stand in no total.
    ``priced`` is there for usage without prices: it reads a file of rates and gives the ``to_focus``
    that knows them. ``several`` says that a row of the file can become any number of rows; else ``to_focus``
    keeps the rows of the file in place, and may add others below them.
    """

    name: str
    delivery: str
    needed: tuple[str, ...]
    fit: Callable[[Sequence[str]], Fit]
    numeric: Callable[[str], bool]
    version: Callable[[Sequence[str]], str]
    to_focus: Callable[[pa.Table], pa.Table]
    kind: str = CHARGES_KIND
    cancels: bool = False
    row_key: str = ""
    priced: Callable[[Path], Callable[[pa.Table], pa.Table]] | None = None
    several: bool = False


def fit_needed(header: Sequence[str], needed: Sequence[str]) -> Fit:
    """How much of what a format needs does this header have.

    Parameters
    ----------
    header : sequence of str
        Column names of the file.
    needed : sequence of str
        Column names the format cannot do without.

    Returns
    -------
    Fit

    Examples
    --------
    >>> fit_needed(["a", "b"], ["a", "c"])
    Fit(share=0.5, missing=('c',))
    """
    missing = tuple(name for name in needed if name not in set(header))
    return Fit(1 - len(missing) / len(needed), missing)

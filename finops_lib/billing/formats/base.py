"""What a format is: how its file is recognised and how its columns become FOCUS columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa


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
    as text. ``delivery`` is ``overwrites`` (an export replaces its whole period) or ``appends``.
    ``needed`` are the columns without which the file is not of this format; ``cost_column`` is the
    column whose sum is the file's own cost.
    """

    name: str
    delivery: str
    needed: tuple[str, ...]
    fit: Callable[[Sequence[str]], Fit]
    numeric: Callable[[str], bool]
    version: Callable[[Sequence[str]], str]
    to_focus: Callable[[pa.Table], pa.Table]


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

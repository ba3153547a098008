"""Which rows does a CSV of one's own hold: columns of fixed meaning, and columns of the bill beside them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from finops_lib.errors import SettingsError

_SHOWN = 80  # characters of what a file says, in a message
_TAG = "tag:"


@dataclass(frozen=True)
class Rows:
    """What a CSV states: ``scope`` are its columns of the bill, ``lines`` the place and cells of each row."""

    scope: tuple[str, ...]
    lines: tuple[tuple[str, Mapping[str, str]], ...]


def rows(text: str, *, needed: Sequence[str], optional: Sequence[str] = (), file: str) -> Rows:
    r"""Which rows does this text hold.

    Parameters
    ----------
    text : str
        CSV with a header, with commas.
    needed, optional : sequence of str
        Columns of fixed meaning, those that must be there and those that may. All others name FOCUS columns,
        as ``ServiceName``, or tags, as ``tag:team``.
    file : str
        Kind and name of the file, for errors.

    Returns
    -------
    Rows
        Cells are stripped; empty lines are left out.

    Raises
    ------
    SettingsError
        The text is no CSV, a column is missing, comes twice or is no name, a row has other cells than the
        header, or there is none.

    Examples
    --------
    >>> found = rows("time,tag:team\n2026-07-03,web\n", needed=("time",), file="events x.csv")
    >>> found.scope, found.lines[0][0], dict(found.lines[0][1])["tag:team"]
    (('tag:team',), 'events x.csv, line 2', 'web')
    """
    reader = csv.reader(text.removeprefix("\ufeff").splitlines(keepends=True), strict=True)
    try:
        heading = [cell.strip() for cell in next(reader, [])]
        scope = _checked(heading, needed, optional, file)
        lines = tuple(
            (f"{file}, line {reader.line_num}", _row(heading, cells, f"{file}, line {reader.line_num}"))
            for cells in reader
            if any(cell.strip() for cell in cells)
        )
    except csv.Error as error:
        raise SettingsError(f"{file}: {error}", "it is CSV, with commas", "mend its quotes") from None
    if not lines:
        raise SettingsError(f"{file}: no row", "it states at least one", _shape(needed))
    return Rows(scope, lines)


def _checked(
    heading: Sequence[str], needed: Sequence[str], optional: Sequence[str], file: str
) -> tuple[str, ...]:
    """Refuse a header that lacks a column or has a strange one; give back the columns of the bill."""
    scope = tuple(name for name in heading if name not in {*needed, *optional})
    lost = [name for name in needed if name not in heading]
    twice = [name for name in heading if heading.count(name) > 1]
    strange = [name for name in scope if not name.removeprefix(_TAG) or not name.isprintable()]
    if lost or twice or strange:
        wrong = f"no column {lost[0]}" if lost else f"column {[*twice, *strange][0][:_SHOWN]!r}"
        rule = f"it has {', '.join(needed)}, each once, and beside them columns of the bill or tag:key"
        raise SettingsError(f"{file}: {wrong}", rule, _shape(needed))
    return scope


def _shape(needed: Sequence[str]) -> str:
    return f"write the columns {', '.join(needed)}, and rows below them"


def _row(heading: Sequence[str], cells: Sequence[str], where: str) -> dict[str, str]:
    if len(cells) != len(heading):
        raise SettingsError(
            f"{where}: {len(cells)} cells", f"a row has {len(heading)}", "correct the row, quote commas"
        )
    return {name: cell.strip() for name, cell in zip(heading, cells, strict=True)}

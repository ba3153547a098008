"""What is known to have changed, and when: a table of events, such as deployments, launches and new prices.

CSV with a header and a row for each event:

- ``time``: a day, or a moment of ISO 8601 (UTC where it names no zone);
- ``what``: one line of text that names it;
- any other column names a column of the bill, as ``ServiceName``, or a tag, as ``tag:team``, in which it
  happened: a value, or several with ``|`` between; an empty cell is any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from finops_lib.cost import entries
from finops_lib.cost.csv_entries import rows
from finops_lib.errors import SettingsError

_NEEDED = ("time", "what")
_EARLIEST, _LATEST = 1970, 9000  # years
_NO_SCOPE: Mapping[str, tuple[str, ...]] = {}


@dataclass(frozen=True)
class Change:
    """Something that happened at a moment, in a scope: a deployment, a launch, a new price.

    ``scope`` maps columns or ``tag:key`` to the values that it happened to; an empty one is everything.
    """

    name: str
    at: datetime
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_SCOPE)

    def may_touch(self, cell: Mapping[str, str]) -> bool:
        """Say whether it may have to do with a cell: no column of the cell has another value.

        Parameters
        ----------
        cell : mapping of str to str
            Column to value.

        Examples
        --------
        >>> launch = Change("Launch", datetime(2026, 7, 1), {"tag:team": ("web",)})
        >>> launch.may_touch({"RegionId": "eu"}), launch.may_touch({"tag:team": "ml"})
        (True, False)
        """
        return all(name not in cell or cell[name] in values for name, values in self.scope.items())

    def named_in(self, cell: Mapping[str, str]) -> int:
        """How many columns of its scope does a cell name with one of its values, a count.

        Parameters
        ----------
        cell : mapping of str to str
            Column to value.

        Examples
        --------
        >>> launch = Change("Launch", datetime(2026, 7, 1), {"tag:team": ("web",), "RegionId": ("eu",)})
        >>> launch.named_in({"tag:team": "web", "ServiceName": "S3"}), launch.named_in({})
        (1, 0)
        """
        return sum(cell.get(name) in values for name, values in self.scope.items())


def parse(text: str, *, name: str) -> tuple[Change, ...]:
    r"""Which changes does this text list.

    Parameters
    ----------
    text : str
        CSV.
    name : str
        Of the file, for errors.

    Returns
    -------
    tuple of Change
        In the order of the file.

    Raises
    ------
    SettingsError
        The text is no such CSV, or a row is no change; the line is named.

    Examples
    --------
    >>> text = "time,what,ServiceName\n2026-07-03,Release 7,Compute|Storage\n2026-07-04T12:00,Sale,\n"
    >>> first, second = parse(text, name="events.csv")
    >>> first.name, first.scope["ServiceName"], second.at.isoformat(), dict(second.scope)
    ('Release 7', ('Compute', 'Storage'), '2026-07-04T12:00:00+00:00', {})
    """
    found = rows(text, needed=_NEEDED, file=f"events file {name}")
    return tuple(_change(cells, found.scope, where) for where, cells in found.lines)


def _change(cells: Mapping[str, str], scope: Iterable[str], where: str) -> Change:
    if not cells["what"]:
        raise SettingsError(f"{where}: no what", "an event has a name", "write one")
    held = {
        column: tuple(part.strip() for part in cells[column].split("|") if part.strip()) for column in scope
    }
    return Change(
        entries.label(cells["what"], key="what", where=where),
        _moment(cells["time"], where),
        {column: values for column, values in held.items() if values},
    )


def _moment(text: str, where: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if not _EARLIEST <= found.year < _LATEST:
            raise ValueError(text)
    except ValueError:
        rule = "it is a day or a moment of ISO 8601"
        raise SettingsError(f"{where}: time {text[:80]!r}", rule, "write it as in 2026-07-03") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

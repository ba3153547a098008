"""Which licences are owned: a file that people write.

TOML with ``[[licence]]`` tables:

- ``licence``: its name, as the inventory writes it in ``licence``;
- ``cores``: how many cores are paid already, used or not;
- ``least_cores``: the fewest that a machine takes (optional);
- ``core_month``: money a month for a further core (optional; without it none is bought), in ``currency``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from finops_lib.cost import entries
from finops_lib.cost.entry_texts import shown
from finops_lib.errors import SettingsError
from finops_lib.records import Record

_KNOWN = ("licence", "cores", "least_cores", "core_month", "currency")
_NEEDED = ("licence", "cores", "currency")
_MOST_CORES = 10_000_000


@dataclass(frozen=True)
class Owned(Record):
    """A licence that is owned for so many cores; see the module."""

    licence: str
    cores: int
    currency: str
    least_cores: int = 1
    core_month: Decimal | None = None


def parse(text: str, *, name: str) -> tuple[Owned, ...]:
    r"""Which licences does this text list.

    Parameters
    ----------
    text : str
        Of a TOML file.
    name : str
        Of the file, for errors.

    Returns
    -------
    tuple of Owned

    Raises
    ------
    SettingsError
        The text is no TOML, an entry breaks its rule, or a licence stands in it twice.

    Examples
    --------
    >>> text = '[[licence]]\nlicence = "windows"\ncores = 16\ncurrency = "USD"\nleast_cores = 8\n'
    >>> parse(text, name="licences.toml")[0].least_cores
    8
    """
    file = f"licences file {name}"
    found = tuple(
        _owned(entry, f"{file}, licence {place}")
        for place, entry in enumerate(entries.tables(text, key="licence", file=file), 1)
    )
    entries.refuse_twice([one.licence for one in found], kind="licence", file=file)
    return found


def _owned(entry: Mapping[str, Any], where: str) -> Owned:
    entries.check_keys(entry, known=_KNOWN, needed=_NEEDED, where=where)
    least = Decimal(0)
    price = entry.get("core_month")
    return Owned(
        entries.label(entry["licence"], key="licence", where=where),
        _whole(entry["cores"], "cores", where, 0),
        entries.currency(entry["currency"], where=where),
        _whole(entry.get("least_cores", 1), "least_cores", where, 1),
        None if price is None else entries.number(price, key="core_month", where=where, least=least),
    )


def _whole(value: object, key: str, where: str, least: int) -> int:
    found = entries.exact(value)
    if found is None or found != found.to_integral_value() or not least <= found <= _MOST_CORES:
        rule = f"it is a whole number from {least} to {_MOST_CORES}"
        raise SettingsError(f"{where}: {key} {shown(value)}", rule, "count the cores that are owned")
    return int(found)

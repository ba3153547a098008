"""An inventory is read strictly: what it does not say stays unknown, what it says wrongly is named."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from finops_lib.errors import SettingsError
from finops_lib.optimize.inventory_file import Item, parse

HEADER = "resource,kind,region,size,vcpu,memory_gib,usd_hour,attached,changed,colour"


def test_cells_become_what_they_say() -> None:
    """Numbers are exact, a day is its first moment, an unknown column is let be."""
    rows = f"{HEADER}\ni-1,instance,eu-1,m.large,2,7.5,0.10,no,2026-07-01,red\n"
    assert parse(rows, name="x.csv") == (
        Item(
            "i-1", "instance", region="eu-1", size="m.large", vcpu=Decimal(2), memory_gib=Decimal("7.5"),
            usd_hour=Decimal("0.10"), attached=False, changed=datetime(2026, 7, 1, tzinfo=UTC),
        ),
    )  # fmt: skip


def test_what_is_empty_is_unknown_and_not_zero() -> None:
    """An empty number and an empty answer are None."""
    [item] = parse("resource,kind,vcpu,attached\ni-1,volume,,\n", name="x.csv")
    assert (item.vcpu, item.attached, item.changed, item.team) == (None, None, None, "")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("i-1,ship,,,,,,,,", "inventory x.csv, row 1: kind 'ship'"),
        ("i-1,volume,,,-2,,,,,", "inventory x.csv, row 1: vcpu '-2'"),
        ("i-1,volume,,,NaN,,,,,", "inventory x.csv, row 1: vcpu 'NaN'"),
        (",volume,,,,,,,,", "inventory x.csv, row 1: resource ''"),
        ("i\u202e,volume,,,,,,,,", "inventory x.csv, row 1: resource"),
        ("i-1,volume,,,,,,maybe,,", "inventory x.csv, row 1: attached 'maybe'"),
        ("i-1,volume,,,,,,,yesterday,", "inventory x.csv, row 1: changed 'yesterday'"),
        ("i-1,volume,,,,,,,,\ni-1,volume,,,,,,,,", "inventory x.csv, row 2: 'i-1' twice"),
        ('i-1,"volume', "inventory x.csv: unexpected end of data"),
    ],
)
def test_a_wrong_cell_is_named(row: str, said: str) -> None:
    """The row and the value stand in the error."""
    with pytest.raises(SettingsError) as error:
        parse(f"{HEADER}\n{row}\n", name="x.csv")
    assert str(error.value).startswith(said)


def test_a_file_without_resources_is_refused() -> None:
    """The header has to name resource and kind."""
    with pytest.raises(SettingsError, match=r"inventory x\.csv: column kind: it has resource and kind"):
        parse("resource,size\ni-1,m\n", name="x.csv")

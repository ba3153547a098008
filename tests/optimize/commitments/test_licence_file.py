"""A file of licences is read strictly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops_lib.errors import SettingsError
from finops_lib.optimize.commitments.licence_file import Owned, parse

GOOD = '[[licence]]\nlicence = "windows"\ncores = 16\ncurrency = "USD"\n'


def test_all_fields_are_read() -> None:
    """What is left out is one core at least, and none that is bought."""
    text = (
        GOOD
        + '[[licence]]\nlicence = "rhel"\ncores = 0\ncurrency = "EUR"\nleast_cores = 8\ncore_month = "2.5"\n'
    )
    assert parse(text, name="l.toml") == (
        Owned("windows", 16, "USD"),
        Owned("rhel", 0, "EUR", 8, Decimal("2.5")),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "licences file l.toml: 'x'"),
        (GOOD + GOOD, "licences file l.toml: 'windows' twice: each licence has a name of its own"),
        (GOOD.replace("16", "-1"), "licences file l.toml, licence 1: cores '-1'"),
        (GOOD.replace('"USD"', '"usd dollars"'), "licences file l.toml, licence 1: currency 'usd dollars'"),
        (GOOD.replace("16", "16.5"), "licence 1: cores '16.5': it is a whole number from 0 to 10000000"),
        (GOOD + "least_cores = 1.5\n", "licence 1: least_cores '1.5': it is a whole number from 1"),
        (GOOD.replace("16", "0x" + "f" * 5000), "licence 1: cores 'a number of too many digits'"),
        (GOOD + "seats = 3\n", "licences file l.toml, licence 1: 'seats'"),
        (GOOD + "least_cores = 0\n", "licences file l.toml, licence 1: least_cores '0'"),
    ],
)
def test_a_broken_file_names_what_is_wrong(text: str, message: str) -> None:
    """File, entry and field."""
    with pytest.raises(SettingsError) as refused:
        parse(text, name="l.toml")
    assert message in str(refused.value)

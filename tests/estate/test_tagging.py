from __future__ import annotations

import numpy as np

from finops_lib.estate import tagging


def many() -> list[dict[str, str]]:
    rng = np.random.default_rng(5)
    return [tagging.tags(rng, environment="prod", team="data") for _ in range(3000)]


def test_tags_are_as_messy_as_in_real_estates() -> None:
    """Three spellings of one key, none at all, empty values, other alphabets, formulas and mark-up."""
    found = many()
    keys = {key for item in found for key in item}
    values = {value for item in found for value in item.values()}
    assert {"team", "Team", " team", "environment", "Environment", "Kostenstelle"} <= keys
    assert {"", "配送予測", "=1+1", "<script>alert(1)</script>", 'said "later", twice'} <= values
    assert 100 < sum(not item for item in found) < 400


def test_everybody_is_named_somewhere() -> None:
    """Each name and each address stands in an owner tag; a note carries an address in a sentence."""
    owners = {item.get("owner", item.get("Owner")) for item in many()}
    assert set(tagging.PEOPLE) | set(tagging.PEOPLE.values()) <= owners
    assert any("@" in item.get("note", "") for item in many())


def test_chance_picks_by_weight() -> None:
    """A roll below the first bound gives the first entry."""
    table = ((10, "a"), (1000, "b"))
    assert [tagging.chosen(roll, table) for roll in (0, 9, 10, 999)] == ["a", "a", "b", "b"]

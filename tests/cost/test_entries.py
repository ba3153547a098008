"""What an entry of a versioned file may say: hostile values are named, with the rule that they break."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from finops_lib.cost import entries
from finops_lib.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[limit", "limits file x: .*it is TOML"),
        ("limit = 3", "no \\[\\[limit\\]\\]"),
        ("", "no \\[\\[limit\\]\\]"),
        ("[[limit]]\n[other]\na = 1", "'other': it holds"),
        ("a = " + "[" * 3000, "it is TOML"),
    ],
)
def test_a_text_that_is_no_list_of_tables_is_refused(text: str, said: str) -> None:
    """Broken TOML, another shape, nothing at all, a second table, and brackets without end."""
    with pytest.raises(SettingsError, match=said):
        entries.tables(text, key="limit", file="limits file x")


def test_an_entry_that_is_no_table_lacks_every_key() -> None:
    """A list of numbers under the right name becomes empty entries, which the check of keys refuses."""
    assert entries.tables("limit = [1, 2]", key="limit", file="x") == [{}, {}]
    with pytest.raises(SettingsError, match="x: no a, b: it has the keys a, b, perhaps others of a, b, c"):
        entries.check_keys({}, known=("a", "b", "c"), needed=("a", "b"), where="x")


def test_a_key_that_means_nothing_is_named() -> None:
    """A typing mistake is not passed over in silence; an empty value is as good as none."""
    with pytest.raises(SettingsError, match="'amuont'"):
        entries.check_keys({"a": 1, "amuont": 2}, known=("a",), needed=("a",), where="x")
    with pytest.raises(SettingsError, match="no a"):
        entries.check_keys({"a": "  "}, known=("a",), needed=("a",), where="x")


@pytest.mark.parametrize("value", [True, "x", "1_000", "NaN", "Infinity", "1e15", "1e-50", None, [1]])
def test_what_is_no_plain_number_is_refused(value: object) -> None:
    """Truth values, words, underscores, NaN, and numbers beyond all money."""
    with pytest.raises(SettingsError, match="amount"):
        entries.number(value, key="amount", where="x")


def test_a_number_can_have_a_floor() -> None:
    """Above zero means above: zero itself is refused, a negative one passes where nothing forbids it."""
    with pytest.raises(SettingsError, match="a number above 0"):
        entries.number(0, key="amount", where="x", least=Decimal(0))
    assert entries.number("-2.50", key="amount", where="x") == Decimal("-2.5")


@pytest.mark.parametrize("value", ["usd", "US", "USDX", "U$D", "ZZZ", 5, None])
def test_a_currency_is_a_code(value: object) -> None:
    """Three capital letters, and nothing else."""
    with pytest.raises(SettingsError, match="ISO 4217"):
        entries.currency(value, where="x")
    assert entries.currency("USD", where="x") == "USD"


@pytest.mark.parametrize("value", ["x" * 101, "a\nb", "a\x1b[31mb", "\u202egnp.exe", "a\0b"])
def test_a_name_is_one_line_that_can_be_printed(value: str) -> None:
    """Too long, line breaks, terminal colours, text from right to left, zero bytes."""
    with pytest.raises(SettingsError, match=r"x: name .*one line of at most 100 characters"):
        entries.label(value, key="name", where="x")
    assert entries.label("  Zahlungsverkehr für Łódź ", key="name", where="x") == "Zahlungsverkehr für Łódź"


@pytest.mark.parametrize(
    "value", ["2026-13-01", "2026-1-1", "20260101", "tomorrow", 7, datetime(2026, 1, 1, 5, tzinfo=UTC)]
)
def test_a_day_is_written_as_one(value: object) -> None:
    """Months that there are not, other spellings and moments within a day are refused."""
    with pytest.raises(SettingsError, match="from"):
        entries.day(value, key="from", where="x")


def test_a_day_of_the_file_is_its_first_moment() -> None:
    """TOML has dates of its own; they are read in UTC."""
    assert entries.day(date(2026, 3, 1), key="from", where="x") == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("found", ["web", {"": ["a"]}, {"a": []}, {"a": [1]}, {"a": [""]}, [{"a": "b"}]])
def test_a_scope_is_a_table_of_texts(found: object) -> None:
    """A text, an empty name, no value, a number, an empty text and a list are none."""
    with pytest.raises(SettingsError, match="a scope gives columns or tag:key"):
        entries.scope(found, where="x")


def test_a_word_is_one_of_those_known() -> None:
    """The others are listed; a list is no word."""
    assert entries.choice("disk", of=("disk", "quota"), key="kind", where="x") == "disk"
    with pytest.raises(SettingsError, match="kind 'rack': it is one of disk, quota"):
        entries.choice("rack", of=("disk", "quota"), key="kind", where="x")
    with pytest.raises(SettingsError, match="kind"):
        entries.choice(["disk"], of=("disk", "quota"), key="kind", where="x")

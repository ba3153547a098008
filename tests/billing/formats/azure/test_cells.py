"""Names by their letters, and columns translated by their distinct cells."""

from __future__ import annotations

import pyarrow as pa
import pytest

from finops_lib.billing.formats.azure.cells import coded, each, plain
from finops_lib.billing.formats.rows import Rows


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Meter Sub-Category", "metersubcategory"),
        ("\ufeffCoût", "cout"),
        ("Maßeinheit", "masseinheit"),
        ("Dienstinformation 1", "dienstinformation1"),
        ("日付", "日付"),
        ("_-()", ""),
    ],
)
def test_only_letters_and_digits_count(name: str, letters: str) -> None:
    """Case, accents, marks and the byte order mark do not; letters of any script do."""
    assert plain(name) == letters


def test_each_asks_equal_cells_once() -> None:
    """A bill has millions of cells and few different ones."""
    asked: list[str] = []

    def meaning(text: str) -> str | None:
        asked.append(text)
        return text.upper() if text != "b" else None

    assert each(pa.array(["a", "b", "a", None]), meaning).to_pylist() == ["A", None, "A", None]
    assert asked == ["a", "b"]


def test_dictionaries_are_asked_by_their_words() -> None:
    """Two words may become one, a blank answer is null, and a null inside the dictionary stays null."""
    words = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, None, 3]), pa.array(["a", "A", "", None]))
    assert each(words, str.upper).to_pylist() == ["A", "A", None, None, None]


def test_a_column_keeps_its_form() -> None:
    """Dictionaries are not unpacked first; an absent column is null throughout."""
    rows = Rows(pa.table({"a": pa.array(["x", "y"]).dictionary_encode(), "b": ["1", "2"]}))
    assert pa.types.is_dictionary(coded(rows, "a").type)
    assert coded(rows, "b").type == pa.string()
    assert coded(rows, "c").to_pylist() == [None, None]

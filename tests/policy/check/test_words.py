"""Words of somebody else become one harmless line."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from finops_lib.policy.check.words import clean, counted


@given(st.text(alphabet=st.characters(), max_size=60), st.integers(min_value=1, max_value=20))
def test_what_is_shown_is_one_short_line_of_visible_characters(text: str, longest: int) -> None:
    """Whatever comes in, nothing hidden comes out, and no more than asked for."""
    found = clean(text, longest=longest)
    assert len(found) <= longest
    assert {unicodedata.category(mark) for mark in found} & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()


def test_ordinary_words_stay_as_they_are() -> None:
    """Umlauts, Chinese and emoji are words too."""
    assert clean("Zoë 李小龙 🚚 ok") == "Zoë 李小龙 🚚 ok"


def test_a_text_of_many_megabytes_is_cut() -> None:
    """The cut shows, also when the beginning is all blanks."""
    assert clean(" " * 10_000_000 + "x", longest=10) == "…"
    assert clean("x" * 10_000_000, longest=10) == "xxxxxxxxx…"


def test_counts_read_as_english() -> None:
    """One file, two files."""
    assert [counted(number, "file") for number in (0, 1, 2)] == ["0 files", "1 file", "2 files"]

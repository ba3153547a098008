"""Texts of an entry: one or several, as they stand; any value can be shown."""

from __future__ import annotations

import pytest

from finops_lib.cost import entries
from finops_lib.cost.entry_texts import readable, shown, text, texts
from finops_lib.errors import SettingsError

HUGE = 1 << 40_000


def test_a_text_stays_as_it_is() -> None:
    """Blanks at its ends are part of a value of the bill."""
    assert text(" web ", key="by", where="w") == " web "
    assert texts(["b", " a"], key="to", where="w") == ("b", " a")


@pytest.mark.parametrize("value", ["", " ", 1, None, True, ["a"]])
def test_what_is_no_text_is_refused(value: object) -> None:
    """With the place, the key and the value."""
    with pytest.raises(SettingsError, match=r"^w: by .*it is a text that is not empty"):
        text(value, key="by", where="w")


@pytest.mark.parametrize("value", [[], "", [""], ["a", "a"], ["a", 1], 1, {"a": 1}, [["a"]]])
def test_a_list_without_texts_is_refused(value: object) -> None:
    """Neither empty nor twice."""
    with pytest.raises(SettingsError, match=r"^w: to "):
        texts(value, key="to", where="w")


def test_a_number_of_too_many_digits_is_refused_and_no_crash() -> None:
    """A file may write it in hexadecimal; Python will not write it in decimal."""
    assert readable(HUGE) == "a number of too many digits"
    assert len(shown("x" * 1000)) == 82
    assert entries.exact(HUGE) is None
    with pytest.raises(SettingsError, match="too many digits"):
        entries.number(HUGE, key="amount", where="w")
    with pytest.raises(SettingsError, match="entry: 'strange'"):
        entries.check_keys({"a": HUGE, "strange": HUGE}, known=("a",), needed=("a",), where="entry")

"""A CSV of one's own: read with its columns of the bill, and refused with the line that is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.cost.csv_entries import rows
from finops_lib.errors import SettingsError

NEEDED = ("time", "what")


def test_columns_of_the_bill_keep_their_order_and_lines_their_number() -> None:
    """An empty line counts as a line and is no row; a byte order mark and blanks are no content."""
    text = '\ufefftag:team, time ,what,ServiceName,note\n web ,1,a,,x\n\n,2,"b, c",S3,\n'
    found = rows(text, needed=NEEDED, optional=("note",), file="f")
    assert found.scope == ("tag:team", "ServiceName")
    assert [where for where, _ in found.lines] == ["f, line 2", "f, line 4"]
    assert [cells["tag:team"] for _, cells in found.lines] == ["web", ""]
    assert found.lines[1][1]["what"] == "b, c"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column time"),
        ("time\n1", "no column what"),
        ("time,what,x,x\n1,2,3,4", "column 'x'"),
        ("time,what,tag:\n1,2,3", "column 'tag:'"),
        ("time,what,\n1,2,3", "column ''"),
        ("time,what,a\u202eb\n1,2,3", "column"),
        ("time,what\n1", "line 2: 1 cells"),
        ("time,what\n1,2,3", "line 2: 3 cells"),
        ('time,what\n1,"2', "CSV"),
        ("time,what\n\n", "no row"),
    ],
)
def test_what_is_no_such_csv_is_refused(text: str, said: str) -> None:
    """With the file, what is wrong in it, and what to write."""
    with pytest.raises(SettingsError, match=r"^f") as caught:
        rows(text, needed=NEEDED, file="f")
    assert said in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Never anything but a SettingsError."""
    try:
        rows(f"time,what\n{text}", needed=NEEDED, file="f")
    except SettingsError as error:
        assert str(error).startswith("f")

"""Labels of people: what a file says, what it may not say, and whose word is the last."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from finops_lib.anomaly.label_file import parse, settled
from finops_lib.anomaly.labels import Label
from finops_lib.errors import SettingsError

HEAD = "key,team,said,at,p_value,note\n"
ROW = "0123456789abcdef,web,real,2026-07-03T10:00:00+02:00,0.001,ours"


def test_a_row_is_a_label_in_utc() -> None:
    """10:00 in a zone two hours ahead is 08:00; further columns and a line break in quotes do no harm."""
    [label] = parse(f"{HEAD}{ROW.replace('ours', chr(34) + 'a' + chr(10) + 'b' + chr(34))}", name="l.csv")
    assert label == Label("web", 0.001, "real", datetime(2026, 7, 3, 8, tzinfo=UTC), "0123456789abcdef")


def test_no_row_is_no_label() -> None:
    """An empty file, and one with a heading alone."""
    assert parse("", name="l.csv") == parse(HEAD, name="l.csv") == ()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (ROW.replace("0123456789abcdef", "xyz"), "key 'xyz'"),
        (ROW.replace("real", "maybe"), "said 'maybe'"),
        (ROW.replace("0.001", "1.5"), "1.5"),
        (ROW.replace("0.001", "nan"), "nan"),
        (ROW.replace("2026-07-03T10:00:00+02:00", "yesterday"), "yesterday"),
        ("0123456789abcdef,web", "said ''"),
        ('"' + ROW, "CSV"),
    ],
)
def test_a_wrong_row_is_named(wrong: str, named: str) -> None:
    """Each is refused with its value, and where it stands."""
    with pytest.raises(SettingsError, match=r"labels file l\.csv") as raised:
        parse(f"{HEAD}{wrong}", name="l.csv")
    assert named in str(raised.value)


def test_a_missing_column_is_named() -> None:
    """Without the p-value there is no label, nor is there one in a file of something else."""
    with pytest.raises(SettingsError, match="column key"):
        parse("[[x]]", name="l.csv")
    with pytest.raises(SettingsError, match="column p_value"):
        parse("key,team,said,at\n0123456789abcdef,web,real,2026-07-03", name="l.csv")


def test_the_newest_word_counts() -> None:
    """What was planned and is real now needs an alert; what was real and is a false alarm now does not."""
    days = [datetime(2026, 7, number, tzinfo=UTC) for number in (1, 2)]
    said = [("a", "planned"), ("b", "real")], [("b", "false alarm"), ("a", "real"), ("c", "planned")]
    labels = [
        Label("web", 0.1, word, day, key)
        for day, words in zip(days, said, strict=True)
        for key, word in words
    ]
    assert settled(reversed(labels)) == {"b": "false alarm", "c": "planned"}

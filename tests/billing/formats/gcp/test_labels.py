"""Tags from four columns: who wins, what is kept, and what happens to what cannot be read."""

from __future__ import annotations

import json

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.formats.gcp.labels import label_pairs, merged, tags_column

CELLS = st.none() | st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"), max_size=2).map(
    json.dumps
)


def listed(**labels: str) -> str:
    """Write labels as Google does."""
    return json.dumps([{"key": key, "value": value} for key, value in labels.items()])


def test_the_resource_wins_over_tag_project_and_system() -> None:
    """Of one key in four places the strongest counts; other keys of all places are kept."""
    cells = [
        listed(a="label"),
        listed(a="tag", b="tag"),
        listed(b="project", c="project"),
        listed(c="s", d="s"),
    ]
    assert json.loads(merged(cells) or "") == {"a": "label", "b": "tag", "c": "project", "d": "s"}


def test_a_bound_tag_wins_over_an_inherited_one_which_keeps_its_full_name() -> None:
    """Two tags of one short name: the inherited one stands under its namespace."""
    tags = [
        {"key": "env", "value": "all", "inherited": True, "namespace": "111"},
        {"key": "env", "value": "prod", "inherited": False, "namespace": "222"},
    ]
    expected = {"env": "prod", "111/env": "all"}
    assert json.loads(merged([None, json.dumps(tags)]) or "") == expected
    assert json.loads(merged([None, repr(tags)]) or "") == expected


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("[{'key': 'a', 'value': None}]", [("a", "")]),
        ("[{'key': 'a'}]", [("a", "")]),
        ('[{"key": "a", "value": 5}]', [("a", "5")]),
        ('{"a": "b", "key": "c"}', [("a", "b"), ("key", "c")]),
        ("[]", []),
        ("None", []),
        ("nan", []),
    ],
)
def test_labels_are_read_from_lists_and_objects(text: str, pairs: list[tuple[str, str]]) -> None:
    """A value that is not said is empty; a number is its text."""
    assert label_pairs(text) == pairs


@pytest.mark.parametrize(
    "text", ["[{'value': 'b'}]", "[{'key': 1}]", "[1]", "5", "'a'", "[{'key': 'a'", "x=y"]
)
def test_what_cannot_be_read_is_kept_as_text_and_is_no_object(text: str) -> None:
    """All cells of the row stay as they came; the text cannot pass for tags."""
    assert label_pairs(text) is None
    kept = merged([listed(a="b"), text]) or ""
    assert kept == f"unreadable: {listed(a='b')} {text}"
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(kept)


def test_no_tags_are_null_and_not_an_empty_object() -> None:
    """Empty lists and empty cells say nothing."""
    assert merged(["[]", None, "{}"]) is None
    assert tags_column([pa.nulls(2, pa.string()), pa.nulls(2, pa.string())]).to_pylist() == [None, None]
    assert tags_column([pa.array([], pa.string())] * 2).to_pylist() == []


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12))
def test_a_column_of_rows_is_what_each_row_says_by_itself(rows: list[tuple[str | None, ...]]) -> None:
    """Rows are not mixed up by reading each combination once."""
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(3)]
    assert tags_column(columns).to_pylist() == [merged(row) for row in rows]


@given(st.text(max_size=40))
def test_no_label_text_crashes(text: str) -> None:
    """Whatever stands in the cell, there is a text or none."""
    assert tags_column([pa.array([text])]).to_pylist() == [merged([text])]

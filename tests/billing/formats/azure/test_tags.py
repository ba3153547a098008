"""Tags of Azure exports in their three spellings."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.formats.azure.tags import tags_json


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ('{"env":"prod"}', {"env": "prod"}),
        ('"env": "prod","org": "trey"', {"env": "prod", "org": "trey"}),
        ('"env": "prod",', {"env": "prod"}),
        ("env:prod;org:trey", {"env": "prod", "org": "trey"}),
        ("env:prod; org:trey;", {"env": "prod", "org": "trey"}),
        ("url:https://a.b/c;org:", {"url": "https://a.b/c", "org": ""}),
        ("list:a;b;c", {"list": "a;b;c"}),
        ("env:a;env:b", {"env": "a;b"}),
        ('{"n": 12345678901234567890123, "f": 1.10, "b": true, "z": null}',
         {"n": "12345678901234567890123", "f": "1.10", "b": "true", "z": ""}),
        ('{"deep": {"a": ["b"]}}', {"deep": '{"a":["b"]}'}),
    ],
)  # fmt: skip
def test_tags_become_one_object_of_texts(text: str, tags: dict[str, str]) -> None:
    """No tag is lost, and no digit of a number."""
    assert json.loads(tags_json(text) or "null") == tags


@pytest.mark.parametrize("text", ["", "  ", "{}", "null", "None"])
def test_no_tags_are_null(text: str) -> None:
    """An empty object says as little as an empty cell."""
    assert tags_json(text) is None


@pytest.mark.parametrize("text", ['{"env": "prod"', '"env" "prod"', "[1]", "prod", ":x", "12"])
def test_what_cannot_be_read_stays_as_it_came(text: str) -> None:
    """Broken JSON is not taken for the older spelling, so that its marks become no keys."""
    assert tags_json(text) == text


def test_deep_nesting_is_left_alone() -> None:
    """A cell made to exhaust the reader does not."""
    text = '{"a":' * 5_000 + "1" + "}" * 5_000
    assert tags_json(text) == text


@given(st.dictionaries(st.text(min_size=1), st.text()).filter(bool))
def test_both_spellings_in_json_say_the_same(tags: dict[str, str]) -> None:
    """With and without outer braces, whatever stands in keys and values."""
    text = json.dumps(tags)
    assert json.loads(tags_json(text) or "") == tags
    assert tags_json(text[1:-1]) == tags_json(text)


@given(st.text())
def test_any_text_gives_text_that_a_column_can_hold(text: str) -> None:
    """Nothing crashes, and only cells without tags become null."""
    found = tags_json(text)
    assert pa.array([found], pa.string())[0].as_py() == found
    assert found is not None or text.strip().lower() in {"", "{}", "null", "none"}

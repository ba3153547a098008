"""Tag keys that differ in case and spaces feed one column, and no person stays readable."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from finops_lib.billing.tags import TagReader, normal_key, tag_column
from finops_lib.privacy import People


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People.open(tmp_path / "lake", {"FINOPS_PRIVACY_KEY": "0123456789abcdef" * 2})


def split(reader: TagReader, *texts: str | None) -> tuple[list[str | None], dict[str, list[str | None]]]:
    """Read one column of tags, as lists."""
    clean, columns = reader.split(pa.array(texts, pa.string()).dictionary_encode())
    return clean.to_pylist(), {name: column.to_pylist() for name, column in columns.items()}


@pytest.mark.parametrize(
    ("key", "column"),
    [
        (" Org ", "tag_org"),
        ("team_2", "tag_team_2"),
        ("Cost-Center", "tag_cost_center_4102"),
        ("a" * 60, "tag_" + "a" * 60),
    ],
)
def test_a_key_names_its_column(key: str, column: str) -> None:
    """Case and outer spaces do not count; other characters add four digits of sha256("cost-center")."""
    assert tag_column(key) == column


def test_no_two_keys_share_a_column() -> None:
    """Keys that look alike once they are column names stay apart."""
    keys = ["cost-center", "cost center", "cost_center", "a" * 61, "a" * 62]
    assert len({tag_column(key) for key in keys}) == len({normal_key(key) for key in keys}) == 5


def test_spellings_of_a_key_feed_one_column(people: People) -> None:
    """The first spelling that says something counts; the text keeps all of them as they came."""
    reader = TagReader(people)
    text = '{" org": "", "Org": "shop", "ORG": "bank"}'
    assert split(reader, text, None, text) == ([text, None, text], {"tag_org": ["shop", None, "shop"]})
    assert reader.spellings == {"org": {" org", "Org", "ORG"}}


def test_values_that_are_no_text_are_written_as_json(people: People) -> None:
    """Numbers, truth and lists as JSON, null as empty."""
    _, columns = split(TagReader(people), '{"a": 7, "b": true, "c": [1, 2], "d": null}')
    assert columns == {"tag_a": ["7"], "tag_b": ["true"], "tag_c": ["[1,2]"], "tag_d": [""]}


def test_a_person_becomes_a_pseudonym_in_text_and_column(people: People) -> None:
    """The value of an owner key is replaced whole, an address elsewhere only itself."""
    clean, columns = split(TagReader(people), '{"Owner": "Anna", "note": "ask ben@example.com now"}')
    anna, ben = people.pseudonyms(["Anna", "ben@example.com"])
    assert clean == [f'{{"Owner":"{anna}","note":"ask {ben} now"}}']
    assert columns == {"tag_owner": [anna], "tag_note": [f"ask {ben} now"]}


@pytest.mark.parametrize("text", ["not json", "[1]", '"team"', '{"team": '])
def test_text_that_is_no_object_stays_and_is_counted(people: People, text: str) -> None:
    """It has no columns, and the same text is counted once an ingest."""
    reader = TagReader(people)
    assert [split(reader, text, text), split(reader, text)] == [([text, text], {}), ([text], {})]
    assert len(reader.unreadable) == 1


def test_an_address_in_unreadable_text_is_replaced(people: People) -> None:
    """What is no JSON may still name a person."""
    [ben] = people.pseudonyms(["ben@example.com"])
    assert split(TagReader(people), "by ben@example.com") == ([f"by {ben}"], {})


def test_keys_beyond_200_have_no_column(people: People) -> None:
    """They stay readable in the text and are named."""
    reader = TagReader(people)
    text = "{" + ",".join(f'"k{number}":"v"' for number in range(201)) + "}"
    clean, columns = split(reader, text)
    assert (clean, len(columns), reader.left_out) == ([text], 200, {"k200"})


@pytest.mark.parametrize(
    "text", ['{"link":"https://x/?u=ben%40example.com"}', "u=ben%40example.com", r"u=ben\u0040example.com"]
)
def test_an_escaped_address_gets_a_pseudonym_too(people: People, text: str) -> None:
    """With the sign written as %40 or as an escape, in tags and in text that is no JSON."""
    clean, columns = TagReader(people).split(pa.array([text]).dictionary_encode())
    told = clean.to_pylist() + [value for column in columns.values() for value in column.to_pylist()]
    assert all("person-" in item and "example.com" not in item for item in told)

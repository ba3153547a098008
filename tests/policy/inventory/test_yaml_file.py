"""YAML with lines, kind and hostile."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.marked import line_at
from finops_lib.policy.inventory.yaml_file import read_yaml


def values(text: str) -> list[object]:
    read = read_yaml(text.encode(), file="x.yaml")
    assert read.faults == ()
    return [document.value for document in read.documents]


def fault(content: bytes) -> Fault:
    [found] = read_yaml(content, file="x.yaml").faults
    return found


def test_each_key_knows_its_line() -> None:
    """Block and flow, behind comments and in a second document."""
    text = "# c\na:\n  - b: 1\n    c: {d: 2,\n      e: 3}\n---\n\nf: >\n  text\n  more\ng: 4\n"
    first, second = read_yaml(text.encode(), file="x.yaml").documents
    assert first.value == {"a": [{"b": 1, "c": {"d": 2, "e": 3}}]}
    assert [line_at(first.value, path) for path in (["a"], ["a", 0, "b"], ["a", 0, "c", "e"])] == [2, 3, 5]
    assert (second.value, second.value.lines, second.line) == (
        {"f": "text more\n", "g": 4},
        {"f": 8, "g": 11},
        8,
    )


def test_quotes_and_tags_decide_what_is_text() -> None:
    """Quoted words, a standard tag and the tag without a name; keys are always texts as written."""
    text = "a: 'yes'\nb: yes\nc: !!str 5\nd: ! 5\ne: !!int '7'\non: \"1\"\n0644: 1\n"
    assert values(text) == [{"a": "yes", "b": True, "c": "5", "d": "5", "e": 7, "on": "1", "0644": 1}]


def test_short_tags_of_cloudformation_become_the_long_form() -> None:
    """Scalars, lists and one within another; the attribute of a resource is cut at its first point."""
    text = "a: !Ref X\nb: !Sub '${X}-y'\nc: !GetAtt X.Y.Z\nd: !If [c, !Ref A, 1]\ne: !Condition c\n"
    assert values(text) == [
        {
            "a": {"Ref": "X"},
            "b": {"Fn::Sub": "${X}-y"},
            "c": {"Fn::GetAtt": ["X", "Y.Z"]},
            "d": {"Fn::If": ["c", {"Ref": "A"}, 1]},
            "e": {"Condition": "c"},
        }
    ]


def test_aliases_and_merge_keys_are_followed() -> None:
    """What stands in the mapping itself wins over what is merged, and the first merged over the second."""
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  <<: [*a, *b]\n  x: 9\nd: *a\ne: {<<: *b}\n"
    [value] = values(text)
    assert value == {
        "a": {"x": 1, "y": 2},
        "b": {"y": 3, "z": 4},
        "c": {"x": 9, "y": 2, "z": 4},
        "d": {"x": 1, "y": 2},
        "e": {"y": 3, "z": 4},
    }
    assert [line_at(value, ["c", key]) for key in "xyz"] == [5, 1, 2]


def test_empty_documents_are_none() -> None:
    """Comments alone, separators alone, nothing, and a byte order mark."""
    assert [values(text) for text in ("", "# c\n", "---\n---\n", "---\n\n---\na: 1\n")] == [
        [],
        [],
        [],
        [{"a": 1}],
    ]
    assert read_yaml("\ufeffa: 1".encode(), file="x").documents[0].value == {"a": 1}


def bomb(levels: int, width: int) -> bytes:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels + 1)]
    return "\n".join(lines).encode()


def test_a_bomb_is_refused_before_it_is_written_out() -> None:
    """10 aliases on each of 9 levels would be two thousand million texts; the fifth line is one too many."""
    started = time.process_time()
    assert fault(bomb(9, 10)) == Fault("x.yaml", 6, "written out, the document has more than 100,000 values")
    assert time.process_time() - started < 1


def test_the_written_out_size_is_counted_to_the_value() -> None:
    """99,999 values in the list and the mapping besides; a list of one more is refused."""
    anchor = "a: &a [" + "1," * 997 + "1]"  # 999 values
    text = anchor + "\nb: [" + ", ".join(["*a"] * 99) + "]\n"
    # the mapping, two keys, the anchor's 999, the list, 99 times 999 values
    assert 1 + 2 + 999 + 1 + 99 * 999 == 99_904
    padding = 100_000 - 99_904 - 2  # less the key and the list below
    assert len(values(text + "c: [" + ", ".join(["1"] * padding) + "]\n")) == 1
    assert fault((text + "c: [" + ", ".join(["1"] * (padding + 1)) + "]\n").encode()).line == 3


def test_ten_levels_of_aliases_are_followed_and_eleven_are_not() -> None:
    """Even where they stay small: one alias a level."""
    assert read_yaml(bomb(10, 1), file="x.yaml").faults == ()
    assert fault(bomb(11, 1)) == Fault("x.yaml", 12, "aliases are nested more than 10 levels deep")


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"a: 1\nb: 2\na: 3", 3, "the key 'a' stands twice in one mapping"),
        (b"a: {x: 1, 'x': 2}", 1, "the key 'x' stands twice in one mapping"),
        (b"a: &a\n  b: *a", 2, "the alias 'a' stands within itself"),
        (b"a: &a [*b]\nb: &b [*a]", 1, "there is no anchor 'b'"),
        (b"a: 1\n---\nb: *a", 3, "there is no anchor 'a'"),
        (b"&a {<<: *a}", 1, "the alias 'a' stands within itself"),
        (b"a:\n  <<: text", 2, "the key << names a mapping or a list of them"),
        (b"? [a]\n: 1", 1, "a key is a text"),
        (b"!Ref a: 1", 1, "a key is a text"),
        (
            b"a: !!python/object/apply:os.system [x]",
            1,
            "the tag 'tag:yaml.org,2002:python/object/apply:os.system' is",
        ),
        (b"a: !include b.yaml", 1, "the tag '!include' is not known"),
        (b"a: !!binary aGk=", 1, "the tag 'tag:yaml.org,2002:binary' is not known"),
        (b"%TAG ! tag:x,2000:\n---\na: !Ref b", 3, "the tag 'tag:x,2000:Ref' is not known"),
        (b"a:\n\tb: 1", 2, "it is no YAML: found character '\\t' that cannot start any token"),
        (b'a: "open', 1, "it is no YAML: found unexpected end of stream"),
        (b"a: 1\n\xff", 2, "it is not UTF-8"),
        ("kind: x".encode("utf-16"), 1, "it is not UTF-8"),
        (b"a: \x00", 0, "it is no YAML: unacceptable character #x0000"),
        (b"- " * 60, 1, "it is nested more than 48 levels deep"),
        (b"[" * 10_000, 1, "it is nested more than 48 levels deep"),
        (
            b"a: {{ .Values.x }}",
            1,
            "a key is a text; it has template braces, so judge what is rendered from it",
        ),
        (
            b"{% if x %}\na: '{{ x }}'",
            1,
            "it is no YAML: found character '%' that cannot start any token; it has",
        ),
    ],
)
def test_hostile_text_is_a_fault_with_its_line(content: bytes, line: int, reason: str) -> None:
    """Never an exception; the line is the one where it goes wrong, 0 where nobody knows."""
    found = fault(content)
    assert (found.line, found.reason[: len(reason)]) == (line, reason)


def test_what_stands_before_a_fault_is_kept() -> None:
    """A first document is good, a second is not, and neither is silent."""
    read = read_yaml(b"a: 1\n---\nb: *c\n---\nd: 1", file="x.yaml")
    assert [document.value for document in read.documents] == [{"a": 1}]
    assert [found.line for found in read.faults] == [3]


def test_a_file_of_very_many_documents_is_bounded() -> None:
    """Three of 66,667 values are one too many, though each is small enough."""
    content = b"--- [" + b"1," * 66_665 + b"1]\n"
    assert fault(content * 3) == Fault("x.yaml", 3, "its documents have more than 200,000 values")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:&*-?[]{}<>!|#%@'\"\n \t,\\0\x85\u2028", max_size=40))
def test_any_text_is_documents_or_a_fault(text: str) -> None:
    """The parser's own slips never come through."""
    read = read_yaml(text.encode(), file="x")
    assert all(one.reason and one.file == "x" for one in read.faults)


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz", min_size=1), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@example({"a": "\x85"})
@given(st.dictionaries(st.text("abc", min_size=1), TREES, min_size=1, max_size=4))
def test_what_another_writer_wrote_is_read_back(value: dict[str, object]) -> None:
    """Whatever it holds; the library's own writer quotes what would mean something else."""
    import io  # noqa: PLC0415  only here

    out = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.version = (1, 1)
    writer.allow_unicode = False  # it would write U+0085 as it is, which a reader takes for the end of a line
    writer.dump(value, out)
    assert values(out.getvalue()) == [value]

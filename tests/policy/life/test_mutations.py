"""A policy can be wrong in small ways: each way is one change of its text, no more."""

from __future__ import annotations

from finops_lib.policy.life.mutations import Mutation, data_mutations, mutations_of
from tests.policy.small_bundle import COST, DATA, MAIN

HEAD = "package a\n\n"


def changed(text: str) -> dict[str, str]:
    """Map each change of a module to its new text, without package and import."""
    found = mutations_of(HEAD + text, file="a.rego")
    return {one.id.removeprefix("a.rego "): one.text(HEAD + text).removeprefix(HEAD) for one in found}


def test_signs_numbers_and_conditions() -> None:
    """A comparison turns to its edge, a number moves by one, a condition is denied or taken out."""
    assert changed("big if x >= 10") == {
        "big#1: >= to >": "big if x > 10",
        "big#1: 10 to 11": "big if x >= 11",
        "big#1: 10 to 9": "big if x >= 9",
        "big#1: not x >= 10": "big if not x >= 10",
        "big#1: drop x >= 10": "big if true",
        "big#1: drop the clause": "",
    }


def test_not_is_taken_out_and_lines_stay() -> None:
    """What stood in two lines leaves two lines, so that places below stay where they are."""
    text = "a if {\n\tnot f(\n\t\tb)\n\tc\n}"
    found = changed(text)
    assert found["a#1: drop not"] == "a if {\n\t f(\n\t\tb)\n\tc\n}"
    assert found["a#1: drop not f( b)"] == "a if {\n\t\n\n\tc\n}"
    assert found["a#1: drop c"] == "a if {\n\tnot f(\n\t\tb)\n\t\n}"
    assert found["a#1: not c"] == "a if {\n\tnot f(\n\t\tb)\n\tnot c\n}"
    assert found["a#1: drop the clause"] == "\n\n\n\n"
    assert "a#1: not not f( b)" not in found


def test_statements_beside_each_other() -> None:
    """One of two statements on a line leaves a condition that holds, so the text stays Rego."""
    assert changed("a if { b; c }")["a#1: drop b"] == "a if { true; c }"


def test_outcomes_truth_and_texts() -> None:
    """An outcome becomes another one, truth turns, a word changes, a sentence does not."""
    found = changed('default outcome := "deny"\n\na := {"b": true, "c": "two words"} if `x` == "y"')
    assert found['outcome#1: "deny" to "allow"'].startswith('default outcome := "allow"')
    assert found["a#1: true to false"].endswith('a := {"b": false, "c": "two words"} if `x` == "y"')
    assert found['a#1: "y" to "y~"'].endswith('if `x` == "y~"')
    assert found["a#1: `x` to `x~`"].endswith('if `x~` == "y"')
    assert not [name for name in found if "two words" in name]


def test_comments_and_texts_hold_no_signs() -> None:
    """A sign in a comment or in a text is no sign."""
    found = changed('# a == b, not c, 1\nx := "== 1 not"')
    assert set(found) == {"x#1: drop the clause"}


def test_the_same_change_twice_has_two_names() -> None:
    """Changes are told apart by a number, and each is made at its own place."""
    found = changed("a if b + 1 + 2 > 0")
    assert found["a#1: + to -"] == "a if b - 1 + 2 > 0"
    assert found["a#1: + to - (2)"] == "a if b + 1 - 2 > 0"


def test_a_clause_goes_with_what_follows_it() -> None:
    """An else cannot stand alone; but it can go alone."""
    text = "a := 1 if b\n\nelse := 2 if c\n\nd := 3"
    found = changed(text)
    assert found["a#1: drop the clause"] == "\n\n\n\nd := 3"
    assert found["a#2: drop the clause"] == "a := 1 if b\n\n\n\nd := 3"


def test_every_change_of_a_module_is_one_of_its_own() -> None:
    """Ids are unique, no change leaves the text as it was, and none moves a line."""
    for text in (MAIN, COST):
        found = mutations_of(text, file="a.rego")
        assert len({one.id for one in found}) == len(found)
        texts = [one.text(text) for one in found]
        assert text not in texts
        assert len(set(texts)) == len(texts)
        assert {made.count("\n") for made in texts} == {text.count("\n")}


def test_the_lines_in_which_a_change_matters() -> None:
    """A condition is its own lines, a head the whole clause."""
    found = {one.id.partition(": ")[2]: one for one in mutations_of("a := 1 if {\n\tb > 2\n\tc\n}", file="x")}
    assert (found["1 to 2"].line, found["1 to 2"].lines) == (1, (1, 4))
    assert (found["> to >="].line, found["> to >="].lines) == (2, (2, 2))
    assert (found["drop c"].line, found["drop c"].lines) == (3, (3, 3))


def test_thresholds_move_by_their_last_figure() -> None:
    """Whole numbers by one, shares by a hundredth or a tenth, truth turns, texts and other data stay."""
    data = {"thresholds": {"a": {"b": [5, 0.25], "c": True, "d": "x", "e": 0.5}}, "shapes": {"f": 1}}
    assert [(one.path[1:], one.value) for one in data_mutations(data, "")] == [
        (("a", "b", 0), 6),
        (("a", "b", 0), 4),
        (("a", "b", 1), 0.26),
        (("a", "b", 1), 0.24),
        (("a", "c"), False),
        (("a", "e"), 0.6),
        (("a", "e"), 0.4),
    ]


def test_a_threshold_is_changed_in_a_copy() -> None:
    """The data that were handed in stay as they were, and the line in the file is known."""
    data = {"thresholds": {"cost": {"most": 100}}}
    up, down = data_mutations(data, DATA)
    assert (up.id, up.line) == ("data.yaml thresholds.cost.most: 100 to 101", 3)
    assert up.data(data) == {"thresholds": {"cost": {"most": 101}}}
    assert down.data(data) == {"thresholds": {"cost": {"most": 99}}}
    assert data == {"thresholds": {"cost": {"most": 100}}}


def test_data_with_no_thresholds_have_no_change() -> None:
    """Only thresholds are moved."""
    assert data_mutations({"shapes": {"a": 1}}, "shapes: {a: 1}") == ()


def test_a_change_is_made_where_it_says() -> None:
    """Start and end cut the piece, the new text stands between."""
    assert Mutation("x", "a.rego", 1, start=2, end=4, new="!!").text("abcdef") == "ab!!ef"

"""The comment of a pull request, rendered by a Markdown parser of its own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from finops_lib.policy.check.finding import Checked
from finops_lib.policy.check.markdown import escaped, markdown, marker

GITHUB_LIKE = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
# What a forge makes of plain text after it has rendered it.
NOTIFIES = re.compile(r"@\w|#\d|\bGH-\d|\w+://|\bwww\.", re.IGNORECASE)


def shown(text: str) -> str:
    """Render it, without the marker."""
    return str(GITHUB_LIKE.render(text.partition("\n")[2]))


def test_the_comment_tells_verdict_findings_cost_and_what_ran(ordinary: Checked) -> None:
    """Rendered as a reader sees it."""
    text = markdown(ordinary, key="main")
    page = shown(text)
    assert text.startswith(f"{marker('main')}\n\n## FinOps check: not passed\n")
    assert "Policies deny this change. Found: 2 errors, 1 warning, 0 notes." in text
    assert "<td>a/main.tf:\u200b9</td>\n<td>a:\u200baws_s3_bucket.logs not encrypted</td>" in page
    assert page.count("<tr>") == 1 + 3 + 1 + 3
    assert "+$30.00, +$60.00 at the most members; not known for 1 resource." in page
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page.partition("Cost a month")[2])
    assert [cell.replace("\u200b", "") for cell in cells] == [
        *("a:web", "changed", "$100.00", "$150.00", "+$50.00"),
        *("a:old", "removed", "$20.00", "", "-$20.00"),
        *("a:new", "added", "", "unknown", "unknown (after: no price)"),
    ]
    assert "secrets <strong>not run</strong> and required: too slow" in page


def test_a_clean_change_passes_in_few_words(clean_one: Checked) -> None:
    """No table, no cost that was not asked for."""
    text = markdown(clean_one)
    assert "## FinOps check: passed\n" in text
    assert "Policies allow this change. Found: 0 errors, 0 warnings, 0 notes." in text
    assert "|" not in text
    assert "Cost" not in text


def test_hostile_words_make_nothing_but_words(hostile: Checked) -> None:
    """No script, link, picture, heading, code or mention; the tables keep their columns."""
    page = shown(markdown(hostile))
    tags = set(re.findall(r"<(\w+)", page))
    assert tags <= set("h2 p table thead tbody tr th td h3 details summary ul li strong".split())
    assert page.count("<h") == 2 + page.count("<head")
    assert not NOTIFIES.search(page)
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    assert [row.count("<t") for row in rows] == [4, 4, 5, 5]


@given(st.text(alphabet=st.sampled_from("ab1@#|`*_~[]()<>!&;:/\\-+=.$ \n\t\u202ewGHhtps"), max_size=40))
def test_any_words_are_literal(words: str) -> None:
    """In a cell of a table they come out as they went in, but for blanks and the breaks of no width."""
    page = GITHUB_LIKE.render(f"| a |\n| --- |\n| x {escaped(words)} y |\n")
    cell = re.findall(r"<td>(.*)</td>", page)
    assert len(cell) == 1
    plain = cell[0].replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert not NOTIFIES.search(plain)
    expected = "".join(" " if mark == "\u202e" else mark for mark in words)
    assert " ".join(plain.replace("\u200b", "").split()) == " ".join(f"x {expected} y".split())


def test_a_comment_fits_into_a_forge(many: Checked) -> None:
    """Fifty rows, then the count of the others."""
    text = markdown(many)
    assert len(text) <= 60_100
    assert text.count("| note |") == 50
    assert "And 5950 findings more." in text


def test_what_does_not_fit_is_said(hostile: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that is too long gives way to a sentence."""
    monkeypatch.setattr("finops_lib.policy.check.markdown._LONGEST", 500)
    text = markdown(hostile)
    assert len(text) <= 500
    assert text.endswith("_The rest does not fit into a comment; the report of the check has it._\n")


def test_each_key_has_its_own_marker() -> None:
    """It is an HTML comment, whatever the key."""
    assert marker("a") != marker("b")
    assert re.fullmatch(r"<!-- finops-check:[0-9a-f]{16} -->", marker("--> <b>"))

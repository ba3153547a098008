"""Texts to copy and sections keep what they are told, and nothing in them acts."""

from __future__ import annotations

from finops_lib.run.show_text import code, sections

EVIL = "<script>alert(1)</script>"


def test_a_text_to_copy_keeps_its_lines() -> None:
    """What is copied from the plain text is what was handed in; in HTML it is escaped."""
    text = f'a = 1\n\n# {EVIL}\nb = "$1 and $2"'
    assert code(text).bundle["text/plain"] == text
    page = code(text).bundle["text/html"]
    assert "<script" not in page
    assert page.startswith('<pre class="mathjax_ignore">a = 1\n\n# &lt;script')


def test_each_section_has_its_own_list() -> None:
    """Two titles, three points, in their order, escaped; an empty list says that there is nothing."""
    found = sections([(EVIL, ["one", EVIL]), ("second", [])])
    assert str(found) == f"{EVIL}\n- one\n- {EVIL}\nsecond\n- Nothing to note."
    page = found.bundle["text/html"]
    assert "<script" not in page
    assert page.count("<ul") == 2
    assert page.index("&lt;script") < page.index("one") < page.index("second")

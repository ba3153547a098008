from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.estate.pages import Book, some


def test_places_and_faults_keep_their_lines(tmp_path: Path) -> None:
    """The third line of the page is where the mark stood; the mark itself is gone."""
    book = Book()
    page = book.page("a/b.tf")
    page.add("one\ntwo")
    marks = page.add("three {§block\n  x = 1§x\n}")
    book.place(["id-1", "id-2"], page, marks, address="t.three")
    book.plant("fault", page, marks["x"], size=1)
    book.write(tmp_path)
    assert (tmp_path / "a" / "b.tf").read_bytes() == b"one\ntwo\nthree {\n  x = 1\n}\n"
    expected = {"path": "a/b.tf", "line": 3, "address": "t.three", "attributes": {"x": 4}}
    assert book.resources == {"id-1": expected, "id-2": expected}
    assert book.planted == [{"kind": "fault", "path": "a/b.tf", "line": 4, "size": 1}]
    assert book.page("a/b.tf") is page


@given(st.integers(0, 2**31), st.lists(st.integers(), unique=True, max_size=30), st.integers(0, 1000))
def test_a_share_above_nothing_hits_at_least_one(seed: int, items: list[int], permille: int) -> None:
    """In their order; with 0 none, with 1000 all."""
    found = some(np.random.default_rng(seed), items, permille)
    assert [item for item in items if item in found] == found
    assert bool(found) == bool(items and permille)
    if permille == 1000:
        assert found == items

"""Tables, pictures and the summary: money in words, and nothing of a bill becomes markup."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from finops_lib.cost import plots
from finops_lib.records import RuleCount
from finops_lib.run import show

EVIL = "<script>alert(1)</script>"
WORSE = '"></td></script><img src=x onerror=alert(1)>'


class Tags(HTMLParser):
    """Collect every tag that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Note the tag."""
        self.found.add(tag)


def tags_of(html: str) -> set[str]:
    """Parse as a browser would."""
    parser = Tags()
    parser.feed(html)
    return parser.found


def costs(*amounts: str | None, code: str = "USD") -> pd.DataFrame:
    """Make a frame with one name and one cost a row."""
    exact = [None if amount is None else Decimal(amount) for amount in amounts]
    frame = pd.DataFrame(
        {"ServiceName": [f"s{place}" for place in range(len(amounts))], "BillingCurrency": code}
    )
    return frame.assign(cost=pd.Series(exact, dtype=object))


def test_money_is_shown_in_the_currency_of_its_row() -> None:
    """Dollars beside yen, rounded for the eye, and unknown in words."""
    frame = pd.concat([costs("1234.565", None), costs("7.5", code="JPY")])
    html = show.table(frame).bundle["text/html"]
    assert [text in html for text in ("$1,234.56", "unknown", "JPY 8")] == [True] * 3


def test_shares_times_and_counts_are_shown_in_words() -> None:
    """Per cent, a plain day, a thousand's comma, yes."""
    frame = pd.DataFrame({"Time": [pd.Timestamp("2026-07-01")], "Rows": [np.int64(1234)], "Ready": [True]})
    frame = frame.assign(Rate=pd.Series([Decimal("0.25")], dtype=object))
    text = repr(show.table(frame))
    assert [word in text for word in ("25.0 %", "2026-07-01", "1,234", "yes")] == [True] * 4


@pytest.mark.parametrize("evil", [EVIL, WORSE, "a\x00\u202eb", "&lt;b&gt;"])
def test_no_text_of_a_bill_becomes_markup(evil: str) -> None:
    """Cells, headings, captions, notes and the summary hold no tag but the table's own."""
    frame = pd.DataFrame({evil: [evil], "x": [1]})
    shown = [
        show.table(frame, caption=evil),
        show.notes([evil]),
        show.summary({evil: evil, "list": [evil]}),
    ]
    own = {"style", "table", "caption", "thead", "tbody", "tr", "th", "td", "ul", "li"}
    assert set().union(*(tags_of(item.bundle["text/html"]) for item in shown)) <= own
    assert "\x00" not in shown[0].bundle["text/html"]


def test_a_sortable_table_is_safe_and_needs_no_network() -> None:
    """The data cannot end its script, and nothing is fetched."""
    html = show.sortable(costs("1").assign(ServiceName=[WORSE], **{EVIL: [EVIL]})).bundle["text/html"]
    assert "<img src=x" not in html
    assert "<script>alert" not in html
    assert "</script><img" not in html
    assert 'src="http' not in html
    assert not re.search(r"""(import\s*\(|from\s*|fetch\()\s*["']https?:""", html)


def test_a_sortable_table_may_keep_each_row_on_one_line() -> None:
    """Lines break unless it is asked otherwise; shares above zero sort as numbers beside their words."""
    frame = pd.DataFrame({"Name": ["a", "b"], "Breach": [Decimal("0.004"), Decimal("0.12")]}, dtype=object)
    line, page = (show.sortable(frame, wrap=wrap).bundle["text/html"] for wrap in (False, True))
    assert '"classes": ["display", "compact", "nowrap"]' in line
    assert '"classes": ["display", "compact"]' in page
    assert r"[\"b\", \"12.0 %\", 0.12]" in page


def test_rows_that_are_left_out_are_counted() -> None:
    """Three of five rows are shown; an empty table says so."""
    assert "2 more rows are not shown." in repr(show.table(costs(*"12345"), rows=3))
    assert "(no rows)" in repr(show.table(costs()))


def test_a_picture_is_the_same_bytes_twice_and_holds_text() -> None:
    """SVG that parses, with a hostile name as plain text, and no date in it."""
    frame = costs("2", "1").assign(ServiceName=[EVIL, "$x$ 漢字"])
    drawn = [
        show.picture(plots.breakdown(frame, ax=plots.axes(), by="ServiceName", cost="BilledCost"))
        for _ in range(2)
    ]
    svg = drawn[0].bundle["image/svg+xml"]
    assert svg == drawn[1].bundle["image/svg+xml"]
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own drawing
    words = "".join(root.itertext())
    assert [text in words for text in (EVIL, "$x$ 漢字")] == [True, True]
    assert not [node for node in root.iter() if node.tag.endswith("script")]


def test_the_summary_is_json_with_exact_decimals() -> None:
    """Decimals as text, times in ISO 8601, records as mappings, unknown as null."""
    values = {
        "total": Decimal("1.50"),
        "none": None,
        "nan": float("nan"),
        "days": (date(2026, 7, 1),),
        "at": datetime(2026, 7, 1, tzinfo=UTC),
        "count": np.int64(3),
        "rule": RuleCount("r", "flag", 1, {"USD": Decimal(2)}),
        "rows": show.records(costs("0.10", None)),
    }
    content = show.summary(values).bundle[show.SUMMARY_TYPE]
    assert json.loads(json.dumps(content)) == {
        "total": "1.5",
        "none": None,
        "nan": None,
        "days": ["2026-07-01"],
        "at": "2026-07-01T00:00:00+00:00",
        "count": 3,
        "rule": {"rule": "r", "action": "flag", "rows": 1, "cost": {"USD": "2"}, "detail": ""},
        "rows": [
            {"ServiceName": "s0", "BillingCurrency": "USD", "cost": "0.1"},
            {"ServiceName": "s1", "BillingCurrency": "USD", "cost": None},
        ],
    }


def test_the_largest_come_first_and_the_unknown_last() -> None:
    """3, 1, -2, unknown."""
    ordered = show.largest_first(costs("1", None, "-2", "3"))
    assert list(ordered["cost"]) == [Decimal(3), Decimal(1), Decimal(-2), None]


def test_jupyter_gets_the_whole_bundle() -> None:
    """Every kind of front end finds its text."""
    shown = show.notes([])
    assert shown._repr_mimebundle_(include=None, exclude=None)["text/plain"] == "- Nothing to note."


def test_money_in_a_sentence_or_a_table_is_no_formula_to_lab() -> None:
    """MathJax, which sets what stands between two dollar signs, passes over the class."""
    said = show.notes(["it cost $1 (EffectiveCost); before $2"]).bundle["text/html"]
    assert said == '<ul class="mathjax_ignore"><li>it cost $1 (EffectiveCost); before $2</li></ul>'
    shown = show.table(pd.DataFrame({"Text": ["$1 or $2"]})).bundle["text/html"]
    assert '<table class="finops mathjax_ignore">' in shown

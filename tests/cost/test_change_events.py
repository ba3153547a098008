"""Events of a file: when, what and in which part of the bill."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from finops_lib.cost.change_events import Change, parse
from finops_lib.errors import SettingsError


def test_times_are_utc_and_an_empty_cell_is_any() -> None:
    """14:00 in Berlin in July is noon UTC; a day is its first moment."""
    text = "time,what,tag:team,RegionId\n2026-07-03T14:00+02:00,Release,web | api,\n2026-07-04,Sale,,eu\n"
    assert parse(text, name="e.csv") == (
        Change("Release", datetime(2026, 7, 3, 12, tzinfo=UTC), {"tag:team": ("web", "api")}),
        Change("Sale", datetime(2026, 7, 4, tzinfo=UTC), {"RegionId": ("eu",)}),
    )


def test_what_the_cell_does_not_say_may_be_touched() -> None:
    """Only another value of a column speaks against it; a cell without columns is everything."""
    change = Change("x", datetime(2026, 7, 3, tzinfo=UTC), {"tag:team": ("web",), "RegionId": ("eu",)})
    cells = [{}, {"tag:team": "web"}, {"ServiceName": "S3"}, {"tag:team": "web", "RegionId": "us"}]
    assert [change.may_touch(cell) for cell in cells] == [True, True, True, False]
    assert Change("all", change.at).may_touch({"tag:team": "ml"})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2026-07-32,a", "time '2026-07-32'"),
        (",a", "time ''"),
        ("0001-01-01,a", "time"),
        ("9999-12-31T23:59-23:00,a", "time"),
        ("2026-07-03,", "no what"),
        ("2026-07-03,a\u202eb", "what"),
        (f"2026-07-03,{'x' * 101}", "what"),
    ],
)
def test_a_row_that_is_no_event_is_refused(row: str, said: str) -> None:
    """With its line."""
    with pytest.raises(SettingsError, match=r"events file e\.csv, line 2: ") as caught:
        parse(f"time,what\n{row}\n", name="e.csv")
    assert said in str(caught.value)

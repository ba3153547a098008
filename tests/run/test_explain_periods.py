"""Which periods are compared: what a reader writes, what is left out, and what is no period."""

from __future__ import annotations

import pytest

from finops_lib.errors import ParameterError
from finops_lib.run.explain_periods import label, periods


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("", "", ("2026-07", "2026-08")),
        ("", "2026-01", ("2025-12", "2026-01")),
        ("", "2026-04..2026-06", ("2026-01..2026-03", "2026-04..2026-06")),
        ("", "2026-03-01..2026-03-31", ("2026-02", "2026-03")),
        ("", "2026-07-14", ("2026-07-13", "2026-07-14")),
        ("", "2026-07-08..2026-07-14", ("2026-07-01..2026-07-07", "2026-07-08..2026-07-14")),
        ("2025-08", "", ("2025-08", "2026-08")),
        (" 2025-01 .. 2025-02-03 ", "2026-02-28", ("2025-01-01..2025-02-03", "2026-02-28")),
    ],
)
def test_periods_are_read_and_filled_in(before: str, after: str, found: tuple[str, str]) -> None:
    """Months before months, days before days, as many of them; the last day named still counts."""
    assert tuple(map(label, periods(before, after, month="2026-08"))) == found


def test_a_day_ends_where_the_next_begins() -> None:
    """The fifteenth is 24 hours, half-open, in UTC."""
    _, day = periods("", "2026-07-15", month="2026-08")
    assert [day.start.isoformat(), day.end.isoformat()] == [
        "2026-07-15T00:00:00+00:00",
        "2026-07-16T00:00:00+00:00",
    ]


@pytest.mark.parametrize("label_of", ["2026-07", "2026-05..2026-07", "2026-07-15", "2026-07-02..2026-08-01"])
def test_a_label_can_be_written_again(label_of: str) -> None:
    """What is shown is what may be asked for."""
    assert label(periods("2020-01", label_of, month="2026-08")[1]) == label_of


@pytest.mark.parametrize(
    "text",
    [
        "July", "2026-13", "2026-02-30", "2026-7", "2026-07..", "..2026-07", "2026-07..2026-06", "0000-01",
        "9999-12-31", "0001-01-01", "2026-07-01...2026-07-02", "\uff12026-07", "<script>", "x" * 1000,
    ],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_its_name(text: str) -> None:
    """The parameter is named, a long text cut, and an example given."""
    with pytest.raises(ParameterError, match="parameter after") as caught:
        periods("2020-01", text, month="2026-08")
    assert len(str(caught.value)) < 320
    assert "2026-07-01..2026-07-15" in caught.value.remedy
    with pytest.raises(ParameterError, match="parameter before"):
        periods(text, "2026-08", month="2026-08")


@pytest.mark.parametrize("before", ["2026-08", "2026-09", "2026-07-01..2026-08-01"])
def test_periods_that_overlap_or_are_turned_round_are_refused(before: str) -> None:
    """No charge may stand on both sides."""
    with pytest.raises(ParameterError, match="the first period ends before the second begins"):
        periods(before, "2026-08", month="2026-08")

"""The tables of a forecast: what stands in which row, and the notes on the data behind it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.run.looking import Asked, look_ahead
from finops_lib.run.outlook_tables import Tables, as_share
from finops_lib.run.watched import Files
from tests.cost.conftest import write_line
from tests.run.lakes import desk_of, lake_of, lines


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Forecast the small lake by team and service."""
    desk = desk_of(lake_of(tmp_path_factory.mktemp("tables") / "bill", lines()))
    asked = Asked(("tag:team", "ServiceCategory"), 40, 0.8, 10)
    found: Tables = look_ahead(desk, Tables, asked=asked, files=Files())
    return found


def test_teams_stand_below_the_total_the_largest_first(tables: Tables) -> None:
    """Four sevenths are web's, two ml's, one nobody's; their middles add up to the first row."""
    frame = tables.teams()
    assert list(frame["tag:team"]) == ["Total", "web", "ml", "(untagged)"]
    assert sum(frame["Mid"][1:]) == frame["Mid"][0]
    assert "Reason" not in frame
    parts = tables.parts()
    assert list(parts["tag:team"])[:2] == ["web / Compute", "ml / Compute"]
    assert sum(parts["Mid"]) == frame["Mid"][0]


def test_the_back_test_shows_ours_beside_the_plain_methods(tables: Tables) -> None:
    """Ours, plain and standard methods on top; the others by their error, all against seasonal naive."""
    frame = tables.backtest()
    plain = ["ours", "seasonal naive", "run rate"]
    standard = [
        "ETS",
        "STL and ETS",
        "Theta of statsmodels",
        "unobserved components",
        "ARIMA",
        "boosted trees",
    ]
    assert list(frame["Model"])[:9] == plain + standard
    assert frame["AgainstNaive"][1] == 1.0
    assert all(value is not None and value > 0 for value in frame["MASE"][:9])
    others = [value for value in frame["MASE"][9:] if value is not None]
    assert others == sorted(others)
    assert len(others) >= 5


def test_the_bake_off_has_a_row_for_the_whole_and_each_large_team(tables: Tables) -> None:
    """Every method has its error, the same that the back-test of the whole shows."""
    frame = tables.bake_off()
    assert list(frame["tag:team"]) == ["Total", "web", "ml", "(untagged)"]
    assert list(frame.columns[1:5]) == ["Ours", "SeasonalNaive", "RunRate", "ETS"]
    assert all(value > 0 for name in frame.columns[1:] for value in frame[name])
    whole = tables.backtest().set_index("Model")["MASE"]
    assert (frame["ARIMA"][0], frame["Trees"][0]) == (whole["ARIMA"], whole["boosted trees"])


def test_ways_to_add_up_stand_against_bottom_up(tables: Tables) -> None:
    """One row a way, one column a level; bottom-up is 1 by definition, and changes nothing at the bottom."""
    frame = tables.adding_up()
    assert list(frame.columns) == ["Method", "Total", "tag:team", "ServiceCategory"]
    assert list(frame.iloc[0, 1:]) == [1.0, 1.0, 1.0]
    assert [str(way).partition(" ")[0] for way in frame["Method"]] == ["bottom-up", "WLS", "WLS", "MinT,"]
    means = frame[frame.columns[1:]].astype(float).mean(axis=1)
    used = [way.endswith("(used)") for way in frame["Method"]]
    assert sum(used) == 1
    assert float(means[used].iloc[0]) <= float(means.min()) + 0.01  # the table's numbers are rounded
    assert all(0 < value < 3 for name in frame.columns[1:] for value in frame[name])


def test_of_teams_alone_the_table_has_two_levels(tmp_path: Path) -> None:
    """No parts below the teams: the whole and the teams."""
    desk = desk_of(lake_of(tmp_path / "bill", lines()))
    found: Tables = look_ahead(desk, Tables, asked=Asked(("tag:team",), 7, 0.8, 5), files=Files())
    assert list(found.adding_up().columns) == ["Method", "Total", "tag:team"]


def test_intervals_have_a_row_for_each_level(tables: Tables) -> None:
    """Wider intervals hold at least as often; the score of the sample is money a day."""
    frame = tables.intervals()
    assert list(frame["Interval"]) == ["80 %", "95 %"]
    narrow, wide = frame["Coverage"]
    assert Decimal(0) <= narrow <= wide <= 1
    assert frame["CRPS"][0] > 0


def test_month_ends_add_what_is_spent(tables: Tables) -> None:
    """July is all to come; its low, middle and high are those of the rest."""
    frame = tables.month_ends()
    (_, spent, rest) = tables.months[0]
    assert list(frame["Month"]) == ["2026-07"]
    assert (frame["Spent"][0], frame["Mid"][0]) == (spent, rest.amount.mid)  # type: ignore[union-attr]
    assert frame["Low"][0] < frame["Mid"][0] < frame["High"][0]


def test_tables_of_nothing_have_their_columns(tables: Tables) -> None:
    """No budget and no limit: empty tables with headings."""
    assert tables.budgets().columns[0] == "Budget"
    assert tables.limits().columns[-1] == "Reason"
    assert tables.budgets().empty
    assert tables.limits().empty


def test_notes_say_which_days_and_series_are_missing(tmp_path: Path) -> None:
    """A delivery in the middle of the month: its last days are left out; a day without any is a gap."""
    rows = [
        write_line(day=f"2026-08-{day:02d}", cost="2", ServiceCategory="Compute" if day % 2 else "Other")
        for day in (*range(1, 8), *range(9, 20))
    ]
    desk = desk_of(lake_of(tmp_path / "bill", rows))
    found: Tables = look_ahead(desk, Tables, asked=Asked(("ServiceCategory",), 7, 0.8, 5), files=Files())
    notes = found.noted()
    assert notes[0] == "The last day known is 2026-08-16."
    assert notes[1].startswith("Left out, because they are still filling up: 2026-08-17, 2026-08-18")
    assert "On 1 days nothing was delivered, the last one is 2026-08-08." in notes
    assert any(note.startswith("Compute: ") for note in notes)


def test_a_share_is_exact_to_four_digits() -> None:
    """Two thirds become 66.67 per cent; unknown stays unknown."""
    assert as_share(2 / 3) == Decimal("0.6667")
    assert as_share(None) is None

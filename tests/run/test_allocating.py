"""A month's split: rules of its own time, proof, owners, unit costs, and bad files that change nothing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing.lake import Lake
from finops_lib.cost.exact import total
from finops_lib.errors import FinOpsError, SettingsError
from finops_lib.run.allocated import open_allocation
from finops_lib.run.allocating import ROWS, Numbers
from tests.run import shared
from tests.run.lakes import desk_of


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Take the small bill in."""
    return shared.lake(tmp_path_factory.mktemp("allocating"))


@pytest.fixture(scope="module")
def july(lake: str, tmp_path_factory: pytest.TempPathFactory) -> Numbers:
    """Split July."""
    return shared.opened(lake, tmp_path_factory.mktemp("files"))


def costs(numbers: Numbers) -> dict[str, Decimal]:
    """Give what each team is shown."""
    return dict(zip(numbers.shown["Team"], numbers.shown["Cost"], strict=True))


def test_a_month_is_split_by_hand(july: Numbers) -> None:
    """Web has 60 and a quarter of 8 and 4, data 20 and the rest of them; 17 of 109 are nobody's."""
    assert costs(july) == {"web": 63, "data": 29, "(unallocated)": 17}
    assert july.proof() == {
        "bill": Decimal("109.00"),
        "charged": Decimal("109.00"),
        "residual": 0,
        "charged_residual": 0,
    }
    assert july.bill == july.desk.totals()["effective"]


def test_a_restated_month_is_split_by_the_rules_of_its_own_time(lake: str, tmp_path: Path) -> None:
    """Support of June was web's alone; asked in August, by a file with the rules of July, it still is."""
    june = shared.opened(lake, tmp_path, month="2026-06")
    assert costs(june) == {"web": 54}
    assert [rule.shares for rule in june.rules.rules if rule.name == "support"] == [{"web": Decimal(1)}]
    assert june.rules.id != shared.opened(lake, tmp_path).rules.id


def test_each_row_of_the_bill_can_be_asked(july: Numbers) -> None:
    """Told apart by row, the split is the same, and a row is one of the delivery."""
    rows = july.split(detail=ROWS)
    assert rows.costs() == {"web": 63, "data": 29, None: 17}
    assert len(rows.lines) == 6
    assert rows.lines["x_SourceRow"].nunique() == 6


def test_the_unallocated_has_candidates_that_add_up(july: Numbers) -> None:
    """10 in web's account are most likely web's: all others there are web's; 7 have no neighbour."""
    found = {row["Owner"]: (row["Low"], row["Mid"]) for row in july.owners.to_dict("records")}
    assert found == {"web": (10, 10), "(nobody)": (7, 7)}
    assert total(july.owners["Mid"]) == costs(july)["(unallocated)"]


def test_prices_and_efficiency_move_a_unit_apart(july: Numbers) -> None:
    """From 0.50 to 0.30 a request: half an hour became a fifth, at 1.50 instead of 1.

    Price: 0.50 x (0.5 + 0.2) / 2 = 0.175; efficiency: -0.3 x (1 + 1.50) / 2 = -0.375.
    """
    (asked,) = july.measured
    change = july.unit_change(asked)
    assert change is not None
    assert (change.before, change.after) == (Decimal("0.5"), Decimal("0.3"))
    assert (change.price, change.efficiency) == (Decimal("0.175"), Decimal("-0.375"))
    assert change.new_and_ended == change.other == 0


def test_a_month_without_units_has_no_change(lake: str, tmp_path: Path) -> None:
    """May is not in the metrics: June's unit cost is known, why it moved is not."""
    june = shared.opened(lake, tmp_path, month="2026-06")
    (asked,) = june.measured
    assert june.unit_cost(asked, june.period)["UnitCost"] == Decimal("0.5")
    assert june.unit_change(asked) is None


def test_without_files_the_tag_is_the_team(lake: str) -> None:
    """And no metric is known; nothing is guessed."""
    found = open_allocation(desk_of(lake, month="2026-07"))
    assert costs(found) == {"web": 60, "data": 20, "(unallocated)": 29}
    assert found.measured == ()
    assert [rule.name for rule in found.rules.rules] == ["the value of tag:team"]


def test_a_lake_without_a_report_has_no_cluster(july: Numbers) -> None:
    """An empty table, no error."""
    assert july.report is None
    assert july.clusters("namespace").empty


BAD_RULES = {
    "method": (
        'version = "1"\n[[rule]]\nname = "r"\nmethod = "magic"',
        "allocation rules rules.toml, entry 1: method 'magic': it is one of direct, proportional, fixed,"
        " even, usage, shapley, cluster. Remedy: name one.",
    ),
    "shares": (
        'version = "1"\n[[rule]]\nname = "r"\nmethod = "fixed"\nshares = { a = 0.5 }',
        "allocation rules rules.toml, entry 1: shares 'sum 0.5': they add up to exactly 1."
        " Remedy: correct it.",
    ),
    "validity": (
        'version = "1"\n[[rule]]\nname = "r"\nmethod = "even"\nvalid_from = "July"',
        "allocation rules rules.toml, entry 1: valid_from: month 'July': a month is written YYYY-MM."
        " Remedy: write, for example, 2026-07.",
    ),
    "column": (
        'version = "1"\n[[rule]]\nname = "r"\nmethod = "direct"\nby = "Team"',
        "Team",
    ),
    "tag": (
        'version = "1"\n[[rule]]\nname = "r"\nmethod = "direct"\nby = "tag:squad"',
        "squad",
    ),
}


@pytest.mark.parametrize("name", BAD_RULES)
def test_bad_rules_are_refused_and_nothing_changes(lake: str, tmp_path: Path, name: str) -> None:
    """With the file, the entry, the value, its rule and the remedy; the lake stays as it was."""
    before = Lake(Path(lake)).digest()
    text, said = BAD_RULES[name]
    with pytest.raises(FinOpsError) as caught:
        shared.opened(lake, tmp_path, rules=text)
    assert said in str(caught.value)
    assert Lake(Path(lake)).digest() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["metrics.csv", "rules.toml"]


def test_bad_metrics_are_refused_and_nothing_changes(lake: str, tmp_path: Path) -> None:
    """The line is named; a value that is not known is no zero."""
    before = Lake(Path(lake)).digest()
    with pytest.raises(SettingsError) as caught:
        shared.opened(lake, tmp_path, metrics="date,metric,consumer,value\n2026-07,requests,web,\n")
    assert str(caught.value) == (
        "metrics file metrics.csv, line 2: value '': it is a number of at least zero, with a point; what is"
        " not known has no row. Remedy: correct it, or leave the row out."
    )
    assert Lake(Path(lake)).digest() == before


def test_a_file_that_is_not_there_is_named(lake: str, tmp_path: Path) -> None:
    """Rules and metrics alike."""
    for name in ("rules", "metrics"):
        with pytest.raises(SettingsError, match=rf"{name} file '.*none\.x': No such file"):
            open_allocation(desk_of(lake, month="2026-07"), **{name: str(tmp_path / "none.x")})

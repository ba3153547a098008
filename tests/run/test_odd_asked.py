"""What is asked of a report of anomalies: hierarchies, days, money, and files that people keep."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_lib.anomaly.suppress import Plan
from finops_lib.errors import ParameterError, SettingsError
from finops_lib.run.odd_asked import PATH, Asked, Kept, hierarchies, last_day, money_a_day
from tests.run.lakes import desk_of, lake_of
from tests.run.oddlakes import lines

CHANGES = """[[change]]
name = "Launch"
kind = "step"
from = 2026-06-20
until = 2026-06-22
amount = 32
currency = "USD"
scope = { ServiceName = "S3" }
[[change]]
name = "Off"
kind = "end"
from = 2026-06-10
amount = 5
currency = "USD"
[[change]]
name = "Grow"
kind = "ramp"
from = 2026-06-01
until = 2026-06-30
amount = 9
currency = "USD"
"""
WINDOWS = """[[window]]
name = "Load test"
owner = "ann"
reason = "before the sale"
from = 2026-06-20
until = 2026-06-22
"""
ALERTS = """[[team]]
name = "ml"
owner = "bob"
alerts_a_week = 3
weight = 2
scope = { "tag:team" = "ml" }
"""
LABELS = "key,team,said,at,p_value\n0123456789abcdef,ml,real,2026-06-21,0.001\n"


def test_hierarchies_are_lists_between_semicolons(tmp_path: Path) -> None:
    """Blanks, doubles and empty lists are left out; without any there are provider to service, and teams."""
    engine = desk_of(lake_of(tmp_path / "bill", list(lines())[:8])).engine
    assert hierarchies(" a, b ,a;; c ", engine) == (("a", "b"), ("c",))
    assert hierarchies("", engine) == (PATH, ("tag:team", "ServiceName"))


def test_without_a_team_tag_there_is_one_hierarchy(tmp_path: Path) -> None:
    """Accounts stand in the first one already."""
    rows: list[Mapping[str, str]] = [{**row, "Tags": "{}"} for row in list(lines())[:8]]
    assert hierarchies("", desk_of(lake_of(tmp_path / "bill", rows)).engine) == (PATH,)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"days": 0}, "days = 0"),
        ({"days": 401}, "days = 401"),
        ({"level": 1.0}, "discovery = 1.0"),
        ({"level": float("nan")}, "discovery = nan"),
        ({"floor": Decimal(-1)}, "floor = -1"),
        ({"hierarchies": ()}, "by = "),
        ({"hierarchies": (tuple("abcdef"),)}, "by = a, b"),
        ({"hierarchies": (("a",),) * 6}, "by = a; a"),
    ],
)
def test_a_value_out_of_bounds_is_named(wrong: dict[str, Any], named: str) -> None:
    """With its parameter and the rule."""
    with pytest.raises(ParameterError, match=named):
        Asked(**{"hierarchies": (("a",),), "days": 30, "level": 0.1, **wrong})


def test_the_last_day_is_a_day_or_that_of_a_month() -> None:
    """February has 28 days; an empty text is all there is."""
    assert last_day("2026-02") == date(2026, 2, 28)
    assert last_day("") is None
    for wrong in ("2026-02-30", "soon", "2026-13", "last wk"):
        with pytest.raises(ParameterError, match="parameter until"):
            last_day(wrong)


def test_a_floor_is_money() -> None:
    """Nothing is no floor; words, infinity and a NaN are refused."""
    assert (money_a_day("12.50"), money_a_day("")) == (Decimal("12.50"), None)
    for wrong in ("much", "inf", "NaN"):
        with pytest.raises(ParameterError, match="parameter floor"):
            money_a_day(wrong)


def test_files_are_read_into_rules(tmp_path: Path) -> None:
    """Windows, teams with tiers, labels, and planned changes: an end takes away, a ramp is for good."""
    texts = {"windows": WINDOWS, "alerts": ALERTS, "labels": LABELS, "changes": CHANGES}
    paths = {name: tmp_path / name for name in texts}
    for name, text in texts.items():
        paths[name].write_text(text)
    kept = Kept.read(**{name: str(path) for name, path in paths.items()})
    assert [one.name for one in kept.rules.windows] == ["Load test"]
    assert [(one.name, one.alerts_a_week) for one in kept.rules.teams] == [("ml", 3)]
    assert kept.rules.stakes.tiers[0].weight == 2
    assert kept.labels[0].said == "real"
    start, end = (datetime(2026, 6, day, tzinfo=UTC) for day in (20, 22))
    launch, off, grow = kept.rules.plans
    assert launch == Plan("Launch", start, end, Decimal(32), "USD", {"ServiceName": ("S3",)})
    assert (off.amount, grow.until, grow.amount) == (Decimal(-5), None, Decimal(9))
    assert len(kept.changes) == 3


def test_no_file_is_no_rule() -> None:
    """And a file that is not there is named."""
    empty = Kept.read()
    assert (empty.rules.windows, empty.rules.teams, empty.labels, empty.changes) == ((), (), (), ())
    with pytest.raises(SettingsError, match="windows file"):
        Kept.read(windows="nowhere.toml")

"""The daily costs that are watched: which charges, up to which day, and what is not to be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from finops_lib.anomaly.pauses import Pause
from finops_lib.billing import quality
from finops_lib.errors import CurrencyError
from finops_lib.run.desk import Desk
from finops_lib.run.odd_asked import Asked
from finops_lib.run.odd_series import Costs, floor_of, pauses, watched
from tests.cost.conftest import write_line
from tests.run.lakes import desk_of, lake_of

BY = ("ServiceName",)
Rows = list[Mapping[str, str]]


def asked(**more: Any) -> Asked:
    """Ask for services, causes by service alone."""
    return Asked(**{"hierarchies": (BY,), "days": 30, "level": 0.1, "dimensions": BY, **more})


def costs_of(folder: Path, rows: Rows, *, most: int = 0, **more: Any) -> Costs:
    """Watch these charges, of a bill that is closed: it has a charge of nothing on its last day."""
    folder.mkdir(exist_ok=True)
    closed = [*rows, write_line(day="2026-06-30", cost="0", ServiceName="End", ResourceId="end")]
    return watched(desk_of(lake_of(folder / "bill", closed)), asked(**more), most_resources=most)


def services(costs: Costs) -> set[str]:
    """Name what is watched, but for the last day's charge."""
    return set(costs.days["ServiceName"]) - {"End"}


def test_taxes_credits_and_adjustments_are_not_watched(tmp_path: Path) -> None:
    """Of 1 + 2 + 4 + 8 + 16, usage and purchases are 3."""
    kinds = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")
    rows: Rows = [
        write_line(day="2026-06-01", cost=str(2**place), ChargeCategory=kind)
        for place, kind in enumerate(kinds)
    ]
    assert costs_of(tmp_path, rows).days["value"].sum() == 3


def test_a_part_that_does_not_always_say_its_cost_is_left_out(tmp_path: Path) -> None:
    """S3 says 5 on one day and nothing on the next; the other part stays."""
    rows: Rows = [write_line(day=f"2026-06-0{day}", cost="1") for day in (1, 2)]
    rows += [write_line(day="2026-06-01", cost="5", ServiceName="S3")]
    rows += [{**write_line(day="2026-06-02", ServiceName="S3"), "EffectiveCost": ""}]
    found = costs_of(tmp_path, rows)
    assert services(found) == {"Compute Engine"}
    assert (found.unsure, found.unsure_money) == (1, 5.0)


def test_the_last_day_is_whole_and_not_after_the_one_asked_for(tmp_path: Path) -> None:
    """June 30 is the last of a closed month; June 10 where it is asked for."""
    rows: Rows = [write_line(day=f"2026-06-{day:02d}", cost="1") for day in range(1, 31)]
    assert costs_of(tmp_path / "all", rows).last == date(2026, 6, 30)
    early = costs_of(tmp_path / "some", rows, until=date(2026, 6, 10))
    assert (early.last, len(early.days)) == (date(2026, 6, 10), 10)
    assert early.usual == pytest.approx(10 / 28)


def test_resources_are_parts_where_they_are_few(tmp_path: Path) -> None:
    """Three resources, one of which ends the bill: with room for three they are told apart, for two not."""
    rows: Rows = [write_line(day="2026-06-01", cost="1", ResourceId=name) for name in ("a", "b")]
    few = costs_of(tmp_path / "few", rows, most=3)
    assert ("ResourceId" in few.names, len(few.days), few.resources) == (True, 3, 3)
    many = costs_of(tmp_path / "many", rows, most=2)
    assert ("ResourceId" in many.names, len(many.days), many.resources) == (False, 2, 3)


def test_series_add_up_their_parts(tmp_path: Path) -> None:
    """Two regions of a service are one series of it."""
    rows: Rows = [write_line(day="2026-06-01", cost=cost, RegionId=cost) for cost in ("1", "2")]
    found = costs_of(tmp_path, rows, dimensions=("ServiceName", "RegionId"))
    assert len(found.days) == 3
    assert found.series(BY)[["ServiceName", "value"]].to_numpy().tolist() == [
        ["Compute Engine", 3.0],
        ["End", 0.0],
    ]


def test_two_currencies_need_a_choice(tmp_path: Path) -> None:
    """They are not added."""
    rows: Rows = [write_line(cost="1"), {**write_line(cost="1"), "BillingCurrency": "EUR"}]
    with pytest.raises(CurrencyError):
        costs_of(tmp_path, rows)


def test_a_lake_without_usage_has_no_last_day(tmp_path: Path) -> None:
    """And no currency, no usual cost and no floor."""
    desk = desk_of(lake_of(tmp_path / "bill", [write_line(cost="1", ChargeCategory="Tax")]))
    found = watched(desk, asked(), most_resources=0)
    assert (found.last, found.currency, found.usual) == (None, "", 0.0)
    assert floor_of(found, asked(), per_mille=2) == 0


def test_findings_that_pause_models_pause_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restated week pauses its provider where the hierarchy begins with it, else everything."""
    rows: Rows = [write_line(day=f"2026-06-{day:02d}", cost="1") for day in range(1, 31)]
    desk = desk_of(lake_of(tmp_path / "bill", rows))
    costs = watched(desk, asked(), most_resources=0)
    line = dict.fromkeys(quality.COLUMNS, "")
    week = {"FirstDay": "2026-06-01", "LastDay": "2026-06-07", "Provider": "Cloud", "Detail": "restated"}
    frame = pd.DataFrame(
        [
            {**line, **week, "PausesModels": True},
            {**line, **week, "FirstDay": "2026-06-28", "LastDay": "2026-07-09", "PausesModels": True},
            {**line, **week, "PausesModels": False},
        ]
    )
    monkeypatch.setattr(Desk, "findings", lambda _: frame)
    provider = ("Cloud",)
    assert pauses(desk, costs, ("x_ProviderName", "ServiceName")) == [
        Pause(date(2026, 6, 1), date(2026, 6, 8), "restated", provider),
        Pause(date(2026, 6, 28), date(2026, 7, 1), "restated", provider),
    ]
    assert [one.series for one in pauses(desk, costs, BY)] == [(), ()]


def test_a_floor_that_is_asked_for_is_taken() -> None:
    """Else a share of the mean of four weeks: 2 per mille of 100."""
    days = pd.DataFrame({"time": pd.date_range("2026-06-01", periods=56), "value": [9.0] * 28 + [100.0] * 28})
    costs = Costs(days, date(2026, 7, 26), BY)
    assert floor_of(costs, asked(), per_mille=2) == Decimal("0.20")
    assert floor_of(costs, asked(floor=Decimal(7)), per_mille=2) == 7

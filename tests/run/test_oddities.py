"""What is odd in a small lake with one planted spike: found, explained, floored, labelled and paused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_lib.anomaly.labels import Label
from finops_lib.cost.change_events import Change
from finops_lib.run.odd_asked import Asked, Kept, hierarchies
from finops_lib.run.oddities import Numbers
from finops_lib.run.settings import AnomalyLimits
from tests.run.lakes import desk_of, lake_of
from tests.run.oddlakes import PLANTED, SPIKE, lines

FOUND = datetime(2026, 6, 21, tzinfo=UTC)
MONEY = 8 * 4 * 2  # 8 a day, four times as much on top, on two days


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Take the charges in."""
    return lake_of(tmp_path_factory.mktemp("odd") / "bill", list(lines()))


def numbers(lake: str, *, kept: Kept | None = None, events: tuple[Change, ...] = (), most: int = 0,
            **more: Any) -> Numbers:  # fmt: skip
    """Ask for the last thirty days of the lake."""
    desk = desk_of(lake)
    asked = Asked(**{"hierarchies": hierarchies("", desk.engine), "days": 30, "level": 0.1, **more})
    return Numbers(desk, asked, kept or Kept(), AnomalyLimits(most_resources=most), events)


def test_the_planted_spike_is_found_with_its_cell(lake: str) -> None:
    """In the team's service, on June 20 and 21, about 64 more; the cells add up to it."""
    found = numbers(lake)
    spikes = [one for one in found.anomalies if one.labels == {"tag:team": "ml", "ServiceName": "S3"}]
    [spike] = spikes
    assert (spike.kind, spike.start.date(), spike.found) == ("spike", SPIKE, FOUND)
    assert float(spike.cost_impact.mid) == pytest.approx(MONEY, rel=0.05)
    assert spike.causes[0].cell.items() >= PLANTED.items()
    for one in found.anomalies:
        assert sum(cause.amount for cause in one.causes) == one.cost_impact.mid


def test_it_is_one_alert(lake: str) -> None:
    """Whatever series show it; and nothing else in thirty quiet days of three other parts."""
    [alert] = numbers(lake).told.alerts
    assert alert.incident.cell.items() >= PLANTED.items()
    assert alert.told == FOUND


def test_without_the_spike_nothing_is_told(tmp_path: Path) -> None:
    """The same noise and nothing else."""
    quiet = numbers(lake_of(tmp_path / "bill", list(lines(times=1))))
    assert (quiet.anomalies, quiet.told.alerts, quiet.signals) == ((), (), ())
    assert quiet.quiet.missed is None


def test_a_window_of_days_is_looked_at(lake: str) -> None:
    """Nine days end before it was found (June 21, at the end of the 20th); ten hold it; none lies before."""
    assert not numbers(lake, days=9).anomalies
    assert numbers(lake, days=11).anomalies
    early = numbers(lake, until=date(2026, 6, 19))
    assert (early.last, early.first, early.anomalies) == (date(2026, 6, 19), date(2026, 5, 21), ())


def test_a_floor_is_a_day_s_money(lake: str) -> None:
    """32 a day are told from 30 a day on, and not from 35 a day on."""
    assert numbers(lake, floor=Decimal(30)).anomalies
    assert not numbers(lake, floor=Decimal(35)).anomalies
    assert numbers(lake).floor == Decimal("0.21")  # 2 per mille of 68 a day, and of 64 on top in 28 days


def test_changes_near_it_are_named(lake: str) -> None:
    """A launch of the day before in its service, and none of another one."""
    near = (Change("launch", datetime(2026, 6, 19, tzinfo=UTC), {"ServiceName": ("S3",)}),
            Change("other", datetime(2026, 6, 19, tzinfo=UTC), {"ServiceName": ("Compute",)}))  # fmt: skip
    named = {name for one in numbers(lake, events=near).anomalies for name in one.changes}
    assert named == {"launch (2026-06-19)"}


def test_labels_say_how_likely_it_matters_and_what_got_lost(lake: str) -> None:
    """Six real ones of six make 7/8; the labelled spike is real, and was told."""
    [spike] = [one for one in numbers(lake).anomalies if len(one.labels) == 2 and "tag:team" in one.labels]
    at = datetime(2026, 6, 22, tzinfo=UTC)
    labels = tuple(Label("ml", 0.5, "real", at, f"{n:016x}") for n in range(5))
    labels = (*labels, Label("ml", spike.p_value, "real", at, spike.key))
    found = numbers(lake, kept=Kept(labels=labels))
    assert {one.chance_real for one in found.anomalies} == {7 / 8}
    assert (found.quiet.real, found.quiet.missed) == (1, 0.0)


def test_resources_are_watched_where_they_are_few(lake: str) -> None:
    """Four resources: the spike's own is odd, too."""
    found = numbers(lake, most=10)
    assert ("ResourceId",) in found.watches
    assert {"ResourceId": "ml-S3"} in [dict(one.labels) for one in found.anomalies]
    assert len(found.told.alerts) == 1
    assert found.judged > numbers(lake).judged


def test_series_are_counted_once(lake: str) -> None:
    """The whole; provider, account and two services; two teams and four of their services: 11."""
    assert numbers(lake).judged == 11


def test_what_is_not_watched_is_said_in_money(tmp_path: Path) -> None:
    """A tax of 5 within the days looked at; one before them does not count."""
    taxes = [{**row, "ChargeCategory": "Tax", "EffectiveCost": "5"} for row in lines()]
    chosen = [row for row in taxes if row["ChargePeriodStart"][:10] in {"2026-06-10", "2026-03-10"}]
    found = numbers(lake_of(tmp_path / "bill", [*lines(), chosen[0], chosen[-1]]))
    assert found.unwatched() == 5


def test_a_lake_without_a_whole_day_is_an_answer(tmp_path: Path) -> None:
    """Nothing is judged, and nothing breaks."""
    rows: list[Mapping[str, str]] = [{**row, "ChargeCategory": "Tax"} for row in list(lines())[:4]]
    found = numbers(lake_of(tmp_path / "bill", rows))
    assert (found.anomalies, found.signals, found.told.alerts, found.judged) == ((), (), (), 0)
    assert found.paused.empty

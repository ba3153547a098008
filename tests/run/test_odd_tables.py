"""Tables of a report of anomalies: what a reader sees of alerts, anomalies, causes, signals and the rest."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from finops_lib.records import Anomaly
from finops_lib.run.odd import Odd, open_oddities
from finops_lib.run.odd_tables import alert_json, anomaly_json, median
from tests.cost.conftest import write_line
from tests.run.lakes import desk_of, lake_of
from tests.run.oddlakes import SPIKE, lines
from tests.run.test_odd_asked import CHANGES, LABELS, WINDOWS


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Take the charges in, with a first-seen region of 20 a day from June 24 on."""
    away = [
        write_line(
            day=f"2026-06-{day}", cost="20", RegionId="ap-south-1", ResourceId="x", tags={"team": "web"}
        )
        for day in range(24, 31)
    ]
    return lake_of(tmp_path_factory.mktemp("tables") / "bill", [*lines(), *away])


def asked(lake: str, **files: str) -> Odd:
    """Ask for the last thirty days."""
    return open_oddities(desk_of(lake), files=files)


def kept(folder: Path, **texts: str) -> dict[str, str]:
    """Write files and name them."""
    for name, text in texts.items():
        (folder / name).write_text(text)
    return {name: str(folder / name) for name in texts}


def test_alerts_are_rows_with_money_of_both_ends(lake: str) -> None:
    """One row an alert; low, mid and high in order; where it lies mostly, and when it was told."""
    found = asked(lake)
    table = found.alert_table()
    assert list(table["Alert"]) == list(range(1, len(found.told.alerts) + 1))
    [row] = [line for _, line in table.iterrows() if line["Kind"] == "spike"]
    assert row["Low"] <= row["Mid"] <= row["High"]
    assert row["When"] == "2026-06-20 to 2026-06-21"
    assert "S3 hours" in row["Mostly"] or "S3" in row["Where"]
    assert (row["Team"], row["Told"].date()) == ("everybody else", SPIKE.replace(day=21))


def test_each_anomaly_names_its_alert(lake: str) -> None:
    """Newest first; each number is that of a row of the table of alerts."""
    found = asked(lake)
    table = found.anomaly_table()
    assert len(table) == len(found.anomalies)
    assert set(table["Alert"]) == set(found.alert_table()["Alert"])
    starts = [one.start for one in found.anomalies]
    assert starts == sorted(starts, reverse=True)
    assert set(table["FoundAfterDays"]) == {1}


def test_causes_add_up_to_each_total(lake: str) -> None:
    """The cells and the rest of an alert, and below them its total."""
    table = asked(lake).cause_table()
    for _, part in table.groupby("Alert"):
        amounts = list(part["Amount"])
        assert sum(amounts[:-1]) == amounts[-1]
        assert part["Cell"].iloc[-1] == "Total"


def test_a_first_seen_region_is_a_signal(lake: str) -> None:
    """Seven days of 20, with what was seen."""
    table = asked(lake).signal_table()
    [row] = [line for _, line in table.iterrows() if line["Signal"] == "first seen region"]
    assert (row["Where"], row["Cost"]) == ("222222222222 / ap-south-1", Decimal("140.00"))
    assert "first charged on 2026-06-24 after 115 days" in row["Evidence"]


def test_what_was_left_out_says_why(lake: str, tmp_path: Path) -> None:
    """A window over the spike's two days explains it."""
    found = asked(lake, **kept(tmp_path, windows=WINDOWS))
    rows = found.left_table()
    assert {"Load test" in by for by in rows["By"]} == {True}
    assert set(rows["Why"]) == {"before the sale"}
    assert not [one for one in found.alert_table()["Kind"] if one == "spike"]


def test_a_planned_change_explains_and_is_named(lake: str, tmp_path: Path) -> None:
    """32 a day were announced for S3, as much as came: no alert, and the change stands beside the anomaly."""
    found = asked(lake, **kept(tmp_path, changes=CHANGES))
    assert "plan Launch" in set(found.left_table()["By"])
    assert "Launch (2026-06-20)" in set(found.change_table()["Change"])
    assert asked(lake).change_table().empty


def test_a_planned_label_leaves_an_anomaly_out(lake: str, tmp_path: Path) -> None:
    """What somebody called planned is listed with that word, and in no alert; four words set no threshold."""
    spikes = [one for one in asked(lake).anomalies if one.kind == "spike"][:4]
    rows = "".join(f"{one.key},ml,planned,2026-06-22,0.001\n" for one in spikes)
    found = asked(lake, **kept(tmp_path, labels=LABELS.splitlines()[0] + "\n" + rows))
    assert list(found.left_table()["Why"]) == ["planned"] * 4
    assert not any(found.told.of(one) for one in spikes)


def test_pauses_with_one_reason_share_a_line(lake: str) -> None:
    """Series that are too young are counted together."""
    found = asked(lake)
    day = datetime(2026, 6, 30, tzinfo=UTC).date()
    lines = [(name, day, day, "too young") for name in ("a", "b", "c")] + [("a", day, day, "late")]
    object.__setattr__(
        found, "paused", pd.DataFrame(lines, columns=["Series", "FirstDay", "LastDay", "Reason"])
    )
    assert found.paused_table()[["Series", "Reason"]].to_numpy().tolist() == [
        ["a and 2 more", "too young"],
        ["a", "late"],
    ]


def test_json_holds_what_a_program_needs(lake: str) -> None:
    """Keys, money of both ends, causes, the loss with its factors, and the alert that it is in."""
    found = asked(lake)
    [spike] = [one for one in found.anomalies if one.kind == "spike" and one.series == ("ml", "S3")]
    alert = found.told.of(spike)
    content = anomaly_json(spike, found.worth(spike), alert)
    assert alert is not None
    assert content["alert"] == alert.key
    assert content["kind"] == "spike"
    assert content["series"] == ["ml", "S3"]
    assert sum(Decimal(one["amount"]) for one in content["causes"]) == Decimal(content["cost_impact"]["mid"])
    worth = content["priority"]
    assert worth["loss"] == pytest.approx(
        Decimal(str(worth["chance"])) * Decimal(worth["daily"]) * 2, abs=Decimal("0.01")
    )
    assert Anomaly.from_json({name: content[name] for name in spike.to_json()}) == spike
    told = alert_json(alert)
    assert spike.key in told["anomalies"]
    assert told["cell"]["ServiceName"] == "S3"


def test_the_middle_of_counts() -> None:
    """Of four it is the mean of two."""
    assert (median([4, 1, 3, 2]), median([3]), median([])) == (Decimal("2.5"), Decimal(3), None)

"""The report of anomalies: its answer, pictures, notes and summary, on plain, empty and hostile bills."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from finops_lib.cost.change_events import Change
from finops_lib.errors import CurrencyError, ParameterError, QueryError, SettingsError
from finops_lib.run.odd import Odd, open_oddities
from finops_lib.run.show import SUMMARY_TYPE
from tests.cost.conftest import write_line
from tests.run.lakes import desk_of, lake_of
from tests.run.oddlakes import lines

EVIL = ["'; DROP TABLE charges; --", '"(none)"', "<script>alert(1)</script>", "$x^2$", "%s {0}", "x" * 300]
PICTURES = ("draw_bands", "draw_heat")
TABLES = tuple(f"{name}_table" for name in "alert anomaly cause change signal left paused".split())


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Take the charges in."""
    return lake_of(tmp_path_factory.mktemp("odd") / "bill", list(lines()))


@pytest.fixture(scope="module")
def odd(lake: str) -> Odd:
    """Ask for nothing in particular."""
    return open_oddities(desk_of(lake))


def read(odd: Odd, **more: Any) -> dict[str, Any]:
    """Read the summary as a program does."""
    found: dict[str, Any] = json.loads(json.dumps(odd.summary(**more).bundle[SUMMARY_TYPE], allow_nan=False))
    return found


def whole(odd: Odd) -> str:
    """Show everything that the notebook shows; return what a browser gets."""
    shown = [odd.answer(), odd.show_quiet(), odd.show_notes(), odd.summary()]
    shown += [getattr(odd, name)() for name in PICTURES]
    shown += [odd.desk.table(getattr(odd, name)()) for name in TABLES]
    return "".join(
        text for item in shown for kind, text in item.bundle.items() if kind in {"text/html", "image/svg+xml"}
    )


def test_the_summary_says_what_was_asked_and_found(odd: Odd) -> None:
    """Days, currency, hierarchies; the planted cell first, its money to the cent, one alert, one day late."""
    content = read(odd, more=1)
    assert (content["first_day"], content["last_day"], content["days"]) == ("2026-06-01", "2026-06-30", 30)
    assert (content["currency"], content["month"], content["series"], content["more"]) == (
        "USD",
        "2026-06",
        15,
        1,
    )
    assert content["by"] == [["x_ProviderName", "SubAccountId", "ServiceName"], ["tag:team", "ServiceName"]]
    for one in content["anomalies"]:
        assert {"kind", "series", "start", "cost_impact", "p_value", "causes", "priority"} <= one.keys()
        amounts = [Decimal(cause["amount"]) for cause in one["causes"]]
        assert sum(amounts) == Decimal(one["cost_impact"]["mid"])
        assert Decimal(one["cost_impact"]["low"]) <= Decimal(one["cost_impact"]["high"])
        assert 0 <= one["p_value"] < 0.05
        assert one["causes"][0]["cell"].items() >= {"tag:team": "ml", "ServiceName": "S3"}.items()
    [alert] = content["alerts"]
    assert set(alert["anomalies"]) == {one["key"] for one in content["anomalies"]}
    assert content["compression"] == len(content["anomalies"])
    assert content["latency_days"] == {"found_median": "1", "told_median": "1", "told_most": 1}
    assert (content["missed_share"], content["real"], content["lost"]) == (None, 0, {})


def test_the_index_shows_a_handful_of_figures(odd: Odd) -> None:
    """One alert, the spike, of so many anomalies in fifteen series."""
    found = {one["name"]: one["value"] for one in read(odd)["figures"]}
    assert list(found) == ["days", "alerts", "anomalies", "explained", "first"]
    assert (found["days"], found["alerts"], found["explained"]) == ("2026-06-01 to 2026-06-30", "1", "0")
    assert found["anomalies"] == f"{len(odd.anomalies)} in 15 series"
    assert found["first"].startswith("Spike, ")


def test_the_answer_names_the_alert(odd: Odd) -> None:
    """How many series, what rose, when."""
    said = repr(odd.answer())
    assert "in 15 series in the 30 days to 2026-06-30: 1 alert." in said
    assert "Spike, " in said
    assert "2026-06-20 to 2026-06-21" in said


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_has_words(odd: Odd, name: str) -> None:
    """Its titles are what a reader without eyes gets."""
    shown = getattr(odd, name)()
    assert "<svg" in shown.bundle["image/svg+xml"]
    assert any(letter.isdigit() for letter in shown.bundle["text/plain"])


def test_a_heat_map_marks_the_two_days(odd: Odd) -> None:
    """Of a series of the spike, June 20 and 21."""
    [spike] = [one for one in odd.anomalies if one.series == ("ml", "S3")]
    days = pd.date_range("2026-06-01", "2026-06-30")
    assert [str(day)[:10] for day in days[odd._odd(spike, days)]] == ["2026-06-20", "2026-06-21"]


def test_settings_and_parameters_are_heard(lake: str, tmp_path: Path) -> None:
    """The look-back of the settings, unless days are named; the level, floor and the last day."""
    path = tmp_path / "settings.json"
    path.write_text(
        json.dumps({"values": {"anomaly": {"look_back_days": 7, "discovery_percent": 20}}, "files": []})
    )
    content = read(
        open_oddities(desk_of(lake, settings=str(path)), floor="1.5", until="2026-06-25", by="ServiceName")
    )
    assert (content["days"], content["discovery"], content["floor"]) == (7, 0.2, "1.5")
    assert (content["first_day"], content["last_day"], content["by"]) == (
        "2026-06-19",
        "2026-06-25",
        [["ServiceName"]],
    )
    assert (
        read(open_oddities(desk_of(lake), days=3, discovery=0.05, until="2026-05"))["last_day"]
        == "2026-05-31"
    )


def test_signals_are_listed_with_what_was_seen(tmp_path: Path) -> None:
    """GPU machines of 60 on June 10 in a region never used: signals say so, and no other anomaly is one."""
    burst = [
        write_line(
            day=f"2026-06-{day}", cost="60", tags={"team": "ml"}, ServiceName="Compute", ResourceId="gpu",
            SkuMeter="BoxUsage:p4d.24xlarge", RegionId="ap-south-1",
        )
        for day in (10, 11)
    ]  # fmt: skip
    asked = open_oddities(desk_of(lake_of(tmp_path / "bill", [*lines(), *burst])))
    content = read(asked)
    told = {one["kind"]: one for one in content["signals"]}
    assert {"gpu_burst", "new_region"} <= set(told)
    assert told["gpu_burst"]["evidence"][0] == "60.00 on 2026-06-10, at most 0.00 on the 101 days before"
    assert told["new_region"]["labels"]["RegionId"] == "ap-south-1"
    assert all(one["evidence"] and Decimal(one["cost"]) > 0 for one in content["signals"])
    listed = {one["key"] for one in content["anomalies"]}
    assert {one["key"] for one in content["signals"]} <= listed
    security = {"gpu_burst", "egress_burst", "fan_out", "new_region", "new_service", "new_account"}
    others = [one for one in content["anomalies"] if one["key"] not in {o["key"] for o in content["signals"]}]
    assert others and not {one["kind"] for one in others} & security
    shown = asked.signal_table()
    assert "60.00 on 2026-06-10" in " ".join(shown["Evidence"])


def test_a_file_of_labels_sets_thresholds_and_the_chance(lake: str, odd: Odd, tmp_path: Path) -> None:
    """Six real ones make 7/8; six false alarms of that kind leave nothing of it to hear of."""
    path = tmp_path / "labels.csv"
    p_value = max(one.p_value for one in odd.anomalies)
    chances = {}
    for said in ("real", "false alarm"):
        rows = [f"{number:016x},ml,{said},2026-06-25,{p_value / 10}" for number in range(6)]
        path.write_text("\n".join(["key,team,said,at,p_value", *rows]))
        content = read(open_oddities(desk_of(lake), files={"labels": str(path)}))
        chances[said] = {one["chance_real"] for one in content["anomalies"] if one["labels"].get("tag:team")}
    assert chances == {"real": {0.875}, "false alarm": set()}


def test_changes_can_be_handed_in(odd: Odd) -> None:
    """They stand beside the anomaly; all else is the same."""
    near = odd.near([Change("deploy 7", datetime(2026, 6, 19, tzinfo=UTC))])
    assert set(near.change_table()["Change"]) == {"deploy 7 (2026-06-19)"}
    assert len(near.anomalies) == len(odd.anomalies)


def test_the_notes_say_what_was_not_watched(odd: Odd) -> None:
    """The floor, and that nothing is still filling up in a closed bill."""
    said = repr(odd.show_notes())
    assert "Told from $0.21 a day on." in said
    assert "filling" not in said
    assert "No label says" in repr(odd.show_quiet())


def series(values: list[str], **more: Any) -> Iterator[Mapping[str, str]]:
    """Charge these costs from June 1 on, an empty one not at all."""
    for number, cost in enumerate(values):
        day = f"2026-{4 + number // 30:02d}-{number % 30 + 1:02d}"
        if cost:
            yield write_line(day=day, cost=cost, **more)


AWKWARD = {
    "zeros": ["0"] * 90,
    "one point": ["5"],
    "gaps": ["5", "", ""] * 30,
    "negative": ["-5", "-6", "-4"] * 30,
    "all equal": ["7"] * 90,
    "unit change": ["0.01"] * 45 + ["10"] * 45,
}


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_series_make_a_whole_report(tmp_path: Path, name: str) -> None:
    """An answer, pictures or a reason, and JSON without a NaN; no warning, no crash."""
    odd = open_oddities(desk_of(lake_of(tmp_path / "bill", list(series(AWKWARD[name])))), days=60)
    assert len(whole(odd)) > 100
    content = read(odd)
    told = {one["kind"] for one in content["anomalies"]}
    assert told == ({"level_shift"} if name == "unit change" else set())


def test_a_unit_change_is_said_in_the_evidence(tmp_path: Path) -> None:
    """A thousand times as much from one day on."""
    odd = open_oddities(desk_of(lake_of(tmp_path / "bill", list(series(AWKWARD["unit change"])))), days=60)
    assert any("a unit may have changed" in text for one in odd.anomalies for text in one.evidence)


def test_nothing_whole_is_said(tmp_path: Path) -> None:
    """A lake of taxes alone has no day to judge."""
    odd = open_oddities(desk_of(lake_of(tmp_path / "bill", [write_line(cost="1", ChargeCategory="Tax")])))
    assert "Nothing can be judged" in repr(odd.answer())
    assert len(whole(odd)) > 100
    assert read(odd)["alerts"] == []


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    """Quotes, SQL, markup and formulas in services, teams and accounts, the last of which has a spike."""
    rows: list[Mapping[str, str]] = []
    for place, name in enumerate(EVIL):
        values = [str(20 + (number * 7 + place) % 3) for number in range(90)]
        values[80] = "400" if name.startswith("<") else values[80]
        more = {
            "ServiceName": name,
            "SubAccountId": name,
            "SkuMeter": name,
            "RegionId": name,
            "ResourceId": name,
        }
        rows += [{**row, "Tags": json.dumps({"team": name})} for row in series(values, **more)]
    odd = open_oddities(desk_of(lake_of(tmp_path / "bill", rows)))
    text = whole(odd)
    assert "<script>" not in text
    assert any("<script>alert(1)</script>" in one["series"] for one in read(odd)["anomalies"])


def test_wrong_parameters_are_refused(lake: str) -> None:
    """Each with its name."""
    desk = desk_of(lake)
    with pytest.raises(ParameterError, match="parameter days"):
        open_oddities(desk, days=500)
    with pytest.raises(ParameterError, match="parameter until"):
        open_oddities(desk, until="soon")
    with pytest.raises(ParameterError, match="parameter discovery"):
        open_oddities(desk, discovery=2.0)
    with pytest.raises(SettingsError, match="labels file"):
        open_oddities(desk, files={"labels": "nowhere.csv"})
    with pytest.raises(QueryError, match="ServiceNam"):
        _ = open_oddities(desk, by="ServiceNam").anomalies
    with pytest.raises(QueryError, match="country 'XX'"):
        _ = open_oddities(desk, country="XX").anomalies


def test_two_currencies_need_a_choice(tmp_path: Path) -> None:
    """Named, the other one is left out."""
    rows: list[Mapping[str, str]] = [row for row in lines() if row["ServiceName"] == "S3"]
    both = lake_of(tmp_path / "bill", [*rows, *({**row, "BillingCurrency": "EUR"} for row in rows)])
    with pytest.raises(CurrencyError):
        _ = open_oddities(desk_of(both)).anomalies
    chosen = read(open_oddities(desk_of(both, currency="EUR")))
    assert {one["cost_impact"]["unit"] for one in chosen["anomalies"]} == {"EUR"}

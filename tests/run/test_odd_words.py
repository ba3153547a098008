"""The words of a report of anomalies: kinds, places, sentences, and hostile names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from finops_lib.anomaly.alerts import Rules
from finops_lib.anomaly.correlate import correlate
from finops_lib.anomaly.incidents import Incident
from finops_lib.anomaly.lifecycle import Alert
from finops_lib.anomaly.measure import Quiet
from finops_lib.records import Anomaly
from finops_lib.run.odd_alerts import told
from finops_lib.run.odd_words import (
    alert_sentence,
    alert_title,
    answer,
    chance_text,
    days_text,
    incident_place,
    kind_text,
    latency,
    more_of,
    place_text,
    quiet_sentences,
)
from tests.anomaly.odd import odd, team

EVIL = "<b>\u202ex\n$1$</b>"


def alerts_of(*anomalies: Anomaly) -> Sequence[Alert]:
    """Tell of July's anomalies."""
    return told(anomalies, first=date(2026, 7, 1), last=date(2026, 7, 31), rules=Rules()).alerts


def test_kinds_have_words() -> None:
    """Those of the detector and of signals; another one is its own word."""
    assert [kind_text(kind) for kind in ("ramp", "new_region", "egress_burst", "drift")] == [
        "ramp", "first seen region", "burst of egress", "drift",
    ]  # fmt: skip


def test_hostile_names_stay_on_one_line() -> None:
    """Marks of direction and line breaks are gone; the rest is escaped by who shows it."""
    assert place_text({"ServiceName": EVIL}) == "<b> x $1$</b>"


def test_a_cell_says_what_its_series_does_not() -> None:
    """Columns of the series, and values that stand for none, are left out."""
    cell = {"x_ProviderName": "AWS", "RegionId": "eu", "tag:team": "(untagged)", "SkuMeter": "hours"}
    assert more_of(cell, {"x_ProviderName": "AWS"}) == "RegionId eu, SkuMeter hours"
    assert more_of({"tag:team": "(untagged)"}, {}) == ""


def test_days_and_latency() -> None:
    """One day is one date; found when July 5 was known, begun on July 3: after 3 days."""
    assert days_text(odd(first=3)) == "2026-07-03"
    assert days_text(odd(first=3, days=4)) == "2026-07-03 to 2026-07-06"
    assert (latency(odd(first=3, found=6)), latency(odd(first=3, found=4))) == (3, 1)


@pytest.mark.parametrize(
    ("p_value", "text"), [(0.5, "0.5"), (1e-6, "1e-06"), (9e-7, "< 1e-06"), (0.0, "< 1e-06")]
)
def test_a_p_value_is_short(p_value: float, text: str) -> None:
    """What is below a millionth is said to be so."""
    assert chance_text(p_value) == text


def test_an_alert_is_one_sentence() -> None:
    """What, where, how much with its range, when, mostly where, how sure, and the loss."""
    labels, causes = {"ServiceName": "S3"}, [({"ServiceName": "S3", "RegionId": "eu"}, 100)]
    [alert] = alerts_of(odd(labels=labels, causes=causes, chance=0.5))
    assert alert_title(alert) == "Spike, S3: +€100.00"
    assert alert_sentence(alert) == (
        "Spike, S3: +€100.00 (€90.00 to €110.00 with a chance of 80%), 2026-07-03, mostly RegionId eu, "
        "p-value 0.001; expected loss €50.00."
    )


def test_the_answer_counts_and_names_the_worthiest() -> None:
    """Seven alerts: five by name, two counted; what was not told is said with its reason."""
    alerts = alerts_of(*(odd(labels={"ServiceName": f"s{n}"}, mid=10 * n, first=3 * n) for n in range(1, 8)))
    said = answer(
        days=31, last=date(2026, 7, 31), anomalies=9, series=40, alerts=alerts, untold=1, explained=2
    )
    assert said[0] == "9 anomalies in 40 series in the 31 days to 2026-07-31: 7 alerts."
    assert [line.split(",")[1].split(":")[0] for line in said[1:6]] == [" s7", " s6", " s5", " s4", " s3"]
    assert said[6:] == [
        "2 more alerts below.",
        "Not told: 2 explained by a window, a plan or a label; "
        "1 over a budget, below its least loss, or coming and going.",
    ]
    one = answer(days=1, last=date(2026, 7, 31), anomalies=1, series=1, alerts=[], untold=0, explained=0)
    assert one == ["1 anomaly in 1 series in the 1 day to 2026-07-31: 0 alerts."]


def quiet(**more: object) -> Quiet:
    """Measure four anomalies in two alerts."""
    base = {"anomalies": 4, "alerts": 2, "compression": 2.0, "real": 0, "detected": 0, "undetected": 0,
            "false_alerts": 0, "missed": None, "missed_in_all": None}  # fmt: skip
    return Quiet(**{**base, **more})  # type: ignore[arg-type]  # fields by name


def test_what_got_lost_is_said() -> None:
    """A share with the step that lost each; without labels it is not known, and how to give them."""
    said = quiet_sentences(quiet(real=4, detected=4, missed=0.25, lost={"leak": "budget"}))
    assert said[0] == "4 anomalies, 2 alerts: 2.0 anomalies an alert."
    assert said[1] == "Of 4 incidents that labels call real, 25% got lost on the way: leak (budget)."
    assert "-p labels=FILE" in quiet_sentences(quiet())[-1]
    assert len(quiet_sentences(quiet(compression=None))) == 1


def test_an_incident_of_several_series_says_how_many_more() -> None:
    """Three teams' queues are one incident; a cause seen in two hierarchies is in one place."""
    queues = [odd(mid=30, labels={**team(name), "ServiceName": "Queue"}) for name in ("web", "api", "ml")]
    [crowd] = correlate(queues)
    assert incident_place(crowd).endswith(" / Queue and 2 more")
    assert incident_place(Incident((queues[0],))) == "web / Queue"
    by_team = odd(mid=100, labels=team("web"), causes=[({"ServiceName": "Compute"}, 100)])
    by_service = odd(mid=95, labels={"ServiceName": "Compute"}, causes=[(team("web"), 95)])
    [one] = correlate([by_team, by_service])
    assert incident_place(one) == "web"

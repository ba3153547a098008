"""What correlation and suppression lost, against a truth that is known."""

from __future__ import annotations

import pytest

from finops_lib.anomaly.alerts import Rules, alerts
from finops_lib.anomaly.incidents import Incident
from finops_lib.anomaly.measure import Real, about, measure, shows
from finops_lib.anomaly.windows import Window
from tests.anomaly.odd import day, odd, one, team

WEB = Real("web leak", team("web"), day(3), day(5))
API = Real("api loop", team("api"), day(3), day(5))
DOWN = Real("web down", team("web"), day(3), day(5), rises=False)


def test_an_anomaly_shows_what_it_shares_place_time_and_direction_with() -> None:
    """Up to two days after the end a late bill may still show it."""
    assert shows(odd(labels=team("web")), WEB)
    assert shows(odd(), WEB)
    assert shows(odd(labels={**team("web"), "RegionId": "eu"}), WEB)
    assert shows(odd(first=6, labels=team("web")), WEB)
    assert not shows(odd(first=7, labels=team("web")), WEB)
    assert not shows(odd(first=1, labels=team("web")), WEB)
    assert not shows(odd(labels=team("api")), WEB)
    assert not shows(odd(labels={"RegionId": "eu"}), WEB)
    assert not shows(odd(labels=team("web")), DOWN)


def test_an_alert_is_about_one_incident_alone() -> None:
    """Two that lie in web: the one with more columns in common."""
    narrow = Real("compute", {**team("web"), "ServiceName": "Compute"}, day(3), day(5))
    lead = odd(labels={**team("web"), "ServiceName": "Compute"})
    assert about(one(lead), [WEB, narrow]) == narrow
    assert about(one(odd()), [WEB]) is None
    assert about(one(odd(labels=team("ops"))), [WEB]) is None


def test_two_incidents_in_one_alert_lose_one() -> None:
    """Two anomalies, one alert that web leads: compression 2, and api is lost to correlation."""
    web, api = odd(mid=90, labels=team("web")), odd(mid=10, labels=team("api"))
    found = measure([web, api], [WEB, API], told=[Incident((web, api))])
    assert (found.compression, found.detected, found.missed) == (2.0, 2, 0.5)
    assert found.lost == {"api loop": "correlation"}
    assert found.missed_in_all == 0.5


def test_what_a_window_or_the_budget_keeps_back_is_lost_to_it() -> None:
    """Each with its own step; an undetected one is no loss of theirs, and counts in all."""
    web, api = odd(labels=team("web")), odd(labels=team("api"))
    truth = [WEB, API, Real("never seen", team("ops"), day(3), day(5))]
    found = measure([web, api], truth, told=[], suppressed=[one(web)], held_back=[one(api)])
    assert found.lost == {"web leak": "suppression", "api loop": "budget"}
    assert (found.compression, found.undetected, found.missed, found.missed_in_all) == (None, 1, 1.0, 1.0)


def test_an_alert_about_nothing_is_false() -> None:
    """One of two alerts is; nothing is lost."""
    web, noise = odd(labels=team("web")), odd(first=9, labels=team("ops"))
    found = measure([web, noise], [WEB], told=[one(web), one(noise)])
    assert (found.false_alerts, found.missed, found.lost) == (1, 0.0, {})


def test_without_truth_there_is_no_share() -> None:
    """No real incident is no share of anything, not zero."""
    found = measure([odd()], [], told=[one(odd())])
    assert (found.missed, found.missed_in_all, found.false_alerts) == (None, None, 1)


def test_forty_days_of_two_hundred_real_incidents_lose_few() -> None:
    """Each incident shows in its resource, team and total: three anomalies an incident, and fewer alerts.

    Of 40 days with five incidents each, in teams of their own, a window hides one team's eight. Nothing else
    may be lost: the total joins one incident of a day, and the four others keep their own alert.
    """
    anomalies, truth = [], []
    for number in range(40):
        for place in range(5):
            name = f"team{(number + place * 5) % 25}"
            labels, first = team(name), 1 + number
            resource = {**labels, "ResourceId": f"{name}-{number}"}
            truth.append(Real(f"{number}-{place}", resource, day(first), day(first + 1)))
            anomalies += [odd(first=first, mid=90 + place, labels=resource), odd(first=first, labels=labels)]
        anomalies.append(odd(first=first, mid=500, labels={}))
    window = Window("w", "ann", "known", {"tag:team": ("team3",)}, day(1), day(60))
    before, told, suppressed = (), {}, {}
    for number in range(2, 46):
        found = alerts(anomalies, now=day(number), before=before, rules=Rules(windows=(window,)))
        before = found.alerts
        told |= {each.key: each.incident for each in found.fresh}
        suppressed |= {each.incident.key: each.incident for each in found.suppressed}
    quiet = measure(anomalies, truth, told=told.values(), suppressed=suppressed.values())
    assert (quiet.detected, quiet.false_alerts) == (200, 0)
    assert set(quiet.lost.values()) <= {"suppression", "correlation"}
    by_window = sum(step == "suppression" for step in quiet.lost.values())
    assert by_window == sum(real.cell["tag:team"] == "team3" for real in truth)
    assert len(quiet.lost) - by_window == 0
    assert quiet.compression == pytest.approx(440 / (200 - by_window), rel=0.05)

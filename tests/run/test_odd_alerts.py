"""Alerts day by day: told once, put together, explained, labelled, and what got lost on the way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from finops_lib.anomaly.alerts import Rules
from finops_lib.anomaly.labels import Label
from finops_lib.anomaly.quota import Team
from finops_lib.anomaly.suppress import Plan
from finops_lib.anomaly.windows import Window
from finops_lib.records import Anomaly
from finops_lib.run.odd_alerts import Told, real_ones, told
from tests.anomaly.odd import day, odd, team

JULY = {"first": date(2026, 7, 1), "last": date(2026, 7, 31)}
WEB, API = {"tag:team": "web"}, {"tag:team": "api"}


def of(*anomalies: Anomaly, rules: Rules | None = None, labels: tuple[Label, ...] = (), **span: date) -> Told:
    """Live through July."""
    return told(anomalies, **{**JULY, **span}, rules=rules or Rules(), labels=labels)


def test_an_anomaly_is_told_on_the_day_it_is_found() -> None:
    """Begun on July 3 and found when July 5 was known: told on the 6th, once in 31 rounds."""
    found = of(odd(first=3, days=2, found=6))
    assert [one.told for one in found.alerts] == [day(6)]
    assert (found.rounds, found.untold, found.suppressed) == (31, (), ())


def test_what_is_found_after_the_last_day_is_not_told_yet() -> None:
    """The report of July 4 does not know what is found on July 6."""
    assert of(odd(first=3, days=2, found=6), last=date(2026, 7, 4)).alerts == ()
    assert len(of(odd(first=3, days=2, found=6), last=date(2026, 7, 5)).alerts) == 1


def test_one_incident_is_one_alert_with_all_that_it_ever_held() -> None:
    """The whole shows what comes from the web team, and is found a day later."""
    web, whole = odd(labels=WEB, mid=90, found=4), odd(mid=100, found=5)
    found = of(web, whole)
    [alert] = found.alerts
    assert {one.key for one in alert.incident.members} == {web.key, whole.key}
    assert alert.incident.lead.series == ("web",)
    assert found.of(whole) == found.of(web) == alert
    assert found.of(odd(labels=API)) is None


def test_what_only_showed_an_incident_is_none_of_its_own_when_that_is_over() -> None:
    """The whole's anomaly ends ten days after the team's; nobody is told of it again."""
    found = of(odd(labels=WEB, mid=90, days=2, found=4), odd(mid=100, days=12, found=4))
    assert len(found.alerts) == 1


def test_an_alert_that_turns_out_to_be_another_one_is_listed_once() -> None:
    """The whole is told on July 4 and web on July 7; only at the end is web most of the whole."""
    whole = odd("level_shift", first=3, days=3, mid=300, found=4)
    web = odd("ramp", first=5, days=1, mid=25, found=6, labels=WEB)
    later = odd("level_shift", first=5, days=1, mid=70, found=7, labels=WEB)
    found = of(whole, web, later)
    assert len(found.alerts) == 1
    assert {one.key for one in found.alerts[0].incident.members} == {whole.key, web.key, later.key}
    assert [one.told for one in (*found.alerts, *found.merged)] == [day(4), day(6)]
    assert found.measured([]).alerts == 2


def test_two_incidents_are_two_alerts_the_worthiest_first() -> None:
    """Of the same length, 200 are worth more than 100."""
    found = of(odd(labels=WEB, mid=100), odd(labels=API, mid=200))
    assert [one.incident.lead.series[0] for one in found.alerts] == ["api", "web"]


def test_money_and_days_are_those_known_at_the_end() -> None:
    """Ten days of 100 in all are 10 a day, though on the day of the alert only one had gone by."""
    [alert] = of(odd("level_shift", first=3, days=10, mid=100, found=4, chance=1.0)).alerts
    assert alert.priority is not None
    assert (alert.incident.days, alert.priority.daily) == (10, Decimal(10))


def test_a_plan_is_held_against_the_money_so_far() -> None:
    """100 in two days are 50 on the first one: a plan of 50 a day explains that, and so all of it."""
    plan = Plan("Launch", day(3), amount=Decimal(50), currency="EUR", scope={"tag:team": ("web",)})
    found = of(odd(labels=WEB, days=2, mid=100, found=4), rules=Rules(plans=(plan,)))
    assert (found.alerts, [one.name for one in found.suppressed]) == ((), ["Launch"])
    more = of(odd(labels=WEB, days=2, mid=200, found=4), rules=Rules(plans=(plan,)))
    assert len(more.alerts) == 1


def test_a_window_explains_and_is_named() -> None:
    """A window over July 3 suppresses what is in it, and not what comes on July 10."""
    window = Window("Load test", "ann", "before the sale", start=day(3), end=day(4))
    found = of(odd(labels=WEB), odd(labels=API, first=10), rules=Rules(windows=(window,)))
    assert [(one.name, one.incident.lead.series) for one in found.suppressed] == [("Load test", ("web",))]
    assert [one.incident.lead.series for one in found.alerts] == [("api",)]


def test_a_budget_holds_back_the_less_worthy() -> None:
    """One alert a week: of two on one day the worthier is told, the other never."""
    found = of(odd(labels=WEB, mid=10), odd(labels=API, mid=30), rules=Rules(teams=(Team("all", 1),)))
    assert [one.incident.lead.series for one in found.alerts] == [("api",)]
    assert [one.incident.lead.series for one in found.untold] == [("web",)]


def label(one: Anomaly, said: str) -> Label:
    """Say a word on an anomaly."""
    return Label("web", one.p_value, said, day(20), one.key)


def test_what_is_labelled_planned_needs_no_alert() -> None:
    """It is listed with what was said; what is labelled real is told."""
    web, api = odd(labels=WEB), odd(labels=API)
    found = of(web, api, labels=(label(web, "planned"), label(api, "real")))
    assert [(one.series, said) for one, said in found.labelled] == [(("web",), "planned")]
    assert [one.incident.lead.series for one in found.alerts] == [("api",)]


def test_lost_incidents_are_counted_against_labels() -> None:
    """Of three that people call real, a window hid one and a budget another: two thirds got lost."""
    hidden, web, api = odd(labels=team("a"), first=20), odd(labels=WEB, mid=10), odd(labels=API, mid=30)
    window = Window("w", "ann", "r", {"tag:team": ("a",)}, start=day(20), end=day(21))
    rules = Rules(teams=(Team("all", 1),), windows=(window,))
    ones = [hidden, web, api]
    quiet = of(*ones, rules=rules).measured(real_ones(ones, [label(one, "real") for one in ones]))
    assert (quiet.real, quiet.detected, quiet.missed) == (3, 3, 2 / 3)
    assert quiet.lost == {hidden.key: "suppression", web.key: "budget"}


def test_real_ones_are_those_last_called_so() -> None:
    """What was called real first and planned later is not; where and when come from the anomaly."""
    web, api = odd(labels=WEB), odd(labels=API, mid=-5)
    later = Label("web", 0.1, "planned", day(21), web.key)
    [one] = real_ones([web, api, api], [later, label(web, "real"), label(api, "real")])
    assert (one.name, dict(one.cell), one.start, one.rises) == (api.key, API, day(3), False)


def test_no_anomaly_is_no_alert() -> None:
    """The rounds are lived through all the same."""
    found = of()
    assert (found.alerts, found.rounds) == ((), 31)
    assert found.measured([]).compression is None

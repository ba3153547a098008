"""The budget of alerts: the worthiest are told, and nothing is lost."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finops_lib.anomaly.priority import priority
from finops_lib.anomaly.quota import Team, Valued, digest, share_out, team_of
from tests.anomaly.odd import day, odd, one, team

WEB = Team("web", 2, {"tag:team": ("web",)})
NOW = day(5)


def valued(mid: object, whose: Team = WEB, *, unit: str = "EUR") -> Valued:
    """Make an incident of a certain anomaly of one day."""
    incident = one(odd(mid=mid, labels={**team("web"), "ResourceId": f"{mid}"}, chance=1.0, unit=unit))
    return Valued(incident, priority(incident, now=NOW), whose)


def test_the_worthiest_are_told_and_the_others_counted() -> None:
    """Of 10, 40, 30 and 20, a budget of two takes 40 and 30; the digest has 2 with 30 euros."""
    alerts, (rest,) = share_out([valued(mid) for mid in (10, 40, 30, 20)], told={}, now=NOW)
    assert [each.priority.loss for each in alerts] == [40, 30]
    assert (rest.team, rest.count, rest.money) == ("web", 2, {"EUR": Decimal(30)})
    assert rest.keys == (valued(20).incident.key, valued(10).incident.key)


def test_alerts_of_the_last_seven_days_are_off_the_budget() -> None:
    """One from six days ago leaves one; one from seven days ago, or another team's, leaves both."""
    some = [valued(mid) for mid in (10, 40, 30)]
    assert len(share_out(some, told={"web": [day(-1)]}, now=NOW)[0]) == 1
    assert len(share_out(some, told={"web": [day(-2)], "api": [day(4)] * 9}, now=NOW)[0]) == 2
    assert share_out(some, told={"web": [day(4)] * 9}, now=NOW)[0] == ()


def test_what_is_below_the_least_loss_is_no_alert() -> None:
    """35 at least: only 40 is one, although the budget has room for more."""
    strict = Team("web", 2, {"tag:team": ("web",)}, Decimal(35))
    alerts, (rest,) = share_out([valued(mid, strict) for mid in (40, 34)], told={}, now=NOW)
    assert ([each.priority.loss for each in alerts], rest.count) == ([40], 1)


def test_falls_do_not_make_up_for_rises() -> None:
    """30 up and 20 down are 50 of money that moved; dollars stand on their own."""
    some = [valued(30).incident, valued(-20).incident, valued(7, unit="USD").incident]
    assert digest("web", some).money == {"EUR": Decimal(50), "USD": Decimal(7)}


def test_an_incident_is_the_first_team_s_whose_scope_holds_it() -> None:
    """One of nobody is never cut."""
    teams = (Team("db", 1, {"ServiceName": ("Database",)}), WEB)
    both = one(odd(labels={**team("web"), "ServiceName": "Database"}))
    assert [team_of(each, teams).name for each in (both, one(odd(labels=team("web"))))] == ["db", "web"]
    assert team_of(one(odd()), teams).alerts_a_week >= 1_000_000


@given(st.lists(st.integers(-1000, 1000).filter(bool), unique=True, max_size=12), st.integers(0, 5))
def test_nothing_is_lost(money: list[int], budget: int) -> None:
    """Alerts and digests together hold each incident once, and all of the money."""
    whose = Team("web", budget)
    some = [valued(mid, whose) for mid in money]
    alerts, digests = share_out(some, told={}, now=NOW)
    keys = [each.incident.key for each in alerts] + [key for each in digests for key in each.keys]
    assert sorted(keys) == sorted(each.incident.key for each in some)
    assert len(alerts) == min(budget, len(money))
    told = sum((abs(each.incident.impact.mid) for each in alerts), Decimal(0))
    assert told + sum(each.money.get("EUR", Decimal(0)) for each in digests) == sum(map(abs, money))

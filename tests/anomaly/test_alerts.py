"""Rounds of alerts day by day: told once, held back, suppressed, escalated, over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from finops_lib.anomaly.alerts import Round, Rules, alerts
from finops_lib.anomaly.escalation import Step
from finops_lib.anomaly.lifecycle import OVER, Alert
from finops_lib.anomaly.priority import Stakes, Tier
from finops_lib.anomaly.quota import Team
from finops_lib.anomaly.suppress import Plan
from finops_lib.anomaly.windows import Window
from finops_lib.records.anomalies import Anomaly
from tests.anomaly.odd import day, odd, team

WEB = {"tag:team": ("web",)}
TEAM = Team("web", 2, WEB, steps=(Step(60, "lead"), Step(240, "head")))
RULES = Rules(teams=(TEAM,))
SHIFT = odd("level_shift", days=2, labels=team("web"))


def replay(anomalies: Sequence[Anomaly], days: Sequence[int], rules: Rules = RULES) -> list[Round]:
    """Run a round each day with what the one before kept."""
    found: list[Round] = []
    for number in days:
        before = found[-1].alerts if found else ()
        found.append(alerts(anomalies, now=day(number), before=before, rules=rules))
    return found


def test_an_alert_is_told_once_and_then_is_over() -> None:
    """Known on the 5th, told on the 5th; nothing more is seen after the 8th, and on the 9th it is over."""
    rounds = replay([SHIFT], range(4, 12))
    assert [len(each.fresh) for each in rounds] == [0, 1, 0, 0, 0, 0, 0, 0]
    assert [len(each.resolved) for each in rounds] == [0, 0, 0, 0, 0, 1, 0, 0]
    keys = {each.key for found in rounds for each in found.alerts}
    assert keys == {SHIFT.key}
    assert rounds[1].fresh[0].told == day(5)


def test_a_round_is_repeatable() -> None:
    """The same day again tells nothing new and changes nothing."""
    (first,) = replay([SHIFT], [5])
    again = alerts([SHIFT], now=day(5), before=first.alerts, rules=RULES)
    assert (again.fresh, again.alerts) == ((), first.alerts)


def test_what_is_found_later_is_not_known_yet() -> None:
    """An anomaly of the 3rd that a late bill showed on the 20th is told on the 20th."""
    late = odd(first=3, found=20, labels=team("web"))
    rounds = replay([late], [5, 19, 20])
    assert [len(each.fresh) for each in rounds] == [0, 0, 1]


def test_an_alert_keeps_its_key_while_more_is_seen() -> None:
    """A narrower series leads from the second day on; nobody is told again."""
    first = alerts([SHIFT], now=day(5), rules=RULES)
    narrow = odd("level_shift", days=3, mid=90, labels={**team("web"), "ServiceName": "Compute"})
    second = alerts([SHIFT, narrow], now=day(6), before=first.alerts, rules=RULES)
    (alert,) = second.alerts
    assert (alert.key, alert.incident.lead, second.fresh) == (SHIFT.key, narrow, ())


def test_the_team_that_an_alert_turns_out_to_be_of_is_told() -> None:
    """The total was nobody's and told to everybody; web, which explains it a day later, hears of it too."""
    total = odd("level_shift", days=2, labels={})
    first = alerts([total], now=day(5), rules=RULES)
    assert [each.team for each in first.fresh] == ["everybody else"]
    web = odd("level_shift", days=3, mid=90, labels=team("web"))
    second = alerts([total, web], now=day(6), before=first.alerts, rules=RULES)
    assert [(each.team, each.key, each.told) for each in second.fresh] == [("web", total.key, day(6))]
    assert alerts([total, web], now=day(7), before=second.alerts, rules=RULES).fresh == ()


def test_the_budget_holds_over_days_and_the_rest_can_come_later() -> None:
    """Two a week: 40 and 30 on the 5th, 20 in the digest, and told on the 12th if it still goes on."""
    some = [
        odd(kind, days=9, mid=mid, found=5, labels={**team("web"), "ServiceName": f"{mid}"})
        for mid, kind in ((20, "level_shift"), (40, "ramp"), (30, "new"))
    ]
    first, later, at_last = replay(some, [5, 11, 12])
    assert [each.incident.impact.mid for each in first.fresh] == [40, 30]
    assert [(each.count, each.money) for each in first.digests] == [(1, {"EUR": Decimal(20)})]
    assert (later.fresh, [each.count for each in later.digests]) == ((), [1])
    assert [each.incident.impact.mid for each in at_last.fresh] == [20]


def test_nobody_is_told_of_what_a_window_or_plan_explains() -> None:
    """Both say so, and neither is an alert."""
    window = Window("Move", "ann", "hall", WEB, day(3), day(5))
    for rules in (Rules((TEAM,), windows=(window,)), Rules((TEAM,), plans=(Plan("P", day(3), scope=WEB),))):
        (found,) = replay([SHIFT], [5], rules)
        assert (found.alerts, len(found.suppressed), found.incidents) == ((), 1, 1)


def test_a_flapping_alert_is_held_back() -> None:
    """A spike each third day comes and goes: 1, 2.29 and 2.94 are told, 3.26 and all after it are held.

    Two days pass until it is over (x 2^(-2/3), plus one), and one until the next (x 2^(-1/3), plus one).
    """
    spikes = [odd(first=1 + 3 * number, labels=team("web")) for number in range(8)]
    rules = replace(RULES, teams=(Team("web", 100, WEB),), still=day(2) - day(1))
    rounds = replay(spikes, range(2, 26), rules)
    told = [number for number, each in zip(range(2, 26), rounds, strict=True) if each.fresh]
    held = {each.key for found in rounds for each in found.held}
    assert told == [2, 5, 8]
    assert held == {each.key for each in spikes[3:]}


def test_timers_run_until_somebody_answers() -> None:
    """Told at noon: the lead after one hour, nobody before; an answer stops the head's."""
    first = alerts([SHIFT], now=day(5), rules=RULES)
    assert first.due == ()
    second = alerts([SHIFT], now=day(5, 1), before=first.alerts, rules=RULES)
    assert [(step.to, step.place) for step in second.due] == [("lead", 0)]
    escalated = [each.escalated(0) for each in second.alerts]
    assert alerts([SHIFT], now=day(5, 3), before=escalated, rules=RULES).due == ()
    assert len(alerts([SHIFT], now=day(5, 4), before=escalated, rules=RULES).due) == 1
    answered = [each.acknowledged(day(5, 2), by="ann") for each in escalated]
    assert alerts([SHIFT], now=day(5, 9), before=answered, rules=RULES).due == ()


def test_a_silenced_alert_is_not_told_and_stays_known() -> None:
    """An alert silenced before it could be told is told when its silence is over."""
    strict = Rules(teams=(Team("web", 0, WEB),))
    first = alerts([SHIFT], now=day(5), rules=strict)
    quiet = [each.silenced(day(5), until=day(7), by="ann") for each in first.alerts]
    assert alerts([SHIFT], now=day(6), before=quiet, rules=RULES).fresh == ()
    assert len(alerts([SHIFT], now=day(7), before=quiet, rules=RULES).fresh) == 1


def test_what_was_over_is_forgotten_at_last() -> None:
    """It is kept for 30 days, so that it is known when it comes back."""
    rounds = replay([SHIFT], [5, 9, 39, 40])
    assert [[each.state for each in found.alerts] for found in rounds[1:]] == [[OVER], [OVER], []]


def test_the_same_anomaly_that_comes_back_is_one_alert() -> None:
    """Its key is there once, not as an open and a resolved one."""
    rounds = replay([SHIFT], [5, 9])
    again = replace(SHIFT, end=day(12), found=day(12))
    back = alerts([again], now=day(12), before=rounds[-1].alerts, rules=RULES)
    assert [each.key for each in back.alerts] == [SHIFT.key]
    assert [len(each.turns) for each in back.fresh] == [3]


def test_nothing_odd_is_no_alert() -> None:
    """No anomalies, no rules, no trouble."""
    found = alerts([], now=day(5))
    assert (found.alerts, found.fresh, found.digests, found.due) == ((), (), (), ())


def test_an_alert_is_urgent_that_is_larger_than_those_of_the_week_or_in_a_heavy_tier() -> None:
    """The first of a team is; then 30 after 90 is not, 400 is; 10 in a tier of weight 3 is again."""
    first, small, large = (
        odd(
            "level_shift",
            first=day_,
            found=day_ + 1,
            mid=mid,
            labels={**team("web"), "ServiceName": f"{mid}"},
        )
        for day_, mid in ((3, 90), (5, 30), (7, 400))
    )
    rounds = replay([first, small, large], range(4, 9), Rules())
    assert [each.urgent for each in rounds if each.fresh] == [(first.key,), (), (large.key,)]
    heavy = Rules(stakes=Stakes(tiers=(Tier("shop", 3, {"ServiceName": ("30",)}),)))
    assert replay([first, small], range(4, 7), heavy)[-1].urgent == (small.key,)


def test_what_grew_is_said_once_and_never_while_silenced() -> None:
    """50 a day since the 3rd, 200 a day on the 8th; silenced on the 6th nothing is said."""
    small, large = (
        odd("level_shift", days=n, mid=mid, labels=team("web")) for n, mid in ((2, 100), (5, 1000))
    )
    (told,) = replay([small], [5])
    grown = alerts([large], now=day(8), before=told.alerts, rules=RULES)
    assert [(each.key, each.grown, each.told) for each in grown.grown] == [(small.key, day(8), day(5))]
    assert alerts([large], now=day(9), before=grown.alerts, rules=RULES).grown == ()
    quiet = [each.silenced(day(6), until=day(20), by="ann") for each in told.alerts]
    assert alerts([large], now=day(8), before=quiet, rules=RULES).grown == ()
    assert [Alert.from_json(each.to_json()) for each in grown.alerts] == list(grown.alerts)

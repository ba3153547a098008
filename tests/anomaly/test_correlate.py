"""Which anomalies are one incident, and which must stay two."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from time import perf_counter

from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.anomaly.correlate import Closeness, correlate
from finops_lib.records.anomalies import Anomaly
from tests.anomaly.odd import odd, team


def grouped(anomalies: list[Anomaly]) -> list[set[str]]:
    """Give the keys of each incident."""
    return [{each.key for each in found.members} for found in correlate(anomalies)]


def test_a_wider_series_joins_the_one_that_explains_it() -> None:
    """Total 100 and web 90 are one incident that web leads; api with 9 is another one."""
    total, web, api = odd(mid=100), odd(mid=90, labels=team("web")), odd(mid=9, labels=team("api"))
    incidents = correlate([total, api, web])
    assert [(found.lead, found.symptoms) for found in incidents if found.lead != api] == [(web, (total,))]
    assert len(incidents) == 2
    assert incidents[0].impact.mid + incidents[1].impact.mid == 99


def test_a_total_does_not_make_two_causes_one() -> None:
    """Web and api with 45 each explain the total together, and stay two incidents."""
    total, web, api = odd(mid=100), odd(mid=46, labels=team("web")), odd(mid=44, labels=team("api"))
    found = {incident.lead.series: len(incident.members) for incident in correlate([total, web, api])}
    assert found == {("web",): 2, ("api",): 1}


def test_a_chain_of_series_is_led_by_the_narrowest() -> None:
    """Total, team, and service of the team: one incident, found at the service."""
    service = odd(mid=80, labels={**team("web"), "ServiceName": "Compute"})
    (found,) = correlate([odd(mid=100), odd(mid=90, labels=team("web")), service])
    assert (found.lead, len(found.symptoms), found.impact.mid) == (service, 2, 80)


def test_many_small_ones_are_symptoms_of_the_wide_one() -> None:
    """Ten teams with 5 of 100 each: a price that rose for all of them; five small ones are not many."""
    small = [odd("level_shift", mid=5, labels=team(f"t{number}")) for number in range(10)]
    (found,) = correlate([odd("level_shift", mid=100), *small])
    assert (found.lead.series, len(found.symptoms)) == ((), 10)
    assert len(correlate([odd("level_shift", mid=100), *small[:2]])) == 3
    apart = [odd("level_shift", mid=5, labels={f"c{number}": f"{number}"}) for number in range(6)]
    assert len(correlate([odd("level_shift", mid=100), *apart[:5]])) == 6
    assert len(correlate([odd("level_shift", mid=100), *apart])) == 1


def test_an_account_and_its_only_service_are_one_though_the_service_began_to_be_odd_later() -> None:
    """Three days of the account hold 120, one day of its service 27: 40 and 27 a day, and both go on."""
    account, service = {"SubAccountId": "1"}, {"SubAccountId": "1", "ServiceName": "Support"}
    wide = odd("level_shift", first=1, days=3, mid=120, labels=account)
    narrow = odd("level_shift", first=3, days=1, mid=27, labels=service)
    [found] = correlate([wide, narrow])
    assert (found.lead, found.symptoms) == (narrow, (wide,))
    over = odd("spike", first=1, days=1, mid=27, labels=service)
    longer = odd("level_shift", first=1, days=5, mid=200, labels=account)
    assert len(correlate([longer, over])) == 2  # the account went on for three days without it


def test_a_series_below_that_holds_nearly_all_explains_it_whatever_their_cells() -> None:
    """The account lies mostly in a region, its service in a meter; 90 of 100 are one thing, 60 are not."""
    account, service = {"SubAccountId": "1"}, {"SubAccountId": "1", "ServiceName": "VM"}
    wide = odd(mid=100, labels=account, causes=[({"RegionId": "eu"}, 70)])
    narrow, small = (odd(mid=mid, labels=service, causes=[({"SkuMeter": "m5"}, mid)]) for mid in (90, 60))
    [found] = correlate([wide, narrow])
    assert (found.lead, found.symptoms) == (narrow, (wide,))
    assert len(correlate([wide, small])) == 2


def test_what_lies_in_the_very_cell_of_a_wide_move_is_part_of_it() -> None:
    """Power of one site costs more: so it does for two teams there, and nobody is told of three things."""
    power = {"SkuMeter": "power"}
    wide = odd("level_shift", mid=100, days=9, labels={"SubAccountId": "1"}, causes=[(power, 95)])
    teams = [
        odd("level_shift", mid=mid, days=9, labels=team(name), causes=[({"SubAccountId": "1", **power}, mid)])
        for name, mid in (("web", 12), ("api", 8))
    ]
    [found] = correlate([wide, *teams])
    assert (found.lead, found.symptoms, found.impact.mid) == (wide, tuple(teams), 100)
    cell = {"SubAccountId": "1", **power}
    shorter = odd("level_shift", mid=12, days=4, labels=team("web"), causes=[(cell, 12)])
    assert len(correlate([wide, shorter])) == 2


def test_one_service_in_three_teams_on_one_day_is_one_incident() -> None:
    """They differ in the team alone; two teams, or another service in the third, may be chance."""
    queues = [odd(mid=30, labels={**team(name), "ServiceName": "Queue"}) for name in ("web", "api", "ml")]
    [found] = correlate(queues)
    assert found.impact.mid == 90
    assert len(correlate(queues[:2])) == 2
    assert len(correlate([*queues[:2], odd(mid=30, labels={**team("ml"), "ServiceName": "Disk"})])) == 3


def test_one_cause_seen_in_two_hierarchies_is_one() -> None:
    """By team the cell is Compute, by service it is web: the same cell, and its money once."""
    by_team = odd(mid=100, labels=team("web"), causes=[({"ServiceName": "Compute"}, 100)])
    by_service = odd(mid=95, labels={"ServiceName": "Compute"}, causes=[(team("web"), 95)])
    (found,) = correlate([by_team, by_service])
    assert (found.causes, found.impact.mid) == ((by_team, by_service), 100)


def test_what_began_at_another_time_is_another_incident() -> None:
    """Two days apart are near, three are not; a lasting shift does not swallow a later spike."""
    shift = odd("level_shift", first=3, days=20, labels=team("web"))
    assert len(correlate([shift, odd(first=5, labels=team("web"))])) == 1
    assert len(correlate([shift, odd(first=6, labels=team("web"))])) == 2


def test_a_rise_and_a_fall_are_two_incidents_and_so_are_two_currencies() -> None:
    """They cancel in no incident: 100 up and 100 down in one part, and euros beside dollars."""
    assert len(correlate([odd(mid=100, labels=team("web")), odd("drop", mid=-100, labels=team("web"))])) == 2
    assert len(correlate([odd(labels=team("web")), odd("ramp", labels=team("web"), unit="USD")])) == 2


def test_one_change_near_two_parts_is_one_incident() -> None:
    """Without it they are two, and with it the larger one leads."""
    web, api = odd(mid=60, labels=team("web")), odd(mid=70, labels=team("api"))
    assert len(correlate([web, api])) == 2
    web, api = (
        odd(mid=mid, labels=team(name), changes=["release 7"]) for name, mid in (("web", 60), ("api", 70))
    )
    (found,) = correlate([web, api])
    assert (found.lead, found.impact.mid) == (api, 130)
    assert found.why == ("they began near the same change",)


def test_three_siblings_on_one_day_are_no_chance() -> None:
    """Three new services below one team are one incident; on two days, or two of them, they are not."""

    def service(name: str, first: int = 3) -> Anomaly:
        return odd("new", first=first, labels={**team("web"), "ServiceName": name})

    assert len(correlate([service("a"), service("b"), service("c")])) == 1
    assert len(correlate([service("a"), service("b"), service("c", first=4)])) == 3
    other = odd("new", labels={"RegionId": "web", "ServiceName": "c"})
    assert len(correlate([service("a"), service("b"), other])) == 3


def test_of_one_anomaly_seen_twice_the_later_word_counts() -> None:
    """Yesterday it was 10, today 100: one incident of 100."""
    (found,) = correlate([odd("ramp", mid=10, labels=team("web")), odd("ramp", mid=100, labels=team("web"))])
    assert (len(found.members), found.impact.mid) == (1, 100)


LABELS = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(["x", "y"]), max_size=3)
MANY = st.lists(
    st.builds(
        odd,
        st.sampled_from(["spike", "level_shift"]),
        first=st.integers(1, 9),
        mid=st.integers(-100, 100),
        labels=LABELS,
        changes=st.lists(st.sampled_from(["p", "q"]), max_size=1),
    ),
    max_size=25,
)


@given(MANY, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_every_anomaly_is_in_one_incident_whatever_their_order(
    anomalies: list[Anomaly], chance: random.Random
) -> None:
    """Nothing is lost or told twice, no incident mixes signs, and another order gives the same incidents."""
    unique = list({each.key: each for each in anomalies}.values())
    shuffled = chance.sample(unique, len(unique))
    groups = grouped(unique)
    assert Counter(key for group in groups for key in group) == Counter({each.key: 1 for each in unique})
    assert sorted(map(sorted, groups)) == sorted(map(sorted, grouped(shuffled)))
    for found in correlate(unique):
        assert len({each.cost_impact.mid >= 0 for each in found.members}) == 1


def test_ten_thousand_anomalies_of_one_day_are_correlated_in_seconds() -> None:
    """A flood: 10,000 parts of one region with a total; time stays far from growing with the square."""
    flood = [odd(mid=5, labels={"RegionId": "eu", "ResourceId": f"r{number}"}) for number in range(10_000)]
    start = perf_counter()
    found = correlate([odd(mid=50_000, labels={"RegionId": "eu"}), *flood])
    assert perf_counter() - start < 20
    assert sum(len(each.members) for each in found) == 10_001
    assert len(found) == 1


def test_closeness_is_adjustable() -> None:
    """With a week between them they are one."""
    apart = [odd(first=3, labels=team("web")), odd(first=9, labels=team("web"))]
    assert len(correlate(apart, closeness=Closeness(gap=timedelta(days=7)))) == 1

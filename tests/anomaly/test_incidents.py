"""An incident: where it lies, and its money counted once."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from finops_lib.anomaly.incidents import Incident, cell_of, days_of, finding, together, within
from tests.anomaly.odd import day, money, odd, one, team

WEB_COMPUTE = {"tag:team": "web", "ServiceName": "Compute"}


def test_a_cell_with_half_of_the_money_narrows_the_series() -> None:
    """60 of 100 do, 49 do not, and a part that went the other way never does."""
    main = odd(labels=team("web"), causes=[({"ServiceName": "Compute"}, 60), ({}, 40)])
    assert cell_of(main) == WEB_COMPUTE
    assert cell_of(odd(labels=team("web"), causes=[({"ServiceName": "Compute"}, 49)])) == team("web")
    assert cell_of(odd(mid=-100, causes=[({"ServiceName": "Compute"}, 60), ({}, -160)])) == {}


def test_a_scope_holds_a_cell_that_lies_in_it_wholly() -> None:
    """The total lies in the scope of everything alone; a value not listed is outside."""
    scope = {"tag:team": ("web", "api"), "RegionId": ("eu",)}
    assert within({**team("web"), "RegionId": "eu", "ServiceName": "x"}, scope)
    assert not within(team("web"), scope)
    assert not within({**team("ops"), "RegionId": "eu"}, scope)
    assert within({}, {})


def test_money_is_counted_once() -> None:
    """Web holds web/Compute; the shape by team (60 + 30) exceeds that by region (80): 90, not 170 or 215."""
    found = [
        odd(mid=60, labels=team("web")),
        odd(mid=45, labels=WEB_COMPUTE),
        odd(mid=30, labels=team("api")),
        odd(mid=80, labels={"RegionId": "eu"}),
    ]
    assert (together(found).mid, together(found).low, together(found).high) == (90, 81, 99)


def test_two_anomalies_of_one_series_count_as_the_larger() -> None:
    """A spike of 10 at the beginning of a level shift of 70 is in the 70."""
    found = [odd(mid=10, labels=team("web")), odd("level_shift", mid=70, labels=team("web"))]
    assert together(found).mid == 70


def test_currencies_are_not_added() -> None:
    """Euros and dollars have no sum, and nothing has none."""
    with pytest.raises(ValueError, match="one currency"):
        together([odd(), odd(unit="USD")])
    with pytest.raises(ValueError, match="0 anomalies"):
        together([])


def test_begun_days_count() -> None:
    """Nothing of a day is one day; three days are three."""
    assert [days_of(odd(days=length)) for length in (0, 1, 3)] == [1, 1, 3]


def test_an_incident_speaks_for_its_causes() -> None:
    """It lies in what its causes share, lasts from the first to the last, and has the key of its lead."""
    found = one(
        odd(first=4, labels={**team("web"), "RegionId": "eu"}), odd(first=3, days=4, labels=team("web"))
    )
    assert (found.cell, found.start, found.end, found.days) == (team("web"), day(3), day(7), 4)
    assert found.key == found.lead.key


def test_an_incident_is_what_its_json_says() -> None:
    """It goes to JSON text and back with all its anomalies."""
    cause = odd(causes=[(team("web"), 100)], changes=["deploy 1"], evidence=["twice the usual"])
    found = Incident((cause,), (odd(labels=team("web"), mid="12.5"),), ("near",))
    assert Incident.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_a_finding_is_a_fact() -> None:
    """A late bill becomes an anomaly that is certain, with what is at stake as its money."""
    late = finding(
        "late_bill", labels=team("web"), start=day(1), end=day(3), at_stake=money(40), seen="no rows"
    )
    assert (late.p_value, late.chance_real, late.cost_impact.mid) == (0.0, 1.0, Decimal(40))
    assert (late.series, late.evidence) == (("web",), ("no rows",))

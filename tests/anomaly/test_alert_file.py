"""The alerts file: teams with their budgets and timers, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops_lib.anomaly.alert_file import parse
from finops_lib.anomaly.escalation import Step
from finops_lib.errors import SettingsError

WEB = """
[[team]]
name = "web"
owner = "ann"
alerts_a_week = 3
weight = 2.5
least = 10
scope = { "tag:team" = ["web", "shop"] }
escalate = [{ minutes = 30, to = "lead" }, { minutes = 120, to = "head" }]
"""


def test_a_team_is_read_with_all_it_has() -> None:
    """Budget, least loss, scope and steps; its tier has the same scope."""
    (team,), (tier,) = parse(WEB, name="a.toml")
    assert (team.name, team.owner, team.alerts_a_week, team.least) == ("web", "ann", 3, Decimal(10))
    assert team.steps == (Step(30, "lead"), Step(120, "head"))
    assert team.scope == tier.scope == {"tag:team": ("web", "shop")}
    assert tier.weight == Decimal("2.5")


def test_a_team_needs_little() -> None:
    """Without more it gets everything, weighs one, and nobody is told later."""
    (team,), (tier,) = parse('[[team]]\nname = "all"\nowner = "ann"\nalerts_a_week = 0\n', name="a.toml")
    assert (team.scope, team.least, team.steps, tier.weight) == ({}, 0, (), 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("alerts_a_week = 3", "alerts_a_week = -1"), "alerts_a_week -1"),
        (("alerts_a_week = 3", "alerts_a_week = 2.5"), "alerts_a_week 2.5"),
        (("alerts_a_week = 3", "alerts_a_week = true"), "alerts_a_week True"),
        (("weight = 2.5", "weight = 0"), "weight '0'"),
        (("least = 10", "least = -1"), "a loss is 0 or more"),
        (("minutes = 120", "minutes = 30"), "its minutes ascend"),
        (("minutes = 30", "minutes = 1e3"), "escalate minutes"),
        (('to = "lead"', 'too = "lead"'), "no to"),
        (("owner", "owners"), "no owner"),
        (('"web"\n', '"w\\nb"\n'), "one line"),
    ],
)
def test_what_is_no_team_is_named(change: tuple[str, str], said: str) -> None:
    """Counts, weights, losses, times and names that mean nothing."""
    with pytest.raises(SettingsError, match=said):
        parse(WEB.replace(*change, 1), name="a.toml")


def test_two_teams_of_one_name_are_refused() -> None:
    """Their budgets could not be told apart."""
    with pytest.raises(SettingsError, match="'web' twice"):
        parse(WEB * 2, name="a.toml")

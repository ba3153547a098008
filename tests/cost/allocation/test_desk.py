"""Rules move money one after the other: what each takes, what it leaves, and the step that it writes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from finops_lib.cost.allocation.desk import Desk
from finops_lib.cost.allocation.rules import Rule

LINES = pd.DataFrame(
    {"team": ["web", "(none)", "(none)"], "ServiceName": ["A", "A", "B"]},
    dtype=object,
)


def desk(*counts: int, usage: pd.DataFrame | None = None) -> Desk:
    """Put these units on the lines."""
    line = np.arange(len(counts), dtype=np.int64)
    count = np.array(counts, dtype=object)
    return Desk(LINES, line=line, count=count, usage=usage, clusters=None, seed=0)


def held(at: Desk) -> dict[tuple[int, str | None], int]:
    """Say who holds how much of which line."""
    return dict(zip(zip(at.line.tolist(), at.team.tolist(), strict=True), at.count.tolist(), strict=True))


def fixed(source: str = "", where: Any = None, **shares: str) -> Rule:
    """Write a rule of fixed shares."""
    return Rule(
        "f", "fixed", where or {}, source, shares={team: Decimal(share) for team, share in shares.items()}
    )


def test_a_rule_takes_what_is_left() -> None:
    """The tag takes line 0; service A is left on line 1 alone; nobody takes line 2."""
    at = desk(10, 10, 10)
    at.apply(Rule("tag", "direct", by="team"))
    at.apply(fixed(where={"ServiceName": ("A",)}, a="0.5", b="0.5"))
    assert held(at) == {(0, "web"): 10, (1, "a"): 5, (1, "b"): 5, (2, None): 10}


def test_a_rule_with_a_source_takes_that_teams_money_only() -> None:
    """What web holds goes on, and web may keep a part of it."""
    at = desk(10, 10, 10)
    at.apply(Rule("tag", "direct", by="team"))
    at.apply(fixed(source="web", web="0.2", ml="0.8"))
    assert held(at) == {(0, "web"): 2, (0, "ml"): 8, (1, None): 10, (2, None): 10}


def test_a_source_that_holds_nothing_moves_nothing() -> None:
    """A team not seen before, or one that has given all away: no step, no change."""
    at = desk(10, 10, 10)
    at.apply(fixed(source="web", ml="1"))
    assert at.steps == []
    at.apply(fixed(web="1"))
    at.apply(fixed(source="web", ml="1"))
    at.apply(fixed(source="web", ops="1"))
    assert len(at.steps) == 2
    assert held(at) == {(line, "ml"): 10 for line in range(3)}


def test_money_of_one_team_on_one_line_is_one_part() -> None:
    """Two rules that give line 0 to ml leave one part of it."""
    at = desk(10, 10, 10)
    at.apply(fixed(where={"team": ("web",)}, ml="0.5", ops="0.5"))
    at.apply(fixed(source="ops", ml="1"))
    assert held(at)[0, "ml"] == 10
    assert len(at.line) == 3


def test_units_that_do_not_divide_are_not_lost() -> None:
    """10 by three, and a credit of 7: each line keeps its own sum."""
    at = desk(10, -7, 0)
    at.apply(Rule("e", "even", to=("a", "b", "c")))
    sums = [sum(at.count[at.line == line]) for line in range(3)]
    assert sums == [10, -7, 0]


def test_each_step_says_what_was_taken_and_given() -> None:
    """One step for each value of the key, also where it has no answer."""
    at = desk(10, 20, 30)
    at.apply(Rule("tag", "direct", by="team"))
    placed, dry = at.steps
    assert (placed.key, placed.lines.tolist(), placed.given.tolist()) == ("web", [0], [[10]])
    assert (dry.key, dry.lines.tolist(), dry.taken.tolist()) == ("(none)", [1, 2], [20, 30])
    assert (dry.given.shape, dry.split.reason) == ((2, 0), "team has no value")


def test_proportional_rules_see_what_stands_before_them() -> None:
    """Web holds 10, ml 30 when the last line comes: a quarter and three."""
    at = desk(10, 30, 8)
    at.apply(Rule("tag", "direct", by="team"))
    at.apply(fixed(where={"ServiceName": ("A",)}, ml="1"))
    at.apply(Rule("p", "proportional"))
    assert held(at)[2, "web"] == 2
    assert held(at)[2, "ml"] == 6


def test_a_cluster_without_a_report_stays_where_it_is() -> None:
    """No report was handed in: the reason says so."""
    at = desk(1, 1, 1)
    at.apply(Rule("c", "cluster", by="team"))
    assert {step.split.reason for step in at.steps} == {"no report of team web", "no report of team (none)"}
    assert set(at.team) == {None}


def test_a_part_that_no_team_has_stays_for_the_next_rule() -> None:
    """Half was used by nobody known: it waits, and the next rule takes it."""
    usage = pd.DataFrame({"consumer": ["web", None], "metric": "m", "value": [1, 1]}, dtype=object)
    at = desk(10, 10, 10, usage=usage)
    at.apply(Rule("u", "usage", metric="m"))
    assert held(at)[2, None] == 5
    at.apply(fixed(ops="1"))
    assert held(at)[2, "ops"] == 5

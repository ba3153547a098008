"""How the sample company shares costs: files that the product reads, with every method in use."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from finops_lib.cost import metrics_file
from finops_lib.cost.allocation import rule_file
from finops_lib.cost.allocation.rules import METHODS, RuleFile
from finops_lib.estate.sharing import METRICS_FILE, RULES_FILE, metrics, rules_text, write_sharing
from finops_lib.estate.tagging import TEAMS
from finops_lib.records import Period

MONTHS = tuple(f"2026-0{month}" for month in range(1, 10))


def rules() -> RuleFile:
    """Read the rules as the product does."""
    return rule_file.parse(rules_text(MONTHS), name=RULES_FILE)


def test_the_rules_use_every_method_and_all_teams() -> None:
    """As a reader who looks for an example finds one of each; spellings lead to real teams."""
    found = rules()
    assert {rule.method for rule in found.rules} == set(METHODS)
    named = {team for rule in found.rules for team in (*rule.teams.values(), *rule.to, *rule.shares)}
    assert named == set(TEAMS)
    assert [cost.metric for cost in found.unit_costs] == [
        "customers",
        "requests",
        "million_tokens",
        "gpu_hours",
    ]
    assert {cost.metric: cost.combined for cost in found.unit_costs}["customers"] == "mean"


def test_support_is_shared_anew_from_april() -> None:
    """Six months before the newest one has its end: March by the old shares, April by the new."""
    old, new = (
        {rule.name: rule for rule in rules().at(Period.month(month)).rules}["support"]
        for month in ("2026-03", "2026-04")
    )
    assert (old.shares.get("ml"), new.shares.get("ml")) == (None, Decimal("0.1"))
    assert len(rules().at(Period.month("2026-03")).rules) == len(rules().rules) - 1


def test_metrics_are_read_back(tmp_path: Path) -> None:
    """Each metric that a rule or unit cost names is there in every month; September ends on the 17th."""
    write_sharing(tmp_path, months=MONTHS, seed=5)
    found = metrics_file.parse((tmp_path / METRICS_FILE).read_text(), name=METRICS_FILE)
    wanted = {rule.metric for rule in rules().rules if rule.metric}
    wanted |= {cost.metric for cost in rules().unit_costs}
    for month in MONTHS:
        assert set(metrics_file.within(found, Period.month(month))["metric"]) == wanted
    messages = found[found["metric"] == "messages"]
    assert str(messages["time"].max().date()) == "2026-09-17"
    assert messages.groupby(messages["time"].dt.strftime("%Y-%m")).size().loc["2026-02"] == 28 * 4


def test_a_seed_gives_one_file_and_a_partial_month_less() -> None:
    """The same twice, another otherwise; 17 of 30 days have about 57 % of the requests of August."""
    assert list(metrics(MONTHS, seed=5)) == list(metrics(MONTHS, seed=5)) != list(metrics(MONTHS, seed=6))
    sums = dict.fromkeys(MONTHS, 0)
    for day, metric, _, value in metrics(MONTHS, seed=5):
        sums[day[:7]] += value if metric == "requests" else 0
    assert 0.5 < sums["2026-09"] / sums["2026-08"] < 0.65

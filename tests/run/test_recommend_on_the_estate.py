"""Waste is planted in the sample company: how much of it is found, and is anything cut that is needed?

The truth is read here alone. Money is that of the truth, at list price, so that found and planted compare.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_lib.billing.prices import catalogue, instance
from finops_lib.estate.workloads import CORE_MICRO, GIB_MICRO
from finops_lib.records import Recommendation
from finops_lib.run.demo import sample_folder
from finops_lib.run.desk import open_desk
from finops_lib.run.ingesting import take_in
from finops_lib.run.pulling import from_files
from finops_lib.run.recommending import DAYS, Advice, Files, advise

KEY = {"FINOPS_PRIVACY_KEY": "0123456789abcdef" * 2}
NOW = datetime(2026, 9, 19, tzinfo=UTC)
SIZES = {"instance_type", "requests", "volume_size"}
Truth = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def advice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Advice]:
    """Ask about the two months that have samples of use, with the inventory and prices beside them."""
    samples, lake = sample_folder(), tmp_path_factory.mktemp("estate") / "lake"
    for month in ("2026-08", "2026-09"):
        take_in([samples / "focus" / month], lake_root=lake, environ=KEY, now=NOW)
    from_files([samples / "usage" / "usage.parquet"], lake_root=lake, now=NOW)
    files = {name: str(samples / "usage" / f"{name}.csv") for name in ("inventory", "prices")}
    with open_desk(str(lake), now=f"{NOW:%Y-%m-%d}") as desk:
        yield advise(desk, files=Files.read(**files), days=DAYS)


@pytest.fixture(scope="module")
def truth() -> Truth:
    told: dict[str, Any] = json.loads((sample_folder() / "truth-usage.json").read_text(encoding="utf-8"))
    return told["resources"]


@pytest.fixture(scope="module")
def prices() -> Any:
    return catalogue(Path(sample_folder()) / "usage" / "prices.csv")


def by_truth(advice: Advice, truth: Truth) -> Iterator[tuple[str, Recommendation]]:
    """Pair each resource of the truth with the changes to it, or to what it was renewed as."""
    for change in advice.recommendations:
        for name in (name.removeprefix("usage:") for name in change.evidence if name.startswith("usage:")):
            if name in truth:
                yield name, change


def saved(change: Recommendation, told: Mapping[str, Any], prices: Any, region: str) -> Decimal:
    """Say what a change saves of the truth's cost of a month."""
    month = Decimal(told["usd_month"])
    if change.kind == "idle":
        return month
    if change.kind == "volume_size":
        return month * (1 - gib(change.to["size"]) / gib(change.from_["size"]))
    if change.kind == "requests":
        return month * (1 - pod_micro(change.to) / pod_micro(change.from_))
    old, new = (
        instance(prices, provider="aws", region=region, instance_type=side["instance_type"])
        for side in (change.from_, change.to)
    )
    assert old.usd_per_hour_on_demand is not None
    assert new.usd_per_hour_on_demand is not None
    return month * (1 - new.usd_per_hour_on_demand / old.usd_per_hour_on_demand)


def gib(text: str) -> Decimal:
    return Decimal(text.removesuffix(" GiB"))


def pod_micro(side: Mapping[str, str]) -> Decimal:
    cores, mib = Decimal(side["cpu_request"][:-1]) / 1000, Decimal(side["memory_request"][:-2])
    return cores * CORE_MICRO + mib / 1024 * GIB_MICRO


def test_nine_tenths_of_the_planted_waste_are_found(advice: Advice, truth: Truth, prices: Any) -> None:
    """Each resource counts at most what was planted in it; one that is renewed counts by its days."""
    found = planted = Decimal(0)
    by_name: dict[str, Decimal] = {}
    for name, change in by_truth(advice, truth):
        if change.kind in SIZES | {"idle"}:
            region = name.split(":")[3]
            by_name[name] = max(by_name.get(name, Decimal(0)), saved(change, truth[name], prices, region))
    for name, told in truth.items():
        waste = Decimal(told["waste_usd_month"]) * told["days"]
        planted += waste
        found += min(waste, by_name.get(name, Decimal(0)) * told["days"])
    assert found / planted >= Decimal("0.9"), f"{found / planted:.3f}"


def test_what_is_called_idle_is_idle(advice: Advice, truth: Truth) -> None:
    """No resource that is used is to be stopped, and each planted idle one that is still there is called."""
    called = {name for name, change in by_truth(advice, truth) if change.kind == "idle"}
    assert called == {name for name, told in truth.items() if told["idle"]}


def test_no_size_cuts_what_is_needed(advice: Advice, truth: Truth) -> None:
    """CPU holds 99 of 100 steps, memory and space all of them; the weeks that nobody saw are held, too."""
    changes = [(name, change) for name, change in by_truth(advice, truth) if change.kind in SIZES]
    assert len(changes) >= 30
    for name, change in changes:
        told = truth[name]
        if change.kind == "volume_size":
            assert gib(change.to["size"]) >= max(told["space_max_gib"], told["after"]["space_p99_gib"])
            continue
        cpu, memory = cores_and_gib(change.to)
        now_cpu, now_memory = cores_and_gib(change.from_)
        assert cpu >= told["cpu_p99_cores"] or cpu >= now_cpu, (name, change.to)
        assert memory >= told["memory_max_gib"] or memory > now_memory, (name, change.to)
        assert cpu >= told["after"]["cpu_p99_cores"] * 0.98 or cpu >= now_cpu, (name, change.to)


def cores_and_gib(side: Mapping[str, str]) -> tuple[float, float]:
    if "vcpu" in side:
        return float(side["vcpu"]), float(gib(side["memory"]))
    return float(side["cpu_request"][:-1]) / 1000, float(side["memory_request"][:-2]) / 1024


def test_no_size_that_the_truth_knows_breaks(advice: Advice, truth: Truth) -> None:
    """Where the new type is one of those that the truth judged, it holds."""
    for name, change in by_truth(advice, truth):
        judged = {size["size"]: size["holds"] for size in truth[name]["sizes"]}
        if change.kind == "instance_type" and change.to["instance_type"] in judged:
            assert judged[change.to["instance_type"]], (name, change.to)


def test_leaks_and_throttled_machines_are_left_alone(advice: Advice, truth: Truth) -> None:
    """A leak has no size, and a machine at its ceiling hides what it needs: the reasons are told."""
    changed = {name for name, _ in by_truth(advice, truth)}
    assert not changed & {name for name, told in truth.items() if told["leaks"]}
    reasons = [item.reason for item in advice.not_recommended]
    assert sum("a leak, which no size holds" in reason for reason in reasons) == 2
    assert any("are at capacity in runs: the need is not known" in reason for reason in reasons)


def test_unwatched_machines_are_named_and_not_guessed(advice: Advice, truth: Truth) -> None:
    """The machines without a sample that are still there have that as their reason."""
    silent = {item.resource: item.reason for item in advice.not_recommended}
    gone = {name for item in advice.world.billed.values() for name in item.follows}
    unseen = [name for name, told in truth.items() if not told["monitored"] and name not in gone]
    assert unseen
    for name in unseen:
        assert silent[name] == "nothing was measured of it: name a source with finops usage pull"


def test_each_change_has_its_risk_and_its_past(advice: Advice) -> None:
    """Sizes of machines and pods state a risk of at most 2 %, and how the rule did in four past windows."""
    sized = [item for item in advice.recommendations if item.kind in {"instance_type", "requests"}]
    for item in sized:
        assert item.breach_probability is not None
        assert 0 < item.breach_probability <= 0.04  # CPU and memory, 2 % each
        assert item.backtest["cpu_windows"] or item.backtest["memory_windows"]
        assert item.saving_month.low <= item.saving_month.mid <= item.saving_month.high


def test_the_gpu_is_reported(advice: Advice) -> None:
    """The one GPU works for a tenth of the time: its duty cycle and the price of a used hour are told."""
    [row] = advice.gpus.to_dict("records")
    assert row["resource"].endswith("/ml/eta-trainer")
    assert 0.05 <= row["duty_cycle"] <= 0.1
    assert row["cost_used_hour"] > row["cost_month"] / 730

"""The pictures of sizes: use in the unit of the sizes, one picture for each currency and kind of use."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from finops_lib.records import Estimate, Recommendation
from finops_lib.run.recommending import DAYS, Advice, Files, advise
from finops_lib.run.sizing_pictures import Against, against, rules, savings, use_and_sizes
from tests.run.sizedlakes import ARN, BUSY, IDLE, POD, VOLUME, desk_of, lake_of

INVENTORY = (
    "resource,kind,space_gib,vcpu,memory_gib,usd_hour\n"
    f"{VOLUME},volume,400,,,\n{POD},workload,,1,4,0.10\n"
)  # fmt: skip


@pytest.fixture(scope="module")
def advice(tmp_path_factory: pytest.TempPathFactory) -> Advice:
    """Ask about the small lake, with an inventory that knows the volume and the workload."""
    folder: Path = tmp_path_factory.mktemp("pictures")
    (folder / "inventory.csv").write_text(INVENTORY)
    with desk_of(lake_of(folder / "x")) as desk:
        return advise(desk, files=Files.read(inventory=str(folder / "inventory.csv")), days=DAYS)


def of(advice: Advice, resource: str) -> list[Against]:
    """Name what is drawn of the change to one resource."""
    [change] = [one for one in advice.recommendations if one.resource == resource]
    return against(change, advice)


def test_a_machine_has_its_use_between_its_sizes(advice: Advice) -> None:
    """4 vCPU and 16 GiB become 2 and 8; at most 1.2 cores and 5 GiB were used."""
    cpu, memory = of(advice, f"{ARN}{BUSY}")
    assert (cpu.unit, cpu.now, cpu.then) == ("cores", 4.0, 2.0)
    assert float(np.nanmax(cpu.use)) == pytest.approx(1.2)
    assert (memory.now, memory.then, float(np.nanmax(memory.use))) == (16.0, 8.0, 5.0)


def test_a_workload_is_drawn_by_the_pod(advice: Advice) -> None:
    """Two pods used .4 cores by day, so .2 each of 1 requested; a volume held 100 of 400 GiB."""
    cpu, memory = of(advice, POD)
    assert (cpu.now, round(float(np.nanmax(cpu.use)), 6)) == (1.0, 0.2)
    assert 0.2 <= cpu.then < 0.3
    assert (memory.unit, memory.now) == ("GiB of memory", 4.0)
    [space] = of(advice, VOLUME)
    assert (space.unit, space.now, space.then, float(np.nanmax(space.use))) == (
        "GiB held",
        400.0,
        120.0,
        100.0,
    )


def test_what_is_idle_has_no_size_to_draw(advice: Advice) -> None:
    """It goes, whatever its size."""
    assert of(advice, f"{ARN}{IDLE}") == []


def test_each_currency_has_its_own_picture() -> None:
    """Two axes, each with the money of its own currency in its title."""
    parts = {}
    for unit in ("USD", "EUR"):
        money = Estimate(Decimal(1), Decimal(200), Decimal(300), 0.8, unit)
        parts[unit] = [Recommendation("web", "idle", {}, {}, money, None, {}, "quiet")]
    titles = [ax.get_title(loc="left").replace("\\", "") for ax in savings(parts)]
    assert titles == [f"{sign}200 a month from the 1 largest changes" for sign in "$€"]


def test_each_kind_of_use_has_its_own_rules() -> None:
    """CPU has two rules of which one kept its promise, memory one."""
    past = pd.DataFrame(
        {"use": ["cpu", "cpu", "memory"], "strategy": ["a", "b", "a"], "breach": [0.0, 0.2, 0.0],
         "saving": [0.1, 0.9, 0.2], "held": [True, False, True]}
    )  # fmt: skip
    titles = [ax.get_title(loc="left") for ax in rules(past, bound=0.01)]
    assert titles == ["cpu: 1 of 2 rules kept the promise", "memory: 1 of 1 rules kept the promise"]


def test_an_odd_number_of_pictures_leaves_no_empty_one() -> None:
    """Three pictures on two lines: the fourth place is taken away."""
    drawn = use_and_sizes([Against("web", "cores", np.array([1.0, 2.0]), 4.0, 3.0)] * 3)
    assert len(drawn) == 3
    figure = drawn[0].figure
    assert len(figure.axes) == 3

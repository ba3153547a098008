"""Each resource of a small lake gets one answer, whose numbers are worked by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from finops_lib.billing.lake import Lake
from finops_lib.errors import ParameterError, QueryError, SettingsError
from finops_lib.run.recommending import DAYS, Advice, Files, advise
from tests.run.sizedlakes import (
    ARN,
    BLIND,
    BUSY,
    FUNCTION,
    GIB,
    GONE,
    HOURS,
    IDLE,
    NEW,
    POD,
    VOLUME,
    bill,
    day_and_night,
    desk_of,
    lake_of,
    line,
    use,
)


@dataclass(frozen=True)
class Small:
    """The small lake, and what is advised on it."""

    lake: Lake
    advice: Advice

    def to(self, resource: str) -> Mapping[str, str]:
        return next(item.to for item in self.advice.recommendations if item.resource == resource)

    def why(self, resource: str) -> str:
        return next(item.reason for item in self.advice.not_recommended if item.resource == resource)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    lake = lake_of(tmp_path_factory.mktemp("advice") / "x")
    with desk_of(lake) as desk:
        return Small(lake, advise(desk, files=Files(), days=DAYS))


def test_a_machine_gets_half_its_size(small: Small) -> None:
    """1.2 vCPU and 5.5 GiB fit an m5.large at half of 4.608 a day: 70.08 of 140.16 a month."""
    [found] = [item for item in small.advice.recommendations if item.resource == f"{ARN}{BUSY}"]
    assert found.to["instance_type"] == "m5.large"
    assert found.saving_month.mid == Decimal("70.08")
    assert any(item == f"usage:{ARN}{BUSY}" for item in found.evidence)


def test_an_idle_machine_is_to_be_stopped_and_gets_no_size(small: Small) -> None:
    """It is told once: all of its cost is saved."""
    found = [item for item in small.advice.recommendations if item.resource == f"{ARN}{IDLE}"]
    assert [(item.kind, item.saving_month.mid) for item in found] == [("idle", Decimal("140.16"))]


def test_a_renewed_machine_is_sized_on_both_its_lives(small: Small) -> None:
    """Three weeks of samples under two ids: an answer, with both in its evidence."""
    assert small.to(f"{ARN}{NEW}")["vcpu"] == "2"


def test_a_function_takes_the_least_memory(small: Small) -> None:
    """As quick with half the memory: 128 MiB hold the 100 that were used and 15 % more."""
    assert small.to(FUNCTION) == {"memory": "128 MiB"}


def test_what_stays_as_it_is_says_why(small: Small) -> None:
    """Unwatched, gone, without a size, without a cost."""
    assert small.why(f"{ARN}{BLIND}") == "nothing was measured of it: name a source with finops usage pull"
    assert small.why(f"{ARN}{GONE}") == "it is gone since 2026-07-04"
    assert small.why(VOLUME) == "its size is not known: no inventory says it"
    assert small.why(POD) == "no cost of it is known: a saving cannot be told"


def test_savings_of_one_resource_are_counted_once(small: Small) -> None:
    """70.08, 140.16, 48.18 and 45.63: each resource by its largest change."""
    assert sum(small.advice.saved().values()) == sum(
        item.saving_month.mid for item in small.advice.recommendations
    )


def test_an_inventory_makes_up_for_what_the_bill_does_not_say(small: Small, tmp_path: Path) -> None:
    """400 GiB hold 100: 120 are enough; the workload costs .10 an hour and pod, and the file is named."""
    rows = (
        "resource,kind,space_gib,vcpu,memory_gib,usd_hour,file\n"
        f"{VOLUME},volume,400,,,,disks.tf\n"
        f"{POD},workload,,1,4,0.10,web.yaml\n"
    )
    (tmp_path / "inventory.csv").write_text(rows)
    with desk_of(small.lake) as desk:
        found = advise(desk, files=Files.read(inventory=str(tmp_path / "inventory.csv")), days=DAYS)
    told = {item.resource: item for item in found.recommendations}
    assert told[VOLUME].to == {"size": "120 GiB"}
    assert (told[VOLUME].file, told[POD].file) == ("disks.tf", "web.yaml")
    pod = told[POD]
    assert (pod.to["cpu_request"], pod.from_["cpu_request"]) == ("200m", "1000m")
    # Two pods at .10 are 146 a month; between a fifth of the CPU and a quarter of the memory is what stays.
    assert Decimal(100) < pod.saving_month.mid < Decimal("116.8")


def test_reviews_are_read_back(small: Small, tmp_path: Path) -> None:
    """What was rejected is told as such, what was accepted is marked."""
    keys = {item.resource: item.key for item in small.advice.recommendations}
    text = "".join(
        f'[[review]]\nkey = "{keys[name]}"\nkind = "{kind}"\nverdict = "{said}"\n'
        f'at = 2026-08-01\nby = "web"\n{more}'
        for name, kind, said, more in (
            (f"{ARN}{BUSY}", "instance_type", "reject", 'reason = "sold in May"\n'),
            (FUNCTION, "function_memory", "accept", ""),
        )
    )
    (tmp_path / "reviews.toml").write_text(text)
    with desk_of(small.lake) as desk:
        found = advise(desk, files=Files.read(reviews=str(tmp_path / "reviews.toml")), days=DAYS)
    assert f"{ARN}{BUSY}" not in {item.resource for item in found.recommendations}
    silent = {item.resource: item.reason for item in found.not_recommended}
    assert silent[f"{ARN}{BUSY}"] == "rejected by web on 2026-08-01: sold in May"
    assert found.accepted == {keys[FUNCTION]}


def test_throttled_machines_and_one_sample_are_not_guessed(tmp_path: Path) -> None:
    """A CPU at its ceiling by day hides what it needs; a machine of one sample is too young."""
    one = np.full(HOURS, np.nan)
    one[-1] = 1.0
    used = {(BUSY, "cpu"): day_and_night(1.0, 4.0), (BLIND, "cpu"): one}
    with desk_of(lake_of(tmp_path / "x", used=used)) as desk:
        found = {
            item.resource: item.reason for item in advise(desk, files=Files(), days=DAYS).not_recommended
        }
    assert "are at capacity in runs: the need is not known" in found[f"{ARN}{BUSY}"]
    assert found[f"{ARN}{BLIND}"] == "0.0 days, 1 samples: 3 days, 100 samples are needed"


def test_a_price_of_zero_is_no_saving(tmp_path: Path) -> None:
    """A machine that costs nothing saves nothing, however idle, and one of an unknown type has no price."""
    lines = [line(day, f"{ARN}{BUSY}", "BoxUsage:m5.xlarge", "0") for day in range(21)]
    lines += [line(day, f"{ARN}{NEW}", "BoxUsage:z9.huge", "5") for day in range(21)]
    kept = {(BUSY, "cpu"): use()[BUSY, "cpu"], (NEW, "cpu"): day_and_night(0.5, 1.0)}
    with desk_of(lake_of(tmp_path / "x", lines=lines, used=kept)) as desk:
        found = {
            item.resource: item.reason for item in advise(desk, files=Files(), days=DAYS).not_recommended
        }
    assert found[f"{ARN}{BUSY}"] == "it cost nothing in these days: there is no price to save at"
    assert found[f"{ARN}{NEW}"] == "'z9.huge' of 'aws' in 'us-east-1': the catalogue has no price for it"


def test_a_gpu_of_a_workload_is_told(tmp_path: Path) -> None:
    """One GPU busy at .8 by day: a duty cycle of a third, and it is needed whole."""
    used = {key: value for key, value in use().items() if key[0] == POD}
    used |= {(POD, "gpu"): 2 * day_and_night(0.0, 0.4)}
    rows = f"resource,kind,vcpu,memory_gib,gpus,usd_hour\n{POD},workload,1,4,0.5,0.10\n"
    (tmp_path / "inventory.csv").write_text(rows)
    with desk_of(lake_of(tmp_path / "x", used=used)) as desk:
        found = advise(desk, files=Files.read(inventory=str(tmp_path / "inventory.csv")), days=DAYS)
        [row] = found.gpus.to_dict("records")
    assert row["duty_cycle"] == pytest.approx(0.8 * 10 / 24, abs=1e-6)


def test_a_host_of_ones_own_is_emptied_into_another(tmp_path: Path) -> None:
    """Two hosts of ten cores with 1 and 3: the emptier moves, but its saving is not known without a bill."""
    used = {("h-1", "cpu"): np.full(HOURS, 1.0), ("h-2", "cpu"): np.full(HOURS, 3.0)}
    rows = "resource,kind,site,vcpu\nh-1,host,HAM,10\nh-2,host,HAM,10\n"
    (tmp_path / "inventory.csv").write_text(rows)
    with desk_of(lake_of(tmp_path / "x", used=used)) as desk:
        found = advise(desk, files=Files.read(inventory=str(tmp_path / "inventory.csv")), days=DAYS)
    told = {item.resource: item.reason for item in found.not_recommended}
    assert told["h-1"] == "what ends with the machine is not known: a saving cannot be told"


def test_a_leak_and_a_kill_are_said(tmp_path: Path) -> None:
    """Memory that grows by a GiB a day for five days, and again, leaks: no size is told."""
    age = (np.arange(HOURS) // 24) % 7 + 1.0
    used = {(BUSY, "cpu"): use()[BUSY, "cpu"], (BUSY, "memory"): age * GIB}
    with desk_of(lake_of(tmp_path / "x", used=used)) as desk:
        found = {
            item.resource: item.reason for item in advise(desk, files=Files(), days=DAYS).not_recommended
        }
    assert "a leak, which no size holds" in found[f"{ARN}{BUSY}"]


@pytest.mark.parametrize("days", [6, 367])
def test_days_have_bounds(small: Small, days: int) -> None:
    """A week at least, a year at most."""
    with desk_of(small.lake) as desk, pytest.raises(ParameterError, match="it is from 7 to 366"):
        advise(desk, files=Files(), days=days)


def test_a_lake_without_samples_says_so(tmp_path: Path) -> None:
    """Nothing can be told from a bill alone."""
    lake = lake_of(tmp_path / "x", lines=list(bill()), used={})
    with desk_of(lake) as desk, pytest.raises(QueryError, match="it has no sample"):
        advise(desk, files=Files(), days=DAYS)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """Each of the three says which file is wrong."""
    bad = tmp_path / "bad"
    bad.write_text(json.dumps({}))
    with pytest.raises(SettingsError, match="inventory bad: column resource"):
        Files.read(inventory=str(bad))
    with pytest.raises(SettingsError, match="reviews file bad"):
        Files.read(reviews=str(bad))
    with pytest.raises(SettingsError, match="inventory file 'gone'"):
        Files.read(inventory="gone")

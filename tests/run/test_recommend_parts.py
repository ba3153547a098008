"""Questions of machines, workloads and GPUs carry what is known, and the reason why one is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from finops_lib.billing.prices import catalogue
from finops_lib.optimize.inventory_file import Item
from finops_lib.run.recommend_parts import Questions
from finops_lib.run.recommend_world import World, by_key
from finops_lib.run.recommending import DAYS, Files, advise
from tests.run.sizedlakes import ARN, BUSY, GIB, HOURS, IDLE, POD, day_and_night, desk_of, lake_of


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Questions]:
    with desk_of(lake_of(tmp_path_factory.mktemp("parts") / "x")) as desk:
        yield advise(desk, files=Files(), days=DAYS).asked


def _with(asked: Questions, *items: Item) -> Questions:
    return Questions(replace(asked.world, items=by_key(items)))


def _used(asked: Questions, **metrics: np.ndarray) -> World:
    """Give the pod other metrics."""
    used = replace(asked.world.used, _read=dict(asked.world.used._read))
    for metric, values in metrics.items():
        used._read[metric] = ({POD: 0}, values[None, :])
    return replace(asked.world, used=used)


def test_a_machine_carries_its_licence_owner_and_evidence(asked: Questions) -> None:
    """The licence is that of the inventory, with its price; series and delivery are named."""
    item = Item(f"{ARN}{BUSY}", "instance", licence="Windows", licence_vcpu_hour=Decimal("0.046"))
    found = _with(asked, item).machine(BUSY)
    assert (found.resource, found.size, found.licence) == (f"{ARN}{BUSY}", "m5.xlarge", "Windows")
    assert found.licence_vcpu_hour == Decimal("0.046")
    assert found.evidence[0] == f"usage:{ARN}{BUSY}"
    assert found.evidence[1].startswith("delivery:")


def test_what_went_through_a_machine_is_its_peak(asked: Questions) -> None:
    """One MB/s of network; of the disk nothing is known, and nothing is told."""
    assert dict(asked.use(BUSY).peaks) == {"network": pytest.approx(1e6)}


def test_a_pod_has_requests_and_parts_of_the_market(asked: Questions) -> None:
    """One core and 4 GiB; a core costs more than a GiB, and GPUs are priced by the shipped selection."""
    pod = asked.pod(POD)
    assert (pod.cpu_request, pod.memory_request, pod.cpu_limit) == (1.0, 4 * GIB, None)
    assert pod.parts.core > pod.parts.gib > 0
    assert pod.parts.gpu is not None


def test_a_price_file_without_gpus_takes_their_relation_from_the_selection(asked: Questions) -> None:
    """Twice the price of a core makes twice that of a GPU."""
    whole = catalogue()
    plain = whole[[not gpu for gpu in whole["gpu"]]]
    doubled = plain.assign(usd_per_hour_on_demand=[price * 2 for price in plain["usd_per_hour_on_demand"]])
    found = Questions(replace(asked.world, catalogue=doubled)).parts
    shipped = asked.parts
    assert found is not None and shipped is not None
    assert found.gpu is not None and shipped.gpu is not None
    assert float(found.gpu / found.core) == pytest.approx(float(shipped.gpu / shipped.core))


def test_a_catalogue_that_prices_no_parts_leaves_pods_alone(asked: Questions) -> None:
    """One type tells no relation: the pod has that as its reason."""
    one = Questions(replace(asked.world, catalogue=catalogue().iloc[:1]))
    assert one.pod(POD).reason == "the catalogue cannot tell what a core costs"


def test_a_number_that_follows_cpu_silences_the_size(asked: Questions) -> None:
    """Pods at .8 of their request by day, more of them by day: an autoscaler, and no size of CPU."""
    world = _used(asked, cpu=day_and_night(0.4, 2.4), replicas=day_and_night(2, 3))
    found = Questions(world).sizes[POD]["cpu"]
    assert found.reason == "an autoscaler follows the use of cpu: size moves its count"


def test_a_pod_killed_for_memory_needs_more_than_it_has(asked: Questions) -> None:
    """A kill at 4 GiB counts as a fifth more."""
    kills = np.zeros(HOURS)
    kills[100] = 1.0
    size = Questions(_used(asked, oom_kills=kills)).sizes[POD]["memory"]
    assert size.limit is not None
    assert size.limit >= 1.2 * 4 * GIB


def test_gpus_are_those_of_samples_inventory_or_type(asked: Questions) -> None:
    """The samples know best; a g5.xlarge has one; what nothing says has none."""
    assert asked.gpus_allotted(IDLE) == 0.0
    assert _with(asked, Item(f"{ARN}{IDLE}", "instance", size="g5.xlarge")).gpus_allotted(IDLE) == 1.0
    assert _with(asked, Item(POD, "workload", gpus=Decimal(2))).gpus_allotted(POD) == 2.0
    world = _used(asked, gpu_allocated=np.full(HOURS, 3.0))
    assert Questions(world).gpus_allotted(POD) == 3.0


def test_gpus_of_all_members_are_held_against_all_that_is_busy(asked: Questions) -> None:
    """Two pods with two GPUs each, 1.6 busy by day: sized below four, and a part of the cost."""
    world = replace(
        _used(asked, gpu=day_and_night(0.1, 1.6)),
        items=by_key([Item(POD, "workload", gpus=Decimal(2), usd_hour=Decimal(1))]),
    )
    found = Questions(world)
    gpus = found.gpu(POD)
    assert (gpus.allocated, gpus.duty_cycle) == (4.0, pytest.approx((10 * 1.6 + 14 * 0.1) / 24 / 4, abs=1e-6))
    assert Decimal("0.5") < gpus.part < 1
    assert found.gpu_sizes([POD])[POD].amount == pytest.approx(1.6, rel=0.2)


def test_the_rules_that_were_tried_are_kept_for_each_kind_of_use(asked: Questions) -> None:
    """The rule that sized a machine is the one that the trial calls used."""
    assert set(asked.trials) == {"cpu", "memory"}
    used = {kind: trial.used for kind, trial in asked.trials.items()}
    strategies = {size.strategy for sizes in asked.sizes.values() for size in sizes.values() if size.amount}
    assert strategies == set(used.values())

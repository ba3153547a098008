"""Signals are held against what counts as quiet, and volumes, hosts and functions carry what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from finops_lib.optimize.inventory_file import Item
from finops_lib.run.recommend_parts import Questions
from finops_lib.run.recommend_quiet import Quiet
from finops_lib.run.recommend_world import by_key
from finops_lib.run.recommending import DAYS, Files, advise
from tests.run.sizedlakes import BUSY, FUNCTION, GIB, HOURS, IDLE, POD, VOLUME, desk_of, lake_of


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quiet]:
    with desk_of(lake_of(tmp_path_factory.mktemp("quiet") / "x")) as desk:
        yield advise(desk, files=Files(), days=DAYS).quiet


def _with(quiet: Quiet, *items: Item) -> Quiet:
    return Quiet(Questions(replace(quiet.world, items=by_key(items))))


def test_levels_are_use_over_its_limit(quiet: Quiet) -> None:
    """Of 4 vCPU .12 are quiet: .01 is 1/12, 1.2 is ten times too loud; 900 B/s are .0045 of 200 kB/s."""
    activity = quiet.activity
    row = {name: place for place, name in enumerate(activity.names)}
    assert activity.levels["cpu"][row[IDLE], 0] == pytest.approx(0.01 / 0.12)
    assert np.nanmax(activity.levels["cpu"][row[BUSY]]) == pytest.approx(10.0)
    assert activity.levels["network"][row[IDLE], 0] == pytest.approx(0.0045)
    assert activity.levels["disk"][row[VOLUME], 0] == pytest.approx(2000.0)
    assert np.nanmax(activity.levels["cpu"][row[POD]]) == pytest.approx(
        0.2 / 0.03
    )  # of a request of one core


def test_the_past_of_all_of_them_is_the_trust(quiet: Quiet) -> None:
    """One idle machine in four past windows never woke."""
    assert (quiet.trust.called, quiet.trust.woke) == (4, 0)


def test_change_and_attachment_come_from_the_inventory(quiet: Quiet) -> None:
    """Changed on 1 April, 112 days before the window ends; detached; nothing known of the others."""
    item = Item(VOLUME, "volume", attached=False, changed=datetime(2026, 4, 1, tzinfo=UTC))
    found = {one.resource: one for one in _with(quiet, item).candidates()}
    assert (found[VOLUME].attached, found[VOLUME].changed_days, found[VOLUME].what) == (
        False,
        112.0,
        "volume",
    )
    assert (found[IDLE].attached, found[IDLE].changed_days) == (None, None)


def test_hours_are_those_of_the_loudest_signal(quiet: Quiet) -> None:
    """504 hours; at 3 the machine's CPU is 5 times the limit, at 12 ten times."""
    [runs] = quiet.runs([BUSY])
    assert len(runs.level) == HOURS
    assert (runs.level[3], runs.level[12]) == (pytest.approx(5.0), pytest.approx(10.0))
    assert quiet.runs([FUNCTION]) == []


def test_a_volume_holds_its_most_of_each_day(quiet: Quiet) -> None:
    """21 days of 100 GiB, read at 2 MB/s; its size is the inventory's."""
    volume = _with(quiet, Item(VOLUME, "volume", space_gib=Decimal(400))).volume(VOLUME)
    assert (volume.size, volume.type, volume.busy) == (400 * GIB, "EBS:VolumeUsage.gp3", True)
    assert volume.held.tolist() == [100 * GIB] * 21


def test_a_function_is_measured_at_each_memory(quiet: Quiet) -> None:
    """Half of the hours at 512 MiB and half at 1,024, each with 252 x 60 runs of .2 s."""
    function = quiet.function(FUNCTION)
    told = [(round(item.memory_mib), round(item.seconds, 6), item.runs) for item in function.measured]
    assert told == [(512, 0.2, 15120.0), (1024, 0.2, 15120.0)]
    assert (function.used_mib, function.memory_mib) == (100.0, 512.0)


def test_a_host_has_the_kinds_that_are_known(quiet: Quiet) -> None:
    """CPU always; memory only where it was measured."""
    host = _with(quiet, Item(IDLE, "host", site="HAM", vcpu=Decimal(8), memory_gib=Decimal(64))).host(IDLE)
    assert (host.site, dict(host.capacity)) == ("HAM", {"cpu": 8.0})

"""A volume is sized by what it holds and by how that grows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from finops_lib.optimize.rightsize.paid import Paid
from finops_lib.optimize.rightsize.volumes import GIB, Volume, daily_most, needed, volume_sizes
from finops_lib.records import NoRecommendation, Recommendation

PAID = Paid("USD", (Decimal(1),) * 7)  # 30.42 a month
VOLUME = Volume("vol-1", 400 * GIB, "VolumeUsage.gp3", PAID, np.full(7, 100 * GIB))


def _asked(**more: object) -> Recommendation | NoRecommendation:
    [found] = volume_sizes([replace(VOLUME, **more)])
    return found


def test_room_and_no_growth() -> None:
    """100 GiB that do not grow need 120: 70 % of 30.42 are saved."""
    found = _asked()
    assert isinstance(found, Recommendation)
    assert (found.to, found.saving_month.mid) == ({"size": "120 GiB"}, Decimal("21.29"))
    assert (found.breach_probability, found.effort) == (None, "medium")


def test_growth_of_a_quarter_is_added() -> None:
    """One GiB a day makes 106 + 90, and a fifth of room 235.2."""
    held = (100.0 + np.arange(7)) * GIB
    found = _asked(held=held)
    assert isinstance(found, Recommendation)
    assert found.to == {"size": "236 GiB"}


def test_a_purge_is_not_extended_and_what_it_held_stays() -> None:
    """What falls from 300 to 100 GiB may come back: 300 and a fifth is the need."""
    assert needed(np.linspace(300.0, 100.0, 5)) == 360.0


def test_an_outlying_day_does_not_make_growth() -> None:
    """One day of 200 among nine of 100 has no slope in the median: 200 and a fifth."""
    held = np.full(10, 100.0)
    held[-1] = 200.0
    assert needed(held) == 240.0


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"size": None}, "its size is not known: no inventory says it"),
        ({"paid": None}, "the bill has no cost of it: a saving cannot be told"),
        ({"held": np.array([np.nan, GIB, GIB])}, "what it holds is known of fewer than 3 days"),
        (
            {"type": "EBS:VolumeUsage.gp2"},
            "the speed of EBS:VolumeUsage.gp2 follows its size, and its need of speed is not known",
        ),
        ({"held": np.full(7, 310 * GIB)}, "less than a tenth would be saved"),
        ({"held": np.full(7, 390 * GIB)}, "it is filling up: no smaller size holds"),
        ({"paid": Paid("USD", (Decimal(1),))}, "its cost is known of 1 days, 2 are needed"),
    ],
)
def test_what_is_not_known_or_not_worth_it_stays(more: dict[str, object], reason: str) -> None:
    """Each reason is told, and nothing is booked."""
    assert _asked(**more) == NoRecommendation("vol-1", "volume_size", reason)


def test_a_quiet_volume_needs_no_speed() -> None:
    """Where nothing is read or written, the speed that goes with the size does not matter."""
    assert isinstance(_asked(type="EBS:VolumeUsage.gp2", busy=False), Recommendation)


def test_days_end_with_the_newest_sample() -> None:
    """Five steps of two a day: the first day has one step, an unknown day is none."""
    use = np.array([[9.0, 1.0, 2.0, np.nan, 3.0], [np.nan, 1.0, 2.0, np.nan, np.nan]])
    assert daily_most(use, steps_a_day=2)[0].tolist() == [9.0, 2.0, 3.0]
    assert np.isnan(daily_most(use, steps_a_day=2)[1]).tolist() == [True, False, True]

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.estate.calendar import months
from finops_lib.estate.others.fleet import fleet, month_before, note, spike, uses
from finops_lib.estate.others.ledger import Ledger
from finops_lib.estate.others.meters import CLOUDS
from finops_lib.estate.others.ranges import Ranges


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_month_does_not_hang_on_how_many_are_written(cloud: str) -> None:
    """The same resources use the same, whether two months or fourteen are asked for."""
    who = fleet(cloud, seed=3, rows=4000, days=413, ranges=Ranges())
    assert list(uses(who, months(14, step_hours=24)[-2])) == list(uses(who, months(2, step_hours=24)[0]))


def test_use_grows_and_rests_on_sundays() -> None:
    """Storage a year later is more; load on a Sunday is less than on a Friday."""
    who = fleet("azure", seed=3, rows=4000, days=413, ranges=Ranges())
    span = months(13, step_hours=24)
    sums: dict[tuple[str, int], int] = defaultdict(int)
    for month in (span[0], span[-1]):
        for use in uses(who, month, thin=False):
            sums[use.slot.product.key, use.day] += use.quantity - use.extra
    blob = [amount for (key, _), amount in sorted(sums.items()) if key == "blob"]
    assert blob[0] < blob[-1]
    # 2025-09-19 is a Friday, day 20350; the Sunday follows.
    assert sums["functions", 20352] < sums["functions", 20350]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31), percent=st.integers(100, 900))
def test_what_the_anomaly_adds_is_part_of_what_is_used(seed: int, percent: int) -> None:
    """Only in its cells, on its days, and never more than the use."""
    bounds = Ranges(anomaly_percent=(percent, percent), anomaly_ago_days=(20, 40))
    who = fleet("gcp", seed=seed, rows=900, days=30, ranges=bounds)
    month = months(2, step_hours=24)[0]
    for use in uses(who, month):
        assert 0 <= use.extra < use.quantity
        assert not use.extra or who.hit(use.slot)


def test_the_last_days_of_an_open_month_are_thin() -> None:
    """Fewer rows than in the middle, and all of them when asked."""
    who = fleet("oci", seed=3, rows=9000, days=413, ranges=Ranges())
    month = months(1, step_hours=24)[0]
    last, middle = int(month.days[-1]), int(month.days[8])
    thin, whole = ([use.day for use in uses(who, month, thin=thin)] for thin in (True, False))
    assert thin.count(last) < 0.9 * thin.count(middle)
    assert whole.count(last) >= thin.count(last) + 2


def test_shares_without_tags_are_as_asked() -> None:
    """None at all, or nearly none, of the resources that are not waste."""
    for percent, bounds in ((100, (0, 0)), (0, (1, 40))):
        who = fleet("oci", seed=3, rows=40_000, days=413, ranges=Ranges(untagged_percent=percent))
        tagged = [slot for slot in who.slots if slot.tags]
        assert (len(tagged) == 0) == (bounds == (0, 0))


def test_an_anomaly_lies_so_many_days_before_the_end() -> None:
    """Thirty days before 18 September 2026 is 19 August."""
    event = spike("x", 1, ("a", "b"), Ranges(anomaly_ago_days=(30, 30), anomaly_days=(2, 2)))
    assert (str(event.start), str(event.end)) == ("2026-08-19", "2026-08-21")


def test_months_are_counted_back_over_a_year() -> None:
    """Nine months before September 2026 is December 2025."""
    assert month_before(9).label == "2025-12"


def test_notes_add_up_by_month() -> None:
    """Waste and untagged use of the same resource are both noted."""
    who = fleet("oci", seed=3, rows=1, days=30, ranges=Ranges())
    month, book = months(2, step_hours=24)[0], Ledger()
    found = [use for use in uses(who, month) if use.slot == who.waste]
    for use in found:
        note(book, month.label, use, who=who)
    # 5.5 units an hour at 1700 micro-dollars, 31 days: 6.9564 dollars.
    assert book.waste == book.untagged == {"2026-08": 69_564_000_000}

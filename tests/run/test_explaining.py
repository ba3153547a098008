"""Two periods of a lake taken apart: one set of lines from which everything else is summed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_lib.cost.exact import total
from finops_lib.errors import CurrencyError, ParameterError
from finops_lib.records import Period
from finops_lib.run.explaining import Asked, Numbers, gross, single
from tests.cost.conftest import write_line
from tests.run.lakes import desk_of, lake_of
from tests.run.moves import ENDED, JULY, JUNE, NEW, moved

MONTHS = Period.month("2026-06"), Period.month("2026-07")


def numbers(lake: str, *, before: Period = MONTHS[0], after: Period = MONTHS[1], **asked: Any) -> Numbers:
    """Compare July with June, or what else is asked."""
    usual: dict[str, Any] = {"by": ("ServiceName",), "dimensions": ("ServiceName", "SubAccountName")}
    desk_asked = {name: asked.pop(name) for name in ("currency", "rates", "cost") if name in asked}
    limits = {"depth": 3, "cells": 8}
    return Numbers(desk_of(lake, **desk_asked), Asked(before, after, **{**usual, **limits, **asked}))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Take the small bill in."""
    return lake_of(tmp_path_factory.mktemp("explaining") / "bill", moved())


def test_parts_and_cells_are_sums_of_the_same_lines(lake: str) -> None:
    """165 to 214: volume 40, new 15, ended -5, credits -1; the cell of 40 comes first, and is volume."""
    found = numbers(lake, dimensions=("ServiceName", "tag:team"))
    assert (found.whole["Previous"], found.whole["Current"], found.change) == (165, 214, 49)
    told = {name: amount for name, amount in found.parts.items() if amount}
    assert told == {"Volume": 40, "New": NEW, "Ended": ENDED, "Credits": -1}
    assert dict(found.found.cells[0].where) == {"ServiceName": "S3", "tag:team": "c"}
    assert total(cell.change for cell in (*found.found.cells, found.found.rest)) == found.change
    assert total(found.by("tag:team")["Change"]) == found.change
    assert found.found.cells[0].parts["Volume"] == 40


def test_the_line_that_moved_most_comes_first(lake: str) -> None:
    """S3 +40, S4 +10, S1 -1, S2 0."""
    frame = numbers(lake).by("ServiceName")
    assert list(zip(frame["ServiceName"], frame["Change"], strict=True)) == [
        ("S3", 40), ("S4", 10), ("S1", -1), ("S2", 0),
    ]  # fmt: skip


def test_resources_that_came_and_went_add_up_to_their_part(lake: str) -> None:
    """Three new ones, the largest first, and one that ended."""
    found = numbers(lake)
    new, ended = found.resources("New"), found.resources("Ended")
    assert list(new["ResourceId"]) == ["new6", "new5", "new4"]
    assert (total(new["Amount"]), total(ended["Amount"])) == (NEW, ENDED)
    assert list(ended["ServiceName"]) == ["S4"]


def test_resources_that_replace_themselves_are_named_as_services(tmp_path: Path) -> None:
    """Three machines give way to three: the service is named, and no machine."""
    rows = [write_line(day=JUNE, ResourceId=f"i-{n}", cost="10") for n in range(3)]
    rows += [write_line(day=JULY, ResourceId=f"i-{n}", cost="12") for n in range(3, 6)]
    rows += [write_line(day=JULY, ResourceId=f"d-{n}", cost="1", ServiceName="Disks") for n in range(2)]
    found = numbers(lake_of(tmp_path / "bill", rows), dimensions=("ServiceName",))
    assert found.replaced == ("Compute Engine",)
    assert found.parts["New"] == 2
    assert list(single(found.resources("New"))["ResourceId"]) == ["d-0", "d-1"]
    assert single(found.resources("Ended")).empty


def test_days_are_spread_and_those_filling_up_are_unknown(tmp_path: Path) -> None:
    """A fee of 30.00 for June is 1.00 a day; without any delivery a day is NaN, not nothing."""
    fee = write_line(day="2026-06-01", cost="30") | {"ChargePeriodEnd": "2026-07-01T00:00:00Z"}
    use = [write_line(day=f"2026-08-{day:02d}", cost="2") for day in (17, 18, 19)]
    lake = lake_of(tmp_path / "bill", [fee, *use])
    found = numbers(lake, after=Period.month("2026-08"))
    june, august = found.days(found.asked.before), found.days(found.asked.after)
    assert june.tolist() == pytest.approx([1.0] * 30)
    assert len(august) == 31
    assert (found.spread(found.asked.before), found.spread(found.asked.after)) == pytest.approx((30.0, 6.0))
    filling = {day.day for day in found.desk.incomplete}
    assert filling & {17, 18, 19}
    known = {int(day.day) for day in august.dropna().index}
    assert known == {17, 18, 19} - filling


def test_the_two_dimensions_of_the_largest_cell_are_shown(lake: str, tmp_path: Path) -> None:
    """Those that name it come first; where no cell is named, those asked for."""
    found = numbers(lake, dimensions=("RegionId", "tag:team", "ServiceName"))
    assert set(found.hot()) == {"tag:team", "ServiceName"}
    still = lake_of(tmp_path / "bill", [write_line(day=day) for day in (JUNE, JULY)])
    asked = ("RegionId", "SubAccountName", "ServiceName")
    assert numbers(still, dimensions=asked).hot() == asked[:2]
    assert numbers(still, dimensions=("RegionId",)).hot() == ("RegionId",)


def test_an_empty_period_is_unknown(lake: str) -> None:
    """May has no bill: no part is told, and no cell."""
    found = numbers(lake, before=Period.month("2026-05"), after=MONTHS[0])
    assert (found.change, found.parts, found.whole["Current"]) == (None, {}, 165)
    assert found.found.reason == "no line has an amount in both periods"
    both = numbers(lake, before=Period.month("2025-05"), after=Period.month("2025-06"))
    assert (both.change, both.whole["Current"], both.currency) == (None, None, "USD")


def test_currencies_are_not_mixed(tmp_path: Path) -> None:
    """Refused where none is named; with a name, the other's charges are not there."""
    rows = [write_line(day=day, cost=cost) for day, cost in ((JUNE, "2"), (JULY, "3"))]
    euros = [{**row, "BillingCurrency": "EUR", "EffectiveCost": "9"} for row in rows]
    lake = lake_of(tmp_path / "bill", [*rows, *euros])
    with pytest.raises(CurrencyError, match="amounts of different currencies are never added"):
        _ = numbers(lake).change
    assert [numbers(lake, currency=code).change for code in ("USD", "EUR")] == [1, 0]


def test_rates_convert_and_their_move_is_told(tmp_path: Path) -> None:
    """10 EUR in both months, at 1.0 and 1.2: 2.00 USD of currency."""
    rows = [write_line(day=day, cost="10", BillingCurrency="EUR") for day in (JUNE, JULY)]
    file = tmp_path / "rates.csv"
    file.write_text("date,from,to,rate\n2026-06,EUR,USD,1.0\n2026-07,EUR,USD,1.2\n")
    found = numbers(lake_of(tmp_path / "bill", rows), currency="USD", rates=str(file))
    assert {name: amount for name, amount in found.parts.items() if amount} == {"Currency": Decimal(2)}
    assert found.currency == "USD"


@pytest.mark.parametrize(
    "asked",
    [{"by": ()}, {"by": tuple("abcdefg")}, {"dimensions": tuple("abcdefg")}, {"depth": 0}, {"depth": 5},
     {"cells": 0}, {"cells": 51}],
)  # fmt: skip
def test_what_is_out_of_bounds_is_refused(asked: dict[str, Any]) -> None:
    """The parameter is named with its bounds."""
    usual: dict[str, Any] = {"by": ("a",), "dimensions": ("a",), "depth": 1, "cells": 1}
    with pytest.raises(ParameterError, match=f"parameter {next(iter(asked))}: .*there are from 1 to "):
        Asked(*MONTHS, **{**usual, **asked})


def test_gross_adds_rises_and_falls() -> None:
    """5 up and 5 down are 10 that moved; nothing is nothing."""
    assert gross({"New": Decimal(5), "Ended": Decimal(-5)}) == 10
    assert gross({}) == 0

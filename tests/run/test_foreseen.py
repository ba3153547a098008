"""What is known to change: each change reaches just what lies in its scope, at every level of the tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from finops_lib.cost.series import accrued, last_day
from finops_lib.errors import CurrencyError, SettingsError
from finops_lib.forecast.change_file import Planned
from finops_lib.run import foreseen
from finops_lib.run.cut import cut
from finops_lib.run.desk import Desk
from finops_lib.run.foreseen import Reach, ending, joined, told
from tests.cost.conftest import write_line
from tests.run.lakes import desk_of, lake_of, lines

START = datetime(2026, 7, 10, tzinfo=UTC)
MONEY: dict[str, Any] = {"cost": "EffectiveCost", "currency": "USD", "rates": None}
NODES = {
    "web / Compute": ("web / Compute",),
    "web": ("web / Compute", "web / Storage"),
    "all": ("web / Compute", "web / Storage", "ml / Compute", "(untagged) / Other"),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Open the small lake: parts of 3, 1, 2 and 1 of the same daily cost."""
    return desk_of(lake_of(tmp_path_factory.mktemp("foreseen") / "bill", lines()))


def reach_of(desk: Desk, beside: Mapping[str, Mapping[str, Sequence[str]]] | None = None) -> Reach:
    """Cut the lake by team and service."""
    days = accrued(desk.engine, by=["tag:team", "ServiceCategory"], **MONEY)
    found = cut(days, by=["tag:team", "ServiceCategory"], last=last_day(days), largest=10)
    return Reach(desk.engine, found, MONEY, beside or {})


def changed(desk: Desk, change: Planned, **more: Any) -> dict[str, dict[str, Any]]:
    """Tell one change and give each node's row."""
    frame, _ = told(reach_of(desk, more.pop("beside", None)), [change], [], nodes=more.pop("nodes", NODES))
    return {row["series"]: row for row in frame.to_dict("records")}


def test_an_amount_goes_to_the_series_of_its_scope_by_what_they_cost(desk: Desk) -> None:
    """Of 40 for web three quarters are compute; the whole has all of it."""
    launch = Planned(
        "Launch", "step", START, amount=Decimal(40), currency="USD", scope={"tag:team": ("web",)}
    )
    found = changed(desk, launch)
    assert {name: row["amount"] for name, row in found.items()} == pytest.approx(
        {"web / Compute": 30.0, "web": 40.0, "all": 40.0}
    )
    assert {row["time"] for row in found.values()} == {START}


def test_a_price_moves_each_sum_by_the_share_in_its_scope(desk: Desk) -> None:
    """Compute is 10 % dearer: all of web's compute, three quarters of web, five sevenths of the whole."""
    price = Planned("Price", "price", START, factor=Decimal("1.1"), scope={"ServiceCategory": ("Compute",)})
    found = changed(desk, price)
    factors = {name: row["factor"] for name, row in found.items()}
    assert factors == pytest.approx({"web / Compute": 1.1, "web": 1.075, "all": 1 + 0.1 * 5 / 7})


def test_an_end_without_an_amount_takes_the_scope_away(desk: Desk) -> None:
    """Web ends: nothing of it is left, and three sevenths of the whole."""
    found = changed(desk, Planned("End", "end", START, scope={"tag:team": ("web",)}))
    assert {name: row["kind"] for name, row in found.items()} == dict.fromkeys(NODES, "price")
    assert {name: row["factor"] for name, row in found.items()} == pytest.approx(
        {"web / Compute": 0.0, "web": 0.0, "all": 3 / 7}
    )


def test_a_series_of_its_own_scope_has_its_part_too(desk: Desk) -> None:
    """A budget for all compute gets the three quarters of web's 40; one for ml gets nothing."""
    launch = Planned(
        "Launch", "step", START, amount=Decimal(40), currency="USD", scope={"tag:team": ("web",)}
    )
    beside = {"budget Compute": {"ServiceCategory": ("Compute",)}, "budget ml": {"tag:team": ("ml",)}}
    found = changed(desk, launch, beside=beside, nodes={name: (name,) for name in beside})
    assert {name: row["amount"] for name, row in found.items()} == pytest.approx({"budget Compute": 30.0})


def test_the_reader_sees_what_a_change_adds_to_a_day(desk: Desk) -> None:
    """Of late compute cost 5 parts of 14.29 a day, 28 days of June: 20 weekdays of 16, 8 days of 10.

    The mean day of a part is (20 * 16 + 8 * 10) / 28 = 14.2857; 10 % of 5 parts are 7.14.
    """
    price = Planned("Price", "price", START, factor=Decimal("1.1"), scope={"ServiceCategory": ("Compute",)})
    less = Planned("Less", "end", START, amount=Decimal(3), currency="USD", why="merged")
    _, lines_told = told(reach_of(desk), [price, less], [], nodes=NODES)
    assert lines_told["ADay"].tolist() == [Decimal("7.14"), Decimal("-3.0")]
    assert lines_told["From"].tolist() == ["2026-07-10", "2026-07-10"]
    assert lines_told["Why"].tolist() == ["", "merged"]


def test_a_change_of_nothing_or_in_another_currency_is_refused(desk: Desk) -> None:
    """The scope is named with what to do; amounts are never converted by themselves."""
    nowhere = Planned(
        "Launch", "step", START, amount=Decimal(1), currency="USD", scope={"tag:team": ("new",)}
    )
    with pytest.raises(SettingsError, match="change 'Launch': something in its scope was charged"):
        changed(desk, nowhere)
    wrong = Planned("Launch", "step", START, amount=Decimal(1), currency="USD", scope={"tag:taem": ("web",)})
    with pytest.raises(SettingsError, match="change 'Launch': column 'tag:taem'"):
        changed(desk, wrong)
    euro = Planned("Launch", "step", START, amount=Decimal(1), currency="EUR")
    with pytest.raises(CurrencyError, match="change 'Launch' in EUR, costs in USD"):
        changed(desk, euro)


def committed(folder: Path, monkeypatch: pytest.MonkeyPatch, end: str | None) -> Desk:
    """Charge web 10 a day under a commitment that saves 4, and let a contract end then."""
    rows = []
    for day in pd.date_range("2026-06-01", "2026-06-30"):
        under = {"CommitmentDiscountId": "sp-1", "CommitmentDiscountStatus": "Used"}
        own = write_line(day=f"{day:%Y-%m-%d}", cost="6", tags={"team": "web"})
        rows.append({**own, **under, "ListCost": "12", "ContractedCost": "10"})
        unused = {**under, "CommitmentDiscountStatus": "Unused"}
        rows.append({**write_line(day=f"{day:%Y-%m-%d}", cost="1"), **unused, "ContractedCost": "0"})
    own = {"CommitmentId": "sp-1", "Type": "Savings Plan", "End": end}
    frame = pd.DataFrame([own, {"CommitmentId": "x", "Type": None, "End": None}], dtype=object)
    monkeypatch.setattr(foreseen.contracts, "commitments", lambda _: frame)
    return desk_of(lake_of(folder / "bill", rows))


def test_a_commitment_that_ends_gives_its_price_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Web pays 10 instead of 6, and the unused 1 of nobody falls away: 4 - 1 = 3 a day more."""
    desk = committed(tmp_path, monkeypatch, "2026-07-15")
    after, before = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)
    (end,) = ending(desk.engine, after=after, before=before, cost="EffectiveCost")
    nodes = {"web / Compute": ("web / Compute",), "all": ("web / Compute", "(untagged) / Compute")}
    frame, shown = told(reach_of(desk), [], [end], nodes=nodes)
    assert frame["amount"].tolist() == pytest.approx([4 * 28 / 28, 3.0])
    assert shown["ADay"].tolist() == [Decimal("3.0")]
    assert (end.name, end.start) == ("Savings Plan ends", datetime(2026, 7, 15, tzinfo=UTC))


def test_only_ends_within_the_forecast_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An end on the last day is after it; list prices know no commitment."""
    desk = committed(tmp_path, monkeypatch, "2026-08-01")
    span = {"after": datetime(2026, 7, 1, tzinfo=UTC), "before": datetime(2026, 8, 1, tzinfo=UTC)}
    assert ending(desk.engine, **span, cost="BilledCost") == ()
    later = {**span, "before": datetime(2026, 8, 2, tzinfo=UTC)}
    assert len(ending(desk.engine, **later, cost="BilledCost")) == 1
    assert ending(desk.engine, **later, cost="ListCost") == ()


def test_two_scopes_meet_in_what_both_allow() -> None:
    """Values of one column are intersected; where nothing is left, nothing can lie in both."""
    assert joined({}, {"a": ("x",)}) == {"a": ("x",)}
    assert joined({"a": ("x", "y")}, {"a": ("y", "z"), "b": ("q",)}) == {"a": ["y"], "b": ("q",)}
    assert joined({"a": ("x",)}, {"a": ("z",)}) is None

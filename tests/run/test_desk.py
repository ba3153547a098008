"""The desk: what a notebook opens, and that it hands period, currency and settings on unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.errors import CurrencyError, QueryError
from finops_lib.privacy import People
from finops_lib.records import Period
from finops_lib.run.desk import Desk, agreement, open_desk

BILL = Path(__file__).resolve().parents[1] / "notebooks" / "bill.csv"
NOW = datetime(2026, 8, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Take the small bill of two months into a lake."""
    folder = tmp_path_factory.mktemp("desk") / "lake"
    ingest([BILL], lake=Lake(folder), people=People.open(folder, {}), now=NOW)
    return folder


@pytest.fixture
def desk(lake: Path) -> Iterator[Desk]:
    """Open the lake without saying anything else."""
    with open_desk(str(lake), now="2026-08-20T00:00:00Z") as opened:
        yield opened


def test_it_opens_the_newest_complete_month_in_the_only_currency(desk: Desk) -> None:
    """July 2026, dollars, effective cost, nothing filling up."""
    assert (desk.month, desk.currency, desk.cost) == ("2026-07", "USD", "EffectiveCost")
    assert desk.period == Period.month("2026-07")
    assert desk.incomplete == ()
    assert len(desk.snapshot_ids) == 1


def test_every_question_adds_up_to_the_same_total(desk: Desk) -> None:
    """By service, by day, by month and side by side, July is one number."""
    whole = desk.totals()["effective"]
    assert whole == sum(desk.spend(by="ServiceName")["cost"])
    assert whole == sum(desk.spend(by="tag:team", grain="day")["cost"])
    assert whole == desk.history()["cost"].iloc[-1]
    assert whole == sum(desk.moves(by="ServiceName")["Current"])
    assert list(desk.months()["Month"]) == ["2026-07", "2026-06"]


def test_the_bill_agrees_with_its_invoices(desk: Desk, tmp_path: Path) -> None:
    """1,052.126 dollars are 1,052.13 on the invoice."""
    file = tmp_path / "invoices.csv"
    file.write_text("InvoiceId,BillingPeriod,BillingCurrency,Amount\nINV-07,2026-07,USD,1052.13\n")
    assert agreement(desk.invoices(file=str(file))) == "agrees"
    assert agreement(desk.invoices()) == "not checked"


def test_settings_reach_the_thresholds_and_are_shown(lake: Path, tmp_path: Path) -> None:
    """A settings file with late_after_days 9 is in force and is named."""
    path = tmp_path / "settings.json"
    source = {"file": "quality.toml", "commit": "abc", "sha256": "def"}
    path.write_text(json.dumps({"values": {"quality": {"late_after_days": 9}}, "files": [source]}))
    with open_desk(str(lake), settings=str(path)) as desk:
        assert desk.thresholds.late_after_days == 9
        assert desk.settings.table().to_numpy().tolist() == [["quality.toml", "abc", "def"]]
        assert "9" in set(desk.limits()["Value"])


def test_a_month_or_lake_that_is_not_there_is_refused(lake: Path, tmp_path: Path) -> None:
    """The months that are there are named; an empty lake says how to fill it."""
    with pytest.raises(QueryError, match="2026-07"):
        open_desk(str(lake), month="2025-01")
    with pytest.raises(QueryError, match="finops ingest"):
        open_desk(str(tmp_path / "none"))


def test_two_currencies_open_but_are_never_added(tmp_path: Path) -> None:
    """Tables that keep currencies apart work; a sum over both is refused until one is named."""
    bill = tmp_path / "euro.csv"
    bill.write_text(BILL.read_text().replace("USD", "EUR", 40))
    folder = tmp_path / "lake"
    ingest([bill], lake=Lake(folder), people=People.open(folder, {}), now=NOW)
    with open_desk(str(folder), month="2026-06") as desk:
        assert desk.currency == ""
        assert set(desk.months()["BillingCurrency"]) == {"EUR", "USD"}
        with pytest.raises(CurrencyError, match="EUR, USD"):
            desk.totals()
    with open_desk(str(folder), month="2026-06", currency="EUR") as desk:
        assert desk.totals()["billed"] is not None
    rates = tmp_path / "rates.csv"
    rates.write_text("date,from,to,rate\n2026-06,EUR,USD,2\n2026-07,EUR,USD,2\n")
    with open_desk(str(folder), month="2026-06", currency="USD", rates=str(rates)) as desk:
        assert set(desk.spend()["BillingCurrency"]) == {"USD"}


def test_the_notebooks_sentences_and_pictures_are_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything a notebook shows is made of the same frames, with hostile names as text."""
    monkeypatch.setenv("FINOPS_RUN", "1")
    moves = desk.moves(by="ServiceName")
    shown = [
        desk.draw_trend(desk.history(by="ServiceName"), by="ServiceName", grain="month"),
        desk.draw_trend(desk.spend(by="ServiceName", grain="day"), by="ServiceName", grain="day"),
        desk.draw_breakdown(desk.spend(by="ServiceName"), by="ServiceName"),
        desk.draw_movers(moves, desk.movers(moves), by="ServiceName"),
        desk.draw_coverage(desk.coverage(keys="team, env")),
        desk.draw_days(),
    ]
    assert all("<script" not in item.bundle["image/svg+xml"] for item in shown)
    assert "2026-07 cost $" in repr(desk.conclusion(moves))
    assert "JupyterLab" in repr(desk.explorer(by="ServiceName"))
    assert "ServiceName" in desk.explore(moves).bundle["text/html"]
    assert desk.show_notes().bundle["text/plain"]
    assert desk.untagged(key="team", by="ServiceName")["cost"].iloc[0] > 0


def test_quality_is_told_from_the_same_lake(desk: Desk) -> None:
    """One row was set aside, none is late, and the verdict counts both."""
    found = desk.findings()
    ready = desk.readiness(found)
    assert int(desk.quarantined()["Rows"].sum()) == int(desk.deliveries()["SetAside"].sum())
    assert "accounts" in repr(desk.show_verdict(found, ready)) or "account" in repr(ready)
    assert set(desk.flags().columns) >= {"Rule", "Rows", "Cost"}


def test_filters_redraw_a_part_of_the_month(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a person there, choosing a category gives its picture and its table."""
    monkeypatch.delenv("FINOPS_RUN", raising=False)
    box = desk.explorer(by="ServiceName")
    menu = box.children[0].children[1]
    menu.value = "Tax"
    assert "Usage" in menu.options
    box.close_all()


def test_savings_and_unknowns_are_in_the_summary(desk: Desk) -> None:
    """The savings rate lies between none and all; the summary writes it as text."""
    rate = desk.savings_rate()
    assert rate is not None
    assert Decimal(0) < rate < 1
    content = desk.summary(rate=rate, unknown=desk.unknown_rows()).bundle[
        "application/vnd.finops.summary+json"
    ]
    assert content["rate"] == f"{rate:f}"
    assert set(content["unknown"]) == {"list", "contracted", "effective", "billed"}

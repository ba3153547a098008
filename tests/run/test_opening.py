"""What a notebook was told: every parameter that can be wrong is refused by name."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from finops_lib.errors import ParameterError, QueryError, SettingsError
from finops_lib.run.opening import (
    chosen_currency,
    chosen_month,
    invoice_lines,
    moment,
    opened,
    settings_used,
)


def lake(*months: str, currencies: tuple[str, ...] = ("USD",)) -> Any:
    """Stand in for an engine with settled deliveries of these months."""
    snapshots = [
        SimpleNamespace(
            id=month, provider="Cloud", account="1", billing_period=month, last_day=f"{month}-30",
            delivered=datetime(2027, 1, 1, tzinfo=UTC),
        )
        for month in months
    ]  # fmt: skip
    answer = pd.DataFrame({"currency": list(currencies)})
    return SimpleNamespace(snapshots=snapshots, beside=(), query=lambda _: answer)


def test_settings_come_with_their_files(tmp_path: Path) -> None:
    """Values by room, and a table of file, commit and sha256; a file outside git has no commit."""
    path = tmp_path / "settings.json"
    content = {"values": {"quality": {"late_after_days": 5}}, "files": [{"file": "a.toml", "sha256": "ab"}]}
    path.write_text(json.dumps(content))
    used = settings_used(str(path))
    assert used.values == {"quality": {"late_after_days": 5}}
    assert used.table().to_numpy().tolist() == [["a.toml", "(none)", "ab"]]
    assert settings_used("").table().empty


@pytest.mark.parametrize("text", ["", "[]", '{"values": 1}', '{"values": {}, "files": 1}'])
def test_settings_of_another_shape_are_refused(tmp_path: Path, text: str) -> None:
    """The file is named, also when it is not there."""
    path = tmp_path / "settings.json"
    path.write_text(text)
    for name in (path, tmp_path / "settings.json.none"):
        with pytest.raises(SettingsError, match=r"settings\.json"):
            settings_used(str(name))


@pytest.mark.parametrize("text", ["2026-08-10T06:00:00Z", "2026-08-10T06:00", "2026-08-10T08:00+02:00"])
def test_a_moment_is_in_utc(text: str) -> None:
    """With a zone it is converted, without one it is UTC; empty is now."""
    assert moment(text) == datetime(2026, 8, 10, 6, tzinfo=UTC)
    assert datetime.now(UTC) - moment("") < timedelta(minutes=1)
    with pytest.raises(ParameterError, match="yesterday"):
        moment("yesterday")


def test_the_month_is_the_newest_complete_one_unless_named() -> None:
    """June's last day is the 30th, so it is whole; July stops a day early."""
    engine = lake("2026-05", "2026-06", "2026-07")
    assert chosen_month(engine, "", last_days=3) == "2026-06"
    assert chosen_month(engine, "2026-05", last_days=3) == "2026-05"
    for month in ("2026-08", "July"):
        with pytest.raises(QueryError, match=month):
            chosen_month(engine, month, last_days=3)
    with pytest.raises(QueryError, match="finops ingest"):
        chosen_month(lake(), "", last_days=3)


def test_the_currency_is_the_only_one_unless_named() -> None:
    """Of two none is taken; a third is refused unless money is converted to it."""
    two = lake(currencies=("EUR", "USD"))
    assert chosen_currency(lake(), "", converting=False) == "USD"
    assert chosen_currency(two, "", converting=False) == ""
    assert chosen_currency(two, "EUR", converting=False) == "EUR"
    assert chosen_currency(two, "CHF", converting=True) == "CHF"
    with pytest.raises(QueryError, match="CHF"):
        chosen_currency(two, "CHF", converting=False)


def test_rates_need_a_currency(tmp_path: Path) -> None:
    """A rates file alone converts to nothing."""
    path = tmp_path / "rates.csv"
    path.write_text("date,from,to,rate\n2026-07,EUR,USD,1.1\n")
    assert not opened(str(path), currency="USD").daily
    with pytest.raises(ParameterError, match="currency"):
        opened(str(path), currency="")


def test_invoices_are_read_as_text(tmp_path: Path) -> None:
    """Leading zeros and every decimal stay; no file is no invoices; a missing file is named."""
    path = tmp_path / "invoices.csv"
    path.write_text("InvoiceId,BillingPeriod,BillingCurrency,Amount\n007,2026-07,USD,1.10\n")
    assert invoice_lines(str(path)).to_numpy().tolist() == [["007", "2026-07", "USD", "1.10"]]
    assert list(invoice_lines("").columns) == ["InvoiceId", "BillingPeriod", "BillingCurrency", "Amount"]
    with pytest.raises(SettingsError, match=r"none\.csv"):
        invoice_lines(str(tmp_path / "none.csv"))

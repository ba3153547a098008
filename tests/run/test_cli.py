"""The command line: one JSON object, exit codes, and the errors a user meets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from finops_lib.keys import KEY_VARIABLE
from finops_lib.run.cli import app

BILL = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,BillingPeriodEnd,"
    "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ProviderName\n"
    + "1.10,1,USD,111,2026-07-01,2026-08-01,2026-07-01,2026-07-02,Usage,Cloud\n"
    + "2.20,2,USD,111,2026-07-01,2026-08-01,2026-07-02,2026-07-03,Usage,Cloud\n"
    + "4.40,4,USD,111,2026-07-01,2026-08-01,2026-07-03,2026-07-04,Cheese,Cloud\n"
)


@pytest.fixture
def bill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a bill of three rows, one of which is no FOCUS charge."""
    monkeypatch.setenv(KEY_VARIABLE, "a key for these tests alone, no secret")
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "bill.csv"
    path.write_text(BILL)
    return path


def said(*words: str, code: int = 0) -> dict[str, Any]:
    """Run a command that ends with this code and read its one JSON object."""
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == code, done.output
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def test_ingest_says_what_became_of_each_row(bill: Path) -> None:
    """7.70 came in, 3.30 is accepted, 4.40 set aside; the second call changes nothing."""
    first = said("ingest", str(bill))
    counts = [first[name] for name in ("rows_read", "rows_accepted", "rows_quarantined")]
    assert (first["source"], first["focus_version"][:1], counts) == ("FOCUS", "1", [3, 2, 1])
    assert first["source_cost"] == {"USD": "7.7"}
    assert first["billed_cost"]["accepted"] == {"USD": "3.3"}
    assert first["billed_cost"]["quarantined"] == {"USD": "4.4"}
    assert "charge_category_unknown" in {flag["rule"] for flag in first["flags"]}
    (one,) = first["snapshots"]
    wanted = {
        "provider": "Cloud",
        "account": "111",
        "billing_period": "2026-07",
        "scope": "",
        "unchanged": False,
    }
    assert wanted.items() <= one.items()
    (again,) = said("ingest", str(bill))["snapshots"]
    assert again == {**one, "unchanged": True}


def test_a_refused_bill_ends_with_1_and_its_reason(bill: Path) -> None:
    """The error is one JSON object with value, rule and remedy."""
    bill.write_text("a,b\n1,2\n")
    error = said("ingest", str(bill), code=1)["error"]
    assert error["type"] == "UnknownFormatError"
    assert "the first, FOCUS, needs" in error["rule"]


@pytest.mark.parametrize(
    ("words", "listed"),
    [
        (["report", "explore_cost", "-p", "monht=2026-07"], ["month", "tag_keys", "currency"]),
        (["report", "explore"], ["start_here", "data_quality", "explore_cost"]),
        (["report"], ["explore_cost"]),
    ],
)
def test_wrong_use_ends_with_2_and_lists_what_there_is(
    bill: Path, words: list[str], listed: list[str]
) -> None:
    """A wrong parameter or notebook is answered with the known ones, and nothing is written."""
    said("ingest", str(bill))
    error = said(*words, code=2)["error"]
    assert all(name in f"{error['rule']} {error['remedy']}" for name in listed), error
    assert not Path("reports").exists()


def test_a_report_is_made_and_named(bill: Path) -> None:
    """Notebook, page, summary and manifest are there; the summary knows the month's total."""
    said("ingest", str(bill))
    made = said("report", "explore_cost", "-p", "month=2026-07")
    assert all(Path(made[name]).is_file() for name in ("notebook", "html", "manifest", "summary"))
    summary = json.loads(Path(made["summary"]).read_text())
    assert (summary["month"], summary["total"]["billed"]) == ("2026-07", "3.3")
    assert "<script src=" not in Path(made["html"]).read_text()


def test_deliveries_are_listed(bill: Path) -> None:
    """The one delivery counts."""
    said("ingest", str(bill))
    (found,) = said("deliveries")["deliveries"]
    assert (found["billing_period"], found["rows"], found["current"]) == ("2026-07", 2, True)

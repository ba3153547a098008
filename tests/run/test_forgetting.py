"""Forgetting: a pseudonym belongs to nobody afterwards, and the lake's files stay as they are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from finops_lib.errors import LakeError, PrivacyError
from finops_lib.privacy import People
from finops_lib.run.forgetting import forget
from finops_lib.run.ingesting import take_in

ENVIRON = {"FINOPS_PRIVACY_KEY": "a key for these tests alone, no secret"}
HEAD = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,BillingPeriodEnd,"
    "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ProviderName,Tags\n"
)
JULY = "1,1,USD,111,2026-07-01,2026-08-01,2026-07-01,2026-07-02,Usage,Cloud"
OTHER = {"FINOPS_PRIVACY_KEY": "another key of these tests, no secret"}
ANNA, BEN = "anna@example.com", "ben@example.com"


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Take in a bill with two owners."""
    bill = tmp_path / "bill.csv"
    rows = [f'{JULY},"{{""owner"": ""{name}""}}"\n' for name in (ANNA, BEN)]
    bill.write_text(HEAD + "".join(rows))
    now = datetime(2026, 8, 5, tzinfo=UTC)
    take_in([bill], lake_root=tmp_path / "lake", environ=ENVIRON, now=now)
    return tmp_path / "lake"


def files(folder: Path) -> dict[Path, bytes]:
    """Read every file below a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_only_the_named_person_is_forgotten(lake: Path) -> None:
    """Case and spaces do not matter, blank lines are passed over, a stranger is counted as unknown."""
    before = files(lake)
    names = [f" {ANNA.upper()}\n", "\n", "  ", "nobody@example.com\n"]
    assert forget(names, lake_root=lake, environ=ENVIRON) == {"forgotten": 1, "unknown": 1}
    people = People.open(lake, ENVIRON)
    assert people.pseudonym_of(ANNA) is None
    assert people.pseudonym_of(BEN) is not None
    assert files(lake) == before


def test_a_person_is_forgotten_once(lake: Path) -> None:
    """Named a second time, in the same call or later, he is unknown."""
    assert forget([ANNA, ANNA], lake_root=lake, environ=ENVIRON) == {"forgotten": 1, "unknown": 1}
    assert forget([ANNA], lake_root=lake, environ=ENVIRON) == {"forgotten": 0, "unknown": 1}


def test_without_a_lake_nothing_is_made(tmp_path: Path) -> None:
    """A mistyped folder gets neither lake nor key map."""
    with pytest.raises(LakeError, match="at least one delivery"):
        forget([ANNA], lake_root=tmp_path / "typo", environ=ENVIRON)
    assert list(tmp_path.iterdir()) == []


def test_another_key_is_refused(lake: Path) -> None:
    """With a wrong key everybody would seem unknown: that is an error, and nobody is forgotten."""
    with pytest.raises(PrivacyError, match="another key"):
        forget(
            [ANNA], lake_root=lake, environ={"FINOPS_PRIVACY_KEY": "another key of these tests, no secret"}
        )
    assert People.open(lake, ENVIRON).pseudonym_of(ANNA) is not None

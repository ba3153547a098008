"""The words of an allocation, with numbers that a reader can check."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from finops_lib.run.allocating_words import answer, carded, owned, quantity, reasons, unit_money

SHOWN = pd.DataFrame(
    {
        "Team": ["web", "data", "(unallocated)"],
        "Cost": [Decimal(60), Decimal(30), Decimal(10)],
        "Share": [Decimal("0.6"), Decimal("0.3"), Decimal("0.1")],
    }
)


def test_the_answer_names_the_whole_the_first_and_the_rest() -> None:
    """In this order."""
    assert answer(SHOWN, month="2026-07", currency="USD") == [
        "2026-07 cost $100.00; teams and nobody add up to it, to the cent.",
        "web pays most: $60.00, 60.0 % of the bill.",
        "$10.00, 10.0 %, is allocated to nobody.",
    ]


def test_the_answer_knows_the_ends() -> None:
    """Everything placed, nothing placed, no bill."""
    assert answer(SHOWN[:2], month="m", currency="USD")[-1] == "Nothing is left unallocated."
    assert len(answer(SHOWN[2:], month="m", currency="USD")) == 2
    assert answer(SHOWN[:0], month="m", currency="USD") == ["m has no charge to share out."]


def test_owners_are_said_with_their_bounds() -> None:
    """Nobody is no owner, even where most is nobody's."""
    columns = ["Owner", "Low", "Mid", "High"]
    found = pd.DataFrame([("web", Decimal(1), Decimal(2), Decimal(3))], columns=columns, dtype=object)
    said = "Most of the unallocated money could be web's: $2.00 ($1.00 to $3.00)."
    assert owned(found, currency="USD") == [said]
    assert owned(found.assign(Owner="(nobody)"), currency="USD") == []


def test_commitments_that_do_not_tell_their_use_are_unknown() -> None:
    """No zero for what the bill does not say."""
    card = pd.DataFrame(
        [{"Coverage": Decimal("0.5"), "Utilisation": None, "Unused": None, "SavingsRate": None}]
    )
    (said,) = carded(card.astype(object).where(card.notna(), None), currency="USD")
    assert said.startswith("Commitments cover 50.0 % of what they could and were used to unknown; unknown of")
    (none,) = carded(
        card.assign(Coverage=None).astype(object).where(lambda told: told.notna(), None), currency="USD"
    )
    assert none == "No commitment covers anything. The effective savings rate is unknown."


@pytest.mark.parametrize(
    ("amount", "said"),
    [("12.345", "$12.34"), ("0.5", "$0.5000"), ("-0.000012345", "-$0.00001234"), ("0", "$0.00")],
)
def test_a_unit_keeps_four_digits_that_count(amount: str, said: str) -> None:
    """A request costs a small part of a cent, and that part is the answer."""
    assert unit_money(Decimal(amount), currency="USD") == said


def test_unknown_is_said() -> None:
    """Neither nothing nor zero."""
    assert (unit_money(None, currency="USD"), quantity(None)) == ("unknown", "unknown")
    assert quantity(Decimal("1234567.891")) == "1,234,567.89"


def test_reasons_are_counted_once() -> None:
    """Three different ones are the first and two others."""
    assert reasons(["a", "b", "a", "c"]) == "a, and 2 others"

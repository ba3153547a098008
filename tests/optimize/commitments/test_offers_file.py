"""Files of offers and of commitments in place are read strictly, as CSV and as TOML."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from finops_lib.errors import SettingsError
from finops_lib.optimize.commitments.offers import Offer
from finops_lib.optimize.commitments.offers_file import Term, parse, parse_held

HEAD = "offer,scope,months,payment,discount,unit\n"
ROW = "plan,AWS / Compute / x,12,partial,0.25,0.5\n"


def test_csv_and_toml_say_the_same() -> None:
    """An offer over two scopes."""
    rows = HEAD + ROW + "plan,AWS / Functions / x,12,partial,0.1,0.5\n"
    toml = """
[[offer]]
offer = "plan"
scope = ["AWS / Compute / x"]
months = 12
payment = "partial"
discount = 0.25
unit = 0.5

[[offer]]
offer = "plan"
scope = "AWS / Functions / x"
months = 12
payment = "partial"
discount = 0.1
unit = 0.5
"""
    expected = (Offer("plan", {"AWS / Compute / x": 0.25, "AWS / Functions / x": 0.1}, 12, 0.5, 0.5),)
    assert parse(rows, name="o.csv") == parse(toml, name="o.toml") == expected


def test_a_byte_mark_and_spare_columns_of_case_are_let_be() -> None:
    """As spreadsheets write them."""
    [one] = parse("\ufeffOffer, Scope ,Months,Payment,Discount\nplan,a,12,none,0.3\n", name="o.csv")
    assert (one.name, one.upfront, one.unit) == ("plan", 0.0, 0.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "offers file o.csv: no row"),
        (HEAD, "offers file o.csv: no row"),
        (HEAD + ROW.replace("0.25", "25"), "offers file o.csv, offer 1: discount '25'"),
        (HEAD + ROW.replace("0.25", "0"), "offers file o.csv, offer 1: discount '0'"),
        (HEAD + ROW.replace("12", "121"), "offers file o.csv, offer 1: months '121'"),
        (HEAD + ROW.replace("12", "1.5"), "offers file o.csv, offer 1: months '1.5'"),
        (HEAD + ROW.replace("partial", "later"), "offers file o.csv, offer 1: payment 'later'"),
        (HEAD + ROW.replace("AWS / Compute / x", '"a\tb"'), "offers file o.csv, offer 1: scope 'a\\tb'"),
        (HEAD + ROW.replace("AWS / Compute / x", "x" * 1001), "offers file o.csv, offer 1: scope"),
        (HEAD + ROW + ROW, "offers file o.csv: offer 'plan'"),
        (HEAD + ROW + ROW.replace("0.5\n", "1\n").replace("Compute", "C"), "offers file o.csv: offer 'plan'"),
        (HEAD + ROW + ROW.replace("12", "36").replace("Compute", "C"), "offers file o.csv: offer 'plan'"),
        ("offer,offer\na,b\n", "offers file o.csv: two columns of one name"),
        (HEAD + 'plan,"a,12\n', "offers file o.csv: unexpected end of data"),
        (HEAD + ROW.replace("\n", ",more\n"), "offers file o.csv, offer 1: 'surplus'"),
        ("offer,scope,months,payment\nplan,a,12,none\n", "offers file o.csv, offer 1: no discount"),
        (HEAD + ROW.replace("0.5\n", "-1\n"), "offers file o.csv, offer 1: unit '-1'"),
    ],
)
def test_a_broken_offer_is_named(text: str, message: str) -> None:
    """File, place, field and value; nothing is half read."""
    with pytest.raises(SettingsError) as refused:
        parse(text, name="o.csv")
    assert str(refused.value).startswith(message), str(refused.value)


def test_terms_of_what_is_in_place() -> None:
    """The end is the first day that is not covered."""
    rows = "commitment,ends,months\nri-1,2026-12-01,12\nri-2,2027-01-01,\n"
    assert parse_held(rows, name="h.csv") == (
        Term("ri-1", datetime(2026, 12, 1, tzinfo=UTC), 12),
        Term("ri-2", datetime(2027, 1, 1, tzinfo=UTC)),
    )
    toml = '[[held]]\ncommitment = "ri-1"\nends = 2026-12-01\nmonths = 12\n'
    assert parse_held(toml, name="h.toml")[0] == parse_held(rows, name="h.csv")[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("commitment,ends\na,soon\n", "commitments file h.csv, commitment 1: ends 'soon'"),
        ("commitment,ends\na,2026-12-01\na,2026-12-01\n", "commitments file h.csv: 'a' twice"),
        ("commitment,ends\n,2026-12-01\n", "commitments file h.csv, commitment 1: no commitment"),
        ("commitment,ends,months\na,2026-12-01,0\n", "commitments file h.csv, commitment 1: months '0'"),
    ],
)
def test_a_broken_term_is_named(text: str, message: str) -> None:
    """As above."""
    with pytest.raises(SettingsError) as refused:
        parse_held(text, name="h.csv")
    assert str(refused.value).startswith(message), str(refused.value)

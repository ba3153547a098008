"""Budgets as text: TOML and CSV say the same, periods count from the first month, odd ones are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from finops_lib.errors import SettingsError
from finops_lib.forecast.budget_file import Budget, parse
from finops_lib.records import Period

TOML = """
[[budget]]
name = "Web"
owner = "ann"
period = "month"
amount = 1200.10
currency = "EUR"
valid_from = "2026-01"
valid_until = "2026-07"
[budget.scope]
"tag:team" = ["web", "api"]
ServiceName = "Compute"

[[budget]]
name = "Web"
owner = "ann"
period = "month"
amount = "1500"
currency = "EUR"
valid_from = "2026-07"
"""
CSV = """name,owner,period,amount,currency,valid_from,valid_until,scope
Web,ann,month,1200.10,EUR,2026-01,2026-07,tag:team=web|api; ServiceName=Compute
Web,ann,month,1500,EUR,2026-07,,
"""
LINE = {
    "name": "Web", "owner": "ann", "period": "quarter", "amount": "9", "currency": "EUR",
    "valid_from": "2026-02", "valid_until": "", "scope": "",
}  # fmt: skip


def csv_of(**changes: str) -> str:
    """Write one budget with these cells changed."""
    line = {**LINE, **changes}
    return ",".join(line) + "\n" + ",".join(line.values()) + "\n"


def test_both_kinds_of_file_say_the_same() -> None:
    """Exact amounts, scopes with one and several values, an open end, and a later version of one budget."""
    expected = (
        Budget(
            "Web", "ann", "month", Decimal("1200.10"), "EUR", datetime(2026, 1, 1, tzinfo=UTC),
            datetime(2026, 7, 1, tzinfo=UTC), {"tag:team": ("web", "api"), "ServiceName": ("Compute",)},
        ),
        Budget("Web", "ann", "month", Decimal(1500), "EUR", datetime(2026, 7, 1, tzinfo=UTC)),
    )  # fmt: skip
    assert parse(TOML, name="budgets.TOML") == expected
    assert parse("\ufeff" + CSV, name="budgets.csv") == expected
    assert expected[0].id != expected[1].id


def test_quarters_and_years_count_from_the_first_month() -> None:
    """A quarter from February: May belongs to May to July; a year from October ends with September."""
    quarter = parse(csv_of(), name="b.csv")[0]
    assert quarter.period_at(datetime(2026, 5, 1, tzinfo=UTC)) == Period(
        datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)
    )
    year = parse(csv_of(period="year", valid_from="2025-10", valid_until="2026-10"), name="b.csv")[0]
    assert year.period_at(datetime(2026, 9, 30, 23, tzinfo=UTC)) == Period(
        datetime(2025, 10, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
    )


def test_the_periods_of_a_time_are_those_that_touch_it() -> None:
    """From the middle of the first until before the budget ends; none before, none after, no edge twice."""
    quarter = parse(csv_of(valid_until="2026-11"), name="b.csv")[0]  # from February

    def starts(since: tuple[int, int], until: tuple[int, int]) -> list[str]:
        moments = (datetime(2026, *at, tzinfo=UTC) for at in (since, until))
        return [period.label for period in quarter.periods(*moments)]

    assert starts((4, 30), (5, 1)) == ["2026-02"]
    assert starts((4, 30), (5, 2)) == ["2026-02", "2026-05"]
    assert starts((1, 1), (12, 1)) == ["2026-02", "2026-05", "2026-08"]
    assert starts((1, 1), (2, 1)) == starts((11, 1), (12, 1)) == starts((5, 1), (5, 1)) == []


def test_a_budget_holds_only_between_its_ends() -> None:
    """The moment before and the end itself have no period."""
    budget = parse(csv_of(valid_until="2026-05"), name="b.csv")[0]
    outside = (datetime(2026, 1, 31, 23, 59, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
    assert [budget.period_at(moment) for moment in outside] == [None, None]
    assert budget.period_at(datetime(2026, 4, 30, 23, 59, tzinfo=UTC)) is not None


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"name": " "}, "no name"),
        ({"amount": "0"}, "above zero"),
        ({"amount": "-5"}, "above zero"),
        ({"amount": "NaN"}, "above zero"),
        ({"amount": "1_000"}, "above zero"),
        ({"amount": "1e3000"}, "above zero"),
        ({"amount": "1E-99"}, "above zero"),
        ({"currency": "eur"}, "ISO 4217"),
        ({"currency": "EURO"}, "ISO 4217"),
        ({"period": "week"}, "one of month, quarter, year"),
        ({"valid_from": "2026-13"}, "month"),
        ({"valid_until": "2026-02"}, "whole periods"),
        ({"valid_until": "2026-04"}, "whole periods"),
        ({"scope": "tag:team"}, "one or more values"),
        ({"scope": "=web"}, "one or more values"),
        ({"limit": "5"}, "no others"),
    ],
)
def test_an_entry_that_is_no_budget_is_refused(changes: dict[str, str], word: str) -> None:
    """The message names the file, the entry and the rule."""
    with pytest.raises(SettingsError, match=word) as refused:
        parse(csv_of(**changes), name="b.csv")
    assert "b.csv, entry 1" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "b.csv"), ("name,owner\n", "b.csv"), ("", "b.toml"), ("budget = 5", "b.toml"),
        ("[[budget]\n", "b.toml"), ('a,b\n"x', "b.csv"), ("budget = [1]", "b.toml"),
    ],
)  # fmt: skip
def test_a_text_without_budgets_is_refused(text: str, name: str) -> None:
    """Empty, of another shape, or broken."""
    with pytest.raises(SettingsError, match=name):
        parse(text, name=name)


def test_true_is_no_amount_and_a_number_no_scope() -> None:
    """TOML has types; a wrong one is no budget."""
    for old, new in (("1200.10", "true"), ('["web", "api"]', "7"), ('["web", "api"]', '[["web"]]')):
        with pytest.raises(SettingsError, match="entry 1"):
            parse(TOML.replace(old, new), name="b.toml")


def test_two_versions_never_hold_in_one_month() -> None:
    """An open end before a later version, and the same start twice, are refused by name and month."""
    for until, later in (("", "2026-07"), ("2026-07", "2026-06"), ("2026-07", "2026-01")):
        text = CSV.replace("2026-01,2026-07", f"2026-01,{until}").replace("2026-07,,", f"{later},,")
        with pytest.raises(SettingsError, match="'Web' hold in"):
            parse(text, name="b.csv")


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("a = " + "[" * 20_000, "b.toml", "budgets file b.toml"),
        (TOML + "[[limit]]\nname = 'x'\n", "b.toml", "budgets file b.toml: 'limit'"),
        (CSV.replace("owner", "name", 1), "b.csv", "two columns of one name"),
        (csv_of(scope=";"), "b.csv", "one or more values"),
    ],
)
def test_a_file_that_could_be_misread_is_refused(text: str, name: str, words: str) -> None:
    """Deeply nested text, a table of another name, a column twice and a scope of nothing are no budgets."""
    with pytest.raises(SettingsError, match=words):
        parse(text, name=name)


def test_a_column_named_twice_has_all_its_values_and_a_name_one_line() -> None:
    """Quotes may hold a line break; a name may not, since it heads tables, pictures and tickets."""
    budget = parse(csv_of(scope="tag:team=a|c; tag:team=d"), name="b.csv")[0]
    assert dict(budget.scope) == {"tag:team": ("a", "c", "d")}
    with pytest.raises(SettingsError, match=r"entry 1: name 'We\\nb': it is one line"):
        parse(csv_of(name='"We\nb"'), name="b.csv")

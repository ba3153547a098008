"""What the sample company plans to spend: budgets of the whole and of its teams, and a daily commitment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from finops_lib.estate.tagging import TEAMS
from finops_lib.estate.truth import Truth
from finops_lib.records import Period, plain

BUDGETS_FILE, LIMITS_FILE = "budgets.toml", "limits.toml"
_PAID = ("azure", "gcp", "oci", "onprem")  # bills beside AWS; what explains them stands in no budget
_SHARES: Mapping[str, int] = MappingProxyType(
    {"platform": 185, "checkout": 116, "tracking": 68, "data": 108, "mobile": 133, "ml": 84, "security": 65}
)
_QUARTERLY = "ml"
_MORE, _BEFORE, _AWS = Decimal("1.01"), Decimal("0.93"), Decimal("1.15")  # of the last whole month
_HUNDRED = Decimal(100)
_QUARTER = 3  # months
_WORD = 3  # letters from which on a team is no abbreviation


def write_budgets(folder: Path, told: Truth, others: Mapping[str, Any]) -> dict[str, str]:
    """Write ``budgets.toml`` and ``limits.toml``, made from what the last whole month came to.

    Each team has a share of the whole, for what is tagged as it is spelt; one plans by the quarter; the whole
    got a new amount in the last month. The limit is a daily commitment to AWS.

    Parameters
    ----------
    folder : Path
        Where to.
    told : Truth
        Of the AWS bills.
    others : mapping
        Truths of the other bills, by part.

    Returns
    -------
    dict of str to str
        Name of each budget and limit to its amount.
    """
    last = told.months[max(0, len(told.months) - 2)]
    aws = sum((Decimal(costs["EffectiveCost"]) for costs in told.totals[last].values()), Decimal(0))
    whole = aws + sum((_month(others[part], last) for part in _PAID), Decimal(0))
    budgets = list(_budgets(whole, first=told.months[0], last=last))
    daily = (aws * _AWS / Period.month(last).days).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    limit = {"name": "AWS commitment a day", "owner": "finance", "kind": "commitment", "amount": plain(daily),
             "currency": "USD", "scope": '{ "x_ProviderName" = ["AWS"] }'}  # fmt: skip
    _write(folder / BUDGETS_FILE, "budget", budgets, head="# What Lantern Freight plans to spend.")
    _write(folder / LIMITS_FILE, "limit", [limit], head="# What Lantern Freight has committed to a day.")
    return {item["name"]: item["amount"] for item in (*budgets, limit)}


def _month(told: Mapping[str, Any], month: str) -> Decimal:
    found = told["months"].get(month, {})
    return Decimal(found.get("cost", "0")) + Decimal(found.get("credits", "0"))


def _budgets(whole: Decimal, *, first: str, last: str) -> Iterator[dict[str, str]]:
    new = f"{Period.month(last).end:%Y-%m}"
    yield _budget("Company", "finance", whole * _BEFORE, first=first, until=new)
    yield _budget("Company", "finance", whole * _MORE, first=new)
    for team in TEAMS:
        months = _QUARTER if team == _QUARTERLY else 1
        amount = whole * _SHARES[team] * months / 1000
        name = team.upper() if len(team) < _WORD else team.title()
        yield _budget(name, f"{team}-lead", amount, first=_quarter(first), months=months, team=team)


def _budget(
    name: str, owner: str, amount: Decimal, *, first: str, until: str = "", months: int = 1, team: str = ""
) -> dict[str, str]:
    rounded = (amount / _HUNDRED).quantize(Decimal(1), rounding=ROUND_HALF_UP) * _HUNDRED
    found = {"name": name, "owner": owner, "period": "quarter" if months > 1 else "month",
             "amount": plain(rounded), "currency": "USD", "valid_from": first}  # fmt: skip
    if until:
        found["valid_until"] = until
    if team:
        found["scope"] = f'{{ "tag:team" = ["{team}"] }}'
    return found


def _quarter(month: str) -> str:
    """Give the first month of the quarter of a year that a month lies in."""
    day = date.fromisoformat(f"{month}-01")
    return f"{day.year}-{(day.month - 1) // _QUARTER * _QUARTER + 1:02d}"


def _write(path: Path, key: str, entries: list[dict[str, str]], *, head: str) -> None:
    lines = [head]
    for entry in entries:
        lines += ["", f"[[{key}]]", *(f"{name} = {_toml(name, text)}" for name, text in entry.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _toml(name: str, text: str) -> str:
    return text if name in {"amount", "scope"} else f'"{text}"'

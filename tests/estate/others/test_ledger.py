from __future__ import annotations

from finops_lib.estate.others.ledger import CORRECTION, Ledger


def test_a_row_is_counted_by_month_service_kind_and_file() -> None:
    """Two rows of a month in two files: 3 - 1 dollars, half a dollar back."""
    book = Ledger()
    book.add("2026-07", "a", 3 * 10**10, service="Compute", credit=-5 * 10**9)
    book.add("2026-07", "b", -(10**10), service="Compute", kind=CORRECTION)
    assert book.told() == {
        "months": {
            "2026-07": {
                "rows": 2, "cost": "2", "credits": "-0.5", "services": {"Compute": "2"},
                "kinds": {"correction": "-1", "usage": "3"},
            }
        },
        "files": {
            "a": {"rows": 1, "cost": "3", "credits": "-0.5"}, "b": {"rows": 1, "cost": "-1", "credits": "0"},
        },
        "waste_list_cost": {}, "untagged_list_cost": {},
    }  # fmt: skip

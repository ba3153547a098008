"""Exports that append: each slice once, beside the others, and nothing counted twice."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing import formats
from finops_lib.billing.engine import Engine
from finops_lib.billing.formats import FOCUS
from finops_lib.billing.formats.base import fit_needed
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import CHARGES, DAILY, QUARANTINE, Lake
from finops_lib.errors import RefusedDeliveryError
from finops_lib.privacy import People
from finops_lib.records import Conformance

NOW = datetime(2026, 8, 20, tzinfo=UTC)
LINE = {
    "BilledCost": "1",
    "BillingAccountId": "111",
    "BillingCurrency": "USD",
    "BillingPeriodEnd": "2026-08-01T00:00:00Z",
    "BillingPeriodStart": "2026-07-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargePeriodEnd": "2026-07-02T00:00:00Z",
    "ChargePeriodStart": "2026-07-01T00:00:00Z",
    "ProviderName": "Cloud",
    "ServiceName": "Compute",
}
FIRST, SECOND, THIRD = "2026-07-01/2026-07-03", "2026-07-02/2026-07-04", "2026-07-03/2026-07-05"
APPENDING = replace(
    FOCUS,
    name="Appending",
    delivery="appends",
    needed=("x_Appends",),
    fit=lambda header: fit_needed(header, ["x_Appends"]),
    row_key="x_RowKey",
)
ADDED = {"x_Appends": "yes"}


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be a format that appends, told by a column of its own."""
    monkeypatch.setattr(formats, "FORMATS", (APPENDING, FOCUS))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Give an empty lake."""
    return Lake(tmp_path / "lake")


def write(path: Path, *lines: Mapping[str, str]) -> Path:
    """Write a bill of a plain line changed by each of these."""
    rows = [{**LINE, **line} for line in lines]
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def row(cost: str, **changes: str) -> dict[str, str]:
    """Write a row of an appending export."""
    return {"BilledCost": cost, **ADDED, **changes}


def take(lake: Lake, *paths: Path, force: bool = False, scope: str = "") -> Conformance:
    """Take files in."""
    people = People.open(lake.root, {})
    return ingest(paths, lake=lake, people=people, now=NOW, force=force, scope=scope)


def costs(lake: Lake, relation: str = "charges") -> list[Decimal]:
    """Read the cost of a relation, smallest first."""
    with Engine(lake) as engine:
        return list(engine.query(f"SELECT BilledCost FROM {relation} ORDER BY 1")["BilledCost"])  # noqa: S608


def told(found: Conformance) -> list[tuple[str, bool, int]]:
    """Which slices were there, whether unchanged, with how many rows."""
    return [(item.scope, item.unchanged, item.rows) for item in found.snapshots]


def refused(lake: Lake, *paths: Path) -> str:
    """Take in what is refused, see that the lake stays as it was, and return what is said."""
    before, files = lake.digest(), sorted(lake.root.rglob("*.parquet"))
    with pytest.raises(RefusedDeliveryError) as caught:
        take(lake, *paths)
    assert (lake.digest(), sorted(lake.root.rglob("*.parquet"))) == (before, files)
    return str(caught.value)


def test_a_slice_is_added_beside_the_others_and_once(lake: Lake, tmp_path: Path) -> None:
    """Another slice adds its rows; the same one again, under any name, changes nothing."""
    one = write(tmp_path / "one", row("1", x_Slice="a"), row("2", x_Slice="a"))
    assert told(take(lake, one)) == [("a", False, 2)]
    assert told(take(lake, write(tmp_path / "two", row("4", x_Slice="b")))) == [("b", False, 1)]
    before = lake.digest()
    assert told(take(lake, one.rename(tmp_path / "again"))) == [("a", True, 2)]
    assert (lake.digest(), costs(lake), costs(lake, "daily")) == (before, [1, 2, 4], [3, 4])


def test_a_slice_that_changed_takes_over_from_itself_alone(lake: Lake, tmp_path: Path) -> None:
    """The slices beside it stay, and it may not shrink."""
    take(lake, write(tmp_path / "both", row("1", x_Slice="a"), row("8", x_Slice="b")))
    found = take(lake, write(tmp_path / "new", row("1", x_Slice="a"), row("2", x_Slice="a")))
    assert told(found) == [("a", False, 2)]
    assert costs(lake) == [1, 2, 8]
    said = refused(lake, write(tmp_path / "less", row("0.5", x_Slice="b")))
    assert said.startswith("delivery Cloud 111 2026-07: it costs 0.5 USD, the one in place 8;")


def test_the_slice_is_no_column_of_the_lake(lake: Lake, tmp_path: Path) -> None:
    """It is the scope of the delivery."""
    take(lake, write(tmp_path / "one", row("1", x_Slice="a")))
    with Engine(lake) as engine:
        assert "x_Slice" not in engine.columns
        assert [item.scope for item in engine.snapshots] == ["a"]


def test_a_file_is_its_own_slice_where_rows_name_none(lake: Lake, tmp_path: Path) -> None:
    """Named by its content: under another name or in another folder it is the same."""
    folder = tmp_path / "export"
    for number in (1, 2):
        write(folder / f"{number}.csv", row(str(number)), row(f"{number}0"))
    first = take(lake, folder)
    assert [(unchanged, rows) for _, unchanged, rows in told(first)] == [(False, 2), (False, 2)]
    assert {len(scope) for scope, _, _ in told(first)} == {16}
    write(folder / "3.csv", row("3"))
    (folder / "1.csv").rename(folder / "9.csv")
    grown = take(lake, folder)
    assert sorted(unchanged for _, unchanged, _ in told(grown)) == [False, True, True]
    assert {scope for scope, unchanged, _ in told(grown) if unchanged} == {
        scope for scope, _, _ in told(first)
    }
    assert costs(lake) == [1, 2, 3, 10, 20]
    before = lake.digest()
    assert all(unchanged for _, unchanged, _ in told(take(lake, folder / "2.csv", folder / "3.csv")))
    assert (lake.digest(), costs(lake)) == (before, [1, 2, 3, 10, 20])


def test_rows_with_and_without_a_slice_go_different_ways(lake: Lake, tmp_path: Path) -> None:
    """Those that name one go there, the others with their file."""
    found = told(take(lake, write(tmp_path / "one", row("1", x_Slice="a"), row("2"), row("4", x_Slice="a"))))
    assert sorted((scope if scope == "a" else "file", rows) for scope, _, rows in found) == [
        ("a", 2),
        ("file", 1),
    ]


def test_a_file_of_many_slices_ends_in_one_file_each(lake: Lake, tmp_path: Path) -> None:
    """Many small files of an appending export are written one by one, and read together."""
    folder = tmp_path / "export"
    for number in range(12):
        write(folder / f"{number}.csv", row(str(number + 1)))
    take(lake, folder)
    assert len(lake.files(CHARGES)) == len(lake.files(DAILY)) == 12
    assert sum(costs(lake)) == sum(costs(lake, "daily")) == 78


def test_a_scope_of_the_caller_names_all_rows(lake: Lake, tmp_path: Path) -> None:
    """Whatever slices the rows name, and for a format without slices too."""
    lines = (row("1", x_Slice="a"), row("2", x_Slice="b"))
    assert told(take(lake, write(tmp_path / "one", *lines), scope="mine")) == [("mine", False, 2)]
    plain = ({"BilledCost": "4"}, {"BilledCost": "8"})
    assert told(take(lake, write(tmp_path / "two", *plain), scope="other")) == [("other", False, 2)]
    assert costs(lake) == [1, 2, 4, 8]


def test_a_format_that_overwrites_has_no_slices(lake: Lake, tmp_path: Path) -> None:
    """A column of that name in its file makes none: the period is replaced as a whole."""
    take(lake, write(tmp_path / "one", {"x_Slice": "a"}))
    assert told(take(lake, write(tmp_path / "two", {"x_Slice": "b", "BilledCost": "2"}))) == [("", False, 1)]
    assert costs(lake) == [2]


def test_copies_in_one_call_are_refused_and_with_force_both_count(lake: Lake, tmp_path: Path) -> None:
    """Their slices differ then, so that neither is lost."""
    paths = [write(tmp_path / name, row("5")) for name in ("a.csv", "b.csv")]
    assert refused(lake, *paths).startswith(f"files {paths[0]} and {paths[1]}: they have the same content")
    found = told(take(lake, *paths, force=True))
    scopes = [scope for scope, _, _ in found]
    assert scopes[1] == f"{scopes[0]}-1"
    assert costs(lake) == [5, 5]
    assert [unchanged for _, unchanged, _ in told(take(lake, *paths, force=True))] == [True, True]


def test_windows_that_overlap_are_refused(lake: Lake, tmp_path: Path) -> None:
    """In one call or after one another; windows that follow one another are not."""
    first, second, third = (
        write(tmp_path / f"{number}", row(number, x_Slice=name))
        for number, name in (("1", FIRST), ("2", SECOND), ("4", THIRD))
    )
    said = (
        f"window {SECOND} of Cloud 111: it overlaps the window {FIRST}, and cost in both would count twice. "
        "Remedy: ask for windows that follow one another; with --force both are kept."
    )
    assert refused(lake, first, second) == said
    take(lake, first)
    take(lake, third)
    assert refused(lake, second) == said
    assert costs(lake) == [1, 4]
    take(lake, second, force=True)
    assert costs(lake) == [1, 2, 4]


def test_windows_of_other_accounts_do_not_overlap(lake: Lake, tmp_path: Path) -> None:
    """Nor does one with itself in two months, nor with what replaces it."""
    take(
        lake, write(tmp_path / "1", row("1", x_Slice=FIRST), row("2", x_Slice=SECOND, BillingAccountId="222"))
    )
    take(lake, write(tmp_path / "1", row("1", x_Slice=FIRST), row("4", x_Slice=FIRST)))
    august = {"BillingPeriodStart": "2026-08-01T00:00:00Z", "BillingPeriodEnd": "2026-09-01T00:00:00Z"}
    take(lake, write(tmp_path / "1", row("1", x_Slice=THIRD), row("8", x_Slice=THIRD, **august)))
    assert costs(lake) == [1, 1, 2, 4, 8]


def test_rows_that_another_slice_holds_are_refused(lake: Lake, tmp_path: Path) -> None:
    """Their count and the least of them are said; with force they count twice."""
    keys = [row(str(number), x_Slice="a", x_RowKey=f"k{number}") for number in (1, 2, 3)]
    take(lake, write(tmp_path / "a", *keys))
    again = write(
        tmp_path / "b", *(line | {"x_Slice": "b"} for line in (*keys[1:], keys[0] | {"x_RowKey": "k4"}))
    )
    assert refused(lake, again) == (
        "2 rows, among them RowKey k2: another slice holds them already, and their money would count twice. "
        "Remedy: leave that file out; with --force both are kept."
    )
    take(lake, again, force=True)
    assert costs(lake) == [1, 1, 2, 2, 3, 3]


def test_rows_may_repeat_where_no_slice_is_doubled(lake: Lake, tmp_path: Path) -> None:
    """A slice that replaces itself, rows without a key, another account, and bills without such a column."""
    take(lake, write(tmp_path / "plain", {"BilledCost": "16"}))
    take(
        lake, write(tmp_path / "a", row("1", x_Slice="a", x_RowKey="k1"), row("2", x_Slice="a", x_RowKey=""))
    )
    take(
        lake, write(tmp_path / "a", row("4", x_Slice="a", x_RowKey="k1"), row("2", x_Slice="a", x_RowKey=""))
    )
    take(lake, write(tmp_path / "b", row("2", x_Slice="b", x_RowKey="")))
    take(lake, write(tmp_path / "c", row("8", x_Slice="c", x_RowKey="k1", BillingAccountId="222")))
    take(lake, write(tmp_path / "d", row("32", x_Slice="d")))
    assert costs(lake) == [2, 2, 4, 8, 16, 32]


def test_rows_set_aside_stay_with_their_slice(lake: Lake, tmp_path: Path) -> None:
    """One that names no slice goes with its file, and one without a period with the largest slice."""
    bad = {"ChargeCategory": "Cheese"}
    lines = (
        row("1", x_Slice="a"),
        row("2", x_Slice="b"),
        row("3", x_Slice="b"),
        row("4", x_Slice="a", **bad),
    )
    found = take(lake, write(tmp_path / "one", *lines, row("5", x_Slice="a", BillingPeriodStart="")))
    assert [(item.scope, item.rows, item.quarantined) for item in found.snapshots] == [
        ("a", 1, 1),
        ("b", 2, 1),
    ]
    assert len(lake.files(QUARANTINE)) == 2
    files = [write(tmp_path / name, row(name), row("9", **bad)) for name in ("6", "7")]
    assert [item.quarantined for item in take(lake, *files).snapshots] == [1, 1]

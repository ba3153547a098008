"""Bills in other forms than a plain CSV: the same money, and what is no charge set aside or refused."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.errors import FinOpsError
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
    "Tags": '{"team": "web"}',
}
FINE = Decimal("123456789012345678.12345678901234567891")  # as many digits as the lake keeps


def charge(cost: str, **changes: str) -> dict[str, str]:
    """Write one charge."""
    return {**LINE, "BilledCost": cost, **changes}


def text_of(*lines: Mapping[str, str], mark: str = ",") -> str:
    """Write a bill with these marks between its cells."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, fieldnames=list(lines[0]), delimiter=mark, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return file.getvalue()


def json_of(*lines: Mapping[str, str]) -> list[str]:
    """Write charges as JSON objects whose cost is a number."""
    rest = (json.dumps({name: cell for name, cell in line.items() if name != "BilledCost"}) for line in lines)
    return [
        text[:-1] + f', "BilledCost": {line["BilledCost"]}}}' for line, text in zip(lines, rest, strict=True)
    ]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Give an empty lake."""
    return Lake(tmp_path / "lake")


@pytest.fixture
def held(lake: Lake, tmp_path: Path) -> Lake:
    """Give a lake that holds one good bill."""
    take(lake, tmp_path / "good", text_of(charge("1")))
    return lake


def take(lake: Lake, path: Path, content: bytes | str) -> Conformance:
    """Write a file and take it in."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return ingest([path], lake=lake, people=People.open(lake.root, {}), now=NOW)


def asked(lake: Lake, sql: str) -> list[dict[str, Any]]:
    """Ask the lake."""
    with Engine(lake) as engine:
        rows: list[dict[str, Any]] = engine.table(sql).to_pylist()
    return rows


def billed(lake: Lake) -> list[Decimal]:
    """Read the lake's BilledCost, smallest first."""
    return [row["BilledCost"] for row in asked(lake, "SELECT BilledCost FROM charges ORDER BY 1")]


def aside(told: Conformance) -> dict[str, tuple[int, Mapping[str, Decimal]]]:
    """Which rules were broken, by how many rows of which cost."""
    return {flag.rule: (flag.rows, flag.cost) for flag in told.flags if flag.action == "quarantine"}


CHARGES = (charge("0.1"), charge("0.2", ServiceName='a;b|c,\td "e"'), charge(str(FINE)))
FORMS = {
    "tab": text_of(*CHARGES, mark="\t"),
    "semicolon": text_of(*CHARGES, mark=";"),
    "bar": text_of(*CHARGES, mark="|"),
    "named": "sep=|\n" + text_of(*CHARGES, mark="|"),
    "turned": text_of(*({name: line[name] for name in reversed(line)} for line in CHARGES)),
    "commas": text_of(
        *(line | {"BilledCost": line["BilledCost"].replace(".", ",")} for line in CHARGES), mark=";"
    ),
    "thousands": text_of(
        charge("0,1"), CHARGES[1] | {"BilledCost": "0,2"},
        charge("123.456.789.012.345.678,12345678901234567891"),
        mark=";",
    ),
    "lines": "\n".join(json_of(*CHARGES)),
    "list": f"[{','.join(json_of(*CHARGES))}]",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("zipped", [False, True])
def test_the_same_charges_cost_the_same_in_every_form(
    lake: Lake, tmp_path: Path, form: str, zipped: bool
) -> None:
    """By hand: 0.1 + 0.2 + 123456789012345678.12345678901234567891, and all else is as in the CSV."""
    content = FORMS[form].encode()
    told = take(lake, tmp_path / "bill", gzip.compress(content) if zipped else content)
    total = Decimal("123456789012345678.42345678901234567891")
    assert (told.source_cost, told.accepted, told.quarantined) == ({"USD": total}, {"USD": total}, {})
    assert billed(lake) == [Decimal("0.1"), Decimal("0.2"), FINE]
    assert asked(lake, "SELECT DISTINCT tag_team, ServiceName FROM charges WHERE BilledCost = 0.2") == [
        {"tag_team": "web", "ServiceName": 'a;b|c,\td "e"'}
    ]


def test_a_point_beside_decimal_commas_is_set_aside(lake: Lake, tmp_path: Path) -> None:
    """1.5 could be one and a half or fifteen: it is neither, and kept as it came."""
    costs = ("1.234,56", "1,5", "1.5", "1.500", "12.34,5")
    told = take(lake, tmp_path / "bill", text_of(*map(charge, costs), mark=";"))
    assert billed(lake) == [Decimal("1.5"), Decimal("1234.56")]
    assert told.source_cost == told.accepted == {"USD": Decimal("1236.06")}
    assert aside(told) == {"cost_not_a_number": (3, {"USD": 0})}
    kept = asked(lake, "SELECT BilledCostText FROM quarantine ORDER BY 1")
    assert [row["BilledCostText"].split()[0] for row in kept] == ["1.5", "1.500", "12.34,5"]


def test_a_header_inside_is_set_aside_and_loses_no_row(lake: Lake, tmp_path: Path) -> None:
    """Two bills one below the other, and a blank row: all charges are there, and no currency is made up."""
    blank = "," * (len(LINE) - 1) + "\n"
    told = take(lake, tmp_path / "bill", text_of(charge("1"), charge("2")) + text_of(charge("4")) + blank)
    assert billed(lake) == [1, 2, 4]
    assert (told.rows_read, told.rows_accepted, told.rows_quarantined) == (5, 3, 2)
    assert told.source_cost == {"USD": Decimal(7), "XXX": Decimal(0)}
    assert aside(told) == {"date_missing": (1, {"XXX": 0}), "header_repeated": (1, {})}
    kept = asked(lake, "SELECT SourceRow, Rule, BilledCostText FROM quarantine ORDER BY 1")
    assert kept == [
        {"SourceRow": 3, "Rule": "header_repeated", "BilledCostText": "BilledCost"},
        {"SourceRow": 5, "Rule": "date_missing", "BilledCostText": None},
    ]


@pytest.mark.parametrize("mark", [",", ";"])
def test_a_total_at_the_end_is_set_aside_with_its_cost(lake: Lake, tmp_path: Path, mark: str) -> None:
    """The charges alone are accepted; what the total says is counted as set aside, in no known currency."""
    total = {name: {"ServiceName": "Total", "BilledCost": "123"}.get(name, "") for name in LINE}
    told = take(lake, tmp_path / "bill", text_of(charge("61"), charge("62"), total, mark=mark))
    assert billed(lake) == [61, 62]
    assert told.accepted == {"USD": Decimal(123)}
    assert told.quarantined == {"XXX": Decimal(123)}
    assert told.source_cost == {"USD": Decimal(123), "XXX": Decimal(123)}
    assert aside(told) == {"summary_row": (1, {"XXX": Decimal(123)})}


def test_a_charge_named_total_is_a_charge(lake: Lake, tmp_path: Path) -> None:
    """Its cells are filled as those of others."""
    told = take(lake, tmp_path / "bill", text_of(charge("1"), charge("2", ServiceName="Total")))
    assert (told.accepted, told.rows_quarantined) == ({"USD": Decimal(3)}, 0)


def test_new_columns_are_kept(lake: Lake, tmp_path: Path) -> None:
    """Under a prefix; in JSON also where only a later row has them."""
    rows = json_of(charge("1"), charge("2", **{"New one": "v"}))
    take(lake, tmp_path / "bill", "\n".join([*rows, rows[1].replace('"v"', '{"id": "w", "x": {"y": 1}}')]))
    sql = "SELECT x_New_one AS new, x_New_one_id AS id, x_New_one_x AS x FROM charges ORDER BY BilledCost, 1"
    assert asked(lake, sql) == [
        {"new": None, "id": None, "x": None},
        {"new": "v", "id": None, "x": None},
        {"new": None, "id": "w", "x": '{"y": "1"}'},
    ]


@pytest.mark.parametrize(
    "name", ["x_SourceRow", "x_SnapshotId", "X_sourcerow", "x_sourcerow", "x_snapshotid"]
)
def test_a_column_like_one_of_the_lake_is_kept_beside_it(lake: Lake, tmp_path: Path, name: str) -> None:
    """A bill that came out of a lake goes into one again."""
    take(lake, tmp_path / "bill", text_of(charge("1", **{name: "mine"})))
    (row,) = asked(lake, "SELECT * FROM charges")
    assert (row["x_SourceRow"], "mine" in row.values()) == (1, True)


def test_names_that_differ_in_case_stay_apart(lake: Lake, tmp_path: Path) -> None:
    """In one row as columns of their own; where rows never have both, as one."""
    take(lake, tmp_path / "bill", text_of(charge("1", Team="a", team="b", x_TEAM="c")))
    (row,) = asked(lake, "SELECT * FROM charges")
    assert sorted(row[name] for name in row if name.lower().startswith("x_team")) == ["a", "b", "c"]
    assert row["x_TEAM"] == "c"


@pytest.mark.parametrize("name", ["x_CpuCost", "x_cpucost", "X_CPUCOST"])
def test_a_typed_extra_is_typed_in_any_case(lake: Lake, tmp_path: Path, name: str) -> None:
    """So that it is one column with that of other exports."""
    take(lake, tmp_path / "bill", text_of(charge("1", **{name: "0.30000000000000000001"})))
    if name.startswith("x_"):
        assert asked(lake, "SELECT x_CpuCost FROM charges") == [
            {"x_CpuCost": Decimal("0.30000000000000000001")}
        ]
    else:
        assert asked(lake, "SELECT x_X_CPUCOST AS text FROM charges") == [{"text": "0.30000000000000000001"}]


def test_bad_json_rows_are_set_aside_and_the_others_accepted(lake: Lake, tmp_path: Path) -> None:
    """A line that is no object, a cost that is none, and one that no lake holds."""
    good, nan, huge = json_of(charge("0.1"), charge("NaN"), charge("1" + "0" * 30))
    told = take(lake, tmp_path / "bill", "\n".join([good, "{oops", nan, '{"a": 1, "a": 2}', huge, good]))
    assert billed(lake) == [Decimal("0.1"), Decimal("0.1")]
    assert aside(told) == {
        "cost_not_a_number": (1, {"USD": 0}),
        "cost_out_of_range": (1, {"USD": Decimal(10) ** 30}),
        "line_is_no_object": (2, {}),
    }
    assert told.source_cost == {"USD": Decimal(f"1{'0' * 30}.2")}
    assert (told.rows_read, told.rows_accepted, told.rows_quarantined) == (6, 2, 4)
    kept = asked(
        lake, "SELECT SourceRow, RowJson FROM quarantine WHERE Rule = 'line_is_no_object' ORDER BY 1"
    )
    assert [(row["SourceRow"], json.loads(row["RowJson"])) for row in kept] == [
        (2, {"Line": "{oops"}),
        (4, {"Line": '{"a": 1, "a": 2}'}),
    ]


GOOD, OTHER = json_of(charge("5"), charge("7"))
TWICE = f'[{GOOD}, {OTHER[:-1]}, "BilledCost": 1}}]'
BOMB = f'[{OTHER[:-1]}, "deep": {"[" * 100_000}'
PLACE = f"line 3 column 2 (char {len(GOOD) + 5})"
NOT_WHOLE, AGAIN = "file bad: it is no whole JSON", "Remedy: download or export it again."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{GOOD}\n{OTHER[:-9]}", "file bad: its last line is cut off. Remedy: download it again."),
        (f"[\n{GOOD},\n7", f"{NOT_WHOLE} (Expecting ',' delimiter: {PLACE}). {AGAIN}"),
        (TWICE, f"{NOT_WHOLE} (the name 'BilledCost' stands there more than once). {AGAIN}"),
        (
            BOMB,
            f"{NOT_WHOLE} (maximum recursion depth exceeded while decoding a JSON array "
            f"from a unicode string). {AGAIN}",
        ),
        ("[]", "file bad: it holds no rows. Remedy: export a period that has charges."),
        (gzip.compress(b"[]"), "file bad: it holds no rows. Remedy: export a period that has charges."),
        (
            gzip.compress(f"{GOOD}\n{OTHER}\n".encode())[:-20],
            "file bad: the gzip stream is truncated or damaged "
            "(Compressed file ended before the end-of-stream marker was reached). Remedy: download it again.",
        ),
        (
            f"{GOOD}\n".encode() + OTHER.replace("Compute", "Détection").encode("latin-1") + b"\n",
            "file bad: its text is not UTF-8. Remedy: save or export it as UTF-8.",
        ),
        (
            OTHER[:-1] + ', "a.b": 1, "a": {"b": 2}}',
            "header of bad: the column name 'a.b' stands there more than once. Remedy: keep one of them.",
        ),
        (
            "BilledCost;Cost;BilledCost\n",
            "header of bad: the column name 'BilledCost' stands there more than once. "
            "Remedy: keep one of them.",
        ),
        (
            text_of(charge("1.5,1"), charge("2.0,1"), mark=";"),
            "file bad: no row could be accepted (2 rows: a cost is a finite number). "
            "Remedy: correct the export, then ingest again.",
        ),
    ],
    ids=[
        "cut line", "cut list", "twice", "bomb", "empty", "empty gzip", "torn gzip", "latin", "flat",
        "header", "no number",
    ],
)  # fmt: skip
def test_a_bad_file_leaves_the_lake_as_it_was(
    held: Lake, tmp_path: Path, content: bytes | str, said: str
) -> None:
    """What is wrong is said; neither the state nor any file of the lake changes."""
    before, files = held.digest(), sorted(held.root.rglob("*"))
    with pytest.raises(FinOpsError) as caught:
        take(held, tmp_path / "bad", content)
    assert str(caught.value) == said
    assert (held.digest(), sorted(held.root.rglob("*"))) == (before, files)


def test_parquet_records_and_zones_are_read(lake: Lake, tmp_path: Path) -> None:
    """A moment in the zone of Berlin is the same moment; a record that is null has null fields."""
    columns: dict[str, Any] = {name: [cell, cell] for name, cell in LINE.items()}
    start = [datetime(2026, 7, 1, 22, tzinfo=UTC)] * 2
    columns["ChargePeriodStart"] = pa.array(start, pa.timestamp("us", "Europe/Berlin"))
    columns["x_service"] = pa.array([{"id": "a"}, None])
    pq.write_table(pa.table(columns), tmp_path / "source")
    take(lake, tmp_path / "bill", (tmp_path / "source").read_bytes())
    assert asked(lake, "SELECT ChargePeriodStart AS at, x_service_id AS id FROM charges ORDER BY 2") == [
        {"at": start[0], "id": "a"},
        {"at": start[0], "id": None},
    ]


def test_a_folder_of_json_is_a_bill_and_a_manifest_is_none(lake: Lake, tmp_path: Path) -> None:
    """JSON alone in a folder holds the rows; beside other parts it describes them."""
    alone, beside = tmp_path / "alone", tmp_path / "beside"
    for folder in (alone, beside):
        folder.mkdir()
    for number, row in enumerate(json_of(charge("1"), charge("2"))):
        (alone / f"{number}.json").write_text(row)
    (beside / "part.csv").write_text(text_of(charge("4", BillingAccountId="222")))
    (beside / "manifest.json").write_text('{"parts": 1}')
    for folder in (alone, beside):
        ingest([folder], lake=lake, people=People.open(lake.root, {}), now=NOW)
    assert billed(lake) == [1, 2, 4]

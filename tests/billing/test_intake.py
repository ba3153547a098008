"""What was read so far: rows in their slices, rows set aside, and money that adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops_lib.billing import intake as module
from finops_lib.billing.formats import FOCUS, Format
from finops_lib.billing.intake import Intake
from finops_lib.billing.lake import Lake
from finops_lib.billing.source import open_source
from finops_lib.errors import UnreadableBillError
from finops_lib.privacy import People

HEADER = "BilledCost,BillingCurrency,BillingPeriodStart,ChargePeriodStart,ChargeCategory,ProviderName,x_Slice"
START = "2026-07-01T00:00:00Z"
APPENDING = replace(FOCUS, delivery="appends")
JULY = ("Cloud", "unknown", "2026-07")


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    """Give one of an appending format that has read nothing."""
    return begun(tmp_path, APPENDING)


def begun(
    folder: Path, form: Format, *, scope: str = "", folders: Mapping[Path, Path] | None = None
) -> Intake:
    """Begin with an empty lake."""
    lake = Lake(folder / "lake")
    return Intake(lake, People.open(lake.root, {}), form, folders or {}, scope)


def line(
    cost: str, part: str = "", currency: str = "USD", category: str = "Usage", start: str = START
) -> str:
    """Write one row."""
    return f"{cost},{currency},{start},{START},{category},Cloud,{part}"


def read(intake: Intake, path: Path, *lines: str) -> Path:
    """Write a file and let it be read."""
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    intake.read(open_source(path), progress=None)
    return path


def told(intake: Intake) -> dict[str, tuple[int, int]]:
    """Rows and rows set aside by slice."""
    return {key[3]: (item.rows, item.quarantined) for key, item in intake.deliveries.items()}


def test_rows_stand_in_the_slice_they_name_or_in_that_of_their_file(intake: Intake, tmp_path: Path) -> None:
    """Until all is read, a file's slice has the name of its path; then that of its content."""
    path = read(intake, tmp_path / "one", line("1", "a"), line("2"), line("4", "a"))
    assert told(intake) == {"a": (2, 0), str(path): (1, 0)}
    intake.settle()
    scopes = [item.key for item in intake.deliveries.values()]
    assert scopes == [(*JULY, "a"), (*JULY, intake.contents[path][:16])]


def test_a_format_that_overwrites_has_one_delivery(tmp_path: Path) -> None:
    """Whatever its rows and files are called."""
    intake = begun(tmp_path, FOCUS)
    for name in ("one", "two"):
        read(intake, tmp_path / name, line("1", "a"), line("2", name))
    assert told(intake) == {"": (4, 0)}


def test_a_scope_that_was_asked_for_names_all(tmp_path: Path) -> None:
    """Rows that name another slice too."""
    intake = begun(tmp_path, APPENDING, scope="mine")
    read(intake, tmp_path / "one", line("1", "a"), line("2"))
    assert told(intake) == {"mine": (2, 0)}


def test_each_delivery_knows_its_contents_and_folders(tmp_path: Path) -> None:
    """A slice in two files has the digests of both; each file is counted once a slice."""
    paths = [tmp_path / "one", tmp_path / "two"]
    intake = begun(tmp_path, APPENDING, folders={paths[0]: tmp_path})
    for path in paths:
        read(intake, path, line("1", "a"), line("2", "a"), line("3", path.name))
    held = {key[3]: (item.digests, item.folders) for key, item in intake.deliveries.items()}
    one, two = (intake.contents[path] for path in paths)
    assert held == {"a": ([one, two], {tmp_path}), "one": ([one], {tmp_path}), "two": ([two], set())}


def test_files_of_one_content_get_slices_that_differ(intake: Intake, tmp_path: Path) -> None:
    """The later ones end in a number."""
    digests = [intake.contents[read(intake, tmp_path / name, line("1"))][:16] for name in ("a", "b", "c")]
    intake.settle()
    assert [item.key[3] for item in intake.deliveries.values()] == [
        digests[0], f"{digests[0]}-1", f"{digests[0]}-2",
    ]  # fmt: skip


def test_rows_set_aside_go_where_their_slice_is(intake: Intake, tmp_path: Path) -> None:
    """By slice, by file, and to the largest where they name no period or a slice without a good row."""
    bad = {"category": "Cheese"}
    path = read(
        intake, tmp_path / "one", line("1", "a"), line("2", "a"), line("3", "a", **bad), line("4"),
        line("5", **bad), line("6", "b", **bad), line("7", start=""),
    )  # fmt: skip
    intake.settle()
    assert told(intake) == {"a": (2, 3), str(path): (1, 1)}
    assert {rule: rows for rule, (rows, _) in intake.rules.items()} == {
        "charge_category_unknown": 3,
        "date_missing": 1,
    }


def test_the_row_numbers_are_those_of_the_file(intake: Intake, tmp_path: Path) -> None:
    """Each file begins at one, whatever was set aside before."""
    for name in ("one", "two"):
        read(intake, tmp_path / name, line("1", "a"), line("x", "a"), line("2", "a"))
    (item,) = intake.deliveries.values()
    assert [rows.column("x_SourceRow").to_pylist() for rows in item.held] == [[1, 3], [1, 3]]


def test_what_no_row_carries_becomes_an_adjustment(tmp_path: Path) -> None:
    """Only where a format's counter-entries take back cost: by hand, 1 + 2 of 5 are carried, 2 are not."""
    for cancels, kept in ((True, ["1", "2", "2"]), (False, ["1", "2"])):
        form = replace(
            FOCUS, cancels=cancels, to_focus=lambda raw: raw.append_column("x_SourceCost", [["4", "1"]])
        )
        intake = begun(tmp_path, form)
        read(intake, tmp_path / "one", line("1"), line("2"))
        intake.settle()
        (item,) = intake.deliveries.values()
        costs = [cost for rows in item.held for cost in rows.column("BilledCost").to_pylist()]
        assert costs == list(map(Decimal, kept))
        assert item.residual() == ({} if cancels else {"USD": Decimal(2)})
        assert ("counter_entries_do_not_cancel" in item.flags.counts) == cancels


@pytest.mark.parametrize(("lines", "costs"), [(2, [{"USD": 3}]), (0, [])])
def test_a_full_memory_is_written(
    intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int, costs: list[dict[str, int]]
) -> None:
    """All deliveries then hold nothing, and their money is still known."""
    monkeypatch.setattr(module, "_ROWS_IN_MEMORY", 2)
    read(intake, tmp_path / "one", *[line(str(number + 1), "a") for number in range(lines)])
    assert [item.held_rows for item in intake.deliveries.values()] == [0] * len(costs)
    assert [item.accepted for item in intake.deliveries.values()] == costs


def test_a_file_of_its_own_slice_is_written_when_it_ends(intake: Intake, tmp_path: Path) -> None:
    """So that many of them hold no memory and no open file; a slice of several files waits for more."""
    read(intake, tmp_path / "one", line("1"), line("2", "a"))
    held = [(item.held_rows, item._writer is None) for item in intake.deliveries.values()]
    assert sorted(held) == [(0, True), (1, True)]
    assert len(list(intake.lake.root.rglob("*.parquet"))) == 1
    intake.abandon()
    assert not list(intake.lake.root.rglob("*.parquet"))


def test_a_row_that_becomes_several_is_judged_by_what_it_becomes(tmp_path: Path) -> None:
    """Where a format makes two rows of one, no row of the file is told by its form."""

    def doubled(raw: pa.Table) -> pa.Table:
        return pa.concat_tables([raw, raw])

    intake = begun(tmp_path, replace(FOCUS, to_focus=doubled, several=True))
    read(intake, tmp_path / "one", line("1"), HEADER)
    assert (intake.rows, intake.source) == (4, {"USD": Decimal(2)})
    assert {rule: rows for rule, (rows, _) in intake.rules.items()} == {"cost_not_a_number": 2}


def test_what_is_no_currency_is_told_only_where_it_costs_something(intake: Intake, tmp_path: Path) -> None:
    """A header that stands there again names none; an unknown code keeps its money."""
    read(intake, tmp_path / "one", line("1"), HEADER, line("2", currency="ZZZ"), line("0", currency="YYY"))
    assert intake.source == {"USD": Decimal(1), "ZZZ": Decimal(2)}
    assert intake.quarantined == {"ZZZ": Decimal(2)}
    assert intake.rules == {"header_repeated": (1, {}), "currency_unknown": (2, {"ZZZ": Decimal(2)})}


def test_a_quote_that_is_never_closed_is_refused(intake: Intake, tmp_path: Path) -> None:
    """Rows that ran into one another are not taken for one that is too wide."""
    with pytest.raises(UnreadableBillError) as caught:
        read(intake, tmp_path / "one", line("1"), f'"{line("2")}', line("3", currency='USD"'), line("5"))
    assert caught.value.rule == "a quote is opened and never closed, so rows run into one another"


ROW = st.tuples(
    st.decimals(min_value=-(10**12), max_value=10**12, places=22),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from(["USD", "EUR", "", "ZZZ"]),
    st.sampled_from(["Usage", "Credit", "Cheese"]),
    st.sampled_from([START, "2026-08-01T00:00:00Z", "", "July"]),
)


@given(st.lists(ROW, min_size=1, max_size=12), st.sampled_from(["appends", "overwrites"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
def test_source_is_accepted_set_aside_and_rounding(
    tmp_path: Path, rows: list[tuple[Decimal, str, str, str, str]], delivery: str
) -> None:
    """To the last decimal, in every currency, however the rows fall into slices."""
    intake = begun(tmp_path, replace(FOCUS, delivery=delivery))
    read(intake, tmp_path / "one", *(line(f"{cost:f}", *rest) for cost, *rest in rows))
    accepted: dict[str, int] = {}
    for item in intake.deliveries.values():
        for code, cost in item.accepted.items():
            accepted[code] = accepted.get(code, 0) + units(cost)
    for code in {code or "XXX" for _, _, code, *_ in rows}:
        whole = sum(units(cost) for cost, _, currency, *_ in rows if (currency or "XXX") == code)
        parts = accepted.get(code, 0) + sum(
            units(costs.get(code, Decimal(0))) for costs in (intake.quarantined, intake.rounding)
        )
        assert whole == parts == units(intake.source.get(code, Decimal(0)))
    assert sum(item.rows for item in intake.deliveries.values()) + sum(
        count for count, _ in intake.rules.values()
    ) == intake.rows == len(rows)  # fmt: skip
    intake.abandon()


def units(cost: Decimal) -> int:
    """Count an amount in the smallest part that is written here, exactly."""
    sign, digits, exponent = cost.as_tuple()
    return (-1) ** sign * int("".join(map(str, digits))) * 10 ** (int(exponent) + 22)

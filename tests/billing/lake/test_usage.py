"""The table of usage: a pull replaces its scope and span, all or nothing; earlier states stay readable."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.engine import Engine
from finops_lib.billing.lake import Lake
from finops_lib.billing.lake.usage import Pull, UsageTable
from finops_lib.billing.lake.usage_files import USAGE
from finops_lib.errors import LakeError, UsageError
from tests.usage.samples import DAY, rows

NOW = datetime(2026, 8, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
Samples = dict[tuple[str, int], float]


def samples(found: Samples) -> pa.Table:
    """Make a table of (resource, hour) to cores."""
    return rows(*[(name, "cpu", hour * 60, value, "cores") for (name, hour), value in sorted(found.items())])


def pull(
    lake: Lake, found: Samples, hours: tuple[int, int], *, scope: str = "prometheus a", later: int = 0
) -> Pull:
    """Pull these samples for a span of hours."""
    start, end = (DAY + hour * HOUR for hour in hours)
    return UsageTable(lake).land(
        [samples(found)], scope=scope, start=start, end=end, now=NOW + later * HOUR, told={"asked": "cpu"}
    )


def held(lake: Lake, *, as_of: datetime | None = None, scope: str | None = None) -> Samples:
    """Say what the lake holds."""
    found = {}
    for part in UsageTable(lake).read(as_of=as_of, scope=scope):
        for row in part.to_pylist():
            key = (row["resource"], round((row["time"] - DAY) / HOUR))
            assert key not in found
            found[key] = row["value"]
    return found


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Give a place for a lake."""
    return Lake(tmp_path / "lake")


def test_a_pull_replaces_its_span_and_nothing_else(lake: Lake) -> None:
    """Hours 0 to 50 are held; a pull of hours 20 to 30 says that there is but one sample, of 9."""
    first: Samples = {("a", hour): 1.0 for hour in range(50)}
    pull(lake, first, (0, 50))
    pull(lake, {("a", 25): 9.0}, (20, 30), later=1)
    wanted = {key: value for key, value in first.items() if not 20 <= key[1] < 30} | {("a", 25): 9.0}
    assert held(lake) == wanted
    assert held(lake, as_of=NOW) == first
    assert held(lake, as_of=NOW - HOUR) == {}


def test_another_scope_is_left_alone(lake: Lake) -> None:
    """Two sources watch the same hour: each has its own files, and each can be asked for."""
    pull(lake, {("a", 1): 1.0}, (0, 24))
    pull(lake, {("b", 1): 2.0}, (0, 24), scope="files", later=1)
    assert held(lake) == {("a", 1): 1.0, ("b", 1): 2.0}
    assert held(lake, scope="files") == {("b", 1): 2.0}
    assert held(lake, scope="nobody") == {}


def test_the_same_pull_again_changes_nothing(lake: Lake) -> None:
    """No new file, no new version; the pull says so."""
    found: Samples = {("a", hour): float(hour) for hour in range(30)}
    assert not pull(lake, found, (0, 30)).unchanged
    before = DeltaTable(str(lake.root / USAGE)).version(), sorted(lake.root.rglob("*.parquet"))
    again = pull(lake, found, (0, 30), later=1)
    assert (again.unchanged, again.rows) == (True, 30)
    assert (DeltaTable(str(lake.root / USAGE)).version(), sorted(lake.root.rglob("*.parquet"))) == before
    assert len(UsageTable(lake).pulls()) == 1


def test_a_state_that_comes_back_is_current_again(lake: Lake) -> None:
    """A, then B, then A: a file of the first pull is taken back, and all three states can be read."""
    a: Samples = {("a", 1): 1.0}
    b: Samples = {("a", 1): 2.0}
    for number, found in enumerate((a, b, a)):
        assert not pull(lake, found, (0, 24), later=number).unchanged
    assert [held(lake, as_of=NOW + number * HOUR) for number in range(3)] == [a, b, a]


def test_a_pull_of_nothing_empties_its_span(lake: Lake) -> None:
    """What was there is gone, and still there as of earlier."""
    pull(lake, {("a", 1): 1.0, ("a", 30): 1.0}, (0, 48))
    pull(lake, {}, (0, 24), later=1)
    assert held(lake) == {("a", 30): 1.0}


def failing() -> Iterator[pa.Table]:
    """Give one part and then break off."""
    yield samples({("a", 1): 9.0})
    raise UsageError("the source", "it broke off", "try again")


@pytest.mark.parametrize("known", [True, False])
def test_a_pull_that_breaks_off_leaves_no_trace(lake: Lake, known: bool) -> None:
    """Whether something was held before or not: the same files and the same samples as before."""
    if known:
        pull(lake, {("a", 1): 1.0}, (0, 24))
    before, files = held(lake), sorted(lake.root.rglob("*.*"))
    with pytest.raises(UsageError, match="it broke off"):
        UsageTable(lake).land(failing(), scope="prometheus a", start=DAY, end=DAY + 24 * HOUR, now=NOW + HOUR)
    assert held(lake) == before
    assert sorted(lake.root.rglob("*.*")) == files


def test_what_a_crash_left_is_swept_by_the_next_pull(lake: Lake) -> None:
    """A file that no commit named is removed; those of earlier states stay."""
    pull(lake, {("a", 1): 1.0}, (0, 24))
    (path,) = UsageTable(lake).files()
    stray = Path(path).with_name("2026-07-01-stray.parquet")
    stray.write_bytes(b"half")
    pull(lake, {("a", 1): 2.0}, (0, 24), later=1)
    assert not stray.exists()
    assert Path(path).exists()


def test_a_pull_says_what_it_was(lake: Lake) -> None:
    """Scope, span, moment, rows and the source's own words come back as they were."""
    made = pull(lake, {("a", 1): 1.0, ("b", 2): 1.0}, (0, 24))
    assert UsageTable(lake).pulls() == (made,)
    assert (made.scope, made.rows, made.told) == ("prometheus a", 2, {"asked": "cpu"})


def test_a_sample_outside_the_span_is_wrong_use(lake: Lake) -> None:
    """It would outlive the next pull of the same span."""
    for hour in (-1, 24):
        with pytest.raises(ValueError, match="outside"):
            pull(lake, {("a", hour): 1.0}, (0, 24))
    assert held(lake) == {}


def test_a_clock_that_goes_back_is_refused(lake: Lake) -> None:
    """States are told apart by their moments."""
    pull(lake, {("a", 1): 1.0}, (0, 24), later=2)
    with pytest.raises(LakeError, match="the last one was later, at 2026-08-01T02:00:00"):
        pull(lake, {("a", 1): 2.0}, (0, 24), later=1)
    assert held(lake) == {("a", 1): 1.0}


def test_only_what_is_asked_for_is_read(lake: Lake) -> None:
    """By metric and by moment; the start belongs to the span, the end does not."""
    lines = [("a", metric, hour * 60, 1.0, "cores") for metric in ("cpu", "cpu_peak") for hour in range(48)]
    UsageTable(lake).land([rows(*lines)], scope="s", start=DAY, end=DAY + 48 * HOUR, now=NOW)
    asked = {"metrics": ["cpu"], "start": DAY + 23 * HOUR, "end": DAY + 25 * HOUR}
    found = pa.concat_tables(UsageTable(lake).read(**asked)).to_pylist()
    assert [(row["metric"], (row["time"] - DAY) / HOUR) for row in found] == [("cpu", 23), ("cpu", 24)]


def test_the_engine_knows_usage_with_and_without_a_lake_that_has_it(lake: Lake) -> None:
    """Samples are a relation beside the charges; without a pull it is empty and has its columns."""
    asked = "SELECT resource, time, CAST(value AS DOUBLE) AS value, unit FROM usage"
    with Engine(lake) as engine:
        assert engine.query(asked).empty
    pull(lake, {("i'1/*", 1): 0.5}, (0, 24))
    with Engine(lake) as engine:
        (row,) = engine.query(asked).to_dict("records")
    assert (row["resource"], row["time"], row["value"], row["unit"]) == ("i'1/*", DAY + HOUR, 0.5, "cores")
    with Engine(lake, as_of=NOW - HOUR) as engine:
        assert engine.query(asked).empty


@given(
    st.lists(
        st.tuples(
            st.integers(0, 60),
            st.integers(1, 30),
            st.dictionaries(
                st.tuples(st.sampled_from("ab"), st.integers(0, 29)), st.sampled_from([1.0, 2.0])
            ),
        ),
        max_size=5,
    )
)
def test_any_pulls_leave_what_a_dictionary_would(
    tmp_path_factory: pytest.TempPathFactory, pulls: list[tuple[int, int, Samples]]
) -> None:
    """Against a naive store that forgets the span and then learns the samples."""
    lake, naive = Lake(tmp_path_factory.mktemp("lake") / "l"), Samples()
    for number, (start, length, found) in enumerate(pulls):
        own: Samples = {(name, start + hour): v for (name, hour), v in found.items() if hour < length}
        pull(lake, own, (start, start + length), later=number)
        naive = {key: v for key, v in naive.items() if not start <= key[1] < start + length} | own
    assert held(lake) == naive

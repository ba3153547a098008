"""The application database: what it keeps, what it overwrites and what it never says."""

from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.errors import LakeError, PrivacyError
from finops_lib.state import State, UtcDateTime

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
ONE, TWO = b"\xaa" * 32, b"\xbb" * 32


def test_the_first_value_under_a_name_stands(tmp_path: Path) -> None:
    """A later one does not replace it, also not from another connection."""
    path = tmp_path / "state.sqlite"
    first = State.open(path).settle("name", "first")
    assert (
        first,
        State.open(path).settle("name", "second"),
        State.open(path).settle("b", "other"),
    ) == ("first", "first", "other")


def test_what_is_kept_last_stands(tmp_path: Path) -> None:
    """One text a name, also from another connection; a name that was never kept has none."""
    path = tmp_path / "state.sqlite"
    State.open(path).keep("alerts", "one", changed=NOW)
    State.open(path).keep("alerts", "two", changed=NOW)
    assert (State.open(path).kept("alerts"), State.open(path).kept("other")) == ("two", None)


def test_person_keys_are_found_again(tmp_path: Path) -> None:
    """By token, or all of them; an unknown token has none."""
    path = tmp_path / "state.sqlite"
    State.open(path).add_person_keys({"a": ONE, "b": TWO}, created=NOW)
    again = State.open(path)
    assert (
        again.person_keys(["a", "c"]),
        again.person_keys(),
        again.person_keys([]),
    ) == ({"a": ONE}, {"a": ONE, "b": TWO}, {})


def test_many_people_are_asked_for_at_once(tmp_path: Path) -> None:
    """2,345 tokens: more than one statement takes in one batch, deleted the same way."""
    state = State.open(tmp_path / "state.sqlite")
    keys = {f"{number:064x}": number.to_bytes(32, "big") for number in range(2345)}
    state.add_person_keys(keys, created=NOW)
    assert (keys, 2345, {}) == (
        state.person_keys(list(keys)),
        state.forget_people(list(keys)),
        state.person_keys(),
    )


def test_the_same_key_again_changes_nothing_and_another_one_is_refused(tmp_path: Path) -> None:
    """All or none: of a set with one person who has another key, nobody is stored."""
    state = State.open(tmp_path / "state.sqlite")
    state.add_person_keys({"a": ONE}, created=NOW)
    state.add_person_keys({"a": ONE}, created=NOW)
    state.add_person_keys({}, created=NOW)
    with pytest.raises(PrivacyError, match="1 of 2 new people") as caught:
        state.add_person_keys({"b": TWO, "a": TWO}, created=NOW)
    assert state.person_keys() == {"a": ONE}
    assert "bbbb" not in str(caught.value)


def test_a_forgotten_key_is_overwritten_in_the_file(tmp_path: Path) -> None:
    """Its bytes are in the file before and not after, and no journal stays beside it."""
    path = tmp_path / "state.sqlite"
    state = State.open(path)
    state.add_person_keys({"a": ONE, "b": TWO}, created=NOW)
    before = (ONE in path.read_bytes(), TWO in path.read_bytes())
    counts = (state.forget_people(["a", "z"]), state.forget_people(["a"]))
    after = (ONE in path.read_bytes(), TWO in path.read_bytes())
    assert (before, counts, after) == ((True, True), (1, 0), (False, True))
    assert [path] == list(tmp_path.iterdir())


def test_the_file_is_the_owners_alone(tmp_path: Path) -> None:
    """Mode 0600 from the first moment."""
    State.open(tmp_path / "state.sqlite")
    assert stat.S_IMODE((tmp_path / "state.sqlite").stat().st_mode) == 0o600


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    """The error names it; not one byte of it changes."""
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"not a database, but long enough to be looked at" * 9)
    with pytest.raises(LakeError, match=r"file is not a database.*put a backup of the file back"):
        State.open(path)
    assert path.read_bytes() == b"not a database, but long enough to be looked at" * 9


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    """Where no file can be made, the reason is said."""
    with pytest.raises(LakeError, match=r"none/state\.sqlite: No such file"):
        State.open(tmp_path / "none" / "state.sqlite")


def test_errors_of_the_database_do_not_show_keys(tmp_path: Path) -> None:
    """A table that vanished: the error is ours, without parameters and without the driver's chain."""
    path = tmp_path / "state.sqlite"
    state = State.open(path)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE people")
    connection.close()
    with pytest.raises(LakeError, match="no such table") as caught:
        state.add_person_keys({"token-of-anna": ONE}, created=NOW)
    assert caught.value.__suppress_context__
    assert "token-of-anna" not in str(caught.value)
    assert "xaa" not in str(caught.value)


def test_a_time_is_stored_in_utc(tmp_path: Path) -> None:
    """14:00 at +02:00 is 12:00 in the file."""
    path = tmp_path / "state.sqlite"
    State.open(path).add_person_keys({"a": ONE}, created=NOW.astimezone(timezone(timedelta(hours=2))))
    connection = sqlite3.connect(path)
    stored = connection.execute("SELECT created FROM people").fetchall()
    connection.close()
    assert stored == [("2026-07-01 12:00:00.000000",)]


@given(
    st.datetimes(
        min_value=datetime(1970, 1, 2),  # noqa: DTZ001  the zone comes from the strategy
        max_value=datetime(9999, 12, 30),  # noqa: DTZ001  the same
        timezones=st.timezones(),
    )
)
def test_every_aware_time_comes_back_as_the_same_moment(moment: datetime) -> None:
    """Into the database and back, in UTC."""
    dialect = sa.create_engine("sqlite://").dialect
    kind = UtcDateTime()
    back = kind.process_result_value(kind.process_bind_param(moment, dialect), dialect)
    assert back == moment.astimezone(UTC)
    assert back is not None
    assert back.tzinfo == UTC


def test_a_time_without_zone_is_a_mistake_in_code() -> None:
    """None stays None."""
    dialect = sa.create_engine("sqlite://").dialect
    with pytest.raises(ValueError, match="carries a time zone"):
        UtcDateTime().process_bind_param(NOW.replace(tzinfo=None), dialect)
    assert UtcDateTime().process_bind_param(None, dialect) is None
    assert UtcDateTime().process_result_value(None, dialect) is None

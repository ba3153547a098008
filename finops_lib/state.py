"""What the workbench has to remember between runs: the one owner of the application database.

Today that is the key map of :mod:`finops_lib.privacy` and what was told of alerts. The file belongs to its
owner alone (mode 0600), what is deleted is overwritten (SQLite ``secure_delete``), and no connection
outlives a call.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from finops_lib.errors import LakeError, PrivacyError

_BATCH = 500  # far below the number of parameters that one SQLite statement takes
_WAIT_SECONDS = 30


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A point in time, kept in UTC; one without a time zone is a mistake in code and refused.

    Examples
    --------
    >>> from datetime import timedelta, timezone
    >>> noon = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    >>> UtcDateTime().process_bind_param(noon, sa.create_engine("sqlite://").dialect)
    datetime.datetime(2026, 7, 1, 10, 0)
    """

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Turn an aware time into the UTC time that is stored.

        Raises
        ------
        ValueError
            The time carries no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time {value}: a stored time carries a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give the stored time its zone back, UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


_TABLES = sa.MetaData()
_META = sa.Table(
    "meta",
    _TABLES,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)
_PEOPLE = sa.Table(
    "people",
    _TABLES,
    sa.Column("token", sa.String, primary_key=True),
    sa.Column("person_key", sa.LargeBinary, nullable=False),
    sa.Column("created", UtcDateTime, nullable=False),
)
_KEPT = sa.Table(
    "kept",
    _TABLES,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
    sa.Column("changed", UtcDateTime, nullable=False),
)


class State:
    """One SQLite file and the questions that other modules may ask it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     state = State.open(Path(folder) / "state.sqlite")
    ...     state.settle("version", "1"), state.settle("version", "2")
    ('1', '1')
    """

    def __init__(self, engine: sa.Engine, path: Path) -> None:
        self._engine = engine
        self._path = path

    @classmethod
    def open(cls, path: Path) -> State:
        """Which database is this; a file that is not there is made, readable by its owner alone.

        Parameters
        ----------
        path : Path
            A SQLite file; its folder exists.

        Returns
        -------
        State

        Raises
        ------
        LakeError
            The file cannot be made or is no database.
        """
        # Made before SQLite does, whose own files follow the rights of this one.
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise _unusable(path, error.strerror or "not usable") from error
        url = sa.URL.create("sqlite", database=str(path))
        # Parameters are key material: they stay out of every message.
        engine = sa.create_engine(
            url, poolclass=NullPool, hide_parameters=True, connect_args={"timeout": _WAIT_SECONDS}
        )
        sa.event.listen(engine, "connect", _prepare)
        state = cls(engine, path)
        with state._transaction() as connection:
            _TABLES.create_all(connection)
        return state

    def __repr__(self) -> str:
        return f"State({str(self._path)!r})"

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            cause = error.__cause__ or error
            raise _unusable(self._path, str(cause)) from None

    def settle(self, name: str, value: str) -> str:
        """Which value stands under this name: the first one that was ever given.

        Parameters
        ----------
        name, value : str
            ``value`` is stored if the name has none yet.

        Returns
        -------
        str
            The value that stands.
        """
        with self._transaction() as connection:
            connection.execute(insert(_META).on_conflict_do_nothing(), {"name": name, "value": value})
            query = sa.select(_META.c.value).where(_META.c.name == name)
            return str(connection.execute(query).scalar_one())

    def kept(self, name: str) -> str | None:
        """What was last kept under this name; None is nothing yet.

        Parameters
        ----------
        name : str
            Of what is remembered.

        Returns
        -------
        str or None
        """
        with self._transaction() as connection:
            found = connection.execute(
                sa.select(_KEPT.c.value).where(_KEPT.c.name == name)
            ).scalar_one_or_none()
            return None if found is None else str(found)

    def keep(self, name: str, value: str, *, changed: datetime) -> None:
        """Remember this text under this name instead of what stood there, wholly or not at all.

        Parameters
        ----------
        name, value : str
            What is remembered; it holds no secret.
        changed : datetime
            With a time zone.
        """
        row = {"name": name, "value": value, "changed": changed}
        with self._transaction() as connection:
            fresh = insert(_KEPT)
            connection.execute(
                fresh.on_conflict_do_update(
                    index_elements=["name"], set_={"value": value, "changed": changed}
                ),
                row,
            )

    def person_keys(self, tokens: Sequence[str] | None = None) -> dict[str, bytes]:
        """Which of these tokens have a person key, and which one.

        Parameters
        ----------
        tokens : sequence of str, optional
            All people without it.

        Returns
        -------
        dict
            Token to key; a token that has none is left out.
        """
        with self._transaction() as connection:
            return _person_keys(connection, tokens)

    def add_person_keys(self, keys: Mapping[str, bytes], *, created: datetime) -> None:
        """Store new people, all or none.

        Parameters
        ----------
        keys : mapping
            Token to person key; a person who is there with the same key stays as he is.
        created : datetime
            When, with a time zone.

        Raises
        ------
        PrivacyError
            Another process stored another key for one of them meanwhile.
        """
        rows = [{"token": token, "person_key": key, "created": created} for token, key in keys.items()]
        if not rows:
            return
        with self._transaction() as connection:
            connection.execute(insert(_PEOPLE).on_conflict_do_nothing(), rows)
            standing = _person_keys(connection, tuple(keys))
            changed = sum(standing[token] != key for token, key in keys.items())
            if changed:
                raise PrivacyError(
                    f"{changed} of {len(keys)} new people in {self._path}",
                    "a person has one key, and another process has just stored another one",
                    "take the bill in again: it will use the stored keys",
                )

    def forget_people(self, tokens: Sequence[str]) -> int:
        """Delete the keys of these people and overwrite where they stood.

        What backups and the disk itself keep of old blocks is beyond any program's reach.

        Parameters
        ----------
        tokens : sequence of str
            Of the people to forget.

        Returns
        -------
        int
            How many were there, a count.
        """
        with self._transaction() as connection:
            return sum(
                connection.execute(sa.delete(_PEOPLE).where(_PEOPLE.c.token.in_(batch))).rowcount
                for batch in _batches(tokens)
            )


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    # A write-ahead log would keep what was erased, and leave files beside this one.
    cursor.execute("PRAGMA journal_mode = DELETE")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _person_keys(connection: sa.Connection, tokens: Sequence[str] | None) -> dict[str, bytes]:
    query = sa.select(_PEOPLE.c.token, _PEOPLE.c.person_key)
    if tokens is None:
        return {row.token: row.person_key for row in connection.execute(query)}
    return {
        row.token: row.person_key
        for batch in _batches(tokens)
        for row in connection.execute(query.where(_PEOPLE.c.token.in_(batch)))
    }


def _batches(tokens: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(tokens)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _unusable(path: Path, reason: str) -> LakeError:
    return LakeError(
        f"database {path}: {reason}",
        "the application database is a SQLite file that we can read and write",
        "check the rights and the free space of its folder, or put a backup of the file back",
    )

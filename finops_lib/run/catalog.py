"""Which notebooks are there, what does each ask, when does it run: notebooks/catalog.toml, checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from finops_lib.errors import ParameterError, SettingsError
from finops_lib.records import Record

CATALOG = "catalog.toml"
_PACKAGED = "_notebooks"
_FILE = re.compile(r"\d{2}_([a-z][a-z0-9_]*)\.ipynb")
_CRON = re.compile(r"[0-9A-Za-z*/,\-?#]+( [0-9A-Za-z*/,\-?#]+){4}")
_PLAIN = (str, int, float, bool)


@dataclass(frozen=True)
class Schedule(Record):
    """When a notebook runs by itself: five cron fields in a named time zone, parameters of that run."""

    cron: str
    timezone: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry(Record):
    """One notebook of the catalogue; ``key`` is its file name after the number."""

    key: str
    file: str
    question: str
    owner: str
    app: bool
    schedules: tuple[Schedule, ...]
    writes: tuple[str, ...]


@dataclass(frozen=True)
class Catalog:
    """The notebooks of one folder, in the order in which a reader meets them."""

    folder: Path
    entries: tuple[Entry, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The names by which a report is asked for."""
        return tuple(entry.key for entry in self.entries)

    @property
    def path(self) -> Path:
        """The catalogue's own file."""
        return self.folder / CATALOG

    def notebook(self, entry: Entry) -> Path:
        """Return where the notebook of an entry is.

        Parameters
        ----------
        entry : Entry
            Of this catalogue.

        Returns
        -------
        Path
        """
        return self.folder / entry.file

    def find(self, name: str) -> Entry:
        """Which notebook goes by this name.

        Parameters
        ----------
        name : str
            A key, such as ``explore_cost``; the file's name will do too.

        Returns
        -------
        Entry

        Raises
        ------
        ParameterError
            The catalogue has no such notebook.
        """
        for entry in self.entries:
            if name in {entry.key, entry.file, Path(entry.file).stem}:
                return entry
        raise ParameterError(
            f"notebook {name!r}",
            "a report is a notebook of the catalogue",
            f"use one of {', '.join(self.keys)}",
        )


def notebook_folder(package: Path | None = None) -> Path:
    """Where are the notebooks: inside the installed package, else beside it in the repository.

    Parameters
    ----------
    package : Path, optional
        Folder of the package; this one's when left out.

    Returns
    -------
    Path

    Raises
    ------
    SettingsError
        Neither is there.
    """
    package = package or Path(__file__).resolve().parents[1]
    for folder in (package / _PACKAGED, package.parent / "notebooks"):
        if (folder / CATALOG).is_file():
            return folder
    raise SettingsError(
        f"notebooks beside {package.name}",
        f"{CATALOG} is in the package or in the repository's folder notebooks",
        "install the package again",
    )


def load_catalog(folder: Path) -> Catalog:
    """Which notebooks does the catalogue of this folder list.

    Parameters
    ----------
    folder : Path
        Holds ``catalog.toml`` and the notebooks.

    Returns
    -------
    Catalog

    Raises
    ------
    SettingsError
        The file cannot be read, or an entry breaks a rule; file, entry and rule are named.
    """
    path = folder / CATALOG
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path.name}: {error}", "the catalogue is a TOML file", "mend it") from error
    tables = content.get("notebook")
    if set(content) != {"notebook"} or not isinstance(tables, list) or not tables:
        raise SettingsError(
            path.name, "the catalogue is a list of [[notebook]] tables", "write one a notebook"
        )
    entries = tuple(_Table(table, number).entry(folder) for number, table in enumerate(tables, 1))
    keys = [entry.key for entry in entries]
    for key in keys:
        if keys.count(key) > 1:
            raise SettingsError(f"{path.name}: {key}", "each notebook is listed once", "remove all but one")
    return Catalog(folder, entries)


_ENTRY_FIELDS = ("file", "question", "owner", "app", "schedule", "writes")
_SCHEDULE_FIELDS = ("cron", "timezone", "parameters")


class _Table:
    """One [[notebook]] table while it is checked; errors name it."""

    def __init__(self, content: Any, number: int) -> None:
        self.content: dict[str, Any] = content if isinstance(content, dict) else {}
        self.name = f"{CATALOG}: entry {number} ({self.content.get('file', 'without a file')})"

    def entry(self, folder: Path) -> Entry:
        self.refuse_unknown(self.content, _ENTRY_FIELDS)
        file = self.text("file")
        match = _FILE.fullmatch(file)
        self.demand(match is not None, "file", "a file is two digits, _ and a name of a-z, 0-9 and _, .ipynb")
        self.demand((folder / file).is_file(), "file", "the file is in the folder of the catalogue")
        question = self.text("question")
        self.demand(question.endswith("?"), "question", "a notebook asks a question")
        self.demand(isinstance(self.content.get("app"), bool), "app", "it is true or false")
        return Entry(
            key=match[1] if match else "",
            file=file,
            question=question,
            owner=self.text("owner"),
            app=self.content["app"],
            schedules=tuple(map(self.schedule, self.tables("schedule"))),
            writes=self.words("writes"),
        )

    def schedule(self, content: dict[str, Any]) -> Schedule:
        self.refuse_unknown(content, _SCHEDULE_FIELDS)
        cron, zone = content.get("cron"), content.get("timezone")
        parameters = content.get("parameters", {})
        self.demand(isinstance(cron, str) and bool(_CRON.fullmatch(cron)), "cron", "it has five fields")
        self.demand(
            isinstance(zone, str) and _is_zone(zone), "timezone", "it is a name such as Europe/Berlin"
        )
        simple = isinstance(parameters, dict) and all(
            isinstance(item, _PLAIN) for item in parameters.values()
        )
        self.demand(simple, "parameters", "they are names with texts, numbers or true and false")
        return Schedule(str(cron), str(zone), parameters)

    def tables(self, name: str) -> list[dict[str, Any]]:
        found = self.content.get(name, [])
        self.demand(isinstance(found, list) and all(isinstance(item, dict) for item in found), name,
                    f"it is a list of [[notebook.{name}]] tables")  # fmt: skip
        return list(found)

    def text(self, name: str) -> str:
        found = self.content.get(name)
        self.demand(isinstance(found, str) and bool(found.strip()), name, "it is a text and not empty")
        return str(found)

    def words(self, name: str) -> tuple[str, ...]:
        found = self.content.get(name)
        self.demand(isinstance(found, list) and all(isinstance(item, str) for item in found), name,
                    "it is a list of texts")  # fmt: skip
        return tuple(found or ())

    def refuse_unknown(self, content: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for name in content:
            near = get_close_matches(name, known, n=1, cutoff=0.0)
            self.demand(
                name in known, name, f"there is no such field; the nearest is {near[0] if near else '-'}"
            )

    def demand(self, kept: bool, name: str, rule: str) -> None:
        if not kept:
            raise SettingsError(f"{self.name}: {name}", rule, f"mend {name} in {CATALOG}")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True

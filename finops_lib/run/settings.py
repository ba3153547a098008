"""Which settings does this run use: shipped defaults, then the user's file, each with commit and sha256."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from finops_lib.billing.quality import Thresholds
from finops_lib.change import repository
from finops_lib.errors import SettingsError
from finops_lib.records import Record

USER_FILE = "finops.toml"
SHIPPED = Path(__file__).with_name("settings.toml")


def _whole(default: int, low: int, high: int, about: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "about": about})


@dataclass(frozen=True)
class _Bounded(Record):
    """Settings that are whole numbers, each with its bounds."""

    def __post_init__(self) -> None:
        """Refuse a value out of bounds or of the wrong type."""
        for item in dataclasses.fields(self):
            value, low, high = getattr(self, item.name), item.metadata["low"], item.metadata["high"]
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise SettingsError(
                    f"{item.name} = {value!r}",
                    f"{item.metadata['about']}: a whole number from {low} to {high}",
                    f"leave it out for {item.default} or write a number within these bounds",
                )


@dataclass(frozen=True)
class RunLimits(_Bounded):
    """What one run of a notebook may take, and how many reports are kept.

    Raises
    ------
    SettingsError
        A value is no whole number within its bounds.

    Examples
    --------
    >>> RunLimits(wall_clock_seconds=60).wall_clock_seconds
    60
    """

    wall_clock_seconds: int = _whole(900, 1, 86_400, "seconds of wall clock for one try of a notebook")
    memory_limit_mb: int = _whole(4096, 256, 1_048_576, "memory of a run with all its processes, MiB")
    keep_reports: int = _whole(0, 0, 100_000, "reports kept for each notebook and period; 0 keeps all")


@dataclass(frozen=True)
class ForecastLimits(_Bounded):
    """How finely, and with which interval, a report forecasts.

    Raises
    ------
    SettingsError
        A value is no whole number within its bounds.

    Examples
    --------
    >>> ForecastLimits(interval_percent=90).largest_series
    15
    """

    interval_percent: int = _whole(80, 50, 99, "chance of the intervals, per cent")
    largest_series: int = _whole(15, 1, 500, "series that keep their name; smaller ones are counted together")


@dataclass(frozen=True)
class AnomalyLimits(_Bounded):
    """How far back, how surely and how finely a report looks for what is odd.

    Raises
    ------
    SettingsError
        A value is no whole number within its bounds.

    Examples
    --------
    >>> AnomalyLimits(look_back_days=7).discovery_percent
    5
    """

    look_back_days: int = _whole(30, 1, 400, "days looked at")
    discovery_percent: int = _whole(5, 1, 50, "share of what is told that may be false, per cent")
    floor_per_mille: int = _whole(3, 0, 1000, "least money a day of an anomaly, thousandths of a day's cost")
    most_resources: int = _whole(200, 0, 20_000, "resources up to which each is watched on its own")


@dataclass(frozen=True)
class SettingsFile(Record):
    """One file that settings came from: name, commit that last touched it (empty outside git), sha256."""

    file: str
    commit: str
    sha256: str


@dataclass(frozen=True)
class Settings(Record):
    """All settings of a run, by room, and the files that they came from, the weightiest last."""

    quality: Thresholds = field(default_factory=Thresholds)
    run: RunLimits = field(default_factory=RunLimits)
    forecast: ForecastLimits = field(default_factory=ForecastLimits)
    anomaly: AnomalyLimits = field(default_factory=AnomalyLimits)
    files: tuple[SettingsFile, ...] = ()

    @property
    def values(self) -> dict[str, Any]:
        """Room to names and values, as a settings file writes them."""
        return {name: getattr(self, name).to_json() for name in _ROOMS}

    def document(self) -> str:
        """Return the JSON text that a notebook reads: ``values`` and ``files``.

        Returns
        -------
        str
        """
        content = {"values": self.values, "files": [item.to_json() for item in self.files]}
        return json.dumps(content, indent=1, sort_keys=True)


_ROOMS: Mapping[str, type[Thresholds | _Bounded]] = {
    "quality": Thresholds,
    "run": RunLimits,
    "forecast": ForecastLimits,
    "anomaly": AnomalyLimits,
}


def load_settings(file: Path | None = None, *, commit: str = "") -> Settings:
    """Which settings does this run use.

    Parameters
    ----------
    file : Path, optional
        The user's file; ``finops.toml`` in the current folder, where there is one, when left out.
    commit : str
        Take the user's file as it was at this commit; empty takes it as it is on the disk.

    Returns
    -------
    Settings

    Raises
    ------
    SettingsError
        A file cannot be read, names a setting that does not exist (the nearest one is named) or a value that
        is out of its bounds.
    """
    shipped = _read(SHIPPED, name=SHIPPED.name, commit="")
    chosen = file if file is not None else Path(USER_FILE)
    if file is None and not commit and not chosen.exists():
        sources = [shipped]
    else:
        sources = [shipped, _read(chosen, name=_shown(chosen), commit=commit)]
    values: dict[str, dict[str, Any]] = {room: {} for room in _ROOMS}
    for source, content in sources:
        for room, names in _checked(content, file=source.file).items():
            values[room].update(names)
        _made(values, file=source.file)
    return dataclasses.replace(_made(values, file=""), files=tuple(source for source, _ in sources))


def _read(path: Path, *, name: str, commit: str) -> tuple[SettingsFile, dict[str, Any]]:
    try:
        data = repository.read_at(path, commit) if commit else path.read_bytes()
        content = tomllib.loads(data.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{name}: {error}", "a settings file is UTF-8 and TOML", "mend or remove it"
        ) from error
    found = commit or repository.commit_of(path) or ""
    return SettingsFile(name, found, hashlib.sha256(data).hexdigest()), content


def _shown(path: Path) -> str:
    return path.name if path.is_absolute() else path.as_posix()


def _checked(content: Mapping[str, Any], *, file: str) -> dict[str, dict[str, Any]]:
    for room, names in content.items():
        _known(room, list(_ROOMS), where=f"{file}: [{room}]")
        if not isinstance(names, dict):
            raise SettingsError(
                f"{file}: {room} = {names!r}", "it is a table", f"write [{room}] and its names below"
            )
        for name in names:
            fields = [item.name for item in dataclasses.fields(_ROOMS[room])]
            _known(name, fields, where=f"{file}: {name} under [{room}]")
    return {room: dict(names) for room, names in content.items()}


def _known(name: str, names: list[str], *, where: str) -> None:
    if name not in names:
        near = get_close_matches(name, names, n=1, cutoff=0.0)[0]
        raise SettingsError(
            where, "there is no such setting", f"the nearest is {near}; see settings.toml for all"
        )


def _made(values: Mapping[str, Mapping[str, Any]], *, file: str) -> Settings:
    try:
        made: dict[str, Any] = {room: limits(**values[room]) for room, limits in _ROOMS.items()}
        return Settings(**made)
    except SettingsError as error:
        raise SettingsError(f"{file}: {error.value}", error.rule, error.remedy) from error

"""What was this run made from: deliveries, configuration, code, parameters, environment and outputs.

No user, host, absolute path or secret stands in it, so that it can be handed on with the report.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from finops_lib.change import repository
from finops_lib.records import Record, Snapshot

DISTRIBUTION = "finops-workbench"
_PACKAGES = (
    "deltalake duckdb ipykernel itables matplotlib nbclient nbconvert nbformat numpy orjson pandas papermill "
    "pyarrow"
).split()
_DELIVERY = ("id", "provider", "account", "billing_period", "scope", "rows", "quarantined")


@dataclass(frozen=True)
class Manifest(Record):
    """What a run was made from and what it made; times in UTC, ``seconds`` of wall clock."""

    run_id: str
    notebook: str
    question: str
    period: str
    parameters: Mapping[str, Any]
    deliveries: tuple[Mapping[str, Any], ...]
    lake_digest: str
    settings: Mapping[str, Any]
    configuration: tuple[Mapping[str, Any], ...]
    code: Mapping[str, Any]
    environment: Mapping[str, Any]
    started: datetime
    seconds: float
    attempts: int
    outputs: tuple[Mapping[str, Any], ...]


def deliveries(snapshots: Sequence[Snapshot]) -> tuple[dict[str, Any], ...]:
    """Which deliveries were in the lake.

    Parameters
    ----------
    snapshots : sequence of Snapshot
        Current deliveries.

    Returns
    -------
    tuple of dict
        Ordered by period, provider, account and scope.
    """
    ordered = sorted(snapshots, key=lambda item: (item.billing_period, *item.key))
    return tuple({name: getattr(item, name) for name in _DELIVERY} for item in ordered)


def file_facts(path: Path, *, name: str) -> dict[str, str]:
    """Which content and which commit is this configuration file.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        How the manifest calls it.

    Returns
    -------
    dict
        ``file``, ``commit`` (empty outside git; ``+changes`` behind it where the file differs), ``sha256``.
    """
    return {"file": name, "commit": repository.commit_of(path) or "", "sha256": _sha256(path)}


def code_facts(package: Path | None = None) -> dict[str, str]:
    """Which code ran: version, commit of its repository (empty if installed) and sha256 of its sources.

    Parameters
    ----------
    package : Path, optional
        Folder of the package; this one's when left out.

    Returns
    -------
    dict
        ``version``, ``commit``, ``sha256``; the last tells changed sources apart at the same commit.
    """
    package = package or Path(__file__).resolve().parents[1]
    tracked = repository.commit_of(package / "__init__.py")
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(f"{path.relative_to(package).as_posix()} {_sha256(path)}\n".encode())
    commit = repository.head(package) if tracked else None
    return {"version": version_of(DISTRIBUTION), "commit": commit or "", "sha256": digest.hexdigest()}


def environment() -> dict[str, Any]:
    """Where did it run: Python, kind of machine, versions of the packages that make numbers and pages.

    Returns
    -------
    dict
        ``python``, ``platform`` and ``packages``.
    """
    kind = f"{platform.system()} {platform.machine()}"
    packages = {name: version_of(name) for name in _PACKAGES}
    return {"python": platform.python_version(), "platform": kind, "packages": packages}


def outputs(folder: Path, names: Sequence[str]) -> tuple[dict[str, Any], ...]:
    """Which files did the run make.

    Parameters
    ----------
    folder : Path
        Where they are.
    names : sequence of str
        Their names.

    Returns
    -------
    tuple of dict
        ``file``, ``bytes`` and ``sha256`` each.
    """
    return tuple(
        {"file": name, "bytes": (folder / name).stat().st_size, "sha256": _sha256(folder / name)}
        for name in names
    )


def without_places(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Which parameters may be handed on: an absolute path keeps its last name only.

    Parameters
    ----------
    parameters : mapping of str to Any
        As given to the notebook.

    Returns
    -------
    dict

    Examples
    --------
    >>> without_places({"lake": "/data/bills/lake", "month": "2026-07"})
    {'lake': 'lake', 'month': '2026-07'}
    """
    return {name: _without_place(value) for name, value in parameters.items()}


def _without_place(value: Any) -> Any:
    if isinstance(value, str):
        for kind in (PurePosixPath, PureWindowsPath):
            if kind(value).is_absolute():
                return kind(value).name
    return value


def version_of(name: str = DISTRIBUTION) -> str:
    """Which version of this package is installed; empty where it is not.

    Parameters
    ----------
    name : str
        Of a distribution; our own when left out.
    """
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

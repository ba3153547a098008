"""The main job on the sample company: take in its bills in the order in which they came, make every report.

The sample has a clock of its own, so that the same sample gives the same reports: a month's bill comes on
the 5th of the next month; a first delivery that was restated later comes on the 3rd, and that of a month
that is not over the day after its last usage.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType

from finops_lib.billing.lake import Lake
from finops_lib.billing.lake.usage import UsageTable
from finops_lib.errors import LakeError, SettingsError
from finops_lib.records import Period
from finops_lib.run.ingesting import take_in
from finops_lib.run.pulling import from_files

_DELIVERY = re.compile(r"(?:export-)?(\d{4}-\d{2})(?:-\d{2})?(-first)?")
_FIRST_COMES, _COMES, _COMES_PARTLY = timedelta(days=2), timedelta(days=4), timedelta(days=1)
_ASKED = timedelta(days=1)
_SOURCES = ("focus", "azure", "gcp", "oci", "opencost")  # folders of bills, one for each provider
_ONPREM, _INVENTORY, _RATES = "onprem", "inventory.csv", "rate_card.csv"
_DATASETS, _TRUTH, _USAGE = "datasets", "truth.json", "usage/usage.parquet"
_PLANS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "forecast": {"budget": "budgets.toml", "limits": "limits.toml"},
        "allocation": {"rules": "allocation.toml", "metrics": "metrics.csv"},
        "rightsizing": {
            "inventory": "usage/inventory.csv",
            "prices": "usage/prices.csv",
            "offers": "offers.csv",
            "held": "held.csv",
        },
        "commitments": {"offers": "offers.csv", "held": "held.csv"},
    }
)  # report to its parameters and their files


@dataclass(frozen=True)
class Delivery:
    """Bills that came together: their name, files or folders, moment, and rates where they need them."""

    name: str
    paths: tuple[Path, ...]
    moment: datetime
    rates: Path | None = None


def sample_folder(package: Path | None = None) -> Path:
    """Where are the sample bills: inside the installed package, else beside it in the repository.

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
    for folder in (package / "_samples", package.parent / "data" / "samples"):
        if folder.is_dir():
            return folder
    raise SettingsError(
        "the sample bills", "they are in the package or in data/samples", "install the package again"
    )


def deliveries(samples: Path) -> list[Delivery]:
    """Which bills came, and when, in the order in which they came.

    Parameters
    ----------
    samples : Path
        A folder for each provider, or that of one. In it a file or folder for each delivery, named
        ``YYYY-MM`` or ``YYYY-MM-first``, or a file for each day of export, named ``export-YYYY-MM-DD``.

    Returns
    -------
    list of Delivery
        No two at the same moment.

    Raises
    ------
    SettingsError
        None is there.
    """
    folders = [samples / name for name in _SOURCES if (samples / name).is_dir()] or [samples]
    partial = _partial(samples)
    found = [item for number, folder in enumerate(folders) for item in _of_source(folder, number, partial)]
    if not found:
        raise SettingsError(
            f"samples {samples.name}", "a delivery is named YYYY-MM or YYYY-MM-first", "make them anew"
        )
    last = max(item.moment for item in found)
    return sorted([*found, *_at_last(samples, last)], key=lambda item: item.moment)


def parameters_of(report: str, samples: Path) -> dict[str, str]:
    """Which parameters does a report of the sample company get: what it plans, and how it shares costs.

    Parameters
    ----------
    report : str
        Key of a notebook.
    samples : Path
        As `deliveries` reads it.

    Returns
    -------
    dict of str to str
        Only files that are there.
    """
    found = {name: samples / file for name, file in _PLANS.get(report, {}).items()}
    return {name: str(path) for name, path in found.items() if path.is_file()}


def _partial(samples: Path) -> dict[str, datetime]:
    """Say when the bill of a month that is not over came: the day after its last usage."""
    truth = samples / _TRUTH
    if not truth.is_file():
        return {}
    told = json.loads(truth.read_text(encoding="utf-8"))["partial"]
    last = date.fromisoformat(told["until"])
    return {told["month"]: datetime.combine(last, time(), UTC) + _COMES_PARTLY}


def _at_last(samples: Path, last: datetime) -> list[Delivery]:
    """List what comes after all bills: the machines of one's own, and the datasets beside the bills."""
    own, beside = samples / _ONPREM, samples / _DATASETS
    found = [Delivery(_ONPREM, (own / _INVENTORY,), last, own / _RATES)] if own.is_dir() else []
    if beside.is_dir():
        found += [Delivery(path.stem, (path,), last) for path in sorted(beside.iterdir())]
    return [replace(item, moment=last + timedelta(minutes=n)) for n, item in enumerate(found, start=1)]


def _of_source(folder: Path, number: int, partial: Mapping[str, datetime]) -> list[Delivery]:
    """List a provider's deliveries; each provider's come some minutes after the one before."""
    parts: dict[tuple[str, bool], list[Path]] = {}
    for path in sorted(folder.iterdir()):
        match = _DELIVERY.fullmatch(path.name.split(".")[0])
        if match:
            parts.setdefault((match[1], bool(match[2])), []).append(path)
    return [
        Delivery(
            f"{folder.name} {month}",
            tuple(paths),
            (partial.get(month) or Period.month(month).end + (_FIRST_COMES if first else _COMES))
            + timedelta(minutes=number),
        )
        for (month, first), paths in parts.items()
    ]


def fill_lake(
    lake_root: Path,
    *,
    samples: Path,
    environ: Mapping[str, str],
    progress: Callable[[str, int, int], None] | None = None,
) -> datetime:
    """Take in the sample, but for bills that are there already; where does its clock stand then.

    Parameters
    ----------
    lake_root : Path
        The lake's folder.
    samples : Path
        As `deliveries` reads it.
    environ : mapping of str to str
        Where the privacy key may stand.
    progress : callable, optional
        Told the delivery's name, bytes done and bytes in all.

    Returns
    -------
    datetime
        The day after the last delivery came.

    Raises
    ------
    LakeError
        The lake holds other bills, which must not be mixed with a sample.
    """
    bills = deliveries(samples)
    own = {item.moment for item in bills}
    held = Lake(lake_root).history() if lake_root.is_dir() else ()
    if any(item.delivered not in own for item in held):
        raise LakeError(
            f"lake {lake_root}", "the sample is kept apart from other bills", "name another with --lake DIR"
        )
    there = {item.delivered for item in held}
    for item in bills:
        if item.moment not in there:
            take_in(
                item.paths,
                lake_root=lake_root,
                environ=environ,
                now=item.moment,
                rates=item.rates,
                progress=_named(progress, item.name),
            )
    _pull_usage(lake_root, samples / _USAGE, now=bills[-1].moment)
    return datetime.combine(bills[-1].moment.date(), time(), UTC) + _ASKED


def _pull_usage(lake_root: Path, usage: Path, *, now: datetime) -> None:
    """Take in what the sample company used, unless it is there already."""
    if usage.is_file() and not UsageTable(Lake(lake_root)).pulls():
        from_files([usage], lake_root=lake_root, now=now)


def _named(
    progress: Callable[[str, int, int], None] | None, name: str
) -> Callable[[str, int, int], None] | None:
    if progress is None:
        return None
    return lambda file, done, total: progress(f"{name} {file}", done, total)

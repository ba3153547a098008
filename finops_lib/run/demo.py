"""The main job on the sample company: take in its bills in the order in which they came, make every report.

The sample has a clock of its own, so that the same sample gives the same reports: a month's bill comes on
the 5th of the next month; a first delivery that was restated later comes on the 3rd.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from finops_lib.billing.lake import Lake
from finops_lib.errors import LakeError, SettingsError
from finops_lib.records import Period
from finops_lib.run.ingesting import take_in

_DELIVERY = re.compile(r"(\d{4}-\d{2})(-first)?")
_FIRST_COMES, _COMES, _ASKED = timedelta(days=2), timedelta(days=4), timedelta(days=5)


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
    for folder in (package / "_samples" / "focus", package.parent / "data" / "samples" / "focus"):
        if folder.is_dir():
            return folder
    raise SettingsError(
        "the sample bills", "they are in the package or in data/samples", "install the package again"
    )


def deliveries(samples: Path) -> list[tuple[Path, datetime]]:
    """Which bills came, and when, in the order in which they came.

    Parameters
    ----------
    samples : Path
        A folder or file for each delivery, named ``YYYY-MM`` or ``YYYY-MM-first``.

    Returns
    -------
    list of tuple of Path and datetime

    Raises
    ------
    SettingsError
        None is there.
    """
    found = []
    for path in samples.iterdir():
        match = _DELIVERY.fullmatch(path.name.split(".")[0])
        if match:
            found.append((path, Period.month(match[1]).end + (_FIRST_COMES if match[2] else _COMES)))
    if not found:
        raise SettingsError(
            f"samples {samples.name}", "a delivery is named YYYY-MM or YYYY-MM-first", "make them anew"
        )
    return sorted(found, key=lambda item: item[1])


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
    own = {moment for _, moment in bills}
    held = Lake(lake_root).history() if lake_root.is_dir() else ()
    if any(item.delivered not in own for item in held):
        raise LakeError(
            f"lake {lake_root}", "the sample is kept apart from other bills", "name another with --lake DIR"
        )
    there = {item.delivered for item in held}
    for path, moment in bills:
        if moment not in there:
            take_in(
                [path], lake_root=lake_root, environ=environ, now=moment, progress=_named(progress, path.name)
            )
    return bills[-1][1] - _COMES + _ASKED


def _named(
    progress: Callable[[str, int, int], None] | None, name: str
) -> Callable[[str, int, int], None] | None:
    if progress is None:
        return None
    return lambda file, done, total: progress(f"{name} {file}", done, total)

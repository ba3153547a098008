"""Make people belong to nobody in the lake, by names that are read, never given on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from finops_lib.privacy import People
from finops_lib.run.ingesting import existing


def forget(names: Iterable[str], *, lake_root: Path, environ: Mapping[str, str]) -> dict[str, int]:
    """How many of these people were there to be forgotten.

    Parameters
    ----------
    names : iterable of str
        A name or an address each; blank ones are passed over.
    lake_root : Path
        A lake with deliveries.
    environ : mapping of str to str
        Where the privacy key may stand.

    Returns
    -------
    dict
        ``forgotten`` and ``unknown``, counts of people.

    Raises
    ------
    LakeError
        There is no lake, or its key map cannot be written.
    PrivacyError
        The key is not the one that the key map was made with.
    """
    existing(lake_root)
    people = People.open(lake_root, environ)
    found = [people.erase(name) for name in (line.strip() for line in names) if name]
    return {"forgotten": sum(found), "unknown": len(found) - sum(found)}

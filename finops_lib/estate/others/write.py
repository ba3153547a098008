"""Write the bills of the sample company's other providers and tell what is true of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from finops_lib.estate.calendar import months as calendar_months
from finops_lib.estate.company import Company
from finops_lib.estate.others.azure_bill import write_azure
from finops_lib.estate.others.fleet import fleet
from finops_lib.estate.others.gcp_bill import write_gcp
from finops_lib.estate.others.oci_bill import write_oci
from finops_lib.estate.others.onprem import write_onprem
from finops_lib.estate.others.opencost_answer import write_opencost
from finops_lib.estate.others.ranges import Ranges

FOLDERS = ("azure", "azure-amortized", "gcp", "oci", "opencost", "onprem")
_CLOUDS = (("azure", write_azure), ("gcp", write_gcp), ("oci", write_oci))


def write_others(
    folder: Path, *, who: Company, seed: int, months: int, rows: int, ranges: Ranges | None = None
) -> dict[str, Any]:
    """Write the bills of Azure, Google, Oracle, the cluster and the data centres below a folder.

    The same arguments give the same bytes. All is in US dollars and in days. The rows of one bill are held in
    memory: this is for samples, up to some hundred thousand rows.

    Parameters
    ----------
    folder : Path
        Where to; made where missing.
    who : Company
        The company of the AWS bill, whose machines are the nodes of the cluster.
    seed : int
        The one source of chance.
    months : int
        The newest months, a count; the last one is partial.
    rows : int
        About how many rows each provider has in all months.
    ranges : Ranges, optional
        Bounds of what is planted.

    Returns
    -------
    dict
        Provider to its truth, JSON-able, amounts as decimal text in dollars.

    Raises
    ------
    ValueError
        There is no month, or fewer than one row.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from finops_lib.estate.company import company
    >>> with TemporaryDirectory() as place:
    ...     list(write_others(Path(place), who=company(7, slots=1), seed=7, months=1, rows=100))
    ['azure', 'gcp', 'oci', 'opencost', 'onprem']
    """
    if rows < 1:
        raise ValueError(f"{rows} rows: each provider has at least one")
    span = calendar_months(months, step_hours=24)
    bounds = ranges or Ranges()
    days = sum(len(month.days) for month in span)
    found: dict[str, Any] = {}
    for cloud, write in _CLOUDS:
        there = fleet(cloud, seed=seed, rows=rows, days=days, ranges=bounds)
        found[cloud] = write(folder, there, span=span, ranges=bounds)
    found["opencost"] = write_opencost(folder, who, span=span, rows=rows, ranges=bounds)
    found["onprem"] = write_onprem(folder, seed=seed, span=span, rows=rows, ranges=bounds)
    return found

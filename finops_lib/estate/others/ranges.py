"""Between which bounds is the other providers' story drawn: what may be set without touching the code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Bounds = tuple[int, int]


@dataclass(frozen=True)
class Ranges:
    """Bounds, both included, and shares of what is planted.

    ``growth`` (a year) and ``noise`` are ten-thousandths of use; ``size_percent`` scales a resource,
    ``new_percent`` and ``gone_percent`` of the resources come and go, ``untagged_percent`` have no tag.

    The anomaly multiplies use by ``anomaly_percent`` for ``anomaly_days``, ``anomaly_ago_days`` before the
    last day. ``commitment_ago_months`` before the last month a commitment for one year starts, with
    ``commitment_spare`` instances too many. ``refund_cents`` come back ``refund_ago_months`` before the last
    month for use two months earlier.

    Google: ``sustained_percent`` off steady use, ``promotion_cents`` in each of the first
    ``promotion_months``, ``late_percent`` of the rows ready two days later, ``tax_percent``, and
    ``export_days`` from one export to the next. Oracle: ``report_days`` in one file, and a row billed at
    ``mistake_percent``, ``mistake_ago_months`` before the last month. Cluster: ``idle_percent`` of a node, at
    most ``nodes``, prices estimated ``estimate_percent`` too high until ``reconciled_days`` have passed. Data
    centre: power at ``power_jump_percent`` for a month, ``power_jump_ago_months`` before the last one.
    """

    growth: Bounds = (800, 2600)
    noise: Bounds = (300, 1200)
    size_percent: Bounds = (40, 170)
    new_percent: int = 12
    gone_percent: int = 7
    untagged_percent: int = 13
    anomaly_percent: Bounds = (350, 700)
    anomaly_days: Bounds = (2, 5)
    anomaly_ago_days: Bounds = (25, 75)
    commitment_ago_months: Bounds = (8, 10)
    commitment_spare: Bounds = (1, 2)
    refund_cents: Bounds = (4_000, 26_000)
    refund_ago_months: Bounds = (2, 4)
    sustained_percent: int = 20
    promotion_cents: Bounds = (20_000, 50_000)
    promotion_months: int = 3
    late_percent: int = 6
    tax_percent: int = 7
    export_days: int = 7
    report_days: int = 8
    mistake_percent: Bounds = (300, 900)
    mistake_ago_months: Bounds = (3, 5)
    idle_percent: Bounds = (24, 42)
    nodes: int = 4
    estimate_percent: Bounds = (2, 6)
    reconciled_days: int = 5
    power_jump_percent: Bounds = (170, 260)
    power_jump_ago_months: Bounds = (2, 4)


def drawn(rng: np.random.Generator, bounds: Bounds) -> int:
    """Which whole number between two bounds falls, both included.

    Parameters
    ----------
    rng : numpy.random.Generator
        The source of chance; one number is drawn.
    bounds : tuple of int
        Lowest and highest.

    Returns
    -------
    int

    Examples
    --------
    >>> drawn(np.random.default_rng(1), (5, 5))
    5
    """
    return int(rng.integers(bounds[0], bounds[1] + 1))

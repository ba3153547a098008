"""Rules of the field that read one percentile of the past and add headroom. None promises anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finops_lib.optimize.strategies.base import Allocation, allotted
from finops_lib.optimize.windows import DAY_SECONDS, Histories, most_by, quantiles


@dataclass(frozen=True)
class Percentile:
    """A percentile of the newest days, times a factor: the most any pod of the workload asks for.

    Parameters
    ----------
    level : float
        Share of samples that lie at or below the percentile, 0 to 1.
    factor : float
        What the percentile is multiplied with.
    days : int
        How far back it looks.
    least : int
        Fewest samples of all pods together for an answer.

    Examples
    --------
    >>> use = np.arange(1.0, 102.0)[None, :]
    >>> rule = Percentile(level=0.95, factor=1.25)
    >>> rule(Histories(("web",), use, 3600, np.array([200.0]), "cpu")).amount.tolist()  # 96 * 1.25
    [120.0]
    """

    level: float
    factor: float = 1.0
    days: int = 14
    least: int = 1

    def __call__(self, histories: Histories) -> Allocation:
        """How much should each workload have.

        Parameters
        ----------
        histories : Histories
            Rows of one workload are its pods.

        Returns
        -------
        Allocation
            Without a promise.
        """
        past = histories.last(self.days * DAY_SECONDS // histories.step_seconds)
        count, row = len(past.workloads), past.of_row
        of_pod = quantiles(past.use, [self.level])[:, 0]
        known = np.bincount(row, weights=np.isfinite(past.use).sum(axis=1), minlength=count).astype(np.int64)
        return allotted(past, most_by(of_pod, row, groups=count) * self.factor, known=known, least=self.least)


@dataclass(frozen=True)
class Krr:
    """CPU: the 95th percentile of 14 days; memory: the most, and 15 % on top; at least 100 samples.

    Parameters
    ----------
    level : float
        CPU percentile, 0 to 1.
    buffer : float
        Share added to the most memory.

    Notes
    -----
    Simple strategy of robusta-dev/krr, whose CPU query takes the percentile of each pod and the most of the
    pods. It sets no CPU limit; its memory limit equals the request. Other kinds are taken like CPU.

    Examples
    --------
    >>> use = np.arange(1.0, 102.0)[None, :]
    >>> Krr()(Histories(("web",), use, 3600, np.array([200.0]), "cpu")).amount.tolist()
    [96.0]
    """

    level: float = 0.95
    buffer: float = 0.15

    def __call__(self, histories: Histories) -> Allocation:
        """How much should each workload request; see `Percentile`.

        Parameters
        ----------
        histories : Histories
            Rows of one workload are its pods.

        Returns
        -------
        Allocation
        """
        if histories.kind == "memory":
            return Percentile(level=1.0, factor=1.0 + self.buffer, least=100)(histories)
        return Percentile(level=self.level, least=100)(histories)


@dataclass(frozen=True)
class Headroom:
    """A percentile that is to fill all of the allocation but a share: percentile / (1 - headroom).

    Parameters
    ----------
    level : float
        Percentile, 0 to 1.
    headroom : float
        Share of the allocation to stay free, below 1; negative allots less than the percentile.
    days : int
        How far back it looks.

    Examples
    --------
    >>> use = np.arange(1.0, 102.0)[None, :]
    >>> azure_like()(Histories(("web",), use, 3600, np.array([200.0]), "cpu")).amount.tolist()  # 96 / 0.8
    [120.0]
    """

    level: float
    headroom: float
    days: int = 14

    def __call__(self, histories: Histories) -> Allocation:
        """How much should each workload have; see `Percentile`.

        Parameters
        ----------
        histories : Histories
            Rows of one workload are its pods.

        Returns
        -------
        Allocation
        """
        rule = Percentile(level=self.level, factor=1.0 / (1.0 - self.headroom), days=self.days)
        return rule(histories)


def compute_optimizer_like(*, headroom: float = 0.2) -> Headroom:
    """Which rule does AWS Compute Optimizer describe: 99.5th percentile of 14 days, 20 % to stay free.

    Parameters
    ----------
    headroom : float
        Share to stay free, 0 to 1.

    Returns
    -------
    Headroom

    Notes
    -----
    AWS Compute Optimizer user guide, "Rightsizing recommendation preferences": the default.

    Examples
    --------
    >>> compute_optimizer_like().level
    0.995
    """
    return Headroom(level=0.995, headroom=headroom)


def azure_like(*, headroom: float = 0.2) -> Headroom:
    """Which rule does Azure Advisor describe: 95th percentile of 7 days below 80 % of the new size.

    Parameters
    ----------
    headroom : float
        Share to stay free, 0 to 1; the 0.8 is for what no user waits for, 0.6 for the rest.

    Returns
    -------
    Headroom

    Notes
    -----
    Microsoft, "Optimize virtual machine spend by resizing or shutting down underutilized instances".

    Examples
    --------
    >>> azure_like().days
    7
    """
    return Headroom(level=0.95, headroom=headroom, days=7)

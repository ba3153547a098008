"""What does a core cost against a GiB of memory and a GPU, as the market's prices tell.

A workload is paid for as a whole; what it saves when only one of its parts shrinks needs the parts' prices.
Only their relation is used: the whole stays what the workload's own rate says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from finops_lib.errors import QueryError

LENDING = re.compile(r"(?:db\.|cache\.)?t\d\w*\.|(?:standard_)?b\d\w*|e2-(?:micro|small|medium)")
"""Names, in small letters, of types whose CPU is lent: a share of it is one's own, the rest is not sure."""
_FEWEST = 5  # types, of two relations of core to memory at least


@dataclass(frozen=True)
class Parts:
    """Price of a core, a GiB of memory and a GPU in an hour, in one currency or as a relation only.

    ``gpu`` is None where it is not known: then nothing with a GPU has a price.

    Examples
    --------
    >>> Parts(Decimal(10), Decimal(1)).of(cores=2, memory_gib=4)
    Decimal('24.0')
    """

    core: Decimal
    gib: Decimal
    gpu: Decimal | None = None

    def of(self, *, cores: float, memory_gib: float, gpus: float = 0.0) -> Decimal | None:
        """What does so much of each cost in an hour; None where a price is not known.

        Parameters
        ----------
        cores, memory_gib, gpus : float
            How much of each.
        """
        if gpus and self.gpu is None:
            return None
        amounts = ((self.core, cores), (self.gib, memory_gib), (self.gpu or Decimal(0), gpus))
        return sum((price * Decimal(repr(float(amount))) for price, amount in amounts), Decimal(0))


def parts(catalogue: pd.DataFrame) -> Parts:
    """What does a core, a GiB and a GPU cost, after all types of a catalogue.

    Parameters
    ----------
    catalogue : DataFrame
        As `finops_lib.billing.prices.catalogue` gives it; types that lend their CPU are left out.

    Returns
    -------
    Parts
        Shares of the price of one hour, found by least squares of relative errors, none below 0.

    Raises
    ------
    QueryError
        Fewer than five types tell price and size, or all in the same relation.

    Notes
    -----
    Non-negative least squares: Lawson and Hanson (1974), Solving Least Squares Problems.

    Examples
    --------
    >>> from finops_lib.billing.prices import catalogue
    >>> found = parts(catalogue())
    >>> bool(found.core > found.gib > 0), bool(found.gpu > found.core)
    (True, True)
    """
    known = catalogue.dropna(subset=["vcpu", "memory_gib", "usd_per_hour_on_demand"])
    known = known[[not LENDING.match(str(name).lower()) for name in known["instance_type"]]]
    sizes = known[["vcpu", "memory_gib", "gpu"]].astype(float).fillna(0.0).to_numpy()
    price = known["usd_per_hour_on_demand"].astype(float).to_numpy()
    usable = (price > 0) & (sizes[:, 0] > 0)
    sizes, price = sizes[usable], price[usable]
    if len(price) < _FEWEST or np.linalg.matrix_rank(sizes[:, :2]) < 2:  # noqa: PLR2004  core and memory
        raise QueryError(
            f"a catalogue with {len(price)} types of known size and price",
            f"it takes {_FEWEST}, with more memory to a core in some than in others, to price the parts",
            "name a price file that has more",
        )
    found, _ = nnls(sizes / price[:, None], np.ones(len(price)))
    core, gib, gpu = (Decimal(repr(float(value))) for value in found)
    return Parts(core, gib, gpu if sizes[:, 2].any() else None)

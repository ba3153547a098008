"""Who could own the money that no rule placed: what was placed beside it is the evidence.

Only money that direct rules placed is evidence: a share of a tax bill says nothing of who owns a disk.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from finops_lib.cost.allocation.allocate import Allocation
from finops_lib.cost.allocation.owners import EVIDENCE, candidates
from finops_lib.cost.allocation.tables import origins, team_name
from finops_lib.cost.exact import null_mark
from finops_lib.cost.split import money
from finops_lib.errors import QueryError

_OWNER = "team that a direct rule found"


def leftover(allocation: Allocation, *, evidence: Sequence[Sequence[str]] = EVIDENCE) -> pd.DataFrame:
    """Which teams do the neighbours of each unallocated line suggest, and for how much of it.

    Parameters
    ----------
    allocation : Allocation
        From `allocate`; its lines have the columns of ``evidence``.
    evidence : sequence of sequences of str
        As in `candidates`.

    Returns
    -------
    DataFrame
        As from `candidates`: the amounts of all rows add up to what is unallocated, to the last digit.
        `ranked_owners` ranks them.

    Raises
    ------
    QueryError
        The lines lack a column of ``evidence``.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from finops_lib.cost.allocation.allocate import allocate
    >>> from finops_lib.cost.allocation.rules import Rule, RuleFile
    >>> bill = pd.DataFrame({"SubAccountId": "1", "tag:team": ["web", "(untagged)"], "BillingCurrency": "USD",
    ...     "cost": [Decimal(3), Decimal(8)]})
    >>> found = leftover(allocate(bill, rules=RuleFile("1", (Rule("tag", "direct", by="tag:team"),))),
    ...     evidence=[["SubAccountId"]])
    >>> [(owner, int(amount)) for owner, amount in zip(found["Owner"], found["Amount"])]
    [('web', 8)]
    """
    columns = list(dict.fromkeys(name for names in evidence for name in names))
    lost = [name for name in columns if name not in allocation.lines]
    if lost:
        raise QueryError(f"lines without {', '.join(lost)}", "evidence is looked for in them", "ask for them")
    direct, _ = origins(allocation)
    nobody = null_mark(f"tag:{_OWNER}")
    parts = [
        (int(line), nobody if team is None else team_name(team), units)
        for line, team, count in zip(allocation.line, allocation.team, allocation.count, strict=True)
        if (units := count if team is None else direct.get((line, team), 0))
    ]
    lines = allocation.lines[columns].iloc[np.array([part[0] for part in parts], dtype=np.int64)]
    lines = lines.reset_index(drop=True).assign(BillingCurrency=allocation.currency)
    lines[f"tag:{_OWNER}"] = pd.Series([part[1] for part in parts], dtype=object)
    costs = [money(part[2], places=allocation.places) for part in parts]
    lines["cost"] = pd.Series(costs, dtype=object)
    return candidates(lines, key=_OWNER, evidence=evidence)

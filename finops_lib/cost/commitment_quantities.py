"""Which share of each commitment was used, counted in its own unit: hours, or money a reserved rate buys.

Utilisation in money and in quantity differ where a commitment covers things of several prices; a provider's
own console shows that of quantity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.cost.exact import label, share, total
from finops_lib.cost.spend import question
from finops_lib.cost.sql import Where, statement
from finops_lib.records import Period

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

KEYS = ("CommitmentDiscountId", "CommitmentDiscountType", "CommitmentDiscountUnit")
_NO_FILTER: Mapping[str, str] = {}
_QUANTITY = '"CommitmentDiscountQuantity"'
_STATUS = '"CommitmentDiscountStatus"'

QUANTITIES = """
SELECT {selected},
       sum(CASE WHEN {status} = 'Used' THEN {quantity} END) AS used,
       sum(CASE WHEN {status} = 'Unused' THEN {quantity} END) AS unused,
       count(*) - count({quantity}) AS unknown
FROM {relation}
WHERE {condition} AND "ChargeCategory" = 'Usage' AND "CommitmentDiscountId" IS NOT NULL
      AND {status} IN ('Used', 'Unused')
GROUP BY ALL
ORDER BY ALL
"""


def utilisation_by_quantity(
    engine: Engine,
    *,
    axis: str = "charge",
    period: Period | None = None,
    where: Where = _NO_FILTER,
) -> pd.DataFrame:
    """Which share of each commitment's quantity was used, whatever it cost.

    Parameters
    ----------
    engine : Engine
        The open lake.
    axis, period, where
        As in `spend`. Money plays no part, so currencies neither.

    Returns
    -------
    DataFrame
        ``CommitmentDiscountId``, ``CommitmentDiscountType``, ``CommitmentDiscountUnit`` (``(none)`` where the
        bill names none), ``Used`` and ``Unused`` (exact, in that unit), ``Utilisation`` (share of both; None
        where it is not known) and ``RowsUnknown``, a count of used or unused charges without a quantity:
        where there is one, the share is not known. The least used first, unknown ones last.

    Raises
    ------
    QueryError
        As in `spend`.

    Source: FOCUS column CommitmentDiscountQuantity: the amount of a commitment that a charge of usage took,
    or that was left unused.
    """
    asked = question(by=KEYS, axis=axis, grain=None, period=period, where=where, currency=None, rates=None)
    sql, parameters = statement(
        engine, template=QUANTITIES, question=asked, quantity=_QUANTITY, status=_STATUS
    )
    answer = engine.query(sql, parameters)
    places = [f"k{place}" for place in range(len(KEYS))]
    groups: dict[tuple[str, ...], list[tuple[Decimal | None, Decimal | None, int]]] = {}
    wanted = answer[[*places, "used", "unused", "unknown"]]
    for *values, used, unused, unknown in wanted.itertuples(index=False, name=None):
        key = tuple(label(value, name=name) for name, value in zip(KEYS, values, strict=True))
        groups.setdefault(key, []).append((_exact(used), _exact(unused), int(unknown)))
    lines = [(*key, *_told(rows)) for key, rows in groups.items()]
    lines.sort(key=lambda line: (line[-2] is None, line[-2] or 0, line[0]))
    columns = [*KEYS, "Used", "Unused", "Utilisation", "RowsUnknown"]
    return pd.DataFrame(lines, columns=columns, dtype=object)


def _exact(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) and value.is_finite() else None


def _told(rows: Sequence[tuple[Decimal | None, Decimal | None, int]]) -> tuple[object, ...]:
    """Add up rows of several currencies; a commitment of which nothing is left unused was used as a whole."""
    used, unused = total(row[0] for row in rows), total(row[1] for row in rows)
    unknown = sum(row[2] for row in rows)
    whole = None if unknown else total([used, unused])
    return used, unused, share(used or Decimal(0), whole) if whole is not None else None, unknown

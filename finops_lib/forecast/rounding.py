"""How do forecasts become whole cents, so that at every level the parts add up to the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal

from finops_lib.cost.split import cut
from finops_lib.forecast.tree import WHOLE, Node, Tree
from finops_lib.units import minor_digits

_EXACT = Context(prec=400)  # more digits than any sum of floats that are money has


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """What do amounts add up to, to the last of their digits.

    Parameters
    ----------
    amounts : iterable of Decimal
        Money in one currency.

    Returns
    -------
    Decimal

    Examples
    --------
    >>> exact_sum([Decimal("0.1"), Decimal("0.2")])
    Decimal('0.3')
    """
    result = Decimal(0)
    for amount in amounts:
        result = _EXACT.add(result, amount)
    return result


def in_cents(tree: Tree, amounts: Mapping[str, float], *, currency: str) -> dict[Node, Decimal]:
    """What is each node in whole cents, so that the parts of every node add up to it.

    Parameters
    ----------
    tree : Tree
        Its series that have no amount are left out, and with them groups that have no other.
    amounts : mapping of str to float
        Series to money in ``currency``.
    currency : str
        ISO 4217 code, which says how small an amount can be.

    Returns
    -------
    dict of tuple of str to Decimal
        Node to amount, less than two smallest units from the sum of its series.

    Examples
    --------
    >>> import pandas as pd
    >>> tree = Tree.of(pd.DataFrame({"team": ["web", "web", "ml"]}, index=["a", "b", "c"]))
    >>> cents = in_cents(tree, {"a": 0.333, "b": 0.333, "c": 0.333}, currency="USD")
    >>> [str(cents[path]) for path in ((), ("ml",), ("web",), ("web", "a"), ("web", "b"))]
    ['1.00', '0.33', '0.67', '0.34', '0.33']
    """
    unit = Decimal(1).scaleb(-minor_digits(currency))
    raw = {
        path: exact_sum([Decimal(amounts[name]) for name in series if name in amounts])
        for path, series in tree.members.items()
        if any(name in amounts for name in series)
    }
    found = {WHOLE: raw[WHOLE].quantize(unit, context=_EXACT) + 0} if raw else {}
    below = _below(raw)
    for path, parts in below.items():
        found.update(zip(parts, cut(found[path], [raw[part] for part in parts], unit=unit), strict=True))
    return found


def _below(paths: Mapping[Node, object]) -> dict[Node, list[Node]]:
    """Give each node that has parts their list, each node before its parts."""
    below: dict[Node, list[Node]] = {}
    for path in paths:
        if path:
            below.setdefault(path[:-1], []).append(path)
    return {path: below[path] for path in paths if path in below}

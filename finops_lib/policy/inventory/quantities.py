"""How much is a quantity of Kubernetes: ``500m`` of a core, ``2Gi`` of memory.

Source: Kubernetes API, ``k8s.io/apimachinery`` ``resource.Quantity``: a decimal number with a suffix of
powers of ten (n, u, m, k, M, G, T, P, E), of powers of two (Ki to Ei), or with an exponent.
"""

from __future__ import annotations

import re
from decimal import Decimal

_FORM = re.compile(
    r"([-+]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30}))([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]{1,2})?",
    re.ASCII,
)
_TEN = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_TWO = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_MILLI = Decimal(1000)
_MIB = Decimal(1024**2)


def quantity(value: object) -> Decimal | None:
    """How much is this, in its base unit.

    Parameters
    ----------
    value : object
        A text or a number of a manifest.

    Returns
    -------
    Decimal or None
        None for what is no quantity.

    Examples
    --------
    >>> quantity("500m"), quantity("2Ki"), quantity(1.5), quantity("much")
    (Decimal('0.500'), Decimal('2048'), Decimal('1.5'), None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    found = _FORM.fullmatch(str(value))
    if not found:
        return None
    number, suffix = Decimal(found.group(1)), found.group(2) or ""
    if suffix in _TWO:
        return number * Decimal(1024) ** _TWO[suffix]
    power = _TEN[suffix] if suffix in _TEN else int(suffix[1:])
    return number.scaleb(power)


def cpu_milli(value: object) -> float | None:
    """How many thousandths of a core is this; None for what is no quantity.

    Examples
    --------
    >>> cpu_milli("1500m"), cpu_milli(2), cpu_milli(None)
    (1500.0, 2000.0, None)
    """
    amount = quantity(value)
    return None if amount is None else float(amount * _MILLI)


def memory_mib(value: object) -> float | None:
    """How many MiB is this; None for what is no quantity.

    Examples
    --------
    >>> memory_mib("2Gi"), memory_mib("1M"), memory_mib(1048576)
    (2048.0, 0.95367431640625, 1.0)
    """
    amount = quantity(value)
    return None if amount is None else float(amount / _MIB)

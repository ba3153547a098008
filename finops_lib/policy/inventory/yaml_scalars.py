"""What a scalar of YAML means to the programs that apply it: as Kubernetes and CloudFormation read it."""

from __future__ import annotations

import math
import re

from finops_lib.policy.inventory.marked import LARGEST_WHOLE

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
# YAML 1.1, which kubectl, Helm and CloudFormation still follow: a "yes" there opens a database to the world.
_TRUE = frozenset(word for text in ("true", "yes", "on") for word in (text, text.title(), text.upper()))
_FALSE = frozenset(word for text in ("false", "no", "off") for word in (text, text.title(), text.upper()))
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9_]{0,30})", re.ASCII)
_OCTAL = re.compile(r"[-+]?0o?[0-7]{1,20}", re.ASCII)
_HEXADECIMAL = re.compile(r"[-+]?0x[0-9a-fA-F]{1,16}", re.ASCII)
_DECIMAL = re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,4})?", re.ASCII)


def plain_value(text: str) -> str | int | float | bool | None:
    """What does a scalar without quotes mean.

    Parameters
    ----------
    text : str
        As written.

    Returns
    -------
    str, int, float, bool or None
        A number that JSON cannot hold exactly, and a day, stay text; so does one with a leading zero that is
        no octal number, such as an account's id.

    Examples
    --------
    >>> [plain_value(one) for one in ("yes", "0644", "012345678901", "1.5", "2Gi", "~")]
    [True, 420, '012345678901', 1.5, '2Gi', None]
    """
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    whole = _whole(text)
    if whole is not None:
        return whole if abs(whole) <= LARGEST_WHOLE else text
    if _DECIMAL.fullmatch(text) and not text.lstrip("+-").isdigit():
        number = float(text)
        return number if math.isfinite(number) else text
    return text


def _whole(text: str) -> int | None:
    if _WHOLE.fullmatch(text):
        return int(text.replace("_", ""))
    if _OCTAL.fullmatch(text):
        return int(text.replace("o", ""), 8)
    return int(text, 16) if _HEXADECIMAL.fullmatch(text) else None

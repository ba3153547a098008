"""Is this a value that the parameter can have in any notebook: asked before a kernel starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from finops_lib.billing.focus import is_currency
from finops_lib.cost import metrics_file, plan_file
from finops_lib.cost.allocation import rule_file
from finops_lib.cost.sql import COSTS
from finops_lib.errors import FinOpsError, ParameterError
from finops_lib.records import Period
from finops_lib.run.files import Files, parsed_or
from finops_lib.run.odd_asked import Kept
from finops_lib.run.opening import moment


def refuse_unknown_values(values: Mapping[str, Any]) -> None:
    """Refuse a month, cost, currency, moment or file that there cannot be; an empty one stands for a default.

    Parameters
    ----------
    values : mapping of str to Any
        Checked by type already.

    Raises
    ------
    ParameterError
        The value, its rule and what to write instead.
    SettingsError
        A file cannot be read or breaks its own rules.

    Examples
    --------
    >>> refuse_unknown_values({"month": "2026-07", "cost": "", "by": "anything"})
    """
    for name, check in _CHECKS.items():
        text = values.get(name)
        if isinstance(text, str) and text:
            check(name, text)


def _month(name: str, text: str) -> None:
    _as_parameter(lambda: Period.month(text), name)


def _moment(name: str, text: str) -> None:
    _as_parameter(lambda: moment(text), name)


def _cost(name: str, text: str) -> None:
    if text not in COSTS:
        raise ParameterError(
            f"parameter {name}={text}", f"it is one of {', '.join(COSTS)}", "write one of them"
        )


def _currency(name: str, text: str) -> None:
    if not is_currency(text):
        raise ParameterError(f"parameter {name}={text}", "it is an ISO 4217 code", "write, for example, USD")


def _file(name: str, text: str) -> None:
    Files.read(**{name: text})


def _rules(_: str, text: str) -> None:
    parsed_or(text, "allocation rules", rule_file.parse, None)


def _metrics(_: str, text: str) -> None:
    parsed_or(text, "metrics", metrics_file.parse, None)


def _plan(_: str, text: str) -> None:
    parsed_or(text, "plan", plan_file.parse, None)


def _kept(name: str, text: str) -> None:
    Kept.read(**{name: text})


def _as_parameter(read: Callable[[], object], name: str) -> None:
    try:
        read()
    except FinOpsError as error:
        raise ParameterError(f"parameter {name}: {error.value}", error.rule, error.remedy) from error


_CHECKS: Mapping[str, Callable[[str, str], None]] = MappingProxyType(
    {
        "month": _month,
        "cost": _cost,
        "currency": _currency,
        "now": _moment,
        "budget": _file,
        "limits": _file,
        "changes": _file,
        "windows": _kept,
        "alerts": _kept,
        "labels": _kept,
        "events": _kept,
        "plan": _plan,
        "rules": _rules,
        "metrics": _metrics,
    }
)

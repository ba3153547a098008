"""What the next program reads of a forecast: measures, estimates, nodes, budgets and limits as JSON."""

from __future__ import annotations

from typing import Any

from finops_lib.forecast.budget import Burn
from finops_lib.forecast.saturation import Saturation
from finops_lib.records import Estimate, Forecast, NoForecast
from finops_lib.run.outlook_words import ends, rounded

_DIGITS = 4  # of a measure


def estimate_json(found: Estimate) -> dict[str, Any]:
    """How does an estimate of money read as JSON: ``low``, ``mid``, ``high``, ``level``, ``currency``.

    Parameters
    ----------
    found : Estimate
        Of money.
    """
    content = found.to_json()
    content["currency"] = content.pop("unit")
    return content


def node_json(name: str, found: Forecast | NoForecast, **more: Any) -> dict[str, Any]:
    """How does the forecast of a node read as JSON.

    Parameters
    ----------
    name : str
        As it is shown.
    found : Forecast or NoForecast
        Of the node.
    **more : Any
        Further keys.

    Returns
    -------
    dict
        ``name``, ``forecast`` (None where there is none), ``reason``, ``coverage_backtest``, ``mase``,
        ``vs_seasonal_naive`` and the further keys.
    """
    measures = ("coverage_backtest", "mase", "vs_seasonal_naive")
    known = isinstance(found, Forecast)
    return {
        "name": name,
        "forecast": estimate_json(found.amount) if isinstance(found, Forecast) else None,
        "reason": ends(found)["Reason"],
        **{key: rounded(getattr(found, key), _DIGITS) if known else None for key in measures},
        **more,
    }


def burn_json(item: Burn | NoForecast) -> dict[str, Any]:
    """How does a budget read as JSON; ``expected_date`` is the middle day, ``expected_dates`` the range.

    Parameters
    ----------
    item : Burn or NoForecast
        Of one budget.
    """
    if isinstance(item, NoForecast):
        unknown = dict.fromkeys(("breach_probability", "expected_date"))
        return {"budget": item.path[0], **unknown, "reason": item.reason}
    content = item.to_json()
    days = content.pop("expected_date")
    floats = ("breach_probability", "elapsed_share", "pace", "path_pace")
    return {
        **content,
        **{name: rounded(content[name], _DIGITS) for name in floats},
        "rest": estimate_json(item.rest),
        "landing": estimate_json(item.landing),
        "expected_date": None if item.expected_date is None else f"{item.expected_date.mid:%Y-%m-%d}",
        "expected_dates": days,
        "reason": "",
    }


def limit_json(item: Saturation | NoForecast) -> dict[str, Any]:
    """How does a limit read as JSON: its days, and the chance by the end of each.

    Parameters
    ----------
    item : Saturation or NoForecast
        Of one limit.
    """
    if isinstance(item, NoForecast):
        return {"name": item.path[0], "reason": item.reason}
    content = item.to_json()
    content["chances"] = [round(chance, _DIGITS) for chance in item.chances]
    return {**content, "beyond": round(item.beyond, _DIGITS), "reason": ""}

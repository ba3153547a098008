"""What stands on the pictures of a forecast: bands by step, the burn of a budget, back-tests by model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from finops_lib.forecast import intervals
from finops_lib.forecast.budget import Burn
from finops_lib.forecast.panel import Outlook, step_starts
from finops_lib.forecast.tree import added


def history(outlook: Outlook, *, series: Sequence[str]) -> pd.DataFrame:
    """What was the sum of these series, step by step.

    Parameters
    ----------
    outlook : Outlook
        With a calendar.
    series : sequence of str
        Its names; series that began later were nothing before.

    Returns
    -------
    DataFrame
        ``time`` (start of the step, UTC) and ``value`` (NaN is a gap).
    """
    place = [outlook.panel.names.index(name) for name in series]
    values = added([outlook.panel.values[number] for number in place])
    starts = _starts(outlook, place, first=-len(values), count=len(values))
    return pd.DataFrame({"time": starts, "value": values})


def bands(outlook: Outlook, *, series: Sequence[str], levels: Sequence[float] = (0.8, 0.95)) -> pd.DataFrame:
    """Where will the sum of these series lie in each step.

    Parameters
    ----------
    outlook : Outlook
        With a calendar.
    series : sequence of str
        Its names.
    levels : sequence of float
        Chances of the bands, between 0 and 1.

    Returns
    -------
    DataFrame
        ``time`` (start of the step, UTC), ``mid``, and for each level in per cent ``low_80``, ``high_80``;
        each step's band is calibrated on its own.
    """
    place = [outlook.panel.names.index(name) for name in series]
    steps = outlook.mid.shape[1]
    columns: dict[str, object] = {"time": _starts(outlook, place, first=0, count=steps)}
    columns["mid"] = outlook.mid[place].sum(axis=0)
    for level in levels:
        ends = [
            intervals.interval(outlook, series=tuple(series), steps=[step], level=level)
            for step in range(steps)
        ]
        name = f"{level * 100:g}"
        columns[f"low_{name}"] = [float(end[0]) for end in ends]
        columns[f"high_{name}"] = [float(end[2]) for end in ends]
    return pd.DataFrame(columns)


def burned(burn: Burn, spent: pd.DataFrame, outlook: Outlook, *, series: Sequence[str]) -> pd.DataFrame:
    """How does the sum of a budget's period grow: spent so far, then expected with a band.

    Parameters
    ----------
    burn : Burn
        From `budget.burn`.
    spent : DataFrame
        As `budget.burn` was given it.
    outlook : Outlook
        As `budget.burn` was given it.
    series : sequence of str
        In scope and in the outlook.

    Returns
    -------
    DataFrame
        ``time`` (UTC; the sum goes up to here, day by day in the past), ``spent`` (NaN in the future),
        ``low``, ``mid``, ``high`` (NaN in the past), floats in the budget's currency for drawing.
    """
    times = pd.to_datetime(spent["time"], utc=True).dt.tz_convert(None)
    first, until, last = (
        pd.Timestamp(moment).tz_convert(None)
        for moment in (burn.period.start, burn.known_until, burn.period.end)
    )
    inside = (times >= first) & (times < min(until, last))
    daily = pd.Series([float(cost or 0) for cost in spent["cost"]], index=spent.index)[inside]
    past = daily.groupby(times[inside].dt.floor("D") + pd.Timedelta(days=1)).sum().cumsum()
    past = past[past.index < min(until, last)]
    rows: list[dict[str, object]] = [{"time": first, "spent": 0.0}]
    rows += [{"time": day, "spent": value} for day, value in zip(past.index, past, strict=True)]
    base = float(burn.spent)
    rows.append({"time": max(first, min(until, last)), "spent": base, "low": base, "mid": base, "high": base})
    return pd.DataFrame(
        [*rows, *_growing(burn, outlook, series, base=base)], columns=["time", "spent", "low", "mid", "high"]
    )


def _growing(burn: Burn, outlook: Outlook, series: Sequence[str], *, base: float) -> list[dict[str, object]]:
    place = [outlook.panel.names.index(name) for name in series]
    edges = _starts(outlook, place, first=0, count=outlook.mid.shape[1] + 1)
    first, last = (pd.Timestamp(moment).tz_convert(None) for moment in (burn.period.start, burn.period.end))
    inside = np.flatnonzero((edges[:-1] >= first) & (edges[:-1] < last))
    rows = []
    for count in range(1, len(inside) + 1):
        steps = inside[:count].tolist()
        low, mid, high = intervals.interval(outlook, series=series, steps=steps, level=burn.rest.level)
        ends = {"low": base + float(low), "mid": base + float(mid), "high": base + float(high)}
        rows.append({"time": edges[steps[-1] + 1], **ends})
    return rows


def _starts(outlook: Outlook, place: Sequence[int], *, first: int, count: int) -> pd.DatetimeIndex:
    if outlook.panel.ends is None:
        raise ValueError("series without a calendar: a picture over time needs one")
    end = max(outlook.panel.ends[number] for number in place)
    return step_starts(end, step=outlook.panel.step, first=first, count=count)

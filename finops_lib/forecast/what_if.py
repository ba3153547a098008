"""What would change the answer: one thing at a time is taken otherwise, and the chance of a breach told anew.

A variant moves what the models say together; calendar and known changes then act on it as they did. Errors
are taken to be as large as in the past; only a share of more or less demand widens or narrows them, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

import numpy as np
import pandas as pd

from finops_lib.forecast import intervals
from finops_lib.forecast.contributions import Recent, asked, forecast_sum
from finops_lib.forecast.panel import SEASONS, FloatArray, IntArray, Outlook, step_starts
from finops_lib.forecast.parts import Parts
from finops_lib.forecast.paths import chance

_SPANS = MappingProxyType({"hour": "day", "day": "week", "week": "year", "month": "year"})
_MORE = 0.1  # share of demand that is put on and taken off
_EVEN = 0.5


@dataclass(frozen=True)
class BreakEven:
    """How far is the answer from turning over.

    Parameters
    ----------
    shift : float
        What the rest would have to cost more (less, where negative) for a breach to be as likely as not, in
        the series' unit.
    share : float or None
        The same as a share of what is to come; None where no share of it leads there.
    verdict : str
        In words.
    """

    shift: float
    share: float | None
    verdict: str


def what_if(
    outlook: Outlook,
    parts: Parts,
    *,
    series: Sequence[str] | None = None,
    steps: Sequence[int] | None = None,
    budget_left: Decimal | float | None = None,
    level: float = 0.8,
) -> pd.DataFrame:
    """What would change the answer for this sum over series and steps.

    Parameters
    ----------
    outlook : Outlook
        A forecast with its past errors.
    parts : Parts
        What it was made of, with at least its series.
    series, steps : sequence, optional
        As in `contributions.contributions`.
    budget_left : Decimal or float, optional
        What may still be spent on it, in the series' unit.
    level : float
        Chance of the intervals, between 0 and 1.

    Returns
    -------
    DataFrame
        ``variant``, ``low``, ``mid``, ``high``, ``difference`` to the forecast in the series' unit,
        ``breach_probability`` (above ``budget_left``) and ``flips`` (it lies on the other side of a half;
        both None where no budget is given). "Growth stops" is the mean of the last season in each step.
        Variants that change nothing by their nature are left out: known changes where there are none, the
        largest of one series. "Without" one step of the last season, that which pulls most, takes it that
        the forecast's level follows that season's mean; no model is asked again.

    Examples
    --------
    >>> from finops_lib.forecast.panel import Panel
    >>> panel = Panel(("a",), (np.array([8.0, 12.0]),), "day", 1)
    >>> outlook = Outlook(panel, np.array([[20.0]]), np.zeros((4, 1, 1)), np.ones(1), pd.DataFrame(), {})
    >>> one, plain = np.ones((1, 1)), np.zeros((1, 1))
    >>> parts = Parts(("a",), ("theta",), np.array([[[20.0]]]), one, one, plain, one)
    >>> frame = what_if(outlook, parts, budget_left=19)
    >>> frame[["variant", "difference"]].values.tolist()[:2]
    [['as forecast', 0.0], ['growth stops', -8.0]]
    """
    names, chosen = asked(outlook, series, steps)
    whole = _Sum(outlook, names, chosen)
    sample, mid = whole.sample(), whole.mid()
    rows = [("as forecast", sample, mid)]
    for label, by in _moved(outlook, parts.only(names), names, chosen):
        rows.append((label, whole.kept(sample + by, mid + by), mid + by))
    if len(names) > 1:
        large = max(names, key=lambda name: forecast_sum(outlook, [name], chosen))
        rest = _Sum(outlook, tuple(name for name in names if name != large), chosen)
        rows.append((f"without {large}", rest.sample(), rest.mid()))
    for by in (_MORE, -_MORE):
        rows.append((f"{by:+.0%} demand".replace("%", " %"), sample * (1.0 + by), mid * (1.0 + by)))
    return _table(rows, limit=None if budget_left is None else float(budget_left), level=level)


def break_even(
    outlook: Outlook,
    *,
    budget_left: Decimal | float,
    series: Sequence[str] | None = None,
    steps: Sequence[int] | None = None,
) -> BreakEven:
    """By how much could what is to come be dearer or cheaper before the answer turns over.

    Parameters
    ----------
    outlook : Outlook
        A forecast with its past errors.
    budget_left : Decimal or float
        What may still be spent, in the series' unit.
    series, steps : sequence, optional
        As in `contributions.contributions`.

    Returns
    -------
    BreakEven
        Exact: beyond it `paths.chance` of a breach is above one half, up to it not.

    Examples
    --------
    >>> from finops_lib.forecast.panel import Panel
    >>> panel = Panel(("a",), (np.array([8.0, 12.0]),), "day", 1)
    >>> outlook = Outlook(panel, np.array([[20.0]]), np.zeros((4, 1, 1)), np.ones(1), pd.DataFrame(), {})
    >>> break_even(outlook, budget_left=25).verdict
    'The answer flips if the rest costs 25.0 % more'
    """
    names, chosen = asked(outlook, series, steps)
    sample = np.sort(_Sum(outlook, names, chosen).sample())
    # more than half of the atoms must lie above: the least of them, if only just so many do
    pivot, limit = float(sample[(len(sample) - 1) // 2]), float(budget_left)
    share = limit / pivot - 1.0 if pivot > 0 and limit >= 0 else None
    far = f"{abs(limit - pivot):,.2f}" if share is None else f"{abs(share):.1%}".replace("%", " %")
    word = "more" if limit >= pivot else "less"
    return BreakEven(limit - pivot, share, f"The answer flips if the rest costs {far} {word}")


@dataclass(frozen=True)
class _Sum:
    """One sum over series and steps: its sample, its middle and its floor."""

    outlook: Outlook
    names: tuple[str, ...]
    chosen: IntArray

    def sample(self) -> FloatArray:
        found = intervals.distribution(self.outlook, series=self.names, steps=self.chosen.tolist())
        return np.asarray(found, dtype=float)

    def mid(self) -> float:
        return forecast_sum(self.outlook, self.names, self.chosen)

    def kept(self, atoms: FloatArray, mid: float) -> FloatArray:
        """Hold at 0 what never was below, as `intervals.distribution` does."""
        never = not any((values < 0).any() for values in self.outlook.panel.only(list(self.names)).values)
        return np.maximum(atoms, 0.0) if never and mid >= 0 else atoms


def _moved(
    outlook: Outlook, parts: Parts, names: tuple[str, ...], chosen: IntArray
) -> Iterator[tuple[str, float]]:
    """Say for each variant by how much it moves the sum."""
    recent, panel = Recent.of(outlook, names), outlook.panel.only(list(names))
    phases = np.arange(parts.calendar.shape[1]) % panel.season
    base = recent.level[:, None] + recent.shape[:, phases]
    mixture = parts.mixture()
    mixture = np.where(np.isfinite(mixture), mixture, base)
    floor = np.array([-np.inf if (values < 0).any() else 0.0 for values in panel.values])[:, None]

    def by(carried: FloatArray) -> float:
        moved = np.maximum(carried, floor) - np.maximum(parts.carried(mixture), floor)
        return float(moved[:, chosen].sum())

    span = _SPANS[panel.step] if panel.season == SEASONS[panel.step] else "season"
    again = np.where(np.isfinite(recent.last), recent.last, recent.level[:, None])[:, phases]
    yield "growth stops", by(parts.carried(np.repeat(recent.level[:, None], len(phases), axis=1)))
    yield f"the last {span} comes again", by(parts.carried(again))
    if (parts.added[:, chosen] != 0).any() or (parts.factor[:, chosen] != 1).any():
        yield "without the known changes", by(mixture * parts.calendar)
    if panel.season > 1 and np.isfinite(recent.last).any():
        pulls = _pulls(recent)
        step = int(np.abs(pulls.sum(axis=0)).argmax())
        yield f"without {_when(outlook, names, step, span)}", by(parts.carried(mixture + pulls[:, [step]]))


def _pulls(recent: Recent) -> FloatArray:
    """By how much would each series' level change without each step of its last season."""
    flat = recent.last - recent.shape
    season = flat.shape[1]
    return np.asarray(np.nan_to_num((flat.mean(axis=1, keepdims=True) - flat) / (season - 1)))


def _when(outlook: Outlook, names: tuple[str, ...], step: int, span: str) -> str:
    panel = outlook.panel.only(list(names))
    if panel.ends is None:
        return f"step {step + 1} of the last {span}"
    first = step_starts(max(panel.ends), step=panel.step, first=step - panel.season, count=1)[0]
    return f"{first:%Y-%m-%d %H:%M}" if panel.step == "hour" else f"{first:%Y-%m-%d}"


def _table(
    rows: Sequence[tuple[str, FloatArray, float]], *, limit: float | None, level: float
) -> pd.DataFrame:
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    found, first = [], rows[0]
    for label, sample, mid in rows:
        low, high = (float(end) for end in np.quantile(sample, tails))
        likely = None if limit is None else chance(sample, limit)
        flips = (
            None if limit is None else (chance(sample, limit) > _EVEN) != (chance(first[1], limit) > _EVEN)
        )
        found.append((label, min(low, mid), mid, max(high, mid), mid - first[2], likely, flips))
    columns = ["variant", "low", "mid", "high", "difference", "breach_probability", "flips"]
    return pd.DataFrame(found, columns=columns)

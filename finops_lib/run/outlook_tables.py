"""The tables of a forecast: teams and parts, back-test, month ends, budgets, limits, and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from finops_lib.billing import quality
from finops_lib.forecast.budget import Burn
from finops_lib.forecast.reconcile import BOTTOM_UP, MINT, STRUCTURAL, VARIANCE
from finops_lib.forecast.tree import WHOLE, Node
from finops_lib.records import Forecast, NoForecast
from finops_lib.run.forecasting import NAIVE, OURS, RUN_RATE, Numbers
from finops_lib.run.outlook_words import (
    BUDGET_COLUMNS,
    LIMIT_COLUMNS,
    budget_line,
    ends,
    limit_line,
    rounded,
)

_QUALITY = ("Coverage", "MASE", "AgainstNaive", "AgainstRunRate")
_WORDS = {
    OURS: "ours",
    NAIVE: "seasonal naive",
    RUN_RATE: "run rate",
    "ets": "ETS",
    "stl_ets": "STL and ETS",
    "theta_statsmodels": "Theta of statsmodels",
    "unobserved_components": "unobserved components",
    "arima": "ARIMA",
    "trees": "boosted trees",
}
_PLACES = {name: place for place, name in enumerate(_WORDS)}
_BAKED = {
    OURS: "Ours",
    NAIVE: "SeasonalNaive",
    RUN_RATE: "RunRate",
    "ets": "ETS",
    "stl_ets": "STLETS",
    "theta_statsmodels": "Theta",
    "unobserved_components": "UC",
    "arima": "ARIMA",
    "trees": "Trees",
}
_WAYS = {
    BOTTOM_UP: "bottom-up",
    STRUCTURAL: "WLS by number of parts",
    VARIANCE: "WLS by past errors",
    MINT: "MinT, shrunk",
}
_MOST_NOTES = 12


@dataclass(frozen=True)
class Tables(Numbers):
    """A forecast as frames that a notebook shows."""

    def teams(self) -> pd.DataFrame:
        """What will each team come to, the whole on top, and how good were such forecasts before."""
        return self._table([*self.ranked(0), *self.ranked(1)])

    def parts(self) -> pd.DataFrame:
        """What will each part of each team come to, most first."""
        return self._table(self.ranked(2))

    def _table(self, nodes: Sequence[Node]) -> pd.DataFrame:
        rows = []
        for node in nodes:
            found = self.answers[node]
            rows.append({self.asked.by[0]: self.shown(node), **ends(found), **self._quality(node, found)})
        columns = [self.asked.by[0], "Low", "Mid", "High", *_QUALITY, "Reason"]
        frame = pd.DataFrame(rows, columns=columns, dtype=object)
        return frame if frame["Reason"].any() else frame.drop(columns="Reason")

    def shown(self, node: Node) -> str:
        """How is a node called before a reader.

        Parameters
        ----------
        node : tuple of str
            Path in the tree.

        Returns
        -------
        str
        """
        return self.cut.shown(node[-1]) if len(node) > 1 else "".join(node) or "Total"

    def _quality(self, node: Node, found: Forecast | NoForecast) -> dict[str, Any]:
        if isinstance(found, NoForecast):
            return dict.fromkeys(_QUALITY)
        measured = (found.mase, found.vs_seasonal_naive, self.against_run_rate(node))
        shown = [as_share(found.coverage_backtest), *(rounded(value) for value in measured)]
        return dict(zip(_QUALITY, shown, strict=True))

    def backtest(self) -> pd.DataFrame:
        """How large was each method's error for the whole: ours, plain and standard ones, then the best."""
        frame = self.baked(WHOLE).reset_index(drop=True)
        frame = frame.assign(place=[_PLACES.get(name, len(_PLACES)) for name in frame["model"]])
        frame = frame.sort_values(["place", "mase"], kind="stable")
        naive = frame.loc[frame["model"] == NAIVE, "mase"].astype(float)
        against = frame["mase"].astype(float) / (float(naive.iloc[0]) if len(naive) else float("nan"))
        columns = {
            "MASE": frame["mase"],
            "AgainstNaive": against,
            "SMAPE": frame["smape"],
            "Bias": frame["bias"],
        }
        found = {name: [rounded(value) for value in values] for name, values in columns.items()}
        models = [_WORDS.get(name, name) for name in frame["model"]]
        return pd.DataFrame({"Model": models, **found}, dtype=object)

    def bake_off(self) -> pd.DataFrame:
        """How large was the MASE of each method for the whole and its largest groups, ours first."""
        rows = []
        for node in [*self.ranked(0), *self.ranked(1)]:
            errors = self.baked(node).set_index("model")["mase"]
            if "ets" in errors:
                found = {label: rounded(errors.get(name)) for name, label in _BAKED.items()}
                rows.append({self.asked.by[0]: self.shown(node), **found})
        return pd.DataFrame(rows, columns=[self.asked.by[0], *_BAKED.values()], dtype=object)

    def adding_up(self) -> pd.DataFrame:
        """How large was the past error of each way to make parts add up, over that of adding the parts."""
        found = self.ways.pivot_table(
            index="method", columns="depth", values="against_bottom_up", sort=False, dropna=False
        )
        levels = ["Total", *self.asked.by]
        table = {name: [rounded(value) for value in found[depth]] for depth, name in enumerate(levels)}
        used = self.found.method
        ways = [f"{_WAYS[str(name)]}{' (used)' if name == used else ''}" for name in found.index]
        return pd.DataFrame({"Method": ways, **table}, dtype=object)

    def intervals(self) -> pd.DataFrame:
        """How often did the intervals of the whole hold day by day, and how wide were they."""
        past, crps = self.past, self.past.get("crps")
        rows = [
            (f"{level} %", as_share(past.get(f"coverage_{level}")), rounded(past.get(f"msis_{level}")))
            for level in (80, 95)
        ]
        score = None if crps is None else Decimal(repr(round(crps, 2)))
        columns = ["Interval", "Coverage", "MSIS", "CRPS"]
        return pd.DataFrame([(*row, score) for row in rows], columns=columns, dtype=object)

    def month_ends(self) -> pd.DataFrame:
        """What will each month come to: spent so far, and the whole month with its interval."""
        rows = []
        for period, spent, rest in self.months:
            known = ends(rest)
            whole = [None if known[name] is None else spent + known[name] for name in ("Low", "Mid", "High")]
            rows.append((period.label, spent, *whole))
        return pd.DataFrame(rows, columns=["Month", "Spent", "Low", "Mid", "High"], dtype=object)

    def by_chance(self) -> list[Burn | NoForecast]:
        """Return the budgets, that with the highest chance of a breach first, those without one last."""
        return sorted(self.burns, key=_breach)

    def budgets(self) -> pd.DataFrame:
        """Where does each budget stand, that with the highest chance of a breach first."""
        lines = [budget_line(item) for item in self.by_chance()]
        return pd.DataFrame(lines, columns=list(BUDGET_COLUMNS), dtype=object)

    def limits(self) -> pd.DataFrame:
        """When is each limit exceeded."""
        lines = [limit_line(item) for item in self.saturations]
        return pd.DataFrame(lines, columns=list(LIMIT_COLUMNS), dtype=object)

    def noted(self) -> list[str]:
        """What must a reader know of the series behind the forecast, as sentences."""
        return [*self._days(), *self._series(), *self._accounts(), *self._files()]

    def _days(self) -> list[str]:
        if not self.cut.daily["cost"].notna().any():
            return ["No day is complete yet, or none says its cost."]
        last = f"{self.cut.last:%Y-%m-%d}"
        found = [f"The last day known is {last}."]
        late = [day for day in self.desk.incomplete if day > self.cut.last.date()]
        if late:
            found.append(f"Left out, because they are still filling up: {', '.join(map(str, late))}.")
        days = pd.date_range(min(self.cut.delivered), self.cut.last, freq="D")
        gaps = days.difference(pd.DatetimeIndex(list(self.cut.delivered)))
        if len(gaps):
            found.append(f"On {len(gaps)} days nothing was delivered, the last one is {gaps[-1]:%Y-%m-%d}.")
        return found

    def _series(self) -> list[str]:
        outlook = self.found.outlook
        found = [f"{self.cut.folded} small groups are counted under (other)."] if self.cut.folded else []
        lost = [f"No forecast for {self.cut.shown(name)}: {why}." for name, why in outlook.missing.items()]
        notes = [
            f"{self.cut.shown(name)}: {note}."
            for name, note in {**self.base.notes, **self.beside.notes}.items()
            if name in outlook.panel.names or name in self.beside.panel.names
        ]
        every = [*lost, *notes]
        more = [f"{len(every) - _MOST_NOTES} more such notes."] if len(every) > _MOST_NOTES else []
        return [*found, *every[:_MOST_NOTES], *more]

    def _accounts(self) -> list[str]:
        now = max(item.delivered for item in self.desk.engine.snapshots)
        desk = self.desk
        found = quality.findings(desk.engine, now=now, thresholds=desk.thresholds, history=desk.past)
        ready = desk.readiness(found)
        return [
            f"{row['Provider']} {row['Account']} should not be learned from yet: {row['Reasons']}."
            for row in ready[~ready["Ready"]].to_dict("records")
        ]

    def _files(self) -> list[str]:
        old = len(self.watch.files.budgets) - len(self.watch.held)
        when, until = f"{self.watch.end:%Y-%m-%d}", f"{self.watch.until - timedelta(days=1):%Y-%m-%d}"
        said = [f"Entries of the budget file that do not hold from {when} to {until}: {old}."] if old else []
        return said + self.watch.unseen()


def _breach(item: Burn | NoForecast) -> float:
    return -item.breach_probability if isinstance(item, Burn) else 1.0


def as_share(value: float | None) -> Decimal | None:
    """How does a share become a cell in per cent; None stays unknown.

    Parameters
    ----------
    value : float or None
        0.25 is a quarter.

    Examples
    --------
    >>> as_share(0.25), as_share(None)
    (Decimal('0.25'), None)
    """
    return None if value is None else Decimal(repr(round(value, 4)))

"""What a notebook shows of anomalies: pictures, sentences and the summary, over its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from finops_lib.anomaly import plots, views
from finops_lib.anomaly.detect import Watched
from finops_lib.anomaly.incidents import Incident
from finops_lib.cost import completeness
from finops_lib.cost.change_events import Change
from finops_lib.cost.plots import axes
from finops_lib.records import Anomaly
from finops_lib.run import show
from finops_lib.run.desk import Desk
from finops_lib.run.odd_asked import CAUSES, Asked, Kept, hierarchies, last_day, money_a_day
from finops_lib.run.odd_tables import Tables, alert_json, anomaly_json, median, signal_json
from finops_lib.run.odd_words import alert_title, answer, place_text, quiet_sentences
from finops_lib.run.outlook_pictures import sheet, shown
from finops_lib.run.settings import AnomalyLimits
from finops_lib.run.show import Shown
from finops_lib.units import money_text

_MOST_BANDS, _MOST_SERIES, _MOST_DAYS = 3, 14, 60
_AROUND = timedelta(days=45)  # before an anomaly, in its picture
_PER_CENT = 100

Place = tuple[Watched, tuple[str, ...]]


def open_oddities(
    desk: Desk,
    *,
    by: str = "",
    until: str = "",
    days: int = 0,
    discovery: float = 0.0,
    floor: str = "",
    country: str = "",
    files: Mapping[str, str] | None = None,
) -> Odd:
    """What is odd in the last days of this desk's lake.

    Parameters
    ----------
    desk : Desk
        The open lake.
    by : str
        Hierarchies, see `finops_lib.run.odd_asked.hierarchies`.
    until : str
        ``YYYY-MM`` or ``YYYY-MM-DD``, the last day looked at; empty is the newest whole one.
    days : int
        How many days are looked at; 0 is what the settings say.
    discovery : float
        Share of what is told that may be false, 0 to 1; 0 is what the settings say.
    floor : str
        Least money a day; empty is the share of a usual day that the settings say.
    country : str
        ISO 3166 code of public holidays; empty is none.
    files : mapping of str to str
        ``windows``, ``alerts``, ``labels``, ``changes``, ``events``: paths; an empty one is no file.

    Returns
    -------
    Odd

    Raises
    ------
    CurrencyError
        The lake has several currencies and none was named.
    ParameterError
        A value is out of its bounds.
    QueryError
        A column is not in the lake, or the country is not known.
    SettingsError
        A file cannot be read or breaks its own rules.
    """
    limits = AnomalyLimits(**desk.settings.values.get("anomaly", {}))
    asked = Asked(
        hierarchies=hierarchies(by, desk.engine),
        days=days or limits.look_back_days,
        level=discovery or limits.discovery_percent / _PER_CENT,
        floor=money_a_day(floor),
        until=last_day(until),
        country=country or None,
        dimensions=tuple(name for name in CAUSES if name in desk.engine.columns),
        clusters=not by,
    )
    return Odd(desk, asked, Kept.read(**(files or {})), limits)


class Odd(Tables):
    """Anomalies as a notebook shows them; see `open_oddities`."""

    def near(self, events: Iterable[Change]) -> Odd:
        """Which anomalies are they beside these changes; all else is the same.

        Parameters
        ----------
        events : iterable of Change
            What is known to have changed: deployments, launches, prices.
        """
        return replace(self, events=tuple(events))

    # What is looked at

    def draw_bands(self) -> Shown:
        """Draw the worthiest alerts: cost against what was expected; see `finops_lib.anomaly.plots.band`."""
        placed = [(one, place) for one in self.told.alerts if (place := self._place(one.incident))]
        if not placed:
            return show.notes(["There is no alert to draw."])
        every = sheet(min(len(placed), _MOST_BANDS))
        for ax, (alert, (one, (seen, path))) in zip(every, placed, strict=False):
            first = max(one.start.date() - _AROUND, seen.state.first)
            frame = views.track(seen.state, path, first=first, last=self.last)
            title = alert_title(alert)
            money = one.cost_impact.unit
            plots.band(frame, ax=ax, title=title, currency=money, start=one.start, end=one.end)
        return shown(every)

    def _place(self, incident: Incident) -> tuple[Anomaly, Place] | None:
        """Find the first of its anomalies whose days are remembered."""
        placed = ((one, self.place(one)) for one in incident.members)
        return next(((one, place) for one, place in placed if place), None)

    def place(self, one: Anomaly) -> Place | None:
        """Where is the series of an anomaly remembered; None where it is of no hierarchy.

        Parameters
        ----------
        one : Anomaly
            Of these numbers.
        """
        for by, seen in self.watches.items():
            if by[: len(one.labels)] == tuple(one.labels) and one.series in seen.state.forest.nodes:
                return seen, one.series
        return None

    def draw_heat(self) -> Shown:
        """Draw on which days which series was odd; see `finops_lib.anomaly.plots.heat_map`."""
        first = max(self.first, self.last - timedelta(days=_MOST_DAYS - 1))
        large = sorted(self.anomalies, key=lambda one: -abs(one.cost_impact.mid))
        chosen = {(tuple(one.labels), one.series): one for one in reversed(large) if self.place(one)}
        ones = list(reversed(chosen.values()))[:_MOST_SERIES]
        rows = [
            views.scores(place[0].state, [place[1]], first=first, last=self.last)
            for one in ones
            if (place := self.place(one))
        ]
        if not rows:
            return show.notes(["No series was odd on the days looked at."])
        table = pd.concat(rows, ignore_index=True)
        odd = pd.DataFrame(np.stack([self._odd(one, table.columns) for one in ones]), columns=table.columns)
        return show.picture(
            plots.heat_map(
                table, ax=axes(height=1.6 + 0.36 * len(ones)), odd=odd, title=_heat_title(large, ones),
                names=[place_text(one.labels) for one in ones],
            )
        )  # fmt: skip

    def _odd(self, like: Anomaly, days: pd.Index[Any]) -> Any:
        """Say which days lie in an anomaly of this series."""
        found = np.zeros(len(days), dtype=bool)
        for one in self.anomalies:
            if one.series == like.series and tuple(one.labels) == tuple(like.labels):
                start, end = (pd.Timestamp(moment.replace(tzinfo=None)) for moment in (one.start, one.end))
                found |= (days >= start) & (days < end)
        return found

    # What is said

    def answer(self) -> Shown:
        """Say what is odd, and what became of it."""
        if self.costs.last is None:
            return show.notes(["Nothing can be judged: no day of the lake is whole yet."])
        told = self.told
        said = answer(
            days=self.asked.days, last=self.last, anomalies=len(self.anomalies), series=self.judged,
            alerts=told.alerts, untold=len(told.untold), explained=len(told.suppressed) + len(told.labelled),
        )  # fmt: skip
        return show.notes(said)

    def show_quiet(self) -> Shown:
        """Say how much quieter correlation and suppression made it, and what was lost by them."""
        return show.notes(quiet_sentences(self.quiet))

    def show_notes(self) -> Shown:
        """Say what must be known of the data and of what was not watched."""
        return show.notes(self.noted())

    def noted(self) -> list[str]:
        """What must a reader know, as sentences."""
        costs, money = self.costs, self.currency
        said = []
        if self.floor:
            said.append(f"Told from {money_text(self.floor, currency=money)} a day on.")
        left = self.unwatched()
        if left:
            what = "taxes, credits and adjustments, which follow other charges on days of their own"
            said.append(f"Not watched in these days: {money_text(left, currency=money)} of {what}.")
        if costs.unsure:
            amount = money_text(Decimal(repr(round(costs.unsure_money, 2))), currency=money)
            said.append(
                f"Not watched: {costs.unsure} parts that do not always say their cost ({amount} known)."
            )
        if costs.resources and "ResourceId" not in costs.names:
            most = self.limits.most_resources
            said.append(
                f"Resources are not watched one by one: there are {costs.resources:,}, more than {most}."
            )
        said += self._beside()
        filling = [day for day in self.desk.incomplete if day > self.last]
        if filling:
            said.append(f"Not judged, still filling up: {', '.join(f'{day:%Y-%m-%d}' for day in filling)}.")
        said += [line for seen in self.watches.values() for line in seen.revised]
        return [*said, *completeness.notes(self.desk.engine)]

    def _beside(self) -> list[str]:
        """Say what is watched beside the bill, and in whose money."""
        clusters = self.clusters
        if clusters.last is None:
            return []
        names = clusters.days["Cluster"].nunique()
        money = "prices of their own" if clusters.currency == "XXX" else clusters.currency
        said = (
            f"Beside the bill, {names} Kubernetes cluster{'s are' if names > 1 else ' is'} watched by "
            f"{'their' if names > 1 else 'its'} own reports, in {money}: the charges of the nodes hold the "
            "same money, so that it is in no sum with them."
        )
        if clusters.unsure:
            return [said, f"Not watched: {clusters.unsure} workloads whose report is in another currency."]
        return [said]

    # What the next program reads

    def summary(self, **more: Any) -> Shown:
        """What does the notebook answer; see `finops_lib.run.show.summary`.

        Parameters
        ----------
        **more : Any
            Further values.
        """
        return show.summary({**self._asked(), **self._told(), **more})

    def figures(self) -> dict[str, str]:
        """What does the index show of this report, as text: how many alerts, and the worthiest."""
        told = self.told
        found = {
            "days": f"{self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}",
            "alerts": f"{len(told.alerts):,}",
            "anomalies": f"{len(self.anomalies):,} in {self.judged:,} series",
            "explained": f"{len(told.suppressed) + len(told.labelled):,}",
        }
        if self.signals:
            found["signals to look at"] = f"{len(self.signals):,}"
        return found | ({"first": alert_title(told.alerts[0])} if told.alerts else {})

    def _asked(self) -> dict[str, Any]:
        asked = self.asked
        return {
            "month": f"{self.last:%Y-%m}", "first_day": self.first, "last_day": self.last, "days": asked.days,
            "currency": self.currency, "cost": self.desk.cost, "by": list(map(list, asked.hierarchies)),
            "discovery": asked.level, "floor": self.floor, "country": asked.country,
        }  # fmt: skip

    def _told(self) -> dict[str, Any]:
        told, quiet = self.told, self.quiet
        return {
            "figures": show.named(self.figures()),
            "series": self.judged,
            "anomalies": [
                anomaly_json(one, self.worth(one), told.of(one), explained=told.explained(one))
                for one in self.anomalies
            ],
            "alerts": [alert_json(one) for one in told.alerts],
            "signals": [signal_json(one, told.of(one)) for one in self.signals],
            "suppressed": [
                {"incident": one.incident.key, "by": one.by, "name": one.name, "reason": one.reason}
                for one in told.suppressed
            ],
            "labelled": [{"anomaly": one.key, "said": said} for one, said in told.labelled],
            "untold": [{"incident": one.incident.key, "team": one.team} for one in told.untold],
            "merged": [{"key": one.key, "told": one.told} for one in told.merged],
            "paused": show.records(self.paused_table()),
            "compression": quiet.compression,
            "real": quiet.real,
            "missed_share": quiet.missed,
            "lost": dict(quiet.lost),
            "latency_days": self._latency(),
            "notes": self.noted(),
        }

    def _latency(self) -> dict[str, Any]:
        """Say how long it took from the first odd day to the anomaly and to the alert, in days."""
        found = [(one.found - one.start).days for one in self.anomalies]
        sent = [(one.told - one.incident.start).days for one in self.told.alerts if one.told]
        return {
            "found_median": median(found),
            "told_median": median(sent),
            "told_most": max(sent, default=None),
        }


def _heat_title(every: Sequence[Anomaly], drawn: Sequence[Anomaly]) -> str:
    series = len({(tuple(one.labels), one.series) for one in every})
    noun = "series was" if series == 1 else "series were"
    more = f"; the {len(drawn)} with most money are drawn" if len(drawn) < series else ""
    return f"{series} {noun} odd{more}"

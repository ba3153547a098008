"""What a notebook shows of sizes, idle resources and schedules: pictures, sentences and the summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from finops_lib.billing.lake.usage import UsageTable
from finops_lib.optimize import plots
from finops_lib.optimize.price import Promise
from finops_lib.optimize.replay import table as replay_table
from finops_lib.optimize.rightsize import kubernetes, machines
from finops_lib.optimize.rightsize.needs import BOUND
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import Recommendation
from finops_lib.run import recommend_json, show
from finops_lib.run.desk import Desk
from finops_lib.run.outlook_pictures import sheet, shown
from finops_lib.run.recommending import Files, advise
from finops_lib.run.show import Shown
from finops_lib.run.sizing_tables import Tables
from finops_lib.run.sizing_words import review_text, saved_text, trust_text, why_text
from finops_lib.usage.join import key_of

_TOP = 5
_PICTURES = 4
_NO_USE = (
    "Nothing was measured: bring in what was used with finops usage pull; what should change is told from it."
)


def open_sizing(desk: Desk, *, days: int, files: Mapping[str, str]) -> Sizing:
    """What should change in this lake, after the newest days of use.

    Parameters
    ----------
    desk : Desk
        The open lake.
    days : int
        Newest days of use, 7 to 366.
    files : mapping of str to str
        Paths as `finops_lib.run.recommending.Files.read` takes them; an empty one is no file.

    Returns
    -------
    Sizing

    Raises
    ------
    ParameterError
        ``days`` is out of its bounds.
    SettingsError
        A file cannot be read, or breaks its own rules.
    """
    read = Files.read(**files)
    watched = bool(UsageTable(desk.lake).pulls())
    return Sizing(desk, read, advise(desk, files=read, days=days) if watched else None)


@dataclass(frozen=True)
class Sizing(Tables):
    """Advice on a lake as a notebook shows it; see `open_sizing`."""

    def answer(self) -> Shown:
        """Say what all changes save together, over which days, and what has no money or no use."""
        if self.advice is None:
            return show.notes([_NO_USE])
        period = self.advice.period
        days = f"Looked at: {period.start:%Y-%m-%d} to {period.end:%Y-%m-%d}."
        return show.notes([*saved_text(self.changes), days, *self.unmatched()])

    def draw_savings(self) -> Shown:
        """Draw the largest savings of each currency; see `finops_lib.optimize.plots.savings`."""
        units = sorted({item.saving_month.unit for item in self.changes})
        axes = sheet(len(units), height=5.2) if units else []
        for ax, unit in zip(axes, units, strict=True):
            mine = [item for item in self.changes if item.saving_month.unit == unit]
            plots.savings(sorted(mine, key=lambda item: -item.saving_month.mid), ax=ax, currency=unit)
        return shown(axes) if axes else show.notes(["There is no saving to draw."])

    def show_why(self) -> Shown:
        """Say of the most worthwhile changes why they are told, and what would turn them over."""
        return show.notes([why_text(item) for item in self.changes[:_TOP]], nothing="No change is told.")

    def draw_use(self) -> Shown:
        """Draw what was used against size and new size; see `finops_lib.optimize.plots.use_and_size`."""
        found = [(item, *ends) for item in self.changes if (ends := self._cores(item)) is not None][
            :_PICTURES
        ]
        axes = sheet(len(found)) if found else []
        for ax, (item, now, then) in zip(axes, found, strict=True):
            use = self._use(item.resource)
            plots.use_and_size(
                use, ax=ax, name=item.resource, unit="CPU of one member, cores", now=now, then=then
            )
        return shown(axes) if axes else show.notes(["No change of a size is told."])

    def _use(self, resource: str) -> FloatArray:
        empty: FloatArray = np.full(1, np.nan)
        return empty if self.advice is None else self.advice.world.each("cpu", [key_of(resource)])[0]

    def _cores(self, item: Recommendation) -> tuple[float, float] | None:
        """Give today's and the new cores of a member."""
        if item.kind == machines.KIND:
            now = _cores(item.from_.get("vcpu", ""))
            then = item.to.get("vcpu", "")
        elif item.kind == kubernetes.KIND and "cpu_request" in item.to:
            now = _cores(item.from_.get("cpu_request", ""))
            then = item.to["cpu_request"]
        else:
            return None
        ends = now, _cores(then)
        return ends if all(np.isfinite(ends)) else None

    def draw_rules(self) -> Shown:
        """Draw what each rule saved in the past, and how often it was too small."""
        found = list(self.replays.items())
        axes = sheet(len(found)) if found else []
        for ax, (kind, replays) in zip(axes, found, strict=True):
            plots.rules(replay_table(replays, bound=BOUND), ax=ax, bound=Promise().mean, name=kind)
        return shown(axes) if axes else show.notes(["There is no past to replay."])

    def show_trust(self) -> Shown:
        """Say how often a resource called idle was needed after all."""
        return show.notes([] if self.advice is None else [trust_text(self.advice.quiet.trust)])

    def show_review(self) -> Shown:
        """Say how a change is accepted, refused or put off."""
        return show.notes([review_text(self.changes, day=f"{self.desk.now:%Y-%m-%d}")])

    def summary(self, **values: Any) -> Shown:
        """Give all of it as the next program reads it; see `finops_lib.run.recommend_json.content`."""
        told = _NOTHING if self.advice is None else recommend_json.content(self.advice)
        return show.summary({**told, **values})


_NOTHING: dict[str, Any] = {
    "period": None,
    "step_seconds": None,
    "saving_month": {},
    "recommendations": [],
    "not_recommended": [],
    "gpus": [],
    "idle": None,
}


def _cores(text: str) -> float:
    """Read cores as a change writes them: 2, or 250m."""
    try:
        return float(text[:-1]) / 1000 if text.endswith("m") else float(text)
    except ValueError:
        return float("nan")

"""What a notebook shows of sizes: what is too large, idle, or on for nothing, over its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from finops_lib.cost.exact import total
from finops_lib.errors import QueryError
from finops_lib.optimize.price import Promise
from finops_lib.records import Period
from finops_lib.run import recommend_json, show, sizing_pictures
from finops_lib.run.desk import Desk
from finops_lib.run.outlook_pictures import shown
from finops_lib.run.recommend_use import LATEST
from finops_lib.run.recommending import Files, advise
from finops_lib.run.show import Shown
from finops_lib.run.show_text import code, sections
from finops_lib.run.sizing_tables import Tables
from finops_lib.run.sizing_why import learned, sentences, title
from finops_lib.run.sizing_words import counted, idle_sentences, review_text, saved_sentences
from finops_lib.units import money_text
from finops_lib.usage.join import join

_TOP = 5  # changes that are told in full
_MOST_PICTURES = 6
_NOTHING = "Nothing is found that should change."
_NONE = "There is no advice: the answer above says why."
_FILES = {
    "inventory": "sizes, owners and files to change that the bill does not say",
    "offers": "commitments that can be bought for what the plan leaves",
    "held": "when commitments in place end",
}


def open_sizing(desk: Desk, *, days: int, files: Mapping[str, str], month: str = "") -> Sizing:
    """What is too large, idle, or on for nothing.

    Parameters
    ----------
    desk : Desk
        The open lake; one without samples of use has no advice, and says so.
    days : int
        Newest days of use looked at, 7 to 366.
    files : mapping of str to str
        ``inventory``, ``prices``, ``reviews``, ``offers``, ``held``: paths; an empty one is no file.
    month : str
        The last one whose use is looked at, ``YYYY-MM``; empty is all.

    Returns
    -------
    Sizing

    Raises
    ------
    ParameterError
        ``days`` is out of its bounds.
    SettingsError
        A file cannot be read or breaks its own rules.
    """
    read = Files.read(**files)
    lacking = tuple(name for name in _FILES if not files.get(name))
    until = Period.month(month).end if month else LATEST
    try:
        return Sizing(desk, read, days, advise(desk, files=read, days=days, until=until), "", lacking)
    except QueryError as error:
        return Sizing(desk, read, days, None, f"{error.value}: {error.rule}; {error.remedy}", lacking)


@dataclass(frozen=True)
class Sizing(Tables):
    """Advice as a notebook shows it; see `open_sizing`. ``lacking`` are files that were not named."""

    lacking: tuple[str, ...] = ()

    @property
    def month(self) -> str:
        """The month of the last day of use; that of the desk where there is none."""
        if self.advice is None:
            return self.desk.month
        return f"{self.advice.period.end - timedelta(days=1):%Y-%m}"

    # What is said

    def answer(self) -> Shown:
        """Say what is saved in a month, how many stay as they are, and how large the largest change is."""
        if self.advice is None:
            return show.notes([f"There is no advice: {self.reason}."])
        period, silent = self.advice.period, len(self.advice.not_recommended)
        said = saved_sentences(self.changes)
        said.append(f"In {counted(silent, 'case', 'cases')} nothing should change, each with its reason.")
        said.append(
            f"Use was looked at from {period.start:%Y-%m-%d} to {period.end:%Y-%m-%d} (end not in it)."
        )
        return show.notes([*said, *self.unmatched()])

    def unmatched(self) -> list[str]:
        """Say how much money of these days nobody measured, and how much use nobody charged."""
        if self.advice is None:
            return []
        found = join(self.desk.engine, period=self.advice.period)
        said = []
        for unit, rows in found.no_usage.groupby("currency", sort=True):
            money, count = money_text(total(rows["cost"]), currency=str(unit)), rows["resource"].nunique()
            where = counted(count, "resource", "resources")
            said.append(f"{money} of these days is in {where} without a sample, or in none.")
        free = counted(found.no_money["resource"].nunique(), "resource was", "resources were")
        return [*said, f"{free} measured that no charge of the bill is for."]

    def table(self, frame: pd.DataFrame, *, caption: str, nothing: str, rows: int = 40) -> Shown:
        """Show a frame as the desk does, and one without a row in words.

        Parameters
        ----------
        frame : DataFrame
            Of this report.
        caption, nothing : str
            What stands above the table, and what is said where there is no row.
        rows : int
            Rows to show.
        """
        if frame.empty:
            return show.notes([nothing if self.advice else self._without()])
        return self.desk.table(frame, rows=rows, caption=caption)

    def explore_queue(self) -> Shown:
        """Show the queue of changes for a reader to sort and search, a line each."""
        return show.sortable(self.queue(), wrap=False)

    def why(self) -> Shown:
        """Say of the most worthwhile changes why they are told; see `finops_lib.run.sizing_why`."""
        if self.advice is None or not self.ranked:
            return show.notes([self._without()])
        top = self.ranked[:_TOP]
        told = learned(top, self.advice)
        parts = [(title(one.recommendation), sentences(one, self.advice, told)) for one in top]
        return sections(parts)

    def show_idle(self) -> Shown:
        """Say how often a call of idle was wrong before."""
        return show.notes(
            [self._without()] if self.advice is None else idle_sentences(self.advice.quiet.trust)
        )

    def show_review(self) -> Shown:
        """Show how a review of the most worthwhile change is written, to be copied into a file."""
        open_ones = [one.recommendation for one in self.ranked if self.advice is not None]
        if not open_ones:
            return show.notes([self._without()])
        return code(review_text(open_ones[0], on=self.desk.now.date()))

    def show_notes(self) -> Shown:
        """Say which files would tell more, and what must be known of the lake."""
        missing = [
            f"No file of {name} is named with -p {name}=FILE: it tells {_FILES[name]}."
            for name in self.lacking
        ]
        found = self.desk.show_notes().bundle["text/plain"]
        return show.notes([*missing, *(line.removeprefix("- ") for line in str(found).splitlines())])

    def _without(self) -> str:
        return _NONE if self.advice is None else _NOTHING

    # What is drawn

    def draw_savings(self) -> Shown:
        """Draw which changes save most, by currency; see `finops_lib.optimize.plots.savings`."""
        if not self.currencies:
            return show.notes([self._without()])
        return shown(sizing_pictures.savings({unit: self.of(unit) for unit in self.currencies}))

    def draw_use(self) -> Shown:
        """Draw use against sizes of the most worthwhile changes; see `optimize.plots.use_and_size`."""
        if self.advice is None:
            return show.notes([self._without()])
        found = []
        for one in self.ranked:
            found += sizing_pictures.against(one.recommendation, self.advice)
        if not found:
            return show.notes(["No change of a size has samples to draw."])
        return shown(sizing_pictures.use_and_sizes(found[:_MOST_PICTURES]))

    def draw_rules(self) -> Shown:
        """Draw what each rule saved and how often it was too small; see `finops_lib.optimize.plots.rules`."""
        past = self.past
        if past.empty:
            return show.notes(["No rule could be tried on the past."])
        return shown(sizing_pictures.rules(past[past["group"] == "all"], bound=Promise().mean))

    # What the next program reads

    def summary(self, **more: Any) -> Shown:
        """What does the notebook answer: what `finops recommend --json` prints, and a short answer.

        Parameters
        ----------
        **more : Any
            Further values.
        """
        if self.advice is None:
            told: dict[str, Any] = {
                "answer": "no advice", "reason": self.reason, "saving_month": {}, "recommendations": [],
                "not_recommended": [], "gpus": [],
            }  # fmt: skip
        else:
            told = {
                "answer": " ".join(saved_sentences(self.changes)),
                "reason": "",
                **recommend_json.content(self.advice),
            }
        return show.summary(
            {"month": self.month, "days": self.days, "currency": self.desk.currency, **told, **more}
        )

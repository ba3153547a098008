"""What a notebook shows of commitments: what to buy, what is in place, how rules did, what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from finops_lib.optimize.commitments import plots
from finops_lib.optimize.commitments.in_place import InPlace
from finops_lib.optimize.commitments.levels import ahead, levels, load, of_market, stepped
from finops_lib.optimize.commitments.market import Market
from finops_lib.optimize.commitments.propose import money
from finops_lib.optimize.commitments.sold import LONGEST, Sold, short_names
from finops_lib.records import Recommendation
from finops_lib.run import show
from finops_lib.run.commit_files import CommitFiles
from finops_lib.run.commit_numbers import cover, rule_shares, used
from finops_lib.run.committing import Commitments, committing
from finops_lib.run.desk import Desk
from finops_lib.run.outlook_pictures import sheet, shown
from finops_lib.run.recommend_json import recommendation_json
from finops_lib.run.show import Shown
from finops_lib.run.sizing_words import past_text, saved_sentences, small_share

_OURS = "predictive"
_WORDS = {
    _OURS: "ours",
    "quantile_30_days": "best of the last 30 days",
    "minimum_30_days": "always used in 30 days",
    "mean_30_days": "four fifths of the mean",
}
_MONEY = ("paid", "saving", "saved_so_far")
_STEPS = ("ends", "renew", "add", "active")
_PICTURES, _MONTHS = 4, 37
_LEAST = 0.005  # money an hour: less is no step
_NO_PAST = "No past is long enough to ask a rule and to see the year after."
_NO_MARKET = "There is nothing to commit to: no use that an offer covers is long enough known."


def open_commitments(
    desk: Desk, *, offers: str = "", held: str = "", longest_months: int = LONGEST
) -> CommitReport:
    """What should be committed to in this lake.

    Parameters
    ----------
    desk : Desk
        The open lake.
    offers, held : str
        Paths, see `finops_lib.run.commit_files`; empty is no file.
    longest_months : int
        Longest term that may be bought, 1 to 120.

    Returns
    -------
    CommitReport

    Raises
    ------
    ParameterError
        The term is out of its bounds.
    SettingsError
        A file cannot be read, or breaks its own rules.
    """
    files = CommitFiles.read(offers=offers, held=held)
    found = committing(desk, files=files, currency=desk.currency, longest_months=longest_months)
    return CommitReport(desk, found)


@dataclass(frozen=True)
class CommitReport:
    """Commitments as a notebook shows them; see `open_commitments`."""

    desk: Desk
    found: Commitments

    @property
    def changes(self) -> list[Recommendation]:
        """What to buy."""
        return self.found.recommendations

    @cached_property
    def markets(self) -> list[tuple[Sold, Market]]:
        """Markets in which something is in place or to be bought, the largest first."""
        pairs = [(one, market) for one in self.found.sold for market in one.markets]
        told = [pair for pair in pairs if pair[1].held or of_market(pair[1], pair[0].chosen)]
        return sorted(told, key=lambda pair: -float(np.nansum(pair[1].demand.weekly()[:, -1:])))

    # Tables

    def purchases(self) -> pd.DataFrame:
        """What to buy, from when on, what it saves, the chance that it costs, and the rule's past."""
        rows = [
            (item.resource, *_bought(item), item.saving_month.low,
             item.saving_month.mid, item.saving_month.high, item.saving_month.unit,
             small_share(item.breach_probability), past_text(item.backtest))
            for item in self.changes
        ]  # fmt: skip
        names = ["Covers", "Offer", "Hourly", "Begins", "Low", "Mid", "High", "BillingCurrency", "Loss",
                 "Before"]  # fmt: skip
        return pd.DataFrame(rows, columns=names, dtype=object)

    def reasons(self) -> pd.DataFrame:
        """Why each purchase, and the key by which a review names it."""
        rows = [(next(iter(item.from_)), item.reason, item.key) for item in self.changes]
        return pd.DataFrame(rows, columns=["Offer", "Reason", "Key"], dtype=object)

    def placed(self) -> pd.DataFrame:
        """What is in place: what is paid and covered a month, what it saves, and when it ends."""
        names = short_names([one.commitment for one in self.found.placed])
        rows = [
            (names[one.commitment], one.kind, len(one.covers), _month(one.hourly),
             _month(sum(one.covers.values())), _saves(one), one.currency, one.ends, one.months)
            for one in self.found.placed
        ]  # fmt: skip
        columns = ["Commitment", "Kind", "Scopes", "PaidMonth", "CoversMonth", "Saves", "BillingCurrency",
                   "Ends", "Months"]  # fmt: skip
        return pd.DataFrame(rows, columns=columns, dtype=object)

    def replays(self) -> pd.DataFrame:
        """How would each rule have done, asked in the past: by scope."""
        found = self.found.replay
        told = {"Rule": [_WORDS.get(rule, rule) for rule in found["rule"]], "Scope": found["scope"]}
        shares = {
            "Saved": "saving",
            "Possible": "possible",
            "OfPossible": "share_of_optimum",
            "Worst": "worst",
        }
        told |= {name: [_part(value) for value in found[column]] for name, column in shares.items()}
        return pd.DataFrame(told | {"Times": found["origins"]})

    def used(self) -> pd.DataFrame:
        """How much of each commitment, in place and new, would have been used in each past month."""
        columns = [
            "Commitment",
            "Month",
            "Utilisation",
            "PaysFrom",
            "Covered",
            "Paid",
            "Saving",
            "SavedSoFar",
        ]
        rows = [
            (row["commitment"], row["month"], _part(row["utilisation"]), _part(row["break_even"]),
             _part(row["coverage"]), *(money(float(row[name])) for name in _MONEY))
            for table in self._tables
            for row in table.to_dict("records")
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns, dtype=object)

    @cached_property
    def _tables(self) -> list[pd.DataFrame]:
        return [rows for one, market in self.markets for rows in used(one, market)]

    def ladder(self) -> pd.DataFrame:
        """In which steps should the purchases of each market be made, so that not all ends at once."""
        rows = [
            (_called(market), f"{row['begins']:%Y-%m-%d}", *(money(float(row[name])) for name in _STEPS))
            for one, market in self.markets
            for row in stepped(market, one.chosen).to_dict("records")
            if row["renew"] + row["add"] >= _LEAST
        ]
        names = ["Market", "Begins", "Ends", "Renew", "Add", "CoversThen"]
        return pd.DataFrame(rows, columns=names, dtype=object)

    def stays(self) -> pd.DataFrame:
        """For what nothing is to be bought, and why."""
        rows = [(item.resource, item.reason) for item in self.found.not_recommended]
        return pd.DataFrame(rows, columns=["Scope", "Reason"])

    # Pictures

    def draw_loads(self) -> Shown:
        """Draw use against what is covered; see `finops_lib.optimize.commitments.plots.load_curve`."""
        found = self.markets[:_PICTURES]
        axes = sheet(len(found)) if found else []
        for ax, (one, market) in zip(axes, found, strict=True):
            told = cover(one, market)
            unit = f"{one.currency} an hour at list price"
            plots.load_curve(load(market.demand), ax=ax, name=_called(market), unit=unit, now=told.now,
                             then=told.then)  # fmt: skip
        return shown(axes) if axes else show.notes([_NO_MARKET])

    def draw_ahead(self) -> Shown:
        """Draw what is covered in the months to come; see `plots.covered_ahead`."""
        found = self.markets[:_PICTURES]
        axes = sheet(len(found)) if found else []
        for ax, (one, market) in zip(axes, found, strict=True):
            table = ahead(levels(market, one.chosen), start=market.start, months=_MONTHS)
            unit = f"{one.currency} an hour covered"
            plots.covered_ahead(table, ax=ax, name=_called(market), unit=unit, start=market.start)
        return shown(axes) if axes else show.notes([_NO_MARKET])

    def draw_rules(self) -> Shown:
        """Draw how much of what was possible each rule saved; see `plots.rules`."""
        told = [(code, shares) for code, shares in rule_shares(self.found.sold).items() if _OURS in shares]
        axes = sheet(len(told)) if told else []
        for ax, (code, shares) in zip(axes, told, strict=True):
            plots.rules(shares, ax=ax, ours=_OURS, words=_WORDS, of=code if len(told) > 1 else "")
        return shown(axes) if axes else show.notes([_NO_PAST])

    def draw_used(self) -> Shown:
        """Draw which share of each commitment was used; see `plots.utilisation`."""
        if not self._tables:
            return show.notes([_NO_MARKET])
        title = "What would have been used of each commitment, had it been in place"
        return show.picture(plots.utilisation(self._tables, ax=plots.axes(height=4.4), title=title))

    # Sentences

    def answer(self) -> Shown:
        """Say what the purchases save together, and what is in place."""
        said = (
            saved_sentences(self.changes)
            if self.changes
            else ["Nothing is to be bought now; below stands why."]
        )
        placed = self.found.placed
        return show.notes([*said, f"{len(placed):,} commitments are in place."])

    def show_unknown(self) -> Shown:
        """Say what is not known."""
        return show.notes(self.found.unknown, nothing="All that is asked for is known.")

    def summary(self, **values: Any) -> Shown:
        """Give all of it as the next program reads it."""
        told = {
            "recommendations": [recommendation_json(item) for item in self.changes],
            "not_recommended": [item.to_json() for item in self.found.not_recommended],
            "replay": show.records(self.found.replay),
            "held": [item.to_json() for item in self.found.placed],
            "unknown": list(self.found.unknown),
        }
        return show.summary({**told, **values})


def _called(market: Market) -> str:
    """Name a market by what its scopes have in common."""
    parts = [scope.split(" / ") for scope in market.scopes]
    same = [names[0] for names in zip(*parts, strict=False) if len(set(names)) == 1]
    count = len(market.scopes)
    return " / ".join(same) if count == 1 else f"{' / '.join(same) or 'Several providers'}, {count} scopes"


def _bought(item: Recommendation) -> tuple[str, str, str]:
    """Give the offer, what is paid of it an hour, and the day on which it begins."""
    offer = next(iter(item.from_))
    return offer, item.to[offer].split()[0], item.to.get("from", "now")


def _month(hourly: float | None) -> Decimal | None:
    return None if hourly is None else money(hourly * 730)


def _saves(one: InPlace) -> str:
    return " to ".join(dict.fromkeys(f"{share:.0%}" for share in _ends(one.discounts))) or "unknown"


def _ends(discounts: Mapping[str, float]) -> Sequence[float]:
    return (min(discounts.values()), max(discounts.values())) if discounts else ()


def _part(value: float | None) -> str:
    return f"{value:.1%}" if value is not None and np.isfinite(value) else "unknown"

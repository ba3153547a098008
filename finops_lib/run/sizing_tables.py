"""The tables of a report of sizes: queue, rules and their past, idle, schedules, GPUs, what stays as is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from finops_lib.optimize import idle, schedule
from finops_lib.optimize.feedback import Review, acceptance, heard, standing
from finops_lib.optimize.plan_told import Ranked
from finops_lib.records import Recommendation
from finops_lib.run.desk import Desk
from finops_lib.run.outlook_tables import as_share
from finops_lib.run.outlook_words import rounded
from finops_lib.run.recommending import Advice, Files
from finops_lib.run.sizing_words import (
    ends,
    kind_text,
    name_text,
    past_text,
    size_text,
    small_share,
    units,
)
from finops_lib.units import cents

_MONEY = ("Low", "Mid", "High", "BillingCurrency")
QUEUE = (
    "Worth", *_MONEY, "Resource", "Kind", "From", "To", "Breach", "Past", "Effort", "Owner", "File",
    "Accepted", "Why", "Key", "ResourceId",
)  # fmt: skip
IDLE = (*_MONEY, "Resource", "Quarantine", "NeededAfterAll", "Why")
SCHEDULES = (*_MONEY, "Resource", "On", "UsedWhileOff", "Why")
GPUS = ("Resource", "Gpus", "DutyCycle", "OnShare", "UsedHours", "Cost", "CostOfUsedHour", "BillingCurrency")
RULES = (
    "Use", "Group", "Rule", "Windows", "Breach", "Kept", "Saving", "Slack", "TooSmallOnce", "Regret",
    "Promise", "Used",
)  # fmt: skip
_SHARES = {
    "breach": "Breach", "kept": "Kept", "saving": "Saving", "slack": "Slack", "killed": "TooSmallOnce",
    "regret": "Regret",
}  # fmt: skip
_ALL = "all"
_NO_OWNER = "unknown"


@dataclass(frozen=True)
class Tables:
    """Advice as frames that a notebook shows; without advice they have no row.

    ``reason`` says why there is no advice.
    """

    desk: Desk
    files: Files
    days: int
    advice: Advice | None
    reason: str = field(default="")

    @property
    def changes(self) -> Sequence[Recommendation]:
        """What should change, the most worthwhile first, currency by currency."""
        return self.advice.recommendations if self.advice else []

    @cached_property
    def currencies(self) -> list[str]:
        """In which currencies is something saved: the one of the desk first."""
        return sorted(units(self.changes), key=lambda code: (code != self.desk.currency, code))

    def of(self, currency: str) -> list[Recommendation]:
        """Which changes are in this currency, the largest saving first."""
        mine = [one for one in self.changes if one.saving_month.unit == currency]
        return sorted(mine, key=lambda one: (-one.saving_month.mid, one.key))

    @property
    def ranked(self) -> Sequence[Ranked]:
        """All changes with what they are worth, in the order of the queue."""
        return self.advice.ranked if self.advice else ()

    def saved(self) -> pd.DataFrame:
        """What is saved in a month by each kind of change, and together; never over currencies."""
        rows = []
        for code in self.currencies:
            mine = self.of(code)
            kinds = sorted({one.kind for one in mine})
            parts = [(kind_text(kind), [one for one in mine if one.kind == kind]) for kind in kinds]
            parts.sort(key=lambda part: -ends(part[1])[1])
            rows += [(name, len(part), *ends(part), code) for name, part in [*parts, ("Together", mine)]]
        return pd.DataFrame(rows, columns=["Kind", "Changes", *_MONEY], dtype=object)

    def queue(self) -> pd.DataFrame:
        """Which changes are to be reviewed, the most worthwhile first."""
        return pd.DataFrame([self._queued(one) for one in self.ranked], columns=list(QUEUE), dtype=object)

    def _queued(self, one: Ranked) -> tuple[Any, ...]:
        found = one.recommendation
        return (
            _net(one), *_money(found), name_text(found.resource), kind_text(found.kind),
            size_text(found.from_), size_text(found.to), as_share(found.breach_probability),
            past_text(found.backtest), found.effort, found.owner or _NO_OWNER, found.file or _NO_OWNER,
            self.advice is not None and found.key in self.advice.accepted, found.reason, found.key,
            found.resource,
        )  # fmt: skip

    @cached_property
    def past(self) -> pd.DataFrame:
        """How did each rule do on the past, by kind of use and resource; see `optimize.sizing.Trial.past`."""
        if self.advice is None:
            return pd.DataFrame()
        world = self.advice.world
        groups = {key: world.kind(key) for key in self.advice.asked.sized_keys}
        parts = [trial.past(groups).assign(use=use) for use, trial in self.advice.asked.trials.items()]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def rules(self) -> pd.DataFrame:
        """How did each rule do over all resources, and which one is used."""
        return self._rules(lambda group: group == _ALL).drop(columns="Group")

    def rules_by_group(self) -> pd.DataFrame:
        """How did each rule do on each kind of resource."""
        return self._rules(lambda group: group != _ALL)

    def _rules(self, wanted: Callable[[str], bool]) -> pd.DataFrame:
        lines = [row for row in self.past.to_dict("records") if wanted(row["group"])]
        rows = [
            {
                "Use": row["use"], "Group": row["group"], "Rule": row["strategy"], "Windows": row["windows"],
                "Promise": "kept" if row["held"] else "broken", "Used": "used" if row["used"] else "",
            }
            | {name: small_share(row[measure]) for measure, name in _SHARES.items()}
            for row in lines
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(RULES), dtype=object)

    def idle(self) -> pd.DataFrame:
        """Which resources are idle, and how are they put into quarantine."""
        rows = [
            (*_money(one), name_text(one.resource), size_text(one.to), small_share(one.breach_probability),
             one.reason)
            for one in self._by_saving(idle.KIND)
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(IDLE), dtype=object)

    def schedules(self) -> pd.DataFrame:
        """Which resources may be off at night and on the weekend."""
        rows = [
            (*_money(one), name_text(one.resource), size_text(one.to), small_share(one.breach_probability),
             one.reason)
            for one in self._by_saving(schedule.KIND)
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(SCHEDULES), dtype=object)

    def _by_saving(self, kind: str) -> list[Recommendation]:
        return [one for code in self.currencies for one in self.of(code) if one.kind == kind]

    def gpus(self) -> pd.DataFrame:
        """How busy are the GPUs that are paid for, and what does a used hour cost."""
        found = pd.DataFrame() if self.advice is None else self.advice.gpus
        codes = self._paid_in(found["resource"].tolist() if len(found) else [])
        rows = [
            (name_text(row["resource"]), f"{row['gpus']:g}", small_share(row["duty_cycle"]),
             small_share(row["on_share"]), rounded(row["used_hours_month"]), row["cost_month"],
             row["cost_used_hour"], code)
            for row, code in zip(found.to_dict("records"), codes, strict=True)
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(GPUS), dtype=object)

    def _paid_in(self, resources: Sequence[str]) -> list[str]:
        if self.advice is None:
            return []
        world = self.advice.world
        keys = {world.resource(key): key for key in world.keys}
        paid = [world.paid(keys[name]) for name in resources]
        return ["" if one is None else one.currency for one in paid]

    def reasons(self) -> pd.DataFrame:
        """Why does what is not recommended stay as it is, reasons counted, the most frequent first."""
        silent = self.advice.not_recommended if self.advice else []
        counts = Counter((kind_text(one.kind), one.reason) for one in silent)
        rows = [
            (count, *what) for what, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ]
        return pd.DataFrame(rows, columns=["Resources", "Kind", "Reason"], dtype=object)

    def listing(self) -> pd.DataFrame:
        """Which resources stay as they are, each with its reason."""
        silent = self.advice.not_recommended if self.advice else []
        rows = [(name_text(one.resource), kind_text(one.kind), one.reason, one.resource) for one in silent]
        return pd.DataFrame(rows, columns=["Resource", "Kind", "Reason", "ResourceId"], dtype=object)

    def reviews(self) -> pd.DataFrame:
        """What did people say to each recommendation last, is it still told, and what does not count yet."""
        told = {one.key: name_text(one.resource) for one in self.changes}
        now = self._heard
        early = [one for one in self.files.reviews if one not in now]
        rows = [
            (f"{one.at:%Y-%m-%d}", one.verdict, kind_text(one.kind),
             "its day is yet to come" if one in early else told.get(one.key, "no longer told"),
             one.reason, "" if one.until is None else f"{one.until:%Y-%m-%d}", one.by, one.key)
            for one in sorted([*standing(now).values(), *early], key=lambda one: (one.at, one.key))
        ]  # fmt: skip
        columns = ["Day", "Verdict", "Kind", "Resource", "Reason", "Until", "By", "Key"]
        return pd.DataFrame(rows, columns=columns, dtype=object)

    @property
    def _heard(self) -> tuple[Review, ...]:
        return heard(self.files.reviews, now=self.desk.now)

    def accepted_shares(self) -> pd.DataFrame:
        """How likely is the next change of each kind to be accepted, after what was said."""
        rows: Mapping[str, float] = acceptance(self._heard)
        found = [(kind_text(kind), as_share(chance)) for kind, chance in sorted(rows.items())]
        return pd.DataFrame(found, columns=["Kind", "Share"], dtype=object)


def _net(one: Ranked) -> Decimal:
    return cents(Decimal(repr(one.net_month)), currency=one.recommendation.saving_month.unit)


def _money(found: Recommendation) -> tuple[Any, ...]:
    money = found.saving_month
    return money.low, money.mid, money.high, money.unit

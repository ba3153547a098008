"""The tables of a report on sizes: the queue, what is idle, schedules, GPUs, rules, what stays and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from finops_lib.cost.exact import total
from finops_lib.optimize import idle, schedule
from finops_lib.optimize.replay import Replay
from finops_lib.optimize.replay import table as replay_table
from finops_lib.optimize.rightsize.needs import BOUND, tried
from finops_lib.records import NoRecommendation, Recommendation
from finops_lib.run.desk import Desk
from finops_lib.run.recommending import Advice, Files
from finops_lib.run.sizing_words import chance_text, past_text, settings_text
from finops_lib.units import money_text
from finops_lib.usage.join import join, key_of

QUEUE = (
    "Resource", "Change", "From", "To", "Low", "Mid", "High", "BillingCurrency", "TooSmall", "Before",
    "Effort", "Owner", "File", "NetWorth", "Accepted", "Key",
)  # fmt: skip
_STAYS = ("Resource", "Asked", "Reason", "CostMonth", "BillingCurrency")
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Tables:
    """Advice as frames that a notebook shows; without samples ``advice`` is None, and all are empty."""

    desk: Desk
    files: Files
    advice: Advice | None

    @property
    def changes(self) -> list[Recommendation]:
        """All changes, the most worthwhile first, currency by currency."""
        return [] if self.advice is None else self.advice.recommendations

    @property
    def stays(self) -> list[NoRecommendation]:
        """All that stays as it is."""
        return [] if self.advice is None else self.advice.not_recommended

    def queue(self, *kinds: str) -> pd.DataFrame:
        """What is to be looked at, the most worthwhile first; ``Key`` is what a review names.

        Parameters
        ----------
        *kinds : str
            Only changes of these; none is all.
        """
        worth = (
            {}
            if self.advice is None
            else {one.recommendation.key: one.net_month for one in self.advice.ranked}
        )
        rows = [self._row(item, worth[item.key]) for item in self.changes if not kinds or item.kind in kinds]
        return pd.DataFrame(rows, columns=list(QUEUE), dtype=object)

    def ranking(self) -> pd.DataFrame:
        """What each change is and saves, without what it stands on."""
        names = ["Resource", "Change", "From", "To", "NetWorth", "Mid", "Low", "High", "TooSmall", "Owner"]
        return self.queue()[[*names, "BillingCurrency"]]

    def grounds(self) -> pd.DataFrame:
        """What each change stands on: its past, effort, file, and the key that a review names."""
        return self.queue()[["Resource", "Change", "Before", "Effort", "File", "Accepted", "Key"]]

    def _row(self, item: Recommendation, net: float) -> tuple[Any, ...]:
        money = item.saving_month
        accepted = self.advice is not None and item.key in self.advice.accepted
        return (
            item.resource, item.kind, settings_text(item.from_), settings_text(item.to), money.low, money.mid,
            money.high, money.unit, chance_text(item.breach_probability), past_text(item.backtest),
            item.effort, item.owner, item.file, Decimal(repr(net)).quantize(_CENT), accepted, item.key,
        )  # fmt: skip

    def idle(self) -> pd.DataFrame:
        """What nobody uses: with the quarantine, and the chance that somebody needs it."""
        return self.queue(idle.KIND)[
            ["Resource", "To", "Low", "Mid", "High", "BillingCurrency", "TooSmall", "Owner"]
        ].rename(columns={"To": "Quarantine", "TooSmall": "Needed"})

    def schedules(self) -> pd.DataFrame:
        """What may be off at night or on the weekend."""
        names = ["Resource", "From", "To", "Low", "Mid", "High", "BillingCurrency", "TooSmall", "Owner"]
        return self.queue(schedule.KIND)[names].rename(columns={"From": "OnNow", "To": "OnThen"})

    def gpus(self) -> pd.DataFrame:
        """How busy are the GPUs; see `finops_lib.optimize.rightsize.gpus.duty`."""
        names = {"resource": "Resource", "gpus": "Gpus", "duty_cycle": "DutyCycle", "on_share": "SomeWork",
                 "cost_month": "CostMonth", "cost_used_hour": "CostUsedHour"}  # fmt: skip
        if self.advice is None:
            return pd.DataFrame(columns=list(names.values()))
        found = self.advice.gpus[list(names)].rename(columns=names)
        shares = {name: found[name].map(chance_text) for name in ("DutyCycle", "SomeWork")}
        return found.assign(**shares)

    @cached_property
    def replays(self) -> dict[str, dict[str, Replay]]:
        """How would each rule have done on past windows, by kind of use."""
        if self.advice is None:
            return {}
        asked = {kind: self.advice.asked.histories(kind) for kind in ("cpu", "memory")}
        return {kind: tried(histories) for kind, histories in asked.items() if histories.names}

    def rules(self) -> pd.DataFrame:
        """Return each rule's past: too small, idle, saved, kills and regret as shares, for CPU and memory."""
        frames = []
        for kind, replays in self.replays.items():
            found = replay_table(replays, bound=BOUND)
            told = {
                name: found[name].map(chance_text)
                for name in ("breach", "slack", "saving", "killed", "regret")
            }
            frames.append(pd.DataFrame({"Use": kind, "Rule": found["strategy"], **told}))
        names = ["Use", "Rule", "TooSmall", "Idle", "Saved", "Killed", "Regret"]
        if not frames:
            return pd.DataFrame(columns=names)
        return pd.concat(frames, ignore_index=True).set_axis(names, axis=1)

    def staying(self) -> pd.DataFrame:
        """Return all that stays as it is, why, and what it costs a month where that is known."""
        rows = [(item.resource, item.kind, item.reason, *self._cost(item)) for item in self.stays]
        return pd.DataFrame(rows, columns=list(_STAYS), dtype=object)

    def _cost(self, item: NoRecommendation) -> tuple[Decimal | None, str | None]:
        key = key_of(item.resource)
        paid = (
            self.advice.world.paid(key) if self.advice is not None and key in self.advice.world.keys else None
        )
        return (None, None) if paid is None or not paid.days else (paid.month, paid.currency)

    def reasons(self) -> pd.DataFrame:
        """Return why resources stay as they are, the most frequent reason first."""
        told: dict[str, list[str]] = {}
        for item in self.stays:
            told.setdefault(item.reason, []).append(item.resource)
        order = sorted(told.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        rows = [(reason, len(names), names[0]) for reason, names in order]
        return pd.DataFrame(rows, columns=["Reason", "Resources", "Example"])

    def reviews(self) -> pd.DataFrame:
        """Return what people said so far, the newest first."""
        said = sorted(self.files.reviews, key=lambda one: one.at, reverse=True)
        rows = [(one.at, one.verdict, one.kind, one.key, one.by, one.reason, one.until) for one in said]
        return pd.DataFrame(
            rows, columns=["At", "Verdict", "Change", "Key", "By", "Reason", "Until"], dtype=object
        )

    def unmatched(self) -> Sequence[str]:
        """Say how much money was measured by nobody, and how much use was charged by nobody."""
        if self.advice is None:
            return []
        found = join(self.desk.engine, period=self.advice.period)
        free = found.no_money["resource"].nunique()
        said = []
        for unit, rows in found.no_usage.groupby("currency", sort=True):
            money = money_text(total(rows["cost"]), currency=str(unit))
            said.append(
                f"{money} of these days is in {rows['resource'].nunique():,} resources without a sample, "
                "or in none."
            )
        return [*said, f"{free:,} resources that were measured have no charge of their own in the bill."]

"""What should be committed to in a lake: every provider's bill asked about once, one currency at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

import pandas as pd

from finops_lib.cost import completeness, periods
from finops_lib.errors import CurrencyError, ParameterError
from finops_lib.optimize.commitments.demand import KIND, SCOPE, eligible
from finops_lib.optimize.commitments.in_place import USED, InPlace, covered_use, in_place
from finops_lib.optimize.commitments.market import best_discounts
from finops_lib.optimize.commitments.sold import LONGEST, NO_LIST_PRICE, Asked, Sold, offered, sold
from finops_lib.records import NoRecommendation, Recommendation
from finops_lib.run.bills import Bills
from finops_lib.run.commit_files import CommitFiles
from finops_lib.run.commit_words import unknown
from finops_lib.run.recommend_plan import Terms

_MONTH_DAYS = 30.4375
_NO_CUT: Mapping[str, Mapping[str, float]] = {}


@dataclass(frozen=True)
class Commitments:
    """What should be committed to, what should not and why; see `committing`.

    ``sold`` is what each provider sold in each currency; ``unknown`` says in sentences what is not known.
    """

    sold: tuple[Sold, ...] = ()
    silent: tuple[NoRecommendation, ...] = ()
    unknown: tuple[str, ...] = ()

    @cached_property
    def recommendations(self) -> list[Recommendation]:
        """What to buy, the most worthwhile first, currency by currency."""
        found = [item for one in self.sold for item in one.recommendations]
        return sorted(found, key=lambda item: (item.saving_month.unit, -item.saving_month.mid))

    @cached_property
    def not_recommended(self) -> list[NoRecommendation]:
        """Scopes for which nothing is to be bought, each with the reason."""
        found = [item for one in self.sold for item in one.silent]
        return sorted([*found, *self.silent], key=lambda item: item.resource)

    @cached_property
    def replay(self) -> pd.DataFrame:
        """How would each rule have done before, by scope; see `finops_lib.optimize.commitments.replay`."""
        parts = [one.replay.assign(currency=one.currency) for one in self.sold if not one.replay.empty]
        columns = ["rule", "scope", "currency", "origins", "saving", "possible", "share_of_optimum", "worst"]
        return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)

    @property
    def placed(self) -> list[InPlace]:
        """Commitments in place."""
        return [item for one in self.sold for item in one.placed]

    def discounts(self) -> dict[str, float]:
        """Which share does the best offer of the shortest term save, by scope."""
        return best_discounts([offer for one in self.sold for offer in one.offers])

    def held_use(self, *, currency: str = "") -> dict[str, float]:
        """How much do commitments in place cover, by scope, money an hour on demand.

        Parameters
        ----------
        currency : str
            ISO 4217; empty is the only one.

        Raises
        ------
        CurrencyError
            There are several and none was named.
        """
        known = sorted({one.currency for one in self.sold})
        if not currency and len(known) > 1:
            raise CurrencyError(", ".join(known), "amounts of several currencies are not added", "name one")
        found: dict[str, float] = {}
        for item in self.placed:
            for scope, amount in item.covers.items() if currency in {"", item.currency} else ():
                found[scope] = found.get(scope, 0.0) + amount
        return found


@dataclass(frozen=True)
class Prepared:
    """What bill and files say of commitments before any is chosen; see `prepared`.

    ``parts`` are by provider and currency: charges that could be covered, those that are, what is asked.
    """

    parts: tuple[tuple[pd.DataFrame, pd.DataFrame, Asked], ...]
    silent: tuple[NoRecommendation, ...]
    charges: pd.DataFrame
    files: CommitFiles

    def terms(self) -> dict[str, Terms]:
        """What do commitments cover, and what would more of them save: by currency, then by scope."""
        found: dict[str, Terms] = {}
        for lines, _, asked in self.parts:
            currency = str(lines["currency"].iloc[0])
            before = found.get(currency, Terms(SCOPE, {}, {}))
            held = dict(before.held)
            for item in asked.placed:
                for scope, amount in item.covers.items():
                    held[scope] = held.get(scope, 0.0) + amount
            offers = offered(asked, sorted(set(lines["scope"])))
            found[currency] = Terms(SCOPE, held, {**before.discount, **best_discounts(offers)})
        return found

    def chosen(self, *, left: Mapping[str, Mapping[str, float]] = _NO_CUT) -> Commitments:
        """What should be committed to.

        Parameters
        ----------
        left : mapping of str to mapping
            As in `committing`.
        """
        found = [
            sold(lines, mine, replace(asked, left=left.get(str(lines["currency"].iloc[0]))))
            for lines, mine, asked in self.parts
        ]
        return Commitments(tuple(found), self.silent, tuple(unknown(found, self.charges, self.files)))


def prepared(
    bills: Bills, *, files: CommitFiles, currency: str = "", longest_months: int = LONGEST
) -> Prepared:
    """What do the bill and the files say of commitments.

    Parameters
    ----------
    bills, files, currency, longest_months
        As in `committing`.

    Returns
    -------
    Prepared

    Raises
    ------
    ParameterError
        The term is out of its bounds.
    """
    if not 1 <= longest_months <= LONGEST:
        raise ParameterError(
            f"longest_months = {longest_months}", f"it is from 1 to {LONGEST}", "write another number"
        )
    charges = eligible(bills.engine, by=SCOPE, currency=currency or None)
    covered = covered_use(bills.engine, currency=currency or None)
    ends, months = _terms(bills, files)
    settled = periods.settled(bills.engine)
    parts, silent = [], []
    for provider, lines, mine in _parts(charges, covered):
        if lines["amount"].isna().all():
            silent += [NoRecommendation(scope, KIND, NO_LIST_PRICE) for scope in sorted(set(lines["scope"]))]
            continue
        until = _until(bills, provider, lines, settled)
        placed = in_place(mine, until=until, ends=ends, months=months)
        evidence = _evidence(bills, provider)
        parts.append((lines, mine, Asked(until, files.offers, placed, None, evidence, longest_months)))
    return Prepared(tuple(parts), tuple(silent), charges, files)


def committing(
    bills: Bills,
    *,
    files: CommitFiles,
    left: Mapping[str, Mapping[str, float]] = _NO_CUT,
    currency: str = "",
    longest_months: int = LONGEST,
) -> Commitments:
    """What should be committed to, on top of what is in place.

    Parameters
    ----------
    bills : Bills
        The open lake.
    files : CommitFiles
        What can be bought, and until when commitments in place run.
    left : mapping of str to mapping
        By currency, share of a scope's use that is left once everything else is done; 1 for those that are
        not named.
    currency : str
        ISO 4217, of the charges looked at; empty is each of the lake, one at a time.
    longest_months : int
        Longest term that may be bought, 1 to 120.

    Returns
    -------
    Commitments

    Raises
    ------
    ParameterError
        The term is out of its bounds.
    """
    asked = prepared(bills, files=files, currency=currency, longest_months=longest_months)
    return asked.chosen(left=left)


def _parts(charges: pd.DataFrame, covered: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """Part the bill by provider and currency."""
    of = _provider(charges["scope"])
    whose = _provider(covered["scope"])
    # What a commitment left unused stands under its seller, what it covered under the service: by its id.
    used_first = covered.assign(provider=whose).sort_values(
        "status", key=lambda said: said != USED, kind="stable"
    )
    named = used_first.groupby("commitment")["provider"].first()
    for (provider, code), lines in charges.groupby([of, "currency"], sort=True):
        mine = covered["commitment"].map(named).eq(str(provider)) & covered["currency"].eq(str(code))
        yield str(provider), lines, covered[mine]


def _provider(scopes: pd.Series) -> pd.Series:
    return scopes.astype(str).str.split(" / ", n=1).str[0]


def _until(bills: Bills, provider: str, lines: pd.DataFrame, settled: Mapping[str, bool]) -> datetime:
    """Up to when is the bill of this provider whole."""
    all_ = bills.engine.snapshots
    mine = [item for item in all_ if item.provider == provider and item.last_day] or all_
    last = date.fromisoformat(max(item.last_day for item in mine))
    last_days = bills.thresholds.incomplete_days
    filling = completeness.incomplete_days(mine, last_days=last_days, settled=settled)
    while last in filling:
        last -= timedelta(days=1)
    end = datetime.combine(last + timedelta(days=1), time(), UTC)
    return min(end, pd.Timestamp(lines["end"].max()).to_pydatetime())


def _terms(bills: Bills, files: CommitFiles) -> tuple[dict[str, datetime], dict[str, int]]:
    """Take ends and terms from the contracts of the lake, then from the file, which goes first."""
    ends: dict[str, datetime] = {}
    months: dict[str, int] = {}
    for row in bills.commitments().to_dict("records"):
        name, start, end = str(row["CommitmentId"]), row["Start"], row["End"]
        if end:
            ends[name] = datetime.fromisoformat(end).replace(tzinfo=UTC)
        if start and end:
            days = (date.fromisoformat(end) - date.fromisoformat(start)).days
            months[name] = max(round(days / _MONTH_DAYS), 1)
    ends |= {one.commitment: one.ends for one in files.held}
    months |= {one.commitment: one.months for one in files.held if one.months is not None}
    return ends, months


def _evidence(bills: Bills, provider: str) -> tuple[str, ...]:
    mine = sorted(item.id for item in bills.engine.snapshots if item.provider == provider)
    return tuple(f"delivery:{name}" for name in mine)

"""What is doubtful about this delivery though its rows are accepted: counted, priced and said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.cells import EXACT, MONEY, total
from finops_lib.billing.conform import NO_CURRENCY
from finops_lib.records import RuleCount

_DAY = 86_400_000_000  # microseconds
_TOLERANCE_SHARE, _TOLERANCE = 0.01, 0.01  # one percent and one cent
_INCOMPLETE_DAYS = 3
_MOST_DAYS = 1_000
_NOTHING = pa.scalar(Decimal(0), MONEY)
_DETAILS = {
    "effective_cost_zero": "EffectiveCost is zero where BilledCost is not: unfit for savings",
    "effective_cost_missing": "EffectiveCost is not given: unknown, not zero",
    "quantity_without_unit": "a quantity is given and its unit is not: it cannot be compared",
    "outside_period": "the charge starts outside its billing period",
    "price_times_quantity": "unit price times quantity differs from the cost by more than 1 % and one cent",
    "time_unreadable": "a time that decides nothing is not ISO 8601; it is kept as unknown",
    "number_unreadable": "a price or quantity is no number; it is kept as unknown",
    "tags_unreadable": "the tags are no JSON object: they are kept as text and feed no tag column",
    "currency_missing": f"the bill names no currency; it is kept as {NO_CURRENCY}",
}

Costs = dict[str, Decimal]


def by_currency(cost: pa.Array, currency: pa.DictionaryArray) -> Costs:
    """How much is this by currency, exactly.

    Parameters
    ----------
    cost : pyarrow.Decimal128Array
        Money.
    currency : pyarrow.DictionaryArray
        Codes, as long as ``cost``.

    Returns
    -------
    dict of str to Decimal
    """
    codes = pc.unique(currency).to_pylist()
    if len(codes) == 1:
        return {codes[0] or NO_CURRENCY: total(cost)}
    plain = currency.dictionary_decode()
    return {code or NO_CURRENCY: total(cost.filter(_same(plain, code))) for code in codes}


def _same(column: pa.Array, code: str | None) -> pa.Array:
    return pc.is_null(column) if code is None else pc.fill_null(pc.equal(column, code), fill_value=False)


def added(held: Mapping[str, Decimal], more: Mapping[str, Decimal]) -> Costs:
    """Add two sets of amounts, each currency to itself.

    Parameters
    ----------
    held, more : mapping of str to Decimal
        Amounts by currency.

    Returns
    -------
    dict of str to Decimal

    Examples
    --------
    >>> added({"USD": Decimal(1)}, {"USD": Decimal(2), "EUR": Decimal(3)})
    {'USD': Decimal('3'), 'EUR': Decimal('3')}
    """
    return dict(held) | {code: EXACT.add(held.get(code, Decimal(0)), amount) for code, amount in more.items()}


@dataclass
class Flags:
    """Collects doubts over the batches of one delivery."""

    counts: dict[str, tuple[int, Costs]] = field(default_factory=dict)
    spans: set[tuple[int, int]] = field(default_factory=set)
    currencies: set[str] = field(default_factory=set)

    def add(self, rows: pa.Table, faults: Mapping[str, pa.Array]) -> None:
        """Look at accepted rows.

        Parameters
        ----------
        rows : pyarrow.Table
            Typed charges.
        faults : mapping of str to pyarrow.BooleanArray
            What conforming found, as long as ``rows``.
        """
        column = {name: rows.column(name).combine_chunks() for name in rows.column_names}
        self.currencies.update(pc.unique(column["BillingCurrency"]).to_pylist())
        for name, mask in {**faults, **_doubts(column)}.items():
            self.note(name, column, mask)
        self._span(column)

    def note(self, name: str, column: Mapping[str, pa.Array], mask: pa.Array) -> None:
        """Count rows under a flag.

        Parameters
        ----------
        name : str
            The flag.
        column : mapping of str to pyarrow.Array
            Columns of the rows.
        mask : pyarrow.BooleanArray
            Which rows; null is no.
        """
        rows = pc.sum(mask).as_py() or 0
        if not rows:
            return
        cost = by_currency(column["BilledCost"].filter(mask), column["BillingCurrency"].filter(mask))
        before, held = self.counts.get(name, (0, {}))
        self.counts[name] = (before + rows, added(held, cost))

    def _span(self, column: Mapping[str, pa.Array]) -> None:
        """Remember which days usage covers."""
        usage = pc.equal(column["ChargeCategory"].dictionary_decode(), "Usage")
        start, end = (column[name].cast(pa.int64()) for name in ("ChargePeriodStart", "ChargePeriodEnd"))
        last = pc.max_element_wise(start, pc.subtract(end, 1))
        days = pa.table({"first": pc.divide(start, _DAY), "last": pc.divide(last, _DAY)}).filter(usage)
        seen = days.group_by(["first", "last"], use_threads=False).aggregate([])
        self.spans.update(zip(seen["first"].to_pylist(), seen["last"].to_pylist(), strict=True))

    def days(self) -> list[date]:
        """Which days does usage cover, in order.

        Returns
        -------
        list of date
        """
        found = {day for first, last in self.spans for day in range(first, min(last, first + _MOST_DAYS) + 1)}
        return [date(1970, 1, 1) + timedelta(days=day) for day in sorted(found)]

    def found(
        self,
        *,
        now: datetime,
        ends: datetime | None,
        variants: Mapping[str, set[str]],
        whole: bool = True,
    ) -> tuple[RuleCount, ...]:
        """What is to be said of the delivery.

        Parameters
        ----------
        now : datetime
            When it arrived.
        ends : datetime or None
            End of its billing period.
        variants : mapping of str to set of str
            Spellings of each tag key.
        whole : bool
            Whether the delivery should cover its period; a slice of it need not.

        Returns
        -------
        tuple of RuleCount
        """
        said = [
            RuleCount(name, "flag", rows, cost, _DETAILS.get(name, "not a value that FOCUS allows"))
            for name, (rows, cost) in sorted(self.counts.items())
        ]
        if len(self.currencies) > 1:
            said.append(RuleCount("currency_mix", "flag", 0, {}, ", ".join(sorted(self.currencies))))
        gaps = self._gaps(now, ends) if whole else []
        return (*said, *gaps, *_spellings(variants))

    def _gaps(self, now: datetime, ends: datetime | None) -> list[RuleCount]:
        days = self.days()
        if not days:
            return []
        said = []
        covered = set(days)
        whole = [days[0] + timedelta(days=step) for step in range((days[-1] - days[0]).days)]
        missing = [day for day in whole if day not in covered]
        if missing:
            listed = ", ".join(map(str, missing[:10])) + (" ..." if len(missing) > 10 else "")  # noqa: PLR2004  # a sentence
            said.append(RuleCount("missing_days", "flag", 0, {}, f"{len(missing)} without usage: {listed}"))
        fresh = [day for day in days if now.astimezone(UTC).date() - day <= timedelta(days=_INCOMPLETE_DAYS)]
        if fresh:
            said.append(
                RuleCount("partial_last_days", "flag", 0, {}, f"from {fresh[0]} on the bill may still grow")
            )
        elif ends and days[-1] < (ends - timedelta(microseconds=1)).date():
            said.append(
                RuleCount(
                    "partial_last_days",
                    "flag",
                    0,
                    {},
                    f"usage ends on {days[-1]}, the period on {ends:%Y-%m-%d}",
                )
            )
        return said


def _spellings(variants: Mapping[str, set[str]]) -> list[RuleCount]:
    return [
        RuleCount("tag_key_variants", "flag", 0, {}, " | ".join(repr(key[:60]) for key in sorted(spelled)))
        for _, spelled in sorted(variants.items())
        if len(spelled) > 1
    ]


def _doubts(column: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    billed, effective = column["BilledCost"], column["EffectiveCost"]
    bought = pc.equal(column["ChargeCategory"].dictionary_decode(), "Purchase")
    covered = pc.is_valid(column["CommitmentDiscountId"])
    zero = pc.and_(pc.equal(effective, _NOTHING), pc.not_equal(billed, _NOTHING))
    return {
        "effective_cost_zero": pc.and_not(zero, pc.or_(bought, covered)),
        "effective_cost_missing": pc.is_null(effective),
        "outside_period": _outside(column),
        "quantity_without_unit": pc.or_(_unitless(column, "Pricing"), _unitless(column, "Consumed")),
        "price_times_quantity": pc.or_kleene(_differs(column, "List"), _differs(column, "Contracted")),
    }


def _unitless(column: Mapping[str, pa.Array], kind: str) -> pa.Array:
    return pc.and_(pc.is_valid(column[f"{kind}Quantity"]), pc.is_null(column[f"{kind}Unit"]))


def _outside(column: Mapping[str, pa.Array]) -> pa.Array:
    start = column["ChargePeriodStart"]
    before = pc.less(start, column["BillingPeriodStart"])
    after = pc.fill_null(pc.greater_equal(start, column["BillingPeriodEnd"]), fill_value=False)
    return pc.or_(before, after)


def _differs(column: Mapping[str, pa.Array], kind: str) -> pa.Array:
    """Compare price times quantity with the cost; a missing part is no difference."""
    price, quantity, cost = column[f"{kind}UnitPrice"], column["PricingQuantity"], column[f"{kind}Cost"]
    if price.null_count == len(price) or cost.null_count == len(cost):
        return pa.repeat(pa.scalar(value=False), len(price))
    expected = pc.multiply(price.cast(pa.float64()), quantity.cast(pa.float64()))
    given = cost.cast(pa.float64())
    gap = pc.abs(pc.subtract(expected, given))
    wide = pc.max_element_wise(pc.multiply(pc.abs(given), _TOLERANCE_SHARE), pa.scalar(_TOLERANCE))
    return pc.fill_null(pc.greater(gap, wide), fill_value=False)

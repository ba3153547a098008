"""Is this row a FOCUS charge: accept it, or set it aside with the rule it broke.

A batch of text becomes typed FOCUS columns. A row that would make a total wrong (no readable cost,
no period, no known category or currency) is set aside whole; a lesser fault is counted and kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing import focus
from finops_lib.billing.cells import MONEY, TIME, Cells, TimeReader, amounts
from finops_lib.billing.schema import EXTRA, KEY
from finops_lib.billing.tags import TagReader
from finops_lib.privacy import People, is_person_key, replace_addresses

COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
STARTS = ("BillingPeriodStart", "ChargePeriodStart")
NO_CURRENCY = "XXX"  # ISO 4217: no currency; the bill does not say
_TEXT = pa.dictionary(pa.int32(), pa.string())
_TYPES = MappingProxyType({"decimal": MONEY, "datetime": TIME, "string": _TEXT, "json": _TEXT})
_OWN = ("x_sourcerow", KEY.lower())  # the lake's own; to Delta, names differ by more than their case
RULES: Mapping[str, str] = MappingProxyType(
    {
        "columns_do_not_match": "a row has as many cells as the header",
        "header_repeated": "a row is a charge, not the header again",
        "line_is_no_object": "a line is one JSON object",
        "summary_row": "a row is a charge, not a total of others",
        "cost_missing": "BilledCost is given",
        "cost_not_a_number": "a cost is a finite number",
        "cost_out_of_range": "a cost is less than 1E18",
        "date_missing": "a row says when its billing and charge periods start",
        "date_unreadable": "a time is ISO 8601",
        "date_out_of_range": "a time lies in the years 2000 to 2100",
        "charge_category_unknown": "ChargeCategory is one of those FOCUS allows",
        "currency_unknown": "BillingCurrency is an ISO 4217 code",
        "value_missing": "a row names what it is about: its id, its period, its amount, its status",
    }
)


@dataclass
class Batch:
    """Typed FOCUS columns of some rows, the rule each broke (null where none), and lesser faults.

    ``source_cost`` is the file's own cost; ``exact`` holds amounts of it, by row, that the lake cannot
    keep to the last decimal; ``faults`` maps a flag to a mask of rows.
    """

    table: pa.Table
    rule: pa.Array | None
    source_cost: pa.Array
    exact: Mapping[int, Decimal]
    faults: dict[str, pa.Array] = field(default_factory=dict)

    def only(self, mask: pa.Array) -> Batch:
        """Return the rows of the mask.

        Parameters
        ----------
        mask : pyarrow.BooleanArray
            Which rows.

        Returns
        -------
        Batch
            Without ``exact``, which numbers the rows of the whole batch.
        """
        faults = {flag: found.filter(mask) for flag, found in self.faults.items()}
        rule = None if self.rule is None else self.rule.filter(mask)
        return Batch(self.table.filter(mask), rule, self.source_cost.filter(mask), {}, faults)


class Conformer:
    """Turns batches of FOCUS-named text into typed columns; one for an ingest, for it remembers.

    Parameters
    ----------
    people : People
        Who gives pseudonyms.
    """

    def __init__(self, people: People) -> None:
        self.tags = TagReader(people)
        self._people = people
        self._times = TimeReader()
        self._spelled = {name.lower(): name for name in EXTRA}

    def conform(self, raw: pa.Table, *, strays: pa.Array | None = None) -> Batch:
        """Read every column by its FOCUS type and judge every row.

        Parameters
        ----------
        raw : pyarrow.Table
            Text columns with FOCUS names; others become ``x_`` columns.
        strays : pyarrow.Array, optional
            The rule that a row breaks by its form alone, null where none.

        Returns
        -------
        Batch
        """
        judge = _Judge(raw.num_rows, strays)
        columns = {
            item.name: self._typed(raw, item, judge) for item in focus.lake_columns() if item.name != "Tags"
        }
        columns |= self._extra(raw, judge) | self._tagged(raw, judge)
        columns.setdefault("x_ProviderName", columns["ServiceProviderName"])
        source = amounts(_plain(raw, "x_SourceCost")) if "x_SourceCost" in raw.column_names else judge.billed
        judge.source(source)
        judge.required(columns)
        return Batch(pa.table(columns), judge.rule, source.values, source.exact or {}, judge.faults)

    def _typed(self, raw: pa.Table, item: focus.Column, judge: _Judge) -> pa.Array:
        if item.name not in raw.column_names:
            return pa.nulls(raw.num_rows, _TYPES[item.kind])
        if item.kind == "decimal":
            return judge.amount(item.name, amounts(_plain(raw, item.name)))
        coded = _coded(raw, item.name)
        if item.kind == "datetime":
            return judge.time(item.name, self._times.read(coded))
        return judge.allowed(item, coded) if item.allowed else self._nameless(item.name, coded)

    def _extra(self, raw: pa.Table, judge: _Judge) -> dict[str, pa.Array]:
        """Columns FOCUS does not know, or knows no more."""
        known = {item.name for item in focus.lake_columns()}
        other = [name for name in raw.column_names if name not in known and name != "x_SourceCost"]
        names = {
            name: self._spelled.setdefault(kept.lower(), kept) for name, kept in extra_names(other).items()
        }
        return {names[name]: self._extra_typed(raw, name, names[name], judge) for name in other}

    def _extra_typed(self, raw: pa.Table, name: str, kept: str, judge: _Judge) -> pa.Array:
        kind = EXTRA.get(kept)
        if kind == "decimal":
            return judge.lesser(amounts(_plain(raw, name)), "number_unreadable")
        if kind == "datetime":
            return judge.lesser(self._times.read(_coded(raw, name)), "time_unreadable")
        return self._nameless(name, _coded(raw, name))

    def _tagged(self, raw: pa.Table, judge: _Judge) -> dict[str, pa.Array]:
        if "Tags" not in raw.column_names:
            return {"Tags": pa.nulls(raw.num_rows, _TEXT)}
        coded = _coded(raw, "Tags")
        clean, columns = self.tags.split(coded)
        odd = pc.is_in(coded.dictionary, pa.array(sorted(self.tags.unreadable), pa.string()))
        if pc.any(odd).as_py():
            judge.fault("tags_unreadable", pc.fill_null(odd.take(coded.indices), fill_value=False))
        return {"Tags": clean, **columns}

    def _nameless(self, name: str, column: pa.DictionaryArray) -> pa.DictionaryArray:
        """Put pseudonyms where a column names people or a text holds an address."""
        words = column.dictionary
        if is_person_key(name):
            given = [word or "" for word in words.to_pylist()]
            return _reworded(column, self._people.pseudonyms(given))
        if not pc.any(pc.match_substring_regex(words, "@|%40")).as_py():
            return column
        return _reworded(column, replace_addresses([word or "" for word in words.to_pylist()], self._people))


def extra_name(name: str) -> str:
    """Under which name does the lake keep a column that FOCUS does not have.

    Parameters
    ----------
    name : str
        The file's column name.

    Returns
    -------
    str

    Examples
    --------
    >>> extra_name("ProviderName"), extra_name("x_Operation"), extra_name("my col")
    ('x_ProviderName', 'x_Operation', 'x_my_col')
    """
    safe = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter == "_") else "_" for letter in name
    )
    return safe if safe.startswith("x_") else f"x_{safe}"


def extra_names(names: Sequence[str]) -> dict[str, str]:
    """Under which names does the lake keep these columns, so that no two share one.

    Parameters
    ----------
    names : sequence of str
        The file's column names that FOCUS does not have.

    Returns
    -------
    dict of str to str
        As `extra_name` says; where two would meet (whatever their case), or meet a column of the lake's
        own, all but the first one that is spelled so end in four hexadecimal digits of the sha256 of
        their name.

    Examples
    --------
    >>> extra_names(["my_col", "other"])
    {'my_col': 'x_my_col', 'other': 'x_other'}
    >>> len(set(extra_names(["my col", "my-col", "x_my_col"]).values()))
    3
    """
    plain = {name: extra_name(name) for name in names}
    shared = Counter([*(kept.lower() for kept in plain.values()), *_OWN])
    spelled = {name.lower(): name for name in sorted(plain, reverse=True) if plain[name] == name}
    spelled |= dict.fromkeys(_OWN, "")
    return {
        name: kept
        if shared[kept.lower()] == 1 or spelled.get(kept.lower()) == name
        else f"{kept}_{sha256(name.encode()).hexdigest()[:4]}"
        for name, kept in plain.items()
    }


class _Judge:
    """Collects, column by column, which rows broke which rule; the first one counts."""

    def __init__(self, rows: int, strays: pa.Array | None) -> None:
        self._rows = rows
        self.rule = strays
        self.faults: dict[str, pa.Array] = {}
        self.billed = Cells(pa.nulls(rows, MONEY))

    def amount(self, name: str, cells: Cells) -> pa.Array:
        if name == "BilledCost":
            self.billed = cells
        if cells.odd is not None and name in COSTS:
            self._breaks(_prefixed("cost_", cells.odd))
        else:
            self.lesser(cells, "number_unreadable")
        return cells.values

    def lesser(self, cells: Cells, flag: str) -> pa.Array:
        """Take a cell that cannot be read as unknown, and say so."""
        if cells.odd is not None:
            self.fault(flag, pc.is_valid(cells.odd))
        return cells.values

    def time(self, name: str, cells: Cells) -> pa.Array:
        if cells.odd is not None:
            self._breaks(_prefixed("date_", cells.odd))
        if name in STARTS:
            self._broken("date_missing", pc.is_null(cells.values))
        return cells.values

    def allowed(self, item: focus.Column, column: pa.DictionaryArray) -> pa.DictionaryArray:
        """Spell allowed values as FOCUS does; another one breaks the rule of its column."""
        spelled = {value.lower(): value for value in item.allowed}
        words = column.dictionary.to_pylist()
        right = [spelled.get(word.strip().lower()) if word else None for word in words]
        strange = pa.array(
            [word is not None and good is None for word, good in zip(words, right, strict=True)], pa.bool_()
        )
        if pc.any(strange).as_py():
            mask = pc.fill_null(strange.take(column.indices), fill_value=False)
            self.fault(f"value_not_allowed:{item.name}", mask)
            if item.name == "ChargeCategory":
                self._broken("charge_category_unknown", mask)
        return _reworded(column, [good or word for good, word in zip(right, words, strict=True)])

    def source(self, cells: Cells) -> None:
        if cells is not self.billed and cells.odd is not None:
            self._breaks(_prefixed("cost_", cells.odd))
        self._broken("cost_missing", pc.is_null(cells.values))

    def required(self, columns: dict[str, pa.Array]) -> None:
        self._broken("cost_missing", pc.is_null(columns["BilledCost"]))
        self._broken("charge_category_unknown", pc.is_null(columns["ChargeCategory"]))
        for name in STARTS:
            self._broken("date_missing", pc.is_null(columns[name]))
        columns["BillingCurrency"] = self._currency(columns["BillingCurrency"])

    def _currency(self, column: pa.Array) -> pa.Array:
        """Capital letters; a missing one is ``XXX`` and said."""
        missing = pc.is_null(column)
        if pc.any(missing).as_py():
            self.fault("currency_missing", missing)
            column = pc.fill_null(column.dictionary_decode(), NO_CURRENCY).dictionary_encode()
        codes = [code.strip().upper() for code in column.dictionary.to_pylist()]
        unknown = pa.array([not focus.is_currency(code) for code in codes], pa.bool_())
        if pc.any(unknown).as_py():
            self._broken("currency_unknown", unknown.take(column.indices))
        return _reworded(column, codes)

    def fault(self, flag: str, mask: pa.Array) -> None:
        held = self.faults.get(flag)
        self.faults[flag] = mask if held is None else pc.or_(held, mask)

    def _broken(self, rule: str, mask: pa.Array) -> None:
        if pc.any(mask).as_py():
            self._breaks(pc.if_else(mask, rule, pa.scalar(None, pa.string())))

    def _breaks(self, rules: pa.Array) -> None:
        self.rule = rules if self.rule is None else pc.coalesce(self.rule, rules)


def _prefixed(prefix: str, odd: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar(prefix), odd, "")


def _plain(raw: pa.Table, name: str) -> pa.Array:
    found = raw.column(name).combine_chunks()
    return found.dictionary_decode() if pa.types.is_dictionary(found.type) else found


def _coded(raw: pa.Table, name: str) -> pa.DictionaryArray:
    found = raw.column(name).combine_chunks()
    found = found if pa.types.is_dictionary(found.type) else found.cast(pa.string()).dictionary_encode()
    return found if found.type == _TEXT else found.cast(_TEXT)


def _reworded(column: pa.DictionaryArray, words: Sequence[str | None]) -> pa.DictionaryArray:
    """Replace each distinct value; equal results become one."""
    kept = [
        None if old is None else new for old, new in zip(column.dictionary.to_pylist(), words, strict=True)
    ]
    if kept == column.dictionary.to_pylist():
        return column
    return pa.array(kept, pa.string()).take(column.indices).dictionary_encode()

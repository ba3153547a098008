"""Write the sample company's bills and the truth beside them, month by month, in flat memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from finops_lib.estate import cur_bill, focus_bill, story, truth
from finops_lib.estate.calendar import Month
from finops_lib.estate.calendar import months as calendar_months
from finops_lib.estate.charges import Balances, Block, usage_blocks
from finops_lib.estate.company import Company, company
from finops_lib.estate.fees import fee_block, late_block
from finops_lib.estate.parts import PartWriter, open_part
from finops_lib.estate.table import Field
from finops_lib.estate.truth import Tally, Truth
from finops_lib.estate.usage import event_extra

FORMATS = ("focus", "focus-1.0", "focus-1.2", "focus-1.4", "cur", "cur-2.0")
TRUTH_FILE = "truth.json"
HOURLY_FROM = 2_000_000
_SMALL = 1_000_000
_BENCHMARK_MONTHS = 3
_FILL = 0.87  # of all steps of all places, what is in use, seen over many seeds
_HOURLY_FILL = 0.83
_FEES = 190  # rows a month that are not usage

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class _Form:
    """One format as a file: where, which columns, how its rows come from the truth."""

    name: str
    fields: tuple[Field, ...]
    convert: Callable[[Block], Block]
    cost: str


@dataclass
class _Estate:
    """What is being written, and what was counted so far."""

    folder: Path
    company: Company
    forms: tuple[_Form, ...]
    writer: Callable[..., PartWriter]
    tallies: dict[str, Tally] = field(default_factory=dict)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    costs: dict[str, dict[str, int]] = field(default_factory=dict)
    used: list[dict[str, str]] = field(default_factory=list)
    extras: dict[story.Event, int] = field(default_factory=lambda: dict.fromkeys(story.EVENTS, 0))


def write_estate(
    folder: Path, *, rows: int, seed: int, months: int = 14, formats: Sequence[str] = ("focus", "cur"),
    file_type: str = "csv.gz", parts_rows: int = 1_000_000, progress: Progress | None = None,
) -> Truth:  # fmt: skip
    """Write the bills of the company: ``folder/<format>/<YYYY-MM>/part-00000.csv.gz``, and ``truth.json``.

    The month that was restated has its first delivery in ``<YYYY-MM>-first``. The same arguments give the
    same content, whatever the machine; the sizes of parts and blocks do not change a row.

    Parameters
    ----------
    folder : Path
        Where to; made where missing.
    rows : int
        About how many rows a format has in all months, from 10 thousand to 100 million. From 2 million on
        the bill is hourly, below it is daily.
    seed : int
        The one source of chance.
    months : int
        The newest months, a count; the last one is partial.
    formats : sequence of str
        Of ``FORMATS``: ``focus`` is FOCUS 1.2, ``cur`` the legacy report.
    file_type : str
        ``csv.gz``, ``csv`` or ``parquet``.
    parts_rows : int
        Most rows of one file.
    progress : callable, optional
        Called with the month, months done and months in all.

    Returns
    -------
    Truth

    Raises
    ------
    ValueError
        A format or type of file is unknown, or a count is below 1.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     write_estate(Path(place), rows=2_000, seed=7, months=1, formats=["focus"]).months
    ('2026-09',)
    """
    span = _span(rows, months)
    who = company(seed, slots=slots_for(rows, months))
    forms = tuple(_form(name, who, parquet=file_type == "parquet") for name in formats)
    writer = partial(PartWriter, file_type=file_type, parts_rows=parts_rows, small=rows < _SMALL)
    estate = _Estate(folder, who, forms, writer)
    for done, month in enumerate(span):
        _month(estate, month)
        if month.label == story.RESTATEMENT.month:
            _month(estate, month, first_delivery=True)
        if progress:
            progress(month.label, done + 1, len(span))
    found = _truth(estate, span)
    text = json.dumps(found.to_json(), ensure_ascii=False, indent=1) + "\n"
    (folder / TRUTH_FILE).write_text(text, encoding="utf-8")
    return found


def benchmark_part(path: Path, *, rows: int, seed: int, part: int) -> None:
    """Write one part of a large hourly FOCUS 1.2 bill: exactly so many rows of one month and one payer.

    Parameters
    ----------
    path : Path
        Ends in ``.csv.gz``, ``.csv`` or ``.parquet``; its folder is made where missing.
    rows : int
        Rows, a count.
    seed : int
        The company; parts of one seed share accounts and month.
    part : int
        Which part; each has resources of its own.
    """
    if rows < 1 or part < 0:
        raise ValueError(f"part {part} of {rows} rows: parts count from 0 and hold at least one row")
    month = calendar_months(_BENCHMARK_MONTHS, step_hours=1)[0]
    who = company(seed, slots=int(rows / len(month.starts) * 1.3) + 64, part=part + 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    out = open_part(path, focus_bill.fields("1.2"))
    left = rows
    for block in usage_blocks(who, month, balances=Balances.of(who, month)):
        out.write(focus_bill.as_focus(block.take(slice(0, left))))
        left -= min(left, block.rows)
        if not left:
            break
    out.close()


def month_blocks(
    who: Company, month: Month, *, tally: Tally, balances: Balances, first_delivery: bool = False
) -> Iterator[Block]:
    """All rows of a month, counted as they go by: usage, late usage, then what closes the bill.

    Parameters
    ----------
    who : Company
        The company.
    month : Month
        The month.
    tally : Tally
        Adds up the rows.
    balances : Balances
        What the commitments cover.
    first_delivery : bool
        As first delivered, before the month was restated.

    Yields
    ------
    Block
    """
    for block in usage_blocks(who, month, balances=balances, first_delivery=first_delivery):
        tally.add(block)
        yield block
    late = late_block(who, month)
    if late is not None:
        tally.add(late)
        yield late
    fees = fee_block(who, month, balances=balances, on_demand=tally.on_demand)
    tally.add(fees)
    yield fees


def _span(rows: int, months: int) -> tuple[Month, ...]:
    return calendar_months(months, step_hours=24 if rows < HOURLY_FROM else 1)


def slots_for(rows: int, months: int) -> int:
    """How many resources at a time has the company whose bill has so many rows.

    Parameters
    ----------
    rows : int
        Rows of all months, a count.
    months : int
        The newest months, a count.

    Returns
    -------
    int
    """
    span = _span(rows, months)
    steps = sum(len(month.starts) for month in span)
    hourly = span[0].step_hours == 1
    fees = _FEES * len(span) + (steps if hourly else 0)
    return max(1, round((rows - fees) / steps / (_HOURLY_FILL if hourly else _FILL)))


def _form(name: str, who: Company, *, parquet: bool) -> _Form:
    if name not in FORMATS:
        raise ValueError(f"format {name!r}: known are {', '.join(FORMATS)}")
    kind, _, version = name.partition("-")
    if kind == "focus":
        return _Form(name, focus_bill.fields(version or "1.2"), focus_bill.as_focus, "billed")
    columns = cur_bill.fields(who.tag_keys, version=version or "legacy", parquet=parquet)
    return _Form(name, columns, cur_bill.as_cur, "unblended")


def _month(estate: _Estate, month: Month, *, first_delivery: bool = False) -> None:
    name = f"{month.label}-first" if first_delivery else month.label
    tally, balances = Tally(), Balances.of(estate.company, month)
    estate.tallies[name] = tally
    with ExitStack() as stack:
        bills = [
            (form, stack.enter_context(
                estate.writer(estate.folder / form.name / name, form.fields, convert=form.convert)
            ))
            for form in estate.forms
        ]  # fmt: skip
        blocks = month_blocks(
            estate.company, month, tally=tally, balances=balances, first_delivery=first_delivery
        )
        for block in blocks:
            for form, bill in bills:
                rows = bill.write(block)
                costs = estate.costs.setdefault(form.name, {})
                costs[name] = costs.get(name, 0) + sum(rows.amounts[form.cost].tolist())
            for event in () if first_delivery else story.EVENTS:
                estate.extras[event] += event_extra(block, event)
    for form, bill in bills:
        estate.rows.setdefault(form.name, {})[name] = bill.rows
    if not first_delivery:
        estate.used += truth.commitment_month(month, balances, estate.company)


def _truth(estate: _Estate, span: Sequence[Month]) -> Truth:
    tallies = {month.label: estate.tallies[month.label] for month in span}
    costs = {
        form: {name: truth.dollars(cost) for name, cost in found.items()}
        for form, found in estate.costs.items()
    }
    return Truth(
        seed=estate.company.seed,
        months=tuple(tallies),
        totals={label: truth.written(tally.by_account) for label, tally in tallies.items()},
        categories={label: truth.written(tally.by_category) for label, tally in tallies.items()},
        services={label: truth.written(tally.by_service) for label, tally in tallies.items()},
        invoices={
            label: {number: truth.dollars(cost) for number, cost in sorted(tally.invoices.items())}
            for label, tally in tallies.items()
        },
        source_cost=costs,
        rows=estate.rows,
        anomalies=tuple(truth.anomaly(event, extra) for event, extra in estate.extras.items() if extra),
        restated=truth.restated(estate.tallies),
        late=truth.late(tallies),
        partial=truth.partial_month(span[-1]),
        commitments=tuple(estate.used),
        tag_coverage=truth.coverage(list(tallies.values())),
        **_told(estate.company, tallies),
    )


def _told(who: Company, tallies: dict[str, Tally]) -> dict[str, Any]:
    """Keep of the story what lies in the months written."""
    said = truth.told(who)
    said["credits"] = {label: cost for label, cost in said["credits"].items() if label in tallies}
    said["refund"] = said["refund"] if said["refund"]["billed_in"] in tallies else {}
    return said

"""Take a bill in: every row accepted or set aside, every delivery in the lake, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from finops_lib.billing import datasets, landing, rivals
from finops_lib.billing import source as files
from finops_lib.billing.conform import RULES
from finops_lib.billing.delivery import Delivery, moved
from finops_lib.billing.flags import Costs, added
from finops_lib.billing.formats import Format, recognise
from finops_lib.billing.formats.focus_datasets import DATASETS
from finops_lib.billing.intake import Intake
from finops_lib.billing.lake import Lake
from finops_lib.billing.schema import Written
from finops_lib.billing.unreadable import no_rows
from finops_lib.errors import RefusedDeliveryError
from finops_lib.privacy import People
from finops_lib.records import Conformance, RuleCount, Snapshot, content_id

Current = Mapping[tuple[str, str, str, str], Snapshot]


def ingest(
    paths: Sequence[Path],
    *,
    lake: Lake,
    people: People,
    now: datetime,
    scope: str = "",
    force: bool = False,
    rates: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Conformance:
    """Put these files into the lake as deliveries, all in one atomic commit.

    The files of one call are parts of one export. A delivery (provider, billing account, billing period,
    scope) takes the place of the one in the lake; the same content again changes nothing. The slices of an
    export that appends each have a scope of their own, and stand beside one another.

    Parameters
    ----------
    paths : sequence of Path
        Files, or folders of parts.
    lake : Lake
        The store.
    people : People
        Who gives pseudonyms.
    now : datetime
        The moment of delivery.
    scope : str
        Names a slice of a period that stands beside others instead of replacing them.
    force : bool
        Accept a delivery that covers fewer days or much less cost than the one in place or shows another
        view of cost, files of the same content, one delivery in two folders, and rows or windows that
        another slice holds already.
    rates : Path, optional
        Prices, for usage that comes without.
    progress : callable, optional
        Told the file's name, bytes read and bytes in all.

    Returns
    -------
    Conformance

    Raises
    ------
    UnknownFormatError, UnreadableBillError, RefusedDeliveryError, LakeError, PrivacyError
        Nothing was changed.
    """
    folders = {part: path for path in paths if path.is_dir() for part in files.expand([path])}
    sources = [files.open_source(path) for path in files.expand(paths)]
    form = _priced(_one_format(sources), sources, rates)
    if form.kind in DATASETS:
        return datasets.take(
            sources, form=form, lake=lake, people=people, now=now, scope=scope, force=force, progress=progress
        )
    with lake.writing():
        lake.sweep()
        intake = Intake(lake, people, form, folders, scope)
        try:
            for item in sources:
                intake.read(item, progress=progress)
            _refuse_empty(intake, sources)
            if not force:
                landing.refuse_copies(intake.contents)
                _refuse_apart(intake)
            intake.settle()
            records = _land(intake, now=now, force=force)
            return _conformance(intake, sources, records)
        except BaseException:
            people.rollback()
            intake.abandon()
            raise


def _one_format(sources: Sequence[files.Source]) -> Format:
    forms = {form.name: form for form in map(recognise, sources)}
    if len(forms) > 1:
        raise RefusedDeliveryError(
            f"files of {' and '.join(sorted(forms))}",
            "the files of one call are parts of one export",
            "ingest each export by itself",
        )
    return next(iter(forms.values()))


def _priced(form: Format, sources: Sequence[files.Source], rates: Path | None) -> Format:
    """Give usage without prices its rates; a bill with prices takes none."""
    if form.priced is None and rates is None:
        return form
    value = f"file {sources[0].path.name}"
    if form.priced is None:
        raise RefusedDeliveryError(
            value, f"{form.name} has prices of its own, so {rates} would not be used", "leave out --rates"
        )
    if rates is None:
        raise RefusedDeliveryError(
            value, f"{form.name} says what there is, not what it costs", "name the prices with --rates FILE"
        )
    return replace(form, to_focus=form.priced(rates))


def _refuse_empty(intake: Intake, sources: Sequence[files.Source]) -> None:
    if not intake.rows:
        raise no_rows(", ".join(item.path.name for item in sources[:3]))
    if not intake.deliveries:
        broken = "; ".join(f"{rows} rows: {RULES[rule]}" for rule, (rows, _) in sorted(intake.rules.items()))
        raise RefusedDeliveryError(
            f"file {sources[0].path.name}",
            f"no row could be accepted ({broken})",
            "correct the export, then ingest again",
        )


def _refuse_apart(intake: Intake) -> None:
    if intake.form.delivery == "overwrites":
        landing.refuse_apart({key[:3]: item.folders for key, item in intake.deliveries.items()})


def _land(intake: Intake, *, now: datetime, force: bool) -> list[Snapshot]:
    """Close all deliveries, judge them against those in place, and make them current."""
    lake = intake.lake
    current = {item.key: item for item in lake.snapshots() if item.kind == intake.form.kind}
    written: list[Written] = []
    records: list[Snapshot] = []
    for item in intake.deliveries.values():
        closed = item.close()
        record = _record(intake, item, current, now=now)
        if record.unchanged:
            landing.discard(closed)
        else:
            landing.refuse_shrunken(record, current.get(record.key), force=force)
            written += moved(closed, record.id)
        records.append(record)
    fresh = [record for record in records if not record.unchanged]
    if not force:
        rivals.refuse_overlaps(fresh, current.values())
        rivals.refuse_repeated(fresh, written, lake=lake, column=intake.form.row_key)
        if intake.form.delivery == "overwrites":
            rivals.refuse_lost(fresh, written, lake=lake)
            rivals.refuse_renamed(fresh, written, lake=lake)
    if fresh:
        intake.people.commit()
        lake.land(written, records=fresh, replaced=[record.replaces for record in fresh if record.replaces])
    return records


def _record(intake: Intake, item: Delivery, current: Current, *, now: datetime) -> Snapshot:
    before = current.get(item.key)
    content = content_id([intake.form.name, item.key, sorted(item.digests)])
    unchanged = before is not None and before.content == content
    days = item.flags.days()
    whole = intake.form.delivery == "overwrites"
    variants = intake.conformer.tags.spellings
    return Snapshot(
        *item.key,
        id=before.id if unchanged and before else content_id([content, now, before.id if before else ""]),
        content=content,
        source=intake.form.name,
        rows=item.rows,
        quarantined=item.quarantined,
        cost=item.accepted,
        first_day=str(days[0]) if days else "",
        last_day=str(days[-1]) if days else "",
        days=len(days),
        delivered=before.delivered if unchanged and before else now,
        unchanged=unchanged,
        replaces=before.id if before and not unchanged else "",
        flags=item.flags.found(now=now, ends=item.ends, variants=variants, whole=whole),
        kind=item.kind,
        view=landing.one_view(item.views, what=" ".join(item.key[:3])),
        tag_columns=intake.conformer.tags.renamed,
        exported=tuple(_moment(moment) for moment in item.exported or ()),
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _conformance(intake: Intake, sources: Sequence[files.Source], records: Sequence[Snapshot]) -> Conformance:
    accepted: Costs = {}
    beside: Costs = {}
    for item in intake.deliveries.values():
        accepted = added(accepted, item.accepted)
        beside = added(beside, {code: -gap for code, gap in item.residual().items()})
    broken = [
        RuleCount(rule, "quarantine", rows, cost, RULES[rule])
        for rule, (rows, cost) in sorted(intake.rules.items())
    ]
    set_aside = sum(rows for rows, _ in intake.rules.values())
    return Conformance(
        source=intake.form.name,
        focus_version=intake.form.version(sources[0].header),
        rows_read=intake.rows,
        rows_accepted=intake.rows - set_aside,
        rows_quarantined=set_aside,
        source_cost=intake.source,
        accepted=accepted,
        quarantined=intake.quarantined,
        rounding=intake.rounding,
        snapshots=tuple(sorted(records, key=lambda record: record.key)),
        flags=(*broken, *landing.merged_flags(records)),
        beside={code: amount for code, amount in beside.items() if amount},
        kind=intake.form.kind,
    )

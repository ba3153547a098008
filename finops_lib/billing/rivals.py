"""Does another delivery of the lake hold the same money already, or money that this one would lose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from finops_lib.billing.compare import lost, repeated, same_cells
from finops_lib.billing.lake import CHARGES, Lake
from finops_lib.billing.schema import Written
from finops_lib.errors import RefusedDeliveryError
from finops_lib.records import Snapshot

_FEWEST = 2  # days that cost the same; one may be chance
_ALIKE = Decimal("0.5")  # share of a bill's days that cost the same in another account


def refuse_overlaps(fresh: Sequence[Snapshot], current: Iterable[Snapshot]) -> None:
    """Refuse windows that overlap another one of the same account: their money would count twice.

    Parameters
    ----------
    fresh : sequence of Snapshot
        Deliveries that are to land.
    current : iterable of Snapshot
        Those in place.

    Raises
    ------
    RefusedDeliveryError
        Two of them overlap; they are named. Scopes that are no window (``start/end``) never do.
    """
    gone = {item.replaces for item in fresh}
    held = [item for item in current if item.id not in gone]
    for number, new in enumerate(fresh):
        for other in (*held, *fresh[:number]):
            if other.key[:2] == new.key[:2] and other.id != new.id and _overlap(other.scope, new.scope):
                raise RefusedDeliveryError(
                    f"window {new.scope} of {new.provider} {new.account}",
                    f"it overlaps the window {other.scope}, and cost in both would count twice",
                    "ask for windows that follow one another; with --force both are kept",
                )


def _overlap(one: str, other: str) -> bool:
    first, second = one.split("/"), other.split("/")
    if len(first) != 2 or len(second) != 2 or one == other:  # noqa: PLR2004  # a start and an end
        return False  # one window over two months is two deliveries
    return first[0] < second[1] and second[0] < first[1]


def refuse_repeated(fresh: Sequence[Snapshot], files: Sequence[Written], *, lake: Lake, column: str) -> None:
    """Refuse rows that another slice holds already.

    Parameters
    ----------
    fresh : sequence of Snapshot
        Deliveries that are to land.
    files : sequence of Written
        Their files.
    lake : Lake
        The store.
    column : str
        The column that no two rows share; empty where there is none.

    Raises
    ------
    RefusedDeliveryError
        Some rows are there twice; their count and one of them are said.
    """
    staged = [str(item.path) for item in files if item.table == CHARGES]
    if not column or not staged:
        return
    gone = {item.replaces for item in fresh}
    wanted = {(*item.key[:2], item.kind) for item in fresh}
    held = {item.id for item in lake.snapshots() if (*item.key[:2], item.kind) in wanted} - gone
    rows, example = repeated(column, staged=staged, current=lake.files(CHARGES, of=held))
    if rows:
        raise RefusedDeliveryError(
            f"{rows} rows, among them {column.removeprefix('x_')} {example[:80]}",
            "another slice holds them already, and their money would count twice",
            "leave that file out; with --force both are kept",
        )


def refuse_lost(fresh: Sequence[Snapshot], files: Sequence[Written], *, lake: Lake) -> None:
    """Refuse a delivery that lacks sub-accounts which cost something in the one in place.

    Parameters
    ----------
    fresh : sequence of Snapshot
        Deliveries that are to land.
    files : sequence of Written
        Their files.
    lake : Lake
        The store.

    Raises
    ------
    RefusedDeliveryError
        An export of one part of the account would take the place of another part's.
    """
    for item in fresh:
        staged, current = _files_of(item, files), lake.files(CHARGES, of={item.replaces})
        gone = lost("SubAccountId", staged=staged, current=current) if staged and current else []
        if gone:
            named = ", ".join(gone[:3]) + (" and others" if len(gone) > 3 else "")  # noqa: PLR2004  # a sentence
            raise RefusedDeliveryError(
                f"delivery {item.provider} {item.account} {item.billing_period}",
                f"it has no charge of the sub-accounts {named}, which the one in place has",
                "export the whole account, or name the part with --scope; with --force it takes over",
            )


def refuse_renamed(fresh: Sequence[Snapshot], files: Sequence[Written], *, lake: Lake) -> None:
    """Refuse a bill that is in the lake already under another name of its account.

    Parameters
    ----------
    fresh : sequence of Snapshot
        Deliveries that are to land.
    files : sequence of Written
        Their files.
    lake : Lake
        The store.

    Raises
    ------
    RefusedDeliveryError
        At least half of its days of service and sub-account cost exactly what they cost there.
    """
    held = lake.snapshots()
    for item in fresh:
        others = [other for other in held if _may_be_same(item, other)]
        staged, current = _files_of(item, files), lake.files(CHARGES, of={other.id for other in others})
        same, whole = same_cells(staged=staged, current=current) if staged and current else (0, 0)
        if same >= _FEWEST and same >= whole * _ALIKE:
            raise RefusedDeliveryError(
                f"delivery {item.provider} {item.account} {item.billing_period}",
                f"{same} of its {whole} days of service and sub-account cost exactly what they cost in "
                f"account {others[0].account}: it seems to be the same bill under another name",
                "take in one of the two layouts; with --force both are kept",
            )


def _may_be_same(new: Snapshot, old: Snapshot) -> bool:
    told = (new.provider, new.billing_period, new.kind) == (old.provider, old.billing_period, old.kind)
    return told and new.account != old.account and new.scope == old.scope


def _files_of(item: Snapshot, files: Sequence[Written]) -> list[str]:
    return [str(file.path) for file in files if file.table == CHARGES and file.snapshot == item.id]

"""May this delivery take the place of the one in the lake."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from finops_lib.billing.flags import added
from finops_lib.billing.schema import Written
from finops_lib.errors import RefusedDeliveryError
from finops_lib.records import RuleCount, Snapshot, plain

_SHRUNKEN = Decimal("0.5")  # less than half of the cost in place


def refuse_shrunken(new: Snapshot, old: Snapshot | None, *, force: bool) -> None:
    """Refuse a delivery that covers fewer days or much less cost than the one in place.

    Parameters
    ----------
    new, old : Snapshot
        The delivery, and the one in place (None where there is none).
    force : bool
        Accept it all the same.

    Raises
    ------
    RefusedDeliveryError
        It shrank.
    """
    if old is None or force:
        return
    what = f"delivery {new.provider} {new.account} {new.billing_period}"
    remedy = "check that the export is complete; if the provider did withdraw charges, use --force"
    _refuse_view(new, old, what=what)
    _refuse_exported(new, old, what=what)
    shorter = new.last_day < old.last_day or new.first_day > old.first_day
    if old.last_day and (shorter or new.days < old.days):
        raise RefusedDeliveryError(
            what,
            f"it covers {_days(new, shorter=shorter)}, the one in place {_days(old, shorter=shorter)}; "
            "a new delivery covers at least the same days",
            remedy,
        )
    for code, cost in old.cost.items():
        now = new.cost.get(code, Decimal(0))
        if cost > 0 and now < cost * _SHRUNKEN:
            raise RefusedDeliveryError(
                what,
                f"it costs {plain(now)} {code}, the one in place {plain(cost)}; "
                "less than half is not believed",
                remedy,
            )


def _refuse_view(new: Snapshot, old: Snapshot, *, what: str) -> None:
    if new.view and old.view and new.view != old.view:
        raise RefusedDeliveryError(
            what,
            f"it shows {new.view} cost, the one in place {old.view} cost of the same charges",
            "take in one of the two exports; with --force this one takes over",
        )


def _refuse_exported(new: Snapshot, old: Snapshot, *, what: str) -> None:
    if not (new.exported and old.exported):
        return
    if new.exported[0] > old.exported[0] or new.exported[1] < old.exported[1]:
        raise RefusedDeliveryError(
            what,
            f"it was exported from {' to '.join(new.exported)}, the one in place from "
            f"{' to '.join(old.exported)}; a slice that takes over covers at least the same time",
            "export the whole day again; with --force this one takes over",
        )


def one_view(views: set[str], *, what: str) -> str:
    """Which view of cost does a delivery show, if it can be told.

    Parameters
    ----------
    views : set of str
        What its rows show: ``actual``, ``amortized``, or ``zero`` for covered usage at cost 0, which only
        hints at the actual view.
    what : str
        The delivery.

    Returns
    -------
    str
        ``actual``, ``amortized`` or empty.

    Raises
    ------
    RefusedDeliveryError
        It shows both, and its money would count twice.

    Examples
    --------
    >>> [one_view(views, what="a delivery") for views in ({"zero"}, {"zero", "amortized"}, set())]
    ['actual', 'amortized', '']
    """
    sure = views - {"zero"}
    if len(sure) > 1:
        raise RefusedDeliveryError(
            f"delivery {what}",
            f"it holds {' and '.join(sorted(sure))} cost of the same charges",
            "take in one of the two exports",
        )
    return next(iter(sure), "actual" if views else "")


def refuse_copies(contents: Mapping[Path, str]) -> None:
    """Refuse files of the same content in one call: their money would count twice.

    Parameters
    ----------
    contents : mapping of Path to str
        Each file's sha256.

    Raises
    ------
    RefusedDeliveryError
        Two are the same; they are named.
    """
    first: dict[str, Path] = {}
    for path, digest in contents.items():
        if digest in first:
            raise RefusedDeliveryError(
                f"files {first[digest]} and {path}",
                "they have the same content, and their money would count twice",
                "name one of them, or use --force if both are charged",
            )
        first[digest] = path


def refuse_apart(folders: Mapping[tuple[str, str, str], set[Path]]) -> None:
    """Refuse a delivery that lies in two of the folders named: an earlier one may be among them.

    Parameters
    ----------
    folders : mapping of tuple of str to set of Path
        The folders that each delivery (provider, account, billing period) came from.

    Raises
    ------
    RefusedDeliveryError
        There are several; they are named.
    """
    for key, found in folders.items():
        if len(found) > 1:
            raise RefusedDeliveryError(
                f"delivery {' '.join(key)} in folders {' and '.join(sorted(map(str, found)))}",
                "one folder holds a delivery whole, and two of them would be added up",
                "take one in after the other, the newest last, or use --force if both are parts of it",
            )


def _days(item: Snapshot, *, shorter: bool) -> str:
    span = f"{item.first_day} to {item.last_day}" if item.first_day else "no day"
    return span if shorter else f"{item.days} days of {span}"


def discard(files: Sequence[Written]) -> None:
    """Remove staged files that will not be current.

    Parameters
    ----------
    files : sequence of Written
        Files under a provisional id.
    """
    for folder in {item.path.parent for item in files}:
        shutil.rmtree(folder)


def merged_flags(records: Sequence[Snapshot]) -> list[RuleCount]:
    """What is doubtful about these deliveries together.

    Parameters
    ----------
    records : sequence of Snapshot
        Deliveries.

    Returns
    -------
    list of RuleCount
        One for each flag and detail; rows and cost added up.
    """
    found: dict[tuple[str, str], RuleCount] = {}
    for flag in (flag for record in records for flag in record.flags):
        name = (flag.rule, flag.detail)
        held = found.get(name)
        rows, cost = (held.rows, held.cost) if held else (0, {})
        found[name] = RuleCount(flag.rule, flag.action, rows + flag.rows, added(cost, flag.cost), flag.detail)
    return list(found.values())

"""May this delivery take the place of the one in the lake."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from decimal import Decimal

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
    if old.last_day and (new.last_day < old.last_day or new.first_day > old.first_day):
        raise RefusedDeliveryError(
            what,
            f"it covers {_days(new)}, the one in place {_days(old)}; "
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


def _days(item: Snapshot) -> str:
    return f"{item.first_day} to {item.last_day}" if item.first_day else "no day"


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

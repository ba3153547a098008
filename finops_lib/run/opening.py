"""What a notebook was told, turned into values: settings, moment, month, currency, rates and invoices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from finops_lib.cost.completeness import newest_complete_month
from finops_lib.cost.periods import settled
from finops_lib.cost.spend import currencies
from finops_lib.errors import ParameterError, QueryError, SettingsError
from finops_lib.records import Period
from finops_lib.units import Rates

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

_INVOICE_COLUMNS = ["InvoiceId", "BillingPeriod", "BillingCurrency", "Amount"]


@dataclass(frozen=True)
class SettingsUsed:
    """The settings of a run: ``values`` by room, and the ``files`` they came from with commit and sha256."""

    values: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[Mapping[str, str], ...] = ()

    def table(self) -> pd.DataFrame:
        """Return one row for each settings file: ``file``, ``commit``, ``sha256``."""
        lines = [
            {name: str(item.get(name) or "(none)") for name in ("file", "commit", "sha256")}
            for item in self.files
        ]
        return pd.DataFrame(lines, columns=["file", "commit", "sha256"], dtype="str")


def settings_used(path: str) -> SettingsUsed:
    """Which settings does this run use.

    Parameters
    ----------
    path : str
        JSON with ``values`` (room to settings) and ``files``; empty is every default.

    Returns
    -------
    SettingsUsed

    Raises
    ------
    SettingsError
        The file cannot be read or is of another shape.
    """
    if not path:
        return SettingsUsed()
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"settings {path}: {error}", _SETTINGS_RULE, _SETTINGS_REMEDY) from error
    values = content.get("values") if isinstance(content, dict) else None
    files = content.get("files", []) if isinstance(content, dict) else None
    if not isinstance(values, dict) or not isinstance(files, list):
        raise SettingsError(f"settings {path}", _SETTINGS_RULE, _SETTINGS_REMEDY)
    return SettingsUsed(values, tuple(item for item in files if isinstance(item, dict)))


_SETTINGS_RULE = "resolved settings are JSON with the objects 'values' and 'files'"
_SETTINGS_REMEDY = "run the notebook with finops report, which writes them"


def moment(text: str) -> datetime:
    """Which moment is this, in UTC.

    Parameters
    ----------
    text : str
        ISO 8601, UTC where it names no zone; empty is now by the clock.

    Returns
    -------
    datetime

    Raises
    ------
    ParameterError
        The text is no moment.
    """
    if not text:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ParameterError(
            f"now = {text!r}", "a moment is ISO 8601", "write, for example, 2026-08-10T06:00:00Z"
        ) from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def chosen_month(engine: Engine, month: str, *, last_days: int) -> str:
    """Which month is looked at.

    Parameters
    ----------
    engine : Engine
        The open lake.
    month : str
        ``YYYY-MM``; empty is the newest one without a day still filling up.
    last_days : int
        As in `incomplete_days`.

    Returns
    -------
    str

    Raises
    ------
    QueryError
        The lake is empty, or has no delivery for the month.
    """
    known = sorted({snapshot.billing_period for snapshot in engine.snapshots})
    if not known:
        raise QueryError("the lake", "it has no delivery yet", "bring in a bill with finops ingest FILE")
    if not month:
        return newest_complete_month(engine.snapshots, last_days=last_days, settled=settled(engine))
    label = Period.month(month).label
    if label not in known:
        raise QueryError(
            f"month {month!r}", "a notebook looks at a month with a delivery", f"try {', '.join(known[-3:])}"
        )
    return label


def chosen_currency(engine: Engine, currency: str, *, converting: bool) -> str:
    """Which currency is looked at.

    Parameters
    ----------
    engine : Engine
        The open lake.
    currency : str
        ISO 4217 code; empty is the only one of the lake.
    converting : bool
        Whether amounts are converted to it, so that it need not be in the lake.

    Returns
    -------
    str
        Empty where the lake has several and none was named.

    Raises
    ------
    QueryError
        The lake is not billed in this currency.
    """
    known = currencies(engine)
    if not currency:
        return known[0] if len(known) == 1 else ""
    if currency not in known and not converting:
        raise QueryError(
            f"currency {currency!r}",
            "a notebook looks at a currency of the lake",
            f"try {', '.join(known)}, or give a rates file",
        )
    return currency


def opened(rates: str, *, currency: str) -> Rates:
    """Which exchange rates does this file state, given what they convert to.

    Parameters
    ----------
    rates : str
        Path of a rates file.
    currency : str
        What is converted to.

    Returns
    -------
    Rates

    Raises
    ------
    ParameterError
        No currency to convert to.
    SettingsError
        The file breaks its own rules.
    """
    if not currency:
        raise ParameterError(f"rates = {rates!r}", "rates convert to a currency", "give currency too")
    return Rates.load(Path(rates))


def invoice_lines(path: str) -> pd.DataFrame:
    """Which invoice totals does this file state.

    Parameters
    ----------
    path : str
        CSV with ``InvoiceId``, ``BillingPeriod`` (YYYY-MM), ``BillingCurrency``, ``Amount``; empty is none.

    Returns
    -------
    DataFrame
        All columns as text, so that no cent is lost.

    Raises
    ------
    SettingsError
        The file cannot be read.
    """
    if not path:
        return pd.DataFrame(columns=_INVOICE_COLUMNS, dtype="str")
    try:
        return pd.read_csv(path, dtype="str", keep_default_na=False)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"invoices {path}: {error}", "invoice totals are a UTF-8 CSV", "check the path and the file"
        ) from error

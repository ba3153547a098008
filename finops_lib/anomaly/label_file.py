"""What did people say of earlier anomalies: a file of labels.

CSV with a heading of the columns

- ``key``: of the anomaly, 16 hexadecimal digits, as a report tells it;
- ``team``: who says it;
- ``said``: ``real``, ``planned`` or ``false alarm``;
- ``at``: when, a day or a moment of ISO 8601 (UTC where it names no zone);
- ``p_value``: of the anomaly, 0 to 1.

Further columns are let be.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from finops_lib.anomaly.labels import FALSE_ALARM, LABELS, PLANNED, Label
from finops_lib.errors import SettingsError

COLUMNS = ("key", "team", "said", "at", "p_value")
_KEY = re.compile(r"[0-9a-f]{16}", re.ASCII)
_SHOWN = 60  # characters of a wrong value in a message


def parse(text: str, *, name: str) -> tuple[Label, ...]:
    r"""Which labels does this text hold.

    Parameters
    ----------
    text : str
        Of a CSV file.
    name : str
        Of the file, for errors.

    Returns
    -------
    tuple of Label
        In the order of the file.

    Raises
    ------
    SettingsError
        A column is missing, or a row is no label.

    Examples
    --------
    >>> text = "key,team,said,at,p_value\n0123456789abcdef,web,planned,2026-07-03,0.001"
    >>> [label] = parse(text, name="labels.csv")
    >>> label.said, label.team, label.at.isoformat()
    ('planned', 'web', '2026-07-03T00:00:00+00:00')
    """
    file = f"labels file {name}"
    try:
        reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
        lines = list(reader)
    except csv.Error as error:
        raise SettingsError(f"{file}: {error}", "it is CSV", "mend its quotes") from None
    heading = reader.fieldnames
    missing = [column for column in COLUMNS if heading is not None and column not in heading]
    if missing:
        raise SettingsError(
            f"{file}: column {missing[0]}", f"its columns are {', '.join(COLUMNS)}", "add it to the heading"
        )
    return tuple(_label(line, f"{file}, row {place}") for place, line in enumerate(lines, start=1))


def _label(line: Mapping[str, str | None], where: str) -> Label:
    value = {column: str(line[column] or "").strip() for column in COLUMNS}
    if not _KEY.fullmatch(value["key"]):
        raise _refused(where, "key", value["key"], "it is 16 hexadecimal digits", "copy it from the report")
    if value["said"] not in LABELS:
        raise _refused(where, "said", value["said"], f"it is one of {', '.join(LABELS)}", "write one of them")
    try:
        at = datetime.fromisoformat(value["at"])
        p_value = float(value["p_value"])
        if not 0 <= p_value <= 1:
            raise ValueError("out of bounds")
    except ValueError:
        shown = f"{value['at']}, {value['p_value']}"
        rule = "at is ISO 8601, and p_value from 0 to 1"
        raise _refused(where, "at, p_value", shown, rule, "as in 2026-07-03 and 0.001") from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return Label(value["team"], p_value, value["said"], at, value["key"])


def _refused(where: str, column: str, value: str, rule: str, remedy: str) -> SettingsError:
    return SettingsError(f"{where}: {column} {value[:_SHOWN]!r}", rule, remedy)


def settled(labels: Iterable[Label]) -> Mapping[str, str]:
    """Which anomalies need no alert any more, because somebody said that they are planned or no matter.

    Parameters
    ----------
    labels : iterable of Label
        The newest of an anomaly counts.

    Returns
    -------
    mapping of str to str
        Key of the anomaly to what was said.

    Examples
    --------
    >>> day = datetime(2026, 7, 1, tzinfo=UTC)
    >>> settled([Label("web", 0.1, "planned", day, "a"), Label("web", 0.1, "real", day, "b")])
    {'a': 'planned'}
    """
    newest = {label.key: label.said for label in sorted(labels, key=lambda one: one.at) if label.key}
    return {key: said for key, said in newest.items() if said in {PLANNED, FALSE_ALARM}}

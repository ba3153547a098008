"""How a notebook shows things: tables, pictures, notes and the summary, safe with any text in the data.

Nothing of a bill becomes markup: each cell and heading is escaped here, one by one.
"""

from __future__ import annotations

import html
import io
import json
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from itables import options, to_html_datatable
from itables.javascript import generate_init_offline_itables_html
from matplotlib import rc_context
from matplotlib.axes import Axes

from finops_lib.records import Record, plain
from finops_lib.units import cents, money_text, share_text

SUMMARY_TYPE = "application/vnd.finops.summary+json"
_SHARES = frozenset({"Rate", "ChangeShare", "Coverage", "Share", "UnknownShare", "Breach"})
_STYLE = (
    "<style>.finops{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    ".finops th,.finops td{padding:.25em .8em;border-bottom:1px solid #ddd;text-align:left}"
    ".finops .n,.finops .s{white-space:nowrap}.finops .n{text-align:right}"
    ".finops td:not(.n):not(.s){min-width:12em;max-width:34em;overflow-wrap:anywhere}"
    ".finops caption{text-align:left;color:#555}</style>"
)
_NO_FORMULA = "mathjax_ignore"  # Lab would set what stands between two dollar signs as a formula
_LONGEST_CELL = 120
_UNBROKEN = 24  # characters that a cell keeps on one line: a date, a month, an account
_SVG: Any = {"svg.fonttype": "none", "svg.hashsalt": "finops", "hatch.linewidth": 0.6}


@dataclass(frozen=True)
class Shown:
    """Something to look at: one text for each kind of front end, as Jupyter asks for it."""

    bundle: Mapping[str, Any]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return dict(self.bundle)

    def __repr__(self) -> str:
        return str(self.bundle["text/plain"])


def table(frame: pd.DataFrame, *, rows: int = 40, caption: str = "", currency: str = "") -> Shown:
    """Which table does a reader see: money with its sign, shares in per cent, what is unknown in words.

    Parameters
    ----------
    frame : DataFrame
        Money columns hold Decimals in the currency of the row's ``BillingCurrency``.
    rows : int
        Rows to show, a count; how many more there are is said below.
    caption : str
        A line above the table.
    currency : str
        For frames without ``BillingCurrency``.

    Returns
    -------
    Shown
        HTML and plain text.
    """
    shown = _texts(frame.head(rows), currency=currency)
    left = len(frame) - len(shown)
    note = f"{left:,} more rows are not shown." if left else ""
    words = " ".join(text for text in (caption, note) if text)
    numeric = [_is_number(frame[name]) for name in frame.columns]
    text = shown.to_string(index=False) if len(shown) else "(no rows)"
    return Shown({"text/plain": f"{words}\n{text}".strip(), "text/html": _html(shown, numeric, words)})


def sortable(frame: pd.DataFrame, *, wrap: bool = True) -> Shown:
    """Which table can a reader sort and search, with no network.

    Parameters
    ----------
    frame : DataFrame
        As for `table`; money is rounded to the cent, since this is for looking only.
    wrap : bool
        Break long cells; else each row is one line, and a wide table is moved sideways.

    Returns
    -------
    Shown
        HTML with its own script, and plain text.
    """
    numbers = [name for name in frame.columns if _is_number(frame[name])]
    shown = _texts(frame, currency="")
    for name in numbers:
        shown[f"{name} (order)"] = _sortable_column(frame, name)
    places = [list(frame.columns).index(name) for name in numbers]
    drawn = to_html_datatable(
        shown, connected=False, showIndex=False, display_logo_when_loading=False,
        format_floats_in_python=False, maxBytes="2MB", lengthMenu=[10, 25, 100],
        classes="display compact" if wrap else "display compact nowrap",
        order=[[place, "desc"] for place in places], columnDefs=_ordered(places, width=len(frame.columns)),
    )  # fmt: skip
    script = generate_init_offline_itables_html(options.dt_bundle)
    return Shown({"text/plain": f"a table of {len(frame):,} rows", "text/html": script + drawn})


def _ordered(places: Sequence[int], *, width: int) -> list[dict[str, Any]]:
    """Sort each column of numbers by a hidden one: the page's content policy lets no code be made."""
    shown = [
        {"targets": place, "orderData": width + number, "className": "dt-right"}
        for number, place in enumerate(places)
    ]
    hidden = {"targets": list(range(width, width + len(places))), "visible": False, "searchable": False}
    return [*shown, hidden] if places else []


def picture(ax: Axes) -> Shown:
    """Which picture was drawn, as vector graphics that need no network.

    Parameters
    ----------
    ax : Axes
        Any axes of the figure.

    Returns
    -------
    Shown
        SVG with real text, and the title as plain text.
    """
    title = ax.get_title(loc="left").replace(r"\$", "$")
    return Shown({"text/plain": title or "picture", "image/svg+xml": svg(ax)})


def svg(ax: Axes) -> str:
    """How is this figure written as SVG, the same bytes for the same data.

    Parameters
    ----------
    ax : Axes
        Any axes of the figure.

    Returns
    -------
    str
    """
    written = io.StringIO()
    with rc_context(_SVG), warnings.catch_warnings():
        # A name in a script that the built-in font lacks is written as text: the reader's own font has it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        ax.get_figure(root=True).savefig(written, format="svg", metadata={"Date": None})  # type: ignore[union-attr]  # axes here stand on a figure
    text = written.getvalue()
    return text[text.index("<svg") :]


def notes(sentences: Sequence[str], *, nothing: str = "Nothing to note.") -> Shown:
    """What should the reader know, as a list.

    Parameters
    ----------
    sentences : sequence of str
        One point each.
    nothing : str
        What is said when there is none.

    Returns
    -------
    Shown
    """
    said = list(sentences) or [nothing]
    items = "".join(f"<li>{html.escape(_clean(sentence))}</li>" for sentence in said)
    plain_text = "\n".join(f"- {line}" for line in said)
    return Shown({"text/plain": plain_text, "text/html": f'<ul class="{_NO_FORMULA}">{items}</ul>'})


def summary(values: Mapping[str, Any]) -> Shown:
    """What is the answer in a form that the next program reads: decimals as text, unknown as null.

    Parameters
    ----------
    values : mapping
        Stable keys; values are texts, counts, decimals, times, records, lists or mappings of these.

    Returns
    -------
    Shown
        JSON under ``application/vnd.finops.summary+json``, with a table for the reader.
    """
    content = {name: _json(value) for name, value in values.items()}
    lines = [
        (name, value if isinstance(value, str) else json.dumps(value)) for name, value in content.items()
    ]
    shown = pd.DataFrame([(name, _cut(text)) for name, text in lines], columns=["Key", "Value"], dtype="str")
    bundle = {"text/plain": shown.to_string(index=False), "text/html": _html(shown, [False, False], "")}
    return Shown({SUMMARY_TYPE: content, **bundle})


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as mappings that JSON can hold.

    Parameters
    ----------
    frame : DataFrame
        Any frame of this library.

    Returns
    -------
    list of dict
    """
    lines = zip(*(frame[name] for name in frame.columns), strict=True)
    return [
        {str(name): _json(value) for name, value in zip(frame.columns, line, strict=True)} for line in lines
    ]


def named(figures: Mapping[str, str]) -> list[dict[str, str]]:
    """Return texts by name as a list that keeps its order where keys are sorted.

    Parameters
    ----------
    figures : mapping of str to str
        Name to text.
    """
    return [{"name": name, "value": value} for name, value in figures.items()]


def largest_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame from `finops_lib.cost.spend.spend` with its largest costs first, unknown ones last.

    Parameters
    ----------
    frame : DataFrame
        With a column ``cost``.

    Returns
    -------
    DataFrame
    """
    costs = list(frame["cost"])
    order = sorted(range(len(costs)), key=lambda row: (costs[row] is None, -(costs[row] or Decimal(0)), row))
    return frame.iloc[order].reset_index(drop=True)


def _json(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_json()
    if isinstance(value, Mapping):
        return {str(name): _json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    return None if _unknown(value) else _json_scalar(value)


def _json_scalar(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, str | bool | int | float) else str(value)


def _texts(frame: pd.DataFrame, *, currency: str) -> pd.DataFrame:
    codes = frame["BillingCurrency"] if "BillingCurrency" in frame else [currency] * len(frame)
    columns = {
        _clean(name): [
            _text(value, name=str(name), currency=code)
            for value, code in zip(frame[name], codes, strict=True)
        ]
        for name in frame.columns
    }
    return pd.DataFrame(columns, dtype="str")


def _text(value: Any, *, name: str, currency: str) -> str:
    if _unknown(value):
        return "unknown"
    if isinstance(value, Decimal):
        return share_text(value) if name in _SHARES else money_text(value, currency=currency)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.hour == value.minute == 0 else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int | np.integer) else _cut(_clean(value))


def _unknown(value: Any) -> bool:
    if isinstance(value, Decimal):
        return not value.is_finite()
    return value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"


def _clean(value: object) -> str:
    return "".join(letter if letter.isprintable() or letter == "\n" else "·" for letter in str(value))


def _is_number(values: pd.Series) -> bool:
    return any(
        isinstance(value, Decimal | int | float | np.number) and not isinstance(value, bool)
        for value in values
    )


def _html(shown: pd.DataFrame, numeric: Sequence[bool], caption: str) -> str:
    marks = [' class="n"' if number else "" for number in numeric]
    head = _cells(shown.columns, marks, "th")
    body = "".join(f"<tr>{_cells(line, marks, 'td')}</tr>" for line in shown.itertuples(index=False))
    above = f"<caption>{html.escape(_clean(caption))}</caption>" if caption else ""
    rows = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'{_STYLE}<table class="finops {_NO_FORMULA}">{above}{rows}</table>'


def _cells(values: Any, marks: Sequence[str], kind: str) -> str:
    pairs = zip(values, marks, strict=True)
    return "".join(_cell(str(value), mark, kind) for value, mark in pairs)


def _cell(text: str, mark: str, kind: str) -> str:
    if kind == "td" and not mark and len(text) <= _UNBROKEN:
        mark = ' class="s"'
    return f"<{kind}{mark}>{html.escape(text)}</{kind}>"


def _sortable_column(frame: pd.DataFrame, name: str) -> list[Any]:
    codes = frame["BillingCurrency"] if "BillingCurrency" in frame else ["USD"] * len(frame)
    change: Callable[[Any, str], Any] = _share_number if name in _SHARES else _money_number
    return [change(value, code) for value, code in zip(frame[name], codes, strict=True)]


def _money_number(value: Any, currency: str) -> Any:
    if isinstance(value, Decimal):
        return float(cents(value, currency=currency))
    return f"{value:%Y-%m-%d}" if isinstance(value, datetime) else value


def _share_number(value: Any, _: str) -> Any:
    return None if value is None else round(float(value), 4)

"""Make several reports one after the other, and the page over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finops_lib.errors import FinOpsError
from finops_lib.run.catalog import Catalog
from finops_lib.run.index import write_index
from finops_lib.run.report import Order, Run, report

_ANSWER = ("notebook", "html", "manifest", "summary", "run_id", "name", "period", "seconds")


@dataclass(frozen=True)
class Made:
    """What became of several orders: the reports, the errors of those that failed, and the page over all."""

    runs: tuple[Run, ...]
    errors: tuple[FinOpsError, ...]
    index: Path


def make(
    orders: Sequence[Order], *, catalog: Catalog, out: Path, step: Callable[[str], None] = lambda name: None
) -> Made:
    """Make these reports; one that fails does not keep the next from being made.

    Parameters
    ----------
    orders : sequence of Order
        All checked before the first one runs.
    catalog : Catalog
        Gives the page its order.
    out : Path
        Where reports go.
    step : callable
        Told the name of each notebook when it begins.

    Returns
    -------
    Made
    """
    runs, errors = [], []
    for asked in orders:
        step(asked.entry.key)
        try:
            runs.append(report(asked))
        except FinOpsError as error:
            errors.append(error)
    return Made(tuple(runs), tuple(errors), write_index(out, order=catalog.keys))


def run_content(run: Run) -> dict[str, Any]:
    """How does a report read as JSON.

    Parameters
    ----------
    run : Run
        That was made.

    Returns
    -------
    dict
        Paths as text; ``seconds`` of wall clock.
    """
    content = run.to_json()
    return {name: content[name] for name in _ANSWER}

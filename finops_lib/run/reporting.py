"""Make several reports one after the other, and the page over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finops_lib.errors import FinOpsError, ParameterError
from finops_lib.run.catalog import Catalog
from finops_lib.run.index import write_index
from finops_lib.run.parameters import declared
from finops_lib.run.report import GIVEN_BY_THE_RUN, Order, Run, report

_ANSWER = ("notebook", "html", "manifest", "summary", "run_id", "name", "period", "seconds")


@dataclass(frozen=True)
class Made:
    """What became of several orders: the reports, the errors of those that failed, and the page over all."""

    runs: tuple[Run, ...]
    errors: tuple[FinOpsError, ...]
    index: Path


def shared(names: Sequence[str], given: Mapping[str, str], *, catalog: Catalog) -> list[dict[str, str]]:
    """Which parameters does each of several notebooks get: those that it has.

    Parameters
    ----------
    names : sequence of str
        Keys of the catalogue. One alone gets all of them, and refuses what it does not know.
    given : mapping of str to str
        As they were typed.
    catalog : Catalog
        Where the notebooks are.

    Returns
    -------
    list of dict
        One for each name.

    Raises
    ------
    ParameterError
        None of the notebooks has a parameter.
    """
    if len(names) == 1:
        return [dict(given)]
    known = [declared(catalog.notebook(catalog.find(name))) for name in names]
    own = {*GIVEN_BY_THE_RUN}
    strange = [name for name in given if name not in own and not any(name in one for one in known)]
    if strange:
        raise ParameterError(
            f"parameter {', '.join(strange)}",
            "none of these notebooks has such a parameter",
            f"use one of {', '.join(sorted(set().union(*known) - own))}",
        )
    return [{name: text for name, text in given.items() if name in one or name in own} for one in known]


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

"""Filters above a picture and a table, where a person is there to turn them; absent in a scheduled run.

Text from a bill reaches a widget only as the choice of a menu, which shows it as text.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
from IPython.display import display

from finops_lib.run.show import Shown, notes

RUN_VARIABLE = "FINOPS_RUN"
EVERYTHING = "(everything)"

View = Callable[[Mapping[str, str]], Sequence[Any]]


def is_run(environ: Mapping[str, str] | None = None) -> bool:
    """Is this kernel run by a schedule or a report, with nobody there to turn a filter.

    Parameters
    ----------
    environ : mapping of str to str, optional
        The environment; the process's own when left out.

    Returns
    -------
    bool
    """
    return bool((os.environ if environ is None else environ).get(RUN_VARIABLE))


def filters(
    choices: Mapping[str, Sequence[str]], *, view: View, environ: Mapping[str, str] | None = None
) -> Any:
    """Which part of the cost does the reader want to see.

    Parameters
    ----------
    choices : mapping of str to sequence of str
        Filter name to the values a reader may choose; ``(everything)`` is added.
    view : callable
        From the chosen values (only those that are not everything) to the things to show.
    environ : mapping of str to str, optional
        The environment; the process's own when left out.

    Returns
    -------
    ipywidgets.VBox or Shown
        Menus above an output that follows them; in a run, one line that says where the filters are.
    """
    if is_run(environ):
        return Shown(notes(["Open this notebook in JupyterLab to filter the picture and the table."]).bundle)
    menus = {name: _menu(name, values) for name, values in choices.items()}
    output = ipywidgets.Output()

    def redraw(_: object = None) -> None:
        chosen = {name: str(menu.value) for name, menu in menus.items() if menu.value != EVERYTHING}
        output.clear_output(wait=True)
        with output:
            display(*view(chosen))  # type: ignore[no-untyped-call]  # IPython has no types for it

    for menu in menus.values():
        menu.observe(redraw, names="value")
    redraw()
    return ipywidgets.VBox([ipywidgets.HBox(list(menus.values())), output])


def _menu(name: str, values: Sequence[str]) -> ipywidgets.Dropdown:
    options = [EVERYTHING, *dict.fromkeys(values)]
    return ipywidgets.Dropdown(options=options, value=EVERYTHING, description=name)

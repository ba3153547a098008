"""Filters: there for a person, absent in a run, and safe with any text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets
import pytest

from finops_lib.run.app import EVERYTHING, RUN_VARIABLE, filters, is_run
from finops_lib.run.show import Shown

EVIL = "<script>alert(1)</script>"


def test_a_run_is_known_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set and not empty, handed in or in the process's own environment."""
    assert is_run({RUN_VARIABLE: "1"})
    assert not is_run({RUN_VARIABLE: ""})
    monkeypatch.delenv(RUN_VARIABLE, raising=False)
    assert not is_run()
    monkeypatch.setenv(RUN_VARIABLE, "1")
    assert is_run()


def test_there_are_no_widgets_in_a_run() -> None:
    """One sentence stands in their place, and nothing is drawn."""
    asked: list[Any] = []
    shown = filters({"ServiceName": ["A"]}, view=asked.append, environ={RUN_VARIABLE: "1"})  # type: ignore[arg-type]
    assert isinstance(shown, Shown)
    assert "JupyterLab" in repr(shown)
    assert asked == []


def test_turning_a_menu_draws_what_was_chosen() -> None:
    """First everything, then one service, then everything again."""
    asked: list[dict[str, str]] = []

    def view(chosen: Mapping[str, str]) -> list[str]:
        asked.append(dict(chosen))
        return ["drawn"]

    box = filters({"ServiceName": ["A", EVIL], "ChargeCategory": ["Usage"]}, view=view, environ={})
    menu = box.children[0].children[0]
    menu.value = EVIL
    menu.value = EVERYTHING
    assert asked == [{}, {"ServiceName": EVIL}, {}]
    box.close_all()


def test_data_reaches_menus_only() -> None:
    """No widget renders markup: menus show their choices as text."""
    box = filters({"ServiceName": [EVIL]}, view=lambda _: [], environ={})
    kinds = {type(widget) for widget in [box, *box.children, *box.children[0].children]}
    assert kinds == {ipywidgets.VBox, ipywidgets.HBox, ipywidgets.Dropdown, ipywidgets.Output}
    box.close_all()

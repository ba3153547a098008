"""Pictures of who pays: bars add up to what is shown, parts differ in more than colour."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from finops_lib.cost import plots, plots_allocation


def shown(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Write showback of team, direct, shared and idle."""
    lines = [(name, *map(Decimal, parts)) for name, *parts in rows]
    frame = pd.DataFrame(lines, columns=["Team", "Direct", "Shared", "Idle"], dtype=object)
    cost = [sum(line[1:]) for line in lines]
    return frame.assign(Cost=pd.Series(cost, dtype=object), BillingCurrency="USD", Share=None)


BILL = shown(("web", "50", "10", "5"), ("data", "20", "-4", "0"), ("(unallocated)", "0", "19", "0"))


def test_each_part_is_as_long_as_its_money() -> None:
    """Web's three parts stand one behind the other; a credit hangs to the left of the line."""
    ax = plots_allocation.teams(BILL, ax=plots.axes(), cost="EffectiveCost")
    bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches if bar.get_width()]  # type: ignore[attr-defined]
    assert bars == [(0, 50), (50, 10), (60, 5), (0, 20), (0, -4), (0, 19)]
    assert ax.get_title(loc="left") == r"70.0 % of \$100 is the teams' own, 19.0 % is nobody's"


def test_parts_can_be_told_apart_in_grey() -> None:
    """Each has a hatch of its own; nobody's bar is white with dots."""
    ax = plots_allocation.teams(BILL, ax=plots.axes(), cost="EffectiveCost")
    hatches = [bar.get_hatch() for bar in ax.patches if bar.get_width()]  # type: ignore[attr-defined]
    assert len({*hatches[:3]}) == 3
    last = [bar for bar in ax.patches if bar.get_width()][-1]  # type: ignore[attr-defined]
    assert (last.get_hatch(), to_rgb(last.get_facecolor())) == ("....", (1, 1, 1))


def test_many_teams_become_one_bar_and_nobody_keeps_its_own() -> None:
    """Three of five have a name; the last two are one."""
    many = shown(*((f"t{place}", "10", "0", "0") for place in range(5)), ("(unallocated)", "0", "1", "0"))
    ax = plots_allocation.teams(many, ax=plots.axes(), cost="EffectiveCost", n=3)
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "t0", "t1", "t2", "2 other teams", "(unallocated)",
    ]  # fmt: skip
    assert [bar.get_width() for bar in ax.patches if bar.get_width()] == [10, 10, 10, 20, 1]  # type: ignore[attr-defined]


def test_owners_stand_between_what_is_sure_and_what_could_be() -> None:
    """The line has both ends, the dot the middle; the title names the first."""
    ranked = pd.DataFrame(
        [("we$b", Decimal(1), Decimal(6), Decimal(9)), ("(nobody)", Decimal(3), Decimal(3), Decimal(3))],
        columns=["Owner", "Low", "Mid", "High"], dtype=object,
    ).assign(BillingCurrency="USD")  # fmt: skip
    ax = plots_allocation.owners(ranked, ax=plots.axes())
    assert [list(line.get_xdata()) for line in ax.lines[:2]] == [[1, 9], [6]]
    assert ax.get_title(loc="left") == r"\$9.00 is nobody's; \$6.00 of it is most likely we\$b's"


@pytest.mark.parametrize("draw", ["teams", "owners"])
def test_nothing_is_said(draw: str) -> None:
    """An empty bill, or one of which all is placed."""
    ax = plots.axes()
    if draw == "teams":
        plots_allocation.teams(BILL[:0], ax=ax, cost="EffectiveCost")
    else:
        plots_allocation.owners(pd.DataFrame(columns=["Owner"]), ax=ax)
    assert len(ax.texts) == 1

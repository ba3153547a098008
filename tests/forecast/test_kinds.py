"""Usable or not, young, steady or lively: by hand, and the exact words a reader gets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.forecast.kinds import kinds, notes, usable, usual_step
from finops_lib.forecast.panel import SEASONS, Panel
from finops_lib.forecast.shocks import Step

NAN = np.nan
END = datetime(2026, 3, 1, tzinfo=UTC)


def panel_of(*values: Sequence[float], step: str = "day", end: datetime | None = END) -> Panel:
    """Make a panel of series a, b, ..., all ending at one moment."""
    arrays = tuple(np.array(row, dtype=float) for row in values)
    ends = None if end is None else (end,) * len(arrays)
    return Panel(tuple("abcdefgh"[: len(arrays)]), arrays, step, SEASONS[step], ends)


def said_of(panel: Panel, *, moved: Step | None = None, sparse: bool = False) -> str:
    """Give the note of a panel's one series, whose gaps are filled by 1; empty where there is none."""
    history = np.where(np.isfinite(panel.aligned()), panel.aligned(), 1.0)
    steps = [] if moved is None else [moved]
    return notes(panel, history, sparse=np.array([sparse]), steps=steps).get("a", "")


def test_a_series_is_used_from_its_first_cost_on() -> None:
    """Unknown and free steps before the first cost are cut off; gaps and zeros after it stay."""
    kept, missing = usable(panel_of([NAN, 0, NAN, 0, 5, NAN, 0, 7], [3, 0, 0]))
    np.testing.assert_array_equal(kept.values[0], [5, NAN, 0, 7])
    np.testing.assert_array_equal(kept.values[1], [3, 0, 0])
    assert (kept.step, kept.season, kept.ends) == ("day", 7, (END, END))
    assert dict(missing) == {}


def test_a_credit_begins_a_series_too() -> None:
    """The first value that is not 0 may be below it."""
    assert usable(panel_of([0, -2, 4]))[0].values[0].tolist() == [-2, 4]


def test_a_series_of_zeros_is_used_from_its_first_known_step_on() -> None:
    """Nothing but zeros is known to cost nothing; the unknown steps before are cut off."""
    np.testing.assert_array_equal(usable(panel_of([NAN, 0, NAN, 0]))[0].values[0], [0, NAN, 0])


def test_series_without_a_value_are_named_with_the_reason() -> None:
    """Empty, all gaps, or all infinite: no value; the others keep their order and their own ends."""
    ends = tuple(datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2, 3, 4, 5))
    rows = ([1.0], [], [NAN, NAN], [np.inf, -np.inf], [2.0])
    kept, missing = usable(Panel(tuple("abcde"), tuple(map(np.array, rows)), "day", 7, ends))
    assert dict(missing) == dict.fromkeys("bcd", "it has no value")
    assert (kept.names, kept.ends) == (("a", "e"), (ends[0], ends[4]))


def test_the_scale_is_the_mean_move_in_a_season() -> None:
    """Moves of 2, 4, 3 and 1 in a season of two are 2.5 in the mean; the gap's two pairs do not count."""
    history = np.array([[1.0, 5.0, 3.0, 9.0, 6.0, 8.0]])
    assert usual_step(history, season=2).tolist() == [2.5]


def test_a_young_series_borrows_the_panels_share_of_its_level() -> None:
    """Steps of 2 at level 10 and of 6 at level 10 are shares of 0.2 and 0.6; 0.4 of a level of 5 is 2."""
    history = np.array([[9.0, 11, 9, 11], [7.0, 13, 7, 13], [NAN, NAN, NAN, 5]])
    assert usual_step(history, season=1).tolist() == pytest.approx([2.0, 6.0, 2.0])


def test_alone_a_young_series_has_a_tenth_of_its_level() -> None:
    """Where no series shows a move the usual one is 10 % of the level: 0.1 * 20."""
    assert usual_step(np.array([[NAN, NAN, NAN, 20.0]]), season=2).tolist() == pytest.approx([2.0])


def test_a_constant_has_a_thousandth_of_its_level_and_nothing_still_has_a_scale() -> None:
    """5 for four seasons: 0.005; nothing at all: above 0, so that no error is divided by 0."""
    found = usual_step(np.array([[5.0] * 4, [0.0] * 4, [-5.0] * 4]), season=1)
    assert found[0] == found[2] == pytest.approx(0.005)
    assert 0 < found[1] <= 1e-9


@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e6))
def test_the_scale_goes_with_the_unit_and_is_never_nothing(seed: int, factor: float) -> None:
    """Values times a factor: scales times the factor, all of them above 0."""
    random = np.random.default_rng(seed)
    history = random.normal(50, 30, (4, 12))
    for row, first in enumerate(random.integers(0, 12, 4)):
        history[row, :first] = NAN
    found = usual_step(history, season=3)
    assert (found > 0).all()
    np.testing.assert_allclose(usual_step(history * factor, season=3), found * factor, rtol=1e-9)


def test_kinds_by_hand() -> None:
    """Below a tenth of the level is steady, a tenth is lively; fewer than eight seasons are young."""
    history = np.full((5, 16), 10.0)
    history[3, 0] = NAN
    found = kinds(
        history,
        season=2,
        sparse=np.array([False, False, True, False, True]),
        scale=np.array([0.99, 1.0, 1.0, 0.99, 0.01]),
    )
    assert found == ("steady", "lively", "sparse", "young", "sparse")


def test_the_level_of_a_kind_has_no_sign() -> None:
    """A steady credit of 10 is as steady as a cost of 10."""
    scale = np.array([0.5])
    assert kinds(np.full((1, 9), -10.0), season=1, sparse=np.array([False]), scale=scale) == ("steady",)


def test_nothing_unusual_is_said_of_a_usual_series() -> None:
    """Two whole seasons without a gap have no note at all, not an empty one."""
    panel = panel_of([1, 2] * 7)
    assert dict(notes(panel, panel.aligned(), sparse=np.array([False]), steps=[])) == {}


@pytest.mark.parametrize(
    ("values", "step", "expected"),
    [
        ([1, 2] * 6, "day", "12 days known, fewer than two seasons of 7"),
        ([1, 2] * 10, "month", "20 months known, fewer than two seasons of 12"),
        ([1, 2] * 6 + [NAN, 3], "day", "1 gap filled from the past"),
        ([1, 2] * 6 + [NAN, NAN, 3, NAN], "day", "3 gaps filled from the past"),
        ([1, 2] * 6 + [np.inf, 3], "day", "1 gap filled from the past"),
        ([0] * 14, "day", "it never cost anything"),
        ([5] + [0] * 14, "day", "it costs nothing any more"),
        ([5] * 14, "day", "it never changed"),
    ],
)
def test_the_words_of_each_oddity(values: list[float], step: str, expected: str) -> None:
    """Each oddity has one plain sentence, with its own number and the step of the panel."""
    assert said_of(panel_of(values, step=step)) == expected


def test_a_sparse_series_says_how_often_it_costs_something() -> None:
    """14 of the last 56 days: 25 %; the 44 costly days before them do not count."""
    values = [9.0] * 44 + [9.0, 0, 0, 0] * 14
    expected = "it costs something in 25 % of its days: its mean rate goes on"
    assert said_of(panel_of(values), sparse=True) == expected


@pytest.mark.parametrize(
    ("moved", "step", "end", "expected"),
    [
        (Step(0, 7, 2.04, 9.0), "day", END, "2 times as high since 2026-02-22"),
        (Step(0, 3, 0.251, -9.0), "day", END, "0.25 times as high since 2026-02-26"),
        (Step(0, 2, 1.0, -1234.5678), "month", END, "moved by -1234.57 since 2026-01-01"),
        (Step(0, 5, 3.0, 9.0), "hour", END, "3 times as high since 2026-02-28 19:00:00"),
        (Step(0, 4, 3.0, 9.0), "day", None, "3 times as high for 4 days"),
    ],
)
def test_a_step_is_told_by_its_size_and_its_first_moment(
    moved: Step, step: str, end: datetime | None, expected: str
) -> None:
    """A factor, or an amount where there is none, and since when; without a calendar for how long."""
    panel = panel_of([1, 2] * 24, step=step, end=end)
    assert said_of(panel, moved=moved) == f"{expected}: the new level goes on, in doubt"


def test_several_oddities_stand_one_after_the_other() -> None:
    """Young, with a gap and just moved: three parts in this order."""
    found = said_of(panel_of([2, NAN, 4, 8]), moved=Step(0, 1, 2.0, 4.0))
    assert found == (
        "4 days known, fewer than two seasons of 7; 1 gap filled from the past; "
        "2 times as high since 2026-02-28: the new level goes on, in doubt"
    )


def test_each_series_has_its_own_note() -> None:
    """Of three series the first is usual, the second has moved and the third is constant."""
    panel = panel_of([1, 2] * 7, [1, 2] * 7, [4] * 14)
    step = Step(1, 2, 1.5, 3.0)
    found = notes(panel, panel.aligned(), sparse=np.zeros(3, dtype=bool), steps=[step])
    assert dict(found) == {
        "b": "1.5 times as high since 2026-02-27: the new level goes on, in doubt",
        "c": "it never changed",
    }

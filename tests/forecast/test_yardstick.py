"""How large errors are, and by which group they are judged."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from finops_lib.forecast.yardstick import Yardstick, alike, yardstick

ONE = np.ones(1)


def test_size_is_pulled_to_what_the_panel_says() -> None:
    """A series' usual error counts its origins beside three of the panel's."""
    errors = np.array([[[4.0], [2.0]], [[-4.0], [2.0]]])
    found = yardstick(errors, np.ones(2), growth=ONE)
    # panel: (4 + 2) / 2 = 3 for both; own against it 4/3 and 2/3, pulled by 2 origins of 5: 17/15 and 13/15;
    # prior 3 * 17/15 = 3.4 and 2.6; size (4 + 4 + 3 * 3.4) / 5 and (2 + 2 + 3 * 2.6) / 5
    assert found.size.ravel().tolist() == pytest.approx([3.64, 2.36])


def test_ratio_leaves_out_its_own_origin() -> None:
    """What an error is divided by does not know that error."""
    errors = np.array([[[100.0]], [[1.0]], [[1.0]]])
    found = yardstick(errors, ONE, growth=ONE)
    assert found.ratios[0, 0, 0] == pytest.approx(100.0)
    changed = yardstick(np.array([[[900.0]], [[1.0]], [[1.0]]]), ONE, growth=ONE)
    assert changed.ratios[0, 0, 0] == pytest.approx(900.0)


def test_ratio_leaves_out_futures_that_overlap() -> None:
    """An origin whose future shares steps with the judged one says nothing about it."""
    errors = np.array([[[1.0]], [[50.0]], [[2.0]]])
    apart = yardstick(errors, ONE, growth=ONE, cuts=(10, 15, 20), horizon=10)
    assert apart.ratios[0, 0, 0] == pytest.approx(0.5)  # the third alone, 2, is known apart from the first
    assert apart.ratios[2, 0, 0] == pytest.approx(2.0)
    alone = yardstick(errors[:2], ONE, growth=ONE, cuts=(10, 15), horizon=10)
    assert alone.ratios[0, 0, 0] == pytest.approx(1 / 50)  # all overlap: then the others count after all


def test_unknown_question_grows_from_the_known_ones() -> None:
    """A step that no past forecast reached is as wrong as its growth says, lifted by the known steps."""
    errors = np.array([[[3.0, np.nan]], [[-3.0, np.nan]]])
    found = yardstick(errors, ONE, growth=np.array([1.0, 2.0]))
    assert found.size[0].tolist() == pytest.approx([3.0, 6.0])
    assert np.isnan(found.ratios[:, 0, 1]).all()


def test_one_step_of_many_is_smoothed_over_a_week_of_steps() -> None:
    """A single wild step in the panel is spread over the seven around it; its own errors count one in six."""
    errors = np.ones((2, 4, 15))
    errors[:, :, 7] = 8.0
    plain = yardstick(errors, np.ones(4), growth=np.ones(15))
    smooth = yardstick(errors, np.ones(4), growth=np.ones(15), successive=True)
    assert plain.size[0, [0, 6, 7]].tolist() == pytest.approx([1.0, 1.0, 8.0])
    # both lie where the panel's mean over seven steps is 2, and ten origins of that count beside two of their
    # own, whose errors differ by 7: so do their sizes by 2 * 7 of 12
    near, wild, far = smooth.size[0, 6], smooth.size[0, 7], smooth.size[0, 0]
    assert far < near < wild < 8.0
    assert wild - near == pytest.approx(2 * 7 / 12)


def test_without_any_origin_the_growth_of_the_scale_is_the_size() -> None:
    """Where nothing is known, a step errs by its growth in scales, and the atoms are Student's t alone."""
    found = yardstick(np.zeros((0, 2, 1)), np.array([5.0, 7.0]), growth=np.array([2.0]))
    assert found.size.ravel().tolist() == [10.0, 14.0]
    atoms = found.atoms()
    assert atoms[len(atoms) // 2] == pytest.approx(0.0)
    assert np.quantile(atoms, 0.9) == pytest.approx(stats.t.ppf(0.9, 3) / 0.8, rel=0.15)


def test_no_error_ever_leaves_a_size_above_nothing() -> None:
    """A series that was never missed divides by no zero."""
    found = yardstick(np.zeros((4, 1, 1)), ONE, growth=ONE)
    assert found.size[0, 0] == pytest.approx(1e-9)
    assert found.ratios.ravel().tolist() == [0.0] * 4


def test_few_futures_weigh_less_against_the_prior() -> None:
    """The same ratios of one long future widen the tails less than those of many futures apart."""
    ratios = np.full((10, 1, 5), 0.1)
    many, one = Yardstick(np.ones((1, 5)), ratios, 40.0), Yardstick(np.ones((1, 5)), ratios, 1.0)
    assert np.quantile(many.atoms(), 0.9) < np.quantile(one.atoms(), 0.9)
    # ten prior futures against 40: a fifth of the atoms; against one: ten of eleven
    assert (many.atoms() == 0.1).mean() == pytest.approx(50 / 89)  # 39 atoms of the prior at least
    assert (one.atoms() == 0.1).mean() == pytest.approx(50 / 550)


@pytest.mark.parametrize(("shared", "low", "high"), [(0.0, 0.0, 0.15), (0.6, 0.45, 0.72), (1.0, 0.85, 1.0)])
def test_series_that_err_together_are_known_by_it(shared: float, low: float, high: float) -> None:
    """The mean correlation of ratios is found, pulled to one half by two of sixteen futures."""
    draw = np.random.default_rng(6)
    common = draw.normal(size=(200, 14, 1, 1)) * np.sqrt(shared)
    ratios = common + draw.normal(size=(200, 14, 20, 1)) * np.sqrt(1 - shared)
    found = np.mean([Yardstick(np.ones((20, 1)), one, 14.0).together() for one in ratios])
    assert low <= found <= high


def test_one_series_alone_tells_nothing_of_erring_together() -> None:
    """Without a pair the correlation is one half."""
    assert Yardstick(np.ones((1, 1)), np.ones((5, 1, 1)), 5.0).together() == 0.5


def test_groups_are_set_apart_only_where_they_differ() -> None:
    """Over 200 draws of two like groups at most a few are set apart; of unlike ones nearly all."""
    draw = np.random.default_rng(4)
    names = ["a"] * 15 + ["b"] * 15
    wide = np.where(np.arange(30) < 15, 1.0, 3.0)[None, :, None]
    like = [len(alike(draw.standard_t(5, (6, 30, 10)), names)) > 1 for _ in range(200)]
    unlike = [len(alike(draw.standard_t(5, (6, 30, 10)) * wide, names)) > 1 for _ in range(200)]
    assert np.mean(like) <= 0.03  # promised 1 %; 3 % is more than three standard errors away
    assert np.mean(unlike) >= 0.98


def test_small_groups_stay_together() -> None:
    """Fewer than eight series say too little to be judged alone."""
    ratios = np.concatenate([np.ones((5, 7, 1)), 9.0 * np.ones((5, 20, 1))], axis=1)
    assert [len(rows) for rows in alike(ratios, ["few"] * 7 + ["many"] * 20)] == [27]


def test_every_series_is_in_one_group() -> None:
    """Groups set apart and the rest hold each series once."""
    draw = np.random.default_rng(1)
    size = np.repeat([1.0, 8.0, 1.1], 12)[None, :, None]
    rows = alike(draw.normal(size=(8, 36, 4)) * size, ["a"] * 12 + ["b"] * 12 + ["c"] * 12)
    assert sorted(np.concatenate(rows).tolist()) == list(range(36))
    assert list(range(12, 24)) in [found.tolist() for found in rows]

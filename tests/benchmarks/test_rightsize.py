"""The yardsticks of the rightsizing benchmark: breach, saving, split and the rules of the field, by hand."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from finops_lib.optimize.ladder import LADDER, above
from finops_lib.optimize.strategies.base import Allocation, allotted
from finops_lib.optimize.strategies.percentiles import Headroom, Krr, Percentile
from finops_lib.optimize.strategies.vpa import Vpa
from finops_lib.optimize.windows import Histories
from tests.benchmarks import rightsize, rightsize_peers, rightsize_sets
from tests.benchmarks.rightsize_peers import RULES, SHIPPED, each, exceeded, least, scaled, survival
from tests.benchmarks.rightsize_sets import (
    BYTES,
    CORES,
    DAY,
    Set,
    bitbrains,
    given,
    google,
    planetlab,
    planted,
)

DAILY = 86_400
FIVE = (5.0, 1.0, 2.0, 3.0, 4.0)  # oldest first


def history(*use: float, capacity: float = 10.0, step: int = DAILY, kind: str = "cpu") -> Histories:
    return Histories(("web",), np.array([use]), step, np.array([capacity]), kind)


@pytest.mark.parametrize(
    ("rule", "amount"),
    [
        (RULES["p99_headroom"], 4.96),  # rank .99 * 4 = 3.96: between 4 and 5
        (RULES["compute_optimizer_like"], 4.98),  # rank 3.98
        (RULES["azure_like"], 4.8),  # rank 3.8
        (SHIPPED["compute_optimizer_like_shipped"], 4.98 / 0.8),
        (SHIPPED["azure_like_shipped"], 4.8 / 0.8),
        (RULES["krr"], 10.0),  # five samples are too few: all of it
    ],
)
def test_percentile_rules_on_five_days(rule: Percentile, amount: float) -> None:
    """Of 1 to 5 cores, in whatever order, and of ten."""
    assert each(history(*FIVE), rule) == pytest.approx(amount / 10.0)
    assert each(history(*sorted(FIVE)), rule) == pytest.approx(amount / 10.0)


def test_azure_looks_at_seven_days_and_the_others_at_fourteen() -> None:
    """A 9 of eight days ago is not seen by one; one of fifteen days ago by neither."""
    week = history(9.0, *[1.0] * 7)
    assert each(week, RULES["azure_like"]) == pytest.approx(0.1)
    assert each(week, RULES["p99_headroom"])[0] > 0.8
    assert each(history(9.0, *[1.0] * 14), RULES["p99_headroom"]) == pytest.approx(0.1)


def test_krr_takes_the_95th_percentile_of_a_hundred() -> None:
    """Sixty 1, twenty 2, ten 3, five 4, five 5: rank .95 * 99 = 94.05 is a twentieth behind the last 4."""
    use = np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], [60, 20, 10, 5, 5])
    assert each(history(*use, step=3600), Krr()) == pytest.approx(0.405)


def test_krr_adds_15_per_cent_to_the_most_memory() -> None:
    """The most of the hundred is 5: 5.75, and never more than there is."""
    use = np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], 20)
    assert each(history(*use, step=3600, kind="memory"), Krr()) == pytest.approx(0.575)
    assert each(history(*use, step=3600, kind="memory", capacity=5.5), Krr()) == [1.0]


def test_vpa_forgets_half_a_day() -> None:
    """Days weigh 1/16, 1/8, 1/4, 1/2, 1: nine tenths of 31/16 are reached with the 4 of today, not the 5.

    4 is in bucket 62: 1.05**62 < 4 * .05 / .01 + 1 < 1.05**63; it ends at .01 * (1.05**63 - 1) / .05.
    """
    end = 0.2 * (1.05**63 - 1)
    assert end == pytest.approx(4.124, abs=1e-3)
    assert each(history(*FIVE), RULES["vpa"]) == pytest.approx(1.15 * end / 10)
    assert each(history(*FIVE[::-1]), RULES["vpa"])[0] > 1.15 * 0.5  # today is the 5


def test_autopilot_reads_load() -> None:
    """Nothing is forgotten within seconds: 95 % of a load of 15 are reached with the 5; 10 % on top."""
    assert each(history(*FIVE, step=1), RULES["autopilot"]) == pytest.approx(0.55)
    forty = (*[1.0] * 40, 2.0)  # 95 % of 42 are 39.9
    assert each(history(*forty, step=1), RULES["autopilot"]) == pytest.approx(0.11)


def test_a_window_stands_for_itself() -> None:
    """Windows of one workload are no pods of it: each has its own size, at least a hundredth."""
    use = np.array([[1.0] * 5, [4.0] * 5, [0.001] * 5])
    three = Histories(("web",) * 3, use, DAILY, np.full(3, 10.0), "cpu")
    assert each(three, Percentile(level=0.5)) == pytest.approx([0.1, 0.4, 0.01])


def test_the_share_above_counts_known_samples() -> None:
    """At .3 two of .1 to .5; a gap is no sample, at the size is not above, nor at the whole."""
    share = np.array(
        [[0.1, 0.2, 0.3, 0.4, 0.5], [0.1, 0.9, np.nan, np.nan, np.nan], [1.5, 2.0, 0.1, 0.1, 0.1]]
    )
    assert exceeded(share, np.array([0.3, 0.3, 0.3])) == pytest.approx([0.4, 0.5, 0.4])
    assert exceeded(share, np.array([0.5, 0.9, 1.0])) == pytest.approx([0.0, 0.0, 0.0])


def test_the_knob_is_the_smallest_that_keeps_one_per_cent() -> None:
    """At a threshold it is the threshold; where all will do the lowest, where none will the highest."""
    assert least(lambda knob: 0.01 if knob >= 3.0 else 0.0101, 0.05, 20.0) == pytest.approx(3.0)
    assert least(lambda _: 0.0, 0.05, 20.0) == pytest.approx(0.05)
    assert least(lambda _: 0.5, 0.05, 20.0) == pytest.approx(20.0)


HUNDRED = np.array([[6.0] * 99 + [8.0]])


def test_a_factor_is_fixed_on_the_past_and_used_blind() -> None:
    """The most of 1 to 5 has to be 6, so that one of a hundred is above: 1.2 times the 4 of another one."""
    found = scaled(Percentile(level=1.0), history(*FIVE), HUNDRED, history(4.0, 4.0))
    assert found == pytest.approx(0.48)


def test_the_factor_is_on_the_answer_and_not_on_the_capacity() -> None:
    """An answer of 12 of ten cores times .6 is 7.2; cut to ten before, it would have been 6."""
    rule = Percentile(level=1.0, factor=2.0)
    dev, test = history(*FIVE), history(6.0, 6.0)
    assert scaled(rule, dev, HUNDRED, test) == pytest.approx(0.72)


def silent_above_four(histories: Histories) -> Allocation:
    """Size at the most, without an answer above 4."""
    most = histories.use.max(axis=1)
    return allotted(histories, np.where(most > 4, np.nan, most), known=np.array([9] * len(most)), least=1)


def test_silence_keeps_the_capacity_whatever_the_factor() -> None:
    """The factor is 1/2 for 4 against 2: it makes 1 of 2, and leaves a workload without an answer alone."""
    dev = history(4.0, 4.0)
    test = Histories(("a", "b"), np.array([[2.0, 2.0], [5.0, 5.0]]), DAILY, np.full(2, 10.0), "cpu")
    found = scaled(silent_above_four, dev, np.full((1, 100), 2.0), test)
    assert found == pytest.approx([0.1, 1.0])


@pytest.mark.parametrize("name", list(RULES))
def test_every_rule_keeps_one_per_cent_where_its_knob_is_fixed(name: str) -> None:
    """At most 1 per cent of the samples, and a 1 per cent smaller factor is too small."""
    (chosen,) = planted(3, workloads=60)
    first = chosen.learned_from(3)
    dev, future = chosen.past.rows(first), chosen.future[first]
    share = future / dev.capacity[:, None]
    sizes = scaled(RULES[name], dev, future, dev)
    assert exceeded(share, sizes).mean() <= 0.01 < exceeded(share, sizes * 0.99).mean()


def test_survival_shifts_the_own_past_by_what_others_did() -> None:
    """Nothing changed: what lay above each size will again. All doubled: .4 and a little become .8."""
    asked, place = history(*[2.0, 4.0] * 50), np.zeros((1, 5))
    known = np.zeros((9, 5))
    still = rightsize_peers._expected(asked, [(known, np.zeros(9))], place, np.ones(5))
    assert still == pytest.approx(above(np.array([[0.2, 0.4]])))
    double = rightsize_peers._expected(asked, [(known, np.full(9, np.log(2.0)))], place, np.ones(5))[0]
    ends = [2 * (share + 0.005) - 0.005 for share in (0.2, 0.4)]  # .405 and .805
    assert double == pytest.approx(np.select([ends[0] > LADDER, ends[1] > LADDER], [1.0, 0.5], 0.0))


def test_survival_looks_at_the_nearest() -> None:
    """120 that did not change stand where it stands, 30 that grew tenfold far off: these have no say."""
    places = np.concatenate([np.zeros((120, 5)), np.full((30, 5), 9.0)])
    changes = np.concatenate([np.zeros(120), np.full(30, np.log(10.0))])
    found = rightsize_peers._expected(history(2.0, 4.0), [(places, changes)], np.zeros((1, 5)), np.ones(5))
    assert found == pytest.approx(above(np.array([[0.2, 0.4]])))


def test_survival_on_few_windows_is_a_percentile_with_a_knob() -> None:
    """Below 200 past windows it is the 95th percentile: 4.8 of 1 to 5, so 6 is a factor of 1.25."""
    found = survival(history(*FIVE), HUNDRED, history(4.0, 4.0))
    assert found == pytest.approx(0.5)


def test_survival_on_many_windows_keeps_its_bound_in_the_past() -> None:
    """300 windows whose next day is as the last: every size is on the ladder, and 1 per cent is above."""
    draw = np.random.default_rng(5)
    use = draw.uniform(0.5, 4.0, (300, 1)) * np.exp(draw.normal(0, 0.1, (300, 4 * 24)))
    dev = Histories(
        tuple(f"w{number}" for number in range(300)), use[:, :72], 3600, np.full(300, 10.0), "cpu"
    )
    sizes = survival(dev, use[:, 72:], dev)
    assert np.isin(sizes, LADDER).all()
    assert exceeded(use[:, 72:] / 10.0, sizes).mean() < 0.015


def test_survival_lets_no_workload_pay_for_the_others() -> None:
    """One of 300 has a thousand times the capacity: it is sized to 5 per cent expected, not to nothing."""
    draw = np.random.default_rng(6)
    capacity = np.array([10.0] * 299 + [10_000.0])
    use = draw.uniform(0.1, 0.5, (300, 1)) * np.exp(draw.normal(0, 0.3, (300, 4 * 24))) * capacity[:, None]
    dev = Histories(tuple(f"w{number}" for number in range(300)), use[:, :72], 3600, capacity, "cpu")
    sizes = survival(dev, use[:, 72:], dev)
    assert 0.02 < exceeded(use[-1:] / 10_000.0, sizes[-1:])[0] < 0.08


def halves(*names: str, seed: int) -> list[int]:
    return [hashlib.sha256(f"{seed}:{name}".encode()).digest()[0] % 2 for name in names]


def two_judged(seed: int) -> Set:
    """Make two workloads of the second half, of 10 and 30 cores, with five samples to come."""
    first, second = [f"w{n}" for n in range(50) if halves(f"w{n}", seed=seed) == [1]][:2]
    future = np.array([[1.0, 2.0, 3.0, 4.0, 5.0], [3.0, 6.0, 9.0, 27.0, np.nan]])
    past = Histories((first, second), np.ones((2, 3)), 300, np.array([10.0, 30.0]), "cpu")
    return Set("two", past, future, np.array([True, True]))


def test_measures_of_two_workloads() -> None:
    """5 of 10 cores and 24 of 30 leave 11 of 40: 27.5 %. None of five is above 5, one of four above 24."""
    found = rightsize.measures(two_judged(1), np.array([0.5, 0.8]), seed=1)
    assert found == pytest.approx({"saving_pct": 27.5, "breach_pct": 12.5, "promise_kept_share": 0.5})
    whole = rightsize.measures(two_judged(1), np.ones(2), seed=1)
    assert whole == pytest.approx({"saving_pct": 0.0, "breach_pct": 0.0, "promise_kept_share": 1.0})


def test_two_per_cent_above_still_keep_the_promise() -> None:
    """One of fifty samples above is the bound, one of forty breaks it."""
    chosen = two_judged(2)
    future = np.array([[1.0] * 49 + [9.0], [1.0] * 39 + [28.0] + [np.nan] * 10])
    found = rightsize.measures(replace(chosen, future=future), np.array([0.5, 0.5]), seed=2)
    assert (found["promise_kept_share"], found["breach_pct"]) == (0.5, pytest.approx(2.25))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_workloads_are_split_in_two_by_name_and_seed(seed: int) -> None:
    """Half and half, no workload on both sides, later windows judged and earlier ones learned from."""
    (chosen,) = planted(1)
    names = np.array(chosen.past.names)
    learned, judged = chosen.learned_from(seed), chosen.judged(seed)
    assert chosen.half(seed).tolist() == halves(*chosen.past.names, seed=seed)
    ours, theirs = set(names[learned]), set(names[judged])
    assert not ours & theirs
    assert ours | theirs == {f"w{number}" for number in range(400)}
    assert 170 <= len(theirs) <= 230  # three deviations of a fair coin
    assert (judged.sum(), learned.sum()) == (len(theirs), 2 * len(ours))
    assert chosen.last[judged].all()
    assert not chosen.last[learned].any()


def test_another_seed_splits_anew() -> None:
    """About half of the workloads change sides."""
    (chosen,) = planted(1)
    assert np.mean(chosen.half(1) != chosen.half(2)) == pytest.approx(0.5, abs=0.1)


def test_one_window_each_is_earlier_and_last() -> None:
    """With one window a workload the first half learns from it and the second is judged by it."""
    names = tuple(f"w{number}" for number in range(20))
    past = Histories(names, np.ones((20, 3)), 300, np.ones(20), "cpu")
    chosen = Set("one", past, np.ones((20, 2)), np.full(20, True))
    assert (chosen.learned_from(1) ^ chosen.judged(1)).all()
    assert chosen.judged(1).tolist() == [half == 1 for half in halves(*names, seed=1)]


def test_planted_windows_follow_on_one_another() -> None:
    """Five, six and seven days of one use, with a gap in front, each against the next day; 4 cores."""
    (chosen,) = planted(1, workloads=10)
    assert chosen.past.names[:4] == ("w0", "w0", "w0", "w1")
    assert chosen.last.tolist() == [False, False, True] * 10
    assert np.isfinite(chosen.past.use).sum(axis=1).tolist() == [5 * DAY, 6 * DAY, 7 * DAY] * 10
    for row in range(0, 30, 3):
        five, six, seven = chosen.past.use[row : row + 3]
        np.testing.assert_array_equal(six[DAY:], np.append(five[2 * DAY :], chosen.future[row]))
        np.testing.assert_array_equal(seven, np.append(six[DAY:], chosen.future[row + 1]))
    assert set(chosen.past.capacity) == {4.0}
    assert np.nanmax(chosen.past.use) <= 4.0


def test_planted_use_has_a_days_wave_and_now_and_then_a_new_level() -> None:
    """Of waves below 3 days' length most are a day long; a new level is met by one in ten within 8 days.

    A tenth of new levels begin in the 8 days. Half of those between .6 and 1.6 are a quarter up or down, so
    some 4 per cent of the workloads end elsewhere than they began.
    """
    (chosen,) = planted(1)
    whole = np.concatenate([chosen.past.use[2::3], chosen.future[2::3]], axis=1)
    waves = np.abs(np.fft.rfft(whole, axis=1))[:, 3:]  # 8 a window are one a day
    assert np.mean(waves.argmax(axis=1) + 3 == 8) > 0.8
    moved = np.abs(np.log(np.median(whole[:, -DAY:], axis=1) / np.median(whole[:, :DAY], axis=1))) > 0.25
    assert 0.02 < moved.mean() < 0.07
    assert 0.02 < np.median(whole) / CORES < 0.3


def test_planted_workloads_come_from_the_seed() -> None:
    """The same seed gives the same, another one others."""
    first, again, other = (planted(seed, workloads=5)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.past.use, again.past.use)
    np.testing.assert_array_equal(first.future, again.future)
    assert not np.array_equal(first.future, other.future)


def test_planetlab_takes_all_earlier_days_against_the_next(tmp_path: Path) -> None:
    """Five days of a machine make two windows, three days none; a share is of 4 cores."""
    days = [("a", day) for day in range(5)] + [("b", day) for day in range(3)]
    rows = [(name, day, step, 0.1 * (day + 1)) for name, day in days for step in range(DAY)]
    frame = pd.DataFrame(rows, columns=["series", "window", "step", "cpu_share"])
    frame.sample(frac=1.0, random_state=1).to_parquet(tmp_path / "planetlab_cpu.parquet")
    (found,) = given(tmp_path)
    assert (found.name, found.past.names, found.last.tolist()) == ("planetlab_cpu", ("a", "a"), [False, True])
    assert found.future[:, 0] == pytest.approx([1.6, 2.0])
    assert found.past.use[1, ::DAY] == pytest.approx([0.4, 0.8, 1.2, 1.6])
    assert found.past.use[0, ::DAY] == pytest.approx([np.nan, 0.4, 0.8, 1.2], nan_ok=True)
    assert planetlab(tmp_path / "planetlab_cpu.parquet").past.capacity.tolist() == [4.0, 4.0]


def test_google_takes_192_steps_against_96(tmp_path: Path) -> None:
    """One window a series, each the last; memory is a share of 16 GB."""
    frame = pd.DataFrame(
        {"series": "j", "step": range(288), "cpu_share": 0.25, "memory_share": [0.5] * 192 + [0.75] * 96}
    )
    path = tmp_path / "google2011_cpu_memory.parquet"
    frame.iloc[::-1].to_parquet(path)
    cpu, memory = given(tmp_path)
    assert (cpu.name, cpu.past.kind, memory.name, memory.past.kind) == (
        "google2011_cpu", "cpu", "google2011_memory", "memory",
    )  # fmt: skip
    assert (cpu.past.use.shape, cpu.future.shape, cpu.last.tolist()) == ((1, 192), (1, 96), [True])
    assert np.unique(cpu.past.use).tolist() == [1.0]
    assert (set(memory.past.use[0]), set(memory.future[0])) == ({8e9}, {12e9})
    alone = google(path, column="memory_share", name="m", kind="memory", capacity=BYTES)
    np.testing.assert_array_equal(alone.future, memory.future)


def test_bitbrains_takes_14_days_against_7_where_both_are_known() -> None:
    """Steps of 5 minutes hold the most within; a machine gone on day 20 has no origin of day 22."""
    step = np.repeat(np.arange(30 * DAY), 2)
    frame = pd.DataFrame(
        {"series": "x", "second": 7_000_000 + 300 * step, "used": np.tile([1.0, 2.0], 30 * DAY), "given": 8.0}
    )
    gone = frame.iloc[: 20 * DAY * 2].assign(series="y")
    found = bitbrains(pd.concat([gone, frame]), name="b", kind="cpu", used="used", given="given")
    assert found.past.names == ("x", "x", "x", "y", "y")
    assert found.last.tolist() == [False, False, True, False, True]
    assert (found.past.use.shape, found.future.shape) == ((5, 14 * DAY), (5, 7 * DAY))
    assert np.unique(found.past.use).tolist() == [2.0]
    assert np.isfinite(found.future).sum(axis=1).tolist() == [7 * DAY] * 3 + [6 * DAY, 2 * DAY]
    assert found.past.capacity.tolist() == [8.0] * 5


def test_every_rule_sizes_what_is_judged() -> None:
    """Ours twice, survival, six with a knob and four as shipped: a size for each judged window, up to all."""
    (chosen,) = planted(2, workloads=30)
    found = rightsize.sizes(chosen, seed=2)
    assert set(found) == {"ours", "ours_kept", "survival", *RULES, *SHIPPED}
    assert all(len(sizes) == chosen.judged(2).sum() for sizes in found.values())
    assert all(LADDER[0] <= sizes.min() and sizes.max() <= 1.0 for sizes in found.values())
    second = chosen.past.rows(chosen.judged(2))
    assert found["azure_like_shipped"] == pytest.approx(each(second, Headroom(0.95, 0.2, days=7)))
    assert found["vpa_shipped"] == pytest.approx(each(second, Vpa()))


def test_the_mean_is_over_the_sets_of_the_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All and half of two named sets save 0 and 50; a set beside the four does not weigh in."""
    named = [replace(two_judged(1), name=name) for name in (*rightsize_sets.MEAN_OF[:2], "beside")]
    allotted_by = {named[0].name: 1.0, named[1].name: 0.5, "beside": 0.01}
    monkeypatch.setattr(rightsize_sets, "given", lambda _: named)
    monkeypatch.setattr(rightsize, "on_many", lambda **_: [])
    monkeypatch.setattr(
        rightsize, "sizes", lambda chosen, seed: {"flat": np.full(2, allotted_by[chosen.name])}
    )
    found = rightsize.results(tmp_path, seed=1, quick=True)
    saved = {line["set"]: line["value"] for line in found if line["metric"] == "saving_pct"}
    assert saved == {named[0].name: 0.0, named[1].name: 50.0, "beside": 99.0, "mean": 25.0}
    del named[:2]
    assert {line["set"] for line in rightsize.results(tmp_path, seed=1, quick=True)} == {"beside"}

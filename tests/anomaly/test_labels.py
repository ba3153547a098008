"""What people say changes what they hear: chances, thresholds, budgets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.anomaly.labels import Label, chance_real, judged, thresholds
from finops_lib.records import Anomaly, Estimate

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def said(*pairs: tuple[float, str], team: str = "web") -> list[Label]:
    """Make labels of one team, each of its own anomaly."""
    return [Label(team, p, word, NOW, f"{team}{number}") for number, (p, word) in enumerate(pairs)]


REAL_BELOW = said(*[(10.0**-k, "real" if k > 4 else "false alarm") for k in range(1, 10)])


def test_the_chance_follows_the_labels() -> None:
    """Five of five real below 1e-4: 6 of 7 by the prior; none of four above: 1 of 6."""
    assert chance_real(REAL_BELOW, team="web", p_value=1e-8) == pytest.approx(6 / 7)
    assert chance_real(REAL_BELOW, team="web", p_value=0.05) == pytest.approx(1 / 6)


def test_few_labels_say_nothing() -> None:
    """Four labels in all are no ground."""
    assert chance_real(REAL_BELOW[:4], team="web", p_value=1e-8) is None


def test_a_team_without_labels_is_spoken_for_by_all() -> None:
    """Another team's chance is that of all labels."""
    assert chance_real(REAL_BELOW, team="new", p_value=1e-8) == pytest.approx(6 / 7)


@given(
    st.lists(
        st.tuples(st.floats(1e-12, 1), st.sampled_from(["real", "planned", "false alarm"])),
        min_size=5,
        max_size=30,
    )
)
def test_a_smaller_p_value_is_never_less_likely_real(pairs: list[tuple[float, str]]) -> None:
    """The chance falls with the p-value and is never 0 or 1."""
    labels = said(*pairs)
    chances = [chance_real(labels, team="web", p_value=p) for p in np.logspace(-13, 0, 30)]
    assert all(0 < chance < 1 for chance in chances if chance is not None)
    assert all(second <= first + 1e-12 for first, second in pairwise(chances))  # type: ignore[operator]


def test_the_threshold_holds_the_precision() -> None:
    """At 0.8 a team hears up to 1e-4, of which 5 of 6 were real; at 0.9 up to 1e-5; at 0.5 of all."""
    limits = {share: thresholds(REAL_BELOW, precision=share, now=NOW)["web"] for share in (0.5, 0.8, 0.9)}
    assert limits == {0.5: 1.0, 0.8: 1e-4, 0.9: 1e-5}


def test_planned_is_no_news() -> None:
    """Labels "planned" count against the precision: a team that planned all hears nothing."""
    labels = said(*[(10.0**-k, "planned") for k in range(1, 8)])
    assert thresholds(labels, now=NOW)["web"] == 0.0


def test_the_newest_word_counts() -> None:
    """A false alarm that was later called real is real."""
    later = [Label(one.team, one.p_value, "real", NOW + timedelta(days=1), one.key) for one in REAL_BELOW]
    assert thresholds(REAL_BELOW + later, precision=0.9, now=NOW)["web"] == 1.0


def test_a_budget_keeps_the_least_likely() -> None:
    """Two a week for two weeks: the four smallest p-values of ten are within; older ones do not count."""
    told = [("web", 10.0**-k, NOW - timedelta(days=k)) for k in range(1, 11)]
    told += [("web", 1e-30, NOW - timedelta(days=100))]
    found = thresholds([], alerts_a_week=2, weeks=2, told=told, now=NOW)
    assert found["web"] == pytest.approx(1e-7)
    assert thresholds([], alerts_a_week=0, weeks=2, told=told, now=NOW)["web"] == 0.0
    assert thresholds([], alerts_a_week=9, weeks=2, told=told, now=NOW)["web"] == 1.0


def test_words_and_shares_are_checked() -> None:
    """An unknown word, a p-value above 1 and a precision of 1 are refused."""
    with pytest.raises(ValueError, match="'maybe'"):
        Label("web", 0.1, "maybe", NOW)
    with pytest.raises(ValueError, match="p-value"):
        Label("web", 1.1, "real", NOW)
    with pytest.raises(ValueError, match="precision"):
        thresholds([], precision=1.0, now=NOW)


def test_a_label_remembers_its_anomaly() -> None:
    """The key and p-value of the anomaly are in the label."""
    money = Estimate(Decimal(1), Decimal(2), Decimal(3), 0.8, "EUR")
    one = Anomaly("spike", ("web",), {}, NOW, NOW, NOW, money, 0.004)
    label = judged(one, "real", team="web", at=NOW)
    assert (label.key, label.p_value, label.said) == (one.key, 0.004, "real")

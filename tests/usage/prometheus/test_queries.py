"""Which PromQL is asked: windows of at least four samples, and every metric once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.usage.prometheus.queries import QUERIES, rate_window, scrape_seconds
from finops_lib.usage.series import METRICS


def test_every_metric_of_a_container_is_asked_for_once() -> None:
    """Each has a place in the list of metrics, which says its unit."""
    names = [name for query in QUERIES for name, _ in query.metrics]
    assert len(names) == len(set(names))
    assert set(names) == set(METRICS) - {"cpu_share", "memory_share", "space"}


def test_no_placeholder_is_left() -> None:
    """Every rate has the window, every highest value the step."""
    for query in QUERIES:
        text = query.promql(window_seconds=240, step_seconds=60)
        assert "$" not in text
        assert text.count("[240s]") == text.count("rate(")
        assert text.count("[59999ms]") == text.count("_over_time(")


def test_what_the_kubelet_watches_is_told_from_what_is_only_known() -> None:
    """Requests and restarts are known of a pod that nobody watches."""
    watched = {name for query in QUERIES if query.watched for name, _ in query.metrics}
    assert {"cpu", "memory", "gpu", "network", "disk", "oom_kills"} <= watched
    assert not {"restarts", "cpu_request", "memory_limit", "autoscaled"} & watched


@pytest.mark.parametrize(
    ("samples", "seconds"), [(241, 15), (240, 16), (61, 60), (60, 62), (12, 328), (2, 3600)]
)
def test_samples_an_hour_say_how_far_apart_they_are(samples: float, seconds: int) -> None:
    """An hour holds one sample more than distances where it ends at one; never rounded down."""
    assert scrape_seconds(samples) == seconds


@given(st.integers(1, 3600), st.integers(1, 3600))
def test_a_rate_window_holds_four_samples_and_the_step(scrape: int, step: int) -> None:
    """And is the smallest that does."""
    found = rate_window(scrape_seconds=scrape, step_seconds=step)
    assert found >= step
    assert found >= 4 * scrape
    assert found in (step, 4 * scrape)

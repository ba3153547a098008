"""What is said beside anomalies: lost days, unknown parts, short series, pauses, and changes of mind."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from finops_lib.anomaly.detect import Watched, watch
from finops_lib.anomaly.pauses import Pause

DAYS = pd.date_range("2026-01-01", periods=40)


def teams(**values: np.ndarray) -> pd.DataFrame:
    """Make a frame of teams; a series may be shorter, then it begins later."""
    parts = [
        pd.DataFrame({"time": DAYS[len(DAYS) - len(series) :], "team": team, "value": series})
        for team, series in values.items()
    ]
    return pd.concat(parts)


def said(found: Watched) -> list[tuple[str, date, date, str]]:
    """Read the notes as rows."""
    return list(found.notes.itertuples(index=False, name=None))


def test_nothing_to_say() -> None:
    """Forty known days of one team have no note."""
    assert said(watch(teams(a=np.full(40, 5.0)), by=["team"])) == []


def test_a_short_series_is_named_with_its_days() -> None:
    """A team with five days is not judged, and the reason says how many there are."""
    found = watch(teams(a=np.full(40, 5.0), b=np.full(5, 5.0)), by=["team"])
    text = "5 known days: no day is judged before 14 are known"
    assert said(found) == [("b", date(2026, 1, 1), date(2026, 2, 9), text)]


def test_a_lost_day_and_an_unknown_part_are_told_apart() -> None:
    """A day without any row was not delivered; a day on which one team is unknown has no whole."""
    frame = teams(a=np.full(40, 5.0), b=np.full(40, 5.0))
    frame.loc[(frame["time"] == DAYS[20]) & (frame["team"] == "b"), "value"] = np.nan
    found = watch(frame[frame["time"] != DAYS[10]], by=["team"])
    assert said(found) == [
        ("whole", date(2026, 1, 11), date(2026, 1, 11), "nothing was delivered"),
        ("whole", date(2026, 1, 21), date(2026, 1, 21), "the cost of a part is not known"),
    ]


def test_a_pause_is_told_with_its_last_day() -> None:
    """A pause to before the fifth ends on the fourth, and its days are not told as lost."""
    pause = Pause(date(2026, 1, 3), date(2026, 1, 5), "restated bill")
    found = watch(teams(a=np.full(40, 5.0)), by=["team"], paused=[pause])
    assert said(found) == [("whole", date(2026, 1, 3), date(2026, 1, 4), "paused: restated bill")]


def test_a_change_of_mind_about_the_kind_is_said() -> None:
    """Two days of nothing are a drop; with the third they have vanished, and the change is told."""
    values = 100 + np.random.default_rng(1).normal(size=40)
    values[37:] = 0
    first = watch(teams(a=values).iloc[:39], by=["team"])
    assert {one.kind for one in first.anomalies} == {"drop"}
    second = watch(teams(a=values).iloc[39:], by=["team"], state=first.state)
    assert "drop in a from 2026-02-07: now seen as vanished" in second.revised

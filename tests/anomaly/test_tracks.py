"""What is remembered: grown by days and series, cut to what is kept, read back by row."""

from __future__ import annotations

import numpy as np

from finops_lib.anomaly.tracks import FLOATS, KEEP, Tracks


def test_growing_keeps_the_newest_days() -> None:
    """Ten days beyond what is kept push the ten oldest out, of values and notes alike."""
    tracks = Tracks(np.arange(float(KEEP))[None, :])
    tracks.notes["score"][0] = np.arange(KEEP)
    grown = tracks.grown(days=10, series=2)
    assert grown.values.shape == (3, KEEP)
    assert (grown.values[0, 0], grown.notes["score"][0, 0]) == (10.0, 10.0)
    assert np.isnan(grown.values[0, -10:]).all()
    assert np.isnan(grown.values[1:]).all()


def test_a_window_before_the_first_day_is_not_known() -> None:
    """Asked for more days than there are, the older ones are NaN."""
    window = Tracks(np.array([[1.0, 2.0]])).window(1, 3)
    assert np.isnan(window[0, :2]).all()
    assert window[0, 2] == 1.0


def test_what_is_odd_or_doubtful_is_left_out_of_the_past() -> None:
    """Days found odd, and days with a p-value below a hundredth, are not among what is usual."""
    tracks = Tracks(np.ones((1, 12)))
    tracks.notes["score"][:] = 1.0
    tracks.odd[0, [1, 2, 5]] = True
    tracks.notes["p_value"][0, [7, 8]] = [0.009, 0.02]
    assert np.flatnonzero(np.isnan(tracks.past("score", 11, 11)[0])).tolist() == [1, 2, 5, 7]


def test_what_moves_far_again_and_again_is_usual() -> None:
    """Three large moves, one of them of two days, are left out; from the fourth on in two months none is."""
    tracks = Tracks(np.ones((1, 90)))
    tracks.notes["score"][:] = 1.0
    tracks.notes["move"][0, [1, 2, 5, 12]] = 9.0
    tracks.odd[0, [1, 2, 5, 12]] = True
    assert np.isnan(tracks.past("score", 40, 40)[0, [1, 2, 5, 12]]).all()
    tracks.notes["move"][0, 40] = -9.0
    assert np.isfinite(tracks.past("score", 50, 50)).all()
    # Sixty days of it allow one more.
    assert np.isnan(tracks.past("score", 61, 61)[0, [1, 2, 5, 12]]).all()


def test_rows_are_copies_that_are_put_back() -> None:
    """Work on some series changes the others only when it is put back, and only those."""
    tracks = Tracks(np.array([[1.0], [2.0], [3.0]]))
    rows = np.array([2, 0])
    part = tracks.rows(rows)
    part.values[:] = [[30.0], [10.0]]
    part.notes["mid"][:] = 5.0
    part.odd[:] = True
    assert tracks.values[:, 0].tolist() == [1.0, 2.0, 3.0]
    tracks.put(rows, part)
    assert tracks.values[:, 0].tolist() == [10.0, 2.0, 30.0]
    assert tracks.odd[:, 0].tolist() == [True, False, True]
    assert np.isnan(tracks.notes["mid"][1, 0])


def test_every_note_begins_unknown() -> None:
    """A note that was never written is NaN, not zero."""
    tracks = Tracks(np.ones((1, 2)))
    assert set(tracks.notes) == set(FLOATS)
    assert all(np.isnan(noted).all() for noted in tracks.notes.values())

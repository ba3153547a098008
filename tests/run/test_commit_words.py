"""What is not known of commitments is said in sentences."""

from __future__ import annotations

import pandas as pd

from finops_lib.optimize.commitments.offers import Offer
from finops_lib.optimize.commitments.sold import Asked, sold
from finops_lib.run.commit_files import CommitFiles
from finops_lib.run.commit_words import named, unknown
from tests.optimize.commitments.test_in_place import UNTIL, covered, month, placed
from tests.optimize.commitments.test_sold import NOTHING, charges


def test_each_thing_that_is_not_known_is_said() -> None:
    """No offers, no end, a cost that is not spread, prices that are missing."""
    known = placed(covered(*month()))
    hidden = placed(covered(*month(0, 24)))
    lines = charges(60).assign(unknown=1)
    found = [sold(lines, NOTHING, Asked(UNTIL, placed=(*known, *hidden)))]
    said = unknown(found, lines, CommitFiles())
    assert said[0].startswith("No file of offers was handed in")
    assert said[1].startswith("When p, p ends is not known")
    assert said[2].startswith("The bill does not spread the cost of p")
    assert said[3] == "120 charges state no list price: such hours are not known, not zero."


def test_names_that_nobody_uses_are_said() -> None:
    """A scope that the bill does not have."""
    files = CommitFiles((Offer("x", {"gone": 0.3}, 12),))
    lines = charges(60)
    [said] = unknown([sold(lines, NOTHING, Asked(UNTIL, files.offers))], lines, files)
    assert said == "The bill has no use of gone, which the file of offers names."


def test_long_names_are_cut_from_the_left() -> None:
    """The end tells them apart."""
    assert named(["x" * 100 + "end"]) == f"…{'x' * 77}end"
    assert unknown([], pd.DataFrame({"scope": [], "unknown": []}), CommitFiles()) == [
        "No file of offers was handed in."
    ]

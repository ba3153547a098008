"""What strategies give: amounts or reasons, never both and never neither."""

from __future__ import annotations

import numpy as np
import pytest

from finops_lib.optimize.strategies.base import Allocation, allotted
from finops_lib.optimize.windows import Histories


@pytest.mark.parametrize(("amount", "reason"), [(np.nan, ""), (1.0, "one sample")])
def test_an_amount_or_a_reason(amount: float, reason: str) -> None:
    """Silence without a reason is refused, and so is a reason beside an amount."""
    with pytest.raises(ValueError, match="amounts and reasons"):
        Allocation(("web",), np.array([amount]), None, (reason,))


def test_too_few_samples_are_a_reason_of_their_own() -> None:
    """From the least on there is an answer; else it is said how many samples there are."""
    asked = Histories(("a", "b", "c"), np.ones((3, 4)), 60, np.ones(3), "cpu")
    given = allotted(asked, np.array([1.0, 2.0, np.nan]), known=np.array([4, 3, 9]), least=4)
    np.testing.assert_array_equal(given.amount, [1.0, np.nan, np.nan])
    assert given.reasons == ("", "3 samples, 4 are needed", "9 samples, 4 are needed")
    assert given.answered.tolist() == [True, False, False]

"""Thresholds have bounds; a settings file may set any of them and no other."""

from __future__ import annotations

import pytest

from finops_lib.billing.quality.limits import Thresholds
from finops_lib.errors import SettingsError


def test_what_is_left_out_keeps_its_default() -> None:
    """One value set, all others as they were; bounds themselves are allowed."""
    found = Thresholds.from_settings({"late_after_days": 60, "duplicate_share": 0})
    assert found == Thresholds(late_after_days=60, duplicate_share=0)
    assert found.jump_ratio == Thresholds().jump_ratio


def test_an_unknown_name_lists_the_known_ones() -> None:
    """A slip of the pen is not passed over."""
    with pytest.raises(SettingsError, match=r"late_after_day: no such .*late_after_days, incom"):
        Thresholds.from_settings({"late_after_day": 3})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("late_after_days", -1),
        ("late_after_days", 61),
        ("late_after_days", 3.0),
        ("late_after_days", True),
        ("jump_ratio", 1),
        ("daily_share", float("nan")),
        ("restated_share", "0.1"),
    ],
)
def test_a_value_out_of_bounds_or_of_another_type_is_refused(name: str, value: object) -> None:
    """The message names field, value, meaning and bounds."""
    with pytest.raises(SettingsError, match=rf"{name} = .*number from .* to "):
        Thresholds.from_settings({name: value})

"""What scalars without quotes mean."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.policy.inventory.yaml_scalars import plain_value

WORDS = {"true": True, "Yes": True, "ON": True, "no": False, "Off": False, "FALSE": False, "yEs": "yEs"}
WORDS |= {"y": "y", "n": "n", "null": None, "~": None, "": None, "nul": "nul"}
NUMBERS = {"0": 0, "-7": -7, "+3": 3, "1_000": 1000, "0644": 420, "0o17": 15, "0x1F": 31, "0.5": 0.5}
NUMBERS |= {"1.50": 1.5, ".5": 0.5, "1e3": 1000.0, "9007199254740992": 9007199254740992}
SAME = [
    "012345678901",
    "089",
    "500m",
    "2Gi",
    "2026-09-18",
    "1.2.3",
    "9007199254740993",
    "1e999",
    ".inf",
    ".nan",
]
SAME += ["9" * 39, "9" * 9999]


@pytest.mark.parametrize(("text", "value"), [*WORDS.items(), *NUMBERS.items(), *zip(SAME, SAME, strict=True)])
def test_a_scalar_means_what_kubectl_reads(text: str, value: object) -> None:
    """Words of YAML 1.1 are booleans; what JSON cannot hold exactly stays text."""
    found = plain_value(text)
    assert found == value
    assert type(found) is type(value)


@given(st.text(max_size=30))
def test_no_text_is_an_error_or_an_endless_number(text: str) -> None:
    """Whatever stands there is a text, a finite number, a boolean or nothing."""
    value = plain_value(text)
    assert value is None or isinstance(value, str | bool) or math.isfinite(value)

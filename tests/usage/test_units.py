"""Which spelling is which unit: the lists of three sources, decimal apart from binary, and no guess."""

from __future__ import annotations

import pytest

from finops_lib.errors import UsageError
from finops_lib.usage.units import UNITS, Unit, same_kind, unit_of


@pytest.mark.parametrize(
    ("text", "kind", "factor"),
    [
        # CloudWatch
        ("Percent", "ratio", 0.01),
        ("Bytes/Second", "bytes/s", 1.0),
        ("Kilobytes", "bytes", 1_000.0),
        ("Gigabits/Second", "bytes/s", 125_000_000.0),
        ("Terabytes", "bytes", 1e12),
        ("Microseconds", "seconds", 1e-6),
        ("Count/Second", "count/s", 1.0),
        # Azure Monitor
        ("BytesPerSecond", "bytes/s", 1.0),
        ("BitsPerSecond", "bytes/s", 0.125),
        ("MilliSeconds", "seconds", 1e-3),
        ("CountPerSecond", "count/s", 1.0),
        ("NanoCores", "cores", 1e-9),
        ("MilliCores", "cores", 1e-3),
        # OpenTelemetry
        ("By", "bytes", 1.0),
        ("MiBy", "bytes", 1_048_576.0),
        ("1", "ratio", 1.0),
        ("{request}", "count", 1.0),
        ("{fault}/s", "count/s", 1.0),
        ("{cpu}", "cores", 1.0),
        # the rest
        ("GiB", "bytes", 1_073_741_824.0),
        ("MB", "bytes", 1_000_000.0),
        ("MiB/s", "bytes/s", 1_048_576.0),
        ("TiB", "bytes", 1_099_511_627_776.0),
        ("h", "seconds", 3600.0),
    ],
)
def test_a_spelling_has_its_kind_and_factor(text: str, kind: str, factor: float) -> None:
    """As its source means it, in any case of letters."""
    assert unit_of(text) == unit_of(f" {text} ") == Unit(kind, pytest.approx(factor))


@pytest.mark.parametrize(
    "text", ["Mb", "Gb/s", "Kb", "furlongs", "", "None", "Unspecified", "m", "{", "GB\n/s"]
)
def test_what_is_not_in_the_list_is_refused(text: str) -> None:
    """Megabit or megabyte, metre or milli: nothing is guessed, and the spelling is named."""
    with pytest.raises(UsageError, match="and their multiples") as found:
        unit_of(text)
    assert found.value.value == f"unit {text!r}"


def test_every_spelling_is_in_small_letters() -> None:
    """Else it could never be found."""
    assert [name for name in UNITS if name != name.lower()] == []


def test_multiples_are_one_kind_and_two_kinds_are_refused() -> None:
    """MiB and GB are both bytes; bytes and a share are not the same, and the message names all four words."""
    assert same_kind("memory", {text: unit_of(text) for text in ("MiB", "GB")}) == "bytes"
    with pytest.raises(UsageError, match="metric 'memory' in 'GB' and 'Percent'") as found:
        same_kind("memory", {text: unit_of(text) for text in ("Percent", "GB")})
    assert "none of bytes, ratio can be made into another" in found.value.rule

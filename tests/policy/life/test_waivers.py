"""A waiver lifts one rule for what it names, for a while, and somebody answers for it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.errors import PolicyError
from finops_lib.policy.life.waivers import Waiver, fits, lifted, lifting, read_waivers
from finops_lib.records import Reason

GOOD = """waivers:
- id: W-1
  rule: TAG-001
  subject: "terraform/old:aws_s3_bucket.*"
  owner: ana
  reason: the bucket goes with the old shop
  from: 2026-11-01
  until: 2027-01-30
  approved_by: ben
"""
START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 30, tzinfo=UTC)
OLD = Reason("TAG-001", "no team", "terraform/old:aws_s3_bucket.logs")
MOMENT = timedelta(microseconds=1)


def read(folder: Path, text: str = GOOD) -> tuple[Waiver, ...]:
    (folder / "waivers.yaml").write_text(text)
    return read_waivers(folder / "waivers.yaml")


def test_a_waiver_is_read(tmp_path: Path) -> None:
    """Days are the first moments of days in UTC; 90 days are let in."""
    [waiver] = read(tmp_path)
    assert (waiver.start, waiver.until, waiver.until - waiver.start) == (START, END, timedelta(days=90))
    assert (waiver.rule, waiver.owner, waiver.approved_by) == ("TAG-001", "ana", "ben")


@pytest.mark.parametrize(
    ("at", "lifts"), [(START - MOMENT, False), (START, True), (END - MOMENT, True), (END, False)]
)
def test_it_lifts_from_its_start_to_just_before_its_end(tmp_path: Path, at: datetime, lifts: bool) -> None:
    """One that has expired, or is yet to come, lifts nothing."""
    found = lifted([OLD], read(tmp_path), at)
    assert (found.kept, found.waived, found.by) == (((), (OLD,), ("W-1",)) if lifts else ((OLD,), (), ()))


@pytest.mark.parametrize(
    "reason",
    [
        Reason("TAG-002", "no team", OLD.subject),
        Reason("TAG-001", "no team", "terraform/new:aws_s3_bucket.logs"),
        Reason("TAG-001", "no team", ""),
    ],
)
def test_another_rule_or_subject_is_kept(tmp_path: Path, reason: Reason) -> None:
    """What it does not name stays; what it names beside it is lifted."""
    found = lifted([reason, OLD], read(tmp_path), START)
    assert (found.kept, found.waived) == ((reason,), (OLD,))


@pytest.mark.parametrize("rule", ["INPUT", "ENGINE"])
def test_what_could_not_be_judged_is_never_lifted(rule: str) -> None:
    """Even a waiver that was made in code, past the reader, does not lift it."""
    waiver = Waiver("W", rule, "*", "ana", "it must go on", START, END, "ben")
    reason = Reason(rule, "not understood", "a")
    assert lifted([reason], [waiver], START).kept == (reason,)


def test_a_moment_has_a_zone(tmp_path: Path) -> None:
    """Without one nobody knows whether the waiver still holds."""
    with pytest.raises(ValueError, match="it carries a time zone"):
        lifted([OLD], read(tmp_path), datetime(2026, 12, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("waivers:", "waiver:", r"it holds waivers, a list of at most 10000"),
        ("  owner: ana\n", "", r"waiver 1: key 'owner': it has the keys"),
        ("  owner: ana\n", "  owner: ana\n  more: 1\n", r"key 'more': it has the keys"),
        ("until: 2027-01-30", "until: 2027-01-31", r"from 2026-11-01 until 2027-01-31: it ends 1 to 90 days"),
        ("until: 2027-01-30", "until: 2026-11-01", r"it ends 1 to 90 days after it starts"),
        ("until: 2027-01-30", "until: never", r"until 'never': it is a day, YYYY-MM-DD"),
        ("until: 2027-01-30", "until: 2027-02-30", r"until '2027-02-30': it is a day"),
        ("until: 2027-01-30", "until: null", r"until 'None': it is a text of 1 to 300"),
        ("reason: the bucket goes with the old shop", "reason: 1234567890 abc", r"at least 10 letters"),
        (
            "approved_by: ben",
            "approved_by: ' @Ana'",
            r"approved_by '@Ana': it is somebody else than the owner",
        ),
        ("rule: TAG-001", "rule: INPUT", r"rule 'INPUT': it is one rule such as TAG-001"),
        ("rule: TAG-001", "rule: '*'", r"rule '\*': it is one rule"),
        ('"terraform/old:aws_s3_bucket.*"', "'*'", r"subject '\*': it names at least 3 letters or digits"),
        ('"terraform/old:aws_s3_bucket.*"', "'*********abc'", r"has at most 8 stars"),
        ('"terraform/old:aws_s3_bucket.*"', f"{'a' * 301}", r"it is a text of 1 to 300 characters"),
        ("owner: ana", 'owner: "a\\tb"', r"that can be printed"),
        ("owner: ana", "owner: 5", r"owner '5': it is a text"),
        ("- id: W-1", "- 5\n- id: W-1", r"waiver 1: it has the keys"),
    ],
)
def test_a_waiver_that_breaks_a_rule_is_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """The file, the waiver, the value and the rule are named."""
    assert old in GOOD
    with pytest.raises(PolicyError, match=fault):
        read(tmp_path, GOOD.replace(old, new))


def test_an_id_is_used_once(tmp_path: Path) -> None:
    """Two waivers of one id could not be told apart."""
    with pytest.raises(PolicyError, match=r"waivers waivers\.yaml: id 'W-1' twice"):
        read(tmp_path, GOOD + GOOD.removeprefix("waivers:\n"))


@pytest.mark.parametrize(
    ("time", "lifts"),
    [
        ("2026-11-26T10:00:00Z", True),
        ("2026-11-01T00:30:00+01:00", False),
        ("2026-11-26T10:00:00", False),
        ("tomorrow", False),
        ("", False),
    ],
)
def test_an_engine_asks_with_the_time_of_its_input(tmp_path: Path, time: str, lifts: bool) -> None:
    """Half past midnight in Zurich is the day before in UTC; a time that says too little lifts nothing."""
    assert lifting(read(tmp_path))(OLD, time) is lifts


TEXTS = st.text("ab*[.", max_size=8)


@given(TEXTS, st.text("ab[.", max_size=10))
def test_a_pattern_fits_as_a_regular_expression_would(pattern: str, subject: str) -> None:
    """Each star any text, all else itself."""
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), subject) is not None
    assert fits(pattern, subject) == expected


def test_a_hostile_pattern_takes_no_time() -> None:
    """A thousand stars on a long address are one pass."""
    assert not fits("*a" * 1000 + "b", "a" * 100_000)

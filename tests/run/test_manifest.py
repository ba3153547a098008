"""The manifest: what a run was made from, without a place or a person in it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from finops_lib.records import Snapshot
from finops_lib.run import manifest

SNAPSHOT = Snapshot(
    provider="Cloud",
    account="2",
    billing_period="2026-07",
    scope="",
    id="b",
    content="c",
    source="far/away/bill.csv",
    rows=5,
    quarantined=1,
    cost={},
    first_day="",
    last_day="",
    delivered=datetime(2026, 8, 4, tzinfo=UTC),
)


def test_outputs_carry_size_and_sha256(tmp_path: Path) -> None:
    """Names in the order given, bytes and digest of each file."""
    (tmp_path / "b").write_bytes(b"abc")
    (tmp_path / "a").write_bytes(b"")
    first, second = manifest.outputs(tmp_path, ["b", "a"])
    assert first == {"file": "b", "bytes": 3, "sha256": hashlib.sha256(b"abc").hexdigest()}
    assert second == {"file": "a", "bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}


def test_deliveries_are_ordered_and_say_nothing_of_their_source() -> None:
    """By period, then account; the path of the bill stays behind."""
    earlier, other = (
        replace(SNAPSHOT, billing_period="2026-06", id="c"),
        replace(SNAPSHOT, account="1", id="a"),
    )
    told = manifest.deliveries([SNAPSHOT, other, earlier])
    assert [item["id"] for item in told] == ["c", "a", "b"]
    assert (told[0]["rows"], told[0]["quarantined"]) == (5, 1)
    assert "somebody" not in json.dumps(told)


def test_changed_sources_have_another_sha256(tmp_path: Path) -> None:
    """The same sources give the same digest, another byte another one; outside git there is no commit."""
    (tmp_path / "__init__.py").write_text("a = 1\n")
    before = manifest.code_facts(tmp_path)
    assert before == manifest.code_facts(tmp_path)
    assert before["commit"] == ""
    (tmp_path / "__init__.py").write_text("a = 2\n")
    assert manifest.code_facts(tmp_path)["sha256"] != before["sha256"]


def test_a_configuration_file_is_known_by_its_content(tmp_path: Path) -> None:
    """Named as the manifest calls it, with its sha256, and without a commit outside git."""
    path = tmp_path / "rates.csv"
    path.write_bytes(b"x")
    expected = {"file": "rates", "commit": "", "sha256": hashlib.sha256(b"x").hexdigest()}
    assert manifest.file_facts(path, name="rates") == expected


def test_places_are_left_out_of_parameters() -> None:
    """Absolute paths of every system keep their last name; all else stays as it is."""
    given = {"a": "/data/lake", "b": "C:\\bills\\lake", "c": "rates.csv", "days": 3, "none": None}
    told = manifest.without_places(given)
    assert told == {"a": "lake", "b": "lake", "c": "rates.csv", "days": 3, "none": None}

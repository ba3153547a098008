"""Bundles that were in force: kept by their digest, put back, and a log that cannot be edited unseen."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.bundle_files import digest
from finops_lib.policy.life.versions import FIRST, LOG, BundleStore

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
OLD = {"main.rego": b"package finops.main\n", "tags/a.rego": b"package finops.rules.tags.a\n"}
NEW = {**OLD, "tags/a.rego": b"package finops.rules.tags.a\nid := 1\n"}


@pytest.fixture
def store(tmp_path: Path) -> BundleStore:
    return BundleStore(tmp_path / "store")


def in_force_twice(store: BundleStore) -> tuple[str, str]:
    """Put one bundle in force at noon and another an hour later."""
    old, new = store.put(OLD), store.put(NEW)
    store.put_in_force(old, at=NOON, by="ana", reason="the first")
    store.put_in_force(new, at=NOON + timedelta(hours=1), by="ben", reason="stricter")
    return old, new


def test_a_bundle_is_kept_once_under_its_digest(store: BundleStore) -> None:
    """Its files come back as they were, and nothing else is left in the folder."""
    sha256 = store.put(OLD)
    assert (sha256, store.put(OLD), store.get(sha256)) == (digest(OLD), sha256, OLD)
    assert [path.name for path in (store.folder / "bundles").iterdir()] == [sha256]


def test_which_was_in_force_at_a_moment(store: BundleStore) -> None:
    """The last line that is not later; before the first there was none."""
    old, new = in_force_twice(store)
    assert store.in_force().sha256 == new
    assert store.in_force(NOON + timedelta(minutes=59)).sha256 == old
    assert store.in_force(NOON + timedelta(hours=1)).sha256 == new
    with pytest.raises(PolicyError, match=r"store store: a bundle is in force\. Remedy: put one in force"):
        store.in_force(NOON - timedelta(seconds=1))


def test_an_earlier_bundle_is_put_back_as_a_new_line(store: BundleStore) -> None:
    """The log keeps all three; each line carries the hash of the one before."""
    old, new = in_force_twice(store)
    back = store.rollback(old, at=NOON + timedelta(hours=2), by="ana", reason="too strict")
    lines = store.history(head=back.hash)
    assert [line.sha256 for line in lines] == [old, new, old]
    assert [line.before for line in lines] == [FIRST, lines[0].hash, lines[1].hash]
    assert (back.number, back.at, back.by) == (3, "2026-11-01T14:00:00.000000Z", "ana")


def test_only_what_was_in_force_can_be_put_back(store: BundleStore) -> None:
    """Neither one that was only kept, nor the one that holds now; nothing is written."""
    old, new = in_force_twice(store)
    third = store.put({"main.rego": b"package finops.main"})
    at = NOON + timedelta(hours=2)
    with pytest.raises(PolicyError, match=r"it was in force before\. Remedy: put it in force as a new one"):
        store.rollback(third, at=at, by="ana", reason="why not")
    with pytest.raises(PolicyError, match=r"it is not the one in force\. Remedy: name an earlier one"):
        store.rollback(new, at=at, by="ana", reason="why not")
    assert [line.sha256 for line in store.history()] == [old, new]


def test_a_bundle_that_was_changed_is_neither_read_nor_put_in_force(store: BundleStore) -> None:
    """Whether a file of it differs, is new or is gone."""
    sha256 = store.put(OLD)
    path = store.path(sha256) / "main.rego"
    path.chmod(0o644)
    path.write_bytes(b"package finops.main\nallow := true\n")
    for work in (
        lambda: store.get(sha256),
        lambda: store.put(OLD),
        lambda: store.put_in_force(sha256, at=NOON, by="ana", reason="new"),
    ):
        with pytest.raises(PolicyError, match=r"its content has this digest\. Remedy: put the bundle again"):
            work()
    assert store.history() == ()


@pytest.mark.parametrize("change", ["reason", "order", "gone", "no json", "half", "link"])
def test_a_log_that_was_edited_is_refused(store: BundleStore, tmp_path: Path, change: str) -> None:
    """A word changed, lines swapped, the first line taken out, no JSON, half a line, and a link."""
    in_force_twice(store)
    path = store.folder / LOG
    first, second = path.read_bytes().splitlines(keepends=True)
    edited = {
        "reason": first.replace(b"the first", b"the best") + second,
        "order": second + first,
        "gone": second,
        "no json": first + b"{}\n",
        "half": first + second[:-10],
        "link": first + second,
    }[change]
    path.write_bytes(edited)
    if change == "link":
        path.rename(tmp_path / "other")
        path.symlink_to(tmp_path / "other")
    with pytest.raises(PolicyError, match=r"the log is only ever added to\. Remedy: put back the log"):
        store.history()


def test_a_tail_that_was_cut_off_shows_against_the_hash_that_is_known(store: BundleStore) -> None:
    """The chain alone cannot tell; the last hash kept elsewhere can."""
    in_force_twice(store)
    last = store.history()[-1].hash
    path = store.folder / LOG
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert len(store.history()) == 1
    with pytest.raises(PolicyError, match=r"its last line is not the one that is known"):
        store.history(head=last)


@pytest.mark.parametrize(
    ("sha256", "said"),
    [
        ("../../etc", "it is named by its sha256. Remedy: copy all 64 digits"),
        ("a" * 64, "it was kept before. Remedy: put it first"),
    ],
)
def test_what_is_no_bundle_is_refused(store: BundleStore, sha256: str, said: str) -> None:
    """A path, and a digest that is not there."""
    with pytest.raises(PolicyError, match=said):
        store.put_in_force(sha256, at=NOON, by="ana", reason="new")
    assert not (store.folder / LOG).exists()


def test_paths_out_of_the_bundle_are_not_written(store: BundleStore, tmp_path: Path) -> None:
    """Nothing is left behind."""
    with pytest.raises(PolicyError, match=r"file '\.\./x\.rego': it lies in the bundle"):
        store.put({"../x.rego": b""})
    assert list((store.folder / "bundles").iterdir()) == []
    assert not (tmp_path / "x.rego").exists()


def test_the_log_goes_forward_in_time_and_says_who_and_why(store: BundleStore) -> None:
    """A moment before the last line, one without a zone, and a line feed in a reason."""
    old, _ = in_force_twice(store)
    with pytest.raises(
        PolicyError, match=r"it is not before 2026-11-01T13:00:00\.000000Z\. Remedy: see the clock"
    ):
        store.put_in_force(old, at=NOON, by="ana", reason="again")
    with pytest.raises(PolicyError, match=r"it has 1 to 500 letters that can be printed"):
        store.put_in_force(old, at=NOON + timedelta(hours=3), by="ana", reason="a\nb")
    with pytest.raises(ValueError, match=r"it carries a time zone"):
        store.put_in_force(old, at=NOON.replace(tzinfo=None), by="ana", reason="x")
    assert len((store.folder / LOG).read_text(encoding="utf-8").splitlines()) == 2
    assert json.loads((store.folder / LOG).read_text(encoding="utf-8").splitlines()[1])["by"] == "ben"

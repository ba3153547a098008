"""Lists and contents of real repositories, also of those that git itself would not make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from finops_lib.change.listing import Entry, contents, count, entries, printable, records
from finops_lib.change.objects import Objects, objects_of
from finops_lib.errors import PolicyError, SettingsError
from tests.change.repositories import Repository, new


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return new(tmp_path / "tree")


@pytest.fixture
def objects(repository: Repository) -> Iterator[Objects]:
    with objects_of(repository.folder) as opened:
        yield opened


def test_each_file_has_its_mode_id_size_and_path(repository: Repository, objects: Objects) -> None:
    """A file, a program, a link; the id is what `printf ... | git hash-object --stdin` says."""
    (repository.folder / "link").symlink_to("/etc/passwd")
    (repository.folder / "run").touch(mode=0o755)
    commit = repository.commit({"deep/a b": "hello\n"})
    assert entries(objects, commit) == [
        Entry("100644", "ce013625030ba8dba906f756967f9e9ca394464a", 6, b"deep/a b"),
        Entry("120000", repository.git("rev-parse", "HEAD:link"), 11, b"link"),
        Entry("100755", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", 0, b"run"),
    ]
    assert count(objects, commit) == 3


def test_an_empty_tree_has_nothing(repository: Repository, objects: Objects) -> None:
    """The one tree whose id everybody knows."""
    assert (entries(objects, repository.tree()), count(objects, repository.tree())) == ([], 0)
    assert contents(objects, []) == {}


def test_a_submodule_has_no_size(repository: Repository, objects: Objects) -> None:
    """Its commit is elsewhere."""
    tree = repository.tree(("160000", b"sub", "1" * 40))
    assert entries(objects, tree) == [Entry("160000", "1" * 40, 0, b"sub")]


def test_a_path_that_stands_twice_is_refused(repository: Repository, objects: Objects) -> None:
    """One reader would see the first, another the second."""
    first, second = repository.object(b"1"), repository.object(b"2")
    tree = repository.tree(("100644", b"a\n", first), ("100644", b"a\n", second))
    with pytest.raises(PolicyError, match=r"a\\n, twice at .*: a path stands in a tree once"):
        entries(objects, tree)


def test_contents_come_as_committed(repository: Repository, objects: Objects) -> None:
    """Line ends, zero bytes, no last line, nothing at all; what is asked twice is read once."""
    held = [b"a\r\nb\n", b"\0\n\0", b"", b"x" * 200_000]
    ids = [repository.object(content) for content in held]
    assert contents(objects, [*ids, *ids]) == dict(zip(ids, held, strict=True))


def test_a_content_that_is_not_there_is_an_error(repository: Repository, objects: Objects) -> None:
    """Between two that are: what was read before is no answer."""
    ids = [repository.object(b"1"), "1" * 40, repository.object(b"2")]
    with pytest.raises(SettingsError, match=f"{'1' * 40} in .*/tree: the clone has all contents"):
        contents(objects, ids)


def test_a_list_with_a_content_that_is_not_there_is_an_error(
    repository: Repository, objects: Objects
) -> None:
    """The clone holds the folder and not the file."""
    with pytest.raises(SettingsError, match=r"a in .*/tree: the clone has all contents"):
        entries(objects, repository.tree(("100644", b"a", "1" * 40)))


def test_a_damaged_content_is_an_error(repository: Repository, objects: Objects) -> None:
    """Its bytes on the disk are cut off."""
    held = repository.object(b"abc" * 1000)
    path = repository.folder / ".git" / "objects" / held[:2] / held[2:]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:15])
    with pytest.raises(SettingsError, match=r"unable to stream.*: git can read the repository"):
        contents(objects, [held])


def test_no_more_than_60_000_files_are_listed(repository: Repository, objects: Objects) -> None:
    """60,000 are: 250 names in each of 240 folders, all with one content."""
    blob = repository.object(b"x")
    folder = repository.tree(*(("100644", b"%03d" % number, blob) for number in range(250)))
    whole = repository.tree(*(("40000", b"%03d" % number, folder) for number in range(240)))
    assert len(entries(objects, whole)) == count(objects, whole) == 60_000
    more = repository.tree(("40000", b"a", whole), ("100644", b"b", blob))
    for counted in (entries, count):
        with pytest.raises(PolicyError, match="a tree has at most 60,000 files"):
            counted(objects, more)


def test_a_list_of_very_long_names_is_refused(repository: Repository, objects: Objects) -> None:
    """70 names of a mebibyte each: few files, and more than 64 MiB of list."""
    blob = repository.object(b"x")
    tree = repository.tree(*(("100644", b"%02d" % number + b"x" * 1024**2, blob) for number in range(70)))
    with pytest.raises(PolicyError, match=r"more than 67,\d+,\d+ bytes of names.*at most 67,108,864 bytes"):
        count(objects, tree)


def test_a_list_that_fails_is_no_short_list(objects: Objects) -> None:
    """There is no such tree."""
    with pytest.raises(SettingsError, match="git can read the repository"):
        list(records(objects, "ls-tree", "-z", "1" * 40))


@pytest.mark.parametrize(("path", "shown"), [
    (b"a b/'$(x)'", "a b/'$(x)'"),
    ("straße/数\u00a0".encode(), "straße/数\u00a0"),
    (b"a\nb\x1b[2J", r"a\nb\x1b[2J"),
    (b"\xff\xfe", r"\xff\xfe"),
    (b"a\\nb", r"a\nb"),
    (b"../up", "../up"),
])  # fmt: skip
def test_a_path_is_shown_as_it_is_or_so_that_it_can_be_printed(path: bytes, shown: str) -> None:
    """What is a path of a tree stays whole; the rest holds a backslash or leads out, so is none."""
    assert printable(path) == shown

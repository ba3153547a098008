"""Where the key of the pseudonyms may come from, and that it never shows itself."""

from __future__ import annotations

import hashlib
import hmac
import multiprocessing
import stat
import subprocess
from pathlib import Path

import pytest

from finops_lib.errors import PrivacyError, SettingsError
from finops_lib.keys import Key, credential, master_key, private_folder

TEXT = "correct horse battery staple, 2026"


def stretched(text: str) -> Key:
    return Key(hashlib.scrypt(text.encode(), salt=b"finops_lib people", n=2**14, r=8, p=1, dklen=32))


def same(left: Key, right: Key) -> bool:
    return left.sign("p", b"m") == right.sign("p", b"m")


def key_file(path: Path, text: str = TEXT, *, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def make_key(folder: Path) -> str:
    return master_key(folder, {}, map_exists=False)[1]


def test_a_signature_is_hmac_sha256_of_purpose_zero_message() -> None:
    """Worked with the standard library's own parts."""
    assert hmac.new(b"secret", b"use\0text", hashlib.sha256).digest() == Key(b"secret").sign("use", b"text")


def test_the_variable_and_the_file_give_the_same_key(tmp_path: Path) -> None:
    """A line end after the key in a file does not matter, and nothing has to be said."""
    path = key_file(tmp_path / "key.txt", TEXT + "\n")
    from_text = master_key(tmp_path, {"FINOPS_PRIVACY_KEY": TEXT}, map_exists=False)
    from_file = master_key(tmp_path, {"FINOPS_PRIVACY_KEY_FILE": str(path)}, map_exists=False)
    assert (same(from_text[0], stretched(TEXT)), same(from_file[0], stretched(TEXT))) == (True, True)
    assert (from_text[1], from_file[1]) == ("", "")


@pytest.mark.parametrize("text", ["short", "x" * 31, " " * 40 + "x"])
def test_a_short_key_is_refused_without_being_shown(tmp_path: Path, text: str) -> None:
    """Fewer than 32 characters, spaces around them not counted; the text is not in the error."""
    with pytest.raises(PrivacyError, match="a key has at least 32 characters") as caught:
        master_key(tmp_path, {"FINOPS_PRIVACY_KEY": text}, map_exists=False)
    assert text.strip() not in str(caught.value).replace("hex", "").replace("FINOPS", "")


def test_two_keys_at_once_are_refused(tmp_path: Path) -> None:
    """The variable and the file together leave open which one is meant."""
    both = {"FINOPS_PRIVACY_KEY": TEXT, "FINOPS_PRIVACY_KEY_FILE": str(key_file(tmp_path / "key.txt"))}
    with pytest.raises(PrivacyError, match="are both set: one of them gives the key"):
        master_key(tmp_path, both, map_exists=False)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Group and others have no right to it; the remedy is the command."""
    path = key_file(tmp_path / "key.txt", mode=mode)
    with pytest.raises(PrivacyError, match=f"only its owner may read it.*chmod 600 {path}"):
        master_key(tmp_path, {"FINOPS_PRIVACY_KEY_FILE": str(path)}, map_exists=False)


@pytest.mark.parametrize("folder", [".", "deep/er"])
def test_a_key_file_in_a_git_work_tree_is_refused(tmp_path: Path, folder: str) -> None:
    """At its top or below, and also when it is reached by a link from outside."""
    tree = tmp_path / "tree"
    (tree / folder).mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    path = key_file(tree / folder / "key.txt")
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    for named in (path, link):
        with pytest.raises(PrivacyError, match="a key lies outside every Git work tree"):
            master_key(tmp_path, {"FINOPS_PRIVACY_KEY_FILE": str(named)}, map_exists=False)


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The error says which file and why, and what would do."""
    named = {"FINOPS_PRIVACY_KEY_FILE": str(tmp_path / "none.txt")}
    with pytest.raises(PrivacyError, match=r"none\.txt: No such file.*openssl rand -hex 32"):
        master_key(tmp_path, named, map_exists=False)


def test_a_random_key_is_made_once_kept_for_the_owner_and_said(tmp_path: Path) -> None:
    """64 hexadecimal digits, mode 0600; the second call finds it and says nothing."""
    folder = private_folder(tmp_path / "lake.private")
    first, notice = master_key(folder, {}, map_exists=False)
    second, silence = master_key(folder, {}, map_exists=True)
    kept = folder / "key"
    assert (stat.S_IMODE(kept.stat().st_mode), len(kept.read_bytes())) == (0o600, 65)
    assert str(kept) in notice
    assert "FINOPS_PRIVACY_KEY_FILE" in notice
    assert (same(first, second), silence) == (True, "")


def test_the_random_key_can_be_moved_out_and_named(tmp_path: Path) -> None:
    """What the notice advises works: the same key from another place."""
    folder = private_folder(tmp_path / "lake.private")
    made, _ = master_key(folder, {}, map_exists=False)
    (folder / "key").rename(tmp_path / "elsewhere")
    named = {"FINOPS_PRIVACY_KEY_FILE": str(tmp_path / "elsewhere")}
    assert same(made, master_key(folder, named, map_exists=True)[0])


def test_no_second_key_is_made_for_an_existing_map(tmp_path: Path) -> None:
    """Whoever made the map with a key from the environment and forgets it now is told so."""
    with pytest.raises(PrivacyError, match="a key map is used with the key it was made with"):
        master_key(private_folder(tmp_path / "lake.private"), {}, map_exists=True)
    assert not (tmp_path / "lake.private" / "key").exists()


def test_many_processes_make_one_key(tmp_path: Path) -> None:
    """Eight at the same moment: one says that it made the key, and no draft is left behind."""
    folder = private_folder(tmp_path / "lake.private")
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        notices = pool.map(make_key, [folder] * 8, chunksize=1)
    assert sum(bool(notice) for notice in notices) == 1
    assert sorted(path.name for path in folder.iterdir()) == [".gitignore", "key"]


def test_the_private_folder_is_the_owners_alone(tmp_path: Path) -> None:
    """Mode 0700, and one that others may look into is refused."""
    folder = private_folder(tmp_path / "lake.private")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o750)
    with pytest.raises(PrivacyError, match=f"only its owner may look into it.*chmod 700 {folder}"):
        private_folder(folder)


def test_a_private_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").touch()
    with pytest.raises(PrivacyError, match="the key map is kept beside the lake"):
        private_folder(tmp_path / "file" / "lake.private")


def test_git_never_picks_up_the_private_folder(tmp_path: Path) -> None:
    """A lake inside a repository: after ``git add --all`` nothing of the folder is staged."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    make_key(private_folder(tmp_path / "lake.private"))
    subprocess.run(["git", "-C", str(tmp_path), "add", "--all"], check=True)
    staged = subprocess.run(
        ["git", "-C", str(tmp_path), "ls-files"], check=True, capture_output=True, text=True
    )
    assert staged.stdout == ""


def test_a_key_has_no_text(tmp_path: Path) -> None:
    """Neither repr nor format nor the object's dictionary gives the material away."""
    key = master_key(tmp_path, {"FINOPS_PRIVACY_KEY": TEXT}, map_exists=False)[0]
    assert (repr(key), f"{key}", hasattr(key, "__dict__")) == ("<key>", "<key>", False)


def test_a_credential_stands_in_a_variable_or_in_the_file_it_names(tmp_path: Path) -> None:
    """Without white space around it; nothing set is none."""
    (tmp_path / "token").write_text(" s3cret\n")
    assert credential("A", {"A": " s3cret "}) == "s3cret"
    assert credential("A", {"A_FILE": str(tmp_path / "token")}) == "s3cret"
    assert credential("A", {"B": "s3cret"}) == ""


@pytest.mark.parametrize(
    ("content", "variables"),
    [
        (b"", {"A_FILE": "token"}),
        (b"s3cret\ns3cret", {"A_FILE": "token"}),
        (b"s3cret\xff", {"A_FILE": "token"}),
        (b"", {"A_FILE": "gone"}),
        (b"", {"A": "s3cret\x1b"}),
        (b"s3cret", {"A": "s3cret", "A_FILE": "token"}),
    ],
)
def test_a_credential_that_is_none_is_refused_unseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, variables: dict[str, str]
) -> None:
    """Empty, two lines, no UTF-8, no file, a control character, or both: only the variable is named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(SettingsError, match=r"^A") as found:
        credential("A", variables)
    assert "s3cret" not in str(found.value)

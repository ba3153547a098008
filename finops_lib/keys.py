"""Where does the secret come from that pseudonyms hang on: the environment, a file, or made beside the lake.

A key is never printed, logged or part of an error, and never lies where Git could pick it up.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from finops_lib.errors import PrivacyError, SettingsError

KEY_VARIABLE = "FINOPS_PRIVACY_KEY"
FILE_VARIABLE = "FINOPS_PRIVACY_KEY_FILE"
_LEAST_LENGTH = 32  # 16 random bytes written as hex
_REMEDY = f"set {KEY_VARIABLE} to 32 or more random characters (openssl rand -hex 32), or {FILE_VARIABLE}"
_OTHERS = 0o077
_LARGEST_SECRET = 10_000  # bytes


class Key:
    """Key material that shows itself nowhere: not in a repr, a message or a list of local variables.

    Examples
    --------
    >>> Key(b"secret")
    <key>
    """

    __slots__ = ("_material",)

    def __init__(self, material: bytes) -> None:
        self._material = material

    def __repr__(self) -> str:
        return "<key>"

    def sign(self, purpose: str, message: bytes) -> bytes:
        """Which 32 bytes does this key give the message for this purpose (HMAC-SHA256).

        Parameters
        ----------
        purpose : str
            Keeps uses of one key apart; without a zero character.
        message : bytes
            Anything.

        Returns
        -------
        bytes

        Source: RFC 2104.
        """
        return hmac.digest(self._material, purpose.encode() + b"\0" + message, "sha256")


def private_folder(folder: Path) -> Path:
    """Make the folder for keys if need be: only its owner may look into it, and Git ignores it.

    Parameters
    ----------
    folder : Path
        Beside a lake.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    PrivacyError
        It cannot be made, or others may look into it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        exposed = stat.S_IMODE(folder.stat().st_mode) & _OTHERS
        if not exposed:
            _write_once(folder / ".gitignore", "*\n")
    except OSError as error:
        raise PrivacyError(
            f"folder {folder}: {error.strerror}",
            "the key map is kept beside the lake",
            "put the lake where you may write",
        ) from error
    if exposed:
        raise PrivacyError(
            f"folder {folder}",
            "only its owner may look into it",
            f"run chmod 700 {folder}, and change the key if others could read it",
        )
    return folder


def master_key(folder: Path, environ: Mapping[str, str], *, map_exists: bool) -> tuple[Key, str]:
    """Which key is to be used: that of the environment, of a file, or the one kept in the folder.

    Parameters
    ----------
    folder : Path
        The private folder, where a random key is made if there is no other.
    environ : mapping
        Where ``FINOPS_PRIVACY_KEY`` or ``FINOPS_PRIVACY_KEY_FILE`` may stand.
    map_exists : bool
        Whether a key map was made before: no key is made for it then.

    Returns
    -------
    tuple
        The key, and what the user has to be told if it had to be made.

    Raises
    ------
    PrivacyError
        The key is missing, too short, exposed or in a Git work tree.
    """
    text, named, kept = environ.get(KEY_VARIABLE, ""), environ.get(FILE_VARIABLE, ""), folder / "key"
    if text and named:
        raise PrivacyError(
            f"{KEY_VARIABLE} and {FILE_VARIABLE} are both set", "one of them gives the key", "unset the other"
        )
    if text:
        return _stretched(text.encode("utf-8", "surrogateescape"), source=KEY_VARIABLE), ""
    if named:
        path = Path(named).expanduser()
        return _stretched(_outside_git(path), source=f"key file {path}"), ""
    if map_exists and not kept.exists():
        raise PrivacyError(
            f"no key for the key map in {folder}",
            "a key map is used with the key it was made with",
            f"set {KEY_VARIABLE} or {FILE_VARIABLE} to that key",
        )
    notice = "" if kept.exists() else _make_key(kept)
    return _stretched(_owner_only(kept), source=f"key file {kept}"), notice


def _stretched(material: bytes, *, source: str) -> Key:
    material = material.strip()
    if len(material) < _LEAST_LENGTH:
        raise PrivacyError(
            f"{source} ({len(material)} characters)",
            f"a key has at least {_LEAST_LENGTH} characters",
            _REMEDY,
        )
    # The salt only keeps this use apart from others: it has to be the same on every machine.
    return Key(hashlib.scrypt(material, salt=b"finops_lib people", n=2**14, r=8, p=1, dklen=32))


def _outside_git(path: Path) -> bytes:
    real = path.resolve()
    if any((parent / ".git").exists() for parent in real.parents):
        raise PrivacyError(
            f"key file {path}",
            "a key lies outside every Git work tree, where it cannot be committed",
            "move it out of the repository, and change the key if it was ever committed",
        )
    return _owner_only(real)


def _owner_only(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            exposed = stat.S_IMODE(os.fstat(file.fileno()).st_mode) & _OTHERS
            material = b"" if exposed else file.read()
    except OSError as error:
        raise PrivacyError(f"key file {path}: {error.strerror}", "a key file can be read", _REMEDY) from error
    if exposed:
        raise PrivacyError(
            f"key file {path}",
            "only its owner may read it",
            f"run chmod 600 {path}, and change the key if others could read it",
        )
    return material


def _make_key(path: Path) -> str:
    if not _write_once(path, secrets.token_hex(32) + "\n"):
        return ""
    return (
        f"No key was given for the names of people, so a random one was made and is kept in {path}, readable "
        f"by you alone. Keep a copy in a safe place; to keep it elsewhere, move it and set {FILE_VARIABLE}."
    )


def _write_once(path: Path, text: str) -> bool:
    if path.exists():
        return False
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # A link is made whole or not at all, and never over what another process has just made.
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def credential(variable: str, environ: Mapping[str, str]) -> str:
    """Which secret stands in this variable, or in the file that its neighbour with _FILE at its end names.

    Parameters
    ----------
    variable : str
        Such as ``FINOPS_PROMETHEUS_TOKEN``.
    environ : mapping of str to str
        The environment.

    Returns
    -------
    str
        Empty where neither is set.

    Raises
    ------
    SettingsError
        Both are set, the file cannot be read, or the secret is not one line. The message does not show it.

    Examples
    --------
    >>> credential("A_TOKEN", {"A_TOKEN": "s3cret"}), credential("A_TOKEN", {})
    ('s3cret', '')
    """
    named = f"{variable}_FILE"
    text, path = environ.get(variable, ""), environ.get(named, "")
    if text and path:
        raise SettingsError(
            f"{variable} and {named} are both set", "one of them gives the secret", "unset one"
        )
    if path:
        try:
            with Path(path).expanduser().open("rb") as file:
                text = file.read(_LARGEST_SECRET).decode()
        except (OSError, ValueError):  # the message of a decoding error would hold the secret
            raise SettingsError(
                f"{named} {path[:200]!r}", "it names a UTF-8 file that can be read", "check the path"
            ) from None
    text = text.strip()
    if (path and not text) or not text.isprintable():
        raise SettingsError(named if path else variable, "a secret is one line, and not empty", "correct it")
    return text

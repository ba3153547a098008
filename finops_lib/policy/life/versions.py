"""Every bundle that was ever in force, by its digest, and since when each was: any can be put back.

A folder with ``bundles/<sha256>/`` (the files of a bundle, written once) and ``in_force.jsonl``. A line of it
says which bundle is in force from when, who put it there and why, and carries the sha256 of the line before,
so that no line can be changed, taken out or put between. A tail that was cut off does not show in the chain
itself: keep the ``hash`` of the last line elsewhere and hand it in as ``head``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError
from finops_lib.policy.bundle_files import digest, files_of
from finops_lib.policy.inventory.tree import is_path
from finops_lib.records import Record

LOG, BUNDLES, LOCK = "in_force.jsonl", "bundles", ".lock"
FIRST = "0" * 64
_LARGEST_LOG = 16 << 20  # bytes
_LONGEST_TEXT = 500
_PATIENCE = 10  # seconds
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class InForce(Record):
    """One line of the log: from ``at`` on the bundle ``sha256`` is in force."""

    number: int
    at: str
    sha256: str
    by: str
    reason: str
    before: str
    hash: str


class BundleStore:
    """Bundles in a folder, and the log of which was in force. Two processes may use it at once.

    Parameters
    ----------
    folder : Path
        Is made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / BUNDLES).mkdir(parents=True, exist_ok=True)

    def put(self, files: Mapping[str, bytes]) -> str:
        """Keep a bundle.

        Parameters
        ----------
        files : mapping
            Path with ``/`` to content.

        Returns
        -------
        str
            Its sha256. One that is there already is verified and left as it is.

        Raises
        ------
        PolicyError
            There is no file or one outside the bundle, or what is there under this digest was tampered with.
        """
        sha256 = digest(files)
        place = self.folder / BUNDLES / sha256
        if place.exists():
            self.get(sha256)
            return sha256
        made = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
        try:
            _write_files(made, files)
            made.rename(place)
        except OSError as error:
            if not place.exists():
                raise PolicyError(
                    f"bundle {sha256}: {error.strerror}", "it can be written", "see the disk"
                ) from error
            self.get(sha256)  # another process was faster
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return sha256

    def get(self, sha256: str) -> dict[str, bytes]:
        """Which files has this bundle, verified.

        Parameters
        ----------
        sha256 : str
            Of `put`.

        Returns
        -------
        dict

        Raises
        ------
        PolicyError
            There is no such bundle, or its content has another digest.
        """
        place = self.path(sha256)
        found = files_of(place)
        if not found or digest(found) != sha256:
            raise PolicyError(
                f"bundle {sha256}", "its content has this digest", "put the bundle again, from git"
            )
        return found

    def path(self, sha256: str) -> Path:
        """Where is this bundle; its content is not verified.

        Parameters
        ----------
        sha256 : str
            64 hexadecimal digits.

        Returns
        -------
        Path

        Raises
        ------
        PolicyError
            It is no digest, or there is no such bundle.
        """
        if not _SHA256.fullmatch(sha256):
            raise PolicyError(f"bundle {shown(sha256)}", "it is named by its sha256", "copy all 64 digits")
        place = self.folder / BUNDLES / sha256
        if not place.is_dir() or place.is_symlink():
            raise PolicyError(f"bundle {sha256}", "it was kept before", "put it first")
        return place

    def put_in_force(self, sha256: str, *, at: datetime, by: str, reason: str, head: str = "") -> InForce:
        """Put a bundle that is kept in force from now on.

        Parameters
        ----------
        sha256 : str
            Of `put`.
        at : datetime
            With a time zone; not before the last line.
        by, reason : str
            Who, and why.
        head : str
            ``hash`` of the last line, if it is known.

        Returns
        -------
        InForce

        Raises
        ------
        PolicyError
            The bundle or the log was tampered with, the moment is before the last one, or another process
            holds the log.
        ValueError
            The moment has no time zone.
        """
        if at.tzinfo is None:
            raise ValueError(f"moment {at}: it carries a time zone")
        self.get(sha256)
        with self._locked():
            lines = self.history(head=head)
            last = lines[-1] if lines else None
            written = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
            if last and written < last.at:
                raise PolicyError(f"moment {written}", f"it is not before {last.at}", "see the clock")
            told: dict[str, Any] = {
                "number": len(lines) + 1,
                "at": written,
                "sha256": sha256,
                "by": _said(by, "by"),
                "reason": _said(reason, "reason"),
                "before": last.hash if last else FIRST,
            }
            line = InForce(**told, hash=_hash(told))
            self._write([*lines, line])
            return line

    def rollback(self, sha256: str, *, at: datetime, by: str, reason: str, head: str = "") -> InForce:
        """Put a bundle back that was in force before.

        Parameters
        ----------
        sha256, at, by, reason, head
            As for `put_in_force`.

        Returns
        -------
        InForce

        Raises
        ------
        PolicyError
            As `put_in_force`; or the bundle was never in force, or is now.
        """
        lines = self.history(head=head)
        if sha256 not in {line.sha256 for line in lines}:
            raise PolicyError(
                f"bundle {shown(sha256)}", "it was in force before", "put it in force as a new one"
            )
        if lines[-1].sha256 == sha256:
            raise PolicyError(f"bundle {sha256}", "it is not the one in force", "name an earlier one")
        return self.put_in_force(sha256, at=at, by=by, reason=reason, head=head)

    def in_force(self, at: datetime | None = None, *, head: str = "") -> InForce:
        """Which bundle is in force, or was at a moment.

        Parameters
        ----------
        at : datetime, optional
            With a time zone; the last line where it is None.
        head : str
            ``hash`` of the last line, if it is known.

        Returns
        -------
        InForce

        Raises
        ------
        PolicyError
            None was, or the log was tampered with.
        """
        lines = self.history(head=head)
        if at is not None:
            lines = tuple(line for line in lines if datetime.fromisoformat(line.at) <= at)
        if not lines:
            raise PolicyError(f"store {self.folder.name}", "a bundle is in force", "put one in force")
        return lines[-1]

    def history(self, *, head: str = "") -> tuple[InForce, ...]:
        """Which bundles were in force, the first one first, with the whole chain verified.

        Parameters
        ----------
        head : str
            ``hash`` of the last line, if it is known.

        Returns
        -------
        tuple of InForce

        Raises
        ------
        PolicyError
            The log was tampered with; the line is named.
        """
        path = self.folder / LOG
        if path.is_symlink():
            raise _tampered(f"{LOG} is a link")
        content = path.read_bytes() if path.exists() else b""
        if len(content) > _LARGEST_LOG or (content and not content.endswith(b"\n")):
            raise _tampered(f"{LOG}: {len(content)} bytes")
        lines: list[InForce] = []
        for number, text in enumerate(content.splitlines(), start=1):
            lines.append(_line(text, number, lines[-1].hash if lines else FIRST))
        if head and (not lines or lines[-1].hash != head):
            raise _tampered(f"{LOG}: its last line is not the one that is known")
        return tuple(lines)

    def _locked(self) -> FileLock:
        lock = FileLock(self.folder / LOCK, timeout=_PATIENCE)
        try:
            lock.acquire()
        except Timeout as error:
            raise PolicyError(
                f"store {self.folder.name}", "one process writes at a time", "try again"
            ) from error
        return lock

    def _write(self, lines: list[InForce]) -> None:
        """Put the new log in the place of the old one in one step, so that no half line is ever there."""
        handle, name = tempfile.mkstemp(prefix=".log-", dir=self.folder)
        with os.fdopen(handle, "wb") as file:
            file.write(b"".join(json.dumps(line.to_json()).encode() + b"\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(self.folder / LOG)


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        if not is_path(name):
            raise PolicyError(f"file {shown(name)}", "it lies in the bundle", "rename it")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o444)


def _said(text: str, key: str) -> str:
    if not text.strip() or len(text) > _LONGEST_TEXT or not text.isprintable():
        rule = f"it has 1 to {_LONGEST_TEXT} letters that can be printed"
        raise PolicyError(f"{key} {shown(text)}", rule, "say who and why")
    return text


def _hash(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _line(text: bytes, number: int, before: str) -> InForce:
    try:
        line = InForce(**json.loads(text))
    except (ValueError, TypeError):
        raise _tampered(f"{LOG}, line {number}: it is no such line") from None
    told = line.to_json()
    known = told.pop("hash")
    if known != _hash(told) or line.number != number or line.before != before:
        raise _tampered(f"{LOG}, line {number}: it is not what was written")
    return line


def _tampered(value: str) -> PolicyError:
    return PolicyError(value, "the log is only ever added to", "put back the log that was kept elsewhere")

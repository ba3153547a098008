"""What is wrong with this file: what readers raise becomes one error with file, rule and remedy."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from isal import isal_zlib

from finops_lib.errors import BillError, FinOpsError, UnreadableBillError

_ISAL: type[Exception] = isal_zlib.IsalError  # type: ignore[assignment]  # its stub tells an instance
_BROKEN = (EOFError, _ISAL, zlib.error, gzip.BadGzipFile)
BLOCK = 1 << 22  # bytes of text parsed at once: the longest row, and small enough for the processor's cache


def encoding(path: Path) -> UnreadableBillError:
    """Say that a file's text is not UTF-8.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    UnreadableBillError
    """
    return UnreadableBillError(f"file {path.name}", "its text is not UTF-8", "save or export it as UTF-8")


@contextmanager
def edge(path: Path) -> Iterator[None]:
    """Translate what readers raise into one error that names the file, the rule and the remedy."""
    try:
        yield
    except BillError:
        raise
    except PermissionError:
        raise UnreadableBillError(
            f"file {path.name}", "this user may not read it", "grant read permission or run as its owner"
        ) from None
    except _BROKEN as error:
        raise UnreadableBillError(
            f"file {path.name}", f"the gzip stream is truncated or damaged ({error})", "download it again"
        ) from error
    except pa.ArrowInvalid as error:
        raise _arrow(path, str(error)) from error
    except FileNotFoundError:
        raise UnreadableBillError(
            f"file {path.name}", "it vanished while it was read", "ingest again"
        ) from None
    except csv.Error as error:
        raise UnreadableBillError(f"header of {path.name}", str(error), "export the bill again") from error


def _arrow(path: Path, text: str) -> FinOpsError:
    if "UTF8" in text or "UTF-8" in text:
        return encoding(path)
    if "Empty CSV" in text:
        return no_rows(path.name)
    if "straddling" in text or "block size" in text:
        return UnreadableBillError(
            f"file {path.name}",
            f"a row is longer than {BLOCK >> 20} MiB",
            "check its quotes; shorten the cell",
        )
    return UnreadableBillError(
        f"file {path.name}", f"it is damaged ({text[:200]})", "download or export it again"
    )


def no_rows(name: str) -> UnreadableBillError:
    """Say that a file has a header but nothing below it.

    Parameters
    ----------
    name : str
        The file's name.

    Returns
    -------
    UnreadableBillError
    """
    return UnreadableBillError(
        f"file {name}", "it has a header but no rows", "export a period that has charges"
    )

"""Versioned files beside the bill: budgets, limits and changes that people write."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from finops_lib.errors import SettingsError
from finops_lib.forecast import budget_file, change_file, limit_file
from finops_lib.forecast.budget_file import Budget
from finops_lib.forecast.change_file import Planned
from finops_lib.forecast.limit_file import Limit

_T = TypeVar("_T")
_U = TypeVar("_U")
_LARGEST = 5_000_000  # bytes of a file that people write


@dataclass(frozen=True)
class Files:
    """What versioned files say beside the bill: budgets, limits and changes that are known to come."""

    budgets: tuple[Budget, ...] = ()
    limits: tuple[Limit, ...] = ()
    changes: tuple[Planned, ...] = ()

    @classmethod
    def read(cls, *, budget: str = "", limits: str = "", changes: str = "") -> Files:
        """What do these files say; an empty path is no file.

        Parameters
        ----------
        budget : str
            Path of a TOML or CSV file, see `finops_lib.forecast.budget_file`.
        limits, changes : str
            Paths of TOML files, see `finops_lib.forecast.limit_file` and `finops_lib.forecast.change_file`.

        Returns
        -------
        Files

        Raises
        ------
        SettingsError
            A file cannot be read, or breaks its own rules.
        """
        return cls(
            parsed(budget, "budgets", budget_file.parse),
            parsed(limits, "limits", limit_file.parse),
            parsed(changes, "changes", change_file.parse),
        )


def parsed(path: str, kind: str, parse: Callable[..., tuple[_T, ...]]) -> tuple[_T, ...]:
    """What does this file list; an empty path is no file, and lists nothing.

    Parameters
    ----------
    path : str
        Of a text file.
    kind : str
        What it holds, for the message.
    parse : callable
        ``parse(text, name=)``, as `finops_lib.forecast.budget_file.parse`.

    Raises
    ------
    SettingsError
        The file cannot be read, or breaks its own rules.
    """
    return parsed_or(path, kind, parse, ())


def parsed_or(path: str, kind: str, parse: Callable[..., _T], nothing: _U) -> _T | _U:
    """What does this file state; an empty path is no file.

    Parameters
    ----------
    path, kind, parse
        As in `parsed`.
    nothing : Any
        What stands for no file.

    Raises
    ------
    SettingsError
        As in `parsed`.
    """
    return parse(text_of(path, kind), name=Path(path).name) if path else nothing


def text_of(path: str, kind: str) -> str:
    """What is written in this file that people wrote.

    Parameters
    ----------
    path : str
        Of a text file.
    kind : str
        What it holds, for the message.

    Returns
    -------
    str

    Raises
    ------
    SettingsError
        The file cannot be read, is larger than 5 MB or no UTF-8.
    """
    file = Path(path)
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ValueError(f"more than {_LARGEST:,} bytes")
        return content.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or str(error)
        raise SettingsError(
            f"{kind} file {path[:200]!r}: {told}",
            "it is a UTF-8 text file that can be read",
            "check the path",
        ) from error


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; what was there is replaced.

    Parameters
    ----------
    path : Path
        Its folder is made if it is not there.
    text : str
        Written as UTF-8.

    Raises
    ------
    SettingsError
        The place cannot be written to.
    """
    part = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise SettingsError(
            f"{path}: {error.strerror}", "the place can be written to", "name another file"
        ) from error

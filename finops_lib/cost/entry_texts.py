"""Texts that an entry of a versioned file states, and how a value of it is shown in an error."""

from __future__ import annotations

from finops_lib.errors import SettingsError

_LONGEST_SHOWN = 80  # characters


def readable(value: object) -> str:
    """How does a value of a file read as text, even a number of more digits than Python writes.

    Parameters
    ----------
    value : object
        As the file gives it.

    Examples
    --------
    >>> readable(1.5), readable(1 << 20_000)
    ('1.5', 'a number of too many digits')
    """
    try:
        return str(value)
    except ValueError:
        return "a number of too many digits"


def shown(value: object) -> str:
    """How is a value shown in an error: in quotes, and not too long.

    Parameters
    ----------
    value : object
        As the file gives it.

    Examples
    --------
    >>> shown(" "), len(shown("x" * 500))
    ("' '", 82)
    """
    return repr(readable(value)[:_LONGEST_SHOWN])


def text(value: object, *, key: str, where: str) -> str:
    """Which text is it, as it stands: a value of the bill, or a name in another file.

    Parameters
    ----------
    value : object
        As the file gives it.
    key, where : str
        For errors.

    Raises
    ------
    SettingsError
        It is no text, or an empty one.

    Examples
    --------
    >>> text("tag:team", key="by", where="x")
    'tag:team'
    """
    if isinstance(value, str) and value.strip():
        return value
    raise SettingsError(f"{where}: {key} {shown(value)}", "it is a text that is not empty", "correct it")


def texts(value: object, *, key: str, where: str) -> tuple[str, ...]:
    """Which texts are these, one or more, in their order.

    Parameters
    ----------
    value : object
        A text of the file, or a list of them.
    key, where : str
        For errors.

    Raises
    ------
    SettingsError
        There is none, or one is empty, no text or there twice.

    Examples
    --------
    >>> texts(["web", "api"], key="to", where="x"), texts("web", key="to", where="x")
    (('web', 'api'), ('web',))
    """
    listed = value if isinstance(value, list) else [value]
    found = tuple(one for one in listed if isinstance(one, str) and one)
    if found and len(set(found)) == len(listed):
        return found
    rule = "it is one or more texts, none empty and none twice"
    raise SettingsError(f"{where}: {key} {shown(value)}", rule, "correct it")

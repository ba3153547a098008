"""Which export is this, told from its columns and never from its name."""

from __future__ import annotations

from finops_lib.billing.formats.aws_cur import AWS_CUR
from finops_lib.billing.formats.base import Fit, Format
from finops_lib.billing.formats.focus import FOCUS
from finops_lib.billing.source import Source
from finops_lib.errors import UnknownFormatError

FORMATS: tuple[Format, ...] = (FOCUS, AWS_CUR)
_OTHER_SEPARATORS = {";": "semicolon", "\t": "tab", "|": "vertical bar"}
__all__ = ["FORMATS", "Fit", "Format", "recognise"]


def recognise(source: Source) -> Format:
    """Which known format does this file have.

    Parameters
    ----------
    source : Source
        A file with its header.

    Returns
    -------
    Format

    Raises
    ------
    UnknownFormatError
        None fits; names the nearest format and what is missing.
    """
    fits = [(form.fit(source.header), form) for form in FORMATS]
    best, form = max(fits, key=lambda pair: pair[0].share)
    if best.share == 1:
        return form
    known = ", ".join(item.name for item in FORMATS)
    value = f"file {source.path.name}"
    for mark, word in _OTHER_SEPARATORS.items():
        if len(source.header) == 1 and mark in source.header[0]:
            raise UnknownFormatError(value, f"its cells are separated by a {word}", "export it with commas")
    if best.share == 0:
        raise UnknownFormatError(
            value,
            f"none of its columns belongs to a known export ({known}); "
            f"the nearest, {form.name}, needs {', '.join(best.missing)}",
            "name a bill, not another file",
        )
    raise UnknownFormatError(
        value,
        f"it is nearest to {form.name}, but lacks {', '.join(best.missing)}",
        "export it again with these columns",
    )

"""The words of commitments: what is not known, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from finops_lib.optimize.commitments.sold import Sold
from finops_lib.run.commit_files import CommitFiles

_NAMED, _LONGEST = 3, 80  # of many, in a sentence; letters of each


def unknown(sold: Sequence[Sold], charges: pd.DataFrame, files: CommitFiles) -> list[str]:
    """What is not known, so that a reader can judge the answer and hand in what is missing.

    Parameters
    ----------
    sold : sequence of Sold
        What each provider sold.
    charges : DataFrame
        All use that could be covered, as `finops_lib.optimize.commitments.demand.eligible` gives it.
    files : CommitFiles
        What was handed in.

    Returns
    -------
    list of str
        Sentences.
    """
    return [*_offers(sold, charges, files), *_placed(sold, files), *_prices(sold, charges)]


def _offers(sold: Sequence[Sold], charges: pd.DataFrame, files: CommitFiles) -> list[str]:
    if not files.offers:
        renewals = any(one.offers for one in sold)
        more = ": renewals on the terms that the bill shows are all that is weighed" if renewals else ""
        return [f"No file of offers was handed in{more}."]
    there = set(charges["scope"])
    strange = sorted({scope for offer in files.offers for scope in offer.discounts} - there)
    return [f"The bill has no use of {named(strange)}, which the file of offers names."] if strange else []


def _placed(sold: Sequence[Sold], files: CommitFiles) -> list[str]:
    placed = [item for one in sold for item in one.placed]
    endless = [item.commitment for item in placed if item.ends is None]
    hidden = [item.commitment for item in placed if not item.spread]
    known = {item.commitment for item in placed}
    strange = [item.commitment for item in files.held if item.commitment not in known]
    found = []
    if endless:
        found.append(
            f"When {named(endless)} ends is not known, so it is taken to cover on and on:"
            " name its end in a file of commitments in place."
        )
    if hidden:
        found.append(
            f"The bill does not spread the cost of {named(hidden)}, so what it saves is not known:"
            " the use that it covered is left out of what may be committed to."
        )
    if strange:
        found.append(f"The bill shows no use of {named(strange)} now, which the file of commitments names.")
    return found


def _prices(sold: Sequence[Sold], charges: pd.DataFrame) -> list[str]:
    looked_at = {scope for one in sold for scope in one.gross.scopes}
    rows = int(charges.loc[charges["scope"].isin(looked_at), "unknown"].sum())
    return [f"{rows:,} charges state no list price: such hours are not known, not zero."] if rows else []


def named(names: Sequence[str]) -> str:
    """How are many names said in a sentence.

    Parameters
    ----------
    names : sequence of str
        Of scopes or commitments.

    Examples
    --------
    >>> named(["a"]), named(list("abcde"))
    ('a', 'a, b, c and 2 more')
    """
    said = ", ".join(name if len(name) <= _LONGEST else f"…{name[-_LONGEST:]}" for name in names[:_NAMED])
    more = len(names) - _NAMED
    return f"{said} and {more} more" if more > 0 else said

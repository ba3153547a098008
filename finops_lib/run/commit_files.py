"""What people hand in about commitments: what can be bought, and until when those in place run."""

from __future__ import annotations

from dataclasses import dataclass

from finops_lib.optimize.commitments import offers_file
from finops_lib.optimize.commitments.offers import Offer
from finops_lib.optimize.commitments.offers_file import Term
from finops_lib.run.files import parsed


@dataclass(frozen=True)
class CommitFiles:
    """Offers, and the terms of commitments in place; see `CommitFiles.read`."""

    offers: tuple[Offer, ...] = ()
    held: tuple[Term, ...] = ()

    @classmethod
    def read(cls, *, offers: str = "", held: str = "") -> CommitFiles:
        """What do these files say; an empty path is no file.

        Parameters
        ----------
        offers, held : str
            Paths of CSV or TOML files, see `finops_lib.optimize.commitments.offers_file`.

        Returns
        -------
        CommitFiles

        Raises
        ------
        SettingsError
            A file cannot be read, or breaks its own rules.
        """
        return cls(
            parsed(offers, "offers", offers_file.parse),
            parsed(held, "commitments", offers_file.parse_held),
        )

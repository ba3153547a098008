"""What is asked of ``finops check``: which change, by which policies and prices, when and by whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd

from finops_lib.billing.prices import catalogue
from finops_lib.errors import QueryError
from finops_lib.optimize.rightsize.shares import parts
from finops_lib.policy.bundle import SHIPPED, Bundle, read_bundle
from finops_lib.policy.check.pricing import Unit
from finops_lib.policy.engine.trusted import Trusted, trusted
from finops_lib.policy.life.waivers import Waiver, lifting, read_waivers

TOKEN_VARIABLE = "FINOPS_OPA_TOKEN"  # noqa: S105  name of a variable, not a token
ENGINEER = "engineer"


@dataclass(frozen=True)
class Rules:
    """By which policies, which engine and which waivers; see `Rules.read`."""

    bundle: Bundle
    url: str = ""
    push: bool = False
    waivers: tuple[Waiver, ...] = ()

    @classmethod
    def read(
        cls, *, folder: str = "", pinned: str = "", url: str = "", push: bool = False, waivers: str = ""
    ) -> Rules:
        """What do these files hold; an empty path is the shipped bundle, and no waiver.

        Parameters
        ----------
        folder : str
            Of a bundle.
        pinned : str
            Sha256 that the bundle must have.
        url : str
            Of an Open Policy Agent server; empty evaluates here.
        push : bool
            Upload the bundle to that server.
        waivers : str
            Path of a YAML file of waivers.

        Raises
        ------
        PolicyError
            The bundle or the waivers break a rule of theirs.
        """
        bundle = read_bundle(Path(folder) if folder else SHIPPED, pinned=pinned)
        return cls(bundle, url, push, read_waivers(Path(waivers)) if waivers else ())

    def engine(self) -> Trusted:
        """Open the engine, which has denied all that it must deny; a context manager.

        Raises
        ------
        PolicyError
            It cannot be trusted or reached.
        """
        return trusted(
            self.bundle,
            url=self.url,
            push=self.push,
            token_variable=TOKEN_VARIABLE if self.url else "",
            waivers=lifting(self.waivers),
        )


@dataclass(frozen=True)
class Prices:
    """What machines and pods cost: a catalogue in USD an hour, and the price of a core and a GiB in it."""

    catalogue: pd.DataFrame
    cluster: Unit | None

    @classmethod
    def read(cls, path: str = "") -> Prices:
        """What does this price file say; the shipped selection where it is empty.

        Raises
        ------
        SettingsError
            The file cannot be read, or breaks its own rules.
        """
        found = catalogue(Path(path) if path else None)
        try:
            told = parts(found)
        except QueryError:
            return cls(found, None)
        return cls(found, Unit(told.core, told.gib))


@dataclass(frozen=True)
class Asked:
    """One change of a repository that is to be judged.

    ``base`` and ``head`` are commits, branches or tags; ``at`` is the moment that policies are told.
    ``author`` and ``team`` are those of the change where they are empty. ``teams`` are names that an owner
    may have, besides those that the owners file names. Where ``required``, a check whose program is not
    there fails the change. ``progress`` is told what is done, how far, of how much.
    """

    repository: Path
    base: str
    head: str
    at: datetime
    rules: Rules
    prices: Prices
    author: str = ""
    roles: tuple[str, ...] = (ENGINEER,)
    team: str = ""
    teams: tuple[str, ...] = ()
    required: bool = False
    plugins: Path | None = None
    regions: Sequence[str] = ("us-east-1",)
    release: str = ""
    progress: Callable[[str], None] = field(default=lambda step: None)

"""Where does a finding about data quality begin: thresholds with bounds, from a versioned settings file."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from finops_lib.errors import SettingsError
from finops_lib.records import Record


def _limit(default: float, low: float, high: float, about: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "about": about})


@dataclass(frozen=True)
class Thresholds(Record):
    """Where each finding begins; a versioned settings file may set any of them.

    Every field carries its bounds and its meaning as metadata (``low``, ``high``, ``about``).

    Raises
    ------
    SettingsError
        A value lies outside its bounds or is no number of the right type.

    Examples
    --------
    >>> Thresholds(late_after_days=5).late_after_days
    5
    """

    late_after_days: int = _limit(3, 0, 60, "days after its end until a usage day must have arrived")
    incomplete_days: int = _limit(3, 0, 14, "last days of an open bill that are not yet complete")
    restated_share: float = _limit(0.01, 0, 1, "share of a settled bill that may change unremarked")
    restated_pause_days: int = _limit(7, 0, 400, "days that models wait after a restatement came")
    duplicate_share: float = _limit(0.001, 0, 1, "share of a bill's rows, or money, that may be copies")
    jump_ratio: float = _limit(5, 1.1, 1000, "factor between monthly levels that is no growth")
    jump_days: int = _limit(7, 1, 28, "days with cost that a month needs before its level is judged")
    daily_share: float = _limit(0.5, 0, 1, "share of days with usage that makes an account a daily one")
    fit_window_days: int = _limit(400, 1, 4000, "days before now that models are fitted to")

    def __post_init__(self) -> None:
        """Refuse a value out of bounds or of the wrong type."""
        for item in dataclasses.fields(self):
            value, whole = getattr(self, item.name), item.type == "int"
            fits = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
            low, high = item.metadata["low"], item.metadata["high"]
            if not fits or not low <= value <= high:
                raise SettingsError(
                    f"{item.name} = {value!r}",
                    f"{item.metadata['about']}: a {'whole ' if whole else ''}number from {low} to {high}",
                    f"leave it out for {item.default} or write a number within these bounds",
                )

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Which thresholds does this part of a settings file set.

        Parameters
        ----------
        settings : mapping
            Names of fields with their values; what is left out keeps its default.

        Returns
        -------
        Thresholds

        Raises
        ------
        SettingsError
            A name is unknown or a value out of bounds.
        """
        known = [item.name for item in dataclasses.fields(cls)]
        unknown = sorted(set(settings) - set(known))
        if unknown:
            raise SettingsError(
                f"threshold {', '.join(unknown)}", "no such threshold", f"use one of {', '.join(known)}"
            )
        return cls(**settings)

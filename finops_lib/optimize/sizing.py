"""What size should each workload have, by the strategy whose promise held, or why there is none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite

import numpy as np
import pandas as pd

from finops_lib.backtest import mean_known
from finops_lib.optimize.memory import request_and_limit, starts, with_kills
from finops_lib.optimize.price import Promise
from finops_lib.optimize.replay import MEASURES, Replay, held, replayed, table
from finops_lib.optimize.screen import BATCH, SILENT, Look, looks, while_running
from finops_lib.optimize.strategies.base import Allocation, Strategy
from finops_lib.optimize.windows import BoolArray, FloatArray, Histories, IntArray


@dataclass(frozen=True)
class Size:
    """The size of one workload, with how the same rule did in its past; or the reason why there is none.

    ``amount`` and ``limit`` are in the unit of the use; ``limit`` is None but for memory. ``breach`` is the
    share of samples expected above the amount, None where the rule promises nothing. ``backtest`` holds the
    means of ``finops_lib.optimize.replay.MEASURES`` over the workload's own past windows and their count,
    ``windows``; None was not measured.
    """

    name: str
    kind: str
    amount: float | None = None
    limit: float | None = None
    breach: float | None = None
    strategy: str = ""
    backtest: Mapping[str, float | None] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Trial:
    """Rules, tried on the past of workloads; see `tried`.

    ``looks`` are of all workloads; ``asked`` has those whose use tells something, ``raised`` the same with
    starts and pauses left in, ``start`` marks the samples in a start, ``replays`` are by rule.
    """

    looks: tuple[Look, ...]
    asked: Histories
    raised: Histories
    start: BoolArray | None
    strategies: Mapping[str, Strategy]
    replays: Mapping[str, Replay]
    promise: Promise

    @cached_property
    def used(self) -> str | None:
        """The rule whose promise held and which saved most; None where no promise held."""
        return held(self.replays, promise=self.promise)

    def sizes(self) -> tuple[Size, ...]:
        """What size should each workload have, in the order of ``looks``."""
        if self.used is None:
            return tuple(_silent(look, look.reason or _broken(self.replays)) for look in self.looks)
        said = self.strategies[self.used](self.asked)
        limits = _limits(self.raised, said, self.start)
        return _told(self.looks, said, limits, used=self.used, replay=self.replays[self.used])

    def past(self, groups: Mapping[str, str] | None = None) -> pd.DataFrame:
        """How did each rule do, over all workloads and in each group of them.

        Parameters
        ----------
        groups : mapping of str to str, optional
            Group of each workload.

        Returns
        -------
        DataFrame
            As `finops_lib.optimize.replay.table` gives it, group ``all`` first, with ``held``, whether the
            promise was kept, and ``used``. No row where nothing could be tried.
        """
        parts = [table(self.replays, bound=self.promise.bound)]
        if groups is not None:
            named = [groups[name] for name in self.asked.workloads]
            parts.append(table(self.replays, groups=named, bound=self.promise.bound))
        found = pd.concat(parts, ignore_index=True)
        found["held"] = (found["breach"] <= self.promise.mean) & (found["kept"] >= self.promise.kept)
        return found.assign(used=found["strategy"] == self.used)


def tried(
    histories: Histories,
    strategies: Mapping[str, Strategy],
    *,
    horizon: int,
    cuts: Sequence[int],
    promise: Promise | None = None,
    autoscaled: Collection[str] = (),
    kills: IntArray | None = None,
    start_seconds: int = 0,
) -> Trial:
    """How would each rule have done on these workloads; parameters are those of `sized`.

    Returns
    -------
    Trial

    Examples
    --------
    >>> from finops_lib.optimize.strategies.percentiles import Percentile
    >>> asked = Histories(("web",), np.full((1, 240), 1.0), 3600, np.array([4.0]), "cpu")
    >>> trial = tried(asked, {"most": Percentile(level=1.0)}, horizon=24, cuts=[24, 48])
    >>> trial.used, trial.past()[["group", "windows", "saving", "held"]].values.tolist()
    ('most', [['all', 2, 0.75, True]])
    """
    promise = promise or Promise()
    raised = histories if kills is None else with_kills(histories, kills)
    start = starts(raised, seconds=start_seconds) if start_seconds else None
    found = looks(raised, autoscaled=autoscaled)
    whole = _running(
        raised if start is None else replace(raised, use=np.where(start, np.nan, raised.use)), found
    )
    open_rows = np.array([look.kind not in SILENT for look in found], dtype=bool)[whole.of_row]
    asked = whole.rows(open_rows)
    replays = (
        replayed(asked, strategies, horizon=horizon, cuts=cuts, bound=promise.bound) if asked.names else {}
    )
    begun = None if start is None else start[open_rows]
    return Trial(tuple(found), asked, raised.rows(open_rows), begun, strategies, replays, promise)


def sized(
    histories: Histories,
    strategies: Mapping[str, Strategy],
    *,
    horizon: int,
    cuts: Sequence[int],
    promise: Promise | None = None,
    autoscaled: Collection[str] = (),
    kills: IntArray | None = None,
    start_seconds: int = 0,
) -> tuple[Size, ...]:
    """What size should each workload have.

    Parameters
    ----------
    histories : Histories
        Rows of one workload are its pods.
    strategies : mapping of str to Strategy
        Candidates; that one is used whose promise held in the replay and which saved most.
    horizon : int
        Steps that a size has to last.
    cuts : sequence of int
        Origins of the replay, as `finops_lib.backtest.origins` gives them.
    promise : Promise, optional
        What has to hold.
    autoscaled : collection of str
        Workloads whose number of pods follows the use of this kind.
    kills : ndarray, optional
        [rows, steps], kills for want of memory.
    start_seconds : int
        How long a start takes; memory used in one counts for the limit only.

    Returns
    -------
    tuple of Size
        In the order of ``histories.workloads``.

    Examples
    --------
    >>> from finops_lib.optimize.strategies.percentiles import Percentile
    >>> asked = Histories(("web",), np.full((1, 240), 1.0), 3600, np.array([4.0]), "cpu")
    >>> size, = sized(asked, {"most": Percentile(level=1.0)}, horizon=24, cuts=[24, 48])
    >>> size.amount, size.strategy, size.backtest["saving"], size.backtest["windows"]
    (1.0, 'most', 0.75, 2.0)
    """
    trial = tried(
        histories,
        strategies,
        horizon=horizon,
        cuts=cuts,
        promise=promise,
        autoscaled=autoscaled,
        kills=kills,
        start_seconds=start_seconds,
    )
    return trial.sizes()


def _running(histories: Histories, found: Sequence[Look]) -> Histories:
    """Look at batch workloads while they run."""
    batch = np.array([look.kind == BATCH for look in found], dtype=bool)[histories.of_row]
    return replace(histories, use=np.where(batch[:, None], while_running(histories).use, histories.use))


def _limits(
    histories: Histories, said: Allocation, start: BoolArray | None
) -> tuple[FloatArray, FloatArray | None]:
    """Give amounts and, for memory, limits: neither below what ran."""
    if histories.kind != "memory":
        return said.amount, None
    return request_and_limit(histories, said, start=start)


def _told(
    found: Sequence[Look],
    said: Allocation,
    amounts: tuple[FloatArray, FloatArray | None],
    *,
    used: str,
    replay: Replay,
) -> tuple[Size, ...]:
    """Put each workload's answer together."""
    row = {name: place for place, name in enumerate(said.names)}
    sizes = []
    for look in found:
        place = row.get(look.name)
        if place is None or said.reasons[place]:
            sizes.append(_silent(look, look.reason if place is None else said.reasons[place]))
            continue
        limit = None if amounts[1] is None else float(amounts[1][place])
        breach = None if said.breach is None else float(said.breach[place])
        past = _backtest(replay.measured[:, place])
        sizes.append(
            Size(look.name, look.kind, float(amounts[0][place]), limit, breach, used, past, look.reason)
        )
    return tuple(sizes)


def _silent(look: Look, reason: str) -> Size:
    return Size(look.name, look.kind, reason=reason)


def _broken(replays: Mapping[str, Replay]) -> str:
    """Say which strategy came nearest to its promise."""
    shares = {name: one.mean("breach") for name, one in replays.items() if isfinite(one.mean("breach"))}
    if not shares:
        return "no past window to try a strategy on"
    best = min(shares, key=lambda name: shares[name])
    return (
        f"no strategy kept its promise in the past; {best} was exceeded in {shares[best]:.1%} of the samples"
    )


def _backtest(measured: FloatArray) -> dict[str, float | None]:
    """Average one workload's windows, [origins, measures]."""
    means = mean_known(measured, axis=0).tolist()
    known = {name: value if isfinite(value) else None for name, value in zip(MEASURES, means, strict=True)}
    return known | {"windows": float(np.isfinite(measured[:, 0]).sum())}

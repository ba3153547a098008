"""The words of a report on sizes: what is saved, why a change is told, and how one answers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from finops_lib.forecast.words import percent
from finops_lib.optimize.explain import Explanation, Flip, explained
from finops_lib.optimize.idle import Trust
from finops_lib.optimize.plan_changes import valued
from finops_lib.records import Recommendation
from finops_lib.units import money_text

_SMALL = 0.001


def settings_text(settings: Mapping[str, str]) -> str:
    """How does one side of a change read in a cell.

    Parameters
    ----------
    settings : mapping of str to str
        As ``from_`` and ``to`` of a recommendation.

    Examples
    --------
    >>> settings_text({"instance_type": "m5.large", "vcpu": "2"})
    'm5.large, vcpu 2'
    """
    plain = ("instance_type", "state", "on", "market", "licence")
    return ", ".join(text if name in plain else f"{name} {text}" for name, text in settings.items())


def chance_text(chance: float | None) -> str:
    """How does the chance of being too small read.

    Parameters
    ----------
    chance : float or None
        0 to 1; None is not known.

    Examples
    --------
    >>> chance_text(0.0123), chance_text(0.00001), chance_text(None)
    ('1.2%', 'below 0.1%', 'unknown')
    """
    if chance is None:
        return "unknown"
    return f"below {_SMALL:.1%}" if 0 < chance < _SMALL else f"{chance:.1%}"


def past_text(past: Mapping[str, float | None]) -> str:
    """How did the same rule do before, in a cell.

    Parameters
    ----------
    past : mapping of str to float or None
        As ``backtest`` of a recommendation.

    Examples
    --------
    >>> past_text({"cpu_breach": 0.004, "cpu_saving": 0.5, "cpu_windows": 4.0})
    'cpu too small in 0.4% of 4 past windows'
    >>> past_text({"share_of_optimum": 0.98, "windows": 4.0}), past_text({})
    ('98% of the best possible in 4 past windows', 'not measured')
    """
    told = []
    for name, breach in past.items():
        kind = name.removesuffix("_breach")
        windows = past.get(f"{kind}_windows")
        if name.endswith("_breach") and breach is not None and windows:
            told.append(f"{kind} too small in {breach:.1%} of {windows:.0f} past windows")
    share, windows = past.get("share_of_optimum"), past.get("windows")
    if share is not None and windows:
        told.append(f"{share:.0%} of the best possible in {windows:.0f} past windows")
    if past.get("schedule_breach") is not None:
        told.append(f"used in {past['schedule_breach']:.1%} of the hours off in the newest week")
    rate = past.get("false_positive_rate")
    if rate is not None:
        told.append(f"such calls were wrong in {rate:.1%} of the cases")
    return "; ".join(told) or "not measured"


def saved_text(changes: Sequence[Recommendation]) -> list[str]:
    """What do all changes save in a month, a sentence for each currency.

    Parameters
    ----------
    changes : sequence of Recommendation
        Of one plan: their middles add up; the ends, added up, are wider than the sum's own.
    """
    found = []
    for unit in sorted({item.saving_month.unit for item in changes}):
        mine = [item.saving_month for item in changes if item.saving_month.unit == unit]
        low, mid, high = (
            money_text(sum((getattr(one, end) for one in mine), Decimal(0)), currency=unit)
            for end in ("low", "mid", "high")
        )
        found.append(
            f"{len(mine):,} changes together save {mid} a month; all low it is {low}, all high {high}."
        )
    return found or ["No change is recommended; below stands why."]


def trust_text(trust: Trust) -> str:
    """How often was a resource called idle before, and needed after all.

    Parameters
    ----------
    trust : Trust
        As `finops_lib.optimize.idle.trust` found it.
    """
    if not trust.called:
        return "No resource was quiet before, so how often such a call is wrong is not known."
    rate = trust.false_positive_rate
    told = "not known" if rate is None else percent(rate)
    return (
        f"Of {trust.called:,} such calls in this lake's past {trust.woke:,} were needed again; the rate "
        f"is at most {told}. What is stopped can come back for as long as its quarantine lasts."
    )


def why_text(change: Recommendation) -> str:
    """Why is a change recommended, what would turn it over, and what was not known.

    Parameters
    ----------
    change : Recommendation
        With its saving and effort.
    """
    one = valued(change)
    effort = float(change.saving_month.mid) - one.net_month
    found = explained(one, risk_month=0.0, effort_month=effort)
    turns = "; ".join(filter(None, (_turn(flip) for flip in found.flips)))
    return f"{change.resource}, {change.kind}: {found.why}; {turns}{_open(found)}"


def _turn(flip: Flip) -> str:
    return (
        "" if flip.at is None else f"its {flip.name} is {flip.now:.2f}, with {flip.at:.2f} it would not pay"
    )


def _open(found: Explanation) -> str:
    return f". Not known: {', '.join(found.not_known)}." if found.not_known else "."


def review_text(changes: Iterable[Recommendation], *, day: str) -> str:
    """How is an answer to the first of these changes written into a file of reviews.

    Parameters
    ----------
    changes : iterable of Recommendation
        The most worthwhile first.
    day : str
        ``YYYY-MM-DD``.
    """
    first = next(iter(changes), None)
    key, kind = ("0123456789abcdef", "idle") if first is None else (first.key, first.kind)
    return (
        f'Answer in a TOML file, and name it with -p reviews=FILE: [[review]] key = "{key}" kind = "{kind}" '
        f'verdict = "reject" at = {day} by = "you" reason = "why"; the verdicts are accept, reject with a '
        "reason, and snooze with until = a day. Each entry stands on a line of its own."
    )

"""Why is a change told: what it is worth, what would turn the answer over, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from finops_lib.optimize.explain import Explanation, Flip, explained
from finops_lib.optimize.learned_size import LearnedSize, learned_sizes
from finops_lib.optimize.plan import EFFORT
from finops_lib.optimize.plan_changes import MONTHS, valued
from finops_lib.optimize.plan_told import Ranked
from finops_lib.optimize.rightsize import machines
from finops_lib.optimize.sizing import Size
from finops_lib.optimize.strategies.predictive import OwnPast
from finops_lib.records import Recommendation
from finops_lib.run.recommend_world import GIB
from finops_lib.run.recommending import Advice
from finops_lib.run.sizing_words import kind_text, name_text, size_text, small_share
from finops_lib.units import money_text
from finops_lib.usage.join import key_of

Learned = Mapping[tuple[str, str], LearnedSize]
_NOT_LEARNED: Learned = {}
_LEAST = 0.005  # of a worth: below it people's answers change nothing that is seen


def explanation(change: Recommendation) -> Explanation:
    """Why is this change told, before people's answers; see `finops_lib.optimize.explain.explained`.

    Effort is spread over a year; what it costs when a size is too small is not known, and not taken off.

    Parameters
    ----------
    change : Recommendation
        With its saving beside the others.
    """
    return explained(valued(change), risk_month=0.0, effort_month=EFFORT[change.effort] / MONTHS)


def learned(ranked: Sequence[Ranked], advice: Advice) -> Learned:
    """What made the learned rule give these resources their sizes, where it is the rule in use.

    Parameters
    ----------
    ranked : sequence of Ranked
        Asked about; about a second each.
    advice : Advice
        That they are of.

    Returns
    -------
    dict of str to list of LearnedSize
        By key of the resource and kind of use.
    """
    keys = [key_of(one.recommendation.resource) for one in ranked]
    found: dict[tuple[str, str], LearnedSize] = {}
    for kind, trial in advice.asked.trials.items():
        rule = trial.strategies[trial.used] if trial.used else None
        if isinstance(rule, OwnPast):
            told = learned_sizes(rule, trial.asked, names=keys)
            found |= {(key, kind): size for key, size in told.items()}
    return found


def learned_text(kind: str, size: LearnedSize) -> str:
    """What made the learned rule give this size, in a sentence; its parts add up to it.

    Parameters
    ----------
    kind : str
        Of use: ``cpu`` or ``memory``.
    size : LearnedSize
        As `learned` gives it.
    """
    unit, scale = ("GiB", GIB) if kind == "memory" else ("cores", 1.0)
    parts = ", ".join(f"{part.amount / scale:+.2f} {part.name}" for part in size.parts)
    said = f"The learned rule says {size.amount / scale:.2f} {unit} of {kind}"
    return f"{said}: {size.usual / scale:.2f} is usual, {parts}."


def sentences(one: Ranked, advice: Advice, told: Learned = _NOT_LEARNED) -> list[str]:
    """Why is this change told, in sentences: why, its worth, what would turn it over, what is not known.

    Parameters
    ----------
    one : Ranked
        With its worth after people's answers.
    advice : Advice
        That it is of.
    told : mapping
        As `learned` gives it.

    Returns
    -------
    list of str
    """
    change = one.recommendation
    found = explanation(change)
    said = [
        f"Why: {change.reason}.",
        _worth(one, found),
        _edge(found, change.saving_month.unit),
    ]
    if room := room_text(change, advice.asked.sizes.get(key_of(change.resource), {})):
        said.append(room)
    key = key_of(change.resource)
    said += [learned_text(kind, size) for (name, kind), size in told.items() if name == key]
    if found.not_known:
        said.append(f"Not known: {'; '.join(found.not_known)}.")
    return said


def title(change: Recommendation) -> str:
    """Which change is it, in one line.

    Parameters
    ----------
    change : Recommendation
        Any.
    """
    now, then = size_text(change.from_), size_text(change.to)
    return f"{name_text(change.resource)}, {kind_text(change.kind)}: now {now}; then {then}"


def _worth(one: Ranked, found: Explanation) -> str:
    """Say what it is worth, part by part, and what people's answers make of it."""
    code = one.recommendation.saving_month.unit
    first, *more = [part for part in found.parts if part.amount]
    parts = [f"{_money(first.amount, code)} {first.name}"]
    parts += [
        f"{'less' if part.amount < 0 else 'and'} {_money(abs(part.amount), code)} {part.name}"
        for part in more
    ]
    said = f"Worth {_money(found.net_month, code)} a month: {', '.join(parts)}"
    likely = one.net_month / found.net_month if found.net_month > 0 else 1.0
    if likely < 1 - _LEAST:
        said += f"; in the queue {small_share(likely)} of it, as often as such changes are accepted"
    return f"{said}."


def _edge(found: Explanation, currency: str) -> str:
    """Say at which values the answer turns over."""
    if found.net_month <= 0:
        return "It is not worth its effort by the money alone."
    flips = {flip.name: flip for flip in found.flips}
    least, most = _at(flips["saving a month"]), _at(flips["effort a month"])
    return (
        f"It would not be worth it with a saving below {_money(least, currency)} a month, "
        f"or if effort and what goes wrong came to more than {_money(most, currency)} a month."
    )


def _at(flip: Flip) -> float:
    return flip.now if flip.at is None else flip.at


def room_text(change: Recommendation, sizes: dict[str, Size]) -> str:
    """By how much may the need of a machine grow until the new type is too small.

    Parameters
    ----------
    change : Recommendation
        Of any kind; others than machines have a size that is cut to their need.
    sizes : dict of str to Size
        What the resource needs, by kind of use.

    Returns
    -------
    str
        Empty where it does not apply.
    """
    if change.kind != machines.KIND:
        return ""
    new = {"cpu": float(change.to["vcpu"]), "memory": float(change.to["memory"].split()[0]) * GIB}
    room = {
        kind: new[kind] / need - 1
        for kind, size in sizes.items()
        if (need := size.limit or size.amount) and kind in new
    }
    if not room:
        return ""
    kind = min(room, key=lambda name: room[name])
    return (
        f"Its need of {kind} may grow by {room[kind]:.0%} before {change.to['instance_type']} is too small."
    )


def _money(amount: float, currency: str) -> str:
    return money_text(Decimal(repr(float(amount))), currency=currency)

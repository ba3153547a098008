"""The words of a report of sizes: how a size, a past and a saving read, and the sentences that answer."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from finops_lib.anomaly.alert_words import plain_line
from finops_lib.optimize.feedback import ACCEPT, REJECT, SNOOZE
from finops_lib.optimize.idle import Trust
from finops_lib.optimize.plots import short_name
from finops_lib.records import Recommendation
from finops_lib.run.outlook_words import round_money

_PAST = ("cpu", "memory", "gpu")
_TENTH = 0.1
_LONGEST = 60  # letters of a name: a commitment may be for many services at once
_TYPE = ("instance_type", "vcpu", "memory")
_NAMES = {
    "state": "", "size": "", "on": "", "instance_type": "", "vcpu": "vCPU", "cpu_request": "CPU",
    "memory_request": "memory", "cpu_limit": "CPU limit", "gpus": "GPUs", "load": "takes its load",
}  # fmt: skip


def name_text(resource: str) -> str:
    """How is a resource called in a table: the end of its id, in one line.

    Parameters
    ----------
    resource : str
        Id, as a bill writes it.

    Examples
    --------
    >>> name_text("arn:aws:rds:eu-central-1:1:db:orders")
    'orders'
    """
    name = plain_line(short_name(resource)) or plain_line(resource)
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def kind_text(kind: str) -> str:
    """How is a kind of change called.

    Parameters
    ----------
    kind : str
        Of a recommendation.

    Examples
    --------
    >>> kind_text("instance_type")
    'instance type'
    """
    return plain_line(kind.replace("_", " "))


def size_text(size: Mapping[str, str]) -> str:
    """How is one side of a change written.

    Parameters
    ----------
    size : mapping of str to str
        What a resource is, or should be.

    Examples
    --------
    >>> size_text({"instance_type": "m6i.large", "vcpu": "2", "memory": "8 GiB"})
    'm6i.large (2 vCPU, 8 GiB)'
    >>> size_text({"cpu_request": "190m", "memory_limit": "512Mi"}), size_text({"size": "120 GiB"})
    ('190m CPU, 512Mi memory limit', '120 GiB')
    """
    if tuple(size) == _TYPE:
        name, cores, memory = size.values()
        return plain_line(name if "vCPU" in name else f"{name} ({cores} vCPU, {memory})")
    parts = [
        f"from {value}" if name == "from" else f"{value} {_NAMES.get(name, kind_text(name))}".strip()
        for name, value in size.items()
    ]
    return plain_line(", ".join(parts))


def small_share(value: float | None) -> str:
    """How is a share written that may be near zero or one: two digits that count, in per cent.

    Parameters
    ----------
    value : float or None
        0 to 1; None is unknown.

    Examples
    --------
    >>> [small_share(value) for value in (0.0, 0.00438, 0.898, 1.0, None)]
    ['0 %', '0.44 %', '89.8 %', '100 %', 'unknown']
    """
    if value is None or math.isnan(value):
        return "unknown"
    return f"{value * 100:{'.1f' if abs(value) >= _TENTH else '.2g'}} %".replace(".0 %", " %")


def past_text(backtest: Mapping[str, float | None]) -> str:
    """How did the rule behind a change do in past windows, in words.

    Parameters
    ----------
    backtest : mapping of str to float or None
        Of a recommendation.

    Examples
    --------
    >>> past_text({"cpu_breach": 0.002, "cpu_windows": 4.0})
    'cpu above 0.2 % in 4 windows'
    >>> past_text({"idle_called": 48.0, "idle_woke": 1.0}), past_text({})
    ('1 of 48 woke', 'not measured')
    """
    found = []
    for kind in _PAST:
        breach, windows = backtest.get(f"{kind}_breach"), backtest.get(f"{kind}_windows")
        if breach is not None and windows:
            found.append(f"{kind} above {small_share(breach)} in {windows:.0f} windows")
    called, off = backtest.get("idle_called"), backtest.get("schedule_breach")
    if called:
        found.append(f"{backtest.get('idle_woke') or 0:.0f} of {called:.0f} woke")
    if off is not None:
        found.append(f"used in {small_share(off)} of the hours off")
    share, windows = backtest.get("share_of_optimum"), backtest.get("windows")
    if share is not None and windows:
        found.append(f"{small_share(share)} of the best possible in {windows:.0f} windows")
    missed = backtest.get("duration_error")
    if missed is not None:
        found.append(f"durations missed by {small_share(missed)}")
    return ", ".join(found) or "not measured"


def counted(number: int, one: str, many: str) -> str:
    """How is a count written with its noun.

    Parameters
    ----------
    number : int
        How many.
    one, many : str
        The noun.

    Examples
    --------
    >>> counted(1, "change", "changes"), counted(1200, "change", "changes")
    ('1 change', '1,200 changes')
    """
    return f"{number:,} {one if number == 1 else many}"


def saved_sentences(changes: Sequence[Recommendation]) -> list[str]:
    """What is saved in a month by all changes together, a sentence for each currency.

    Parameters
    ----------
    changes : sequence of Recommendation
        Of one plan: each saving counts after those before it.

    Examples
    --------
    >>> saved_sentences([])
    ['Nothing is found that should change.']
    """
    if not changes:
        return ["Nothing is found that should change."]
    return [
        _saved([one for one in changes if one.saving_month.unit == code], code) for code in units(changes)
    ]


def units(changes: Sequence[Recommendation]) -> list[str]:
    """In which currencies do these changes save.

    Parameters
    ----------
    changes : sequence of Recommendation
        In any order.
    """
    return sorted({one.saving_month.unit for one in changes})


def _saved(changes: Sequence[Recommendation], currency: str) -> str:
    low, mid, high = ends(changes)
    saves = mid >= 0
    verb = ("saves", "costs") if len(changes) == 1 else ("together save", "together cost")
    shown = (low, mid, high) if saves else (-high, -mid, -low)
    least, middle, most = (round_money(end, currency) for end in shown)
    more = "" if saves else " more"
    said = f"{counted(len(changes), 'change', 'changes')} {verb[not saves]} {middle} a month{more}"
    return f"{said} ({least} to {most}){_dearer(changes, currency)}."


def _dearer(changes: Sequence[Recommendation], currency: str) -> str:
    """Say what those cost that need a larger size, where they are not all."""
    found = [one for one in changes if one.saving_month.mid < 0]
    if not found or len(found) == len(changes):
        return ""
    cost = "costs" if len(found) == 1 else "cost"
    more = round_money(-ends(found)[1], currency)
    return f"; {len(found):,} of them {cost} {more} a month more, since the size is too small"


def ends(changes: Sequence[Recommendation]) -> tuple[Decimal, Decimal, Decimal]:
    """What do all changes save in a month, in one currency: all low ends, all middles, all high ends added.

    Parameters
    ----------
    changes : sequence of Recommendation
        In one currency.

    Raises
    ------
    ValueError
        There are several currencies.
    """
    if len(units(changes)) > 1:
        raise ValueError(f"changes in {', '.join(units(changes))}: money of several currencies has no sum")
    money = [one.saving_month for one in changes]
    low, mid, high = ([getattr(one, end) for one in money] for end in ("low", "mid", "high"))
    return sum(low, Decimal(0)), sum(mid, Decimal(0)), sum(high, Decimal(0))


def idle_sentences(found: Trust) -> list[str]:
    """How often was a call of idle wrong before, and what follows.

    Parameters
    ----------
    found : Trust
        From `finops_lib.optimize.idle.trust`.

    Examples
    --------
    >>> idle_sentences(Trust(98, 0))[0]
    'Of 98 past windows in which a resource had been quiet, 0 were followed by use.'
    """
    if not found.called:
        return ["No past call of idle can be judged: nothing had been quiet for long enough."]
    rate = small_share(found.false_positive_rate)
    return [
        f"Of {found.called:,} past windows in which a resource had been quiet, {found.woke:,} were followed "
        "by use.",
        f"So a call of idle is wrong in at most {rate} of cases, 90 % sure: nothing is deleted before a "
        "quarantine in which somebody may miss it.",
    ]


def review_text(change: Recommendation, *, on: date) -> str:
    """How is a review of this change written: three tables of TOML, of which one is kept.

    Parameters
    ----------
    change : Recommendation
        Any.
    on : date
        On which it is said.

    Returns
    -------
    str
        Of a file that `finops_lib.optimize.review_file.parse` reads.
    """
    about = f"# {name_text(change.resource)}: {kind_text(change.kind)}, {size_text(change.to)}"
    back = date(on.year + on.month // 12, on.month % 12 + 1, 1)
    verdicts = {ACCEPT: "", REJECT: 'reason = "say why"\n', SNOOZE: f"until = {back}\n"}
    parts = [
        f'[[review]]\nkey = "{change.key}"\nkind = {json.dumps(change.kind)}\n'
        f'verdict = "{verdict}"\nat = {on}\nby = "your team"\n{more}'
        for verdict, more in verdicts.items()
    ]
    return "\n".join([about, *parts])
